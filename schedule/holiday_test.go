package schedule

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/us"
)

// published are the closed days of 2025 to 2030 as the countries give them out: yearly decrees and official calendars
// as far as they exist, the law reckoned by hand beyond. Each line is a year's dates as MMDD.
var published = map[Calendar]map[int]string{
	BR: {
		2025: "0101 0418 0421 0501 0907 1012 1102 1115 1120 1225", // Portaria MGI 9.783/2024
		2026: "0101 0403 0421 0501 0907 1012 1102 1115 1120 1225",
		2027: "0101 0326 0421 0501 0907 1012 1102 1115 1120 1225",
		2028: "0101 0414 0421 0501 0907 1012 1102 1115 1120 1225",
		2029: "0101 0330 0421 0501 0907 1012 1102 1115 1120 1225",
		2030: "0101 0419 0421 0501 0907 1012 1102 1115 1120 1225",
	},
	BROptional: {
		2025: "0303 0304 0619",
		2026: "0216 0217 0604",
		2027: "0208 0209 0527",
		2028: "0228 0229 0615",
		2029: "0212 0213 0531",
		2030: "0304 0305 0620",
	},
	MX: {
		2025: "0101 0203 0317 0501 0601 0916 1117 1225",
		2026: "0101 0202 0316 0501 0916 1116 1225",
		2027: "0101 0201 0315 0501 0606 0916 1115 1225",
		2028: "0101 0207 0320 0501 0916 1120 1225",
		2029: "0101 0205 0319 0501 0916 1119 1225",
		2030: "0101 0204 0318 0501 0602 0916 1001 1118 1225",
	},
	CO: {
		2025: "0101 0106 0324 0417 0418 0501 0602 0623 0630 0720 0807 0818 1013 1103 1117 1208 1225",
		2026: "0101 0112 0323 0402 0403 0501 0518 0608 0615 0629 0720 0807 0817 1012 1102 1116 1208 1225",
		2027: "0101 0111 0322 0325 0326 0501 0510 0531 0607 0705 0720 0807 0816 1018 1101 1115 1208 1225",
		2028: "0101 0110 0320 0413 0414 0501 0529 0619 0626 0703 0720 0807 0821 1016 1106 1113 1208 1225",
		2029: "0101 0108 0319 0329 0330 0501 0514 0604 0611 0702 0720 0807 0820 1015 1105 1112 1208 1225",
		2030: "0101 0107 0325 0418 0419 0501 0603 0624 0701 0720 0807 0819 1014 1104 1111 1208 1225",
	},
	CL: {
		2025: "0101 0418 0419 0501 0521 0620 0629 0716 0815 0918 0919 1012 1031 1101 1116 1208 1214 1225",
		2026: "0101 0403 0404 0501 0521 0621 0629 0716 0815 0918 0919 1012 1031 1101 1208 1225",
		2027: "0101 0326 0327 0501 0521 0621 0628 0716 0815 0917 0918 0919 1011 1031 1101 1208 1225",
		2028: "0101 0414 0415 0501 0521 0620 0626 0716 0815 0918 0919 1009 1027 1029 1101 1208 1225",
		2029: "0101 0330 0331 0501 0521 0620 0702 0716 0815 0917 0918 0919 1015 1101 1102 1118 1208 1225",
		2030: "0101 0419 0420 0501 0521 0621 0629 0716 0815 0918 0919 0920 1012 1031 1101 1208 1225",
	},
	US: {
		2025: "0101 0120 0217 0526 0619 0704 0901 1013 1111 1127 1225",
		2026: "0101 0119 0216 0525 0619 0703 0704 0907 1012 1111 1126 1225",
		2027: "0101 0118 0215 0531 0618 0619 0704 0705 0906 1011 1111 1125 1224 1225 1231",
		2028: "0101 0117 0221 0529 0619 0704 0904 1009 1110 1111 1123 1225",
		2029: "0101 0115 0219 0528 0619 0704 0903 1008 1111 1112 1122 1225",
		2030: "0101 0121 0218 0527 0619 0704 0902 1014 1111 1128 1225",
	},
}

func TestHolidaysAreThePublishedOnes(t *testing.T) {
	for _, c := range Calendars() {
		if len(published[c]) != 6 {
			t.Errorf("%s: the test knows %d years", c, len(published[c]))
		}
		for year, want := range published[c] {
			var got []string
			for _, h := range c.Holidays(year) {
				got = append(got, h.Date.Time().Format("0102"))
				if c.Name(h.Date) == "" || !c.Has(h.Date) {
					t.Errorf("%s: %s has no name", c, h.Date)
				}
			}
			if diff := cmp.Diff(strings.Fields(want), slices.Compact(got)); diff != "" {
				t.Errorf("%s %d (-published +ours):\n%s", c, year, diff)
			}
		}
	}
}

// TestHolidaysThatWere are dates that the rules must also get right: exceptions, moves and first years.
func TestHolidaysThatWere(t *testing.T) {
	tests := []struct {
		c    Calendar
		date string
		want bool
	}{
		{BR, "2023-11-20", false},
		{BR, "2024-11-20", true},
		{BR, "2026-02-17", false},
		{BR, "2026-06-04", false},
		{MX, "2024-10-01", true},
		{MX, "2025-10-01", false},
		{MX, "2030-10-01", true},
		{MX, "2024-06-02", true},
		{CL, "2021-06-21", true},
		{CL, "2021-06-20", false},
		{CL, "2020-06-20", false},
		{CL, "2024-06-20", true},
		{CL, "2023-01-02", true},
		{CL, "2022-01-03", false},
		{CL, "2022-09-16", true},
		{CL, "2023-09-16", false},
		{CL, "2021-09-17", true},
		{CL, "2024-09-20", true},
		{CL, "2023-10-27", true},
		{CL, "2024-10-31", true},
		{CL, "2023-06-26", true},
		{CL, "2023-06-29", false},
		{CL, "2023-10-09", true},
		{CO, "2025-06-29", false},
		{CO, "2025-06-30", true},
		{US, "2020-06-19", false},
		{US, "2021-06-18", true},
		{US, "2021-12-31", true},
		{US, "2023-01-02", true},
		{US, "2049-12-25", true},
		{US, "2019-12-25", false},
		{US, "2050-01-01", false},
		{"XX", "2026-01-01", false},
	}
	for _, tt := range tests {
		d, ok := ParseDate(tt.date)
		if !ok {
			t.Fatal(tt.date)
		}
		if got := tt.c.Has(d); got != tt.want {
			t.Errorf("%s %s: %v, want %v", tt.c, tt.date, got, tt.want)
		}
		if got := tt.c.Name(d) != ""; got != tt.want {
			t.Errorf("%s %s is called %q", tt.c, tt.date, tt.c.Name(d))
		}
	}
}

// TestHolidaysAgainstLibrary compares every year with a kept library, where it has the country, but for what it is known
// to have otherwise.
func TestHolidaysAgainstLibrary(t *testing.T) {
	for year := FirstHolidayYear; year <= LastHolidayYear; year++ {
		theirs := map[Date]bool{}
		for _, h := range br.Holidays {
			add(theirs, h, year)
		}
		ours := dates(BR, year)
		for d := range dates(BROptional, year) {
			ours[d] = true
		}
		delete(ours, DateOf(year, time.November, 20)) // national since 2024, which the library does not know
		delete(ours, easter(year)-48)                 // nor Carnival Monday
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("Brazil %d (-library +ours): %s", year, diff)
		}

		theirs = map[Date]bool{}
		for _, h := range us.Holidays {
			add(theirs, h, year)
		}
		ours = dates(US, year)
		if dec31 := DateOf(year, time.December, 31); dec31.Weekday() == time.Friday {
			delete(ours, dec31) // the library keeps it with the year that begins the day after
		}
		for d := range theirs {
			if d.Time().Year() != year {
				delete(theirs, d)
			}
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("United States %d (-library +ours): %s", year, diff)
		}
	}
}

func add(to map[Date]bool, h *cal.Holiday, year int) {
	actual, observed := h.Calc(year)
	for _, d := range []time.Time{actual, observed} {
		if !d.IsZero() {
			to[DateOf(d.Date())] = true
		}
	}
}

func dates(c Calendar, year int) map[Date]bool {
	out := map[Date]bool{}
	for _, h := range c.Holidays(year) {
		out[h.Date] = true
	}
	return out
}

// TestEveryKnownYearHasHolidays holds that the table of dates reaches from the first day to the last.
func TestEveryKnownYearHasHolidays(t *testing.T) {
	for _, c := range Calendars() {
		for d := DateOf(FirstHolidayYear, time.January, 1) - 3; d <= DateOf(LastHolidayYear, time.December, 31)+3; d++ {
			if got, want := c.Has(d), dates(c, d.Time().Year())[d]; got != want {
				t.Errorf("%s %s: %v, want %v", c, d, got, want)
			}
		}
	}
	if last := DateOf(LastHolidayYear, time.December, 31); int(last-firstHolidayDate)+1 != holidayDates {
		t.Errorf("the table holds %d dates, the years have %d", holidayDates, last-firstHolidayDate+1)
	}
}

// TestWinterSolstice reckons the June solstice as Meeus does (Astronomical Algorithms, chapter 27, its mean part and the
// larger periodic terms: good to some minutes) and looks at the date in Chile. No year of the table comes nearer to
// midnight than that, but 2021, when the law itself named the day.
func TestWinterSolstice(t *testing.T) {
	terms := [][3]float64{
		{485, 324.96, 1934.136},
		{203, 337.23, 32964.467},
		{199, 342.08, 20.186},
		{182, 27.85, 445267.112},
		{156, 73.14, 45036.886},
		{136, 171.52, 22518.443},
		{77, 222.54, 65928.934},
		{74, 296.72, 3034.906},
		{70, 243.58, 9037.513},
		{58, 119.81, 33718.147},
		{52, 297.17, 150.678},
		{50, 21.02, 2281.226},
		{45, 247.54, 29929.562},
		{44, 325.15, 31555.956},
	}
	cos := func(deg float64) float64 { return math.Cos(deg * math.Pi / 180) }
	for year := 2022; year <= LastHolidayYear; year++ {
		y := float64(year-2000) / 1000
		mean := 2451716.56767 + 365241.62603*y + 0.00325*y*y + 0.00888*y*y*y - 0.00030*y*y*y*y
		c := (mean - 2451545) / 36525
		w := 35999.373*c - 2.47
		sum := 0.0
		for _, term := range terms {
			sum += term[0] * cos(term[1]+term[2]*c)
		}
		days := mean + 0.00001*sum/(1+0.0334*cos(w)+0.0007*cos(2*w)) - 2440587.5
		utc := time.Unix(int64(days*86400), 0).Add(-75 * time.Second) // from the clock of the planets to ours
		local := utc.In(zone(t, "America/Santiago"))
		want := DateOf(local.Date())
		if got := winterSolstice(year, 0); !slices.Equal(got, []Date{want}) {
			t.Errorf("%d: %v, reckoned %v", year, got, local)
		}
	}
}

func TestEaster(t *testing.T) {
	for year, want := range map[int]string{2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2030: "2030-04-21", 2038: "2038-04-25", 2049: "2049-04-18"} {
		if got := easter(year).String(); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}
