package campaign_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/rules"
	"campanario/schedule"
	"campanario/store"
)

// bound is a workspace with packs of law, and what it has to show for it.
type bound struct {
	settings   rules.Settings
	packs      rules.Packs
	registries []audience.Registry
	consents   map[int64][]audience.Consent
}

func (b *bound) Law(_ context.Context, _ string, p rules.Purpose, k channel.Kind) (rules.Law, error) {
	return b.settings.LawFor(b.packs, p, k), nil
}

func (b *bound) Registries(context.Context, string) ([]audience.Registry, error) {
	return b.registries, nil
}

func (b *bound) ConsentsAmong(context.Context, string, []int64) (map[int64][]audience.Consent, error) {
	return b.consents, nil
}

func TestPreflightLooksAtTheLaw(t *testing.T) {
	packs, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	days := func(n int) *time.Time { t := monday.AddDate(0, 0, n); return &t }
	register := func(name string, age int) audience.Registry {
		return audience.Registry{Name: name, Kind: audience.DoNotCall, Holds: audience.Phones, Version: 1, ReplacedAt: monday.AddDate(0, 0, -age)}
	}
	window := func(day, hours string) schedule.Window {
		var w schedule.Window
		if err := w.UnmarshalJSON([]byte(`{"days": {"` + day + `": ["` + hours + `"]}}`)); err != nil {
			t.Fatal(err)
		}
		return w
	}
	usHours := []rules.Chosen{{Pack: "US", On: []string{"hours"}}}
	usList := []rules.Chosen{{Pack: "US", On: []string{"do_not_call"}}}
	given := []audience.Consent{{Channel: channel.Voice, Given: true}}
	for _, tt := range []struct {
		name  string
		b     bound
		with  func(d *campaign.Definition)
		codes []string // with "!" for those that refuse the start
	}{
		{"no pack", bound{}, nil, nil},
		{"a pack, and no purpose", bound{settings: rules.Settings{Packs: usHours}}, nil, []string{"purpose_missing"}},
		{"a purpose", bound{settings: rules.Settings{Packs: usHours}}, func(d *campaign.Definition) { d.Purpose = rules.Collection }, nil},
		{"at night only", bound{settings: rules.Settings{Packs: usHours}}, func(d *campaign.Definition) {
			d.Purpose, d.Window = rules.Sales, window("mon-sun", "22:00-23:00")
		}, []string{"!law_never_opens"}},
		{"at night, for another purpose", bound{settings: rules.Settings{Packs: usHours}}, func(d *campaign.Definition) {
			d.Purpose, d.Window = rules.Collection, window("mon-sun", "22:00-23:00")
		}, nil},
		{"the end comes before the law opens", bound{settings: rules.Settings{Packs: []rules.Chosen{{Pack: "BR-RJ", On: []string{"telemarketing_hours"}}}}}, func(d *campaign.Definition) {
			start := monday.AddDate(0, 0, 5) // Saturday
			d.Purpose, d.StartsAt, d.EndsAt = rules.Sales, &start, days(6)
		}, []string{"!law_never_opens"}},
		{"a register is missing", bound{settings: rules.Settings{Packs: usList}}, func(d *campaign.Definition) { d.Purpose = rules.Sales }, []string{"!register_missing"}},
		{"a register of another name", bound{settings: rules.Settings{Packs: usList}, registries: []audience.Registry{register("Procon", 1)}}, func(d *campaign.Definition) { d.Purpose = rules.Sales }, []string{"!register_missing"}},
		{"a block list of the name", bound{settings: rules.Settings{Packs: usList}, registries: []audience.Registry{{Name: "US National DNC", Kind: audience.BlockList, Holds: audience.Phones, Version: 1, ReplacedAt: monday}}}, func(d *campaign.Definition) { d.Purpose = rules.Sales }, []string{"!register_missing"}},
		{"a register that is too old", bound{settings: rules.Settings{Packs: usList}, registries: []audience.Registry{register("US National DNC", 32)}}, func(d *campaign.Definition) { d.Purpose = rules.Sales }, []string{"!register_old"}},
		{"a register of late", bound{settings: rules.Settings{Packs: usList}, registries: []audience.Registry{register("US National DNC", 40), register("us-national-dnc", 30)}}, func(d *campaign.Definition) { d.Purpose = rules.Sales }, nil},
		{"no register for others than sellers", bound{settings: rules.Settings{Packs: usList}}, func(d *campaign.Definition) { d.Purpose = rules.Survey }, nil},
		{"Não Me Perturbe", bound{settings: rules.Settings{Packs: []rules.Chosen{{Pack: "BR", On: []string{"nao_me_perturbe"}}}}, registries: []audience.Registry{register("Não Me Perturbe", 400)}}, func(d *campaign.Definition) { d.Purpose = rules.Sales }, nil},
		{"a limit that leaves no room", bound{settings: rules.Settings{Limits: []rules.Limit{{Most: 1, Days: 7}}}}, func(d *campaign.Definition) { d.EndsAt = days(6) }, []string{"limits_forbid_retries"}},
		{"a limit that leaves room", bound{settings: rules.Settings{Limits: []rules.Limit{{Most: 1, Days: 7}}}}, func(d *campaign.Definition) { d.EndsAt = days(15) }, nil},
		{"a limit of answered calls", bound{settings: rules.Settings{Limits: []rules.Limit{{Most: 1, Days: 7, Counts: rules.Answered}}}}, func(d *campaign.Definition) { d.EndsAt = days(6) }, nil},
		{"a limit of the campaign's own", bound{}, func(d *campaign.Definition) {
			d.EndsAt, d.ContactLimits = days(1), []rules.Limit{{Most: 2, Hours: 48}}
		}, []string{"limits_forbid_retries"}},
		{"nobody agreed", bound{}, func(d *campaign.Definition) { d.Consent = rules.Need{Level: rules.Given} }, []string{"!consents_missing"}},
		{"one of two agreed", bound{consents: map[int64][]audience.Consent{1: given}}, func(d *campaign.Definition) { d.Consent = rules.Need{Level: rules.Given} }, []string{"consents_missing"}},
		{"both agreed", bound{consents: map[int64][]audience.Consent{1: given, 2: given}}, func(d *campaign.Definition) { d.Consent = rules.Need{Level: rules.Given} }, nil},
		{"nobody took it back", bound{}, func(d *campaign.Definition) { d.Consent = rules.Need{Level: rules.NotWithdrawn} }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			s := dbtest.Open(t, "sqlite", store.Options{})
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(s.CreateWorkspace(ctx, "ws", "Um", monday))
			tt.b.packs = packs
			service := campaign.NewService(campaign.Options{Store: s, Catalogue: s, Legal: &tt.b, Evidence: &tt.b, Now: func() time.Time { return monday }})
			d := campaign.Definition{Name: "x", Channel: channel.Voice}
			if tt.with != nil {
				tt.with(&d)
			}
			c, err := service.Create(ctx, "ws", "", d)
			must(err)
			people := make([]campaign.Newcomer, 2)
			for i := range people {
				people[i].Contact, people[i].Band = int64(i+1), campaign.BandNormal
				people[i].Addresses = []channel.Address{channel.Address([]string{"+5511981110001", "+5511981110002"}[i])}
			}
			_, err = service.Enrol(ctx, "ws", c.ID, people, campaign.Progress{})
			must(err)
			found, err := service.Preflight(ctx, "ws", c.ID)
			must(err)
			var got []string
			for _, p := range found {
				switch code := p.Code; {
				case code == "no_line", code == "no_agent": // which this is not about
				case p.Warning:
					got = append(got, code)
				default:
					got = append(got, "!"+code)
				}
			}
			if !slices.Equal(got, tt.codes) {
				t.Errorf("%v, want %v", got, tt.codes)
			}
		})
	}
}
