package schedule

import (
	"math"
	"time"
)

// Horizon is how far ahead NextOpen and CloseAt look.
const Horizon = 400 * 24 * time.Hour

// Open reports whether people may be contacted at t, by the clock on the wall in the zone. It does not allocate.
func (w *Window) Open(t time.Time, zone *time.Location) bool {
	_, offset := t.In(zone).Zone()
	local := t.Unix() + int64(offset)
	day := dayOf(local)
	return w.allows(Date(day), Minute((local-day*secondsPerDay)/60))
}

// NextOpen is the first instant at or after t when the window is open: t itself if it is open. false when it does not
// open within Horizon.
func (w *Window) NextOpen(t time.Time, zone *time.Location) (time.Time, bool) {
	return w.next(t, t.Add(Horizon), zone, true)
}

// CloseAt is the end of the opening that t is in: the first instant at or after t when the window is not open, which is
// t itself if it is closed. false when it does not close within Horizon.
func (w *Window) CloseAt(t time.Time, zone *time.Location) (time.Time, bool) {
	return w.next(t, t.Add(Horizon), zone, false)
}

// OpenTime is how much of the time from one instant to another the window is open. Zero when to is not after from.
func (w *Window) OpenTime(from, to time.Time, zone *time.Location) time.Duration {
	var sum time.Duration
	for from.Before(to) {
		start, ok := w.next(from, to, zone, true)
		if !ok {
			break
		}
		end, ok := w.next(start, to, zone, false)
		if !ok {
			end = to
		}
		sum += end.Sub(start)
		from = end
	}
	return sum
}

// OpenMinutes is OpenTime in whole minutes, rounded down.
func (w *Window) OpenMinutes(from, to time.Time, zone *time.Location) int {
	return int(w.OpenTime(from, to, zone) / time.Minute)
}

// Advance is the instant by which the window has been open for d since from: when work that takes d of open time
// ends. It is from itself when d is not positive. false when the window stays closed for Horizon on the way, or d is
// more than ten years.
func (w *Window) Advance(from time.Time, d time.Duration, zone *time.Location) (time.Time, bool) {
	const most = 10 * 365 * 24 * time.Hour
	if d <= 0 || d > most {
		return from, d <= 0
	}
	for {
		start, ok := w.NextOpen(from, zone)
		if !ok {
			return time.Time{}, false
		}
		end, ok := w.CloseAt(start, zone)
		if !ok { // open for longer than anybody plans
			return start.Add(d), true
		}
		if open := end.Sub(start); open < d {
			d -= open
			from = end
			continue
		}
		return start.Add(d), true
	}
}

// next is the first instant at or after t, and before limit, at which being open equals want.
func (w *Window) next(t, limit time.Time, zone *time.Location, want bool) (time.Time, bool) {
	if !t.Before(limit) {
		return time.Time{}, false
	}
	if w.Open(t, zone) == want {
		return t, true
	}
	last := limit.Unix()
	if limit.Nanosecond() > 0 {
		last++ // a turn at the start of the second that the limit is in comes before the limit
	}
	for sec := t.Unix(); sec < last; {
		// Within one offset the wall clock runs evenly: search there, then go on with the next offset.
		offset, end := steady(sec, zone)
		end = min(end, last)
		if found, ok := w.turn(sec+offset, end+offset, want); ok {
			return time.Unix(found-offset, 0).In(t.Location()), true
		}
		sec = end
	}
	return time.Time{}, false
}

// steady is the zone's offset at sec, and a later second until which it stays the same.
func steady(sec int64, zone *time.Location) (offset, until int64) {
	at := time.Unix(sec, 0).In(zone)
	_, o := at.Zone()
	_, change := at.ZoneBounds()
	switch {
	case change.IsZero():
		until = math.MaxInt64
	case change.Unix() > sec:
		until = change.Unix()
	default:
		// Under a rule for all years to come, package time says on the last day of a leap year that the offset ended
		// the day before. Rules change offsets only at quarters of an hour.
		const quarter = 15 * 60
		until = sec - sec%quarter + quarter
	}
	return int64(o), until
}

// turn is next on an even clock: seconds of local time since 1970-01-01 00:00, from inclusive, to exclusive.
func (w *Window) turn(from, to int64, want bool) (int64, bool) {
	for day := dayOf(from); day*secondsPerDay < to; day++ {
		midnight := day * secondsPerDay
		pos := max(from, midnight)
		var found int64
		if want {
			found = w.opens(Date(day), pos-midnight)
		} else {
			found = w.closes(Date(day), pos-midnight)
		}
		if found < secondsPerDay {
			return midnight + found, midnight+found < to
		}
	}
	return 0, false
}

// opens is the first second of the date, at or after sec, that is inside; secondsPerDay when none is.
func (w *Window) opens(d Date, sec int64) int64 {
	if w.closed(d) {
		return secondsPerDay
	}
	first := int64(secondsPerDay)
	for _, iv := range w.of(d) {
		if sec < int64(iv.To)*60 {
			first = min(first, max(sec, int64(iv.From)*60))
		}
	}
	return first
}

// closes is the first second of the date, at or after sec, that is outside; secondsPerDay when none is. Intervals that
// touch are one opening, in whatever order they are written.
func (w *Window) closes(d Date, sec int64) int64 {
	if w.closed(d) {
		return sec
	}
	for moved := true; moved; {
		moved = false
		for _, iv := range w.of(d) {
			if int64(iv.From)*60 <= sec && sec < int64(iv.To)*60 {
				sec, moved = int64(iv.To)*60, true
			}
		}
	}
	return sec
}

// allows reports whether a minute of a date is inside.
func (w *Window) allows(d Date, m Minute) bool {
	for _, iv := range w.of(d) {
		if iv.From <= m && m < iv.To {
			return !w.closed(d)
		}
	}
	return false
}

// allDay is what an empty week has every day. It is only read.
var allDay = []Interval{{0, EndOfDay}}

func (w *Window) of(d Date) []Interval {
	if intervals := w.Days[d.Weekday()]; len(intervals) > 0 {
		return intervals
	}
	if w.Days.Empty() {
		return allDay
	}
	return nil
}

// closed reports whether the whole date is shut by a holiday or a blackout.
func (w *Window) closed(d Date) bool {
	for _, s := range w.Blackout {
		if s.has(d) {
			return true
		}
	}
	for _, c := range w.Holidays {
		if c.Has(d) {
			return true
		}
	}
	return false
}

// Cause says why a window is closed at an instant.
type Cause string

// The causes. Open means that it is not closed.
const (
	CauseOpen     Cause = "open"
	CauseHours    Cause = "hours"    // outside the intervals of the day, or the day has none
	CauseHoliday  Cause = "holiday"  // a holiday of one of the calendars
	CauseBlackout Cause = "blackout" // one of the window's own dates
)

// Closure is why a window is closed, for people who ask what a campaign waits for.
type Closure struct {
	Cause    Cause
	Date     Date     // the date by the clock on the wall
	Calendar Calendar // for CauseHoliday
	Holiday  string   // for CauseHoliday: its name in the country's language
}

// Why says why the window is open or closed at t. A holiday is named even when the hour would not be allowed either.
func (w *Window) Why(t time.Time, zone *time.Location) Closure {
	_, offset := t.In(zone).Zone()
	local := t.Unix() + int64(offset)
	c := Closure{Cause: CauseHours, Date: Date(dayOf(local))}
	for _, s := range w.Blackout {
		if s.has(c.Date) {
			c.Cause = CauseBlackout
			return c
		}
	}
	for _, cal := range w.Holidays {
		if cal.Has(c.Date) {
			c.Cause, c.Calendar, c.Holiday = CauseHoliday, cal, cal.Name(c.Date)
			return c
		}
	}
	if w.Open(t, zone) {
		c.Cause = CauseOpen
	}
	return c
}
