package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"campanario/internal/fault"
)

// Proxies are networks of machines that stand in front of the program and write X-Forwarded-For.
type Proxies []netip.Prefix

// ParseProxies reads networks and addresses with commas between them.
func ParseProxies(text string) (Proxies, error) {
	var out Proxies
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if a, addressErr := netip.ParseAddr(part); addressErr == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "network_invalid", fault.Params{"value": clip(part), "example": "10.0.0.0/8"})
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (l Proxies) has(a netip.Addr) bool {
	for _, p := range l {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// origin is the address that a request comes from: that of the connection or, as long as one of ours stands there, the
// one that it names before itself. What others have written into the header is not believed.
func (l Proxies) origin(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	at = at.Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && l.has(at); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = before.Unmap()
	}
	return at.String()
}

// trust says which pages may send what changes something: those of the address asked for, and those of BaseURL, whose
// proxy may ask for another.
func (s *Server) trust() error {
	s.origins = http.NewCrossOriginProtection()
	if s.o.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(s.o.BaseURL)
	if err == nil {
		err = s.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	if err != nil {
		return fault.New(fault.Invalid, "base_url_invalid", fault.Params{"url": clip(s.o.BaseURL)}).Because(err)
	}
	return nil
}

// https reports whether people reach the program by it.
func (s *Server) https() bool { return strings.HasPrefix(s.o.BaseURL, "https://") }

// cookieName is that of a session's cookie. With the prefix a browser takes it over https alone, and from no other host.
func (s *Server) cookieName() string {
	if s.https() {
		return "__Host-campanario"
	}
	return "campanario"
}

// setSession gives a browser the token of a session; an empty one takes it back.
func (s *Server) setSession(q *request, token string) {
	c := &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.https(), SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	q.cookie(c)
}

// secure says what browsers are told with every answer. Pages put their own policy in the place of the one here, which
// allows nothing.
func (s *Server) secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if s.https() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
