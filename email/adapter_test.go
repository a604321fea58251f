package email

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/sandbox"
	"campanario/sandbox/mailbox"
)

func sink(t testing.TB, o mailbox.Options) *mailbox.Server {
	t.Helper()
	s := mailbox.New(o)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// TestSandbox sends to every behaviour of the sandbox over real connections. The far end's log is the truth about what
// it has; silences take two seconds here.
func TestSandbox(t *testing.T) {
	log := sandbox.NewLog(true, nil)
	s := sink(t, mailbox.Options{Log: log, Keep: 100, Slow: time.Millisecond})
	a := adapter(t, Options{})
	patient := line(s.Addr(), clear)
	hasty := line(s.Addr(), clear+`,"timeouts":{"command_seconds":2,"end_seconds":2}`)
	hasty.ID = "hasty"
	tests := []struct{ to, want string }{
		{"ok@example.net", "sent 250 2.0.0"},
		{"slow@example.net", "sent 250 2.0.0"},
		{"bounce@example.net", "bounced smtp_no_such_mailbox 550 5.1.1"},
		{"full@example.net", "deferred smtp_mailbox_full 452 4.2.2"},
		{"quota@example.net", "deferred smtp_mailbox_full 552 5.2.2"},
		{"blocked@example.net", "blocked smtp_blocked 550 5.7.1"},
		{"spam@example.net", "blocked smtp_content_refused 554 5.7.1"},
		{"defer@example.net", "deferred smtp_try_later 450 4.2.0"},
		{"greylist@example.net", "deferred smtp_greylisted 451 4.7.1"},
		{"greylist@example.net", "sent 250 2.0.0"},
		{"tempfail@example.net", "congested smtp_server_closing 421 4.3.2"},
		{"drop-before-data@example.net", "line_failed smtp_lost_before_data lost"},
		{"drop-after-data@example.net", "unknown smtp_lost_after_data lost"},
		{"nonsense@example.net", "line_failed smtp_garbled garbled"},
		{"nonsense-after-data@example.net", "unknown smtp_garbled_after_data garbled"},
		{"never@example.net", "line_failed smtp_silent_before_data timeout"},
		{"never-after-data@example.net", "unknown smtp_silent_after_data timeout"},
	}
	taken := map[mailbox.Behaviour]bool{}
	for _, r := range mailbox.Behaviours() {
		taken[r.Name] = r.Taken
	}
	for i, tt := range tests {
		o := order(patient, tt.to, i)
		if strings.HasPrefix(tt.to, "never") {
			o.Line = hasty // only their silence is waited for
		}
		r := newReport(t)
		ref, err := a.Place(t.Context(), o, r)
		if err != nil {
			t.Fatalf("%s: %v", tt.to, err)
		}
		got := r.wait()
		if brief(got) != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.to, brief(got), got.ProviderText, tt.want)
		}
		records := slices.DeleteFunc(log.Records(), func(r sandbox.Record) bool { return r.Ref != ref })
		if has := len(records) == 1; has != (taken[mailbox.Behaviour(strings.Split(tt.to, "@")[0])] && got.Code != channel.Deferred) &&
			got.Reason != "smtp_content_refused" {
			t.Errorf("%s: %d records with %s", tt.to, len(records), ref)
		}
		if got.Code.Class() == channel.ClassFault && len(records) != 0 {
			t.Errorf("%s: a fault, yet the far end has the message", tt.to)
		}
	}
}

// TestLargeMessageCutShort: the far end closes while more than fits into any buffer is still to come, so it is certain
// that the message was not delivered.
func TestLargeMessageCutShort(t *testing.T) {
	s := sink(t, mailbox.Options{Keep: 1, MaxMessageBytes: 100 << 20})
	a := adapter(t, Options{})
	o := order(line(s.Addr(), clear), "drop-mid-data@example.net", 1)
	m := *message(o)
	m.HTML = strings.Repeat("<p>uma linha qualquer</p>\n", 1<<20)
	o.Content = &m
	if got := brief(place(t, a, o).wait()); got != "deferred smtp_lost_mid_body lost" {
		t.Error(got)
	}
}

func TestWhatArrives(t *testing.T) {
	s := sink(t, mailbox.Options{Keep: 10})
	a := adapter(t, Options{})
	l := line(s.Addr(), clear+`,"from_name":"Cobrança","reply_to":"help@example.com"`)
	o := order(l, "ok.maria@example.net", 7)
	m := *message(o)
	m.UnsubscribeURL = "https://example.com/u/abc"
	o.Content = &m
	if got := place(t, a, o).wait(); got.Code != channel.Sent || !strings.Contains(got.ProviderText, "queued") {
		t.Fatal(brief(got))
	}
	all := s.Messages(mailbox.Filter{To: "ok.maria@example.net"})
	if len(all) != 1 {
		t.Fatalf("%d messages", len(all))
	}
	got := all[0]
	if got.Problem != "" || got.Subject != "Olá" || got.Text != "Bom dia\r\n" || got.HTML != "<p>Bom dia</p>\r\n" ||
		got.ID != "<thread-7@example.com>" || got.From != "line@example.com" {
		t.Errorf("arrived as %+v", got)
	}
	for name, want := range map[string]string{
		"From": "=?utf-8?q?Cobran=C3=A7a?= <line@example.com>", "Reply-To": "help@example.com", "X-Campanario-Attempt": "attempt-7",
		"List-Unsubscribe": "<https://example.com/u/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if h := got.Head[name]; len(h) != 1 || h[0] != want {
			t.Errorf("%s: %q, want %q", name, h, want)
		}
	}
	if age := time.Since(parseDate(t, got.Head["Date"][0])); age < -time.Minute || age > time.Hour {
		t.Errorf("dated %v ago", age)
	}
}

func parseDate(t *testing.T, s string) time.Time {
	at, err := time.Parse(time.RFC1123Z, s)
	if err != nil {
		t.Error(err)
	}
	return at
}

// TestSecurity signs in by every mechanism the sandbox has, over every kind of security.
func TestSecurity(t *testing.T) {
	for _, sec := range []struct {
		server mailbox.Security
		tls    Security
	}{{mailbox.StartTLS, StartTLS}, {mailbox.StartTLS, Opportunistic}, {mailbox.Implicit, Implicit}, {mailbox.Plain, NoTLS}, {mailbox.Plain, Opportunistic}} {
		for _, auth := range []Mechanism{AuthAuto, AuthPlain, AuthLogin, AuthCRAMMD5} {
			t.Run(fmt.Sprintf("%s-%s/%s", sec.server, sec.tls, auth), func(t *testing.T) {
				s := sink(t, mailbox.Options{Security: sec.server, Username: "user", Password: "pass word"})
				a := adapter(t, Options{})
				l := secured(s, sec.tls, auth, "pass word")
				if err := a.Check(t.Context(), l); err != nil {
					t.Errorf("check: %v", err)
				}
				if got := place(t, a, order(l, "ok@example.net", 1)).wait(); got.Code != channel.Sent {
					t.Errorf("%s (%s)", brief(got), got.ProviderText)
				}
				l = secured(s, sec.tls, auth, "wrong")
				if err := a.Check(t.Context(), l); fault.CodeOf(err) != "smtp_auth_refused" || fault.KindOf(err) != fault.Unavailable {
					t.Errorf("check with a wrong password: %v", err)
				}
				if got := place(t, a, order(l, "ok@example.net", 2)).wait(); brief(got) != "line_failed smtp_auth_refused 535 5.7.8" {
					t.Errorf("with a wrong password: %s (%s)", brief(got), got.ProviderText)
				}
			})
		}
	}
}

func secured(s *mailbox.Server, sec Security, auth Mechanism, password string) channel.Line {
	l := line(s.Addr(), "")
	host, port, _ := net.SplitHostPort(s.Addr())
	settings := map[string]any{"host": host, "port": json.Number(port), "tls": sec, "auth": auth, "username": "user", "password": password}
	if cert := s.Certificate(); len(cert) > 0 {
		settings["ca_certificate"] = string(cert)
	}
	l.Settings, _ = json.Marshal(settings)
	return l
}

func TestConnectionsThatAreNotSafeEnough(t *testing.T) {
	plain := sink(t, mailbox.Options{})
	unknown := sink(t, mailbox.Options{Security: mailbox.StartTLS})
	a := adapter(t, Options{})
	for _, tt := range []struct{ name, addr, settings, want string }{
		{"no STARTTLS offered", plain.Addr(), `"tls":"starttls"`, "line_failed smtp_tls_failed tls"},
		{"unknown authority", unknown.Addr(), `"tls":"starttls"`, "line_failed smtp_tls_failed tls"},
		{"unknown authority, opportunistic", unknown.Addr(), `"tls":"opportunistic"`, "line_failed smtp_tls_failed tls"},
		{"TLS to a server without", plain.Addr(), `"tls":"implicit"`, "line_failed smtp_tls_failed tls"},
		{"not verified by choice", unknown.Addr(), `"tls":"starttls","tls_verify":false`, "sent 250 2.0.0"},
		{"a user where nobody signs in", plain.Addr(), `"tls":"none","username":"u","password":"p"`, "line_failed smtp_auth_unsupported auth"},
		{"nobody listens", "127.0.0.1:1", `"tls":"none"`, "line_failed smtp_unreachable lost"},
		{"no such host", "host.invalid:25", `"tls":"none","timeouts":{"connect_seconds":60}`, "line_failed smtp_host_unknown name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := line(tt.addr, tt.settings)
			l.ID = tt.name
			if got := place(t, a, order(l, "ok@example.net", 1)).wait(); brief(got) != tt.want {
				t.Errorf("%s (%s), want %s", brief(got), got.ProviderText, tt.want)
			}
			err := a.Check(t.Context(), l)
			if want := strings.Fields(tt.want)[1]; strings.HasPrefix(want, "smtp_") && fault.CodeOf(err) != want || err != nil && !strings.HasPrefix(want, "smtp_") {
				t.Errorf("check: %v, want %s", err, want)
			}
		})
	}
}

// TestPasswordsStayOffTheWire: to another machine and without TLS, neither PLAIN nor LOGIN is used whatever is offered.
func TestPasswordsStayOffTheWire(t *testing.T) {
	ehlo := map[string]string{"EHLO": "250-far\r\n250 AUTH PLAIN LOGIN"}
	bubble(t, but(ehlo), func(t *testing.T, f *farEnd, a *Adapter) {
		for _, tls := range []string{"none", "opportunistic"} {
			l := line(far, fmt.Sprintf(`"tls":%q,"username":"u","password":"p"`, tls))
			l.ID = tls
			if got := place(t, a, order(l, "ok@example.net", 1)).wait(); got.Reason != "smtp_auth_unsupported" {
				t.Error(brief(got))
			}
		}
		if heard := strings.Join(f.heard(), "\n"); strings.Contains(heard, "AUTH") {
			t.Error(heard)
		}
	})
}

func TestCheckDisturbsNobody(t *testing.T) {
	bubble(t, honest, func(t *testing.T, f *farEnd, a *Adapter) {
		if err := a.Check(t.Context(), line(far, clear)); err != nil {
			t.Error(err)
		}
		f.wg.Wait()
		want := "1 EHLO [127.0.0.1]\n1 MAIL FROM:<line@example.com>\n1 RSET\n1 QUIT"
		if heard := strings.Join(f.heard(), "\n"); heard != want {
			t.Errorf("heard\n%s\nwant\n%s", heard, want)
		}
	})
	bubble(t, but(map[string]string{"MAIL": "553 5.7.1 not yours"}), func(t *testing.T, _ *farEnd, a *Adapter) {
		err := a.Check(t.Context(), line(far, clear))
		all := fault.All(err)
		if len(all) != 1 || all[0].Code != "smtp_sender_refused" || all[0].Params["reply"] != "553 5.7.1" ||
			all[0].Params["text"] != "not yours" || all[0].Params["host"] != far {
			t.Errorf("got %v", err)
		}
		if err := a.Check(t.Context(), line(far, `"tls":"no"`)); fault.CodeOf(err) != "not_one_of" {
			t.Errorf("wrong settings: %v", err)
		}
	})
}

// TestStorm: several lines, many senders, real connections. The far end has exactly what was reported as sent, once,
// and no line has more connections than it may.
func TestStorm(t *testing.T) {
	log := sandbox.NewLog(true, nil)
	s := sink(t, mailbox.Options{Log: log, MaxConnections: 12, Mix: []mailbox.Share{
		{Behaviour: mailbox.Bounce, Percent: 5},
		{Behaviour: mailbox.DropBeforeData, Percent: 2},
		{Behaviour: mailbox.DropAfterData, Percent: 2},
		{Behaviour: mailbox.TempFail, Percent: 2},
		{Behaviour: mailbox.Nonsense, Percent: 1},
		{Behaviour: mailbox.Greylist, Percent: 3},
	}})
	a := adapter(t, Options{})
	const lines, each = 3, 700
	var mu sync.Mutex
	ends := map[string]channel.Outcome{} // by Message-ID
	var wg sync.WaitGroup
	for n := range lines {
		wg.Go(func() {
			l := line(s.Addr(), `"tls":"none","max_per_connection":50`)
			l.ID, l.Limits.Concurrent = fmt.Sprintf("line-%d", n), 4
			slots := make(chan struct{}, 60)
			var open sync.WaitGroup
			for i := range each {
				slots <- struct{}{}
				o := order(l, fmt.Sprintf("user%d.%d@example.net", n, i), n*each+i)
				r := newReport(t)
				id, err := a.Place(t.Context(), o, r)
				if err != nil {
					t.Errorf("not placed: %v", err)
					<-slots
					continue
				}
				open.Go(func() {
					got := r.wait()
					mu.Lock()
					ends[id] = got
					mu.Unlock()
					<-slots
				})
			}
			open.Wait()
		})
	}
	wg.Wait()
	has := map[string]string{}
	for _, r := range log.Records() {
		if r.Ref == "" {
			continue
		}
		if _, twice := has[r.Ref]; twice {
			t.Errorf("%s arrived twice", r.Ref)
		}
		has[r.Ref] = r.Result
	}
	if len(ends) != lines*each {
		t.Errorf("%d ends", len(ends))
	}
	counts := map[channel.Code]int{}
	for id, o := range ends {
		counts[o.Code]++
		result, arrived := has[id]
		switch o.Code.Class() {
		case channel.ClassReached:
			if !arrived || result != "250" {
				t.Errorf("%s sent, but the far end says %q", id, result)
			}
		case channel.ClassUnknown:
		default:
			if arrived {
				t.Errorf("%s is %s, but it arrived", id, brief(o))
			}
		}
	}
	for _, c := range []channel.Code{channel.Sent, channel.Bounced, channel.Deferred, channel.Unknown, channel.Congested, channel.LineFailed} {
		if counts[c] == 0 {
			t.Errorf("nothing ended as %s: %v", c, counts)
		}
	}
}

func TestKinds(t *testing.T) {
	var m channel.Content = &agent.Message{}
	if m.Channel() != channel.Email {
		t.Error("the content of an e-mail is for another channel")
	}
}
