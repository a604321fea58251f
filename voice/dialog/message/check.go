package message

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// once are the headers that a request has exactly once.
var once = []string{"From", "To", "Call-ID", "CSeq"}

// Check puts right what sipgo's parser changes, and tells what is wrong with a request that could be parsed (RFC 3261 sections 8.1.1, 8.2 and 16.3): the status to
// refuse it with and why, or 0.
func Check(r *sip.Request) (status int, reason string) {
	if r.SipVersion != "SIP/2.0" {
		return 505, "Version Not Supported"
	}
	for _, name := range once {
		switch len(Lines(r, name)) {
		case 0:
			return 400, "Missing " + name
		case 1:
		default:
			return 400, "Multiple " + name
		}
	}
	if !oneLength(r) {
		return 400, "Multiple Content-Length"
	}
	_, method, ok := CSeq(r)
	if !ok || !strings.EqualFold(method, string(r.Method)) {
		return 400, "CSeq Method Mismatch"
	}
	r.Method = sip.RequestMethod(method) // sipgo writes it large, and so takes "invite", which is no method, for INVITE
	for _, name := range []string{"From", "To"} {
		if _, _, ok := Address(Header(r, name)); !ok {
			return 400, "Bad " + name
		}
	}
	return checkURI(r)
}

func oneLength(r *sip.Request) bool {
	lines := Lines(r, "Content-Length")
	for _, l := range lines {
		if l != lines[0] {
			return false
		}
	}
	return true
}

func checkURI(r *sip.Request) (int, string) {
	u := &r.Recipient
	switch strings.ToLower(u.Scheme) {
	case "sip", "sips":
	case "tel":
		return 0, ""
	default:
		return 416, "Unsupported URI Scheme"
	}
	if u.Host == "" || strings.ContainsAny(u.Host, " \t<>\"") || len(u.Headers) > 0 {
		return 400, "Bad Request-URI"
	}
	return 0, ""
}
