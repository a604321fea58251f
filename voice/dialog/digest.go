package dialog

import (
	"crypto/md5" //nolint:gosec // RFC 2617 digests, which most carriers still ask for
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
)

// Credentials sign requests in (RFC 3261 section 22, RFC 7616, RFC 8760).
type Credentials struct {
	User     string
	Password string
	Realm    string // when set, only challenges of this realm are answered
}

// challenge is what a server or a proxy asked for, with the use we have made of it.
type challenge struct {
	proxy                                   bool
	realm, nonce, opaque, algorithm, cnonce string
	qop                                     string // what we use: "auth", "auth-int" or nothing
	stale                                   bool
	count                                   uint32
}

// hashes are the algorithms of RFC 8760 with their -sess forms left off.
var hashes = map[string]func() hash.Hash{
	"MD5": md5.New, "SHA-256": sha256.New, "SHA-512-256": sha512.New512_256,
}

// parseChallenge reads a WWW-Authenticate or Proxy-Authenticate value; false when we cannot answer it.
func parseChallenge(value string) (*challenge, bool) {
	p, ok := digestParams(value)
	if !ok || p["nonce"] == "" {
		return nil, false
	}
	c := &challenge{
		realm: p["realm"], nonce: p["nonce"], opaque: p["opaque"], algorithm: p["algorithm"],
		stale: strings.EqualFold(p["stale"], "true"),
	}
	if _, known := hashes[baseAlgorithm(c.algorithm)]; !known {
		return nil, false
	}
	if qop, asked := p["qop"]; asked {
		for q := range strings.SplitSeq(qop, ",") {
			switch q = strings.ToLower(strings.TrimSpace(q)); {
			case q == "auth", q == "auth-int" && c.qop == "":
				c.qop = q
			}
		}
		if c.qop == "" {
			return nil, false
		}
	}
	return c, true
}

// digestParams splits `Digest a="b", c=d`, with the names in lower case.
func digestParams(value string) (map[string]string, bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return nil, false
	}
	out := map[string]string{}
	for _, p := range message.Split(rest) {
		k, v, ok := strings.Cut(p, "=")
		if ok {
			out[strings.ToLower(strings.TrimSpace(k))] = message.Unquote(strings.TrimSpace(v))
		}
	}
	return out, true
}

func baseAlgorithm(a string) string {
	a = strings.TrimSuffix(strings.ToUpper(a), "-SESS")
	if a == "" {
		return "MD5"
	}
	return a
}

// digest computes the response (RFC 7616 section 3.4.1).
func digest(c *challenge, user, password, method, uri, nc string, body []byte) string {
	h := hashes[baseAlgorithm(c.algorithm)]()
	sum := func(parts ...string) string {
		h.Reset()
		for i, p := range parts {
			if i > 0 {
				_, _ = h.Write([]byte{':'})
			}
			_, _ = h.Write([]byte(p))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	ha1 := sum(user, c.realm, password)
	if strings.HasSuffix(strings.ToUpper(c.algorithm), "-SESS") {
		ha1 = sum(ha1, c.nonce, c.cnonce)
	}
	ha2 := sum(method, uri)
	if c.qop == "auth-int" {
		ha2 = sum(method, uri, sum(string(body)))
	}
	if c.qop == "" {
		return sum(ha1, c.nonce, ha2)
	}
	return sum(ha1, c.nonce, nc, c.cnonce, c.qop, ha2)
}

// auth signs the requests of one call or one registration in.
type auth struct {
	creds Credentials
	asked []*challenge // the newest of each realm
}

// tries counts how often the challenges to one request were answered, so that a wrong password ends after one try.
type tries map[string]int

// learn takes the challenges of a 401 or 407; false when sending the request again would be of no use.
func (a *auth) learn(t tries, r *sip.Response) bool {
	if a.creds.User == "" {
		return false
	}
	name, proxy := "WWW-Authenticate", false
	if r.StatusCode == sip.StatusProxyAuthRequired {
		name, proxy = "Proxy-Authenticate", true
	}
	learnt := false
	seen := map[string]bool{}
	for _, line := range message.Lines(r, name) {
		c, ok := parseChallenge(line)
		if !ok || seen[c.realm] || a.creds.Realm != "" && a.creds.Realm != c.realm {
			continue // of several for one realm the server prefers the first (RFC 8760 section 2.4)
		}
		seen[c.realm] = true
		key := fmt.Sprint(proxy, c.realm)
		if t[key] > 1 || t[key] == 1 && !c.stale {
			return false
		}
		t[key]++
		c.proxy, c.cnonce = proxy, message.Token()
		a.keep(c)
		learnt = true
	}
	return learnt
}

func (a *auth) keep(c *challenge) {
	for i, old := range a.asked {
		if old.proxy == c.proxy && old.realm == c.realm {
			a.asked[i] = c
			return
		}
	}
	a.asked = append(a.asked, c)
}

// fields signs a request with every challenge met so far.
func (a *auth) fields(method, uri string, body []byte) []Field {
	if len(a.asked) == 0 {
		return nil
	}
	out := make([]Field, 0, len(a.asked))
	for _, c := range a.asked {
		c.count++
		nc := fmt.Sprintf("%08x", c.count)
		var b strings.Builder
		fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s"`,
			quoted(a.creds.User), quoted(c.realm), quoted(c.nonce), uri,
			digest(c, a.creds.User, a.creds.Password, method, uri, nc, body))
		if c.algorithm != "" {
			b.WriteString(", algorithm=" + c.algorithm)
		}
		if c.opaque != "" {
			b.WriteString(`, opaque="` + quoted(c.opaque) + `"`)
		}
		if c.qop != "" {
			fmt.Fprintf(&b, `, qop=%s, cnonce="%s", nc=%s`, c.qop, c.cnonce, nc)
		} else if strings.HasSuffix(strings.ToUpper(c.algorithm), "-SESS") {
			fmt.Fprintf(&b, `, cnonce="%s"`, c.cnonce)
		}
		name := "Authorization"
		if c.proxy {
			name = "Proxy-Authorization"
		}
		out = append(out, Field{Name: name, Value: b.String()})
	}
	return out
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoted(s string) string { return quoting.Replace(s) }
