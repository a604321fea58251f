package access

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"campanario/internal/fault"
)

// Way is how somebody signed in.
type Way string

// The ways.
const (
	ByPassword Way = "password"
	ByIssuer   Way = "issuer" // an OpenID Connect issuer; a second factor is its matter
)

// Session is a person signed in on one device.
type Session struct {
	ID        string
	User      string
	Workspace string // where they are at work; empty for nowhere
	Way       Way
	From      string // the address they came from
	Browser   string // what their browser says of itself
	CreatedAt time.Time
	SeenAt    time.Time // exact to the minute
	EndsAt    time.Time // at the latest
}

// How long sessions last.
const (
	SessionIdle = 12 * time.Hour     // unused
	SessionLast = 7 * 24 * time.Hour // however much they are used
)

// over reports whether a session has ended by itself.
func (s Session) over(now time.Time) bool {
	return !now.Before(s.EndsAt) || now.Sub(s.SeenAt) >= SessionIdle
}

// Visitor is where somebody comes from.
type Visitor struct {
	From    string // the address, without a port
	Browser string
}

const (
	maxFrom    = 64
	maxBrowser = 300
)

func (v Visitor) bounded() Visitor {
	cut := func(s string, most int) string {
		s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "?")
		for len(s) > most {
			_, n := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-n]
		}
		return s
	}
	return Visitor{cut(v.From, maxFrom), cut(v.Browser, maxBrowser)}
}

// Presence is what a session's token leads to: the session, whose it is, and what they are in the workspace asked for.
type Presence struct {
	Session Session
	Account Account
	Member  Membership // zero when they are no member
	Strict  bool       // whether that workspace wants a second factor
}

// open signs somebody in, who has proved who they are.
func (u *Users) open(ctx context.Context, a Account, way Way, v Visitor, forgive []Bucket) (string, Principal, error) {
	now := u.now().UTC()
	list, err := u.store.WorkspacesOf(ctx, a.ID)
	if err != nil {
		return "", Principal{}, err
	}
	v = v.bounded()
	s := Session{User: a.ID, Way: way, From: v.From, Browser: v.Browser, CreatedAt: now, SeenAt: now, EndsAt: now.Add(SessionLast)}
	if len(list) > 0 {
		s.Workspace = list[0].Workspace
	}
	var token, hash string
	s.ID, token, hash = newToken(sessionPrefix)
	if err := u.store.AddSignIn(ctx, s, hash, forgive); err != nil {
		return "", Principal{}, err
	}
	p, err := u.Resume(ctx, token, "")
	return token, p, err
}

// Resume tells who comes with a session's token, in the workspace they are at work in, or in another one of theirs. It
// refuses with session_invalid whatever is wrong with the token, and with workspace_not_yours.
func (u *Users) Resume(ctx context.Context, token, workspace string) (Principal, error) {
	x, err := u.presence(ctx, token, workspace)
	if err != nil {
		return Principal{}, err
	}
	if now := u.now().UTC(); now.Sub(x.Session.SeenAt) >= touchEvery {
		if err := u.store.TouchSignIn(ctx, x.Session.ID, x.Account.ID, x.Member.Workspace, now); err != nil && ctx.Err() == nil {
			u.log.Warn("session_use_not_written", "session", x.Session.ID, "error", err) // the session ends a little earlier
		}
	}
	return x.principal(), nil
}

// Peek is Resume without being a use of the session: a page that is only left open does not keep it.
func (u *Users) Peek(ctx context.Context, token, workspace string) (Principal, error) {
	x, err := u.presence(ctx, token, workspace)
	if err != nil {
		return Principal{}, err
	}
	return x.principal(), nil
}

func (u *Users) presence(ctx context.Context, token, workspace string) (Presence, error) {
	invalid := fault.New(fault.Denied, "session_invalid", nil)
	id, secret, ok := parseToken(sessionPrefix, token)
	if !ok {
		return Presence{}, invalid
	}
	x, hash, err := u.store.Presence(ctx, id, workspace)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Presence{}, err
	}
	if !proves(secret, hash) || err != nil || x.Session.over(u.now().UTC()) {
		return Presence{}, invalid
	}
	if workspace != "" && x.Member.Role == "" {
		return Presence{}, fault.New(fault.Denied, "workspace_not_yours", nil)
	}
	return x, nil
}

func (x Presence) principal() Principal {
	p := Principal{
		Workspace: x.Member.Workspace, User: x.Account.ID, Session: x.Session.ID, Name: x.Account.Name,
		Role: x.Member.Role, Scopes: x.Member.Role.Scopes(),
	}
	switch {
	case p.Workspace == "":
		p.withheld = fault.New(fault.Denied, "workspace_missing", nil)
	case x.Strict && x.Session.Way == ByPassword && x.Account.Secret == "":
		p.Scopes, p.withheld = nil, fault.New(fault.Denied, "second_factor_needed", nil)
	}
	return p
}

// Sessions lists a user's sessions, the newest first.
func (u *Users) Sessions(ctx context.Context, user string) ([]Session, error) {
	return u.sessions(ctx, user, "")
}

func (u *Users) sessions(ctx context.Context, user, workspace string) ([]Session, error) {
	list, err := u.store.SignIns(ctx, user, workspace)
	now := u.now().UTC()
	kept := list[:0]
	for _, s := range list {
		if !s.over(now) {
			kept = append(kept, s)
		}
	}
	return kept, err
}

// EndSession ends one session of a user: signing out, or taking a lost device's away.
func (u *Users) EndSession(ctx context.Context, user, session string) error {
	return u.store.EndSignIn(ctx, user, session)
}

// EndOtherSessions ends all sessions of a user but one.
func (u *Users) EndOtherSessions(ctx context.Context, user, but string) error {
	return u.store.EndSignIns(ctx, user, "", but)
}

// Switch makes the session of who asks be at work in another workspace of theirs.
func (u *Users) Switch(ctx context.Context, by Principal, workspace string) (Principal, error) {
	x, _, err := u.store.Presence(ctx, by.Session, workspace)
	if err == nil && (workspace == "" || x.Member.Role == "") {
		err = fault.New(fault.Denied, "workspace_not_yours", nil)
	}
	if err == nil {
		err = u.store.SetSignInWorkspace(ctx, by.Session, workspace)
	}
	return x.principal(), err
}
