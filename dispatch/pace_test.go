package dispatch

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestMeterNeverExceedsItsRate lets starts leave with delays that nobody plans, and counts as a far end would.
func TestMeterNeverExceedsItsRate(t *testing.T) {
	for _, rate := range []float64{0.2, 1, 2.5, 5, 50, 333, 2000} {
		rng := rand.New(rand.NewPCG(uint64(rate*10), 1))
		m := newMeter(rate)
		now := time.Unix(0, 0)
		var left []time.Time
		type way struct {
			s  *start
			at time.Time
		}
		var under []way
		for len(left) < 3*int(max(rate, 20)) {
			n, _ := m.free(now)
			for range n {
				d := time.Duration(rng.IntN(3)) * time.Millisecond
				if rng.IntN(50) == 0 {
					d = time.Duration(rng.IntN(1500)) * time.Millisecond
				}
				s := m.take(now)
				at := now
				if s.due.After(at) {
					at = s.due
				}
				under = append(under, way{s, at.Add(d)})
			}
			now = now.Add(time.Duration(100+rng.IntN(400)) * time.Microsecond)
			rest := under[:0]
			for _, w := range under {
				if w.at.After(now) {
					rest = append(rest, w)
					continue
				}
				w.s.leave(now)
				left = append(left, now)
			}
			under = rest
		}
		most := max(1, int(rate))
		window := time.Duration(float64(most) / rate * float64(time.Second))
		for i := most; i < len(left); i++ {
			if d := left[i].Sub(left[i-most]); d < window {
				t.Fatalf("rate %v: %d starts within %v", rate, most+1, d)
			}
		}
	}
}

// TestMeterReachesItsRate: what keeps a limit by doing little is of no use.
func TestMeterReachesItsRate(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 7, 100, 1000} {
		m := newMeter(rate)
		now, n := time.Unix(0, 0), 0
		end := now.Add(20 * time.Second)
		for now.Before(end) {
			k, again := m.free(now)
			for range k {
				s := m.take(now)
				at := now
				if s.due.After(at) {
					at = s.due
				}
				if s.leave(at); at.Before(end) {
					n++
				}
			}
			if k == 0 && again.After(now) {
				now = again
			} else {
				now = now.Add(time.Millisecond)
			}
		}
		if want := rate * 20; float64(n) < want*0.97 {
			t.Errorf("rate %v: %d starts in 20 s", rate, n)
		}
	}
}

func TestMeterSpacesEvenly(t *testing.T) {
	m := newMeter(10)
	now := time.Unix(100, 0)         // after a long rest
	if n, _ := m.free(now); n != 2 { // at once, and in a tenth of a second
		t.Fatalf("%d after a rest, want 2", n)
	}
	for i := range 2 {
		s := m.take(now)
		if want := now.Add(time.Duration(i) * 100 * time.Millisecond); !s.due.Equal(want) {
			t.Errorf("start %d is due at %v, want %v", i, s.due, want)
		}
		s.leave(s.due)
	}
	if n, again := m.free(now.Add(99 * time.Millisecond)); n != 0 || !again.Equal(now.Add(150*time.Millisecond)) {
		t.Errorf("%d free, again at %v", n, again)
	}
	if n, _ := m.free(now.Add(150 * time.Millisecond)); n != 1 {
		t.Errorf("%d free half a turn before the third may leave", n)
	}
}

// TestMeterStopsAtTheEndOfItsDay: what is claimed today must not leave tomorrow.
func TestMeterStopsAtTheEndOfItsDay(t *testing.T) {
	m := newMeter(100)
	midnight := time.Unix(100, 0)
	m.to = midnight
	now := midnight.Add(-25 * time.Millisecond)
	n, _ := m.free(now)
	for range n {
		if s := m.take(now); !s.due.Before(midnight) {
			t.Errorf("due at %v", s.due)
		} else {
			s.leave(s.due)
		}
	}
	if k, again := m.free(now); n == 0 || k != 0 || again.Before(midnight) {
		t.Errorf("%d before midnight, then %d, again at %v", n, k, again)
	}
	m.to = midnight.AddDate(0, 0, 1)
	if k, _ := m.free(midnight); k == 0 {
		t.Error("nothing on the new day")
	}
}

// TestMeterWaitsForAStartOnItsWay: a start that is held up holds up those that would make the second too full.
func TestMeterWaitsForAStartOnItsWay(t *testing.T) {
	m := newMeter(2)
	now := time.Unix(0, 0)
	slow := m.take(now)
	m.take(now.Add(500 * time.Millisecond)).leave(now.Add(500 * time.Millisecond))
	if n, again := m.free(now.Add(5 * time.Second)); n != 0 || !again.IsZero() {
		t.Errorf("%d free while a start is on its way, again at %v", n, again)
	}
	slow.leave(now.Add(5 * time.Second))
	if n, again := m.free(now.Add(5 * time.Second)); n != 0 || !again.Equal(now.Add(6*time.Second-atLeast)) {
		t.Errorf("%d free, again at %v", n, again)
	}
}

func TestMeterTakesOver(t *testing.T) {
	m := newMeter(3)
	now := time.Unix(10, 0)
	m.since(now)
	if n, _ := m.free(now.Add(900 * time.Millisecond)); n != 0 {
		t.Errorf("%d free within the second of another node", n)
	}
	if n, _ := m.free(now.Add(time.Second)); n != 1 || m.take(now).due.Before(now.Add(time.Second)) {
		t.Errorf("%d free after it", n)
	}
	newMeter(0).since(now) // nothing to count
	if n, _ := newMeter(0).free(now); n < 1_000_000 {
		t.Errorf("no limit gives %d", n)
	}
}

func TestBreaker(t *testing.T) {
	now := time.Unix(0, 0)
	var b breaker
	for range tolerated {
		b.fault(now, 0, cause{})
		if n, _ := b.allowance(now); n == 0 {
			t.Fatal("closes at a fault that is tolerated")
		}
	}
	b.fault(now, 0, cause{"congested", "", "503"})
	if n, again := b.allowance(now); n != 0 || !again.Equal(now.Add(firstRest)) {
		t.Errorf("%d free, again at %v", n, again)
	}
	for range 100 { // those that were under way fail too, and tell nothing new
		b.fault(now, 0, cause{})
	}
	if _, again := b.allowance(now); !again.Equal(now.Add(firstRest)) {
		t.Errorf("rests until %v because of attempts that were under way", again)
	}
	now = now.Add(firstRest)
	if n, _ := b.allowance(now); n != 1 {
		t.Fatalf("%d may try whether the line has recovered, want 1", n)
	}
	b.started(7)
	if n, _ := b.allowance(now); n != 0 {
		t.Error("two try at once")
	}
	b.ended(7)
	b.fault(now, 0, cause{})
	if _, again := b.allowance(now); !again.Equal(now.Add(2 * firstRest)) {
		t.Errorf("the second rest ends at %v", again)
	}
	b.success()
	if n, _ := b.allowance(now); n < 1000 {
		t.Errorf("%d free after a success", n)
	}
	b.fault(now, 10*time.Minute, cause{})
	if n, again := b.allowance(now); n != 0 || !again.Equal(now.Add(10*time.Minute)) {
		t.Errorf("a line that asks for ten minutes gets %d, %v", n, again)
	}
}

func TestBreakerTellsWhenALineIsDown(t *testing.T) {
	now := time.Unix(0, 0)
	var b breaker
	for i := range 60 {
		b.fault(now, 0, cause{})
		_, again := b.allowance(now)
		if b.down(now) {
			if now.Sub(time.Unix(0, 0)) < downAfter {
				t.Errorf("down after %v", now)
			}
			return
		}
		if again.After(now) {
			now = again
		}
		if i > 50 {
			t.Fatal("never down")
		}
	}
}
