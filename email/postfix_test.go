package email

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/freeport"
)

// postfix is a mail server that is not ours: Debian's Postfix, run from a directory of its own on a free port of
// loopback, beside any that the machine may have.
type postfix struct {
	addr  string
	mail  string // Maildirs, by local part
	log   string
	cert  string // PEM
	conf  string
	ended chan error
}

// masterServices are the programs that a receiving and delivering Postfix is made of (master.cf).
const masterServices = `
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`

func startPostfix(t *testing.T) *postfix {
	t.Helper()
	program, err := exec.LookPath("postfix")
	if err != nil {
		t.Fatal("postfix is not installed: `make test` installs it, or apt-get install postfix")
	}
	if os.Getuid() != 0 {
		t.Fatal("Postfix starts as root only: run this test as root, as the continuous integration does")
	}
	// t.TempDir is closed to other users, and Postfix works as its own.
	root, err := os.MkdirTemp("", "pf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	p := &postfix{
		addr: freePort(t), mail: filepath.Join(root, "mail"), log: filepath.Join(root, "log"), conf: filepath.Join(root, "conf"),
		ended: make(chan error, 1),
	}
	p.configure(t, root)
	cmd := exec.Command(program, "-c", p.conf, "start-fg")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- cmd.Wait() }()
	t.Cleanup(func() {
		if out, err := exec.Command(program, "-c", p.conf, "stop").CombinedOutput(); err != nil {
			t.Errorf("postfix stop: %v: %s", err, out)
		}
		<-p.ended
		if t.Failed() {
			log, _ := os.ReadFile(p.log)
			t.Logf("postfix said %s\nand logged\n%s", said.String(), log)
		}
	})
	p.await(t)
	return p
}

// configure writes everything below root, which Postfix's own user can read.
func (p *postfix) configure(t *testing.T, root string) {
	t.Helper()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(p.conf, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{root, p.conf, p.mail, filepath.Join(root, "q"), filepath.Join(root, "data")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = 65534
	if err := os.Chown(p.mail, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("chown", "postfix", filepath.Join(root, "data")).CombinedOutput(); err != nil {
		t.Fatalf("chown: %v: %s", err, out)
	}
	cert, key := certificate(t)
	p.cert = cert
	write("cert.pem", cert)
	write("key.pem", key)
	write("header_checks", "/^Subject:.*lottery/ REJECT 5.7.1 No lotteries\n")
	write("master.cf", p.addr+" inet n - n - - smtpd\n"+strings.TrimPrefix(masterServices, "\n"))
	write("main.cf", fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/q
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
myhostname = mx.example.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
virtual_mailbox_domains = example.test
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = inline:{ {maria@example.test = maria/}, {defer@example.test = x/}, {blocked@example.test = x/} }
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{ {defer@example.test = 450 4.2.0 Come back later}, {blocked@example.test = 550 5.7.1 We do not want your mail} }
smtpd_sender_restrictions = check_sender_access inline:{ {evil@example.com = REJECT} }
header_checks = regexp:%[1]s/conf/header_checks
message_size_limit = 100000
virtual_mailbox_limit = 0
smtpd_tls_cert_file = %[1]s/conf/cert.pem
smtpd_tls_key_file = %[1]s/conf/key.pem
smtpd_tls_security_level = may
`, root))
}

// await waits until the server greets.
func (p *postfix) await(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	for {
		if c, err := net.Dial("tcp", p.addr); err == nil {
			_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
			line, _ := bufio.NewReader(c).ReadString('\n')
			_ = c.Close()
			if strings.HasPrefix(line, "220 mx.example.test") {
				return
			}
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			t.Fatalf("postfix ended: %v", err)
		case <-late.C:
			t.Fatal("postfix does not greet within a minute")
		case <-tick.C:
		}
	}
}

// delivered waits for so many messages in a Maildir and gives them.
func (p *postfix) delivered(t *testing.T, local string, n int) []*mail.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		files, err := filepath.Glob(filepath.Join(p.mail, local, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) >= n {
			return readMail(t, files)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d messages were delivered to %s", len(files), n, local)
		case <-tick.C:
		}
	}
}

func readMail(t *testing.T, files []string) []*mail.Message {
	t.Helper()
	var out []*mail.Message
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Find(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

func certificate(t *testing.T) (cert, private string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.example.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), keyPEM(t, key)
}

// TestPostfix is the proof that we speak SMTP as others understand it: accepted mail is delivered whole, and what is
// deferred or refused, at every stage where Postfix does so, ends as it should.
func TestPostfix(t *testing.T) {
	p := startPostfix(t)
	a := adapter(t, Options{})
	l := line(p.addr, clear+`,"from_name":"Cobrança","list_id":"news.example.com"`)
	l.Limits.Concurrent = 3

	t.Run("replies", func(t *testing.T) {
		large := *message(order(l, "", 0))
		large.Text = strings.Repeat("uma linha\n", 20_000)
		lottery := *message(order(l, "", 0))
		lottery.Subject = "The lottery"
		for i, tt := range []struct {
			to, want string
			content  channel.Content
			from     channel.Address
		}{
			{to: "defer@example.test", want: "deferred smtp_try_later 450 4.2.0"},
			{to: "blocked@example.test", want: "blocked smtp_blocked 550 5.7.1"},
			{to: "nobody@example.test", want: "bounced smtp_no_such_mailbox 550 5.1.1"},
			{to: "maria@elsewhere.test", want: "line_failed smtp_relay_refused 554 5.7.1"},
			{to: "maria@example.test", content: &lottery, want: "blocked smtp_content_refused 550 5.7.1"},
			{to: "maria@example.test", content: &large, want: "failed smtp_too_large"},
			{to: "maria@example.test", from: "evil@example.com", want: "line_failed smtp_sender_refused 554 5.7.1"},
			{to: "joão@example.test", want: "bounced smtp_no_such_mailbox 550 5.1.1"}, // Postfix has SMTPUTF8
		} {
			o := order(l, tt.to, i)
			if tt.content != nil {
				o.Content = tt.content
			}
			if tt.from != "" {
				o.Line.From, o.Line.ID = tt.from, "evil"
			}
			if got := place(t, a, o).wait(); brief(got) != tt.want {
				t.Errorf("%s: %s (%s), want %s", tt.to, brief(got), got.ProviderText, tt.want)
			}
		}
	})

	t.Run("delivery", func(t *testing.T) {
		const n = 40
		var all []*report
		for i := range n {
			o := order(l, "maria@example.test", 100+i)
			m := *message(o)
			m.Text = "Olá, João\n.um ponto\nhttps://example.com/" + strings.Repeat("x", 200) + "\n"
			m.UnsubscribeURL, m.UnsubscribeMailto = "https://example.com/u/abc", "sair@example.com"
			o.Content = &m
			all = append(all, place(t, a, o))
		}
		for i, r := range all {
			if got := r.wait(); got.Code != channel.Sent || !strings.HasPrefix(got.ProviderCode, "250") {
				t.Errorf("message %d: %s (%s)", i, brief(got), got.ProviderText)
			}
		}
		seen := map[string]bool{}
		for _, m := range p.delivered(t, "maria", n) {
			id := m.Header.Get("Message-Id")
			if seen[id] {
				t.Errorf("%s was delivered twice", id)
			}
			seen[id] = true
			want := "attempt-" + strings.TrimSuffix(strings.TrimPrefix(id, "<thread-"), "@example.com>")
			for name, want := range map[string]string{
				"Subject": "=?utf-8?q?Ol=C3=A1?=", "From": "=?utf-8?q?Cobran=C3=A7a?= <line@example.com>", "To": "maria@example.test",
				"List-Unsubscribe":      "<https://example.com/u/abc>, <mailto:sair@example.com?subject=unsubscribe>",
				"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Id": "<news.example.com>",
				"Return-Path": "<line@example.com>", "X-Campanario-Attempt": want,
			} {
				if got := m.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			text, html := parts(t, m)
			wantText := "Olá, João\n.um ponto\nhttps://example.com/" + strings.Repeat("x", 200)
			if normal(text) != wantText || normal(html) != "<p>Bom dia</p>" {
				t.Errorf("arrived as %q and %q", text, html)
			}
		}
		if len(seen) != n {
			t.Errorf("%d different messages", len(seen))
		}
	})

	t.Run("STARTTLS", func(t *testing.T) {
		settings := fmt.Sprintf(`"tls":"starttls","ca_certificate":%q`, p.cert)
		l := line(p.addr, settings)
		l.ID = "tls"
		if err := a.Check(t.Context(), l); err != nil {
			t.Error(err)
		}
		if got := place(t, a, order(l, "maria@example.test", 500)).wait(); got.Code != channel.Sent {
			t.Errorf("%s (%s)", brief(got), got.ProviderText)
		}
		strange := line(p.addr, `"tls":"starttls"`)
		if err := a.Check(t.Context(), strange); fault.CodeOf(err) != "smtp_tls_failed" {
			t.Errorf("an unknown certificate: %v", err)
		}
	})
}
