package store_test

import (
	"testing"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
)

// A cancelled campaign's last call is still going on: a line that nobody runs any more could never settle it.
func TestALineIsNotRemovedUnderAnOpenAttempt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		f := w.claim("c", 1).Flights[0]
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		inUse := func() {
			t.Helper()
			if err := w.RemoveLine(w.ctx, "ws", "line", *w.now); fault.CodeOf(err) != "line_in_use" {
				t.Fatalf("removed: %v", err)
			}
		}
		inUse()
		w.must(w.DeleteCampaign(w.ctx, "ws", "c", *w.now))
		inUse()
		w.settle(channel.Completed, f)
		w.must(w.RemoveLine(w.ctx, "ws", "line", *w.now))
	})
}
