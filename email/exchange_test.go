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

const far = "far.example:25"

// bubble runs a test inside a synctest bubble with a far end and an adapter that speaks to it.
func bubble(t *testing.T, answer func(int, string, string) string, f func(*testing.T, *farEnd, *Adapter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		far := &farEnd{t: t, answer: answer}
		a := New(Options{Log: quiet(), Dial: far.Dial})
		f(t, far, a)
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
		far.wg.Wait()
	})
}

const clear = `"tls":"none"`

// TestWhenThingsGoWrong drives one message into every kind of trouble at every stage and holds the outcome, the time it
// took to give up and whether the far end has the message.
func TestWhenThingsGoWrong(t *testing.T) {
	type c struct {
		name  string
		at    map[string]string
		want  string
		took  time.Duration
		taken int
	}
	tests := []c{
		{"all is well", nil, "sent 250 2.0.0", 0, 1},
		{"no pipelining", map[string]string{"EHLO": "250 far"}, "sent 250 2.0.0", 0, 1},
		{"only HELO", map[string]string{"EHLO": "502 what?"}, "sent 250 2.0.0", 0, 1},
		{"silent greeting", map[string]string{"": hush}, "line_failed smtp_silent_before_data timeout", time.Minute, 0},
		{"no greeting", map[string]string{"": slam}, "line_failed smtp_lost_before_data lost", 0, 0},
		{"another protocol", map[string]string{"": "HTTP/1.1 400 Bad Request"}, "line_failed smtp_garbled garbled", 0, 0},
		{"busy greeting", map[string]string{"": "421 4.7.0 later"}, "congested smtp_server_closing 421 4.7.0", 0, 0},
		{"unfriendly greeting", map[string]string{"": "554 5.7.1 go away"}, "line_failed smtp_refused_us 554 5.7.1", 0, 0},
		{"flood", map[string]string{"EHLO": flood}, "line_failed smtp_garbled garbled", time.Minute, 0},
		{"silent EHLO", map[string]string{"EHLO": hush}, "line_failed smtp_silent_before_data timeout", time.Minute, 0},
		{"sender refused", map[string]string{"MAIL": "550 5.7.1 not you"}, "line_failed smtp_sender_refused 550 5.7.1", 0, 0},
		{"sender refused, rest answered", map[string]string{"MAIL": "553 5.1.8 no", "RCPT": "503 5.5.1 no", "DATA": "503 5.5.1 no"}, "line_failed smtp_sender_refused 553 5.1.8", 0, 0},
		{"silent MAIL", map[string]string{"MAIL": hush}, "line_failed smtp_silent_before_data timeout", time.Minute, 0},
		{"lost at MAIL", map[string]string{"MAIL": slam}, "line_failed smtp_lost_before_data lost", 0, 0},
		{"recipient refused", map[string]string{"RCPT": "550 5.1.1 who?", "DATA": "503 5.5.1 no"}, "bounced smtp_no_such_mailbox 550 5.1.1", 0, 0},
		{"recipient refused, no pipelining", map[string]string{"EHLO": "250 far", "RCPT": "550 5.1.1 who?"}, "bounced smtp_no_such_mailbox 550 5.1.1", 0, 0},
		{"garbage at RCPT", map[string]string{"RCPT": "the cat"}, "line_failed smtp_garbled garbled", 0, 0},
		{"silent RCPT", map[string]string{"RCPT": hush}, "line_failed smtp_silent_before_data timeout", time.Minute, 0},
		{"lost at RCPT", map[string]string{"RCPT": slam}, "line_failed smtp_lost_before_data lost", 0, 0},
		{"DATA refused", map[string]string{"DATA": "451 4.3.0 not now"}, "deferred smtp_try_later 451 4.3.0", 0, 0},
		{"DATA answered with 250", map[string]string{"DATA": "250 ok"}, "line_failed smtp_garbled 250", 0, 0},
		{"lost at DATA", map[string]string{"DATA": slam}, "line_failed smtp_lost_before_data lost", 0, 0},
		{"silent DATA", map[string]string{"DATA": hush}, "line_failed smtp_silent_before_data timeout", time.Minute, 0},
		{"lost in the message", map[string]string{"DATA": chop}, "deferred smtp_lost_mid_body lost", 0, 0},
		{"message not read", map[string]string{"DATA": deaf}, "deferred smtp_silent_mid_body timeout", 3 * time.Minute, 0},
		{"content refused", map[string]string{".": "554 5.7.1 spam"}, "blocked smtp_content_refused 554 5.7.1", 0, 1},
		{"lost after the dot", map[string]string{".": slam}, "unknown smtp_lost_after_data lost", 0, 1},
		{"silent after the dot", map[string]string{".": hush}, "unknown smtp_silent_after_data timeout", 10 * time.Minute, 1},
		{"garbage after the dot", map[string]string{".": "thank you"}, "unknown smtp_garbled_after_data garbled", 0, 1},
		{"closing after the dot", map[string]string{".": "421 4.3.2 not taken"}, "congested smtp_server_closing 421 4.3.2", 0, 1},
		{"flood after the dot", map[string]string{".": flood}, "unknown smtp_garbled_after_data garbled", 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, but(tt.at), func(t *testing.T, f *farEnd, a *Adapter) {
				began := time.Now()
				o := order(line(far, clear), "maria@example.net", 1)
				got := place(t, a, o).wait()
				if brief(got) != tt.want {
					t.Errorf("got  %s (%s)\nwant %s", brief(got), got.ProviderText, tt.want)
				}
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if n := len(f.taken()); n != tt.taken {
					t.Errorf("the far end has %d messages, want %d", n, tt.taken)
				}
			})
		})
	}
}

// TestRefusedRecipientLeavesTheConnectionUsable: RSET, and where DATA was granted all the same, a message to nobody.
func TestRefusedRecipientLeavesTheConnectionUsable(t *testing.T) {
	for name, data := range map[string]string{"DATA refused": "503 5.5.1 no recipients", "DATA granted": "354 go ahead"} {
		t.Run(name, func(t *testing.T) {
			refused := func(line string) bool { return strings.Contains(line, "gone@") }
			last := ""
			answer := func(n int, verb, line string) string {
				switch {
				case verb == "RCPT":
					last = line
					if refused(line) {
						return "550 5.1.1 no"
					}
				case verb == "DATA" && refused(last):
					return data
				case verb == "." && refused(last):
					return "554 5.5.1 no valid recipients"
				}
				return honest(n, verb, line)
			}
			bubble(t, answer, func(t *testing.T, f *farEnd, a *Adapter) {
				l := line(far, clear)
				l.Limits.Concurrent = 1
				first := place(t, a, order(l, "gone@example.net", 1))
				second := place(t, a, order(l, "maria@example.net", 2))
				if got := brief(first.wait()); got != "bounced smtp_no_such_mailbox 550 5.1.1" {
					t.Error(got)
				}
				if got := brief(second.wait()); got != "sent 250 2.0.0" {
					t.Error(got)
				}
				synctest.Wait()
				heard := strings.Join(f.heard(), "\n")
				if f.connections() != 1 || !strings.Contains(heard, "1 RSET\n1 MAIL FROM:<line@example.com>\n1 RCPT TO:<maria@example.net>") {
					t.Errorf("%d connections:\n%s", f.connections(), heard)
				}
				if m := f.taken(); len(m) != 1 || !strings.Contains(m[0], "maria@example.net") {
					t.Errorf("the far end has %q", m)
				}
			})
		})
	}
}

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
		time.Sleep(19 * time.Second) //nolint:forbidigo // the bubble's clock
		if quits() != 2 {
			t.Error("closed before it was idle long enough")
		}
		time.Sleep(2 * time.Second) //nolint:forbidigo // the bubble's clock
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
			time.Sleep(pause) //nolint:forbidigo // the bubble's clock
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
		time.Sleep(2 * time.Second) //nolint:forbidigo // the bubble's clock
		for _, r := range send(3) {
			if got := r.wait(); got.Code != channel.Sent {
				t.Error(brief(got))
			}
		}
		time.Sleep(10 * time.Second) //nolint:forbidigo // the bubble's clock
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
			time.Sleep(25 * time.Millisecond) //nolint:forbidigo // the bubble's clock
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

func TestOrdersThatCannotBeSent(t *testing.T) {
	ehlo := map[string]string{"EHLO": "250-far\r\n250-SIZE 300\r\n250 PIPELINING"}
	bubble(t, but(ehlo), func(t *testing.T, f *farEnd, a *Adapter) {
		l := line(far, clear)
		for to, want := range map[string]string{
			"nobody":                  "bounced smtp_bad_address",
			"a@b\r\nDATA":             "bounced smtp_bad_address",
			"joão@example.net":        "undeliverable smtp_utf8_unsupported",
			"maria@example.net":       "failed smtp_too_large",
			"maria@exämple.net":       "failed smtp_too_large",
			"x@[192.0.2.1]":           "failed smtp_too_large",
			strings.Repeat("x@", 600): "bounced smtp_bad_address",
		} {
			if got := place(t, a, order(l, to, 1)).wait(); brief(got) != want {
				t.Errorf("%q: %s, want %s", to, brief(got), want)
			}
		}
		synctest.Wait()
		if heard := strings.Join(f.heard(), "\n"); strings.Contains(heard, "MAIL") {
			t.Errorf("the far end was bothered:\n%s", heard)
		}
		for name, o := range map[string]channel.Order{
			"smtp_wrong_content":    {Line: l, To: "a@b"},
			"smtp_settings_invalid": order(channel.Line{ID: "bad", From: "line@example.com", Settings: []byte(`{"host":1}`)}, "a@b", 1),
		} {
			if _, err := a.Place(t.Context(), o, newReport(t)); !isNotPlaced(err, name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		l.From = "nonsense"
		if _, err := a.Place(t.Context(), order(l, "a@b", 1), newReport(t)); !isNotPlaced(err, "smtp_settings_invalid") {
			t.Errorf("a line without address: %v", err)
		}
	})
}

// TestInternationalMail: SMTPUTF8 is asked for when the address needs it, and only then.
func TestInternationalMail(t *testing.T) {
	ehlo := map[string]string{"EHLO": "250-far\r\n250-8BITMIME\r\n250-SIZE\r\n250 SMTPUTF8"}
	bubble(t, but(ehlo), func(t *testing.T, f *farEnd, a *Adapter) {
		for i, to := range []string{"joão@exämple.net", "maria@exämple.net"} {
			if got := place(t, a, order(line(far, clear), to, i)).wait(); got.Code != channel.Sent {
				t.Error(brief(got))
			}
		}
		heard := strings.Join(f.heard(), "\n")
		for _, want := range []string{
			"MAIL FROM:<line@example.com> BODY=8BITMIME SMTPUTF8\n1 RCPT TO:<joão@xn--exmple-cua.net>",
			"MAIL FROM:<line@example.com>\n1 RCPT TO:<maria@xn--exmple-cua.net>",
		} {
			if !strings.Contains(heard, want) {
				t.Errorf("not heard: %s in\n%s", want, heard)
			}
		}
	})
}

// TestDotsAreStuffed: a line of one dot does not end the message.
func TestDotsAreStuffed(t *testing.T) {
	bubble(t, honest, func(t *testing.T, f *farEnd, a *Adapter) {
		o := order(line(far, clear), "maria@example.net", 1)
		m := *message(o)
		m.Text, m.HTML = "one\n.\n..two\n.", ""
		o.Content = &m
		if got := place(t, a, o).wait(); got.Code != channel.Sent {
			t.Fatal(brief(got))
		}
		if got := f.taken(); len(got) != 1 || !strings.HasSuffix(got[0], "\r\n\r\none\r\n.\r\n..two\r\n.\r\n") {
			t.Errorf("got %q", got)
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
		time.Sleep(500 * time.Millisecond) //nolint:forbidigo // the bubble's clock
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute) //nolint:forbidigo // the bubble's clock
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
