package media

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// diary is a session that writes down when it is called; during, if set, happens inside a call.
type diary struct {
	mu      sync.Mutex
	at      []time.Time
	elapsed []int
	late    []time.Duration
	during  func(call int)
}

func (d *diary) tick(now time.Time, late time.Duration, elapsed int) {
	d.mu.Lock()
	d.at = append(d.at, now)
	d.elapsed = append(d.elapsed, elapsed)
	d.late = append(d.late, late)
	call := len(d.at)
	d.mu.Unlock()
	if d.during != nil {
		d.during(call)
	}
}

func (d *diary) calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.at)
}

func TestPacerCallsEverySessionEvery20ms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(2)
		p.Start()
		p.Start() // twice does no harm
		defer p.Stop()
		all := make([]*diary, 100)
		for i := range all {
			all[i] = &diary{}
			p.add(all[i])
		}
		<-time.After(10 * time.Second)
		p.Stop()
		starts := map[time.Duration]int{}
		for i, d := range all {
			if n := d.calls(); n < 499 || n > 501 {
				t.Fatalf("session %d was called %d times in 10 s", i, n)
			}
			for j := 1; j < len(d.at); j++ {
				if gap := d.at[j].Sub(d.at[j-1]); gap != period || d.elapsed[j] != 1 {
					t.Fatalf("session %d: %v and %d frames between two calls", i, gap, d.elapsed[j])
				}
			}
			starts[d.at[10].Sub(all[0].at[10]).Truncate(slotWidth/2)%period]++
		}
		for at, n := range starts {
			if n > 3 { // 100 sessions over 2 × 20 slots
				t.Errorf("%d sessions are due at %v", n, at)
			}
		}
		if h := p.Lateness(); h.Max() != 0 || p.Missed() != 0 {
			t.Errorf("late by %v, missed %d, with nothing to do", h.Max(), p.Missed())
		}
	})
}

// A process that stood still must go on with the frame that is due now: one call, the missed frames counted.
func TestPacerDoesNotBurstAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(1)
		p.Start()
		defer p.Stop()
		stalls := &diary{during: func(call int) {
			if call == 50 {
				<-time.After(333 * time.Millisecond)
			}
		}}
		other := &diary{}
		p.add(stalls)
		p.add(other)
		<-time.After(3 * time.Second)
		p.Stop()

		for name, d := range map[string]*diary{"stalled": stalls, "other": other} {
			frames := 0
			for j := 1; j < len(d.at); j++ {
				frames += d.elapsed[j]
				if d.at[j].Sub(d.at[j-1]) <= 0 {
					t.Errorf("%s: two calls at once", name)
				}
				// However late a call is, the count of frames follows the clock.
				want := int((d.at[j].Sub(d.at[0]) + d.late[0] - d.late[j]) / period)
				if frames != want {
					t.Fatalf("%s: %d frames at call %d, want %d", name, frames, j, want)
				}
			}
			if most := slices.Max(d.elapsed); most < 16 || most > 17 {
				t.Errorf("%s: at most %d frames were passed over", name, most)
			}
			if last := d.late[len(d.late)-1]; last != 0 {
				t.Errorf("%s: still %v late at the end", name, last)
			}
		}
		if missed := p.Missed(); missed < 30 || missed > 33 {
			t.Errorf("%d frames missed, want 16 or so of each", missed)
		}
		// The missed frames are not forgotten in the figures: of about 300, some 32 were up to 333 ms late.
		if h := p.Lateness(); h.Quantile(0.99) < 250*time.Millisecond || h.Quantile(0.5) > time.Millisecond {
			t.Errorf("median %v, p99 %v", h.Quantile(0.5), h.Quantile(0.99))
		}
	})
}

func TestPacerWheelStandsStillWithoutSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(1)
		p.Start()
		defer p.Stop()
		<-time.After(time.Hour)
		d := &diary{}
		s := p.add(d)
		<-time.After(time.Second)
		if n := d.calls(); n < 49 || n > 51 {
			t.Errorf("called %d times in the first second", n)
		}
		if h := p.Lateness(); h.Max() > slotWidth || p.Missed() != 0 {
			t.Errorf("the hour without sessions counts: late %v, missed %d", h.Max(), p.Missed())
		}
		s.leave()
		s.leave()
		s.wait()
		n := d.calls()
		<-time.After(time.Hour)
		if d.calls() != n {
			t.Error("called after it left")
		}
	})
}

// Once leave and wait have returned a session is never called again, and leave may come from inside a call.
func TestPacerLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(1)
		p.Start()
		defer p.Stop()
		started, release := make(chan struct{}), make(chan struct{})
		over := false
		d := &diary{during: func(int) { close(started); <-release; over = true }}
		s := p.add(d)
		<-started
		s.leave()
		close(release)
		s.wait()
		if !over {
			t.Error("wait returned in the middle of a call")
		}

		p.Stop()
		var own *seat
		inside := &diary{}
		inside.during = func(int) { own.leave() }
		own = p.add(inside)
		p.Start()
		<-time.After(time.Second)
		if inside.calls() != 1 {
			t.Errorf("called %d times after it left in its first call", inside.calls())
		}
	})
}

func TestPacerStopsAndStartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(0)
		p.Stop()
		d := &diary{}
		p.add(d)
		<-time.After(time.Second)
		if d.calls() != 0 {
			t.Error("called before Start")
		}
		for range 3 {
			p.Start()
			n := d.calls()
			<-time.After(time.Second)
			p.Stop()
			p.Stop()
			if got := d.calls() - n; got < 49 || got > 51 {
				t.Errorf("called %d times in a second", got)
			}
			n = d.calls()
			<-time.After(time.Second)
			if d.calls() != n {
				t.Error("called after Stop")
			}
			if slices.Max(d.elapsed) != 1 || slices.Min(d.elapsed) != 1 {
				t.Error("the time it stood still was counted as missed")
			}
		}
	})
}
