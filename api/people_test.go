package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"campanario/access"
	"campanario/api"
)

const goodPassword = "girafa-roxa-dança-77"

// person signs in somebody with a role in a workspace, invited if they are new, and gives their session's token.
func (d *desk) person(workspace, email string, r access.Role) string {
	d.t.Helper()
	from := access.Visitor{From: "192.0.2.1"}
	token, _, err := d.users.SignIn(d.ctx, access.Credentials{Email: email, Password: goodPassword}, from)
	if err == nil {
		return token
	}
	by := access.Principal{Workspace: workspace, Key: "k", Scopes: access.Scopes{access.Own}}
	_, link, err := d.users.Invite(d.ctx, by, email, r)
	d.must(err)
	token, _, err = d.users.Join(d.ctx, link, access.Joining{Name: "Alguém", Password: goodPassword}, from, access.Principal{})
	d.must(err)
	return token
}

// ownerLink is a link as it is printed at the first start.
func (d *desk) ownerLink() string {
	d.t.Helper()
	l, err := access.NewOwnerLinks(d.sealer)
	d.must(err)
	return l.Token(d.now(), true)
}

// cookieOf is the session that an answer gives.
func (r reply) cookieOf() *http.Cookie {
	r.t.Helper()
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		if c.Name == "campanario" || c.Name == "__Host-campanario" {
			return c
		}
	}
	r.t.Fatalf("%s: no cookie: %v", r.what, r.header)
	return nil
}

func (d *desk) nobody(status int, code, what, body string, header ...string) reply {
	d.t.Helper()
	r := d.askWith("", what, strings.NewReader(body), header...)
	r.refused(status, code)
	return r
}

// TestAWholeLifeOfAccess is the first owner, an invitation, roles, new passwords, and the end.
func TestAWholeLifeOfAccess(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		link := d.ownerLink()
		d.nobody(200, "", "POST /links/purpose", `{"token": "`+link+`"}`).is("kind", `"owner"`)
		first := d.nobody(201, "", "POST /links/join", `{"token": "`+link+`", "email": "Ana@Example.com", "name": "Ana", "password": "`+goodPassword+`", "language": "es"}`)
		first.is("permissions", `["read","operate","manage","own"]`)
		first.is("workspaces.0.role", `"owner"`)
		first.is("workspace.id", `"`+d.workspace+`"`)
		c := first.cookieOf()
		if !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Value, "cms_") {
			t.Errorf("%v", c)
		}
		d.nobody(404, "link_invalid", "POST /links/purpose", `{"token": "`+link+`"}`)
		ana := c.Value
		ask := func(who string, status int, code, what, body string) reply {
			t.Helper()
			r := d.askWith(who, what, strings.NewReader(body))
			r.refused(status, code)
			return r
		}
		invited := ask(ana, 201, "", "POST /invitations", `{"email": "bia@example.com", "role": "operator"}`)
		invited.is("sent", "false")
		_, token, ok := strings.Cut(invited.str("link"), api.AccessPath)
		if !ok {
			t.Fatalf("%s", invited.text)
		}
		d.nobody(200, "", "POST /links/purpose", `{"token": "`+token+`"}`).is("known", "false")
		d.nobody(422, "password_common", "POST /links/join", `{"token": "`+token+`", "name": "Bia", "password": "Senha12345!"}`).is("errors.0.field", `"password"`)
		joined := d.nobody(201, "", "POST /links/join", `{"token": "`+token+`", "name": "Bia", "password": "`+goodPassword+`"}`)
		bia, user := joined.cookieOf().Value, joined.str("user.id")
		ask(bia, 201, "", "POST /campaigns", `{"name": "Dela", "channel": "email"}`)
		ask(bia, 403, "scope_missing", "GET /users", "")
		ask(ana, 200, "", "PATCH /users/"+user, `{"role": "viewer"}`).is("role", `"viewer"`)
		ask(bia, 403, "scope_missing", "POST /campaigns", `{"name": "Dela", "channel": "email"}`)
		ask(ana, 409, "owner_last", "PATCH /users/"+first.str("user.id"), `{"role": "viewer"}`)
		if n := len(ask(ana, 200, "", "GET /users/"+user+"/sessions", "").list("items")); n != 1 {
			t.Errorf("%d sessions", n)
		}
		ask(ana, 204, "", "DELETE /users/"+user+"/sessions", "")
		ask(bia, 401, "session_invalid", "GET /me", "")

		_, token, _ = strings.Cut(ask(ana, 201, "", "POST /users/"+user+"/reset", "").str("link"), api.AccessPath)
		d.nobody(204, "", "POST /links/reset", `{"token": "`+token+`", "password": "Tucano & feijão 3x"}`)
		d.nobody(401, "sign_in_invalid", "POST /session", `{"email": "bia@example.com", "password": "`+goodPassword+`"}`)
		bia = d.nobody(201, "", "POST /session", `{"email": "bia@example.com", "password": "Tucano & feijão 3x"}`).cookieOf().Value
		ask(bia, 200, "", "PATCH /me", `{"name": "Beatriz", "language": "en"}`).is("user.name", `"Beatriz"`)
		ask(bia, 422, "language_invalid", "PATCH /me", `{"language": "!"}`)
		ask(bia, 422, "password_wrong", "PUT /me/password", `{"current": "x", "password": "`+goodPassword+`"}`)
		ask(bia, 204, "", "PUT /me/password", `{"current": "Tucano & feijão 3x", "password": "`+goodPassword+`"}`)
		ask(bia, 204, "", "DELETE /me/sessions", "")
		own := ask(bia, 200, "", "GET /me/sessions", "")
		own.is("items.0.current", "true")
		if out := ask(bia, 204, "", "DELETE /session", "").cookieOf(); out.MaxAge >= 0 || out.Value != "" {
			t.Errorf("%v", out)
		}
		ask(bia, 401, "session_invalid", "GET /me", "")
		ask(ana, 204, "", "DELETE /users/"+user, "")
		d.nobody(401, "sign_in_invalid", "POST /session", `{"email": "bia@example.com", "password": "`+goodPassword+`"}`)
	})
}

// TestSecondFactorByTheAPI sets it up, signs in with it and without, has it demanded, and takes it away.
func TestSecondFactorByTheAPI(t *testing.T) {
	d := lone(t, nil)
	ana := d.person(d.workspace, "ana@example.com", access.Owner)
	ask := func(status int, code, what, body string) reply {
		t.Helper()
		r := d.askWith(ana, what, strings.NewReader(body))
		r.refused(status, code)
		return r
	}
	ask(200, "", "PATCH /security", `{"second_factor": true}`)
	ask(403, "second_factor_needed", "GET /campaigns", "")
	ask(200, "", "GET /me", "").is("needs", `"second_factor_needed"`)
	setup := ask(200, "", "POST /me/second-factor", `{"password": "`+goodPassword+`"}`)
	now := func() string {
		code, err := totp.GenerateCode(setup.str("secret"), d.now())
		d.must(err)
		return code
	}
	codes := ask(200, "", "PUT /me/second-factor", `{"code": "`+now()+`"}`).list("codes")
	ask(200, "", "GET /campaigns", "")
	in := `{"email": "ana@example.com", "password": "` + goodPassword + `"`
	d.nobody(401, "second_factor_missing", "POST /session", in+`}`)
	d.nobody(401, "second_factor_wrong", "POST /session", in+`, "code": "`+now()+`"}`) // it was used
	d.later(time.Minute)
	d.nobody(201, "", "POST /session", in+`, "code": "`+now()+`"}`).is("user.second_factor", "true")
	both := `{"password": "` + goodPassword + `", "code": "` + codes[0].(string) + `"}`
	if fresh := ask(200, "", "POST /me/second-factor/codes", both).list("codes"); len(fresh) != len(codes) || fresh[0] == codes[0] {
		t.Errorf("%v", fresh)
	}
	ask(422, "code_wrong", "POST /me/second-factor/end", both)
	d.later(time.Minute)
	ask(204, "", "POST /me/second-factor/end", `{"password": "`+goodPassword+`", "code": "`+now()+`"}`)
	ask(403, "second_factor_needed", "GET /campaigns", "")
}

// TestGuessingTellsNothing holds that a mailbox that is known and one that is not are answered alike, and both throttled.
func TestGuessingTellsNothing(t *testing.T) {
	d := lone(t, nil)
	d.person(d.workspace, "ana@example.com", access.Owner)
	answers := map[string][]string{}
	for _, email := range []string{"ana@example.com", "nobody@example.com"} {
		for range 7 {
			r := d.askWith("", "POST /session", strings.NewReader(`{"email": "`+email+`", "password": "wrong"}`))
			text := strings.ReplaceAll(r.text, r.str("request_id"), "")
			answers[email] = append(answers[email], http.StatusText(r.status)+text+r.header.Get("Retry-After"))
		}
	}
	for i, text := range answers["ana@example.com"] {
		if text != answers["nobody@example.com"][i] {
			t.Errorf("try %d: %s\n%s", i, text, answers["nobody@example.com"][i])
		}
	}
	if last := answers["nobody@example.com"][6]; !strings.Contains(last, "sign_in_throttled") || !strings.HasSuffix(last, "900") {
		t.Error(last)
	}
}

// TestOtherSitesCannotAct holds that a page elsewhere can do nothing with a person's cookie, while programs may come from
// anywhere.
func TestOtherSitesCannotAct(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.BaseURL = "http://console.example" })
	ana := d.person(d.workspace, "ana@example.com", access.Owner)
	create := func(who string, header ...string) reply {
		t.Helper()
		return d.askWith(who, "POST /campaigns", strings.NewReader(`{"name": "Uma", "channel": "email"}`), header...)
	}
	for _, foreign := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		create(ana, foreign...).refused(403, "cross_origin")
		d.askWith("", "POST /session", strings.NewReader(`{"email": "eva@example.com", "password": "x"}`), foreign...).refused(403, "cross_origin")
		create(d.key, foreign...).refused(201, "")
		d.askWith(ana, "GET /campaigns", nil, foreign...).refused(200, "")
	}
	for _, ours := range [][]string{nil, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", "http://console.example"}, {"Origin", d.http.URL}} {
		create(ana, ours...).refused(201, "")
	}
}

// TestCookiesOverHTTPS holds that a cookie that came over https goes nowhere else.
func TestCookiesOverHTTPS(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.BaseURL = "https://console.example" })
	d.person(d.workspace, "ana@example.com", access.Owner)
	r := d.nobody(201, "", "POST /session", `{"email": "ana@example.com", "password": "`+goodPassword+`"}`)
	if c := r.cookieOf(); c.Name != "__Host-campanario" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("%v", c)
	}
	if r.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%v", r.header)
	}
	d.askWith(r.cookieOf().Value, "GET /me", nil).refused(401, "key_missing") // the name without the prefix is not taken
}

// TestRates holds that each caller has an allowance of their own.
func TestRates(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.Rate = 0.1 }) // six at once, one more every ten seconds
	ana := d.person(d.workspace, "ana@example.com", access.Viewer)
	for _, who := range []string{d.key, d.otherKey, ana, ""} {
		for range 6 {
			if r := d.askWith(who, "GET /whoami", nil); r.status == 429 {
				t.Fatal(r.text)
			}
		}
		r := d.askWith(who, "GET /whoami", nil)
		r.refused(429, "rate_limited")
		if r.header.Get("Retry-After") != "10" {
			t.Errorf("%v", r.header)
		}
	}
	d.later(10 * time.Second)
	d.want(200, "", "GET /whoami", "")
	d.want(429, "rate_limited", "GET /whoami", "")
}

// TestWhereRequestsComeFrom holds that the header of a proxy is believed of our proxies alone.
func TestWhereRequestsComeFrom(t *testing.T) {
	for _, c := range []struct{ proxies, header, want string }{
		{"", "203.0.113.5", "127.0.0.1"},
		{"10.0.0.0/8", "203.0.113.5", "127.0.0.1"},
		{"127.0.0.1", "203.0.113.5", "203.0.113.5"},
		{"127.0.0.0/8, 10.0.0.0/8", "198.51.100.1, 203.0.113.5, 10.1.2.3", "203.0.113.5"},
		{"127.0.0.1", "203.0.113.5, nonsense", "127.0.0.1"},
		{"127.0.0.1", "", "127.0.0.1"},
		{"127.0.0.1,::1", "2001:db8::1", "2001:db8::1"},
	} {
		proxies, err := api.ParseProxies(c.proxies)
		if err != nil {
			t.Fatal(err)
		}
		d := lone(t, func(o *api.Options) { o.Proxies = proxies })
		d.person(d.workspace, "ana@example.com", access.Owner)
		d.later(time.Second)
		var header []string
		if c.header != "" {
			header = []string{"X-Forwarded-For", c.header}
		}
		ana := d.nobody(201, "", "POST /session", `{"email": "ana@example.com", "password": "`+goodPassword+`"}`, header...).cookieOf().Value
		if r := d.askWith(ana, "GET /me/sessions", nil); r.value("items.0.from") != c.want {
			t.Errorf("%q behind %q: %s", c.header, c.proxies, r.text)
		}
	}
	for _, bad := range []string{"x", "10.0.0.0/99", "10.0.0"} {
		if _, err := api.ParseProxies(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
