package email

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"campanario/sandbox"
	"campanario/sandbox/mailbox"
)

// TestPace gives turns for messages that take their time, on a clock of the test's own: whenever the far end counts them,
// at the beginning or at the end, it counts no more than the rate.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		rate float64
		took time.Duration // by each message
		want time.Duration // until twelve are over, three at a time
	}{
		{rate: 0, took: time.Second, want: 4 * time.Second},
		{rate: 4, took: 0, want: 2 * time.Second},
		{rate: 4, took: 500 * time.Millisecond, want: 4 * time.Second},
		{rate: 0.5, took: time.Second, want: 34 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPace(c.rate)
			began := time.Now()
			work := make(chan int, 12)
			for i := range 12 {
				work <- i
			}
			close(work)
			over := make(chan [2]time.Time, 12)
			for range 3 {
				go func() {
					for range work {
						if !p.take(t.Context()) {
							t.Error("no turn")
						}
						from := time.Now()
						<-time.After(c.took)
						over <- [2]time.Time{from, time.Now()}
						p.give()
					}
				}()
			}
			var all [][2]time.Time
			for range 12 {
				all = append(all, <-over)
			}
			if took := time.Since(began); took != c.want {
				t.Errorf("%g a second, %v each: all over after %v, want %v", c.rate, c.took, took, c.want)
			}
			for i, one := range all {
				n := 1
				for _, other := range all[i+1:] {
					if other[0].Sub(one[1]) < time.Second { // counted at its end, and the other at its beginning
						n++
					}
				}
				if c.rate >= 1 && n > int(c.rate) {
					t.Errorf("%d in a second, of %g", n, c.rate)
				}
			}
			synctest.Wait()
		})
	}
}

func TestPaceEndsWithItsContext(t *testing.T) {
	p := newPace(0.001)
	ctx, cancel := context.WithCancel(t.Context())
	if !p.take(ctx) {
		t.Fatal("the first turn was not given")
	}
	cancel()
	if p.take(ctx) {
		t.Error("a turn was given twice")
	}
	p.give()
	if p.take(ctx) {
		t.Error("a turn was given again at once")
	}
	if len(p.turns) != 1 {
		t.Error("a turn is lost")
	}
}

// TestAHeapGoesOutAtTheLinesRate: orders that have queued up, as they do while a connection is made, keep the rate.
func TestAHeapGoesOutAtTheLinesRate(t *testing.T) {
	log := sandbox.NewLog(true, nil)
	far := mailbox.New(mailbox.Options{Log: log, Mix: []mailbox.Share{{Behaviour: mailbox.OK, Percent: 100}}})
	if err := far.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(far.Stop)
	l := line(far.Addr(), `"tls":"none"`)
	l.Limits.Concurrent, l.Limits.PerSecond = 3, 100
	a := adapter(t, Options{})
	var all []*report
	for i := range 130 {
		all = append(all, place(t, a, order(l, fmt.Sprintf("p%d@example.com", i), i)))
	}
	for _, r := range all {
		if o := brief(r.wait()); o != "sent 250 2.0.0" {
			t.Fatalf("outcome %q", o)
		}
	}
	records := log.Records()
	first := 0
	for i, r := range records {
		for r.At.Sub(records[first].At) >= time.Second {
			first++
		}
		if n := i - first + 1; n > 100 {
			t.Fatalf("%d messages within a second, of 100", n)
		}
	}
}
