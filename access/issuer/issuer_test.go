package issuer_test

import (
	"crypto/rsa"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/access/issuer"
	"campanario/internal/fault"
	"campanario/internal/issuertest"
)

const (
	redirect = "http://console.example/return"
	state    = "sssssssssssssssssssssssssssssssssssssssssssssss"
	nonce    = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
	verifier = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func open(t *testing.T) (*issuertest.Issuer, *issuer.Issuer) {
	t.Helper()
	far := issuertest.Start(t, redirect, clock)
	near, err := issuer.New(issuer.Options{URL: far.URL(), Client: issuertest.Client, Secret: issuertest.Secret, Redirect: redirect, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return far, near
}

// code signs in at the issuer as a browser would, and gives what it brings back.
func code(t *testing.T, i *issuer.Issuer) string {
	t.Helper()
	to, err := i.SignInURL(t.Context(), state, nonce, verifier)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), redirect+"?") || back.Query().Get("state") != state {
		t.Fatalf("back to %v, %v", back, err)
	}
	return back.Query().Get("code")
}

func TestWhoComesBack(t *testing.T) {
	far, near := open(t)
	far.Be("7", "Ana@Example.com", true)
	got, err := near.Redeem(t.Context(), code(t, near), nonce, verifier)
	if want := (access.Identity{Issuer: far.URL(), Subject: "7", Email: "Ana@Example.com", Name: "Nome de 7"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	far.Be("8", "ana@example.com", false)
	if got, err := near.Redeem(t.Context(), code(t, near), nonce, verifier); err != nil || got.Email != "" || got.Subject != "8" {
		t.Errorf("a mailbox that nobody vouches for: %+v, %v", got, err)
	}
	far.Bend(func(_, c map[string]any) *rsa.PrivateKey { c["email_verified"] = "true"; return nil }) // as some write it
	if got, err := near.Redeem(t.Context(), code(t, near), nonce, verifier); err != nil || got.Email == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatDoesNotHoldIsRefused(t *testing.T) {
	far, near := open(t)
	far.Be("7", "ana@example.com", true)
	another := issuertest.NewKey(t)
	for name, bend := range map[string]func(head, claims map[string]any) *rsa.PrivateKey{
		"signed by another":  func(_, _ map[string]any) *rsa.PrivateKey { return another },
		"not signed":         func(h, _ map[string]any) *rsa.PrivateKey { h["alg"] = "none"; return nil },
		"by a shared secret": func(h, _ map[string]any) *rsa.PrivateKey { h["alg"] = "HS256"; return nil },
		"for another":        func(_, c map[string]any) *rsa.PrivateKey { c["aud"] = "another"; return nil },
		"by another issuer":  func(_, c map[string]any) *rsa.PrivateKey { c["iss"] = "https://evil.example"; return nil },
		"over":               func(_, c map[string]any) *rsa.PrivateKey { c["exp"] = noon.Add(-time.Minute).Unix(); return nil },
		"asked by another":   func(_, c map[string]any) *rsa.PrivateKey { c["nonce"] = "x"; return nil },
		"asked by nobody":    func(_, c map[string]any) *rsa.PrivateKey { delete(c, "nonce"); return nil },
	} {
		far.Bend(bend)
		if got, err := near.Redeem(t.Context(), code(t, near), nonce, verifier); !fault.Is(err, "issuer_refused") || got != (access.Identity{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	far.Bend(nil)
	good := code(t, near)
	if _, err := near.Redeem(t.Context(), good, nonce, "another verifier"); !fault.Is(err, "issuer_refused") {
		t.Errorf("another verifier: %v", err)
	}
	if _, err := near.Redeem(t.Context(), "nothing", nonce, verifier); !fault.Is(err, "issuer_refused") {
		t.Errorf("no code: %v", err)
	}
}

func TestTheIssuerIsAway(t *testing.T) {
	far, near := open(t)
	far.Close()
	if _, err := near.SignInURL(t.Context(), state, nonce, verifier); !fault.Is(err, "issuer_unreachable") || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	if _, err := near.Redeem(t.Context(), "x", nonce, verifier); !fault.Is(err, "issuer_unreachable") {
		t.Errorf("%v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "issuer_url_invalid", "login.example.com": "issuer_url_invalid", "http://login.example.com": "issuer_url_invalid", "ftp://x": "issuer_url_invalid",
		"https://a:b@login.example.com": "issuer_url_invalid", "https://login.example.com?x=1": "issuer_url_invalid", "https://login.example.com": "issuer_client_missing",
	} {
		if _, err := issuer.New(issuer.Options{URL: text}); !fault.Is(err, want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	i, err := issuer.New(issuer.Options{URL: "https://login.example.com/realm", Client: "x"})
	if err != nil || i.Name() != "login.example.com" {
		t.Errorf("%v, %v", i, err)
	}
}
