package audience

import (
	"net/mail"
	"strings"
	"testing"

	"campanario/internal/fault"
)

func TestMailbox(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "ana@example.com", "ana@example.com"},
		{"dots and plus", "ana.maria+promo@mail.example.com.br", "ana.maria+promo@mail.example.com.br"},
		{"the domain in small letters, the local part as it is", "Ana.Maria@Example.COM", "Ana.Maria@example.com"},
		{"spaces around", "  ana@example.com\t", "ana@example.com"},
		{"a display name", "Ana Souza <ana@example.com>", "ana@example.com"},
		{"a display name with a comma", `"Souza, Ana" <ana@example.com>`, "ana@example.com"},
		{"only brackets", "<ana@example.com>", "ana@example.com"},
		{"a link", "mailto:ana@example.com", "ana@example.com"},
		{"a cell kept text", "'ana@example.com", "ana@example.com"},
		{"a separator left over", "ana@example.com;", "ana@example.com"},
		{"an international domain", "ana@correção.example", "ana@xn--correo-7ta5a.example"},
		{"an international domain in capitals", "ana@MÜNCHEN.example", "ana@xn--mnchen-3ya.example"},
		{"a domain already in ASCII", "ana@xn--mnchen-3ya.example", "ana@xn--mnchen-3ya.example"},
		{"a full stop at the end", "ana@example.com.", "ana@example.com"},
		{"an invisible mark", "\u200bana@example.com\u200b", "ana@example.com"},
		{"hyphens and digits", "a-1@1-a.example.org", "a-1@1-a.example.org"},
		{"signs that are allowed", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"as long as may be", strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},

		{"empty", "", "mailbox_empty"},
		{"blank", " ", "mailbox_empty"},
		{"empty brackets", "Ana <>", "mailbox_empty"},
		{"a number", "11987654321", "mailbox_no_at"},
		{"no at", "ana.example.com", "mailbox_no_at"},
		{"two at", "ana@@example.com", "mailbox_local_invalid"},
		{"two addresses", "ana@example.com, bia@example.com", "mailbox_several"},
		{"two addresses with a semicolon", "ana@example.com;bia@example.com", "mailbox_several"},
		{"two addresses with a space", "ana@example.com bia@example.com", "mailbox_several"},
		{"two with names", "Ana <ana@example.com>, Bia <bia@example.com>", "mailbox_several"},
		{"nothing before the at", "@example.com", "mailbox_local_invalid"},
		{"a dot at the start", ".ana@example.com", "mailbox_local_invalid"},
		{"two dots", "ana..maria@example.com", "mailbox_local_invalid"},
		{"a space inside", "ana maria@example.com", "mailbox_local_invalid"},
		{"quotes", `"ana maria"@example.com`, "mailbox_local_invalid"},
		{"an accent", "joão@example.com", "mailbox_local_not_ascii"},
		{"a line end", "ana\r\nBcc: x@example.com", "mailbox_local_invalid"},
		{"a NUL", "ana\x00@example.com", "mailbox_local_invalid"},
		{"not text", "ana\xff@example.com", "mailbox_local_not_ascii"},
		{"nothing after the at", "ana@", "mailbox_domain_invalid"},
		{"no top-level domain", "ana@localhost", "mailbox_domain_incomplete"},
		{"an address in brackets", "ana@[192.0.2.1]", "mailbox_domain_invalid"},
		{"an address", "ana@192.0.2.1", "mailbox_domain_invalid"},
		{"an underscore", "ana@my_host.example", "mailbox_domain_invalid"},
		{"a hyphen at the end", "ana@example-.com", "mailbox_domain_invalid"},
		{"two dots in the domain", "ana@example..com", "mailbox_domain_invalid"},
		{"a space in the domain", "ana@example .com", "mailbox_domain_invalid"},
		{"a label too long", "ana@" + strings.Repeat("a", 64) + ".com", "mailbox_domain_invalid"},
		{"a top-level domain of one letter", "ana@example.c", "mailbox_domain_invalid"},
		{"broken punycode", "ana@xn--a.example", "mailbox_domain_invalid"},
		{"a local part too long", strings.Repeat("a", 65) + "@example.com", "mailbox_too_long"},
		{"too long", "ana@" + strings.Repeat("abcdefgh.", 30) + "com", "mailbox_domain_invalid"},
		{"far too long", strings.Repeat("a", 1<<20), "mailbox_too_long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Mailbox(tt.in)
			if err != nil {
				bad := fault.All(err)
				if len(bad) != 1 || bad[0].Code != tt.want {
					t.Fatalf("refused with %v, want %s", err, tt.want)
				}
				return
			}
			if string(got) != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// FuzzMailbox holds that the short cut says what the long way says, and that what is taken is final, has nothing in it
// that could end a line of SMTP, and is an address to net/mail too.
func FuzzMailbox(f *testing.F) {
	for _, s := range []string{
		"ana@example.com", "Ana <ana@example.com>", "ana@correção.example", "a.b_c@x1.com", "<<a@b.cc>>", "@", "a@b", "mailto:a@b.cc", "ana@xn--mnchen-3ya.example",
		"a@b.c1", "a@1.cc", "a\u200d@b.cc", "\xff@b.cc", "a@b.cc>,<c@d.ee>", "a@b.cc.", "a@ſ.cc",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		long, bad := mailbox(raw)
		if fast, ok := plainMailbox(raw); ok && (bad != nil || fast != long) {
			t.Fatalf("%q: %s by the short cut, %s (%v) by the long way", raw, fast, long, bad)
		}
		got, err := Mailbox(raw)
		if err != nil {
			if len(fault.All(err)) != 1 {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		if strings.ContainsAny(string(got), "\r\n\t <>,;\x00\"") || len(got) > longestMailbox {
			t.Fatalf("%q became %q", raw, got)
		}
		if again, err := Mailbox(string(got)); err != nil || again != got {
			t.Fatalf("%q became %s, then %s (%v)", raw, got, again, err)
		}
		if a, err := mail.ParseAddress(string(got)); err != nil || a.Address != string(got) {
			t.Fatalf("%q became %s, to net/mail %v (%v)", raw, got, a, err)
		}
	})
}

func BenchmarkMailbox(b *testing.B) {
	for _, in := range []string{"ana.souza@example.com.br", "Ana.Souza@Example.com.br"} {
		b.Run(in, func(b *testing.B) {
			for b.Loop() {
				if _, err := Mailbox(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
