package schedule

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, s string, z *time.Location) time.Time {
	t.Helper()
	if v, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return v
	}
	v, err := time.ParseInLocation("2006-01-02 15:04:05", s, z)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func window(t testing.TB, text string) *Window {
	t.Helper()
	var w Window
	if err := w.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return &w
}

func TestOpenAndNextOpen(t *testing.T) {
	const office = `{"days": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": "09:00-13:00"}, "holidays": ["BR"], "blackout": ["2026-12-28..2026-12-30"]}`
	const round = `{"days": {"mon-sun": "00:00-24:00"}}`
	sp, ny := "America/Sao_Paulo", "America/New_York"
	tests := []struct {
		name, window, zone, t string
		next                  string // "" for never; t itself when open
		closes                string // of the opening found; "" for never
	}{
		{"inside", office, sp, "2026-11-24 10:00:00", "2026-11-24 10:00:00", "2026-11-24 12:00:00"},
		{"the first instant", office, sp, "2026-11-24 09:00:00", "2026-11-24 09:00:00", "2026-11-24 12:00:00"},
		{"the last second", office, sp, "2026-11-24 17:59:59", "2026-11-24 17:59:59", "2026-11-24 18:00:00"},
		{"the end is outside", office, sp, "2026-11-24 18:00:00", "2026-11-25 09:00:00", "2026-11-25 12:00:00"},
		{"at lunch", office, sp, "2026-11-24 12:00:00", "2026-11-24 13:00:00", "2026-11-24 18:00:00"},
		{"over the week-end", office, sp, "2026-11-28 13:00:00", "2026-11-30 09:00:00", "2026-11-30 12:00:00"},
		{"a holiday, then Saturday", office, sp, "2026-11-20 10:00:00", "2026-11-21 09:00:00", "2026-11-21 13:00:00"},
		{"holiday, week-end, blackout", office, sp, "2026-12-24 18:00:00", "2026-12-26 09:00:00", "2026-12-26 13:00:00"},
		{"blackout, new year", office, sp, "2026-12-28 10:00:00", "2026-12-31 09:00:00", "2026-12-31 12:00:00"},
		{"the zone given counts, not that of t", office, sp, "2026-11-24T15:30:00Z", "2026-11-24T16:00:00Z", "2026-11-24T21:00:00Z"},
		{"always", `{}`, sp, "2026-11-24 03:00:00", "2026-11-24 03:00:00", ""},
		{"around the clock, day by day", round, ny, "2026-11-24 03:00:00", "2026-11-24 03:00:00", ""},
		{"around the clock but for holidays", `{"holidays": ["US"]}`, ny, "2026-12-24 12:00:00", "2026-12-24 12:00:00", "2026-12-25 00:00:00"},
		{"from a holiday to the next", `{"holidays": ["US"]}`, ny, "2026-12-25 12:00:00", "2026-12-26 00:00:00", "2027-01-01 00:00:00"},
		{"touching intervals are one opening", `{"days": {"mon": ["12:00-18:00", "09:00-12:00"]}}`, sp, "2026-11-23 09:30:00", "2026-11-23 09:30:00", "2026-11-23 18:00:00"},
		{"across midnight, as two", `{"days": {"fri": "22:00-24:00", "sat": "00:00-02:00"}}`, sp, "2026-11-27 21:00:00", "2026-11-27 22:00:00", "2026-11-28 02:00:00"},
		{"a part of a second later", office, sp, "2026-11-24T08:59:59.5-03:00", "2026-11-24 09:00:00", "2026-11-24 12:00:00"},
		{"never", `{"days": {"mon": "09:00-10:00"}, "blackout": ["2026-01-01..2026-12-31", "2027-01-01..2027-12-31", "2028-01-01..2028-12-31"]}`, sp, "2026-11-24 12:00:00", "", ""},

		// New York goes forward at 2026-03-08 02:00 and back at 2026-11-01 02:00.
		{"the hour that does not exist", `{"days": {"sun": "02:00-03:00"}}`, ny, "2026-03-08 00:00:00", "2026-03-15 02:00:00", "2026-03-15 03:00:00"},
		{"cut short by the gap", `{"days": {"sun": "01:00-03:30"}}`, ny, "2026-03-08 00:00:00", "2026-03-08T06:00:00Z", "2026-03-08T07:30:00Z"},
		{"begun in the gap", `{"days": {"sun": "02:30-05:00"}}`, ny, "2026-03-08 00:00:00", "2026-03-08T07:00:00Z", "2026-03-08T09:00:00Z"},
		{"the hour that comes twice", `{"days": {"sun": "01:00-02:00"}}`, ny, "2026-11-01 00:00:00", "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z"},
		{"closed between its two times", `{"days": {"sun": "01:00-01:30"}}`, ny, "2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"},
		{"the last day of a leap year", `{"days": {"mon": "09:00-10:00"}}`, ny, "2028-12-31 10:00:00", "2029-01-01 09:00:00", "2029-01-01 10:00:00"},
		{"the last day of a far leap year", `{"days": {"mon-sun": "09:00-10:00"}}`, ny, "2040-12-31 10:00:00", "2041-01-01 09:00:00", "2041-01-01 10:00:00"},
		{"the same in the south", `{"days": {"mon-sun": "09:00-10:00"}}`, "America/Santiago", "2040-12-31 10:00:00", "2041-01-01 09:00:00", "2041-01-01 10:00:00"},
		// Santiago skips midnight: 2026-09-06 begins at 01:00.
		{"a day without its midnight", `{"days": {"sun": "00:00-02:00"}}`, "America/Santiago", "2026-09-05 12:00:00", "2026-09-06T04:00:00Z", "2026-09-06T05:00:00Z"},
		// Brazil's last summer time began at 2018-11-04 00:00 and ended at 2019-02-17 00:00.
		{"the last summer time begins", `{"days": {"sun": "00:00-02:00"}}`, sp, "2018-11-03 12:00:00", "2018-11-04T03:00:00Z", "2018-11-04T04:00:00Z"},
		{"the last summer time ends", `{"days": {"sat": "23:00-24:00"}}`, sp, "2019-02-16 12:00:00", "2019-02-17T01:00:00Z", "2019-02-17T03:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, z := window(t, tt.window), zone(t, tt.zone)
			now := at(t, tt.t, z)
			got, ok := w.NextOpen(now, z)
			if ok != (tt.next != "") {
				t.Fatalf("opens: %v (%v), want %q", ok, got, tt.next)
			}
			if !ok {
				return
			}
			if want := at(t, tt.next, z); !got.Equal(want) {
				t.Errorf("opens at %v, want %v", got.In(z), want.In(z))
			}
			if w.Open(now, z) != got.Equal(now) {
				t.Errorf("open: %v, but next at %v", w.Open(now, z), got)
			}
			end, ok := w.CloseAt(got, z)
			if ok != (tt.closes != "") {
				t.Fatalf("closes: %v (%v), want %q", ok, end.In(z), tt.closes)
			}
			if ok && !end.Equal(at(t, tt.closes, z)) {
				t.Errorf("closes at %v, want %v", end.In(z), at(t, tt.closes, z))
			}
		})
	}
}

// openByClock says the same as Window.Open from what time.Time prints, minute for minute.
func openByClock(w *Window, t time.Time, z *time.Location) bool {
	l := t.In(z)
	date, clock := l.Format("2006-01-02"), l.Format("15:04")
	for _, s := range w.Blackout {
		if s.First.String() <= date && date <= s.Last.String() {
			return false
		}
	}
	for _, c := range w.Holidays {
		for _, h := range c.Holidays(l.Year()) {
			if h.Date.String() == date {
				return false
			}
		}
	}
	for _, iv := range w.Days[l.Weekday()] {
		if iv.From.String() <= clock && clock < iv.To.String() {
			return true
		}
	}
	return w.Days.Empty()
}

func drawWindow(t *rapid.T) *Window {
	w := &Window{}
	minute := rapid.OneOf(rapid.IntRange(0, 240), rapid.IntRange(0, int(EndOfDay)), rapid.SampledFrom([]int{0, 60, 90, 120, 150, 180, 1380, 1440}))
	if rapid.IntRange(0, 9).Draw(t, "days") > 0 {
		for d := range w.Days {
			cuts := rapid.SliceOfNDistinct(minute, 2*rapid.IntRange(0, 2).Draw(t, "intervals"), -1, rapid.ID).Draw(t, "cuts")
			slices.Sort(cuts)
			if len(cuts) == 4 && rapid.Bool().Draw(t, "touching") {
				cuts[2] = cuts[1]
			}
			for i := 0; i+1 < len(cuts); i += 2 {
				w.Days[d] = append(w.Days[d], Interval{Minute(cuts[i]), Minute(cuts[i+1])})
			}
			if rapid.Bool().Draw(t, "backwards") {
				slices.Reverse(w.Days[d])
			}
		}
	}
	if rapid.Bool().Draw(t, "holidays") {
		w.Holidays = []Calendar{rapid.SampledFrom(Calendars()).Draw(t, "calendar")}
	}
	return w
}

var changing = []string{
	"America/Sao_Paulo", "America/New_York", "America/Santiago", "America/Mexico_City", "Pacific/Easter", "America/Bogota",
	"Australia/Lord_Howe", "Africa/Casablanca", "Europe/Dublin", "America/Nuuk", "Pacific/Apia", "America/Tijuana", "UTC",
}

// drawMoment prefers the days around a change of offset between 2000 and 2045.
func drawMoment(t *rapid.T, z *time.Location) time.Time {
	when := time.Unix(rapid.Int64Range(946684800, 2366841600).Draw(t, "when"), 0)
	if rapid.Bool().Draw(t, "near a change") {
		if _, change := when.In(z).ZoneBounds(); !change.IsZero() && change.Year() < 2046 {
			when = change.Add(time.Duration(rapid.IntRange(-36*60, 36*60).Draw(t, "minutes")) * time.Minute)
		}
	}
	return when.Truncate(time.Minute)
}

// TestOpenAgainstAClock holds all four questions against a stepper that looks at a clock every minute.
func TestOpenAgainstAClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWindow(t)
		z, err := LoadZone(rapid.SampledFrom(changing).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := drawMoment(t, z)
		first := Date(dayOf(from.Unix()) + rapid.Int64Range(-1, 3).Draw(t, "blackout"))
		w.Blackout = []Span{{first, first + Date(rapid.IntRange(0, 2).Draw(t, "dates"))}}

		limit := from.Add(time.Duration(rapid.IntRange(36*60, 8*24*60).Draw(t, "span")) * time.Minute)
		var next, closes time.Time
		var minutes int
		for m := from; m.Before(limit); m = m.Add(time.Minute) {
			open := openByClock(w, m, z)
			if got := w.Open(m, z); got != open {
				t.Fatalf("open at %v: %v, by the clock %v", m.In(z), got, open)
			}
			if open {
				minutes++
			}
			if open && next.IsZero() {
				next = m
			}
			if !open && closes.IsZero() {
				closes = m
			}
		}
		check := func(name string, got time.Time, ok bool, want time.Time) {
			t.Helper()
			if want.IsZero() && (!ok || !got.Before(limit)) {
				return
			}
			if !ok || !got.Equal(want) {
				t.Fatalf("%s from %v: %v (%v), by the clock %v", name, from.In(z), got.In(z), ok, want.In(z))
			}
		}
		got, ok := w.NextOpen(from, z)
		check("next open", got, ok, next)
		got, ok = w.CloseAt(from, z)
		check("closes", got, ok, closes)
		if got := w.OpenMinutes(from, limit, z); got != minutes {
			t.Fatalf("%d minutes open from %v to %v, by the clock %d", got, from.In(z), limit.In(z), minutes)
		}
		if why := w.Why(from, z); (why.Cause == CauseOpen) != w.Open(from, z) {
			t.Fatalf("why at %v: %+v", from.In(z), why)
		}
	})
}

// TestAdvanceUndoesOpenTime holds that the time by which d has been open is exactly d of open time away.
func TestAdvanceUndoesOpenTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWindow(t)
		z, err := LoadZone(rapid.SampledFrom(changing).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := drawMoment(t, z)
		d := time.Duration(rapid.Int64Range(0, int64(60*24*time.Hour)).Draw(t, "work"))
		end, ok := w.Advance(from, d, z)
		if !ok {
			if _, opens := w.NextOpen(from, z); opens && w.OpenTime(from, from.Add(Horizon), z) > d {
				t.Fatalf("no end found for %v from %v", d, from)
			}
			return
		}
		if got := w.OpenTime(from, end, z); got != d {
			t.Fatalf("open for %v from %v to %v, want %v", got, from.In(z), end.In(z), d)
		}
	})
}

func TestAdvanceEdges(t *testing.T) {
	w, z := window(t, `{"days": {"mon-fri": "09:00-18:00"}}`), zone(t, "America/Sao_Paulo")
	now := at(t, "2026-11-21 12:00:00", z)
	if end, ok := w.Advance(now, 0, z); !ok || !end.Equal(now) {
		t.Errorf("no work ends at %v (%v)", end, ok)
	}
	if end, ok := w.Advance(now, 10*time.Hour, z); !ok || !end.Equal(at(t, "2026-11-24 10:00:00", z)) {
		t.Errorf("ten hours of work end at %v (%v)", end, ok)
	}
	if _, ok := w.Advance(now, 11*365*24*time.Hour, z); ok {
		t.Error("eleven years of work have an end")
	}
	if end, ok := (&Window{}).Advance(now, 500*24*time.Hour, z); !ok || !end.Equal(now.Add(500*24*time.Hour)) {
		t.Errorf("around the clock: %v (%v)", end, ok)
	}
}

func TestOpenTimeCountsPartsOfSeconds(t *testing.T) {
	w, z := window(t, `{"days": {"tue": "09:00-18:00"}}`), zone(t, "America/Sao_Paulo")
	from := at(t, "2026-11-24T08:59:59.25-03:00", z)
	if got := w.OpenTime(from, from.Add(time.Second), z); got != 250*time.Millisecond {
		t.Errorf("open for %v", got)
	}
	if got := w.OpenTime(from, from.Add(-time.Hour), z); got != 0 {
		t.Errorf("backwards: open for %v", got)
	}
}

func TestWhy(t *testing.T) {
	w, z := window(t, `{"days": {"mon-fri": "09:00-18:00"}, "holidays": ["CO", "BR"], "blackout": ["2026-12-24"]}`), zone(t, "America/Sao_Paulo")
	tests := []struct {
		t       string
		cause   Cause
		holiday string
	}{
		{"2026-11-24 10:00:00", CauseOpen, ""},
		{"2026-11-24 20:00:00", CauseHours, ""},
		{"2026-11-22 10:00:00", CauseHours, ""},
		{"2026-12-24 10:00:00", CauseBlackout, ""},
		{"2026-12-25 10:00:00", CauseHoliday, "Navidad"},
		{"2026-11-20 23:00:00", CauseHoliday, "Dia da Consciência Negra"},
	}
	for _, tt := range tests {
		got := w.Why(at(t, tt.t, z), z)
		if got.Cause != tt.cause || got.Holiday != tt.holiday {
			t.Errorf("%s: %+v, want %s %q", tt.t, got, tt.cause, tt.holiday)
		}
	}
}

func TestOpenDoesNotAllocate(t *testing.T) {
	w := window(t, `{"days": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}, "holidays": ["BR", "BR-optional"], "blackout": ["2026-12-24"]}`)
	z, now := zone(t, "America/Sao_Paulo"), time.Unix(1793372400, 0)
	w.Open(now, z)
	if n := testing.AllocsPerRun(100, func() {
		w.Open(now, z)
		w.NextOpen(now, z)
		w.CloseAt(now, z)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOpen(b *testing.B) {
	w := window(b, `{"days": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": "09:00-13:00"}, "holidays": ["BR", "BR-optional"], "blackout": ["2026-12-24"]}`)
	z, now := zone(b, "America/New_York"), time.Unix(1793372400, 0)
	for b.Loop() {
		w.Open(now, z)
		now = now.Add(37 * time.Minute)
	}
}

func BenchmarkNextOpen(b *testing.B) {
	w := window(b, `{"days": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": "09:00-13:00"}, "holidays": ["BR", "BR-optional"], "blackout": ["2026-12-24"]}`)
	z, now := zone(b, "America/New_York"), time.Unix(1793372400, 0)
	for b.Loop() {
		w.NextOpen(now, z)
		now = now.Add(37 * time.Minute)
	}
}

func BenchmarkNextOpenNever(b *testing.B) {
	w := window(b, `{"days": {"mon": "09:00-10:00"}, "blackout": ["2026-01-01..2026-12-31", "2027-01-01..2027-12-31", "2028-01-01..2028-12-31"]}`)
	z, now := zone(b, "America/New_York"), time.Unix(1793372400, 0)
	for b.Loop() {
		w.NextOpen(now, z)
	}
}
