package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/fault"
	"campanario/rules"
)

// base guards the contacts of the world.
func (w *world) base() *audience.Contacts {
	return audience.NewContacts(audience.ContactsOptions{Store: w.Store, Now: func() time.Time { return *w.now }, Suppressions: audience.NewSuppressions(w.Store, nil, nil)})
}

func (w *world) known(workspace string, e audience.ContactEdit) audience.Contact {
	w.t.Helper()
	c, err := w.base().Create(w.ctx, workspace, e)
	w.must(err)
	return c
}

func (w *world) fits(workspace string, f audience.Filter) []int64 {
	w.t.Helper()
	lists := audience.NewLists(audience.ListsOptions{Store: w.Store, Now: func() time.Time { return *w.now }})
	b, err := lists.Pick(w.ctx, workspace, &f)
	w.must(err)
	var out []int64
	for _, n := range b.ToArray() {
		out = append(out, int64(n))
	}
	return out
}

// TestUniteKeepsEverything: of two contacts one is made, with what both had; what hung on the other hangs on the one that is kept.
func TestUniteKeepsEverything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := w.known("ws", audience.ContactEdit{
			Name: new("Ana"), Email: new("ana@example.com"), Tags: &[]string{"vip"}, Attributes: map[string]*string{"plano": new("ouro")},
		})
		other := w.known("ws", audience.ContactEdit{
			Name: new("Ana Paula"), Email: new("ANA@example.com"), Phone: new("+5511987654321"), Tags: &[]string{"norte"}, ExternalID: new("77"), City: new("Recife"),
			Attributes: map[string]*string{"plano": new("prata"), "safra": new("2024")},
		})
		standIn := w.known("ws", audience.ContactEdit{Name: new("Mãe"), Phone: new("+5511912345678"), Primary: new(other.ID)})
		say := func(c audience.Contact, given bool, at time.Time, k channel.Kind) {
			_, err := w.AddConsent(w.ctx, "ws", c.ID, audience.Consent{Given: given, Channel: k, Source: audience.FromCall, Proof: "gravação", At: at, Kept: at})
			w.must(err)
		}
		say(kept, true, noon.Add(-2*time.Hour), channel.Voice)
		say(other, false, noon.Add(-time.Hour), channel.Voice)
		say(other, true, noon.Add(-time.Hour), channel.Email)
		w.campaign("c", 0)
		n := newcomer("ana@example.com")
		n.Contact = other.No
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{n}, campaign.Progress{}, noon)
		w.must(err)

		foreseen, err := w.base().MergePreview(w.ctx, "ws", kept.ID, []string{other.ID})
		w.must(err)
		united, err := w.base().Merge(w.ctx, "ws", kept.ID, []string{other.ID})
		w.must(err)
		foreseen.Revision, foreseen.UpdatedAt = united.Revision, united.UpdatedAt
		if !reflect.DeepEqual(foreseen, united) {
			t.Errorf("foreseen: %+v\nunited: %+v", foreseen, united)
		}
		got, err := w.Contact(w.ctx, "ws", kept.ID)
		w.must(err)
		if got.Revision != united.Revision || got.Name != "Ana" || got.ExternalID != "77" || got.City != "Recife" || got.Attributes["plano"] != "ouro" || got.Attributes["safra"] != "2024" ||
			!slices.Equal(got.Tags, []string{"vip", "norte"}) || !slices.Equal(got.Addresses(), []channel.Address{"ana@example.com", "+5511987654321"}) {
			t.Errorf("%+v", got)
		}
		// The other's id leads to whom they are now, and nothing finds two of them.
		if now, err := w.Contact(w.ctx, "ws", other.ID); err != nil || now.No != kept.No {
			t.Errorf("the other's id leads to %+v, %v", now, err)
		}
		if _, err := w.Contact(w.ctx, "other", other.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("from another workspace: %v", err)
		}
		if people := w.fits("ws", audience.Filter{}); !slices.Equal(people, []int64{kept.No, standIn.No}) {
			t.Errorf("in the base: %v", people)
		}
		for value, want := range map[string][]int64{"norte": {kept.No}, "vip": {kept.No}} {
			if people := w.fits("ws", audience.Filter{Field: audience.FieldTag, Is: []string{value}}); !slices.Equal(people, want) {
				t.Errorf("tag %s: %v", value, people)
			}
		}
		s, err := w.Contact(w.ctx, "ws", standIn.ID)
		w.must(err)
		if s.Primary != kept.ID {
			t.Errorf("the stand-in stands in for %s", s.Primary)
		}
		history, err := w.ConsentsOf(w.ctx, "ws", kept.ID, 10)
		w.must(err)
		if len(history) != 3 || history[2].Was != "" || history[0].Was != other.ID || history[1].Was != other.ID || history[0].Proof != "gravação" {
			t.Errorf("%+v", history)
		}
		for k, want := range map[channel.Kind][]int64{channel.Voice: nil, channel.Email: {kept.No}} {
			if people := w.fits("ws", audience.Filter{Field: audience.FieldConsent, Channel: k}); !slices.Equal(people, want) {
				t.Errorf("who agreed to %s: %v", k, people)
			}
		}
		if e := w.entry("c", 1); e.Contact != kept.No {
			t.Errorf("the recipient is of contact %d", e.Contact)
		}
	})
}

// TestUniteKeepsLimits: who was called under one name is not called again under the other, also when the call is still going on.
func TestUniteKeepsLimits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := w.known("ws", audience.ContactEdit{Name: new("Ana"), Email: new("ana@example.com")})
		other := w.known("ws", audience.ContactEdit{Name: new("Ana"), Email: new("ana.paula@example.com")})
		w.campaign("first", 0)
		w.campaign("second", 0)
		enrol := func(id string, c audience.Contact) {
			n := newcomer(string(c.First(audience.ByEmail)))
			n.Contact = c.No
			_, err := w.EnrolBatch(w.ctx, "ws", id, []campaign.Newcomer{n}, campaign.Progress{}, *w.now)
			w.must(err)
		}
		enrol("first", other)
		enrol("second", kept)
		limits := []rules.Limit{{Most: 1, Days: 1}}
		claim := func(id string) (dispatch.Claimed, *rules.Hold) {
			r := w.request(w.hold, id, 5)
			r.Limits = limits
			var held *rules.Hold
			c, err := w.Claim(w.ctx, r, func(list []dispatch.Candidate) []dispatch.Verdict {
				out := w.place(list)
				for i := range list {
					if held = list[i].Held; held != nil {
						out[i] = dispatch.Verdict{Do: dispatch.DoDefer, Next: campaign.Defer(campaign.Standing{}, campaign.WhyLimit, held.Until, *w.now)}
					}
				}
				return out
			})
			w.must(err)
			return c, held
		}
		called, held := claim("first")
		if len(called.Flights) != 1 || held != nil {
			t.Fatalf("%+v, %+v", called, held)
		}
		_, err := w.base().Merge(w.ctx, "ws", kept.ID, []string{other.ID})
		w.must(err)
		again, held := claim("second")
		if len(again.Flights) != 0 || held == nil {
			t.Fatalf("called again: %+v", again)
		}
		// How it ends is known to the limit: it disturbed nobody, so they may be called.
		closing := w.closing(channel.LineFailed, called.Flights[0])
		_, err = w.Settle(w.ctx, []dispatch.Closing{closing})
		w.must(err)
		*w.now = held.Until.Add(time.Second)
		w.hold = w.take(w.node)
		if again, held = claim("second"); len(again.Flights) != 1 {
			t.Errorf("not called: %+v, %+v", again, held)
		}
	})
}

func TestUniteRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := w.known("ws", audience.ContactEdit{Email: new("a@example.com"), Document: new("52998224725")})
		two := w.known("ws", audience.ContactEdit{Email: new("a@example.com"), Document: new("11144477735")})
		full := audience.ContactEdit{Reaches: &[]audience.ReachEdit{}}
		for i := range 20 {
			*full.Reaches = append(*full.Reaches, audience.ReachEdit{Address: fmt.Sprintf("x%d@example.com", i)})
		}
		crowd := w.known("ws", full)
		foreign := w.known("other", audience.ContactEdit{Email: new("a@example.com")})
		for name, c := range map[string]struct {
			keep   string
			others []string
			code   string
		}{
			"two documents":     {one.ID, []string{two.ID}, "documents_differ"},
			"too many":          {one.ID, []string{crowd.ID}, "too_many"},
			"another workspace": {one.ID, []string{foreign.ID}, "contact_not_found"},
			"themselves":        {one.ID, []string{one.ID}, "contact_twice"},
			"the same twice":    {one.ID, []string{crowd.ID, crowd.ID}, "contact_twice"},
			"nobody":            {one.ID, nil, "required"},
			"who is not there":  {"x", []string{one.ID}, "contact_not_found"},
		} {
			if _, err := w.base().Merge(w.ctx, "ws", c.keep, c.others); !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
			if _, err := w.base().MergePreview(w.ctx, "ws", c.keep, c.others); !fault.Is(err, c.code) {
				t.Errorf("looking at %s: %v, want %s", name, err, c.code)
			}
		}
		if people := w.fits("ws", audience.Filter{}); len(people) != 3 {
			t.Errorf("in the base: %v", people)
		}
	})
}

func TestDuplicatesAreFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ana := w.known("ws", audience.ContactEdit{Name: new("Ana"), Email: new("ana@example.com"), Document: new("52998224725")})
		phone := w.known("ws", audience.ContactEdit{Phone: new("+5511987654321"), Document: new("529.982.247-25")})
		mail := w.known("ws", audience.ContactEdit{Email: new("Ana@Example.com"), Phone: new("+5511987654321")})
		w.known("ws", audience.ContactEdit{Email: new("bia@example.com")})
		w.known("other", audience.ContactEdit{Email: new("ana@example.com")})
		w.known("other", audience.ContactEdit{Email: new("ana@example.com")})
		base := w.base()
		list, err := base.Duplicates(w.ctx, "ws", ana.ID)
		w.must(err)
		if len(list) != 2 || list[0].Contact.No != phone.No || !slices.Equal(list[0].Shares, []audience.MergeKey{audience.ByDocument}) ||
			list[1].Contact.No != mail.No || !slices.Equal(list[1].Shares, []audience.MergeKey{audience.ByAnyEmail}) {
			t.Errorf("%+v", list)
		}
		for by, want := range map[audience.MergeKey][]int64{
			audience.ByDocument: {ana.No, phone.No}, audience.ByAnyPhone: {phone.No, mail.No}, audience.ByAnyEmail: {ana.No, mail.No},
		} {
			var got []int64
			for after, pages := "", 0; ; pages++ {
				groups, next, err := base.DuplicateGroups(w.ctx, "ws", by, after, 1)
				w.must(err)
				for _, g := range groups {
					for _, c := range g.Contacts {
						got = append(got, c.No)
					}
					if g.Count != 2 {
						t.Errorf("%s: %+v", by, g)
					}
				}
				if after = next; next == "" || pages > 9 {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", by, got, want)
			}
		}
	})
}

// twins are two mailboxes whose marks in the workspace are the same.
func twins(workspace string) (a, b string) {
	seen := map[int64]string{}
	for i := 0; ; i++ {
		a := fmt.Sprintf("p%d@example.com", i)
		mark := audience.Mark(workspace, channel.Address(a)) >> 32
		if b := seen[mark]; b != "" {
			return a, b
		}
		seen[mark] = a
	}
}

// TestAddressesOfOneMarkAreTwo: who has an address is told from who has another of the same mark.
func TestAddressesOfOneMarkAreTwo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := twins("ws")
		first := w.known("ws", audience.ContactEdit{Email: &a})
		second := w.known("ws", audience.ContactEdit{Email: &b})
		base := w.base()
		if with, err := w.ContactsWith(w.ctx, "ws", channel.Address(b), 0); err != nil || len(with) != 1 || with[0].No != second.No {
			t.Errorf("with %s: %+v, %v", b, with, err)
		}
		if groups, _, err := base.DuplicateGroups(w.ctx, "ws", audience.ByAnyEmail, "", 10); err != nil || len(groups) != 0 {
			t.Errorf("two people are taken for one: %+v, %v", groups, err)
		}
		again := w.known("ws", audience.ContactEdit{Email: &b, Name: new("Bia")})
		groups, _, err := base.DuplicateGroups(w.ctx, "ws", audience.ByAnyEmail, "", 10)
		w.must(err)
		if len(groups) != 1 || groups[0].Value != b || groups[0].Count != 2 || groups[0].Contacts[0].No != second.No || groups[0].Contacts[1].No != again.No {
			t.Errorf("%+v", groups)
		}
		in := []audience.Incoming{{Contact: audience.Contact{Name: "Ana", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: channel.Address(a)}}}}}
		w.must(w.MergeContacts(w.ctx, "ws", in, audience.MergeOptions{By: audience.MergeKeys(), Now: *w.now}))
		if in[0].Fate == audience.MergeCreated || in[0].Contact.No != first.No {
			t.Errorf("%s met %d, not %d", a, in[0].Contact.No, first.No)
		}
		w.must(w.DeleteContact(w.ctx, "ws", first.ID))
		if with, err := w.ContactsWith(w.ctx, "ws", channel.Address(b), 0); err != nil || len(with) != 2 {
			t.Errorf("after another was deleted: %+v, %v", with, err)
		}
	})
}
