package sim_test

import (
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/rules"
)

// bind sets what the workspace is bound by.
func (w *town) bind(s rules.Settings) {
	w.t.Helper()
	_, err := w.Store.SetRuleSettings(w.ctx, w.Workspace, s, 0, time.Now())
	w.must(err)
	w.Nudge()
}

func (w *town) entry(id string, n int) campaign.Entry {
	w.t.Helper()
	e, err := w.Service.Entry(w.ctx, w.Workspace, id, campaign.BandNormal.First()+campaign.Number(n))
	w.must(err)
	return e
}

// The hours of the law are those of whom is called, inside the campaign's own.
func TestTheHoursOfTheLaw(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50}, answered, func(w *town) {
		w.bind(rules.Settings{Packs: []rules.Chosen{{Pack: "US", On: []string{"hours"}}}})
		id := w.campaign(20, func(d *campaign.Definition) {
			d.Purpose, d.Zone = rules.Sales, "America/Los_Angeles" // 6:00 there
			d.Window = mustWindow(t, `{"days":{"mon-sun":["05:00-23:00"]}}`)
		})
		service := w.campaign(5, func(d *campaign.Definition) { d.Purpose, d.Zone = rules.Service, "America/Los_Angeles" })
		w.start(id)
		w.start(service)
		w.completed(service, time.Hour) // the law is about something else
		if n := len(w.starts(id)); n != 0 {
			t.Errorf("%d calls before eight", n)
		}
		if e := w.entry(id, 1); e.Why != campaign.WhyWindow {
			t.Errorf("waits for %q", e.Why)
		}
		eight := time.Date(2000, 1, 3, 16, 0, 0, 0, time.UTC)
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitOwnHours || !d.Until.Equal(eight) {
			t.Errorf("diagnosis %+v, waiting %+v", d, d.Waiting)
		}
		w.completed(id, 24*time.Hour)
		if first := w.starts(id)[0]; first.Before(eight) || first.Sub(eight) > time.Minute {
			t.Errorf("called at %v", first)
		}
	})
}

func TestWhoIsOverALimitIsHeldAndNotLost(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50}, answered, func(w *town) {
		w.bind(rules.Settings{Limits: []rules.Limit{{Most: 1, Hours: 20}}})
		first := w.campaign(10, nil)
		people := func(int) campaign.Newcomer {
			return campaign.Newcomer{Recipient: campaign.Recipient{Name: "Ana", Addresses: []channel.Address{"+5511200000003"}}, Band: campaign.BandNormal}
		}
		c, err := w.Service.Get(w.ctx, w.Workspace, first)
		w.must(err)
		second, err := w.AddCampaign(w.ctx, c.Definition, 1, people)
		w.must(err)
		w.start(first)
		w.completed(first, time.Hour)
		w.start(second)
		<-time.After(time.Minute)
		e := w.entry(second, 1)
		if e.Status != campaign.StatusPending || e.Why != campaign.WhyLimit || e.Reason != "limit_reached" || e.Params != `{"hours":20,"most":1}` {
			t.Errorf("held as %+v", e)
		}
		if d := w.diagnose(second); d.Waiting == nil || d.Waiting.Code != campaign.WaitLimit || !d.Until.Equal(e.Due) {
			t.Errorf("diagnosis %+v, waiting %+v", d, d.Waiting)
		}
		if d := w.completed(second, 24*time.Hour); d < 19*time.Hour || d > 21*time.Hour {
			t.Errorf("completed after %v", d)
		}
		if e := w.entry(second, 1); e.Result != campaign.Reached || e.Reason != "" {
			t.Errorf("in the end %+v", e)
		}
	})
}

func TestWhoDidNotAgreeIsSuppressedByThatRule(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50}, answered, func(w *town) {
		w.campaign(0, nil) // so that the next one has these people
		for i, number := range []channel.Address{"+5511300000000", "+5511300000001"} {
			c := audience.Contact{
				Workspace: w.Workspace, Priority: audience.PriorityNormal, CreatedAt: time.Now(), UpdatedAt: time.Now(),
				Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: number}},
			}
			w.must(w.Store.AddContact(w.ctx, &c))
			_, err := w.Store.AddConsent(w.ctx, w.Workspace, c.ID, audience.Consent{Given: i == 0, Source: audience.FromAPI, At: time.Now(), Kept: time.Now()})
			w.must(err)
		}
		id := w.campaign(3, func(d *campaign.Definition) { d.Consent = rules.Need{Level: rules.Given} })
		w.start(id)
		w.completed(id, time.Hour)
		for n, want := range []struct {
			status campaign.Status
			reason string
		}{{campaign.StatusCompleted, ""}, {campaign.StatusSuppressed, "consent_withdrawn"}, {campaign.StatusSuppressed, "consent_missing"}} {
			if e := w.entry(id, n+1); e.Status != want.status || e.Reason != want.reason {
				t.Errorf("recipient %d: %s %q, want %+v", n+1, e.Status, e.Reason, want)
			}
		}
	})
}
