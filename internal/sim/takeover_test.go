package sim_test

import (
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/sim"
)

// move gives the line to another process, while calls are going on.
func (w *town) move() {
	w.t.Helper()
	next, err := w.Boot(w.ctx)
	w.must(err)
	<-time.After(time.Second)
	w.must(w.Shut(w.proc, 10*time.Minute))
	w.proc = next
}

// within are the most of the campaign's calls that were open at once, and the most that began within a second.
func (w *town) within(id string) (open, began int) {
	var seen []sim.Seen
	for _, s := range w.World.Seen() {
		if c, _, _, _ := campaign.ParseAttemptID(s.Attempt); c == id {
			seen = append(seen, s)
		}
	}
	for _, s := range seen {
		n, k := 0, 0
		for _, o := range seen {
			if !o.Start.After(s.Start) && (o.End.IsZero() || o.End.After(s.Start)) {
				n++
			}
			if d := s.Start.Sub(o.Start); d >= 0 && d < time.Second {
				k++
			}
		}
		open, began = max(open, n), max(began, k)
	}
	return open, began
}

func TestACampaignsOwnLimitsHoldWhenItsLineMoves(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 100, PerSecond: 50}, sim.Mix{Talk: 5 * time.Minute}, func(w *town) {
		id := w.campaign(60, func(d *campaign.Definition) { d.Pace = channel.Limits{Concurrent: 5, PerSecond: 2} })
		w.start(id)
		for range 4 {
			<-time.After(20 * time.Second)
			w.move()
		}
		w.completed(id, 2*time.Hour)
		if open, began := w.within(id); open > 5 || began > 2 {
			t.Errorf("%d calls at once and %d starts in a second; 5 and 2 are allowed", open, began)
		}
	})
}

func TestACampaignsOwnLimitsHoldWhenAProcessDies(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 100, PerSecond: 50}, sim.Mix{Talk: 5 * time.Minute}, func(w *town) {
		id := w.campaign(60, func(d *campaign.Definition) { d.Pace = channel.Limits{Concurrent: 5, PerSecond: 2} })
		w.start(id)
		for range 3 {
			<-time.After(20 * time.Second)
			w.Kill(w.proc, 1)
			next, err := w.Boot(w.ctx)
			w.must(err)
			w.proc = next
		}
		w.completed(id, 24*time.Hour)
		if open, began := w.within(id); open > 5 || began > 2 {
			t.Errorf("%d calls at once and %d starts in a second; 5 and 2 are allowed", open, began)
		}
	})
}

func TestACampaignsRateHoldsThroughAStormOfPauses(t *testing.T) {
	inTown(t, channel.Limits{}, sim.Mix{Talk: time.Millisecond}, func(w *town) {
		id := w.campaign(200, func(d *campaign.Definition) { d.Pace = channel.Limits{PerSecond: 1} })
		w.start(id)
		for range 100 {
			<-time.After(30 * time.Millisecond)
			_, err := w.Service.Pause(w.ctx, w.Workspace, id)
			w.must(err)
			<-time.After(time.Millisecond)
			w.start(id)
		}
		w.completed(id, 24*time.Hour)
		if _, began := w.within(id); began > 1 {
			t.Errorf("%d starts in a second, one is allowed", began)
		}
	})
}
