package dialog

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Guard demands digest authentication of callers (RFC 3261 section 22). It keeps no state: a nonce carries its own time
// under our seal. It is safe for concurrent use.
type Guard struct {
	Realm     string
	User      string
	Password  string
	Algorithm string // as in a challenge: "", "MD5", "MD5-sess", "SHA-256", …
	Proxy     bool   // 407 instead of 401
	Stale     time.Duration

	key [32]byte
}

// NewGuard completes a guard; its nonces are good for Stale, or five minutes.
func NewGuard(g Guard) *Guard {
	if g.Stale == 0 {
		g.Stale = 5 * time.Minute
	}
	_, _ = rand.Read(g.key[:]) // never fails: crypto/rand ends the process instead
	return &g
}

// header is the name of the header that callers sign in with.
func (g *Guard) header() string {
	if g.Proxy {
		return "Proxy-Authorization"
	}
	return "Authorization"
}

// Admits reports whether a call in is signed in.
func (g *Guard) Admits(c *Call, now time.Time) bool {
	ok, _ := g.Check("INVITE", c.Header(g.header()), now)
	return ok
}

func (g *Guard) challenge(now time.Time, stale bool) (status int, f Field) {
	v := `Digest realm="` + quoted(g.Realm) + `", nonce="` + g.nonce(now) + `", qop="auth"`
	if g.Algorithm != "" {
		v += ", algorithm=" + g.Algorithm
	}
	if stale {
		v += ", stale=true"
	}
	if g.Proxy {
		return 407, Field{Name: "Proxy-Authenticate", Value: v}
	}
	return 401, Field{Name: "WWW-Authenticate", Value: v}
}

// Check reports whether an Authorization value signs a request in; stale that it would, had its nonce not run out.
func (g *Guard) Check(method, authorization string, now time.Time) (ok, stale bool) {
	p, isDigest := digestParams(authorization)
	if !isDigest || p["username"] != g.User || p["realm"] != g.Realm {
		return false, false
	}
	issued, sealed := g.issued(p["nonce"])
	if !sealed {
		return false, false
	}
	c := &challenge{realm: g.Realm, nonce: p["nonce"], algorithm: g.Algorithm, qop: p["qop"], cnonce: p["cnonce"]}
	if baseAlgorithm(p["algorithm"]) != baseAlgorithm(g.Algorithm) || hashes[baseAlgorithm(g.Algorithm)] == nil {
		return false, false
	}
	want := digest(c, g.User, g.Password, method, p["uri"], p["nc"], nil)
	if subtle.ConstantTimeCompare([]byte(want), []byte(p["response"])) != 1 {
		return false, false
	}
	if now.Sub(issued) > g.Stale {
		return false, true
	}
	return true, false
}

func (g *Guard) nonce(now time.Time) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixNano()))
	return base64.RawURLEncoding.EncodeToString(append(b[:], g.seal(b[:])...))
}

func (g *Guard) issued(nonce string) (time.Time, bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 24 || !hmac.Equal(b[8:], g.seal(b[:8])) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b[:8]))), true
}

func (g *Guard) seal(b []byte) []byte {
	h := hmac.New(sha256.New, g.key[:])
	_, _ = h.Write(b)
	return h.Sum(nil)[:16]
}
