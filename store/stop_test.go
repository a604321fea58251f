package store_test

import (
	"testing"

	"campanario/campaign"
	"campanario/channel"
	"campanario/store"
)

// Who said stop as Ana@ is not written to as ana@.
func TestStopHoldsHoweverTheMailboxIsWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 0)
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{
			newcomer("ana@example.com"), newcomer("BIA@example.com"), newcomer("caio@example.com", "Ána.2@example.com"), newcomer("davi@example.com"),
		}, campaign.Progress{}, *w.now)
		w.must(err)
		n, err := w.SuppressNew(w.ctx, "ws", []store.Suppression{
			{Address: "Ana@example.com", Channel: channel.Email}, {Address: "bia@example.com"}, {Address: "ána.2@example.com"}, {Address: "ANA@example.com", Channel: channel.Email},
		}, *w.now)
		w.must(err)
		if n != 3 {
			t.Errorf("%d are new, want 3", n)
		}
		var barred []uint32
		for _, f := range w.claim("c", 10).Flights {
			barred = append(barred, f.Candidate.Barred)
		}
		if len(barred) != 4 || barred[0] != 1 || barred[1] != 1 || barred[2] != 2 || barred[3] != 0 {
			t.Errorf("barred: %v, want the first, the first, the second address and none", barred)
		}
		w.must(w.Unsuppress(w.ctx, "ws", "ANA@EXAMPLE.COM", channel.Email))
	})
}

// What is looked at before a campaign starts are those still to come, also when most have been.
func TestASampleIsOfThoseStillToCome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 10)
		w.claim("c", 7)
		got, err := w.Sample(w.ctx, "ws", "c", 2)
		w.must(err)
		if len(got) != 2 || got[0].Addresses[0] != "p7@example.com" {
			t.Errorf("%+v", got)
		}
		if _, err := w.Sample(w.ctx, "other", "c", 2); err == nil {
			t.Error("another workspace's campaign was looked into")
		}
	})
}
