package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/rules"
)

// contact makes a contact with mailboxes.
func (w *world) contact(mailboxes ...string) audience.Contact {
	w.t.Helper()
	c := audience.Contact{Workspace: "ws", Name: "Ana", Priority: audience.PriorityNormal, CreatedAt: *w.now, UpdatedAt: *w.now}
	for _, m := range mailboxes {
		c.Reaches = append(c.Reaches, audience.Reach{Kind: audience.ByEmail, Address: channel.Address(m)})
	}
	w.must(w.AddContact(w.ctx, &c))
	return c
}

func (w *world) consent(contact string, given bool, k channel.Kind, line string, a channel.Address) {
	w.t.Helper()
	*w.now = w.now.Add(time.Second)
	_, err := w.AddConsent(w.ctx, "ws", contact, audience.Consent{
		Given: given, Channel: k, Line: line, Address: a, Source: audience.FromAPI, Basis: audience.BasisConsent, Proof: `{"ip":"x"}`, At: *w.now, Kept: *w.now,
	})
	w.must(err)
}

// met are the candidates that a claim which needs consents meets; nobody is placed.
func (w *world) met(id string, change func(*dispatch.Claim)) []dispatch.Candidate {
	w.t.Helper()
	var out []dispatch.Candidate
	r := w.request(w.hold, id, 100)
	change(&r)
	c, err := w.Claim(w.ctx, r, func(candidates []dispatch.Candidate) []dispatch.Verdict {
		out = slices.Clone(candidates)
		verdicts := make([]dispatch.Verdict, len(candidates))
		for i := range verdicts {
			verdicts[i] = dispatch.Verdict{Do: dispatch.DoDefer, Next: campaign.Defer(candidates[i].Standing, campaign.WhyWindow, *w.now, *w.now)}
		}
		return verdicts
	})
	w.must(err)
	if c.Refused != "" {
		w.t.Fatalf("refused: %s", c.Refused)
	}
	return out
}

func needs(n rules.Need) func(*dispatch.Claim) { return func(c *dispatch.Claim) { c.Need = n } }

func TestRecipientsAreTiedToContacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("nobody@example.com")
		first := w.contact("x@example.com", "P1@example.com").No
		w.contact("p1@example.com") // who came later has the same mailbox
		w.campaign("c", 3)
		named := newcomer("p2@other.example.com")
		named.Contact = 7777
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{named}, campaign.Progress{}, *w.now)
		w.must(err)
		late := w.contact("p2@example.com").No // came into the base after the campaign was filled
		candidates := w.met("c", needs(rules.Need{Level: rules.NotWithdrawn}))
		var got []int64
		for _, c := range candidates {
			got = append(got, c.Contact)
		}
		if want := []int64{0, first, late, 7777}; !slices.Equal(got, want) {
			t.Errorf("tied to %v, want %v", got, want)
		}
		if e := w.entry("c", 2); e.Contact != first {
			t.Errorf("enrolled as %d, want %d", e.Contact, first)
		}
	})
}

func TestClaimLooksAtConsentInThatInstant(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var k [6]string
		for i := range k {
			k[i] = w.contact(fmt.Sprintf("p%d@example.com", i)).ID
		}
		w.campaign("c", 7) // the last one is in nobody's base
		w.consent(k[1], true, "", "", "")
		w.consent(k[2], true, channel.Email, "", "")
		w.consent(k[2], false, "", "", "")
		w.consent(k[3], true, channel.Voice, "", "")
		w.consent(k[4], true, channel.Email, "line", "")
		w.consent(k[5], true, channel.Email, "", "p5@example.com")
		tests := []struct {
			need              rules.Need
			lacking, withdrew []int
		}{
			{rules.Need{}, nil, nil},
			{rules.Need{Level: rules.NotWithdrawn}, []int{2}, []int{2}},
			{rules.Need{Level: rules.Given}, []int{0, 2, 3, 6}, []int{2}},
			{rules.Need{Level: rules.Given, On: rules.OnLine}, []int{0, 1, 2, 3, 5, 6}, []int{2}},
		}
		for _, tt := range tests {
			var lacking, withdrew []int
			for i, c := range w.met("c", needs(tt.need)) {
				if c.Lacking != 0 {
					lacking = append(lacking, i)
				}
				if c.Withdrew != 0 {
					withdrew = append(withdrew, i)
				}
			}
			if !slices.Equal(lacking, tt.lacking) || !slices.Equal(withdrew, tt.withdrew) {
				t.Errorf("%+v: lacking %v, withdrawn %v, want %v and %v", tt.need, lacking, withdrew, tt.lacking, tt.withdrew)
			}
		}
		w.consent(k[0], true, channel.Email, "", "") // while the campaign runs
		if c := w.met("c", needs(rules.Need{Level: rules.Given})); c[0].Lacking != 0 {
			t.Error("a consent that has come is not known")
		}
	})
}

func TestConsentsAreKeptAndFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		made := w.contact("a@example.com", "b@example.com")
		k, no := made.ID, uint32(made.No)
		w.consent(k, true, channel.Email, "", "")
		w.consent(k, false, channel.Email, "line", "")
		list, err := w.ConsentsOf(w.ctx, "ws", k, 10)
		w.must(err)
		if len(list) != 2 || list[0].Given || list[0].Line != "line" || !list[1].Given || list[1].Proof != `{"ip":"x"}` ||
			list[1].Basis != audience.BasisConsent || list[1].Source != audience.FromAPI || !list[0].At.Equal(*w.now) || list[0].No <= list[1].No {
			t.Errorf("history %+v", list)
		}
		found := func(f audience.Filter) bool {
			f.Field = audience.FieldConsent
			b, err := audience.Pick(w.ctx, w.Store, "ws", &f, *w.now, time.UTC)
			w.must(err)
			return b.Contains(no)
		}
		email := channel.Email
		if !found(audience.Filter{Channel: email}) || !found(audience.Filter{Channel: email, Line: "other"}) ||
			found(audience.Filter{Channel: email, Line: "line"}) || found(audience.Filter{Channel: channel.Voice}) {
			t.Error("not found by what they agreed to")
		}
		// An edit of the contact leaves what they can be found by.
		c, err := w.Contact(w.ctx, "ws", k)
		w.must(err)
		c.Name = "Bia"
		w.must(w.ReplaceContact(w.ctx, c, c.Revision))
		if !found(audience.Filter{Channel: email}) {
			t.Error("an edit lost the consent")
		}
		w.consent(k, false, "", "", "")
		if found(audience.Filter{Channel: email}) || found(audience.Filter{Channel: email, Line: "other"}) {
			t.Error("found by what they took back")
		}
		if list, err := w.ConsentsOf(w.ctx, "other", k, 10); err != nil || len(list) != 0 {
			t.Errorf("another workspace sees %v, %v", list, err)
		}
		if _, err := w.AddConsent(w.ctx, "other", k, audience.Consent{Source: audience.FromAPI, At: *w.now, Kept: *w.now}); err == nil {
			t.Error("another workspace wrote into the history")
		}
	})
}

// TestProofsOutliveTheirContact: who is deleted is found by nothing any more; what they agreed to stays as proof, and whom they took it back
// from stays so.
func TestProofsOutliveTheirContact(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.contact("a@example.com").ID
		l := w.contact("b@example.com").ID
		w.consent(k, true, channel.Email, "", "")
		w.consent(l, true, channel.Email, "", "")
		m := w.contact("c@example.com").ID
		w.consent(m, true, "", "", "")
		w.consent(m, false, channel.Email, "", "")
		w.must(w.DeleteContact(w.ctx, "ws", k))
		w.must(w.DeleteContact(w.ctx, "ws", m))
		if list, err := w.ConsentsOf(w.ctx, "ws", k, 10); err != nil || len(list) != 1 || list[0].Was != k || list[0].Proof == "" {
			t.Errorf("left behind: %v, %v", list, err)
		}
		if list, err := w.ConsentsOf(w.ctx, "other", k, 10); err != nil || len(list) != 0 {
			t.Errorf("another workspace sees %v, %v", list, err)
		}
		list, err := w.ListSuppressions(w.ctx, "ws", audience.SuppressionQuery{Limit: 10})
		w.must(err)
		if len(list) != 1 || list[0].Address != "c@example.com" || list[0].Channel != channel.Email || list[0].Reason != string(audience.NoConsent) || list[0].Source != "consent:"+m {
			t.Errorf("suppressed: %+v", list)
		}
		terms, err := w.Terms(w.ctx, "ws", audience.FieldConsent, "", 10)
		w.must(err)
		if want := []audience.TermCount{{Value: "email", Count: 1}, {Value: "email:*", Count: 1}}; !slices.Equal(terms, want) {
			t.Errorf("found by %v, want %v", terms, want)
		}
	})
}
