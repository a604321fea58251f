package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"campanario/agent"
	"campanario/channel"
)

var then = time.Date(2026, 11, 21, 9, 30, 0, 0, time.FixedZone("", -3*3600))

func newComposer(t testing.TB, settings string) *composer {
	t.Helper()
	c, err := readSettings(json.RawMessage(settings), nil)
	if err != nil {
		t.Fatal(err)
	}
	from, err := parseMailbox("line@example.com")
	if err != nil {
		t.Fatal(err)
	}
	w := &composer{c: c, from: from}
	if c.ReplyTo != "" {
		w.reply = c.ReplyTo
	}
	return w
}

func composed(t testing.TB, w *composer, m *agent.Message, to string) string {
	t.Helper()
	o := &channel.Order{Attempt: "0192f0c1-0000-7000-8000-000000000001", Thread: "0192f0c1-0000-7000-8000-000000000002"}
	box, err := parseMailbox(to)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.compose(o, m, box, messageID(o, w.from.domain), then))
}

func full() *agent.Message {
	return &agent.Message{
		Subject: "Sua fatura, João", Text: "Olá João,\n.linha com ponto\nfim", HTML: "<p>Olá João</p>", Language: "pt-BR",
		FromName: "Cobrança Exemplo", UnsubscribeURL: "https://example.com/u/abc", UnsubscribeMailto: "sair@example.com",
		Headers: map[string]string{"X-Segment": "São Paulo", "From": "evil@example.com", "Bad Name": "x", "Bcc": "a@b"},
	}
}

func TestCompose(t *testing.T) {
	got := composed(t, newComposer(t, `{"host":"h","reply_to":"help@example.com","list_id":"news.example.com"}`), full(), "maria@example.net")
	want := strings.ReplaceAll(`Date: Sat, 21 Nov 2026 09:30:00 -0300
From: =?utf-8?q?Cobran=C3=A7a_Exemplo?= <line@example.com>
To: maria@example.net
Subject: =?utf-8?q?Sua_fatura,_Jo=C3=A3o?=
Message-ID: <0192f0c1-0000-7000-8000-000000000002@example.com>
Reply-To: help@example.com
MIME-Version: 1.0
Content-Language: pt-BR
List-Unsubscribe: <https://example.com/u/abc>,
 <mailto:sair@example.com?subject=unsubscribe>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Id: <news.example.com>
X-Campanario-Attempt: 0192f0c1-0000-7000-8000-000000000001
X-Segment: =?utf-8?q?S=C3=A3o_Paulo?=
Content-Type: multipart/alternative;
 boundary="=_campanario"

--=_campanario
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Ol=C3=A1 Jo=C3=A3o,
.linha com ponto
fim
--=_campanario
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Ol=C3=A1 Jo=C3=A3o</p>
--=_campanario--
`, "\n", "\r\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestComposeTextOnly(t *testing.T) {
	got := composed(t, newComposer(t, `{"host":"h"}`), &agent.Message{Subject: "Hi", Text: "a"}, "maria@example.net")
	_, rest, _ := strings.Cut(got, "X-Campanario")
	if !strings.HasSuffix(rest, "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na\r\n") {
		t.Errorf("got %q", rest)
	}
	if strings.Contains(got, "List-") || strings.Contains(got, "Reply-To") || strings.Contains(got, "\r\nFrom: line@example.com\r\n") == false {
		t.Errorf("got\n%s", got)
	}
}

// TestOneClickOnlyWhereItWorks: without a link that serves POST the mail program must not be told to make one.
func TestOneClickOnlyWhereItWorks(t *testing.T) {
	for link, want := range map[string][2]bool{
		"https://example.com/u/x":         {true, true},
		"http://127.0.0.1:8080/u/x":       {true, true},
		"http://example.com/u/x":          {true, false},
		"":                                {false, false},
		"https://a/>\r\nBcc: x@y":         {false, false},
		"https://a/ b":                    {false, false},
		"https://a/" + long(2000):         {false, false},
		"https://example.com/á":           {false, false},
		"https://example.com/u?a=b&c=%3E": {true, true},
	} {
		got := composed(t, newComposer(t, `{"host":"h"}`), &agent.Message{Subject: "s", Text: "t", UnsubscribeURL: link}, "a@b")
		if strings.Contains(got, "\r\nList-Unsubscribe: ") != want[0] || strings.Contains(got, "List-Unsubscribe-Post") != want[1] {
			t.Errorf("%q:\n%s", link, got)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

// hostile are values as a contact file may hold them.
var hostile = []string{
	"João\r\nBcc: victim@example.com", "a\nb", "a\rb", "x\r\n\r\n<html>", "=?utf-8?q?Bcc:_x?=", "\x00\x07\x7f", "\xff\xfe",
	"a\u2028b\u2029c\u0085d", long(3000), strings.Repeat("é", 900), `"quoted" <x@y>`, "a, b: c;", "\t tab", " ", "", "--=_campanario--",
	strings.Repeat("word ", 400), "emoji 🎉 " + strings.Repeat("🎉", 200), "(comment", `back\slash`, ".",
}

func TestNothingInjectsAHeader(t *testing.T) {
	w := newComposer(t, `{"host":"h","list_id":"news.example.com"}`)
	base := fields(t, composed(t, w, &agent.Message{
		Subject: "s", Text: "t", HTML: "h", Language: "pt", FromName: "n", Headers: map[string]string{"X-A": "b"},
	}, "a@b"))
	for _, v := range hostile {
		m := &agent.Message{
			Subject: v, Text: v, HTML: v, Language: "pt" + v, FromName: v, ReplyTo: v,
			UnsubscribeURL: v, UnsubscribeMailto: v, Headers: map[string]string{"X-A": v, "X-" + v: "z"},
		}
		got := composed(t, w, m, "a@b")
		check(t, got, m)
		extra := slices.DeleteFunc(fields(t, got), func(f string) bool {
			return slices.Contains(base, f) || f == "Content-Transfer-Encoding" && v == "" // without HTML there is one part
		})
		if len(extra) > 0 && !slices.Equal(extra, []string{"X-" + v}) {
			t.Errorf("%q put in the fields %q", v, extra)
		}
	}
}

// fields are the names of the header fields, in order.
func fields(t testing.TB, message string) []string {
	head, _, found := strings.Cut(message, "\r\n\r\n")
	if !found {
		t.Fatalf("no end of the header in %q", message)
	}
	var out []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if line == "" || line[0] == ' ' {
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		out = append(out, name)
	}
	return out
}

// check reads a message as a stranger would and compares it with what went in.
func check(t testing.TB, message string, m *agent.Message) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(message, "\r\n"), "\r\n") {
		if len(line) > longestLine || strings.ContainsAny(line, "\r\n\x00") || !ascii(line) {
			t.Errorf("a line of %d: %q", len(line), line)
		}
	}
	r, err := mail.ReadMessage(strings.NewReader(message))
	if err != nil {
		t.Fatalf("%v in\n%s", err, message)
	}
	dec := new(mime.WordDecoder)
	subject, err := dec.DecodeHeader(r.Header.Get("Subject"))
	if err != nil {
		t.Errorf("subject %q: %v", r.Header.Get("Subject"), err)
	}
	if blanks(subject) != blanks(oneLine(m.Subject)) {
		t.Errorf("subject %q became %q", m.Subject, subject)
	}
	from, err := r.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "line@example.com" || blanks(from[0].Name) != blanks(oneLine(m.FromName)) {
		t.Errorf("from %q: %v, %v", m.FromName, from, err)
	}
	text, html := parts(t, r)
	if normal(text) != normal(m.Text) || normal(html) != normal(m.HTML) {
		t.Errorf("%q became text %q and html %q", m.Text, text, html)
	}
}

func blanks(s string) string { return strings.Join(strings.Fields(s), " ") }

// normal is a text with its line ends made alike and without those at the end.
func normal(s string) string {
	s = strings.ToValidUTF8(s, "�")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.TrimRight(s, "\n")
}

func parts(t testing.TB, r *mail.Message) (text, html string) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		b, err := io.ReadAll(quotedprintable.NewReader(r.Body))
		if err != nil {
			t.Error(err)
		}
		return string(b), ""
	}
	mr := multipart.NewReader(r.Body, params["boundary"])
	var got []string
	for {
		p, err := mr.NextPart() // it undoes quoted-printable
		if err != nil {
			break
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Error(err)
		}
		got = append(got, p.Header.Get("Content-Type"), string(b))
	}
	if len(got) != 4 || got[0] != "text/plain; charset=utf-8" || got[2] != "text/html; charset=utf-8" {
		t.Fatalf("parts %q", got)
	}
	return got[1], got[3]
}

func FuzzCompose(f *testing.F) {
	for _, v := range hostile {
		f.Add(v, v)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		w := newComposer(t, `{"host":"h"}`)
		m := &agent.Message{Subject: a, Text: b, HTML: a, FromName: b}
		check(t, composed(t, w, m, "a@b"), m)
		known := []string{
			"Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "X-Campanario-Attempt",
			"Content-Type", "Content-Transfer-Encoding",
		}
		for _, name := range fields(t, composed(t, w, m, "a@b")) {
			if !slices.Contains(known, name) {
				t.Errorf("%q and %q put in the field %q", a, b, name)
			}
		}
	})
}

func TestMessageID(t *testing.T) {
	for thread, want := range map[string]string{
		"0192f0c1-0000-7000-8000-000000000002": "<0192f0c1-0000-7000-8000-000000000002@d>",
		"a/1":                                  "<x=YS8x@d>",
		"a..b":                                 "<x=YS4uYg@d>",
		".a":                                   "<x=LmE@d>",
		"a>\r\nBcc: x":                         "<x=YT4NCkJjYzogeA@d>",
	} {
		if got := messageID(&channel.Order{Thread: thread, Attempt: "n"}, "d"); got != want {
			t.Errorf("%q: %s, want %s", thread, got, want)
		}
	}
	if got := messageID(&channel.Order{Attempt: "n"}, "d"); got != "<n@d>" {
		t.Errorf("without a thread: %s", got)
	}
}

// TestInternationalAddress: the header shows the address as it is under SMTPUTF8, and the domain always in ASCII.
func TestInternationalAddress(t *testing.T) {
	got := composed(t, newComposer(t, `{"host":"h"}`), &agent.Message{Subject: "s", Text: "t"}, "joão@exämple.com")
	if !strings.Contains(got, "\r\nTo: joão@xn--exmple-cua.com\r\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestDKIM(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	for name, key := range map[string]crypto.Signer{"rsa": rsaKey, "ed25519": edwards} {
		t.Run(name, func(t *testing.T) {
			raw, _ := json.Marshal(map[string]any{"host": "h", "dkim_selector": "s1", "dkim_private_key": keyPEM(t, key)})
			w := newComposer(t, string(raw))
			plain := composed(t, w, full(), "maria@example.net")
			message, err := w.signed([]byte(plain))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasSuffix(message, []byte(plain)) {
				t.Error("the signature changed the message")
			}
			verify := func(m []byte) error {
				v, err := dkim.VerifyWithOptions(bytes.NewReader(m), &dkim.VerifyOptions{
					LookupTXT: func(domain string) ([]string, error) {
						if domain != "s1._domainkey.example.com" {
							t.Errorf("looked up %s", domain)
						}
						return []string{record(t, key.Public())}, nil
					},
				})
				if err != nil || len(v) != 1 || v[0].Domain != "example.com" {
					t.Fatalf("verification: %v, %v", v, err)
				}
				for _, f := range []string{"From", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID"} {
					if !slices.ContainsFunc(v[0].HeaderKeys, func(k string) bool { return strings.EqualFold(k, f) }) {
						t.Errorf("%s is not signed", f)
					}
				}
				return v[0].Err
			}
			if err := verify(message); err != nil {
				t.Error(err)
			}
			if verify(bytes.Replace(message, []byte("u/abc"), []byte("u/abd"), 1)) == nil {
				t.Error("another List-Unsubscribe passes")
			}
			if verify(bytes.Replace(message, []byte("\r\nTo:"), []byte("\r\nSubject: other\r\nTo:"), 1)) == nil {
				t.Error("a second subject passes")
			}
		})
	}
}

func record(t *testing.T, key crypto.PublicKey) string {
	if k, ok := key.(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func BenchmarkCompose(b *testing.B) {
	w := newComposer(b, `{"host":"h"}`)
	m := full()
	m.Text, m.HTML = strings.Repeat("Bom dia, João. ", 60), strings.Repeat("<p>Bom dia, João.</p>\n", 80)
	o := &channel.Order{Attempt: "0192f0c1-0000-7000-8000-000000000001", Thread: "0192f0c1-0000-7000-8000-000000000002"}
	to, _ := parseMailbox("maria@example.net")
	b.ReportAllocs()
	for b.Loop() {
		w.compose(o, m, to, messageID(o, w.from.domain), then)
	}
}
