package sim_test

import (
	"sync/atomic"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/sim"
)

func TestTheDailyLimitOfACampaign(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50}, answered, func(w *town) {
		id := w.campaign(50, func(d *campaign.Definition) { d.Pace.PerDay = 30 })
		other := w.campaign(50, nil)
		w.start(id)
		<-time.After(30 * time.Minute)
		w.move()
		w.start(other)
		<-time.After(30 * time.Minute)
		if n := len(w.starts(id)); n != 30 {
			t.Errorf("%d calls on the first day", n)
		}
		if s := w.get(other).State; s != campaign.Completed {
			t.Errorf("the line's other campaign is %s", s)
		}
		midnight := time.Date(2000, 1, 4, 2, 0, 0, 0, time.UTC)
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitOwnDay || !d.Until.Equal(midnight) {
			t.Errorf("diagnosis %+v, waiting %+v", d, d.Waiting)
		}
		w.completed(id, 24*time.Hour)
		if first := w.starts(id)[30]; first.Before(midnight) || first.Sub(midnight) > time.Second {
			t.Errorf("goes on at %v", first)
		}
	})
}

// A line that fails before anybody is disturbed does not use the day up.
func TestAttemptsThatWereNotMadeDoNotCountAgainstTheDay(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 5, PerSecond: 5}, sim.Mix{Down: 300, Talk: time.Second}, func(w *town) {
		id := w.campaign(30, func(d *campaign.Definition) { d.Pace.PerDay = 30 })
		w.start(id)
		if d := w.completed(id, 24*time.Hour); d > 10*time.Hour {
			t.Errorf("completed after %v", d)
		}
	})
}

// A claim that was answered so late that nothing of it may be begun takes nothing from the day.
func TestADayIsNotOverWhenStartsComeBackToIt(t *testing.T) {
	inTown(t, channel.Limits{PerDay: 60}, sim.Mix{Talk: time.Second}, func(w *town) {
		id := w.campaign(60, nil)
		var claims atomic.Int64
		w.proc.OnClaim(func() error {
			if claims.Add(1) == 1 {
				<-time.After(5 * time.Second)
			}
			return nil
		})
		w.start(id)
		if d := w.completed(id, 48*time.Hour); d > time.Hour {
			t.Errorf("completed after %v", d)
		}
	})
}
