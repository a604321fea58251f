package email

import (
	"context"
	"strings"
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
