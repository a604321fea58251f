package campaign

import (
	"testing"
	"time"
)

// In Santiago the clocks go from 23:59 to 01:00 when summer begins: that day has no midnight.
func TestALapOfADayWithoutMidnightDoesNotBeginTheDayBefore(t *testing.T) {
	for _, name := range []string{"America/Santiago", "America/Havana", "America/Sao_Paulo", "Africa/Cairo"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		laps := Laps{MaxPerDay: 1, MaxTotal: 9, CooldownMinutes: 1}
		for day := time.Date(2010, 1, 1, 12, 0, 0, 0, zone); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
			st := LapState{Lap: 1, Opened: day, Today: 1, Ended: day.Add(time.Hour)}
			at, ok := laps.NextLap(st, zone, time.Time{}, always{})
			if !ok || at.In(zone).Day() == day.Day() || at.Sub(day) > 14*time.Hour {
				t.Fatalf("%s: after the only lap of %v comes one at %v", name, day, at.In(zone))
			}
		}
	}
}
