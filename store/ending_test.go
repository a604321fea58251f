package store_test

import (
	"testing"

	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/store"
)

func (w *world) cancelAndDelete(id string) {
	w.t.Helper()
	w.must(w.Move(w.ctx, "ws", id, campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
	w.must(w.DeleteCampaign(w.ctx, "ws", id, *w.now))
	for range 20 {
		_, err := w.Purge(w.ctx, 100)
		w.must(err)
	}
}

func (w *world) suppressed(a channel.Address) bool {
	w.t.Helper()
	n, err := w.SuppressNew(w.ctx, "ws", []store.Suppression{{Address: a, Channel: channel.Email, Reason: "opted_out", Source: "test"}}, *w.now)
	w.must(err)
	return n == 0
}

// Somebody cancels a campaign and deletes it while a call of it is going on, and the person says stop.
func TestWhoSaysStopIsHeardWhenTheCampaignIsBeingDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		flights := w.claim("c", 2).Flights
		w.cancelAndDelete("c")
		w.settle(channel.OptedOut, flights[0])
		w.settle(channel.Completed, flights[1])
		if !w.suppressed(flights[0].Candidate.Addresses[0]) {
			t.Error("who said stop is not on the list")
		}
		for range 20 {
			_, err := w.Purge(w.ctx, 100)
			w.must(err)
		}
		if more, err := w.Purge(w.ctx, 100); err != nil || more {
			t.Errorf("the campaign is still being removed: %v, %v", more, err)
		}
		w.must(w.Advance(w.ctx, []dispatch.Advance{{Token: 1, Campaign: "c", Number: flights[0].Number, Stage: channel.StageAnswered, At: *w.now}}))
	})
}

// The node that seemed dead comes back with an outcome when the campaign has long been removed.
func TestWhoSaidStopIsHeardAfterTheCampaignIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		flights := w.claim("c", 1).Flights
		w.settle(channel.Unknown, flights...) // given up by another node
		w.cancelAndDelete("c")
		late := w.settle(channel.OptedOut, flights...)
		if len(late) != 1 || !w.suppressed(flights[0].Candidate.Addresses[0]) {
			t.Error("who said stop is not on the list")
		}
	})
}
