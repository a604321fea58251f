package store_test

import "testing"

// Two nodes whose clocks differ hand a line over at midnight; or somebody sets the clock back.
func TestTheDaysLimitHoldsWhenTheClockGoesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 50)
		claim := func(day int64) int {
			r := w.request(w.hold, "c", 10)
			r.Day, r.PerDay = day, 5
			c, err := w.Claim(w.ctx, r, w.place)
			w.must(err)
			return len(c.Flights)
		}
		if n := claim(100); n != 5 {
			t.Fatalf("%d on the first day", n)
		}
		if n := claim(101); n != 5 {
			t.Fatalf("%d on the second day", n)
		}
		if n := claim(100); n != 0 {
			t.Errorf("%d more on the first day", n)
		}
		if n := claim(101); n != 0 {
			t.Errorf("%d more on the second day", n)
		}
	})
}
