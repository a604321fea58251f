package schedule

import (
	"time"

	"campanario/internal/fault"
)

// Recurrence is a rule of RFC 5545 that says at which times something begins anew. Its zero value never does.
//
// Occurrences are reckoned on the clock on the wall of its zone and only then turned into instants, so that "every day
// at 09:00" stays at 09:00 when the clocks change; a time that the clocks skip moves forward by the length of the gap,
// one that comes twice is its first (RFC 5545 section 3.3.5).
//
// The reckoning is our own and not that of teambition/rrule-go, which the tests compare it with: that library goes on
// to the year 9999 for a rule that never occurs (30 February), and for ever for FREQ=HOURLY;INTERVAL=24;BYHOUR=9 from
// eight o'clock.
type Recurrence struct {
	text    string
	pattern pattern
	zone    *time.Location
	start   time.Time
}

// recurrenceYears is how far a rule is followed when it gives nothing: 29 February is eight years away around 2100.
const recurrenceYears = 9

// ParseRecurrence reads the value of an RRULE ("FREQ=WEEKLY;BYDAY=MO,WE"), with or without "RRULE:" before it. start is
// its DTSTART, and zone the wall it hangs on: the time of day comes from there unless BYHOUR or BYMINUTE give it.
//
// Refused are: what RFC 5545 does not know, a part written twice, values out of their range, rules that can occur more
// often than once an hour (SECONDLY, MINUTELY, several BYMINUTE, BYSECOND), steps of more than five years, and rules
// that never occur.
func ParseRecurrence(rule string, start time.Time, zone *time.Location) (Recurrence, error) {
	text, p, bad := parseRule(rule)
	if len(bad) > 0 {
		return Recurrence{}, bad.Err()
	}
	p.begin(wallSeconds(start, zone))
	if p.until != nil {
		p.last = p.until(zone)
		if p.last < p.first {
			return Recurrence{}, invalid("rule_ended", fault.Params{"part": "UNTIL"})
		}
	}
	r := Recurrence{text: text, pattern: p, zone: zone, start: start}
	if _, ok := r.Next(start.Add(-time.Second)); !ok {
		return Recurrence{}, invalid("rule_never", fault.Params{"years": recurrenceYears})
	}
	return r, nil
}

// String is the rule in capitals, without DTSTART.
func (r Recurrence) String() string { return r.text }

// Start is the rule's DTSTART. It is an occurrence only if the rule says so.
func (r Recurrence) Start() time.Time { return r.start }

// Next is the first occurrence after the instant; false when the rule has ended, or gives nothing for nine years. A rule
// with COUNT is reckoned from its start each time. It is safe for concurrent use.
func (r Recurrence) Next(after time.Time) (time.Time, bool) {
	if r.zone == nil {
		return time.Time{}, false
	}
	from := wallSeconds(after, r.zone)
	// Two days of room: no gap is longer.
	for wall := range r.pattern.from(from-2*secondsPerDay, from+recurrenceYears*366*secondsPerDay) {
		if t, _ := wallTime(time.Unix(wall, 0), r.zone); t.After(after) {
			return t, true
		}
	}
	return time.Time{}, false
}

// wallSeconds is what a clock on the wall of the zone shows at t, in seconds since it showed 1970-01-01 00:00.
func wallSeconds(t time.Time, zone *time.Location) int64 { return t.Unix() + offsetAt(t.Unix(), zone) }
