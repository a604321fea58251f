package dispatch

import (
	"testing"
	"time"
)

// Where clocks go forward at midnight, the day begins at one o'clock.
func TestTheNextDayIsAlwaysToCome(t *testing.T) {
	for _, zone := range []string{"America/Santiago", "America/Sao_Paulo", "America/Havana", "Africa/Cairo", "Asia/Beirut", "UTC"} {
		z := location(zone)
		for now := time.Date(2014, 1, 1, 0, 10, 0, 0, time.UTC); now.Year() < 2027; now = now.Add(20 * time.Minute) {
			next := nextDay(now, zone)
			if !next.After(now) || next.Sub(now) > 25*time.Hour {
				t.Fatalf("%s: after %v comes %v", zone, now.In(z), next)
			}
			if dayOf(next, zone) != dayOf(now, zone)+1 || dayOf(next.Add(-time.Second), zone) != dayOf(now, zone) {
				t.Fatalf("%s: the day after %v does not begin at %v", zone, now.In(z), next)
			}
		}
	}
}
