package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"campanario/access"
	"campanario/api"
)

// TestSecretsAreNeverShown plants a secret of every kind, and looks for them in everything that can be read.
func TestSecretsAreNeverShown(t *testing.T) {
	d := lone(t, nil)
	ours := d.realm()
	ours["line"] = d.want(201, "", "POST /lines", `{"kind": "voice", "name": "Tronco", "from": "+551140001234", "settings": {"host": "h", "password": "segredo do tronco"}}`).str("id")
	ana := d.person(d.workspace, "ana@example.com", access.Owner)
	_, key := d.newKey(`"manage"`)
	reset := d.want(201, "", "POST /users/"+ours["user"]+"/reset", "").str("link")
	invited := d.want(201, "", "POST /invitations", `{"email": "caio@example.com", "role": "viewer"}`).str("link")
	setup := d.askWith(ana, "POST /me/second-factor", read(`{"password": "`+goodPassword+`"}`))
	setup.refused(200, "")
	code, err := totp.GenerateCode(setup.str("secret"), d.now())
	d.must(err)
	codes := d.askWith(ana, "PUT /me/second-factor", read(`{"code": "`+code+`"}`))
	codes.refused(200, "")
	ours["session"] = d.askWith(ana, "GET /me", nil).str("session")

	planted := []string{"segredo do tronco", goodPassword, "$argon2id", setup.str("secret"), codes.str("codes.0"), "v1."}
	for _, token := range []string{ana, key, d.key, reset, invited} {
		secret := token[strings.LastIndex(token, "_")+1:]
		sum := sha256.Sum256([]byte(secret))
		planted = append(planted, secret, hex.EncodeToString(sum[:]))
	}
	shown := 0
	for _, op := range d.operations() {
		if op.method != http.MethodGet || strings.HasSuffix(op.path, "/events") { // what events hold is what get-campaign shows
			continue
		}
		for _, who := range []string{d.key, ana} {
			r := d.askWith(who, op.at(ours), nil)
			if r.status == http.StatusOK {
				shown++
			}
			for _, secret := range planted {
				if strings.Contains(r.text, secret) {
					t.Errorf("%s shows %q: %s", r.what, secret, r.text)
				}
			}
		}
	}
	if shown < 50 {
		t.Errorf("only %d answers were looked at", shown)
	}
	d.http.Close()
	for _, secret := range planted[:4] {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// TestEveryAnswerIsGuarded holds that browsers are told the same with every answer: of operations, pages, and what is not there.
func TestEveryAnswerIsGuarded(t *testing.T) {
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	d := lone(t, func(o *api.Options) {
		o.Console = plain
		o.Extra = map[string]http.Handler{"GET /u/{token}": plain}
	})
	paths := []string{
		"GET ^/", "GET ^/nowhere/at/all", "POST ^/", "GET ^/u/x", "GET ^/access/x", "POST ^/access/x", "GET ^/api", "GET ^/api/v1/nothing", "GET ^/api/openapi.json",
		"GET ^/healthz", "GET ^/readyz", "DELETE ^/healthz", "OPTIONS /campaigns", "TRACE /campaigns",
	}
	for _, op := range d.operations() {
		paths = append(paths, op.at(nil))
	}
	for _, what := range paths {
		for _, who := range []string{"", d.key} {
			if who != "" && strings.HasSuffix(what, "/events") {
				continue // 1 is no campaign, but this one might wait
			}
			r := d.askWith(who, what, nil)
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := r.header.Get(name); got != want {
					t.Errorf("%s (%d): %s %q", what, r.status, name, got)
				}
			}
			policy := r.header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "base-uri 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s (%d): %q", what, r.status, policy)
			}
			if r.header.Get("X-Request-Id") == "" || len(r.header.Values("Set-Cookie")) > 0 && !strings.HasPrefix(what, "DELETE /session") {
				t.Errorf("%s (%d): %v", what, r.status, r.header)
			}
		}
	}
}
