package schedule

import (
	"strconv"
	"time"
)

// Date is a day of the calendar, in no particular time zone: the number of days since 1970-01-01.
type Date int32

const secondsPerDay = 86400

// DateOf is the date of a year, month and day. Days outside the month roll over, as in time.Date.
func DateOf(year int, month time.Month, day int) Date {
	return Date(dayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()))
}

// ParseDate reads "2026-12-24". Years are 1970 to 9999.
func ParseDate(s string) (Date, bool) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 {
		return 0, false
	}
	return DateOf(t.Date()), true
}

// Time is midnight of the date in UTC.
func (d Date) Time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// Weekday is the date's day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(((int64(d)+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
}

// String writes the date as "2026-12-24".
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// Span is a run of dates, both ends included.
type Span struct{ First, Last Date }

// Days is how many dates the span has.
func (s Span) Days() int { return int(s.Last-s.First) + 1 }

// String writes "2026-12-24", or "2026-12-31..2027-01-02".
func (s Span) String() string {
	if s.First == s.Last {
		return s.First.String()
	}
	return s.First.String() + ".." + s.Last.String()
}

func (s Span) has(d Date) bool { return s.First <= d && d <= s.Last }

// Minute is a time of day in whole minutes after midnight, 0 to 1440 (the end of the day, written 24:00).
type Minute int16

// EndOfDay is 24:00.
const EndOfDay Minute = 24 * 60

// String writes "09:00".
func (m Minute) String() string {
	b := []byte{'0' + byte(m/600%10), '0' + byte(m/60%10), ':', '0' + byte(m%60/10), '0' + byte(m%10)}
	return string(b)
}

// parseMinute reads "09:00", "9:00" or "24:00".
func parseMinute(s string) (Minute, bool) {
	if len(s) < 4 || len(s) > 5 || s[len(s)-3] != ':' {
		return 0, false
	}
	h, err1 := strconv.ParseUint(s[:len(s)-3], 10, 8)
	m, err2 := strconv.ParseUint(s[len(s)-2:], 10, 8)
	if err1 != nil || err2 != nil || m > 59 || h > 24 || h == 24 && m != 0 {
		return 0, false
	}
	return Minute(h*60 + m), true
}

// dayOf is the day that a second of local time lies in, also before 1970.
func dayOf(local int64) int64 {
	d := local / secondsPerDay
	if local%secondsPerDay < 0 {
		d--
	}
	return d
}
