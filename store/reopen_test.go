package store_test

import (
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// What contacts people is on the list, though it had been put away.
func TestAnArchivedCampaignThatIsReopenedIsOnTheListAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		w.settle(channel.Blocked, w.claim("c", 1).Flights...)
		done, err := w.Finish(w.ctx, "c", time.Time{}, *w.now)
		w.must(err)
		if !done {
			t.Fatal("not completed")
		}
		w.must(w.SetArchived(w.ctx, "ws", "c", true, *w.now))
		r, err := w.act("c", campaign.RetryNow, campaign.Filter{})
		w.must(err)
		c, err := w.Campaign(w.ctx, "ws", "c")
		w.must(err)
		if r.Changed != 1 || c.State != campaign.Active || c.Archived {
			t.Errorf("%d changed; %s, archived: %v", r.Changed, c.State, c.Archived)
		}
	})
}
