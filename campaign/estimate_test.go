package campaign_test

import (
	"math"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/schedule"
)

func weekdays(t *testing.T, hours string) schedule.Window {
	t.Helper()
	var w schedule.Window
	if err := w.UnmarshalJSON([]byte(`{"days": {"mon-fri": ["` + hours + `"]}}`)); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestEstimate: what bounds a campaign decides when it ends. Monday 23 November 2026, nine o'clock in São Paulo.
func TestEstimate(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	local := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	at := func(text string) *time.Time { v := local(text); return &v }
	once, thrice := campaign.Policy{MaxAttempts: 1}, campaign.Policy{MaxAttempts: 3, IntervalMinutes: 60}
	half := campaign.Typical{Reached: 0.5, Busy: time.Minute}
	for _, c := range []struct {
		name     string
		now      string
		people   int64
		d        campaign.Definition
		line     channel.Limits
		share    float64
		begins   string
		ends     string // empty: out of sight
		attempts int64
		bound    campaign.Bound
		fits     float64
	}{
		{"calls at once", "2026-11-23 09:00", 600, campaign.Definition{Retry: once}, channel.Limits{Concurrent: 10}, 1, "2026-11-23 09:00", "2026-11-23 10:01", 600, campaign.ByConcurrent, 1},
		{"half of the line", "2026-11-23 09:00", 600, campaign.Definition{Retry: once}, channel.Limits{Concurrent: 10}, 0.5, "2026-11-23 09:00", "2026-11-23 11:01", 600, campaign.ByConcurrent, 1},
		{"its own bound is tighter", "2026-11-23 09:00", 600, campaign.Definition{Retry: once, Pace: channel.Limits{PerSecond: 0.1}}, channel.Limits{Concurrent: 100, PerSecond: 5}, 1, "2026-11-23 09:00", "2026-11-23 10:41", 600, campaign.ByPerSecond, 1},
		{"retries wait", "2026-11-23 09:00", 8, campaign.Definition{Retry: thrice}, channel.Limits{Concurrent: 8}, 1, "2026-11-23 09:00", "2026-11-23 11:02", 14, campaign.ByInterval, 1},
		{"retries that grow apart", "2026-11-23 09:00", 8, campaign.Definition{Retry: campaign.Policy{MaxAttempts: 3, IntervalMinutes: 60, Backoff: 2}}, channel.Limits{Concurrent: 8}, 1, "2026-11-23 09:00", "2026-11-23 12:02", 14, campaign.ByInterval, 1},
		{"the night between", "2026-11-23 17:00", 1200, campaign.Definition{Retry: once, Window: weekdays(t, "09:00-18:00")}, channel.Limits{Concurrent: 10}, 1, "2026-11-23 17:00", "2026-11-24 10:01", 1200, campaign.ByConcurrent, 1},
		{"over the weekend", "2026-11-27 20:00", 600, campaign.Definition{Retry: once, Window: weekdays(t, "09:00-18:00")}, channel.Limits{Concurrent: 10}, 1, "2026-11-30 09:00", "2026-11-30 10:01", 600, campaign.ByConcurrent, 1},
		{"a day's bound", "2026-11-23 09:00", 250, campaign.Definition{Retry: once, Window: weekdays(t, "09:00-18:00")}, channel.Limits{Concurrent: 10, PerDay: 100}, 1, "2026-11-23 09:00", "2026-11-25 09:06", 250, campaign.ByPerDay, 1},
		{"a day's bound that is not met", "2026-11-23 09:00", 100, campaign.Definition{Retry: once}, channel.Limits{Concurrent: 10, PerDay: 100}, 1, "2026-11-23 09:00", "2026-11-23 09:11", 100, campaign.ByConcurrent, 1},
		{"in steps", "2026-11-23 09:00", 100, campaign.Definition{Retry: once, Release: schedule.Release{Percent: 20, Every: 30}}, channel.Limits{Concurrent: 100}, 1, "2026-11-23 09:00", "2026-11-23 11:01", 100, campaign.ByRelease, 1},
		{"later", "2026-11-23 09:00", 10, campaign.Definition{Retry: once, StartsAt: at("2026-11-24 08:00"), Window: weekdays(t, "09:00-18:00")}, channel.Limits{Concurrent: 10}, 1, "2026-11-24 09:00", "2026-11-24 09:02", 10, campaign.ByConcurrent, 1},
		{"more than fits", "2026-11-23 09:00", 1200, campaign.Definition{Retry: once, EndsAt: at("2026-11-23 10:00")}, channel.Limits{Concurrent: 10}, 1, "2026-11-23 09:00", "2026-11-23 11:01", 1200, campaign.ByConcurrent, 0.5},
		{"without any bound", "2026-11-23 09:00", 500 * 60, campaign.Definition{Retry: once}, channel.Limits{}, 1, "2026-11-23 09:00", "2026-11-23 09:02", 30000, campaign.ByPerSecond, 1},
		{"years", "2026-11-23 09:00", math.MaxInt32, campaign.Definition{Retry: once}, channel.Limits{Concurrent: 1, PerDay: 10}, 1, "2026-11-23 09:00", "", math.MaxInt32, campaign.ByPerDay, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ok := c.d.Estimate(local(c.now), campaign.Workload{People: c.people, Line: c.line, Share: c.share, Typical: half, Clock: zone})
			if !ok {
				t.Fatal("nothing is said")
			}
			written := func(at time.Time) string {
				if at.IsZero() {
					return ""
				}
				return at.In(zone).Round(time.Minute).Format("2006-01-02 15:04")
			}
			if got := written(e.Begins); got != c.begins {
				t.Errorf("begins %s, want %s", got, c.begins)
			}
			if got := written(e.Ends); got != c.ends {
				t.Errorf("ends %s, want %s", got, c.ends)
			}
			if e.Attempts != c.attempts || e.Bound != c.bound || math.Abs(e.Fits-c.fits) > 0.01 {
				t.Errorf("%+v, want %d attempts bound by %s of which %v fit", e, c.attempts, c.bound, c.fits)
			}
		})
	}
	d := campaign.Definition{Retry: once}
	if _, ok := d.Estimate(local("2026-11-23 09:00"), campaign.Workload{Clock: zone}); ok {
		t.Error("an estimate of nobody")
	}
}

// TestTypical: what was measured holds once it is enough.
func TestTypical(t *testing.T) {
	few := campaign.Slice{Attempts: 150, Answered: 150}
	if got := campaign.TypicalOf(channel.Voice, few); got.Measured || got.Reached != 0.45 || got.Busy != 79*time.Second {
		t.Errorf("of a few %+v", got)
	}
	many := campaign.Slice{Attempts: 1100, Faults: 100, Answered: 300, Talk: 10 * time.Hour}
	if got := campaign.TypicalOf(channel.Voice, many); !got.Measured || got.Reached != 0.3 || got.Busy != 61*time.Second {
		t.Errorf("of many %+v", got)
	}
	if got := campaign.TypicalOf(channel.Email, many); !got.Measured || got.Busy != time.Second {
		t.Errorf("of messages %+v", got)
	}
}
