package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
)

// SignInWays says how people can sign in here.
type SignInWays struct {
	Password bool        `json:"password" doc:"By e-mail and password"`
	Issuer   *IssuerView `json:"issuer,omitempty" doc:"By an issuer of identities (OpenID Connect); absent when none is set up"`
}

// IssuerView is an issuer of identities.
type IssuerView struct {
	Name string `json:"name" doc:"What to write on the button"`
	URL  string `json:"url" doc:"Where the browser goes"`
}

// Credentials are what somebody signs in with.
type Credentials struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"1000"`
	Code     string `json:"code,omitempty" maxLength:"64" doc:"Of the second factor, or a recovery code: when second_factor_missing asked for it"`
}

// LinkToken is the token of a link, in the body because addresses stand in logs.
type LinkToken struct {
	Token string `json:"token" maxLength:"200" doc:"What stands at the end of the link"`
}

// PurposeView is what a link is for.
type PurposeView struct {
	Kind      access.LinkKind `json:"kind" enum:"invitation,reset,owner"`
	Workspace string          `json:"workspace,omitempty" doc:"Name of the workspace that it leads into"`
	Role      access.Role     `json:"role,omitempty" enum:"owner,manager,operator,viewer"`
	Email     string          `json:"email,omitempty" doc:"Who it is for; absent when they say it themselves"`
	Known     bool            `json:"known" doc:"Of an invitation: they have signed in here before, and prove it with their password instead of choosing one"`
}

// JoinInput is what somebody says of themselves who comes in by a link.
type JoinInput struct {
	LinkToken
	Email    string `json:"email,omitempty" maxLength:"254" doc:"By an owner's link alone"`
	Name     string `json:"name,omitempty" maxLength:"1000" doc:"Of who is new"`
	Password string `json:"password,omitempty" maxLength:"1000" doc:"Chosen by who is new; of who is known, theirs. Nothing when they have signed in already"`
	Code     string `json:"code,omitempty" maxLength:"64" doc:"Of who is known and has a second factor"`
	Language string `json:"language,omitempty" maxLength:"35" doc:"BCP 47: what they read; the browser's when absent"`
}

// SessionView is a person signed in on one device.
type SessionView struct {
	ID        string     `json:"id"`
	Way       access.Way `json:"way" enum:"password,issuer"`
	From      string     `json:"from" doc:"The address they came from"`
	Browser   string     `json:"browser" doc:"What their browser says of itself"`
	CreatedAt time.Time  `json:"created_at"`
	SeenAt    time.Time  `json:"seen_at" doc:"Exact to the minute"`
	EndsAt    time.Time  `json:"ends_at" doc:"At the latest; earlier when it is not used"`
	Current   bool       `json:"current" doc:"Whether it is the one of this very request"`
}

func sessionView(s access.Session, by access.Principal) SessionView {
	return SessionView{s.ID, s.Way, s.From, s.Browser, s.CreatedAt, s.SeenAt, s.EndsAt, s.ID == by.Session}
}

func (s *Server) sessionRoutes() {
	handle(s, route{
		id: "get-sign-in-ways", method: http.MethodGet, path: "/sign-in", tag: "access", scope: access.Open,
		summary: "Tell how people sign in here",
	}, func(context.Context, access.Principal, *nothing) (*body[SignInWays], error) {
		ways := SignInWays{Password: true}
		if i := s.o.Issuer; i != nil {
			ways.Issuer = &IssuerView{i.Name(), s.o.BaseURL + IssuerPath}
		}
		return answer(ways), nil
	})
	handle(s, route{
		id: "sign-in", method: http.MethodPost, path: "/session", tag: "access", scope: access.Open, status: http.StatusCreated, audited: true,
		summary: "Sign in",
		about: "The answer sets the cookie of a session. Wrong, unknown and missing are all sign_in_invalid (401). Who has a second factor is asked for its code by " +
			"second_factor_missing (401): send everything again, with the code. Too many attempts are sign_in_throttled (429).",
	}, func(ctx context.Context, _ access.Principal, in *struct{ Body Credentials }) (*body[MeView], error) {
		token, p, err := s.o.Users.SignIn(ctx, access.Credentials(in.Body), of(ctx).visitor)
		s.door.saw(ctx, in.Body.Email, err)
		return s.entered(ctx, token, p, err)
	})
	handle(s, route{
		id: "sign-out", method: http.MethodDelete, path: "/session", tag: "access", scope: access.Personal, status: http.StatusNoContent, misses: true,
		summary: "Sign out",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*nothing, error) {
		s.setSession(of(ctx), "")
		return nil, s.o.Users.EndSession(ctx, by.User, by.Session)
	})
	handle(s, route{
		id: "switch-workspace", method: http.MethodPatch, path: "/session", tag: "access", scope: access.Personal,
		summary: "Be at work in another workspace",
		about:   "For this session. A single request can be about another workspace by the header " + workspaceHeader + ".",
	}, s.switchWorkspace)
	handle(s, route{
		id: "forget-password", method: http.MethodPost, path: "/session/forgotten", tag: "access", scope: access.Open, status: http.StatusAccepted,
		summary: "Ask for a link for a new password",
		about:   "It goes by e-mail to who has the address, if a workspace of theirs has a line for that. The answer is the same for every address.",
	}, func(ctx context.Context, _ access.Principal, in *struct {
		Body struct {
			Email string `json:"email" maxLength:"254"`
		} `nameHint:"Forgotten"`
	},
	) (*nothing, error) {
		q := of(ctx)
		if err := s.o.Users.Ask(ctx, in.Body.Email, q.visitor); err != nil {
			return nil, err
		}
		s.o.Post.Forgotten(in.Body.Email, q.language)
		return nil, nil
	})
	s.linkRoutes()
}

func (s *Server) switchWorkspace(ctx context.Context, by access.Principal, in *struct {
	Body struct {
		Workspace string `json:"workspace" maxLength:"100" doc:"Id of one of one's own"`
	} `nameHint:"SessionEdit"`
},
) (*body[MeView], error) {
	p, err := s.o.Users.Switch(ctx, by, in.Body.Workspace)
	if err != nil {
		return nil, err
	}
	return s.me(ctx, p)
}

// entered gives somebody who has just come in their cookie, and what they are told about themselves.
func (s *Server) entered(ctx context.Context, token string, p access.Principal, err error) (*body[MeView], error) {
	if err != nil {
		return nil, err
	}
	q := of(ctx)
	s.setSession(q, token)
	q.principal = p // for the log
	return s.me(ctx, p)
}

func (s *Server) linkRoutes() {
	handle(s, route{
		id: "get-link-purpose", method: http.MethodPost, path: "/links/purpose", tag: "access", scope: access.Open, misses: true,
		summary: "Tell what a link is for", about: "Nothing is used up. A link that was used, has ended or never was one is link_invalid (404).",
	}, func(ctx context.Context, _ access.Principal, in *struct{ Body LinkToken }) (*body[PurposeView], error) {
		p, err := s.o.Users.Purpose(ctx, in.Body.Token)
		return answer(PurposeView(p)), err
	})
	handle(s, route{
		id: "join", method: http.MethodPost, path: "/links/join", tag: "access", scope: access.Open, status: http.StatusCreated, misses: true, conflicts: true, audited: true,
		summary: "Come in by an invitation or an owner's link", about: "The link is used up, and the answer sets the cookie of a session.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body JoinInput }) (*body[MeView], error) {
		b := in.Body
		token, p, err := s.o.Users.Join(ctx, b.Token, access.Joining{Email: b.Email, Name: b.Name, Password: b.Password, Code: b.Code, Language: b.Language}, of(ctx).visitor, by)
		return s.entered(ctx, token, p, err)
	})
	handle(s, route{
		id: "reset-password", method: http.MethodPost, path: "/links/reset", tag: "access", scope: access.Open, status: http.StatusNoContent, misses: true, audited: true,
		summary: "Choose a new password by a link", about: "Every session of the person ends.",
	}, func(ctx context.Context, _ access.Principal, in *struct {
		Body struct {
			LinkToken
			Password string `json:"password" maxLength:"1000"`
		} `nameHint:"ResetInput"`
	},
	) (*nothing, error) {
		p, err := s.o.Users.Reset(ctx, in.Body.Token, in.Body.Password)
		of(ctx).principal = p // who did it
		return nil, err
	})
}
