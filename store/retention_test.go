package store_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/person"
)

// TestRetentionRemovesWhatHasExpired: people of campaigns and imports that have long ended are in no table any more, counters keep their
// values, and what is young or still goes on is as it was; the count beforehand is what then goes.
func TestRetentionRemovesWhatHasExpired(t *testing.T) {
	eachOpen(t, func(t *testing.T, w *world, raw *sql.DB) {
		_, needles := w.everywhere() // "reached" and the others hold her; "gone" is cancelled and deleted
		w.must(w.Record(w.ctx, access.Event{Workspace: "ws", At: noon, Actor: access.Program("x"), Operation: "old", Subject: access.Subject{Kind: "x"}}))
		for _, id := range []string{"reached", "waiting", "fresh", "others", "address"} {
			w.must(w.Move(w.ctx, "ws", id, campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		}
		before := w.counts("reached")
		*w.now = noon.AddDate(0, 0, 60)
		w.must(w.Record(w.ctx, access.Event{Workspace: "ws", At: *w.now, Actor: access.Program("x"), Operation: "young", Subject: access.Subject{Kind: "x"}}))
		young := w.known("ws", audience.ContactEdit{Name: new("Nova Pessoa"), Email: new("nova@example.com")})
		w.campaign("young", 0)
		n := newcomer("nova@example.com")
		n.Contact = young.No
		_, err := w.EnrolBatch(w.ctx, "ws", "young", []campaign.Newcomer{n}, campaign.Progress{}, *w.now)
		w.must(err)

		office := person.NewOffice(w.Store, func() time.Time { return *w.now })
		if did, err := office.Expire(w.ctx, w.node); err != nil || did.Any() {
			t.Fatalf("by default %+v goes, %v", did, err)
		}
		periods := person.Periods{Attempts: 59, Imports: 59, Contacts: 59, Audit: 59}
		counted, err := office.Expired(w.ctx, "ws", periods)
		w.must(err)
		if want := (person.Expired{Campaigns: 6, Recipients: 7, Imports: 1, Contacts: 2, Events: 1}); counted != want {
			t.Errorf("counted %+v, want %+v", counted, want)
		}
		_, err = office.SetPeriods(w.ctx, "ws", periods, 0)
		w.must(err)
		if ours, err := w.TakeDuty(w.ctx, "retention", w.node+1, time.Minute); err != nil || !ours {
			t.Fatal(ours, err)
		}
		if did, err := office.Expire(w.ctx, w.node); err != nil || did.Any() {
			t.Errorf("while another node is at it %+v goes, %v", did, err)
		}
		*w.now = w.now.Add(time.Minute)
		did, err := office.Expire(w.ctx, w.node)
		w.must(err)
		if did != counted {
			t.Errorf("removed %+v, counted %+v", did, counted)
		}
		if again, err := office.Expire(w.ctx, w.node); err != nil || again.Any() {
			t.Errorf("again %+v, %v", again, err)
		}
		for table, text := range dump(t, raw) {
			for _, n := range needles {
				if table != "suppression" && table != "idempotency" && table != "stop" && strings.Contains(strings.ToLower(text), n) {
					t.Errorf("%s still holds %s", table, n)
				}
			}
		}
		all := dump(t, raw)
		for table, kept := range map[string]string{"contact": "Nova Pessoa", "recipient": "nova@example.com", "audit": "young", "attempt": "goal", "suppression": "+5511987654321"} {
			if !strings.Contains(all[table], kept) {
				t.Errorf("%s has lost %s", table, kept)
			}
		}
		if after := w.counts("reached"); after.Total != before.Total || after.ByStatus[campaign.StatusCompleted] != before.ByStatus[campaign.StatusCompleted] {
			t.Errorf("counted %+v, before %+v", after, before)
		}
		events, err := w.Events(w.ctx, "ws", access.EventQuery{Operation: "delete-expired", Limit: 5})
		w.must(err)
		if len(events) != 1 || events[0].Actor.Kind != access.ActorProgram {
			t.Errorf("%+v", events)
		}
	})
}

// TestQuietContacts: who was contacted, agreed to something or is still in a campaign is not quiet, and whom consent was taken back from
// stays away.
func TestQuietContacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		make := func(mailbox string) audience.Contact {
			return w.known("ws", audience.ContactEdit{Email: &mailbox})
		}
		quiet, called, agreed, waiting, withdrawn := make("quiet@example.com"), make("called@example.com"), make("agreed@example.com"), make("waiting@example.com"), make("withdrawn@example.com")
		say := func(c audience.Contact, given bool) {
			_, err := w.AddConsent(w.ctx, "ws", c.ID, audience.Consent{Given: given, Channel: channel.Email, Source: audience.FromCall, At: *w.now, Kept: *w.now})
			w.must(err)
		}
		say(withdrawn, false)
		w.campaign("called", 0)
		w.campaign("waiting", 0)
		for id, c := range map[string]audience.Contact{"called": called, "waiting": waiting} {
			n := newcomer(string(c.Reaches[0].Address))
			n.Contact = c.No
			_, err := w.EnrolBatch(w.ctx, "ws", id, []campaign.Newcomer{n}, campaign.Progress{}, *w.now)
			w.must(err)
		}
		*w.now = noon.AddDate(0, 0, 50)
		w.hold = w.take(w.node)
		say(agreed, true)
		w.settle(channel.Sent, w.claim("called", 1).Flights...)
		w.must(w.Move(w.ctx, "ws", "called", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		*w.now = noon.AddDate(0, 0, 60)
		office := person.NewOffice(w.Store, func() time.Time { return *w.now })
		_, err := office.SetPeriods(w.ctx, "ws", person.Periods{Contacts: 30}, 0)
		w.must(err)
		did, err := office.Expire(w.ctx, w.node)
		w.must(err)
		if did.Contacts != 2 {
			t.Errorf("%+v", did)
		}
		for _, c := range []audience.Contact{called, agreed, waiting} {
			if _, err := w.Contact(w.ctx, "ws", c.ID); err != nil {
				t.Errorf("%s: %v", c.Reaches[0].Address, err)
			}
		}
		for _, c := range []audience.Contact{quiet, withdrawn} {
			if _, err := w.Contact(w.ctx, "ws", c.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s is still there: %v", c.Reaches[0].Address, err)
			}
		}
		list, err := w.ListSuppressions(w.ctx, "ws", audience.SuppressionQuery{Limit: 5})
		w.must(err)
		if len(list) != 1 || list[0].Address != "withdrawn@example.com" {
			t.Errorf("%+v", list)
		}
	})
}

func TestPeriodsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		p  person.Periods
		ok bool
	}{
		"nothing":       {person.Periods{}, true},
		"a day":         {person.Periods{Attempts: 1, Imports: 1, Contacts: 1, Audit: 30}, true},
		"ten years":     {person.Periods{Attempts: 3650}, true},
		"longer":        {person.Periods{Attempts: 3651}, false},
		"negative":      {person.Periods{Imports: -1}, false},
		"a short audit": {person.Periods{Audit: 29}, false},
	} {
		if ok := len(c.p.Validate()) == 0; ok != c.ok {
			t.Errorf("%s: %v", name, c.p.Validate())
		}
	}
}
