package email

import (
	"errors"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// mailAddress is an address as SMTP needs it: the domain in ASCII (RFC 5890), the local part as it is.
type mailAddress struct {
	local  string // unquoted
	domain string // ASCII, lower case
	utf8   bool   // the local part needs SMTPUTF8 (RFC 6531)
	path   string // local part, quoted where it must be, @ and domain
}

// mostAddress bounds what is looked at, in bytes: 254 letters, before the domain became ASCII.
const mostAddress = 1000

var errMailbox = errors.New("email: not a mailbox")

// parseMailbox reads one bare address. A domain with letters outside ASCII is converted; a local part is not, because
// only its own server knows what it means (RFC 6530).
func parseMailbox(address string) (mailAddress, error) {
	if len(address) > mostAddress {
		return mailAddress{}, errMailbox
	}
	var local, domain string
	if at := strings.LastIndexByte(address, '@'); at > 0 && plainLocal(address[:at]) {
		local, domain = address[:at], address[at+1:]
	} else {
		a, err := mail.ParseAddress("<" + address + ">")
		if err != nil || strings.ContainsAny(address, "\r\n\x00") {
			return mailAddress{}, errMailbox
		}
		at := strings.LastIndexByte(a.Address, '@')
		local, domain = a.Address[:at], a.Address[at+1:]
	}
	m := mailAddress{local: local, utf8: !ascii(local)}
	if strings.HasPrefix(domain, "[") {
		if !addressLiteral(domain) {
			return mailAddress{}, errMailbox
		}
		m.domain = domain
	} else {
		d, ok := asciiDomain(domain)
		if !ok {
			return mailAddress{}, errMailbox
		}
		m.domain = d
	}
	// RFC 5321 4.5.3.1: 64 octets before the @, 254 in all.
	if len(local) > 64 || len(local)+1+len(m.domain) > 254 {
		return mailAddress{}, errMailbox
	}
	m.path = local + "@" + m.domain
	if !plainLocal(local) {
		m.path = (&mail.Address{Address: m.path}).String() // quotes what must be quoted
		m.path = m.path[1 : len(m.path)-1]
	}
	return m, nil
}

// plainLocal reports whether a local part is a dot-atom of the letters that nearly all have.
func plainLocal(s string) bool {
	dot := true // a dot may not be first, last or doubled
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '+':
			dot = false
		case c == '.' && !dot:
			dot = true
		default:
			return false
		}
	}
	return !dot
}

// asciiDomain is the domain as DNS knows it.
func asciiDomain(d string) (string, bool) {
	if !ascii(d) {
		var err error
		if d, err = idna.Lookup.ToASCII(d); err != nil {
			return "", false
		}
	}
	if len(d) > 253 || !hostName(d) {
		return "", false
	}
	return strings.ToLower(d), true
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
