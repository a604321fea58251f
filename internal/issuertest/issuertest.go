// Package issuertest is an issuer of identities for tests: it speaks OpenID Connect on loopback, signs real tokens, checks
// what it is asked as a real one would (client, redirect, PKCE), and lets a test bend what it says.
package issuertest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Names of the client that the issuer knows.
const (
	Client = "campanario"
	Secret = "a secret of the client's"
)

// Issuer is running until the end of the test.
type Issuer struct {
	t        testing.TB
	http     *httptest.Server
	key      *rsa.PrivateKey
	redirect string
	now      func() time.Time

	mu    sync.Mutex
	who   map[string]any
	bend  func(head, claims map[string]any) *rsa.PrivateKey
	codes map[string]url.Values // what was asked, by the code that was given; each once
}

// Start starts an issuer that sends people back to one address.
func Start(t testing.TB, redirect string, now func() time.Time) *Issuer {
	t.Helper()
	i := &Issuer{t: t, key: NewKey(t), redirect: redirect, now: now, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.document)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("GET /keys", i.keys)
	i.http = httptest.NewServer(mux)
	t.Cleanup(i.http.Close)
	return i
}

// NewKey makes a key for signing.
func NewKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// URL is the issuer.
func (i *Issuer) URL() string { return i.http.URL }

// Close ends it before the test.
func (i *Issuer) Close() { i.http.Close() }

// Be makes whoever comes next be this person.
func (i *Issuer) Be(subject, email string, verified bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.who = map[string]any{"sub": subject, "email": email, "email_verified": verified, "name": "Nome de " + subject}
}

// Bend changes what is signed from now on, and with which key; nil stops it.
func (i *Issuer) Bend(f func(head, claims map[string]any) *rsa.PrivateKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.bend = f
}

func (i *Issuer) document(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": i.URL(), "authorization_endpoint": i.URL() + "/authorize", "token_endpoint": i.URL() + "/token", "jwks_uri": i.URL() + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
	})
}

// authorize lets whoever is there in at once.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name, want := range map[string]string{
		"client_id": Client, "redirect_uri": i.redirect, "response_type": "code", "code_challenge_method": "S256", "scope": "openid email profile",
	} {
		if q.Get(name) != want {
			i.t.Errorf("asked with %s %q", name, q.Get(name))
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(name)) < 43 {
			i.t.Errorf("asked with a short %s", name)
		}
	}
	code := rand.Text()
	i.mu.Lock()
	i.codes[code] = q
	i.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	client, secret, _ := r.BasicAuth()
	i.mu.Lock()
	asked, known := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if plain, err := url.QueryUnescape(secret); err != nil || client != Client || plain != Secret || !known ||
		r.PostFormValue("redirect_uri") != i.redirect || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": i.sign(asked.Get("nonce")),
	})
}

// sign makes a token (RFC 7515, RS256).
func (i *Issuer) sign(nonce string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	now, key := i.now(), i.key
	head := map[string]any{"alg": "RS256", "typ": "JWT", "kid": "one"}
	claims := map[string]any{"iss": i.URL(), "aud": Client, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "nonce": nonce}
	maps.Copy(claims, i.who)
	if i.bend != nil {
		if other := i.bend(head, claims); other != nil {
			key = other
		}
	}
	text := part(i.t, head) + "." + part(i.t, claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		i.t.Error(err)
	}
	if head["alg"] == "none" {
		signature = nil
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(t testing.TB, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	e := big.NewInt(int64(i.key.E)).Bytes()
	answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one",
		"n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(e),
	}}})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}
