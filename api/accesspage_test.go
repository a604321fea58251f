package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"campanario/access"
)

// form sends a form to the page of a link, as a browser does, which follows nothing.
func (d *desk) form(token string, values url.Values, header ...string) reply {
	d.t.Helper()
	keep := d.http.Client().CheckRedirect
	d.http.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer func() { d.http.Client().CheckRedirect = keep }()
	return d.askWith("", "POST ^/access/"+token, strings.NewReader(values.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
}

func (r reply) shows(status int, want ...string) {
	r.t.Helper()
	if r.status != status || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || !strings.Contains(r.header.Get("Content-Security-Policy"), "style-src 'sha256-") {
		r.t.Errorf("%s: %d %v", r.what, r.status, r.header)
	}
	for _, text := range want {
		if !strings.Contains(r.text, text) {
			r.t.Errorf("%s: no %q in\n%s", r.what, text, r.text)
		}
	}
}

// TestPagesOfLinks comes in by the pages alone: an owner, somebody invited, a new password.
func TestPagesOfLinks(t *testing.T) {
	d := lone(t, nil)
	get := func(token string, header ...string) reply {
		t.Helper()
		return d.askWith("", "GET ^/access/"+token, nil, header...)
	}
	link := d.ownerLink()
	get(link).shows(200, "Primeiro acesso", " em Um.", `name="email"`, `autocomplete="new-password"`)
	get(link, "Accept-Language", "es").shows(200, "Primer acceso")
	get(link, "Accept-Language", "en").shows(200, "First sign-in")
	ana := url.Values{"email": {"ana@example.com"}, "name": {"<Ana>"}, "password": {"curta"}}
	bad := d.form(link, ana)
	bad.shows(422, `role="alert"`, "pelo menos 10 caracteres", `value="&lt;Ana&gt;"`, `value="ana@example.com"`)
	if strings.Contains(bad.text, "curta") {
		t.Errorf("the password is shown: %s", bad.text)
	}
	ana.Set("password", goodPassword)
	d.form(link, ana, "Sec-Fetch-Site", "cross-site").shows(403, "outro site")
	in := d.form(link, ana)
	if in.status != http.StatusSeeOther || in.header.Get("Location") != "/" {
		t.Fatalf("%d %v %s", in.status, in.header, in.text)
	}
	session := in.cookieOf().Value
	d.askWith(session, "GET /me", nil).is("user.name", `"<Ana>"`)
	d.askWith(session, "GET /audit?operation=join", nil).is("items.0.actor_kind", `"user"`)
	get(link).shows(404, "não vale mais")
	d.form(link, ana).shows(404, "não vale mais")

	by := access.Principal{Workspace: d.workspace, Key: "k", Scopes: access.Scopes{access.Own}}
	_, invited, err := d.users.Invite(d.ctx, by, "bia@example.com", access.Operator)
	d.must(err)
	get(invited).shows(200, "para Um como operador", `value="bia@example.com" required readonly`)
	if r := d.form(invited, url.Values{"name": {"Bia"}, "password": {goodPassword}}); r.status != http.StatusSeeOther {
		t.Errorf("%d %s", r.status, r.text)
	}
	by.Workspace = d.other
	_, invited, err = d.users.Invite(d.ctx, by, "bia@example.com", access.Viewer)
	d.must(err)
	get(invited).shows(200, "para Outro como leitor", `autocomplete="current-password"`, `name="code"`)
	d.form(invited, url.Values{"password": {"outra coisa qualquer"}}).shows(401, "não conferem")

	by.Workspace = d.workspace
	_, forgotten, err := d.users.ResetMember(d.ctx, by, d.askWith(session, "GET /me", nil).str("user.id"))
	d.must(err)
	get(forgotten).shows(200, "Nova senha", `value="ana@example.com"`)
	d.form(forgotten, url.Values{"password": {"Tucano & feijão 3x"}}).shows(200, "Senha alterada", `href="/"`)
	d.askWith(session, "GET /me", nil).refused(401, "session_invalid")
	for _, strange := range []string{"x", "%00", "cml_", strings.Repeat("a", 4000)} {
		get(strange).shows(404, "não vale mais")
	}
	d.http.Close()
	for _, secret := range []string{link, invited, forgotten, "ana@", goodPassword} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
}
