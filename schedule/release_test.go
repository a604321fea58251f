package schedule

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRelease(t *testing.T) {
	tests := []struct {
		name    string
		r       Release
		n       int
		elapsed time.Duration
		allowed int
		next    time.Duration // negative: all are let go
	}{
		{"nothing held back", Release{}, 1000, 0, 1000, -1},
		{"the first step at once", Release{20, 30}, 1000, 0, 200, 30 * time.Minute},
		{"just before the second", Release{20, 30}, 1000, 30*time.Minute - 1, 200, 30 * time.Minute},
		{"the second", Release{20, 30}, 1000, 30 * time.Minute, 400, time.Hour},
		{"the last", Release{20, 30}, 1000, 2 * time.Hour, 1000, -1},
		{"long after", Release{20, 30}, 1000, 1000 * time.Hour, 1000, -1},
		{"not begun", Release{20, 30}, 1000, -1, 0, 0},
		{"a few", Release{20, 30}, 3, 0, 1, 30 * time.Minute},
		{"nobody", Release{20, 30}, 0, 0, 0, 30 * time.Minute},
		{"thirds", Release{33, 10}, 100, 20 * time.Minute, 99, 30 * time.Minute},
		{"the rest of thirds", Release{33, 10}, 100, 30 * time.Minute, 100, -1},
		{"all at once", Release{100, 1}, 100, 0, 100, -1},
		{"five million", Release{1, 1}, 5_000_000, 49 * time.Minute, 2_500_000, 50 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.r.Validate(); err != nil {
				t.Fatal(err)
			}
			if got := tt.r.Allowed(tt.n, tt.elapsed); got != tt.allowed {
				t.Errorf("%d allowed, want %d", got, tt.allowed)
			}
			if next, ok := tt.r.NextStep(tt.elapsed); ok != (tt.next >= 0) || ok && next != tt.next {
				t.Errorf("next step at %v (%v), want %v", next, ok, tt.next)
			}
		})
	}
}

// TestReleaseSteps holds that steps only rise, change nothing between, and let everybody go in the end.
func TestReleaseSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Release{rapid.IntRange(1, 100).Draw(t, "percent"), rapid.IntRange(1, 1440).Draw(t, "every")}
		n := rapid.IntRange(0, 5_000_000).Draw(t, "n")
		at, steps := time.Duration(0), 0
		for {
			next, ok := r.NextStep(at)
			if !ok {
				break
			}
			if next <= at || r.Allowed(n, next-1) != r.Allowed(n, at) || r.Allowed(n, next) < r.Allowed(n, at) {
				t.Fatalf("%+v of %d: step from %v to %v", r, n, at, next)
			}
			at = next
			if steps++; steps > 100 {
				t.Fatalf("%+v: more than a hundred steps", r)
			}
		}
		if r.Allowed(n, at) != n {
			t.Fatalf("%+v: %d of %d in the end", r, r.Allowed(n, at), n)
		}
	})
}

func TestReleaseIsRefused(t *testing.T) {
	tests := []struct {
		r    Release
		want []string
	}{
		{Release{0, 30}, []string{"out_of_range percent"}},
		{Release{101, 30}, []string{"out_of_range percent"}},
		{Release{-5, 1441}, []string{"out_of_range percent", "out_of_range every_minutes"}},
		{Release{20, 0}, []string{"out_of_range every_minutes"}},
	}
	for _, tt := range tests {
		if got := found(tt.r.Validate()); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.r, got, tt.want)
		}
	}
}

func TestPresets(t *testing.T) {
	tests := []struct {
		name     PresetName
		attempts int
		interval time.Duration
		open     string
	}{
		{SalesFollowUp, 3, 30 * time.Minute, `{"days":{"mon-fri":["09:00-18:00"]},"holidays":["BR"]}`},
		{Collection, 2, time.Hour, `{"days":{"mon-fri":["09:00-17:00"]},"holidays":["BR"]}`},
		{SatisfactionSurvey, 2, 2 * time.Hour, `{"days":{"mon-fri":["10:00-16:00"]},"holidays":["BR"]}`},
		{AppointmentReminder, 1, 0, `{"days":{"mon-fri":["08:00-19:00"]},"holidays":["BR"]}`},
	}
	if got := len(Presets()); got != len(tests) {
		t.Errorf("%d presets, the test knows %d", got, len(tests))
	}
	for _, tt := range tests {
		p, ok := PresetFor(tt.name, BR)
		if !ok {
			t.Fatalf("%s is missing", tt.name)
		}
		b, err := p.Window.MarshalJSON()
		if err != nil || string(b) != tt.open || p.MaxAttempts != tt.attempts || p.Interval != tt.interval {
			t.Errorf("%s: %d × %v in %s (%v)", tt.name, p.MaxAttempts, p.Interval, b, err)
		}
		if err := p.Window.Validate(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, ok := PresetFor("siesta"); ok {
		t.Error("there is a preset for a siesta")
	}
	if p, _ := PresetFor(Collection); len(p.Window.Holidays) != 0 {
		t.Errorf("holidays of no country: %v", p.Window.Holidays)
	}
}
