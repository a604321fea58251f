package rules_test

import (
	"strings"
	"testing"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/rules"
	"campanario/schedule"
)

func shipped(t testing.TB) rules.Packs {
	t.Helper()
	packs, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return packs
}

func zone(t *testing.T, name string) []*time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return []*time.Location{z}
}

// TestPacksAreReadInEveryLanguage: what is shipped is said in all languages of the program, what is not in English.
func TestPacksAreReadInEveryLanguage(t *testing.T) {
	for _, p := range shipped(t) {
		all := []struct {
			what    string
			texts   rules.Texts
			english string
		}{{"title", p.Titles, p.Title}}
		for i := range p.Rules {
			r := &p.Rules[i]
			all = append(all, []struct {
				what    string
				texts   rules.Texts
				english string
			}{{r.ID, r.Texts, r.Text}, {r.ID + ", note", r.Notes, r.Note}}...)
		}
		for _, x := range all {
			if x.texts.In("en", x.english) != x.english || x.texts.In("fr", x.english) != x.english {
				t.Errorf("%s %s: another language than English stands in for it", p.Name, x.what)
			}
			for _, l := range []string{"pt-BR", "es"} {
				if x.english != "" && x.texts[l] == "" {
					t.Errorf("%s %s: is not said in %s", p.Name, x.what, l)
				}
			}
		}
	}
}

// TestShippedRules holds every shipped rule: whether it applies by itself, when it opens, whom it limits.
func TestShippedRules(t *testing.T) {
	packs := shipped(t)
	type opening struct{ at, opens string } // on the clock of the zone; equal when it is open
	tests := []struct {
		pack, rule string
		status     rules.Status
		zone       string
		openings   []opening
		limits     int
		registry   string
		not        rules.Purpose // a purpose that it is not about
	}{
		{"BR", "nao_me_perturbe", rules.Secondary, "", nil, 0, "nao-me-perturbe", rules.Collection},
		{"BR-RJ", "telemarketing_hours", rules.Secondary, "America/Sao_Paulo", []opening{
			{"2026-11-23 08:00", "2026-11-23 08:00"},
			{"2026-11-23 07:59", "2026-11-23 08:00"},
			{"2026-11-23 18:00", "2026-11-24 08:00"},
			{"2026-11-27 18:30", "2026-11-30 08:00"},
			{"2026-12-25 10:00", "2026-12-28 08:00"},
		}, 0, "", rules.Collection},
		{"BR-SP", "nao_me_ligue", rules.Secondary, "", nil, 0, "nao-me-ligue-sp", rules.Collection},
		{"CO", "hours", rules.Secondary, "America/Bogota", []opening{
			{"2026-11-23 06:59", "2026-11-23 07:00"},
			{"2026-11-23 18:59", "2026-11-23 18:59"},
			{"2026-11-23 19:00", "2026-11-24 07:00"},
			{"2026-11-21 14:59", "2026-11-21 14:59"},
			{"2026-11-21 15:00", "2026-11-23 07:00"},
			{"2026-11-22 12:00", "2026-11-23 07:00"},
			{"2026-12-08 12:00", "2026-12-09 07:00"},
		}, 0, "", rules.Survey},
		{"CO", "one_channel_a_week", rules.Secondary, "", nil, 1, "", rules.Service},
		{"CO", "one_contact_a_day", rules.Secondary, "", nil, 1, "", rules.Service},
		{"MX", "repep", rules.Secondary, "", nil, 0, "repep", rules.Collection},
		{"MX", "collection_hours", rules.Secondary, "America/Mexico_City", []opening{
			{"2026-11-23 07:00", "2026-11-23 07:00"}, {"2026-11-23 22:00", "2026-11-24 07:00"}, {"2026-11-28 12:00", "2026-11-30 07:00"},
		}, 0, "", rules.Sales},
		{"CL", "prefixes", rules.Secondary, "", nil, 0, "", ""},
		{"US", "hours", rules.Secondary, "America/New_York", []opening{
			{"2026-11-22 08:00", "2026-11-22 08:00"}, {"2026-11-22 21:00", "2026-11-23 08:00"}, {"2026-11-22 20:59", "2026-11-22 20:59"},
		}, 0, "", rules.Collection},
		{"US", "do_not_call", rules.Secondary, "", nil, 0, "us-national-dnc", rules.Survey},
		{"US", "abandoned", rules.Secondary, "", nil, 0, "", rules.Service},
	}
	total := 0
	for _, p := range packs {
		total += len(p.Rules)
	}
	if total != len(tests) {
		t.Errorf("%d rules are shipped and %d are tested", total, len(tests))
	}
	for _, tt := range tests {
		t.Run(tt.pack+" "+tt.rule, func(t *testing.T) {
			var rule *rules.Rule
			for i := range packs[tt.pack].Rules {
				if packs[tt.pack].Rules[i].ID == tt.rule {
					rule = &packs[tt.pack].Rules[i]
				}
			}
			if rule == nil {
				t.Fatal("is not shipped")
			}
			if rule.Status != tt.status || rule.Registry != tt.registry || len(rule.Limits) != tt.limits {
				t.Errorf("%+v", rule)
			}
			if by := (rules.Chosen{Pack: tt.pack}); by.Applies(rule) != (tt.status == rules.Verified) {
				t.Error("a rule applies by itself if it is verified, and only then")
			}
			only := rules.Chosen{Pack: tt.pack, On: []string{tt.rule}}
			for i := range packs[tt.pack].Rules {
				if id := packs[tt.pack].Rules[i].ID; id != tt.rule {
					only.Off = append(only.Off, id)
				}
			}
			settings := rules.Settings{Packs: []rules.Chosen{only}}
			law := settings.LawFor(packs, rules.Sales, channel.Voice)
			if tt.not == rules.Sales {
				law = settings.LawFor(packs, rules.Collection, channel.Voice)
			}
			if len(law.Limits) != tt.limits || (len(law.Hours) > 0) != (tt.openings != nil) {
				t.Fatalf("the law is %+v", law)
			}
			if tt.not != "" {
				if law := settings.LawFor(packs, tt.not, channel.Voice); len(law.Limits)+len(law.Hours) > 0 {
					t.Errorf("it binds %s: %+v", tt.not, law)
				}
			}
			for _, o := range tt.openings {
				z := zone(t, tt.zone)
				at, err := time.ParseInLocation("2006-01-02 15:04", o.at, z[0])
				if err != nil {
					t.Fatal(err)
				}
				open, ok := law.Clock(z).NextOpen(at)
				if got := open.In(z[0]).Format("2006-01-02 15:04"); !ok || got != o.opens {
					t.Errorf("after %s it opens at %s, want %s", o.at, got, o.opens)
				}
			}
		})
	}
}

func TestAllHoursAndAllClocksMustAgree(t *testing.T) {
	packs := shipped(t)
	s := rules.Settings{Packs: []rules.Chosen{{Pack: "BR-RJ", On: []string{"telemarketing_hours"}}, {Pack: "US"}}}
	law := s.LawFor(packs, "", channel.Voice) // nobody said that it is not to sell
	two := append(zone(t, "America/Sao_Paulo"), zone(t, "America/New_York")...)
	at := time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC) // 7:30 in São Paulo, 5:30 in New York
	open, ok := law.Clock(two).NextOpen(at)
	if want := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC); !ok || !open.Equal(want) {
		t.Errorf("opens at %v, want %v", open, want)
	}
	if open, ok := (rules.Law{}).Clock(two).NextOpen(at); !ok || !open.Equal(at) {
		t.Errorf("no law opens at %v", open)
	}
	if law := s.LawFor(packs, "", channel.Email); len(law.Hours) != 0 {
		t.Errorf("hours of calls bind e-mail: %+v", law)
	}
	never := rules.Law{Hours: append(law.Hours[:1:1], rules.Settings{Packs: []rules.Chosen{{Pack: "CO"}}}.LawFor(packs, rules.Sales, channel.Voice).Hours...)}
	if _, ok := never.Clock(zone(t, "UTC")).NextOpen(at); !ok {
		t.Error("two laws that agree at noon never open")
	}
}

func TestASwitchedOffRuleDoesNotApply(t *testing.T) {
	s := rules.Settings{Packs: []rules.Chosen{{Pack: "CO", Off: []string{"hours"}}, {Pack: "XX"}}}
	if law := s.LawFor(shipped(t), rules.Sales, channel.Voice); len(law.Hours)+len(law.Limits) != 0 {
		t.Errorf("%+v", law)
	}
}

const good = `name: XX-Y
title: Somewhere
version: 2
date: "2026-01-31"
rules:
  - id: r
    text: T
    source: S
    status: verified
    hours: {days: {mon: ["08:00-09:00"]}}
    limits: [{most: 2, days: 3}]
`

func TestPacksAreValidated(t *testing.T) {
	if _, err := rules.ParsePack([]byte(good)); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, from, to, code, field string }{
		{"no name", "name: XX-Y", "name: somewhere", "pack_name", "name"},
		{"no title", "title: Somewhere", `title: ""`, "required", "title"},
		{"no version", "version: 2", "version: 0", "required", "version"},
		{"no date", "2026-01-31", "2026-01-32", "day_invalid", "date"},
		{"an unknown word", "title: Somewhere", "title: Somewhere\nauthor: me", "pack_invalid", ""},
		{"an unknown word in a rule", "text: T", "text: T\n    hour: 8", "pack_invalid", ""},
		{"no YAML", "rules:", "rules: [", "pack_invalid", ""},
		{"an id with capitals", "id: r", "id: R", "rule_id", "rules[0].id"},
		{"no source", "source: S", `source: ""`, "required", "rules[0].source"},
		{"an unknown status", "status: verified", "status: sure", "not_one_of", "rules[0].status"},
		{"no note", "status: verified", "status: secondary", "required", "rules[0].note"},
		{"an unknown purpose", "status: verified", "status: verified\n    purposes: [fun]", "not_one_of", "rules[0].purposes"},
		{"an unknown channel", "status: verified", "status: verified\n    channels: [fax]", "not_one_of", "rules[0].channels"},
		{"a limit of nothing", "most: 2", "most: 0", "out_of_range", "rules[0].limits[0].most"},
		{"hours that end before they begin", "08:00-09:00", "09:00-08:00", "pack_invalid", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rules.ParsePack([]byte(strings.Replace(good, tt.from, tt.to, 1)))
			bad := fault.All(err)
			if len(bad) != 1 || bad[0].Code != tt.code || bad[0].Field != tt.field {
				t.Errorf("%v", err)
			}
		})
	}
	twice := good + strings.SplitAfter(good, "rules:\n")[1]
	if _, err := rules.ParsePack([]byte(twice)); !fault.Is(err, "rule_id") {
		t.Errorf("the same rule twice: %v", err)
	}
}

func FuzzParsePack(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("name: &a [*a]"))
	f.Add([]byte("rules:\n  - hours: {days: {mon-sun: [\"00:00-24:00\"]}, holidays: [CO]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := rules.ParsePack(text)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("a mistake of the file is told as one of ours: %v", err)
			}
			return
		}
		if len(p.Validate()) != 0 || !strings.Contains(string(text), p.Name) {
			t.Fatalf("taken and not valid: %+v", p)
		}
		s := rules.Settings{Packs: []rules.Chosen{{Pack: p.Name}}}
		s.LawFor(rules.Packs{p.Name: p}, rules.Sales, channel.Voice).Clock([]*time.Location{time.UTC}).NextOpen(noon)
	})
}

// TestClosedDays: no campaign contacts anybody on the workspace's own days, whatever it is for.
func TestClosedDays(t *testing.T) {
	s := rules.Settings{Closed: rules.Closed{Holidays: []schedule.Calendar{"BR"}, Dates: []string{"2026-12-24", "2026-12-31..2027-01-02"}}}
	paulo, err := schedule.LoadZone("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []channel.Kind{channel.Voice, channel.Email} {
		clock := s.LawFor(rules.Packs{}, "", k).Clock([]*time.Location{paulo})
		for from, want := range map[string]string{
			"2026-12-23 23:59": "2026-12-23 23:59",
			"2026-12-24 00:00": "2026-12-26 00:00", // and Christmas
			"2026-12-31 12:00": "2027-01-03 00:00",
		} {
			at, _ := time.ParseInLocation("2006-01-02 15:04", from, paulo)
			if open, ok := clock.NextOpen(at); !ok || open.In(paulo).Format("2006-01-02 15:04") != want {
				t.Errorf("%s: from %s open at %v, %v; want %s", k, from, open.In(paulo), ok, want)
			}
		}
	}
	if law := (rules.Settings{}).LawFor(rules.Packs{}, "", channel.Voice); len(law.Hours) != 0 {
		t.Errorf("without such days: %+v", law.Hours)
	}
}

func TestClosedDaysAreChecked(t *testing.T) {
	book := rules.New(rules.Options{Packs: rules.Packs{}})
	for _, tt := range []struct {
		closed      rules.Closed
		field, code string
	}{
		{rules.Closed{Dates: []string{"2026-12-24", "24/12"}}, "closed.dates[1]", "dates_invalid"},
		{rules.Closed{Dates: []string{"2026-12-24..2026-12-01"}}, "closed.dates[0]", "dates_reversed"},
		{rules.Closed{Dates: []string{"2026-01-01..2028-01-01"}}, "closed.dates[0]", "dates_too_long"},
		{rules.Closed{Holidays: []schedule.Calendar{"XX"}}, "closed.holidays[0]", "holidays_unknown"},
		{rules.Closed{Holidays: []schedule.Calendar{"BR", "BR"}}, "closed.holidays[1]", "holidays_repeated"},
	} {
		_, err := book.Set(t.Context(), "ws", rules.Settings{Closed: tt.closed}, 0)
		if all := fault.All(err); len(all) != 1 || all[0].Field != tt.field || all[0].Code != tt.code {
			t.Errorf("%+v: %v, want %s at %s", tt.closed, err, tt.code, tt.field)
		}
	}
}
