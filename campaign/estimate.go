package campaign

import (
	"math"
	"time"

	"campanario/channel"
	"campanario/schedule"
)

// Typical is how attempts on a channel usually go.
type Typical struct {
	Reached  float64       // how many of them reach the person, 0 to 1
	Busy     time.Duration // how long one occupies its line
	Measured bool          // by the workspace's own attempts; else by what is usual
}

// What is usual where nothing was measured: T's middle of the healthy range, calls of two minutes, and half a minute until
// somebody answers, or nobody does; messages are taken at once.
const (
	usualAnswer  = 0.45
	usualTaken   = 0.97
	usualTalk    = 2 * time.Minute
	usualRing    = 25 * time.Second
	usualHanding = time.Second

	// TypicalFor is how far back attempts tell how those to come will go, and typicalLeast how many there must be.
	TypicalFor   = 30 * 24 * time.Hour
	typicalLeast = 200
)

// TypicalOf tells how attempts on a channel go, by those of late.
func TypicalOf(kind channel.Kind, late Slice) Typical {
	t := Typical{Reached: usualTaken, Busy: usualHanding}
	if kind == channel.Voice {
		t = Typical{Reached: usualAnswer, Busy: usualRing + time.Duration(usualAnswer*float64(usualTalk))}
	}
	n := late.Carried()
	if n < typicalLeast {
		return t
	}
	t.Reached, t.Measured = float64(late.Answered)/float64(n), true
	if kind == channel.Voice {
		t.Busy = usualRing + late.Talk/time.Duration(n)
	}
	return t
}

// Workload is what an estimate is made of, beside the campaign itself.
type Workload struct {
	People  int64          // who are to have their first turn
	Line    channel.Limits // of the line
	Share   float64        // the campaign's part of the line, above 0 to 1
	Typical Typical
	Clock   *time.Location // on which the window is read
}

// Bound says what keeps a campaign from being done sooner.
type Bound string

// The bounds.
const (
	ByConcurrent Bound = "concurrent" // attempts at once
	ByPerSecond  Bound = "per_second"
	ByPerDay     Bound = "per_day"
	ByInterval   Bound = "interval" // the time between attempts
	ByRelease    Bound = "release"
)

// Estimate is how a campaign is expected to go, once through.
type Estimate struct {
	Begins   time.Time
	Ends     time.Time     // zero when it is more than a year away
	Attempts int64         // those that are to be expected, retries included
	Work     time.Duration // of open window that they take, without waiting between attempts
	Bound    Bound
	Fits     float64 // how much of the work fits in before the campaign's end date, 0 to 1; 1 without one
}

// fastest is how many attempts a second are made where nothing bounds them.
const fastest = 500

// pace is how many attempts a second the campaign makes while its window is open, and how many a day; 0 a day is no bound.
func (d *Definition) pace(w *Workload) (rate, day float64, by Bound) {
	share := w.Share
	if share <= 0 || share > 1 {
		share = 1
	}
	least := func(ofLine, own float64) float64 {
		ofLine *= share
		if ofLine <= 0 || own > 0 && own < ofLine {
			return own
		}
		return ofLine
	}
	rate, by = fastest, ByPerSecond
	if r := least(w.Line.PerSecond, d.Pace.PerSecond); r > 0 && r < rate {
		rate = r
	}
	if n := least(float64(w.Line.Concurrent), float64(d.Pace.Concurrent)); n > 0 && w.Typical.Busy > 0 && n/w.Typical.Busy.Seconds() < rate {
		rate, by = n/w.Typical.Busy.Seconds(), ByConcurrent
	}
	return rate, least(float64(w.Line.PerDay), float64(d.Pace.PerDay)), by
}

// expected is how many attempts there will be when so many people are tried, and how many are left at each round.
func (d *Definition) expected(people int64, reached float64) (attempts float64, rounds []float64) {
	left := float64(people)
	for range max(d.Retry.MaxAttempts, 1) {
		if left < 0.5 {
			break
		}
		rounds = append(rounds, left)
		attempts += left
		left *= 1 - reached
	}
	return attempts, rounds
}

// Estimate tells how the campaign is expected to go when it is started at now. false when nothing can be said: nobody is in
// it, or its window does not open.
//
// It is the longest of three: all attempts at the pace that the limits allow, the retries of those who come last, and the
// last step of the release. Exclusions, limits and hours of the law and other addresses of people are not in it.
func (d *Definition) Estimate(now time.Time, w Workload) (Estimate, bool) {
	from := now
	if d.StartsAt != nil && d.StartsAt.After(from) {
		from = *d.StartsAt
	}
	begins, ok := d.Window.NextOpen(from, w.Clock)
	if !ok || w.People <= 0 {
		return Estimate{}, false
	}
	rate, day, by := d.pace(&w)
	attempts, rounds := d.expected(w.People, w.Typical.Reached)
	e := Estimate{Begins: begins, Attempts: int64(math.Round(attempts)), Bound: by, Work: seconds(attempts / rate), Fits: 1}
	s := stretch{d: d, clock: w.Clock, rate: rate, day: day}
	e.Ends, ok = s.after(begins, attempts)
	if s.capped {
		e.Bound = ByPerDay
	}
	later := func(t time.Time, found bool, by Bound) {
		if ok = ok && found; ok && t.After(e.Ends) {
			e.Ends, e.Bound = t, by
		}
	}
	last, found := s.after(begins, float64(w.People))
	for i := range rounds[1:] {
		if found {
			wait := time.Duration(math.Pow(max(d.Retry.Backoff, 1), float64(i)) * float64(d.Retry.IntervalMinutes) * float64(time.Minute))
			last, found = d.Window.NextOpen(last.Add(wait), w.Clock)
		}
	}
	later(last, found, ByInterval)
	if d.Release.Set() {
		steps := (99 / d.Release.Percent)
		last, found = d.Window.Advance(begins, time.Duration(steps*d.Release.Every)*time.Minute, w.Clock)
		later(last, found, ByRelease)
	}
	e.Ends = e.Ends.Add(w.Typical.Busy)
	if !ok {
		e.Ends = time.Time{}
	}
	if d.EndsAt != nil && (!ok || e.Ends.After(*d.EndsAt)) {
		open := d.Window.OpenTime(begins, *d.EndsAt, w.Clock)
		e.Fits = min(1, open.Seconds()*rate/attempts)
	}
	return e, true
}

func seconds(n float64) time.Duration {
	return time.Duration(min(n, float64(schedule.Horizon/time.Second)*100) * float64(time.Second))
}

// stretch makes attempts at a rate while a window is open, so many a day at most.
type stretch struct {
	d         *Definition
	clock     *time.Location
	rate, day float64
	capped    bool // a day's bound has been met
}

// after is when so many attempts have been made since from; false when that is too far away.
func (s *stretch) after(from time.Time, attempts float64) (time.Time, bool) {
	for limit := from.Add(schedule.Horizon); s.day > 0; {
		y, m, d := from.In(s.clock).Date()
		midnight := time.Date(y, m, d+1, 0, 0, 0, 0, s.clock)
		fit := s.d.Window.OpenTime(from, midnight, s.clock).Seconds() * s.rate
		s.capped = s.capped || fit > s.day && attempts > s.day
		if fit = min(fit, s.day); attempts <= fit {
			break
		}
		attempts -= fit
		var ok bool
		if from, ok = s.d.Window.NextOpen(midnight, s.clock); !ok || !from.Before(limit) {
			return time.Time{}, false
		}
	}
	return s.d.Window.Advance(from, seconds(attempts/s.rate), s.clock)
}
