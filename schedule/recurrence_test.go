package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"campanario/internal/fault"
)

func TestRecurrence(t *testing.T) {
	sp, ny := "America/Sao_Paulo", "America/New_York"
	const start = "2026-11-23 09:00:00" // a Monday
	tests := []struct {
		name, rule, zone, start string
		want                    []string // the first occurrences; fewer than four means that they end
	}{
		{"daily", "FREQ=DAILY", sp, start, []string{"2026-11-23 09:00:00", "2026-11-24 09:00:00", "2026-11-25 09:00:00", "2026-11-26 09:00:00"}},
		{"with its name, in small letters", " rrule:freq=weekly;byday=mo,we ", sp, start, []string{"2026-11-23 09:00:00", "2026-11-25 09:00:00", "2026-11-30 09:00:00", "2026-12-02 09:00:00"}},
		{"every other week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", sp, start, []string{"2026-11-24 09:00:00", "2026-12-06 09:00:00", "2026-12-08 09:00:00", "2026-12-20 09:00:00"}},
		{"the start's weekday", "FREQ=WEEKLY", sp, start, []string{"2026-11-23 09:00:00", "2026-11-30 09:00:00", "2026-12-07 09:00:00", "2026-12-14 09:00:00"}},
		{"the last Friday", "FREQ=MONTHLY;BYDAY=-1FR", sp, start, []string{"2026-11-27 09:00:00", "2026-12-25 09:00:00", "2027-01-29 09:00:00", "2027-02-26 09:00:00"}},
		{"the last working day", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", sp, start, []string{"2026-11-30 09:00:00", "2026-12-31 09:00:00", "2027-01-29 09:00:00", "2027-02-26 09:00:00"}},
		{"the first of a week begun before the start", "FREQ=WEEKLY;BYDAY=SU,WE;BYSETPOS=1;WKST=SU", sp, start, []string{"2026-11-29 09:00:00", "2026-12-06 09:00:00", "2026-12-13 09:00:00", "2026-12-20 09:00:00"}},
		{"every Monday and the first Tuesday", "FREQ=MONTHLY;BYDAY=MO,1TU", sp, start, []string{"2026-11-23 09:00:00", "2026-11-30 09:00:00", "2026-12-01 09:00:00", "2026-12-07 09:00:00"}},
		{"week 52 of Sundays", "FREQ=YEARLY;BYWEEKNO=52;BYDAY=FR;WKST=SU", sp, start, []string{"2027-01-01 09:00:00", "2027-12-31 09:00:00", "2028-12-29 09:00:00", "2029-12-28 09:00:00"}},
		{"the fifth and the last of the month", "FREQ=MONTHLY;BYMONTHDAY=5,-1", sp, start, []string{"2026-11-30 09:00:00", "2026-12-05 09:00:00", "2026-12-31 09:00:00", "2027-01-05 09:00:00"}},
		{"the 31st leaves months out", "FREQ=MONTHLY;BYMONTHDAY=31", sp, start, []string{"2026-12-31 09:00:00", "2027-01-31 09:00:00", "2027-03-31 09:00:00", "2027-05-31 09:00:00"}},
		{"29 February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", sp, start, []string{"2028-02-29 09:00:00", "2032-02-29 09:00:00", "2036-02-29 09:00:00", "2040-02-29 09:00:00"}},
		{"counted", "FREQ=DAILY;COUNT=2", sp, start, []string{"2026-11-23 09:00:00", "2026-11-24 09:00:00"}},
		{"until, in UTC", "FREQ=DAILY;UNTIL=20261125T120000Z", sp, start, []string{"2026-11-23 09:00:00", "2026-11-24 09:00:00", "2026-11-25 09:00:00"}},
		{"until a second before", "FREQ=DAILY;UNTIL=20261125T115959Z", sp, start, []string{"2026-11-23 09:00:00", "2026-11-24 09:00:00"}},
		{"until a date, which is inside", "FREQ=DAILY;UNTIL=20261124", sp, start, []string{"2026-11-23 09:00:00", "2026-11-24 09:00:00"}},
		{"hours of the day", "FREQ=DAILY;BYHOUR=9,15;BYMINUTE=30", sp, start, []string{"2026-11-23 09:30:00", "2026-11-23 15:30:00", "2026-11-24 09:30:00", "2026-11-24 15:30:00"}},
		{"every four hours of some", "FREQ=HOURLY;INTERVAL=4;BYHOUR=9,13,17", sp, start, []string{"2026-11-23 09:00:00", "2026-11-23 13:00:00", "2026-11-23 17:00:00", "2026-11-24 09:00:00"}},
		{"at nine, whatever the clocks do", "FREQ=DAILY", ny, "2026-03-07 09:00:00", []string{"2026-03-07T14:00:00Z", "2026-03-08T13:00:00Z", "2026-03-09T13:00:00Z", "2026-03-10T13:00:00Z"}},
		{"in a gap it is moved", "FREQ=DAILY", ny, "2026-03-07 02:30:00", []string{"2026-03-07T07:30:00Z", "2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"}},
		{"hourly over a gap, once each", "FREQ=HOURLY", ny, "2026-03-08 00:00:00", []string{"2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"}},
		{"twice on the wall, once for us", "FREQ=DAILY;COUNT=3", ny, "2026-10-31 01:30:00", []string{"2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := zone(t, tt.zone)
			start := at(t, tt.start, z)
			r, err := ParseRecurrence(tt.rule, start, z)
			if err != nil {
				t.Fatal(err)
			}
			after := start.Add(-time.Second)
			for i := range 4 {
				got, ok := r.Next(after)
				if ok != (i < len(tt.want)) {
					t.Fatalf("occurrence %d: %v (%v), want %v", i+1, got, ok, tt.want)
				}
				if !ok {
					return
				}
				if want := at(t, tt.want[i], z); !got.Equal(want) {
					t.Fatalf("occurrence %d: %v, want %v", i+1, got.In(z), want.In(z))
				}
				after = got
			}
		})
	}
}

func TestRecurrenceIsRefused(t *testing.T) {
	tests := []struct {
		rule string
		want []string
	}{
		{"", []string{"rule_part_invalid"}},
		{"BYDAY=MO", []string{"rule_part_missing"}},
		{"FREQ=FORTNIGHTLY", []string{"rule_value_invalid"}},
		{"FREQ=SECONDLY", []string{"rule_too_often"}},
		{"FREQ=MINUTELY;INTERVAL=90", []string{"rule_too_often"}},
		{"FREQ=DAILY;BYMINUTE=0,30", []string{"rule_too_often"}},
		{"FREQ=DAILY;BYSECOND=0", []string{"rule_too_often"}},
		{"FREQ=DAILY;FREQ=WEEKLY", []string{"rule_part_repeated"}},
		{"FREQ=DAILY;BYEASTER=0", []string{"rule_part_unknown"}},
		{"FREQ=DAILY;;BYHOUR", []string{"rule_part_invalid", "rule_part_invalid"}},
		{"FREQ=DAILY;BYHOUR=24;BYMONTH=0;BYDAY=XX;INTERVAL=0;COUNT=x;UNTIL=2026;WKST=1MO", []string{
			"rule_value_invalid", "rule_value_invalid", "rule_value_invalid", "rule_value_invalid", "rule_value_invalid", "rule_value_invalid", "rule_value_invalid",
		}},
		{"FREQ=DAILY;BYHOUR=9,9", []string{"rule_value_invalid"}},
		{"FREQ=DAILY;BYHOUR=-9", []string{"rule_value_invalid"}},
		{"FREQ=DAILY;COUNT=3;UNTIL=20270101", []string{"rule_parts_clash"}},
		{"FREQ=WEEKLY;BYDAY=1MO", []string{"rule_parts_clash"}},
		{"FREQ=WEEKLY;BYMONTHDAY=1", []string{"rule_parts_clash"}},
		{"FREQ=MONTHLY;BYWEEKNO=1;BYYEARDAY=1", []string{"rule_parts_clash", "rule_parts_clash"}},
		{"FREQ=MONTHLY;BYSETPOS=1", []string{"rule_parts_clash"}},
		{"FREQ=YEARLY;INTERVAL=6", []string{"rule_value_invalid"}},
		{"FREQ=DAILY;UNTIL=20250101", []string{"rule_ended"}},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []string{"rule_never"}},
		{"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", []string{"rule_never"}},
		{"FREQ=HOURLY;INTERVAL=24;BYHOUR=8", []string{"rule_never"}},
		{"DTSTART:20260101T090000\nRRULE:FREQ=DAILY", []string{"rule_has_start"}},
		{"FREQ=DAILY;BYHOUR=" + strings.Repeat("1,", 300), []string{"too_long"}},
	}
	z := zone(t, "America/Sao_Paulo")
	for _, tt := range tests {
		t.Run(clip(tt.rule), func(t *testing.T) {
			_, err := ParseRecurrence(tt.rule, at(t, "2026-11-23 09:00:00", z), z)
			if got := found(err); !slices.Equal(got, tt.want) {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
	if _, ok := (Recurrence{}).Next(time.Unix(0, 0)); ok {
		t.Error("the zero recurrence occurs")
	}
}

// drawRule makes a rule that our parser takes and whose parts the library means the same by. It takes BYDAY=MO,1TU to
// be days that are both; it begins the first week of BYSETPOS at the start and not at WKST; and it has the numbers of
// weeks wrong around New Year (1 January 2027 is in week 52 of weeks that begin on Sundays). Tables hold those.
func drawRule(t *rapid.T) string {
	freq := rapid.SampledFrom([]frequency{hourly, daily, weekly, monthly, yearly}).Draw(t, "freq")
	parts := []string{"FREQ=" + string(freq)}
	maybe := func(name string, values *rapid.Generator[int], most int) bool {
		if !rapid.Bool().Draw(t, name+"?") {
			return false
		}
		var s []string
		for _, n := range rapid.SliceOfNDistinct(values, 1, most, rapid.ID).Draw(t, name) {
			s = append(s, fmt.Sprint(n))
		}
		parts = append(parts, name+"="+strings.Join(s, ","))
		return true
	}
	signed := func(most int) *rapid.Generator[int] {
		return rapid.OneOf(rapid.IntRange(1, most), rapid.IntRange(-most, -1))
	}
	maybe("INTERVAL", rapid.IntRange(1, 5), 1)
	by := maybe("BYMONTH", rapid.IntRange(1, 12), 4)
	if freq != weekly {
		by = maybe("BYMONTHDAY", signed(31), 5) || by
	}
	if freq == yearly {
		by = maybe("BYYEARDAY", signed(366), 5) || by
	}
	if rapid.Bool().Draw(t, "BYDAY?") {
		n := ""
		if (freq == monthly || freq == yearly) && rapid.Bool().Draw(t, "numbered") {
			n = fmt.Sprint(signed(5).Draw(t, "n"))
		}
		var days []string
		for _, d := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}), 1, 4, rapid.ID).Draw(t, "BYDAY") {
			days = append(days, n+d)
		}
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
		by = true
	}
	by = maybe("BYHOUR", rapid.IntRange(0, 23), 3) || by
	by = maybe("BYMINUTE", rapid.IntRange(0, 59), 1) || by
	if by && freq != weekly {
		maybe("BYSETPOS", signed(3), 2)
	}
	maybe("COUNT", rapid.IntRange(1, 30), 1)
	if rapid.Bool().Draw(t, "WKST?") {
		parts = append(parts, "WKST="+rapid.SampledFrom([]string{"MO", "SU", "WE"}).Draw(t, "WKST"))
	}
	return strings.Join(parts, ";")
}

// TestRecurrenceAgainstLibrary compares the first occurrences, and those after a far later time, with a kept library on
// a wall without changes.
func TestRecurrenceAgainstLibrary(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		text := drawRule(t)
		start := time.Unix(rapid.Int64Range(1735689600, 1893456000).Draw(t, "start"), 0).UTC()
		ours, err := ParseRecurrence(text, start, time.UTC)
		if fault.Is(err, "rule_never") {
			return // nothing to compare, and the library could look for ever
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		opt, err := rrule.StrToROption(text)
		if err != nil {
			t.Fatal(err)
		}
		opt.Dtstart = start
		theirs, err := rrule.NewRRule(*opt)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		next := theirs.Iterator()
		after := start.Add(-time.Second)
		horizon := start.AddDate(recurrenceYears-1, 0, 0)
		skip := after
		if rapid.Bool().Draw(t, "later") {
			skip = start.Add(time.Duration(rapid.Int64Range(0, int64(3*365*24*time.Hour)).Draw(t, "skip")))
		}
		for range 12 {
			got, ok := ours.Next(maxTime(after, skip))
			if !ok {
				return // ended, or too far: the library may look on for ever
			}
			want, more := next()
			for more && !want.After(skip) {
				want, more = next()
			}
			if !more || !got.Equal(want) {
				t.Fatalf("%s from %v after %v: %v, the library %v (%v)", text, start, maxTime(after, skip), got, want, more)
			}
			compared++
			if after = got; after.After(horizon) {
				return
			}
		}
	})
	if compared < 100 {
		t.Errorf("only %d occurrences compared", compared)
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestWeekNumbers holds BYWEEKNO, which the library gets wrong at the turn of a year, against package time's ISO weeks.
func TestWeekNumbers(t *testing.T) {
	p := pattern{weekday0: time.Monday}
	for d := DateOf(2020, time.January, 1); d < DateOf(2050, time.January, 1); d++ {
		_, want := d.Time().ISOWeek()
		if got, of := p.weekNumber(d); got != want || of < 52 || of > 53 {
			t.Fatalf("%s: week %d of %d, want %d", d, got, of, want)
		}
	}
	z := zone(t, "America/Sao_Paulo")
	r, err := ParseRecurrence("FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=MO", at(t, "2026-06-01 09:00:00", z), z)
	if err != nil {
		t.Fatal(err)
	}
	after := r.Start()
	for _, want := range []string{"2026-12-28", "2027-01-04", "2027-12-27", "2028-01-03", "2028-12-25", "2029-01-01"} {
		got, ok := r.Next(after)
		if !ok || got.Format(time.DateOnly) != want {
			t.Errorf("%v (%v), want %s", got, ok, want)
		}
		after = got
	}
}

func FuzzRecurrence(f *testing.F) {
	for _, s := range []string{
		"FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20271231T000000Z", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "FREQ=YEARLY;BYWEEKNO=20",
		"FREQ=HOURLY;INTERVAL=24;BYHOUR=9", "FREQ=YEARLY;BYYEARDAY=-366;BYSETPOS=-1", "FREQ=;=", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
	} {
		f.Add(s, int64(1795000000))
	}
	z := zone(f, "America/New_York")
	f.Fuzz(func(t *testing.T, s string, sec int64) {
		start := time.Unix(sec%4000000000, 0)
		r, err := ParseRecurrence(s, start, z)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := ParseRecurrence(r.String(), start, z)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", s, r, err)
		}
		after := start.Add(-time.Second)
		for range 3 {
			got, ok := r.Next(after)
			same, ok2 := again.Next(after)
			if ok != ok2 || !got.Equal(same) {
				t.Fatalf("%q gives %v, written as %q %v", s, got, again, same)
			}
			if !ok {
				return
			}
			if !got.After(after) {
				t.Fatalf("%q: %v does not come after %v", s, got, after)
			}
			after = got
		}
	})
}

func BenchmarkRecurrenceNext(b *testing.B) {
	z := zone(b, "America/Sao_Paulo")
	start := at(b, "2020-01-01 09:00:00", z)
	r, err := ParseRecurrence("FREQ=MONTHLY;BYDAY=-1FR", start, z)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.Next(start.AddDate(6, 0, 0))
	}
}
