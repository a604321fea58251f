package schedule

import (
	"iter"
	"math"
	"slices"
	"time"
)

// frequency is how often a rule comes around: its period.
type frequency string

const (
	hourly  frequency = "HOURLY"
	daily   frequency = "DAILY"
	weekly  frequency = "WEEKLY"
	monthly frequency = "MONTHLY"
	yearly  frequency = "YEARLY"
)

// pattern is a recurrence rule ready to be reckoned, on an even clock: times are seconds since the wall showed
// 1970-01-01 00:00.
//
// Periods (years, months, weeks, days or hours) are numbered. Those of the rule are `interval` apart from the one the
// start lies in; in each of them the days that pass every BY part are taken, then the times of those days, then
// BYSETPOS picks from them (RFC 5545 section 3.3.10, where EXPAND and LIMIT come to the same).
type pattern struct {
	freq     frequency
	interval int64
	count    int // 0 for no end
	until    func(*time.Location) int64
	weekday0 time.Weekday // WKST

	byMonth, byMonthDay, byYearDay, byWeekNo, byHour, byMinute, bySetPos []int
	byDay                                                                []nthDay

	first, last int64
	times       []int64 // of a day, sorted
}

// nthDay is "the second Monday" of a month or year; n is 0 for every one, negative from the end.
type nthDay struct {
	n   int
	day time.Weekday
}

// begin fills what the rule leaves to its start.
func (p *pattern) begin(start int64) {
	p.first, p.last = start, math.MaxInt64
	d := Date(dayOf(start))
	_, m, day := d.Time().Date()
	if len(p.byWeekNo)+len(p.byYearDay)+len(p.byMonthDay)+len(p.byDay) == 0 {
		switch p.freq {
		case yearly:
			if len(p.byMonth) == 0 {
				p.byMonth = []int{int(m)}
			}
			p.byMonthDay = []int{day}
		case monthly:
			p.byMonthDay = []int{day}
		case weekly:
			p.byDay = []nthDay{{0, d.Weekday()}}
		case daily, hourly:
		}
	}
	sec := start - int64(d)*secondsPerDay
	minute := sec / 60 % 60
	if len(p.byMinute) > 0 {
		minute = int64(p.byMinute[0])
	}
	hours := p.byHour
	if p.freq == hourly && len(hours) == 0 {
		for h := range 24 {
			hours = append(hours, h)
		}
	} else if len(hours) == 0 {
		hours = []int{int(sec / 3600)}
	}
	for _, h := range hours {
		p.times = append(p.times, int64(h)*3600+minute*60+sec%60)
	}
	slices.Sort(p.times)
}

// from gives the occurrences in order, at or after the start, from at most `at` on and up to `bound`.
func (p *pattern) from(at, bound int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		n, start := 0, p.period(p.first)
		i := start
		if p.count == 0 && at > p.first { // nothing is counted: begin where it is needed
			i += (p.period(at) - start) / p.interval * p.interval
		}
		bound := max(bound, p.first+recurrenceYears*366*secondsPerDay)
		var buf []int64
		for ; ; i += p.interval {
			a, b := p.span(i)
			if a > min(bound, p.last) {
				return
			}
			buf = p.within(a, b, buf[:0])
			for _, t := range buf {
				if t < p.first {
					continue
				}
				if n++; t > p.last || p.count > 0 && n > p.count || !yield(t) {
					return
				}
			}
		}
	}
}

// period is the number of the period that a time lies in.
func (p *pattern) period(t int64) int64 {
	d := Date(dayOf(t))
	y, m, _ := d.Time().Date()
	switch p.freq {
	case hourly:
		return int64(d)*24 + (t-int64(d)*secondsPerDay)/3600
	case daily:
		return int64(d)
	case weekly:
		days := int64(d) - p.weekStart()
		return (days - (days%7+7)%7) / 7
	case monthly:
		return int64(y)*12 + int64(m) - 1
	case yearly:
		return int64(y)
	}
	return 0
}

// weekStart is the last WKST at or before 1970-01-01, a Thursday.
func (p *pattern) weekStart() int64 { return -int64((time.Thursday - p.weekday0 + 7) % 7) }

// span is the first and the last second of a period.
func (p *pattern) span(i int64) (first, last int64) {
	var a, b int64 // days
	switch p.freq {
	case hourly:
		return i * 3600, i*3600 + 3599
	case daily:
		a, b = i, i+1
	case weekly:
		a = p.weekStart() + 7*i
		b = a + 7
	case monthly:
		a, b = int64(DateOf(int(i/12), time.Month(i%12+1), 1)), int64(DateOf(int(i/12), time.Month(i%12+2), 1))
	case yearly:
		a, b = int64(DateOf(int(i), time.January, 1)), int64(DateOf(int(i)+1, time.January, 1))
	}
	return a * secondsPerDay, b*secondsPerDay - 1
}

// within appends the times of a period.
func (p *pattern) within(first, last int64, out []int64) []int64 {
	for d := dayOf(first); d <= dayOf(last); d++ {
		if !p.has(Date(d)) {
			continue
		}
		for _, t := range p.times {
			if t += d * secondsPerDay; first <= t && t <= last {
				out = append(out, t)
			}
		}
	}
	if len(p.bySetPos) == 0 {
		return out
	}
	var picked []int64
	for _, pos := range p.bySetPos {
		if pos < 0 {
			pos += len(out) + 1
		}
		if pos >= 1 && pos <= len(out) {
			picked = append(picked, out[pos-1])
		}
	}
	slices.Sort(picked)
	return slices.Compact(picked)
}

// has reports whether a date passes every BY part.
func (p *pattern) has(d Date) bool {
	y, m, day := d.Time().Date()
	if len(p.byMonth) > 0 && !slices.Contains(p.byMonth, int(m)) {
		return false
	}
	if len(p.byMonthDay) > 0 && !either(p.byMonthDay, day, int(DateOf(y, m+1, 1)-DateOf(y, m, 1))) {
		return false
	}
	if len(p.byYearDay) > 0 && !either(p.byYearDay, int(d-DateOf(y, time.January, 1))+1, yearLength(y)) {
		return false
	}
	if len(p.byWeekNo) > 0 {
		if n, of := p.weekNumber(d); !either(p.byWeekNo, n, of) {
			return false
		}
	}
	return len(p.byDay) == 0 || p.hasDay(d, y, m)
}

// either reports whether the list names n of `of`, from the beginning or (negative) from the end.
func either(list []int, n, of int) bool {
	return slices.Contains(list, n) || slices.Contains(list, n-of-1)
}

func (p *pattern) hasDay(d Date, y int, m time.Month) bool {
	first, last := DateOf(y, time.January, 1), DateOf(y+1, time.January, 1)-1
	if p.freq == monthly || len(p.byMonth) > 0 {
		first, last = DateOf(y, m, 1), DateOf(y, m+1, 1)-1
	}
	for _, w := range p.byDay {
		if w.day != d.Weekday() {
			continue
		}
		if w.n == 0 || w.n == int(d-first)/7+1 || w.n == -(int(last-d)/7+1) {
			return true
		}
	}
	return false
}

func yearLength(y int) int { return int(DateOf(y+1, time.January, 1) - DateOf(y, time.January, 1)) }

// weekNumber is the number of the week that a date lies in, and how many weeks that week's year has. A year's first
// week is the first with at least four days of it.
func (p *pattern) weekNumber(d Date) (n, of int) {
	y := d.Time().Year()
	for _, year := range []int{y + 1, y, y - 1} {
		if first := p.firstWeek(year); d >= first {
			return int(d-first)/7 + 1, int(p.firstWeek(year+1)-first) / 7
		}
	}
	return 0, 0 // no date is before the first week of the year before
}

func (p *pattern) firstWeek(year int) Date {
	jan4 := DateOf(year, time.January, 4)
	return jan4 - Date((jan4.Weekday()-p.weekday0+7)%7)
}
