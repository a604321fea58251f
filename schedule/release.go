package schedule

import (
	"time"

	"campanario/internal/fault"
)

// Release lets a campaign's recipients go in steps: "20 % every 30 minutes". The first step goes at once. The zero
// Release holds nobody back.
type Release struct {
	Percent int `json:"percent" yaml:"percent,omitempty" doc:"Part of all recipients let go in each step, 1 to 100"`
	Every   int `json:"every_minutes" yaml:"every_minutes,omitempty" doc:"Minutes between steps, 1 to 1440"`
}

// Bounds of Release.
const (
	maxReleaseEvery = 24 * 60
)

// Set reports whether anything is held back at all.
func (r Release) Set() bool { return r != Release{} }

// Validate refuses steps that cannot be; the zero Release is right.
func (r Release) Validate() error {
	var bad fault.List
	if !r.Set() {
		return nil
	}
	if r.Percent < 1 || r.Percent > 100 {
		bad = append(bad, invalid("out_of_range", fault.Params{"min": 1, "max": 100, "got": r.Percent}).At("percent"))
	}
	if r.Every < 1 || r.Every > maxReleaseEvery {
		bad = append(bad, invalid("out_of_range", fault.Params{"min": 1, "max": maxReleaseEvery, "got": r.Every}).At("every_minutes"))
	}
	return bad.Err()
}

// Allowed is how many of n recipients may have been started when the release has been running for elapsed. Steps are
// rounded up, so that a small campaign starts at all. elapsed should count open time only (Window.OpenTime): by the
// wall clock a whole campaign would be let go overnight.
func (r Release) Allowed(n int, elapsed time.Duration) int {
	if !r.Set() {
		return n
	}
	if elapsed < 0 || n <= 0 {
		return 0
	}
	percent := r.steps(elapsed) * int64(r.Percent)
	if percent >= 100 {
		return n
	}
	return int((int64(n)*percent + 99) / 100)
}

// NextStep is the elapsed time at which more recipients are let go; false when all have been.
func (r Release) NextStep(elapsed time.Duration) (time.Duration, bool) {
	if !r.Set() {
		return 0, false
	}
	if elapsed < 0 {
		return 0, true
	}
	steps := r.steps(elapsed)
	if steps*int64(r.Percent) >= 100 {
		return 0, false
	}
	return time.Duration(steps) * r.interval(), true
}

// steps is how many have been taken by elapsed, the one at zero included.
func (r Release) steps(elapsed time.Duration) int64 {
	return int64(elapsed/r.interval()) + 1
}

func (r Release) interval() time.Duration { return time.Duration(max(r.Every, 1)) * time.Minute }
