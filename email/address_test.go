package email

import (
	"strings"
	"testing"
)

func TestParseMailbox(t *testing.T) {
	long := strings.Repeat("a", 65)
	for _, tt := range []struct {
		in, path, domain string
		utf8, bad        bool
	}{
		{in: "maria@example.com", path: "maria@example.com", domain: "example.com"},
		{in: "Maria.Silva+x@EXAMPLE.com", path: "Maria.Silva+x@example.com", domain: "example.com"},
		{in: "o'neil@example.com", path: "o'neil@example.com", domain: "example.com"},
		{in: `"a b"@example.com`, path: `"a b"@example.com`, domain: "example.com"},
		{in: "maria@exämple.com", path: "maria@xn--exmple-cua.com", domain: "xn--exmple-cua.com"},
		{in: "maria@são-paulo.example", path: "maria@xn--so-paulo-rza.example", domain: "xn--so-paulo-rza.example"},
		{in: "joão@example.com", path: "joão@example.com", domain: "example.com", utf8: true},
		{in: "x@[192.0.2.1]", path: "x@[192.0.2.1]", domain: "[192.0.2.1]"},
		{in: "x@localhost", path: "x@localhost", domain: "localhost"},
		{in: "", bad: true},
		{in: "@", bad: true},
		{in: "x", bad: true},
		{in: "x@", bad: true},
		{in: "@x", bad: true},
		{in: "a@b@c", bad: true},
		{in: ".a@b", bad: true},
		{in: "a.@b", bad: true},
		{in: "a..b@c", bad: true},
		{in: "a b@c", bad: true},
		{in: "a@b c", bad: true},
		{in: "a@b..c", bad: true},
		{in: "a@-b", bad: true},
		{in: "a@[300.0.0.1]", bad: true},
		{in: "a@b>\r\nDATA", bad: true},
		{in: "a@b\r\n", bad: true},
		{in: "Maria <a@b>", bad: true},
		{in: "a@b, c@d", bad: true},
		{in: "a\x00@b", bad: true},
		{in: long + "@b", bad: true},
		{in: "a@" + strings.Repeat("abcdefghi.", 26) + "com", bad: true},
	} {
		m, err := parseMailbox(tt.in)
		if (err != nil) != tt.bad || m.path != tt.path || m.domain != tt.domain || m.utf8 != tt.utf8 {
			t.Errorf("%q: %+v, %v", tt.in, m, err)
		}
	}
}

func FuzzMailbox(f *testing.F) {
	f.Add("maria@example.com")
	f.Add(`"a \"b"@exämple.com`)
	f.Add("a@b>\r\nRCPT TO:<c@d")
	f.Fuzz(func(t *testing.T, in string) {
		m, err := parseMailbox(in)
		if err != nil {
			return
		}
		if strings.ContainsAny(m.path, "\r\n\x00") || !ascii(m.domain) || len(m.path) == 0 {
			t.Errorf("%q became %+v", in, m)
		}
		// What stands in SMTP's angle brackets must not end them early outside of quotes.
		if !strings.Contains(m.path, `"`) && strings.ContainsAny(m.path, "<> ") {
			t.Errorf("%q became %q", in, m.path)
		}
		again, err := parseMailbox(m.path)
		if err != nil || again.path != m.path {
			t.Errorf("%q is not read back: %q %v", m.path, again.path, err)
		}
	})
}
