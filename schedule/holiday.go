package schedule

import (
	"slices"
	"sync"
	"time"
)

// Calendar names a set of holidays: a country (ISO 3166-1), or a further set of it. Calendars of states would be named
// by ISO 3166-2 ("BR-SP") in the same table.
type Calendar string

// The calendars.
const (
	BR         Calendar = "BR"          // national holidays of Brazil
	BROptional Calendar = "BR-optional" // Carnival and Corpus Christi: no national holidays, but much of Brazil is closed
	CL         Calendar = "CL"          // Chile
	CO         Calendar = "CO"          // Colombia
	MX         Calendar = "MX"          // Mexico
	US         Calendar = "US"          // federal holidays of the United States
)

// Calendars lists every calendar, sorted.
func Calendars() []Calendar {
	out := make([]Calendar, 0, len(calendars))
	for c := range calendars {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

func calendarNames() []string {
	var out []string
	for _, c := range Calendars() {
		out = append(out, string(c))
	}
	return out
}

// Valid reports whether the calendar is known.
func (c Calendar) Valid() bool { _, ok := calendars[c]; return ok }

// Holiday is one closed day.
type Holiday struct {
	Date Date
	Name string // in the country's language
}

// The years for which holidays are known. Laws change: what a year beyond the present one holds is today's law.
const (
	FirstHolidayYear = 2020
	LastHolidayYear  = 2049
)

// Holidays lists the closed days of a year in order, several on one date included. It is empty outside the known years
// and for an unknown calendar.
func (c Calendar) Holidays(year int) []Holiday { return holidays(calendars[c].rules, year) }

func holidays(rules []rule, year int) []Holiday {
	if year < FirstHolidayYear || year > LastHolidayYear {
		return nil
	}
	var out []Holiday
	// A holiday of the next year can be observed in this one: 1 January 2028 on 31 December 2027.
	for y := year - 1; y <= year+1; y++ {
		e := easter(y)
		for _, r := range rules {
			if y < r.since || r.until > 0 && y > r.until {
				continue
			}
			for _, d := range r.days(y, e) {
				if d.Time().Year() == year {
					out = append(out, Holiday{d, r.name})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Holiday) int { return int(a.Date) - int(b.Date) })
	return out
}

// Has reports whether the date is a holiday. It does not allocate, but for the first time a calendar is asked.
func (c Calendar) Has(d Date) bool {
	cal, ok := calendars[c]
	if !ok {
		return false
	}
	i := int(d) - int(firstHolidayDate)
	if i < 0 || i >= holidayDates {
		return false
	}
	return cal.dates()[i/64]&(1<<(i%64)) != 0
}

// Name is what the holiday on the date is called; empty when there is none.
func (c Calendar) Name(d Date) string {
	if !c.Has(d) {
		return ""
	}
	for _, h := range c.Holidays(d.Time().Year()) {
		if h.Date == d {
			return h.Name
		}
	}
	return ""
}

// calendar is a set of rules and the dates they give, worked out once: a bit for each date of the known years.
type calendar struct {
	rules []rule
	dates func() *bits
}

type bits [holidayDates/64 + 1]uint64

const holidayDates = (LastHolidayYear-FirstHolidayYear+1)*365 + 8 // as many leap days as 2020 to 2049 have

var firstHolidayDate = DateOf(FirstHolidayYear, time.January, 1)

// calendars is made once and then only read.
var calendars = map[Calendar]calendar{
	BR: newCalendar(brazil), BROptional: newCalendar(brazilOptional),
	CL: newCalendar(chile), CO: newCalendar(colombia), MX: newCalendar(mexico), US: newCalendar(unitedStates),
}

func newCalendar(rules []rule) calendar {
	return calendar{rules: rules, dates: sync.OnceValue(func() *bits {
		var out bits
		for y := FirstHolidayYear; y <= LastHolidayYear; y++ {
			for _, h := range holidays(rules, y) {
				i := h.Date - firstHolidayDate
				out[i/64] |= 1 << (i % 64)
			}
		}
		return &out
	})}
}

// rule gives the dates of one holiday in a year; easterSunday is that year's.
type rule struct {
	name  string
	days  func(year int, easterSunday Date) []Date
	since int // first year; 0 for always
	until int // last year; 0 for still
}

// on is the same date every year.
func on(m time.Month, day int) func(int, Date) []Date {
	return func(y int, _ Date) []Date { return []Date{DateOf(y, m, day)} }
}

// fromEaster is days after Easter Sunday, or before it.
func fromEaster(days int) func(int, Date) []Date {
	return func(_ int, e Date) []Date { return []Date{e + Date(days)} }
}

// nth is the nth weekday of a month; -1 is the last.
func nth(n int, d time.Weekday, m time.Month) func(int, Date) []Date {
	return func(y int, _ Date) []Date { return []Date{nthWeekday(y, m, d, n)} }
}

// in is one date of one year.
func in(year int, m time.Month, day int) func(int, Date) []Date {
	return func(y int, _ Date) []Date {
		if y != year {
			return nil
		}
		return []Date{DateOf(y, m, day)}
	}
}

// every is days of the years that leave the remainder.
func every(years, remainder int, days func(int, Date) []Date) func(int, Date) []Date {
	return func(y int, e Date) []Date {
		if y%years != remainder {
			return nil
		}
		return days(y, e)
	}
}

// when is days of the years in which the date falls on the weekday.
func when(m time.Month, day int, d time.Weekday) func(int, Date) []Date {
	return func(y int, _ Date) []Date {
		if date := DateOf(y, m, day); date.Weekday() == d {
			return []Date{date}
		}
		return nil
	}
}

func nthWeekday(y int, m time.Month, d time.Weekday, n int) Date {
	if n < 0 {
		last := DateOf(y, m+1, 0)
		return last - Date((last.Weekday()-d+7)%7)
	}
	first := DateOf(y, m, 1)
	return first + Date((d-first.Weekday()+7)%7) + Date(7*(n-1))
}

// easter is Easter Sunday of the Gregorian calendar (the Meeus/Jones/Butcher reckoning).
func easter(y int) Date {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return DateOf(y, time.Month(month), (h+l-7*m+33*month+19)%32)
}
