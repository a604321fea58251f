package store_test

import (
	"slices"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
)

// TestSlicesAndWhoWasReached: attempts are counted by the quarter of an hour in which they were placed, though they end
// later and are mended later still; and whoever was reached is counted once, however often they were.
func TestSlicesAndWhoWasReached(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 3)
		first := w.claim("c", 3).Flights
		*w.now = w.now.Add(20 * time.Minute)
		w.settle(channel.Sent, first[0])
		w.settle(channel.Deferred, first[1])
		w.settle(channel.Unknown, first[2])
		hold := func(reached int64, want ...campaign.Slice) {
			t.Helper()
			got, err := w.Slices(w.ctx, "ws", "c", time.Time{})
			w.must(err)
			if !slices.Equal(got, want) {
				t.Errorf("slices %+v, want %+v", got, want)
			}
			if n := w.counts("c").Reached; n != reached {
				t.Errorf("%d reached, want %d", n, reached)
			}
		}
		at := noon
		hold(1, campaign.Slice{At: at, Attempts: 3, FirstTurns: 3, Answered: 1, Technical: 1, Talk: 3 * time.Second})

		// The second attempt of two of them, long after; then what became of the unknown one, who had been reached both times.
		*w.now = w.now.Add(24 * time.Hour)
		w.hold = w.take(w.join("second"))
		second := w.claim("c", 3).Flights
		if len(second) != 2 {
			t.Fatalf("%d again", len(second))
		}
		w.settle(channel.Sent, second...)
		later := campaign.Slice{At: campaign.SliceOf(*w.now), Attempts: 2, Answered: 2, Talk: 2 * time.Second}
		hold(3, campaign.Slice{At: at, Attempts: 3, FirstTurns: 3, Answered: 1, Technical: 1, Talk: 3 * time.Second}, later)
		w.settle(channel.Sent, first[2])
		hold(3, campaign.Slice{At: at, Attempts: 3, FirstTurns: 3, Answered: 2, Talk: 4 * time.Second}, later)

		if got, err := w.Slices(w.ctx, "ws", "c", at.Add(time.Minute)); err != nil || len(got) != 1 {
			t.Errorf("from a minute later %+v, %v", got, err)
		}
		if _, err := w.Slices(w.ctx, "other", "c", time.Time{}); err == nil {
			t.Error("another workspace reads them")
		}
	})
}

// TestGoalsOfPeople: whoever reached the goal is counted once, also when it is learnt late that they had before.
func TestGoalsOfPeople(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		settle := func(code channel.Code, goal bool, f dispatch.Flight) {
			t.Helper()
			c := w.closing(code, f)
			c.Outcome.Goal = goal
			_, err := w.Settle(w.ctx, []dispatch.Closing{c})
			w.must(err)
		}
		hold := func(reached, converted, goals int64) {
			t.Helper()
			if n := w.counts("c"); n.Reached != reached || n.Converted != converted || n.Goals != goals {
				t.Errorf("%d reached, %d converted, %d goals; want %d, %d, %d", n.Reached, n.Converted, n.Goals, reached, converted, goals)
			}
		}
		first := w.claim("c", 2).Flights
		settle(channel.Unknown, false, first[0])
		settle(channel.Deferred, false, first[1])
		*w.now = w.now.Add(24 * time.Hour)
		w.hold = w.take(w.join("second"))
		second := w.claim("c", 2).Flights
		settle(channel.Sent, true, second[0])
		settle(channel.Sent, false, second[1])
		hold(2, 1, 1)
		settle(channel.Sent, true, first[0])
		hold(2, 1, 2)
	})
}
