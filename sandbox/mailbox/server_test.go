package mailbox_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"campanario/channel"
	"campanario/sandbox"
	"campanario/sandbox/mailbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const body = "Message-ID: <one@test>\r\nSubject: =?utf-8?q?Ol=C3=A1?=\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nBom dia, Jo=C3=A3o\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+T2k8L3A+\r\n--b--\r\n"

func start(t *testing.T, o mailbox.Options) *mailbox.Server {
	t.Helper()
	s := mailbox.New(o)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// dial gives a client that gives up after a minute, so that a silent server fails a test instead of stopping it.
func dial(t *testing.T, addr string) *smtp.Client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	client, err := smtp.NewClient(c, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// send makes one transaction and says how it ended: a reply's code, "closed" or "garbage".
func send(c *smtp.Client, to string) (stage, result string) {
	if err := c.Mail("from@example.com"); err != nil {
		return "mail", verdict(err)
	}
	if err := c.Rcpt(to); err != nil {
		r := verdict(err)
		_ = c.Reset()
		return "rcpt", r
	}
	w, err := c.Data()
	if err != nil {
		return "data", verdict(err)
	}
	if _, err := io.WriteString(w, body); err != nil {
		return "body", verdict(err)
	}
	if err := w.Close(); err != nil {
		return "end", verdict(err)
	}
	return "end", "250"
}

func verdict(err error) string {
	var te *textproto.Error
	var pe textproto.ProtocolError
	switch {
	case errors.As(err, &te):
		code := fmt.Sprint(te.Code)
		if len(te.Msg) > 5 && te.Msg[1] == '.' {
			code += " " + te.Msg[:5]
		}
		return code
	case errors.As(err, &pe):
		return "garbage"
	default:
		return "closed"
	}
}

func TestBehaviours(t *testing.T) {
	log := sandbox.NewLog(true, nil)
	s := start(t, mailbox.Options{Log: log, Keep: 100, Slow: time.Millisecond})
	tests := []struct {
		to, stage, result string
		taken             bool
		logged            string
	}{
		{"ok@example.com", "end", "250", true, "250"},
		{"OK.Maria+1@example.com", "end", "250", true, "250"},
		{"slow@example.com", "end", "250", true, "250"},
		{"bounce17@example.com", "rcpt", "550 5.1.1", false, "550"},
		{"full@example.com", "rcpt", "452 4.2.2", false, "452"},
		{"quota@example.com", "rcpt", "552 5.2.2", false, "552"},
		{"blocked@example.com", "rcpt", "550 5.7.1", false, "550"},
		{"defer@example.com", "rcpt", "450 4.2.0", false, "450"},
		{"spam@example.com", "end", "554 5.7.1", false, "554"},
		{"greylist@example.com", "rcpt", "451 4.7.1", false, "451"},
		{"Greylist@example.com", "end", "250", true, "250"},
		{"greylist2@example.com", "rcpt", "451 4.7.1", false, "451"},
		{"tempfail@example.com", "rcpt", "421 4.3.2", false, "421"},
		{"drop-before-data@example.com", "rcpt", "closed", false, ""},
		{"drop-mid-data@example.com", "end", "closed", false, ""},
		{"drop-after-data@example.com", "end", "closed", true, ""},
		{"nonsense@example.com", "rcpt", "garbage", false, ""},
		{"nonsense-after-data@example.com", "end", "garbage", true, ""},
	}
	taken := 0
	for i, tt := range tests {
		stage, result := send(dial(t, s.Addr()), tt.to)
		if stage != tt.stage || result != tt.result {
			// In the middle of a message, where the client notices depends on timing.
			if tt.to != "drop-mid-data@example.com" || result != "closed" {
				t.Errorf("%s: %s at %s, want %s at %s", tt.to, result, stage, tt.result, tt.stage)
			}
		}
		if tt.taken {
			taken++
		}
		records := log.Records()
		for len(records) <= i {
			wait := log.Changed()
			if records = log.Records(); len(records) > i {
				break
			}
			<-wait
		}
		r := records[i]
		ref := ""
		if tt.taken || tt.logged == "554" {
			ref = "<one@test>"
		}
		if r.To != tt.to || r.Ref != ref || r.Result != tt.logged || r.Channel != channel.Email ||
			r.Event != sandbox.EventStart || r.From != "from@example.com" {
			t.Errorf("%s: logged as %+v, want ref %q and result %q", tt.to, r, ref, tt.logged)
		}
		if s.Taken() != taken {
			t.Errorf("%s: %d taken, want %d", tt.to, s.Taken(), taken)
		}
	}
}

func TestEveryBehaviourIsDocumented(t *testing.T) {
	rows := map[mailbox.Behaviour]mailbox.Row{}
	for _, r := range mailbox.Behaviours() {
		if r.Answer == "" || r.Does == "" || rows[r.Name].Name != "" {
			t.Errorf("row %+v is incomplete or double", r)
		}
		rows[r.Name] = r
	}
	for _, b := range []mailbox.Behaviour{
		mailbox.OK, mailbox.Slow, mailbox.Greylist, mailbox.Bounce, mailbox.Full, mailbox.Quota, mailbox.Blocked,
		mailbox.Spam, mailbox.Defer, mailbox.TempFail, mailbox.DropBeforeData, mailbox.DropMidData,
		mailbox.DropAfterData, mailbox.Nonsense, mailbox.NonsenseAfterData, mailbox.Never, mailbox.NeverAfterData,
	} {
		if rows[b].Name == "" {
			t.Errorf("%s has no row", b)
		}
	}
}

// TestSilenceEndsWithStop shows that a mailbox that never answers holds nothing back: the client hears the connection
// close when the server stops, and Stop returns.
func TestSilenceEndsWithStop(t *testing.T) {
	for _, to := range []string{"never@example.com", "never-after-data@example.com"} {
		t.Run(to, func(t *testing.T) {
			log := sandbox.NewLog(true, nil)
			s := start(t, mailbox.Options{Log: log, Keep: 1})
			c := dial(t, s.Addr())
			got := make(chan string, 1)
			seen := log.Changed()
			go func() {
				_, r := send(c, to)
				got <- r
			}()
			<-seen
			s.Stop()
			if r := <-got; r != "closed" {
				t.Errorf("the client heard %s", r)
			}
		})
	}
}

func TestKeepsTheLastMessages(t *testing.T) {
	s := start(t, mailbox.Options{Keep: 2})
	c := dial(t, s.Addr())
	for _, to := range []string{"ok1@example.com", "ok2@example.com", "ok3@example.com"} {
		if _, r := send(c, to); r != "250" {
			t.Fatalf("%s: %s", to, r)
		}
	}
	all := s.Messages(mailbox.Filter{})
	if len(all) != 2 || all[0].To != "ok3@example.com" || all[1].To != "ok2@example.com" {
		t.Fatalf("kept %+v", all)
	}
	m := all[0]
	if m.Subject != "Olá" || m.Text != "Bom dia, João" || m.HTML != "<p>Oi</p>" || m.Problem != "" || m.ID != "<one@test>" {
		t.Errorf("taken apart as %+v", m)
	}
	for name, f := range map[string]struct {
		mailbox.Filter
		n int
	}{
		"recipient": {mailbox.Filter{To: "OK2@example.com"}, 1},
		"gone":      {mailbox.Filter{To: "ok1@example.com"}, 0},
		"words":     {mailbox.Filter{Contains: "joão"}, 2},
		"no words":  {mailbox.Filter{Contains: "maria"}, 0},
		"id":        {mailbox.Filter{ID: "<one@test>"}, 2},
		"limit":     {mailbox.Filter{Limit: 1}, 1},
	} {
		if got := s.Messages(f.Filter); len(got) != f.n {
			t.Errorf("%s: %d messages, want %d", name, len(got), f.n)
		}
	}
}

func TestDiscardsButLogsTheMessageID(t *testing.T) {
	log := sandbox.NewLog(true, nil)
	s := start(t, mailbox.Options{Log: log})
	c := dial(t, s.Addr())
	if _, r := send(c, "ok@example.com"); r != "250" {
		t.Fatal(r)
	}
	if got := log.Records(); len(got) != 1 || got[0].Ref != "<one@test>" {
		t.Errorf("logged %+v", got)
	}
	if len(s.Messages(mailbox.Filter{})) != 0 {
		t.Error("kept a message")
	}
}

func TestMaxConnections(t *testing.T) {
	s := start(t, mailbox.Options{MaxConnections: 1})
	first := dial(t, s.Addr())
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "421 4.7.0") {
		t.Errorf("second connection heard %q, %v", line, err)
	}
	if _, r := send(first, "ok@example.com"); r != "250" {
		t.Errorf("first connection: %s", r)
	}
	if s.Connections() != 1 {
		t.Errorf("%d connections", s.Connections())
	}
}

func TestSecurity(t *testing.T) {
	for _, sec := range []mailbox.Security{mailbox.StartTLS, mailbox.Implicit} {
		t.Run(string(sec), func(t *testing.T) {
			s := start(t, mailbox.Options{Security: sec, Username: "u", Password: "p"})
			pool := x509.NewCertPool()
			if !pool.AppendCertsFromPEM(s.Certificate()) {
				t.Fatal("no certificate")
			}
			conf := &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
			var c *smtp.Client
			if sec == mailbox.Implicit {
				conn, err := tls.Dial("tcp", s.Addr(), conf)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if c, err = smtp.NewClient(conn, "127.0.0.1"); err != nil {
					t.Fatal(err)
				}
			} else {
				c = dial(t, s.Addr())
				if err := c.StartTLS(conf); err != nil {
					t.Fatal(err)
				}
			}
			if stage, r := send(c, "ok@example.com"); stage != "mail" || r != "530 5.7.0" {
				t.Errorf("without a password: %s at %s", r, stage)
			}
			if err := c.Auth(smtp.PlainAuth("", "u", "wrong", "127.0.0.1")); err == nil {
				t.Error("a wrong password signs in")
			}
			if err := c.Auth(smtp.CRAMMD5Auth("u", "p")); err == nil {
				t.Error("net/smtp quits after a refused password, yet the next one worked")
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	s := start(t, mailbox.Options{Username: "u", Password: "p"})
	for name, a := range map[string]smtp.Auth{
		"plain":    smtp.PlainAuth("", "u", "p", "127.0.0.1"),
		"cram-md5": smtp.CRAMMD5Auth("u", "p"),
	} {
		c := dial(t, s.Addr())
		if err := c.Auth(a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, r := send(c, "ok@example.com"); r != "250" {
			t.Errorf("%s: %s", name, r)
		}
	}
	for name, a := range map[string]smtp.Auth{
		"plain":    smtp.PlainAuth("", "u", "x", "127.0.0.1"),
		"cram-md5": smtp.CRAMMD5Auth("u", "x"),
	} {
		if err := dial(t, s.Addr()).Auth(a); err == nil {
			t.Errorf("%s: a wrong password signs in", name)
		}
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "example.com:25", "10.0.0.1:25", ":2525", "127.0.0.1"} {
		s := mailbox.New(mailbox.Options{Addr: addr})
		if err := s.Start(t.Context()); err == nil {
			s.Stop()
			t.Errorf("listens on %s", addr)
		}
	}
}

func TestStartAndStopTwice(t *testing.T) {
	s := mailbox.New(mailbox.Options{})
	s.Stop()
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(ctx); err != nil {
		t.Error(err)
	}
	s.Stop()
	s.Stop()
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s.Addr())
	cancel() // ends the server too
	if _, err := c.Text.ReadLine(); err == nil {
		t.Error("the connection outlived the context")
	}
	s.Stop()
}
