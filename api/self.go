package api

import (
	"context"
	"net/http"

	"campanario/access"
	"campanario/internal/fault"
)

// MeView is what somebody who has signed in is told about themselves.
type MeView struct {
	User        UserView         `json:"user"`
	Workspace   *WorkspaceView   `json:"workspace,omitempty" doc:"Where they are at work; absent for nowhere"`
	Role        access.Role      `json:"role,omitempty" enum:"owner,manager,operator,viewer" doc:"What they are there"`
	Permissions access.Scopes    `json:"permissions" enum:"read,operate,manage,own" doc:"What they may do there, the narrower with the wider"`
	Needs       string           `json:"needs,omitempty" doc:"Code of what keeps them from using their role: second_factor_needed, workspace_missing"`
	Workspaces  []MembershipView `json:"workspaces" doc:"All of theirs, the oldest first"`
	Session     string           `json:"session" doc:"Id of this session"`
}

// UserView is a person as they see themselves.
type UserView struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	Name          string `json:"name"`
	Language      string `json:"language,omitempty" doc:"BCP 47; absent for what the browser asks for"`
	SecondFactor  bool   `json:"second_factor"`
	RecoveryCodes int    `json:"recovery_codes" doc:"How many are left"`
}

// MembershipView is a workspace as one of its people sees it.
type MembershipView struct {
	ID   string      `json:"id"`
	Name string      `json:"name"`
	Role access.Role `json:"role" enum:"owner,manager,operator,viewer"`
}

// SetupView is what an app for codes needs.
type SetupView struct {
	Secret string `json:"secret" doc:"In base32, for typing in. It is shown this once"`
	URL    string `json:"url" doc:"otpauth://…, to be shown as a picture that a camera reads"`
}

// RecoveryCodes stand in for the second factor, each once.
type RecoveryCodes struct {
	Codes []string `json:"codes" doc:"They are shown this once"`
}

// PasswordInput is one's password said again.
type PasswordInput struct {
	Password string `json:"password" maxLength:"1000" doc:"One's password, once more"`
}

// BothInput is one's password and a code said again.
type BothInput struct {
	PasswordInput
	Code string `json:"code" maxLength:"64" doc:"Of the second factor, or a recovery code"`
}

func (s *Server) me(ctx context.Context, p access.Principal) (*body[MeView], error) {
	self, err := s.o.Users.Self(ctx, p)
	if err != nil {
		return nil, err
	}
	u := self.User
	v := MeView{
		User: UserView{u.ID, u.Email, u.Name, u.Language, u.Factor, self.Codes}, Role: p.Role,
		Permissions: p.Permissions(), Session: p.Session, Workspaces: []MembershipView{},
	}
	if err := p.Withheld(); err != nil {
		v.Needs = fault.CodeOf(err)
	}
	for _, m := range self.Memberships {
		v.Workspaces = append(v.Workspaces, MembershipView{m.Workspace, m.Name, m.Role})
	}
	if p.Workspace != "" {
		w, err := s.o.Access.Workspace(ctx, p.Workspace)
		if err != nil {
			return nil, err
		}
		view := workspaceView(w)
		v.Workspace = &view
	}
	return answer(v), nil
}

func (s *Server) selfRoutes() {
	handle(s, route{
		id: "get-me", method: http.MethodGet, path: "/me", tag: "access", scope: access.Personal, misses: true,
		summary: "Tell who has signed in", about: "And where they are at work, what they may do there, and where else they can go.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[MeView], error) {
		return s.me(ctx, by)
	})
	handle(s, route{
		id: "update-me", method: http.MethodPatch, path: "/me", tag: "access", scope: access.Personal, misses: true,
		summary: "Change one's name or language",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Body struct {
			Name     Change[string] `json:"name,omitzero"`
			Language Change[string] `json:"language,omitzero" doc:"BCP 47, such as pt-BR; null for what the browser asks for"`
		} `nameHint:"MeEdit"`
	},
	) (*body[MeView], error) {
		self, err := s.o.Users.Self(ctx, by)
		if err != nil {
			return nil, err
		}
		in.Body.Name.put(&self.User.Name)
		in.Body.Language.put(&self.User.Language)
		if err := s.o.Users.SetSelf(ctx, by, self.User.Name, self.User.Language); err != nil {
			return nil, err
		}
		return s.me(ctx, by)
	})
	handle(s, route{
		id: "change-password", method: http.MethodPut, path: "/me/password", tag: "access", scope: access.Personal, status: http.StatusNoContent, misses: true,
		summary: "Change one's password", about: "All one's other sessions end.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Body struct {
			Current  string `json:"current" maxLength:"1000"`
			Password string `json:"password" maxLength:"1000" doc:"The new one"`
		} `nameHint:"PasswordChange"`
	},
	) (*nothing, error) {
		return nil, s.o.Users.SetPassword(ctx, by, of(ctx).visitor, in.Body.Current, in.Body.Password)
	})
	s.ownSessionRoutes()
	s.factorRoutes()
}

func (s *Server) ownSessionRoutes() {
	handle(s, route{
		id: "list-own-sessions", method: http.MethodGet, path: "/me/sessions", tag: "access", scope: access.Personal,
		summary: "List one's sessions", about: "All of them, the newest first.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[Page[SessionView]], error) {
		list, err := s.o.Users.Sessions(ctx, by.User)
		return answer(page("sessions", list, len(list), func(x access.Session) SessionView { return sessionView(x, by) }, nil)), err
	})
	handle(s, route{
		id: "end-other-sessions", method: http.MethodDelete, path: "/me/sessions", tag: "access", scope: access.Personal, status: http.StatusNoContent,
		summary: "End all one's other sessions",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*nothing, error) {
		return nil, s.o.Users.EndOtherSessions(ctx, by.User, by.Session)
	})
	handle(s, route{
		id: "end-own-session", method: http.MethodDelete, path: "/me/sessions/{session}", tag: "access", scope: access.Personal, status: http.StatusNoContent,
		summary: "End one of one's sessions",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Session string `path:"session" doc:"Id of the session"`
	},
	) (*nothing, error) {
		return nil, s.o.Users.EndSession(ctx, by.User, in.Session)
	})
}

func (s *Server) factorRoutes() {
	const path = "/me/second-factor"
	handle(s, route{
		id: "begin-second-factor", method: http.MethodPost, path: path, tag: "access", scope: access.Personal, misses: true, conflicts: true,
		summary: "Begin to set up a second factor", about: "It counts once a first code has confirmed it.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body PasswordInput }) (*body[SetupView], error) {
		setup, err := s.o.Users.BeginFactor(ctx, by, of(ctx).visitor, in.Body.Password)
		return answer(SetupView(setup)), err
	})
	handle(s, route{
		id: "confirm-second-factor", method: http.MethodPut, path: path, tag: "access", scope: access.Personal, misses: true, conflicts: true,
		summary: "Confirm the second factor by a first code", about: "The answer holds the recovery codes. All one's other sessions end.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Body struct {
			Code string `json:"code" maxLength:"64" doc:"What the app shows now"`
		} `nameHint:"CodeInput"`
	},
	) (*body[RecoveryCodes], error) {
		codes, err := s.o.Users.ConfirmFactor(ctx, by, of(ctx).visitor, in.Body.Code)
		return answer(RecoveryCodes{codes}), err
	})
	handle(s, route{
		id: "end-second-factor", method: http.MethodPost, path: path + "/end", tag: "access", scope: access.Personal, status: http.StatusNoContent, misses: true, conflicts: true,
		summary: "Take the second factor away",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body BothInput }) (*nothing, error) {
		return nil, s.o.Users.EndFactor(ctx, by, of(ctx).visitor, in.Body.Password, in.Body.Code)
	})
	handle(s, route{
		id: "renew-recovery-codes", method: http.MethodPost, path: path + "/codes", tag: "access", scope: access.Personal, misses: true, conflicts: true,
		summary: "Make fresh recovery codes", about: "The former ones end.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body BothInput }) (*body[RecoveryCodes], error) {
		codes, err := s.o.Users.RenewCodes(ctx, by, of(ctx).visitor, in.Body.Password, in.Body.Code)
		return answer(RecoveryCodes{codes}), err
	})
}
