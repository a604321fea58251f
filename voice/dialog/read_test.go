package dialog

import (
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/transport"
)

func TestParseURI(t *testing.T) {
	for s, want := range map[string]uri{
		"sip:a@b":                              {network: transport.UDP, host: "b"},
		"sip:a@b:5070;transport=TCP;lr":        {network: transport.TCP, named: true, host: "b", port: 5070, loose: true},
		"sips:b":                               {network: transport.TLS, named: true, host: "b"},
		"sips:b;transport=tcp":                 {network: transport.TLS, named: true, host: "b"},
		"sip:[2001:db8::1]:5061;transport=tls": {network: transport.TLS, named: true, host: "2001:db8::1", port: 5061},
		"sip:a;x=y@b;lr=on":                    {network: transport.UDP, host: "b", loose: true},
	} {
		want.text = s
		got, err := parseURI(s)
		if err != nil || got != want {
			t.Errorf("%s: %+v %v", s, got, err)
		}
	}
	for _, s := range []string{"", "b", "tel:+55", "sip:", "sip:a@", "sip:a@b;transport=sctp", "sip:b:99999", "sip:a@b c", "http://b"} {
		if u, err := parseURI(s); err == nil {
			t.Errorf("%q became %+v", s, u)
		}
	}
}

func FuzzURI(f *testing.F) {
	for _, s := range []string{"sip:a@b:5070;transport=TCP;lr", "sips:[::1]", "sip:a;x=%00@b?h=v", "sip:[", "sip:@;?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := parseURI(s)
		if err != nil {
			return
		}
		if u.host == "" || strings.ContainsAny(u.host, " <>") {
			t.Errorf("%q: host %q", s, u.host)
		}
		if again, err := parseURI(u.at("x")); err != nil || again.host != u.host || again.port != u.port || again.network != u.network {
			t.Errorf("%q became %+v, %q and %+v, %v", s, u, u.at("x"), again, err)
		}
	})
}

func TestEscapeUser(t *testing.T) {
	for in, want := range map[string]string{"+55(11)9000": "+55(11)9000", "a b@c": "a%20b%40c", "ção": "%C3%A7%C3%A3o", "#9": "%239"} {
		if got := escapeUser(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestKeys(t *testing.T) {
	for body, want := range map[string]struct {
		key  byte
		held time.Duration
	}{
		"Signal=5\r\nDuration=160\r\n": {'5', 160 * time.Millisecond},
		"signal= * \nduration= 250":    {'*', 250 * time.Millisecond},
		"Signal=11\r\n":                {'#', 0},
		"Signal=a":                     {'A', 0},
		"Signal=15\nDuration=x":        {'D', 0},
		"Signal=55":                    {0, 0},
		"Signal=":                      {0, 0},
		"Duration=99999999":            {0, 0},
		"":                             {0, 0},
	} {
		if key, held := parseRelay([]byte(body)); key != want.key || held != want.held {
			t.Errorf("%q: %q %s", body, key, held)
		}
	}
}

func FuzzRelay(f *testing.F) {
	f.Add([]byte("Signal=5\r\nDuration=160\r\n"))
	f.Add([]byte("=\n=\nSignal"))
	f.Fuzz(func(t *testing.T, body []byte) {
		key, held := parseRelay(body)
		if key != 0 && !strings.ContainsRune("0123456789*#ABCD", rune(key)) || held < 0 || held > 66*time.Second {
			t.Errorf("%q: %q %s", body, key, held)
		}
	})
}

func withBody(kind, body string) sip.Message {
	r := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", Host: "x"})
	if kind != "" {
		r.AppendHeader(sip.NewHeader("Content-Type", kind))
	}
	r.SetBody([]byte(body))
	return r
}

// An INVITE from a network of exchanges has the session description beside what they say to each other.
func TestSessionDescriptionInParts(t *testing.T) {
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"
	isup := "--unique-b\r\nContent-Type: application/ISUP;version=itu-t92+;base=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\x01\x00\x49--not-it\r\n"
	inner := "Content-Type: multipart/alternative;boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nhello\r\n--in\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n--in--"
	for name, c := range map[string]struct{ kind, body, want string }{
		"plain":      {"application/sdp", sdp, sdp},
		"parameters": {"Application/SDP ; charset=utf-8", sdp, sdp},
		"no type":    {"", sdp, sdp},
		"parts":      {`multipart/mixed; boundary="unique-b"`, isup + "--unique-b\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n--unique-b--\r\n", sdp},
		"nested":     {"multipart/mixed;boundary=unique-b", isup + "--unique-b\r\n" + inner + "\r\n--unique-b--", sdp},
		"none":       {"multipart/mixed;boundary=unique-b", isup + "--unique-b--", ""},
		"no edge":    {"multipart/mixed", isup, ""},
		"else":       {"text/plain", "hello", ""},
		"empty":      {"application/sdp", "", ""},
	} {
		if got := string(sessionDescription(withBody(c.kind, c.body))); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func FuzzSessionDescription(f *testing.F) {
	f.Add("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--")
	f.Add("multipart/mixed;boundary=b", "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n--b\r\n\r\n")
	f.Fuzz(func(t *testing.T, kind, body string) {
		if got := sessionDescription(withBody(kind, body)); !strings.Contains(body, string(got)) {
			t.Errorf("%q is not in %q", got, body)
		}
	})
}

func TestSessionExpires(t *testing.T) {
	for v, want := range map[string]struct {
		d   time.Duration
		who string
	}{
		"1800;refresher=uac": {30 * time.Minute, "uac"}, "90 ; Refresher=UAS": {90 * time.Second, "uas"}, "x": {0, ""}, "3600": {time.Hour, ""},
	} {
		m := withBody("", "")
		m.AppendHeader(sip.NewHeader("x", v))
		if d, who := sessionExpires(m); d != want.d || who != want.who {
			t.Errorf("%q: %s %q", v, d, who)
		}
	}
}

// The route of a dialog: loose routers are passed through, a strict one finds itself in the request URI.
func TestPath(t *testing.T) {
	for name, c := range map[string]struct {
		routes       []string
		target, next string
		want         string
	}{
		"straight": {nil, "sip:far@x", "sip:far@x", ""},
		"loose":    {[]string{"<sip:p1;lr>", "<sip:p2;lr>"}, "sip:far@x", "sip:p1;lr", "<sip:p1;lr> <sip:p2;lr>"},
		"strict":   {[]string{"<sip:p1>", "<sip:p2;lr>"}, "sip:p1", "sip:p1", "<sip:p2;lr> <sip:far@x>"},
		"broken":   {[]string{"<sip:p1"}, "sip:far@x", "sip:far@x", ""},
	} {
		l := &leg{target: "sip:far@x", routes: c.routes}
		target, routes, next := l.path()
		if target != c.target || next != c.next || strings.Join(routes, " ") != c.want {
			t.Errorf("%s: %s by %s with %v", name, target, next, routes)
		}
	}
}
