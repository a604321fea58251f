package dialog

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/transport"
)

// uri is what routing needs to know of a SIP URI.
type uri struct {
	text    string
	network transport.Network
	named   bool // the URI itself says which network
	host    string
	port    uint16 // 0 when it names none
	loose   bool   // the lr parameter
}

// parseURI reads a sip or sips URI without angle brackets.
func parseURI(s string) (out uri, err error) {
	defer func() {
		// The text may be a far end's; a fault of the parser must not end the process.
		if r := recover(); r != nil {
			out, err = uri{}, fmt.Errorf("dialog: not a SIP URI: parser panic: %v", r)
		}
	}()
	var u sip.Uri
	if err := sip.ParseUri(s, &u); err != nil {
		return uri{}, fmt.Errorf("dialog: not a SIP URI: %w", err)
	}
	out = uri{text: s, network: transport.UDP, host: strings.Trim(u.Host, "[]"), port: uint16(u.Port)}
	switch strings.ToLower(u.Scheme) {
	case "sip":
	case "sips":
		out.network, out.named = transport.TLS, true
	default:
		return uri{}, fmt.Errorf("dialog: not a SIP URI: scheme %q", u.Scheme)
	}
	if out.host == "" || u.Port < 0 || u.Port > 65535 || strings.ContainsAny(out.host, " \t<>\"") {
		return uri{}, fmt.Errorf("dialog: not a SIP URI: no host")
	}
	for _, p := range u.UriParams {
		switch strings.ToLower(p.K) {
		case "transport":
			n, ok := transport.ParseNetwork(p.V)
			if !ok {
				return uri{}, fmt.Errorf("dialog: unknown transport %q", p.V)
			}
			if out.network != transport.TLS {
				out.network = n
			}
			out.named = true
		case "lr":
			out.loose = true
		}
	}
	return out, nil
}

// hostPort is the host as it is written in a URI: IPv6 in brackets, the port only if one was named.
func (u uri) hostPort() string {
	if u.port != 0 {
		return net.JoinHostPort(u.host, strconv.Itoa(int(u.port)))
	}
	if strings.Contains(u.host, ":") {
		return "[" + u.host + "]"
	}
	return u.host
}

// at is the URI of a user at this host.
func (u uri) at(user string) string {
	s := "sip:" + escapeUser(user) + "@" + u.hostPort()
	if u.network != transport.UDP {
		s += ";transport=" + strings.ToLower(string(u.network))
	}
	return s
}

// escapeUser writes the user part of a URI (RFC 3261 section 25.1).
func escapeUser(s string) string {
	ok := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("-_.!~*'()&=+$,;?/", c) >= 0
	}
	for i := range len(s) {
		if !ok(s[i]) {
			var b strings.Builder
			for j := range len(s) {
				if ok(s[j]) {
					b.WriteByte(s[j])
				} else {
					fmt.Fprintf(&b, "%%%02X", s[j])
				}
			}
			return b.String()
		}
	}
	return s
}
