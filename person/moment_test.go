package person_test

import (
	"testing"
	"time"

	"campanario/person"
)

// TestSeatsBound: what a source is asked for before a seat is exactly what comes before it, whatever the kind.
func TestSeatsBound(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var all []person.Moment
	for _, k := range person.Kinds() {
		for i := range 3 {
			for j := range int64(2) {
				all = append(all, person.NewMoment(k, noon.Add(time.Duration(i)*time.Millisecond), -j, j))
			}
		}
	}
	seats := []person.Seat{person.End(), {}}
	for _, m := range all {
		seats = append(seats, m.Seat)
	}
	for _, seat := range seats {
		for _, m := range all {
			at, a, b := seat.Before(m.Kind)
			s := m.Seat
			inside := s.At < at || s.At == at && (s.A < a || s.A == a && s.B < b)
			if want := s.Compare(seat) < 0; inside != want {
				t.Errorf("%s at %+v before %+v: asked for %v, want %v", m.Kind, s, seat, inside, want)
			}
		}
	}
}
