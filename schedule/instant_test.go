package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"campanario/internal/fault"
)

func TestParseInstant(t *testing.T) {
	sp, ny, cl := "America/Sao_Paulo", "America/New_York", "America/Santiago"
	const now = "2026-03-01T12:00:00Z"
	tests := []struct{ name, in, zone, want string }{
		{"an offset", "2026-12-01T09:00:00-03:00", ny, "2026-12-01T12:00:00Z"},
		{"UTC", "2026-12-01T09:00:00Z", sp, "2026-12-01T09:00:00Z"},
		{"on the wall", "2026-12-01 09:00", sp, "2026-12-01T12:00:00Z"},
		{"on another wall", "2026-12-01 09:00", ny, "2026-12-01T14:00:00Z"},
		{"with a T and seconds", " 2026-12-01T09:00:30 ", sp, "2026-12-01T12:00:30Z"},
		{"in summer", "2026-07-01 09:00", ny, "2026-07-01T13:00:00Z"},
		{"one that comes twice is the first", "2026-11-01 01:30", ny, "2026-11-01T05:30:00Z"},
		{"the second by its offset", "2026-11-01T01:30:00-05:00", ny, "2026-11-01T06:30:00Z"},
		{"one that does not come", "2026-03-08 02:30", ny, "time_skipped"},
		{"a midnight that does not come", "2026-09-06 00:00", cl, "time_skipped"},
		{"now", "2026-03-01T12:00:00Z", sp, "past_time"},
		{"past", "2026-03-01 08:59", sp, "past_time"},
		{"past by its offset only", "2026-03-01T09:30:00-02:00", sp, "past_time"},
		{"a year mistyped", "2206-03-01 08:59", sp, "time_too_far"},
		{"empty", "", sp, "time_invalid"},
		{"no time", "2026-12-01", sp, "time_invalid"},
		{"another order", "01/12/2026 09:00", sp, "time_invalid"},
		{"no such day", "2026-02-30 09:00", sp, "time_invalid"},
		{"no such hour", "2026-12-01 24:00", sp, "time_invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			z := zone(t, tt.zone)
			got, err := ParseInstant(tt.in, z, at(t, now, z))
			if err != nil {
				if c := fault.CodeOf(err); c != tt.want {
					t.Errorf("%v, want %s", err, tt.want)
				}
				return
			}
			want, err := time.Parse(time.RFC3339, tt.want)
			if err != nil {
				t.Fatalf("taken as %v, want %s", got, tt.want)
			}
			if !got.Equal(want) || got.Location() != z {
				t.Errorf("%v, want %v", got, want.In(z))
			}
		})
	}
}

func TestSkippedTimeComesWithAdvice(t *testing.T) {
	z := zone(t, "America/New_York")
	_, err := ParseInstant("2026-03-08 02:30", z, at(t, "2026-03-01T12:00:00Z", z))
	bad := fault.All(err)
	if len(bad) != 1 || bad[0].Params["before"] != "2026-03-08 01:30" || bad[0].Params["after"] != "2026-03-08 03:30" {
		t.Errorf("advice: %v", err)
	}
}

// TestWallTimeUndoesTheWall holds that every instant, shown on the wall and read back, is itself or the first with that
// face, and that what the clocks skip is moved by the gap.
func TestWallTimeUndoesTheWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, err := LoadZone(rapid.SampledFrom(changing).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		when := drawMoment(t, z)
		face := func(t time.Time) string { return t.In(z).Format("2006-01-02 15:04:05") }
		back, gap := wallTime(time.Unix(wallSeconds(when, z), 0).UTC(), z)
		if face(back) != face(when) || back.After(when) || gap != 0 {
			t.Fatalf("%v became %v (gap %v)", when.In(z), back, gap)
		}
		for m := when.Add(-26 * time.Hour); m.Before(when); m = m.Add(15 * time.Minute) {
			if face(m) == face(when) && m.Before(back) {
				t.Fatalf("%v is not the first %s: %v is", back, face(when), m.In(z))
			}
		}
		wall := when.UTC()
		moved, gap := wallTime(wall, z)
		if want := wall.Add(gap).Format("2006-01-02 15:04:05"); face(moved) != want || gap < 0 {
			t.Fatalf("the wall %v became %s with a gap of %v", wall, face(moved), gap)
		}
	})
}

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{"2026-12-01 09:00", "2026-12-01T09:00:00-03:00", "2026-03-08 02:30", "0000-00-00 00:00", "9999-12-31T23:59:59Z", "\xff"} {
		f.Add(s)
	}
	z := zone(f, "America/New_York")
	now := time.Unix(1772366400, 0)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseInstant(s, z, now)
		if err != nil && len(fault.All(err)) != 1 {
			t.Fatalf("%q: %v", s, err)
		}
		if err == nil && (!got.After(now) || got.Sub(now) > MaxAhead) {
			t.Fatalf("%q became %v", s, got)
		}
	})
}

func TestLoadZone(t *testing.T) {
	for _, name := range []string{"America/Sao_Paulo", "UTC", "Etc/GMT+3", "America/Argentina/Buenos_Aires", "Brazil/East"} {
		z, err := LoadZone(name)
		if err != nil || z.String() != name {
			t.Errorf("%s: %v, %v", name, z, err)
		}
		if again, _ := LoadZone(name); again != z {
			t.Errorf("%s is read each time", name)
		}
	}
	for _, name := range []string{
		"", "Local", "localtime", "Brasilia", "America/Sao Paulo", "America/São_Paulo", "../../etc/passwd", "/etc/passwd",
		"right/America/Sao_Paulo", "posix/America/Sao_Paulo", "posixrules", "Factory", "America", "tzdata.zi", "america/sao_paulo/",
		"GMT-3:00", "-03:00", "\x00",
	} {
		if z, err := LoadZone(name); !fault.Is(err, "zone_unknown") {
			t.Errorf("%q: %v, %v", name, z, err)
		}
	}
}
