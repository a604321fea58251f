// Package issuer lets people sign in where their company keeps them: at an issuer of identities that speaks OpenID Connect
// (Core 1.0, authorization code flow, with PKCE of RFC 7636).
//
// What the issuer is able to do is asked for when somebody first wants to sign in, and not before: the program starts and
// works while the issuer is away.
package issuer

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"campanario/access"
	"campanario/internal/fault"
)

// Options for New. URL, Client and Redirect are required.
type Options struct {
	URL      string // of the issuer, https unless on loopback; its document lies below, at /.well-known/openid-configuration
	Client   string // what this program is called there
	Secret   string // what proves that; empty for a client without one
	Redirect string // where people come back to
	Name     string // what people call it; the host when empty
	Now      func() time.Time
	HTTP     *http.Client // 10 s for an answer when nil
}

// Issuer is one issuer. It is safe for concurrent use.
type Issuer struct {
	o    Options
	name string

	mu       sync.Mutex
	provider *oidc.Provider // nil until somebody asked
}

var _ access.Issuer = (*Issuer)(nil)

// patience is how long an issuer may take for one answer.
const patience = 10 * time.Second

// New makes an Issuer. Nothing is asked yet.
func New(o Options) (*Issuer, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.Invalid, "issuer_url_invalid", fault.Params{"example": "https://login.example.com"})
	}
	if o.Client == "" {
		return nil, fault.New(fault.Invalid, "issuer_client_missing", nil)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: patience}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	i := &Issuer{o: o, name: o.Name}
	if i.name == "" {
		i.name = u.Hostname()
	}
	return i, nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// Name is what people call it.
func (i *Issuer) Name() string { return i.name }

// discovered is the issuer with what it is able to do; issuer_unreachable while it does not say.
func (i *Issuer) discovered(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	// The provider keeps the context for the keys that it fetches later.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), i.o.HTTP), i.o.URL)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "issuer_unreachable", fault.Params{"name": i.name}).Because(err)
	}
	i.provider = p
	return p, nil
}

func (i *Issuer) config(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: i.o.Client, ClientSecret: i.o.Secret, Endpoint: p.Endpoint(), RedirectURL: i.o.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// SignInURL is where a browser goes to sign in.
func (i *Issuer) SignInURL(ctx context.Context, state, nonce, verifier string) (string, error) {
	p, err := i.discovered(ctx)
	if err != nil {
		return "", err
	}
	return i.config(p).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Redeem gives who came back with a code: issuer_refused when the issuer does not stand by it, or what it says does not
// hold (its signature, its times, for whom it is, that it was asked for by us just now).
func (i *Issuer) Redeem(ctx context.Context, code, nonce, verifier string) (access.Identity, error) {
	p, err := i.discovered(ctx)
	if err != nil {
		return access.Identity{}, err
	}
	refused := fault.New(fault.Denied, "issuer_refused", fault.Params{"name": i.name})
	token, err := i.config(p).Exchange(oidc.ClientContext(ctx, i.o.HTTP), code, oauth2.VerifierOption(verifier))
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response != nil && answered.Response.StatusCode < http.StatusInternalServerError {
		return access.Identity{}, refused.Because(err)
	}
	if err != nil {
		return access.Identity{}, fault.New(fault.Unavailable, "issuer_unreachable", fault.Params{"name": i.name}).Because(err)
	}
	raw, _ := token.Extra("id_token").(string)
	proof, err := p.Verifier(&oidc.Config{ClientID: i.o.Client, Now: i.o.Now}).Verify(ctx, raw)
	if err != nil {
		return access.Identity{}, refused.Because(err)
	}
	if proof.Nonce != nonce || nonce == "" {
		return access.Identity{}, refused.Because(errors.New("another nonce"))
	}
	var said struct {
		Email    string   `json:"email"`
		Verified verified `json:"email_verified"`
		Name     string   `json:"name"`
	}
	if err := proof.Claims(&said); err != nil {
		return access.Identity{}, refused.Because(err)
	}
	id := access.Identity{Issuer: proof.Issuer, Subject: proof.Subject, Name: said.Name}
	if said.Verified {
		id.Email = said.Email
	}
	return id, nil
}

// verified is a boolean that some issuers write as a text.
type verified bool

// UnmarshalJSON takes true and "true"; everything else is false.
func (v *verified) UnmarshalJSON(b []byte) error {
	*v = string(b) == "true" || string(b) == `"true"`
	return nil
}
