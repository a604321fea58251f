// Package public is what the pages share that people reach without an account: the signed links that lead to them, and
// what the browser is told about them.
package public

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	macSize      = 16
	longestToken = 2000 // letters; longer ones are not looked at
)

// LinksOptions are what links are made with.
type LinksOptions struct {
	Base string // where the program is reached from outside, such as https://mail.example.com
	Path string // below it, with a slash at both ends
	Key  []byte // at least 32 secret bytes, of this kind of link alone, the same on all nodes and for as long as links are to work
	// Former keys still open the links they signed.
	Former [][]byte
	// Version is the first byte of what is signed; another one is not opened.
	Version byte
}

// Links makes and reads signed links. A token is base64url (RFC 4648 5, unpadded) of the version, a body, and the first 16
// bytes of HMAC-SHA256 over both. It never ends. Links is immutable and safe for concurrent use.
type Links struct {
	base    string
	version byte
	keys    [][]byte // the first signs
}

// NewLinks refuses a key of less than 32 bytes and a base that nobody could follow.
func NewLinks(o LinksOptions) (*Links, error) {
	l := &Links{version: o.Version}
	for _, k := range append([][]byte{o.Key}, o.Former...) {
		if len(k) < 32 {
			return nil, fmt.Errorf("a key of %d bytes for links; 32 are needed", len(k))
		}
		l.keys = append(l.keys, slices.Clone(k))
	}
	u, err := url.Parse(o.Base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no base for links", o.Base)
	}
	l.base = strings.TrimSuffix(o.Base, "/") + o.Path
	return l, nil
}

// URL is the link to a body.
func (l *Links) URL(body []byte) string { return l.base + l.Token(body) }

// Token is what stands at the end of the link to a body.
func (l *Links) Token(body []byte) string {
	b := append([]byte{l.version}, body...)
	return base64.RawURLEncoding.EncodeToString(append(b, mac(l.keys[0], b)...))
}

// Open gives the body of a token; false when it is not one of ours, or not whole. Whether the signature is right takes the
// same time for every wrong one.
func (l *Links) Open(token string) ([]byte, bool) {
	if len(token) > longestToken {
		return nil, false
	}
	// Strict: of the many spellings of the last letter only ours is taken, so that a body has one link.
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 1+macSize || b[0] != l.version {
		return nil, false
	}
	signed, sum := b[:len(b)-macSize], b[len(b)-macSize:]
	good := false
	for _, k := range l.keys {
		if hmac.Equal(mac(k, signed), sum) {
			good = true
		}
	}
	return signed[1:], good
}

func mac(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(body)
	return h.Sum(nil)[:macSize]
}

// Policy is the Content-Security-Policy of a page without script, whose only style is this one.
func Policy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// Guard writes what every answer of such a page says beside its policy.
func Guard(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer") // the link is a proof: it is told to nobody
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Vary", "Accept-Language")
}
