package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/channel"
	"campanario/internal/fault"
)

// MemberView is a person of the workspace.
type MemberView struct {
	ID           string      `json:"id"`
	Email        string      `json:"email"`
	Name         string      `json:"name"`
	Role         access.Role `json:"role" enum:"owner,manager,operator,viewer"`
	SecondFactor bool        `json:"second_factor"`
	JoinedAt     time.Time   `json:"joined_at"`
	SeenAt       *time.Time  `json:"seen_at,omitempty" doc:"When they last did something here, exact to the minute; absent if never"`
	Current      bool        `json:"current" doc:"Whether it is the one who asks"`
}

func memberView(m access.Member, by access.Principal) MemberView {
	return MemberView{m.ID, m.Email, m.Name, m.Role, m.Factor, m.JoinedAt, optional(m.SeenAt), m.ID == by.User}
}

// InvitationView is an invitation that was not used.
type InvitationView struct {
	ID        string      `json:"id"`
	Email     string      `json:"email"`
	Role      access.Role `json:"role" enum:"owner,manager,operator,viewer"`
	CreatedAt time.Time   `json:"created_at"`
	EndsAt    time.Time   `json:"ends_at"`
	Ended     bool        `json:"ended" doc:"Whether it has ended without being used"`
}

func (s *Server) invitationView(l access.Link) InvitationView {
	return InvitationView{l.ID, l.Email, l.Role, l.CreatedAt, l.EndsAt, !s.o.Now().Before(l.EndsAt)}
}

// NewInvitationView is an invitation that has just been made.
type NewInvitationView struct {
	InvitationView
	Sent bool   `json:"sent" doc:"Whether it goes to them by e-mail"`
	Link string `json:"link,omitempty" doc:"For handing over, when it is not sent. It is shown this once and kept nowhere"`
}

// OneLink is a link to be handed over.
type OneLink struct {
	Link   string    `json:"link" doc:"It is shown this once and kept nowhere"`
	EndsAt time.Time `json:"ends_at"`
}

// SecurityView is what a workspace wants of those who sign in.
type SecurityView struct {
	SecondFactor bool    `json:"second_factor" doc:"Whether everybody who signs in by password needs a second factor"`
	MailLine     *string `json:"mail_line" nullable:"true" doc:"Id of the line that invitations and links for new passwords are sent by; null sends none"`
}

// AccessPath is where links to come in lie, followed by their token.
const AccessPath = "/access/"

func (s *Server) linkURL(token string) string { return s.o.BaseURL + AccessPath + token }

type userPath struct {
	User string `path:"user" doc:"Id of the person"`
}

func (s *Server) userRoutes() {
	handle(s, route{
		id: "list-users", method: http.MethodGet, path: "/users", tag: "access", scope: access.Manage,
		summary: "List the people of the workspace", about: "All of them, by name.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[Page[MemberView]], error) {
		list, err := s.o.Users.Members(ctx, by.Workspace)
		return answer(page("users", list, len(list), func(m access.Member) MemberView { return memberView(m, by) }, nil)), err
	})
	handle(s, route{
		id: "update-user", method: http.MethodPatch, path: "/users/{user}", tag: "access", scope: access.Own, conflicts: true,
		summary: "Change what somebody is in the workspace", about: "At once, for sessions that are open too. The last owner stays one.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		User string `path:"user" doc:"Id of the person"`
		Body struct {
			Role access.Role `json:"role" enum:"owner,manager,operator,viewer"`
		} `nameHint:"UserEdit"`
	},
	) (*body[MemberView], error) {
		m, err := s.o.Users.SetRole(ctx, by.Workspace, in.User, in.Body.Role)
		return answer(memberView(m, by)), err
	})
	handle(s, route{
		id: "remove-user", method: http.MethodDelete, path: "/users/{user}", tag: "access", scope: access.Own, status: http.StatusNoContent, conflicts: true,
		summary: "Take somebody out of the workspace", about: "At once. Who is in no other one is forgotten. The last owner stays.",
	}, func(ctx context.Context, by access.Principal, in *userPath) (*nothing, error) {
		return nil, s.o.Users.Remove(ctx, by.Workspace, in.User)
	})
	s.memberRoutes()
	s.invitationRoutes()
	s.securityRoutes()
}

func (s *Server) memberRoutes() {
	handle(s, route{
		id: "list-user-sessions", method: http.MethodGet, path: "/users/{user}/sessions", tag: "access", scope: access.Own,
		summary: "List somebody's sessions", about: "Those at work in this workspace, the newest first.",
	}, func(ctx context.Context, by access.Principal, in *userPath) (*body[Page[SessionView]], error) {
		list, err := s.o.Users.MemberSessions(ctx, by.Workspace, in.User)
		return answer(page("sessions", list, len(list), func(x access.Session) SessionView { return sessionView(x, by) }, nil)), err
	})
	handle(s, route{
		id: "end-user-sessions", method: http.MethodDelete, path: "/users/{user}/sessions", tag: "access", scope: access.Own, status: http.StatusNoContent,
		summary: "End somebody's sessions", about: "Those at work in this workspace.",
	}, func(ctx context.Context, by access.Principal, in *userPath) (*nothing, error) {
		return nil, s.o.Users.EndMemberSessions(ctx, by.Workspace, in.User)
	})
	handle(s, route{
		id: "make-reset-link", method: http.MethodPost, path: "/users/{user}/reset", tag: "access", scope: access.Own, status: http.StatusCreated, conflicts: true,
		summary: "Make a link by which somebody chooses a new password",
		about:   "For handing over, where no e-mail is sent. Refused for who is also in a workspace that is not one's own.",
	}, func(ctx context.Context, by access.Principal, in *userPath) (*body[OneLink], error) {
		l, token, err := s.o.Users.ResetMember(ctx, by, in.User)
		return answer(OneLink{s.linkURL(token), l.EndsAt}), err
	})
	handle(s, route{
		id: "remove-second-factor", method: http.MethodDelete, path: "/users/{user}/second-factor", tag: "access", scope: access.Own, status: http.StatusNoContent, conflicts: true,
		summary: "Take away the second factor of somebody who has lost it", about: "Refused for who is also in a workspace that is not one's own.",
	}, func(ctx context.Context, by access.Principal, in *userPath) (*nothing, error) {
		return nil, s.o.Users.DropMemberFactor(ctx, by, in.User)
	})
}

func (s *Server) invitationRoutes() {
	handle(s, route{
		id: "list-invitations", method: http.MethodGet, path: "/invitations", tag: "access", scope: access.Manage,
		summary: "List the invitations", about: "Those that were not used, the newest first.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[Page[InvitationView]], error) {
		list, err := s.o.Users.Invitations(ctx, by.Workspace)
		return answer(page("invitations", list, len(list), s.invitationView, nil)), err
	})
	handle(s, route{
		id: "invite-user", method: http.MethodPost, path: "/invitations", tag: "access", scope: access.Own, status: http.StatusCreated, conflicts: true,
		summary: "Invite somebody", about: "An earlier invitation to the same address ends. It goes by e-mail where the workspace has a line for that; otherwise the answer holds the link, this once.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Body struct {
			Email string      `json:"email" maxLength:"1000"`
			Role  access.Role `json:"role" enum:"owner,manager,operator,viewer"`
		} `nameHint:"InvitationInput"`
	},
	) (*body[NewInvitationView], error) {
		l, token, err := s.o.Users.Invite(ctx, by, in.Body.Email, in.Body.Role)
		if err != nil {
			return nil, err
		}
		v := NewInvitationView{InvitationView: s.invitationView(l)}
		if v.Sent, err = s.sent(ctx, l, token); !v.Sent {
			v.Link = s.linkURL(token)
		}
		return answer(v), err
	})
	handle(s, route{
		id: "remove-invitation", method: http.MethodDelete, path: "/invitations/{invitation}", tag: "access", scope: access.Own, status: http.StatusNoContent,
		summary: "Take an invitation back",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Invitation string `path:"invitation" doc:"Id of the invitation"`
	},
	) (*nothing, error) {
		return nil, s.o.Users.RemoveInvitation(ctx, by.Workspace, in.Invitation)
	})
}

// sent sends an invitation if the workspace can.
func (s *Server) sent(ctx context.Context, l access.Link, token string) (bool, error) {
	w, err := s.o.Access.Workspace(ctx, l.Workspace)
	if err != nil || w.Settings.MailLine == "" {
		return false, err
	}
	return s.o.Post.Send(ctx, access.Letter{
		Kind: l.Kind, Workspace: w, To: l.Email, Role: l.Role, Token: token, EndsAt: l.EndsAt,
	}), nil
}

func securityView(w access.Workspace) SecurityView {
	v := SecurityView{SecondFactor: w.Settings.SecondFactor}
	if w.Settings.MailLine != "" {
		v.MailLine = &w.Settings.MailLine
	}
	return v
}

func (s *Server) securityRoutes() {
	handle(s, route{
		id: "get-security", method: http.MethodGet, path: "/security", tag: "access", scope: access.Read,
		summary: "Get what the workspace wants of those who sign in",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[SecurityView], error) {
		w, err := s.o.Access.Workspace(ctx, by.Workspace)
		return answer(securityView(w)), err
	})
	handle(s, route{
		id: "update-security", method: http.MethodPatch, path: "/security", tag: "access", scope: access.Own,
		summary: "Change what the workspace wants of those who sign in",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Body struct {
			SecondFactor Change[bool]   `json:"second_factor,omitzero"`
			MailLine     Change[string] `json:"mail_line,omitzero" doc:"Id of a line of kind email; null for none"`
		} `nameHint:"SecurityEdit"`
	},
	) (*body[SecurityView], error) {
		w, err := s.o.Access.Workspace(ctx, by.Workspace)
		if err != nil {
			return nil, err
		}
		in.Body.SecondFactor.put(&w.Settings.SecondFactor)
		in.Body.MailLine.put(&w.Settings.MailLine)
		if err := s.mailLine(ctx, by.Workspace, w.Settings.MailLine); err != nil {
			return nil, err
		}
		w, err = s.o.Access.SetWorkspace(ctx, w)
		return answer(securityView(w)), err
	})
}

// mailLine refuses what mail cannot be sent by; empty sends none.
func (s *Server) mailLine(ctx context.Context, workspace, id string) error {
	if id == "" {
		return nil
	}
	l, err := s.o.Lines.Get(ctx, workspace, id)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return fault.New(fault.Invalid, "line_not_found", fault.Params{"id": clip(id)}).At("mail_line")
	case err != nil:
		return err
	case l.Kind != channel.Email:
		return fault.New(fault.Invalid, "line_of_other_channel", fault.Params{"line": l.Name, "channel": l.Kind}).At("mail_line")
	}
	return nil
}
