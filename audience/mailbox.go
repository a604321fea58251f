package audience

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"campanario/channel"
	"campanario/internal/fault"
)

// Bounds of RFC 5321 section 4.5.3.1 and RFC 1035, in bytes.
const (
	longestMailbox = 254
	longestLocal   = 64
	longestLabel   = 63
)

// Mailbox makes an address of an e-mail address as people write it: "ana@example.com", "Ana <ana@example.com>" or
// "mailto:ana@example.com". The domain becomes lower case and ASCII (IDNA 2008); the local part stays as it is, since
// only its host knows whether capitals matter there.
//
// Of RFC 5321 the part is taken that mailboxes of people use: a local part of dot-separated words without quotes, and a
// domain name with at least two labels, no address in brackets. A local part outside ASCII needs SMTPUTF8 all the way
// to the reader and is refused.
//
// A refusal is a *fault.Error: mailbox_empty, mailbox_no_at, mailbox_several, mailbox_local_invalid,
// mailbox_local_not_ascii, mailbox_domain_invalid, mailbox_domain_incomplete, mailbox_too_long.
func Mailbox(raw string) (channel.Address, error) {
	if a, ok := plainMailbox(raw); ok {
		return a, nil
	}
	a, bad := mailbox(raw)
	if bad != nil {
		return "", bad
	}
	return a, nil
}

// plainMailbox is the short cut for small letters, digits and dots, which nearly all addresses are.
func plainMailbox(raw string) (channel.Address, bool) {
	at, dot := -1, -1
	last := byte('.')
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9' && dot < 0:
		case c == '_' && at < 0:
		case c == '@' && at < 0 && last != '.':
			at, c = i, '.'
		case c == '.' && last != '.':
			if at >= 0 {
				dot = i
			}
		default:
			return "", false
		}
		last = c
	}
	// Hyphens, a digit after the domain's first dot and long parts take the long way.
	if at < 1 || dot < 0 || len(raw)-dot < 3 || last == '.' || at > longestLocal || len(raw)-at > longestLabel {
		return "", false
	}
	return channel.Address(raw), true
}

func mailbox(raw string) (channel.Address, *fault.Error) {
	if len(raw) > 4*longestMailbox {
		return "", refused("mailbox_too_long", fault.Params{"bytes": len(raw), "max": longestMailbox})
	}
	s, bad := bare(raw)
	if bad != nil {
		return "", bad
	}
	i := strings.LastIndexByte(s, '@')
	switch {
	case i < 0:
		return "", refused("mailbox_no_at", nil)
	case strings.IndexByte(s, '@') != i && !strings.ContainsAny(s, ",; \t"):
		return "", refused("mailbox_local_invalid", nil)
	case strings.ContainsAny(s, ",;") || strings.Count(s, "@") > 1:
		return "", refused("mailbox_several", nil)
	}
	local := s[:i]
	if bad := checkLocal(local); bad != nil {
		return "", bad
	}
	domain, bad := asciiDomain(s[i+1:])
	if bad != nil {
		return "", bad
	}
	if n := len(local) + 1 + len(domain); n > longestMailbox || len(local) > longestLocal {
		return "", refused("mailbox_too_long", fault.Params{"bytes": n, "max": longestMailbox})
	}
	return channel.Address(local + "@" + domain), nil
}

// bare takes off invisible marks, "mailto:", and a display name with its angle brackets.
func bare(raw string) (string, *fault.Error) {
	s := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(raw, "\ufffd")))
	s = strings.TrimPrefix(strings.TrimRight(strings.TrimSpace(s), ",; \t"), "'")
	if strings.HasSuffix(s, ">") {
		i := strings.LastIndexByte(s, '<')
		if i < 0 {
			return "", refused("mailbox_local_invalid", nil)
		}
		if strings.Count(s, ">") > 1 {
			return "", refused("mailbox_several", nil)
		}
		s = s[i+1 : len(s)-1]
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if s = strings.TrimSpace(s); s == "" {
		return "", refused("mailbox_empty", nil)
	}
	return s, nil
}

// checkLocal takes a Dot-string of RFC 5321 section 4.1.2.
func checkLocal(s string) *fault.Error {
	for _, word := range strings.Split(s, ".") {
		if word == "" {
			return refused("mailbox_local_invalid", nil)
		}
		for _, r := range word {
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r):
			case r >= 0x80:
				return refused("mailbox_local_not_ascii", nil)
			default:
				return refused("mailbox_local_invalid", nil)
			}
		}
	}
	return nil
}

// domains turns names into ASCII as a resolver would look them up (RFC 5891, UTS 46 without its transition). It is only
// read.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(true), idna.Transitional(false))

func asciiDomain(s string) (string, *fault.Error) {
	d, err := domains.ToASCII(strings.TrimSuffix(s, "."))
	if err != nil || d == "" || len(d) > longestMailbox {
		return "", refused("mailbox_domain_invalid", nil)
	}
	labels := strings.Split(d, ".")
	for _, l := range labels {
		if l == "" || len(l) > longestLabel || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, ldh) != "" {
			return "", refused("mailbox_domain_invalid", nil)
		}
	}
	if len(labels) < 2 {
		return "", refused("mailbox_domain_incomplete", nil)
	}
	if last := labels[len(labels)-1]; len(last) < 2 || strings.ContainsAny(last[:1], "0123456789") {
		return "", refused("mailbox_domain_invalid", nil) // no top-level domain begins with a digit; 192.0.2.1 is none
	}
	return d, nil
}

const ldh = "abcdefghijklmnopqrstuvwxyz0123456789-"
