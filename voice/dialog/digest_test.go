package dialog

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
)

// The examples of RFC 7616 section 3.9.1, RFC 2617 section 3.5 and RFC 2069 (as corrected by its errata).
func TestDigestExamples(t *testing.T) {
	rfc7616 := `Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=`
	for name, c := range map[string]struct {
		value, password, cnonce, want string
	}{
		"MD5":     {rfc7616 + "MD5", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "8ca523f5e9506fed4657c9700eebdbec"},
		"SHA-256": {rfc7616 + "SHA-256", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		"RFC 2617": {
			`digest  realm="testrealm@host.com",qop="auth,auth-int",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			"Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1",
		},
		"RFC 2069": {
			`Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			"CircleOfLife", "", "1949323746fe6a43ef61f9606e7febea",
		},
	} {
		ch, ok := parseChallenge(c.value)
		if !ok {
			t.Errorf("%s: not understood", name)
			continue
		}
		ch.cnonce = c.cnonce
		if got := digest(ch, "Mufasa", c.password, "GET", "/dir/index.html", "00000001", nil); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// The -sess form has no published example: here it is by hand (RFC 7616 section 3.4.2).
func TestDigestSession(t *testing.T) {
	sum := func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	ch, ok := parseChallenge(`Digest realm="r", nonce="n", algorithm=MD5-sess, qop=auth`)
	if !ok {
		t.Fatal("not understood")
	}
	ch.cnonce = "c"
	want := sum(sum(sum("u:r:p")+":n:c") + ":n:00000002:c:auth:" + sum("BYE:sip:x"))
	if got := digest(ch, "u", "p", "BYE", "sip:x", "00000002", nil); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	ch.qop = "auth-int"
	want = sum(sum(sum("u:r:p")+":n:c") + ":n:00000002:c:auth-int:" + sum("BYE:sip:x:"+sum("body")))
	if got := digest(ch, "u", "p", "BYE", "sip:x", "00000002", []byte("body")); got != want {
		t.Errorf("auth-int: %s, want %s", got, want)
	}
}

func TestChallengesNotAnswered(t *testing.T) {
	for _, v := range []string{
		"", "Basic realm=\"x\"", `Digest realm="x"`, `Digest realm="x", nonce=""`, `Digest realm="x", nonce="y", algorithm=SHA-1`,
		`Digest realm="x", nonce="y", qop="token"`, `Digest realm="x", nonce="y", qop=""`, "Digest", "Digest ,,,=",
	} {
		if _, ok := parseChallenge(v); ok {
			t.Errorf("%q was understood", v)
		}
	}
}

func challenged(status int, lines ...string) *sip.Response {
	r := sip.NewResponse(status, "x")
	name := "WWW-Authenticate"
	if status == 407 {
		name = "Proxy-Authenticate"
	}
	for _, l := range lines {
		r.AppendHeader(sip.NewHeader(name, l))
	}
	return r
}

func TestChallengesOfOneRequest(t *testing.T) {
	one := challenged(401, `Digest realm="r", nonce="1"`)
	two := challenged(401, `Digest realm="r", nonce="2"`)
	stale := challenged(401, `Digest realm="r", nonce="3", stale=TRUE`)
	proxy := challenged(407, `Digest realm="r", nonce="4"`)
	for name, c := range map[string]struct {
		creds Credentials
		met   []*sip.Response
		want  []bool
	}{
		"wrong password":        {Credentials{User: "u"}, []*sip.Response{one, two}, []bool{true, false}},
		"stale once":            {Credentials{User: "u"}, []*sip.Response{one, stale, stale}, []bool{true, true, false}},
		"proxy and server":      {Credentials{User: "u"}, []*sip.Response{proxy, one, two}, []bool{true, true, false}},
		"no credentials":        {Credentials{}, []*sip.Response{one}, []bool{false}},
		"another realm":         {Credentials{User: "u", Realm: "q"}, []*sip.Response{one}, []bool{false}},
		"this realm":            {Credentials{User: "u", Realm: "r"}, []*sip.Response{one}, []bool{true}},
		"nothing to understand": {Credentials{User: "u"}, []*sip.Response{challenged(401)}, []bool{false}},
		"first of several": {
			Credentials{User: "u"},
			[]*sip.Response{challenged(401, "Basic x", `Digest realm="r", nonce="5", algorithm=SHA-256`, `Digest realm="r", nonce="6"`)},
			[]bool{true},
		},
	} {
		a, met := auth{creds: c.creds}, tries{}
		for i, r := range c.met {
			if got := a.learn(met, r); got != c.want[i] {
				t.Errorf("%s: challenge %d: %v", name, i+1, got)
			}
		}
		if name == "first of several" && !strings.Contains(a.fields("BYE", "sip:x", nil)[0].Value, `nonce="5"`) {
			t.Error("not the first challenge that we understand")
		}
	}
}

func TestGuard(t *testing.T) {
	now := time.Now()
	g := NewGuard(Guard{Realm: "r", User: "u", Password: "p", Stale: time.Minute})
	other := NewGuard(Guard{Realm: "r", User: "u", Password: "p", Stale: time.Minute})
	sign := func(g *Guard, user, password string) string {
		_, f := g.challenge(now, false)
		c, ok := parseChallenge(f.Value)
		if !ok {
			t.Fatal("our own challenge is not understood")
		}
		a := auth{creds: Credentials{User: user, Password: password}, asked: []*challenge{c}}
		c.cnonce = message.Token()
		return a.fields("INVITE", "sip:x", nil)[0].Value
	}
	good := sign(g, "u", "p")
	for name, c := range map[string]struct {
		value, method string
		at            time.Time
		ok, stale     bool
	}{
		"right":            {good, "INVITE", now, true, false},
		"old":              {good, "INVITE", now.Add(2 * time.Minute), false, true},
		"another method":   {good, "BYE", now, false, false},
		"wrong password":   {sign(g, "u", "q"), "INVITE", now, false, false},
		"wrong user":       {sign(g, "v", "p"), "INVITE", now, false, false},
		"somebody's nonce": {sign(other, "u", "p"), "INVITE", now, false, false},
		"nothing":          {"", "INVITE", now, false, false},
		"another scheme":   {"Basic dTpw", "INVITE", now, false, false},
	} {
		if ok, stale := g.Check(c.method, c.value, c.at); ok != c.ok || stale != c.stale {
			t.Errorf("%s: %v, stale %v", name, ok, stale)
		}
	}
}

func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256, opaque="\"", stale=true`)
	f.Add(`Digest realm="unclosed, nonce=n`)
	f.Fuzz(func(t *testing.T, v string) {
		c, ok := parseChallenge(v)
		if !ok {
			return
		}
		a := auth{creds: Credentials{User: `u"`, Password: "p"}, asked: []*challenge{c}}
		back, understood := digestParams(a.fields("INVITE", "sip:x", nil)[0].Value)
		if !understood || back["nonce"] != c.nonce || back["realm"] != c.realm || back["username"] != `u"` {
			t.Errorf("%q became %v", v, back)
		}
	})
}
