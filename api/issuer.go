package api

import (
	"net/http"

	"campanario/access"
	"campanario/internal/fault"
)

// IssuerPath is where people set out to an issuer of identities, and IssuerReturn where they come back to.
const (
	IssuerPath   = "/sign-in/issuer"
	IssuerReturn = IssuerPath + "/return"
)

// openIssuer serves the way to an issuer and back, for browsers.
func (s *Server) openIssuer() {
	if s.o.Issuer == nil {
		return
	}
	s.mux.HandleFunc("GET "+IssuerPath, s.toIssuer)
	s.mux.HandleFunc("GET "+IssuerReturn, s.fromIssuer)
}

// journeyCookie keeps what somebody who is at an issuer has to bring back. It comes back with a link from another site,
// which is why it is lax.
func (s *Server) journeyCookie(w http.ResponseWriter, pass string) {
	c := &http.Cookie{
		Name: s.cookieName() + "-journey", Value: pass, Path: "/", MaxAge: int(access.JourneyLasts.Seconds()),
		HttpOnly: true, Secure: s.https(), SameSite: http.SameSiteLaxMode,
	}
	if pass == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (s *Server) toIssuer(w http.ResponseWriter, r *http.Request) {
	q := of(r.Context())
	err := s.limit(q)
	var to, pass string
	if err == nil {
		to, pass, err = s.o.Users.BeginJourney(r.Context(), s.o.Issuer)
	}
	if err != nil {
		s.showAccess(w, r, access.Purpose{}, err, nil)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	s.journeyCookie(w, pass)
	http.Redirect(w, r, to, http.StatusFound)
}

func (s *Server) fromIssuer(w http.ResponseWriter, r *http.Request) {
	q := of(r.Context())
	q.cookie = func(c *http.Cookie) { http.SetCookie(w, c) }
	err := s.limit(q)
	said := r.URL.Query()
	switch c, missing := r.Cookie(s.cookieName() + "-journey"); {
	case err != nil:
	case missing != nil:
		err = fault.New(fault.Denied, "journey_invalid", nil)
	case said.Get("error") != "":
		err = fault.New(fault.Denied, "issuer_refused", fault.Params{"name": s.o.Issuer.Name()})
	default:
		var token string
		token, q.principal, err = s.o.Users.EndJourney(r.Context(), s.o.Issuer, c.Value, said.Get("state"), said.Get("code"), q.visitor)
		if err == nil {
			s.setSession(q, token)
		}
	}
	s.journeyCookie(w, "")
	if err != nil {
		s.log.Warn("issuer_sign_in_refused", "request", q.id, "error", err)
		s.showAccess(w, r, access.Purpose{}, err, nil)
		return
	}
	_ = s.audit(r.Context(), route{id: "sign-in", method: http.MethodPost, path: "/session"}, nil, nil) // changes are never refused by it
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
