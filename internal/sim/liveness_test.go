package sim_test

import (
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/sim"
)

func TestARaisedDailyLimitCountsAtOnce(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50, PerDay: 10}, answered, func(w *town) {
		id := w.campaign(30, nil)
		w.start(id)
		<-time.After(10 * time.Minute)
		l := w.Lines[0]
		l.Limits.PerDay = 30
		w.Lines[0] = l
		w.must(w.Store.ReplaceLine(w.ctx, l, nil, 1, time.Now()))
		w.Nudge()
		<-time.After(10 * time.Minute)
		if n := len(w.starts(id)); n != 30 {
			t.Errorf("%d calls, although the limit is 30 now", n)
		}
	})
}

func TestACampaignThatWasPausedBeforeItsTimeStillBeginsOnTime(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 2}, answered, func(w *town) {
		at := time.Now().Add(90 * time.Minute)
		id := w.campaign(3, func(d *campaign.Definition) { d.StartsAt = &at })
		w.start(id)
		_, err := w.Service.Pause(w.ctx, w.Workspace, id)
		w.must(err)
		w.start(id)
		w.completed(id, 3*time.Hour)
		if d := w.starts(id)[0].Sub(at); d < 0 || d > time.Second {
			t.Errorf("began %v after its time", d)
		}
	})
}

// The last call ends after the window has closed, and somebody changes something meanwhile.
func TestACampaignIsCompletedWhenItsWindowHasClosed(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 10}, sim.Mix{Talk: 20 * time.Minute}, func(w *town) {
		id := w.campaign(10, window(t, `{"days":{"mon-fri":["9:00-12:01"]}}`))
		w.start(id)
		<-time.After(2 * time.Minute)
		w.Nudge()
		if d := w.completed(id, 48*time.Hour); d > time.Hour {
			t.Errorf("completed after %v", d)
		}
	})
}

// People are added one by one, faster than the line's campaigns can be read.
func TestAFloodOfNewcomersDoesNotStopTheLine(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 10}, answered, func(w *town) {
		id := w.campaign(100, nil)
		w.proc.OnJobs(func() { <-time.After(2 * time.Millisecond); w.Nudge() })
		w.start(id)
		<-time.After(time.Minute)
		w.proc.OnJobs(nil)
		if n := len(w.starts(id)); n < 30 {
			t.Errorf("%d calls in a minute", n)
		}
	})
}

func TestLapsOfACampaignThatStaysOpen(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50}, sim.Mix{NoAnswer: 1000, Talk: time.Second}, func(w *town) {
		id := w.campaign(5, func(d *campaign.Definition) {
			d.KeepOpen = true
			d.Retry.MaxAttempts = 1
			d.Laps = &campaign.Laps{MaxPerDay: 3, MaxTotal: 2, CooldownMinutes: 45}
		})
		w.start(id)
		<-time.After(3 * time.Hour)
		if n := len(w.starts(id)); n != 10 {
			t.Errorf("%d calls in two laps of five people", n)
		}
	})
}

func slow(d time.Duration) func() error {
	return func() error {
		<-time.After(d)
		return nil
	}
}

// The database takes its time, and the window closes while it does.
func TestNobodyIsCalledByAClaimThatOutlastedTheWindow(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50}, sim.Mix{Talk: time.Second}, func(w *town) {
		id := w.campaign(1000, window(t, `{"days":{"mon-fri":["9:00-12:01"]}}`))
		w.proc.OnClaim(slow(1900 * time.Millisecond))
		w.start(id)
		<-time.After(2 * time.Minute) // what was called when is checked at the end
		if n := len(w.starts(id)); n < 100 {
			t.Errorf("%d calls in a minute", n)
		}
		w.proc.OnClaim(nil)
		w.completed(id, 48*time.Hour)
	})
}

// A line that takes people as fast as they are claimed is never full: its campaigns are looked after all the same.
func TestAnEndComesInTimeOnALineWithoutLimits(t *testing.T) {
	inTown(t, channel.Limits{}, sim.Mix{Talk: time.Millisecond}, func(w *town) {
		ends := time.Now().Add(30 * time.Second)
		id := w.campaign(8000, func(d *campaign.Definition) { d.EndsAt, d.Pace.Concurrent = &ends, 10 })
		other := w.campaign(8000, func(d *campaign.Definition) { d.Pace.Concurrent = 10 })
		w.proc.OnClaim(slow(50 * time.Millisecond))
		w.start(id)
		w.start(other)
		<-time.After(time.Minute)
		if c := w.get(id); c.State != campaign.Paused {
			t.Errorf("state %s half a minute after its end", c.State)
		}
		for _, s := range w.starts(id) {
			if s.After(ends.Add(100 * time.Millisecond)) {
				t.Fatalf("a call %v after the end", s.Sub(ends))
			}
		}
		_, err := w.Service.Cancel(w.ctx, w.Workspace, other)
		w.must(err)
	})
}

func TestSomebodyWhomAPersonWantsRetriedDoesNotWaitForTheNextLap(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50}, sim.Mix{NoAnswer: 1000, Talk: time.Second}, func(w *town) {
		id := w.campaign(5, func(d *campaign.Definition) {
			d.Retry.MaxAttempts = 1
			d.Laps = &campaign.Laps{MaxPerDay: 2, MaxTotal: 2, CooldownMinutes: 60}
		})
		w.start(id)
		<-time.After(10 * time.Minute)
		n := campaign.BandNormal.First() + 2
		_, err := w.Service.ActOne(w.ctx, w.Workspace, id, n, campaign.RetryNow, "operator")
		w.must(err)
		w.renewed = map[string]map[campaign.Number]int{id: {n: 1}}
		late := campaign.Newcomer{Band: campaign.BandNormal}
		late.Name, late.Addresses = "Caio", []channel.Address{"+5511988887777"}
		_, err = w.Service.Enrol(w.ctx, w.Workspace, id, []campaign.Newcomer{late}, campaign.Progress{})
		w.must(err)
		<-time.After(time.Minute)
		if k := len(w.starts(id)); k != 6 {
			t.Errorf("%d calls; five of the lap and one that was asked for are wanted", k)
		}
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitLap {
			t.Errorf("diagnosis %+v", d)
		}
		w.completed(id, 48*time.Hour)
		if k := len(w.starts(id)); k != 12 {
			t.Errorf("%d calls; six more of the second lap are wanted", k)
		}
	})
}
