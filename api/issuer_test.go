package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/access/issuer"
	"campanario/api"
	"campanario/internal/issuertest"
)

// away opens a desk whose people may sign in at an issuer. The address is known only when the server runs, so the issuer
// sends people to where a name leads.
func away(t *testing.T) (*desk, *issuertest.Issuer) {
	t.Helper()
	var far *issuertest.Issuer
	const base = "http://console.example"
	d := lone(t, func(o *api.Options) {
		far = issuertest.Start(t, base+api.IssuerReturn, o.Now)
		i, err := issuer.New(issuer.Options{URL: far.URL(), Client: issuertest.Client, Secret: issuertest.Secret, Redirect: base + api.IssuerReturn, Name: "Empresa", Now: o.Now})
		if err != nil {
			t.Fatal(err)
		}
		o.Issuer, o.BaseURL = i, base
	})
	return d, far
}

// travel goes to the issuer and back as a browser does, and gives the last answer's status and the session that it sets.
func (d *desk) travel(jar http.CookieJar, bend func(back string) string) (status int, session string) {
	d.t.Helper()
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	at := d.http.URL + api.IssuerPath
	for range 3 {
		r, err := http.NewRequestWithContext(d.ctx, http.MethodGet, at, nil)
		d.must(err)
		res, err := client.Do(r)
		d.must(err)
		d.must(res.Body.Close())
		for _, c := range res.Cookies() {
			if c.Name == "campanario" {
				session = c.Value
			}
		}
		to := res.Header.Get("Location")
		if rest, ours := strings.CutPrefix(to, "http://console.example"); ours {
			to = d.http.URL + rest
			if bend != nil {
				to = bend(to)
			}
		}
		if to == "/" || to == "" {
			return res.StatusCode, session
		}
		at = to
	}
	d.t.Fatal("it does not end")
	return 0, ""
}

func browser(t *testing.T) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}

// TestSigningInElsewhere: whoever is here or invited comes in, and nobody else.
func TestSigningInElsewhere(t *testing.T) {
	d, far := away(t)
	ways := d.nobody(200, "", "GET /sign-in", "")
	ways.is("issuer", `{"name":"Empresa","url":"http://console.example/sign-in/issuer"}`)
	come := func() (int, reply) {
		t.Helper()
		status, session := d.travel(browser(t), nil)
		if session == "" {
			return status, reply{}
		}
		return status, d.askWith(session, "GET /me", nil)
	}
	far.Be("1", "nobody@example.com", true)
	if status, _ := come(); status != http.StatusForbidden {
		t.Errorf("whom nobody knows: %d", status)
	}
	d.person(d.workspace, "ana@example.com", access.Owner)
	far.Be("2", "ana@example.com", false)
	if status, _ := come(); status != http.StatusForbidden {
		t.Errorf("a mailbox that nobody vouches for: %d", status)
	}
	far.Be("3", "ANA@example.com", true)
	status, me := come()
	if status != http.StatusSeeOther {
		t.Fatalf("who is here: %d", status)
	}
	me.is("user.email", `"ana@example.com"`)
	me.is("role", `"owner"`)
	far.Be("3", "ana.nova@example.com", true) // her address there is another one now
	if _, me := come(); me.str("user.email") != "ana@example.com" {
		t.Error(me.text)
	}
	far.Be("4", "ana@example.com", true) // somebody else has got her former one
	if status, _ := come(); status != http.StatusForbidden {
		t.Errorf("another subject: %d", status)
	}
	d.want(201, "", "POST /invitations", `{"email": "bia@example.com", "role": "operator"}`)
	far.Be("5", "bia@example.com", true)
	if _, me := come(); me.str("user.name") != "Nome de 5" || me.str("role") != "operator" {
		t.Error(me.text)
	}
	d.want(200, "", "GET /invitations", "").is("items", "[]")
	d.nobody(401, "sign_in_invalid", "POST /session", `{"email": "bia@example.com", "password": ""}`)
	d.want(200, "", "PATCH /security", `{"second_factor": true}`) // which is the issuer's matter
	if _, me := come(); me.value("needs") != nil {
		t.Error(me.text)
	}
	d.want(200, "", "GET /audit?operation=sign-in&limit=1", "").is("items.0.actor_kind", `"user"`)
}

// TestJourneysAreOnesOwn: what comes back counts for the browser that set out, once, and for a while.
func TestJourneysAreOnesOwn(t *testing.T) {
	d, far := away(t)
	d.person(d.workspace, "ana@example.com", access.Owner)
	far.Be("3", "ana@example.com", true)
	for name, bend := range map[string]func(back string) string{
		"another state": func(back string) string { return strings.Replace(back, "state=", "state=x", 1) },
		"no state":      func(back string) string { return back[:strings.Index(back, "&state")] },
		"no code":       func(back string) string { return strings.Replace(back, "code=", "kode=", 1) },
		"an error":      func(back string) string { return back + "&error=access_denied" },
		"too late": func(back string) string {
			d.later(access.JourneyLasts + time.Second)
			return back
		},
	} {
		if status, session := d.travel(browser(t), bend); status != http.StatusForbidden || session != "" {
			t.Errorf("%s: %d", name, status)
		}
	}
	var back string
	d.travel(browser(t), func(to string) string { back = to; return d.http.URL + api.IssuerReturn })
	if r := d.askWith("", "GET ^"+strings.TrimPrefix(back, d.http.URL), nil); r.status != http.StatusForbidden {
		t.Errorf("another browser: %d", r.status)
	}
	far.Close()
}
