package email

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"campanario/channel"
)

// TestDeadConnectionIsReplaced: a server that closes between messages costs nothing; the message goes out once.
func TestDeadConnectionIsReplaced(t *testing.T) {
	for name, word := range map[string]string{"closed": slam, "421": "421 4.4.2 idle", "silent": hush} {
		t.Run(name, func(t *testing.T) {
			var mails atomic.Int32
			answer := func(n int, verb, line string) string {
				if verb == "MAIL" && mails.Add(1) == 2 {
					return word
				}
				return honest(n, verb, line)
			}
			bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
				l := line(far, clear)
				l.Limits.Concurrent = 1
				for i := range 3 {
					if got := place(t, a, order(l, "maria@example.net", i)).wait(); got.Code != channel.Sent {
						t.Errorf("message %d: %s", i, brief(got))
					}
				}
				if f.connections() != 2 || len(f.taken()) != 3 {
					t.Errorf("%d connections, %d messages", f.connections(), len(f.taken()))
				}
			})
		})
	}
}

func TestConnectionsAreKeptRenewedAndClosed(t *testing.T) {
	bubble(t, honest, func(t *testing.T, f *farEnd, a *Adapter) {
		l := line(far, clear+`,"max_per_connection":3,"idle_seconds":20`)
		l.Limits.Concurrent = 1
		for i := range 7 {
			if got := place(t, a, order(l, "maria@example.net", i)).wait(); got.Code != channel.Sent {
				t.Fatal(brief(got))
			}
		}
		synctest.Wait()
		if f.connections() != 3 { // 3 + 3 + 1
			t.Errorf("%d connections", f.connections())
		}
		quits := func() int {
			return len(slices.DeleteFunc(f.heard(), func(s string) bool { return !strings.HasSuffix(s, "QUIT") }))
		}
		if quits() != 2 {
			t.Errorf("%d farewells while one connection is in use", quits())
		}
		<-time.After(19 * time.Second) // on the bubble's clock
		if quits() != 2 {
			t.Error("closed before it was idle long enough")
		}
		<-time.After(2 * time.Second) // on the bubble's clock
		if quits() != 3 {
			t.Error("an idle connection stays open")
		}
		if got := place(t, a, order(l, "maria@example.net", 9)).wait(); got.Code != channel.Sent || f.connections() != 4 {
			t.Errorf("after the pause: %s on connection %d", brief(got), f.connections())
		}
	})
}

// TestLineThatIsDown: one connection asks; everything waiting ends as a fault; further orders are refused until the
// pause is over, and the pauses grow.
func TestLineThatIsDown(t *testing.T) {
	var up atomic.Bool
	answer := func(n int, verb, line string) string {
		if !up.Load() && verb == "" {
			return hush
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
		l := line(far, clear)
		var waiting []*report
		for i := range 20 {
			waiting = append(waiting, place(t, a, order(l, "maria@example.net", i)))
		}
		for _, r := range waiting {
			if got := r.wait(); got.Code.Class() != channel.ClassFault {
				t.Errorf("got %s", brief(got))
			}
		}
		if f.connections() != 1 {
			t.Errorf("%d connections asked", f.connections())
		}
		for i, s := range []int{1, 2, 4, 8, 16, 30, 30} {
			pause := time.Duration(s) * time.Second
			r := newReport(t)
			_, err := a.Place(t.Context(), order(l, "maria@example.net", 100), r)
			no, ok := err.(*channel.NotPlaced) //nolint:errorlint // the contract is this type
			if !ok || no.Outcome.Code != channel.LineFailed || no.Outcome.RetryAfter != pause {
				t.Fatalf("pause %d: %v, %+v", i, err, no)
			}
			<-time.After(pause) // on the bubble's clock
			if i == 6 {
				break
			}
			if got := place(t, a, order(l, "maria@example.net", 101)).wait(); got.Reason != "smtp_silent_before_data" {
				t.Errorf("pause %d: %s", i, brief(got))
			}
		}
		up.Store(true)
		if got := place(t, a, order(l, "maria@example.net", 102)).wait(); got.Code != channel.Sent {
			t.Errorf("after all: %s", brief(got))
		}
	})
}

// TestServerThatDies: eight connections that break together are one failure of the line, not eight.
func TestServerThatDies(t *testing.T) {
	var dead atomic.Bool
	gate := make(chan struct{})
	answer := func(n int, verb, line string) string {
		switch {
		case dead.Load():
			return slam
		case verb == ".":
			<-gate
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
		gate = make(chan struct{})
		l := line(far, clear)
		var all []*report
		for i := range 50 {
			all = append(all, place(t, a, order(l, "maria@example.net", i)))
		}
		synctest.Wait()
		if f.connections() != 8 {
			t.Errorf("%d connections", f.connections())
		}
		dead.Store(true)
		close(gate)
		counts := map[string]int{}
		for _, r := range all {
			counts[brief(r.wait())]++
		}
		if counts["sent 250 2.0.0"] != 8 || counts["line_failed smtp_lost_before_data lost"] != 42 {
			t.Errorf("ends %v", counts)
		}
		synctest.Wait()
		_, err := a.Place(t.Context(), order(l, "maria@example.net", 99), newReport(t))
		no, ok := err.(*channel.NotPlaced) //nolint:errorlint // the contract is this type
		if !ok || no.Outcome.RetryAfter != time.Second {
			t.Errorf("refused with %+v", err)
		}
	})
}

// TestServerThatIsGone: workers without a connection that all find the server gone make one pause, and after everybody
// has been idle it is one connection that asks again.
func TestServerThatIsGone(t *testing.T) {
	var dead atomic.Bool
	gate := make(chan struct{})
	answer := func(n int, verb, line string) string {
		switch {
		case dead.Load():
			<-gate
			return slam
		case verb == ".":
			<-gate
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
		l := line(far, clear+`,"max_per_connection":1,"idle_seconds":5`)
		send := func(n int) (all []*report) {
			for i := range n {
				all = append(all, place(t, a, order(l, "maria@example.net", i)))
			}
			return all
		}
		gate = make(chan struct{})
		first := send(8)
		synctest.Wait()
		close(gate)
		for _, r := range first {
			if got := r.wait(); got.Code != channel.Sent {
				t.Error(brief(got))
			}
		}
		synctest.Wait()
		dead.Store(true)
		gate = make(chan struct{})
		second := send(8)
		synctest.Wait()
		close(gate)
		for _, r := range second {
			if got := r.wait(); got.Code != channel.LineFailed {
				t.Error(brief(got))
			}
		}
		synctest.Wait()
		_, err := a.Place(t.Context(), order(l, "maria@example.net", 99), newReport(t))
		if no, ok := err.(*channel.NotPlaced); !ok || no.Outcome.RetryAfter != time.Second { //nolint:errorlint // the contract is this type
			t.Errorf("refused with %+v", err)
		}

		dead.Store(false)
		<-time.After(2 * time.Second) // on the bubble's clock
		for _, r := range send(3) {
			if got := r.wait(); got.Code != channel.Sent {
				t.Error(brief(got))
			}
		}
		<-time.After(10 * time.Second) // on the bubble's clock
		dead.Store(true)
		before := f.connections()
		gate = make(chan struct{})
		third := send(20)
		synctest.Wait()
		close(gate)
		for _, r := range third {
			r.wait()
		}
		if n := f.connections() - before; n != 1 {
			t.Errorf("%d connections asked", n)
		}
	})
}

// TestServerWithFewConnections: a server that refuses the third connection gets everything through two.
func TestServerWithFewConnections(t *testing.T) {
	gate := make(chan struct{})
	answer := func(n int, verb, line string) string {
		switch {
		case n > 2 && verb == "":
			return "421 4.7.0 too many connections"
		case verb == ".":
			<-gate
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
		gate = make(chan struct{}) // of the bubble
		l := line(far, clear)
		var all []*report
		for i := range 30 {
			all = append(all, place(t, a, order(l, "maria@example.net", i)))
		}
		synctest.Wait()
		close(gate)
		for i, r := range all {
			if got := r.wait(); got.Code != channel.Sent {
				t.Errorf("message %d: %s", i, brief(got))
			}
		}
		if len(f.taken()) != 30 || f.connections() > 10 {
			t.Errorf("%d messages on %d connections", len(f.taken()), f.connections())
		}
	})
}

func TestDepthFollowsTheRate(t *testing.T) {
	bubble(t, honest, func(t *testing.T, _ *farEnd, a *Adapter) {
		l := line(far, clear)
		if d := a.Depth(l); d != 64 {
			t.Errorf("depth before anything is known: %d", d)
		}
		// 40 messages a second: a tenth of a second is 4, but never fewer than two for each connection.
		for i := range 40 {
			place(t, a, order(l, "maria@example.net", i)).wait()
			<-time.After(25 * time.Millisecond) // on the bubble's clock
		}
		if d := a.Depth(l); d != 16 {
			t.Errorf("depth at 40 a second: %d", d)
		}
		l.Limits.Concurrent = 2
		if d := a.Depth(l); d != 16 {
			t.Errorf("depth with two connections: %d", d)
		}
		bad := l
		bad.ID, bad.Settings = "line-2", []byte(`{}`)
		if d := a.Depth(bad); d != 1 {
			t.Errorf("depth of a line that is wrongly set: %d", d)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	bubble(t, but(map[string]string{".": hush}), func(t *testing.T, _ *farEnd, a *Adapter) {
		l := line(far, clear)
		l.Limits.Concurrent = 1
		var all []*report
		for i := range 66 { // one on its way, 64 waiting; the last is too many
			r := newReport(t)
			_, err := a.Place(t.Context(), order(l, "maria@example.net", i), r)
			synctest.Wait()
			if err == nil {
				all = append(all, r)
				continue
			}
			no, ok := err.(*channel.NotPlaced) //nolint:errorlint // the contract is this type
			if i != 65 || !ok || no.Outcome.Reason != "smtp_queue_full" || no.Outcome.Code.Class() != channel.ClassFault {
				t.Fatalf("order %d: %v", i, err)
			}
		}
		if len(all) != 65 {
			t.Errorf("%d taken", len(all))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := a.Close(ctx); err == nil {
			t.Error("closed in time although the far end is silent")
		}
		codes := map[string]int{}
		for _, r := range all {
			codes[brief(r.wait())]++
		}
		if codes["unknown smtp_lost_after_data lost"] != 1 || codes["congested smtp_not_started"] != 64 {
			t.Errorf("ends %v", codes)
		}
	})
}

// TestClose: what is on its way arrives, what has not begun comes back at no cost, nothing is taken afterwards.
func TestClose(t *testing.T) {
	gate := make(chan struct{})
	answer := func(n int, verb, line string) string {
		if verb == "." {
			<-gate
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
		gate = make(chan struct{})
		l := line(far, clear)
		l.Limits.Concurrent = 2
		var all []*report
		for i := range 10 {
			all = append(all, place(t, a, order(l, "maria@example.net", i)))
		}
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- a.Close(context.Background()) }()
		synctest.Wait()
		waiting := 0
		for _, r := range all {
			if r.closed() {
				waiting++
				if got := r.wait(); got.Reason != "smtp_not_started" || got.Code.Class() != channel.ClassFault {
					t.Errorf("handed back as %s", brief(got))
				}
			}
		}
		if waiting != 8 {
			t.Errorf("%d handed back", waiting)
		}
		close(gate)
		if err := <-closed; err != nil {
			t.Error(err)
		}
		sent := 0
		for _, r := range all {
			if r.wait().Code == channel.Sent {
				sent++
			}
		}
		if sent != 2 || len(f.taken()) != 2 {
			t.Errorf("%d sent, %d taken", sent, len(f.taken()))
		}
		r := newReport(t)
		if _, err := a.Place(t.Context(), order(l, "maria@example.net", 11), r); !isNotPlaced(err, "smtp_not_started") {
			t.Errorf("after Close: %v", err)
		}
	})
}

// TestCloseWhileConnecting: an order whose connection is not made yet has not begun.
func TestCloseWhileConnecting(t *testing.T) {
	bubble(t, but(map[string]string{"": hush}), func(t *testing.T, _ *farEnd, a *Adapter) {
		r := place(t, a, order(line(far, clear), "maria@example.net", 1))
		synctest.Wait()
		began := time.Now()
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if got := r.wait(); got.Reason != "smtp_not_started" || time.Since(began) != 0 {
			t.Errorf("%s after %v", brief(got), time.Since(began))
		}
	})
}

func isNotPlaced(err error, reason string) bool {
	no, ok := err.(*channel.NotPlaced) //nolint:errorlint // the contract is this type
	return ok && no.Outcome.Reason == reason && no.Outcome.Code.Class() == channel.ClassFault
}

// TestChangedSettings: new orders go by the new settings, those already taken by the old.
func TestChangedSettings(t *testing.T) {
	gate := make(chan struct{})
	answer := func(n int, verb, line string) string {
		if n == 1 && verb == "." {
			<-gate
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
		gate = make(chan struct{})
		l := line(far, clear)
		l.Limits.Concurrent = 1
		old := []*report{place(t, a, order(l, "a@example.net", 1)), place(t, a, order(l, "b@example.net", 2))}
		synctest.Wait()
		l2 := line(far, clear+`,"envelope_sender":"bounces@example.com"`)
		l2.Limits.Concurrent = 1
		fresh := place(t, a, order(l2, "c@example.net", 3))
		if got := fresh.wait(); got.Code != channel.Sent {
			t.Error(brief(got))
		}
		close(gate)
		for _, r := range old {
			if got := r.wait(); got.Code != channel.Sent {
				t.Error(brief(got))
			}
		}
		heard := strings.Join(f.heard(), "\n")
		for _, want := range []string{
			"1 MAIL FROM:<line@example.com>\n1 RCPT TO:<a@example.net>", "1 MAIL FROM:<line@example.com>\n1 RCPT TO:<b@example.net>",
			"2 MAIL FROM:<bounces@example.com>\n2 RCPT TO:<c@example.net>",
		} {
			if !strings.Contains(heard, want) {
				t.Errorf("not heard: %s in\n%s", want, heard)
			}
		}
	})
}

// TestEveryOrderEndsOnce: many orders over a server that misbehaves by turns, from many goroutines, with settings that
// change and a close in the middle.
func TestEveryOrderEndsOnce(t *testing.T) {
	words := []string{"250 ok", "250 ok", "250 ok", "550 5.1.1 no", "451 4.7.1 later", slam, "421 4.3.2 bye", "garbage"}
	answer := func(n int, verb, line string) string {
		if verb == "RCPT" || verb == "." {
			h := 0
			for _, c := range line + verb {
				h = h*31 + int(c)
			}
			return words[(h&0xffff+n)%len(words)]
		}
		return honest(n, verb, line)
	}
	bubble(t, answer, func(t *testing.T, _ *farEnd, a *Adapter) {
		const senders, each = 10, 100
		results := make(chan *report, senders*each)
		refused := make(chan error, senders*each)
		for s := range senders {
			go func() {
				for i := range each {
					l := line(far, clear+fmt.Sprintf(`,"max_per_connection":%d`, 5+i/40))
					l.Limits.Concurrent = 3
					r := newReport(t)
					if _, err := a.Place(context.Background(), order(l, fmt.Sprintf("p%d-%d@example.net", s, i), s*each+i), r); err != nil {
						refused <- err
					} else {
						results <- r
					}
					<-time.After(7 * time.Millisecond)
				}
			}()
		}
		<-time.After(500 * time.Millisecond) // on the bubble's clock
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
		<-time.After(time.Minute) // on the bubble's clock
		if n := len(results) + len(refused); n != senders*each {
			t.Errorf("%d orders accounted for", n)
		}
		close(results)
		for r := range results {
			if !r.closed() {
				t.Error("an order never ended")
			}
		}
	})
}
