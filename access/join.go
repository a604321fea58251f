package access

import (
	"context"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Invite invites somebody into the workspace of who asks, and gives the token of the link, this once. Who is in it already
// is refused (member_already); an earlier invitation to the same address ends.
func (u *Users) Invite(ctx context.Context, by Principal, email string, r Role) (Link, string, error) {
	box, bad := checkEmail(email)
	if err := append(bad, checkRole(r)...).Err(); err != nil {
		return Link{}, "", err
	}
	a, err := u.store.AccountByEmail(ctx, box)
	if err == nil {
		if _, err = u.store.Member(ctx, by.Workspace, a.ID); err == nil {
			return Link{}, "", fault.New(fault.Conflict, "member_already", nil).At("email")
		}
	}
	if fault.KindOf(err) != fault.NotFound {
		return Link{}, "", err
	}
	return u.newLink(ctx, Link{Kind: ForInvitation, Workspace: by.Workspace, Email: box, Role: r, By: by.ID()}, InvitationLasts)
}

func (u *Users) newLink(ctx context.Context, l Link, lasts time.Duration) (Link, string, error) {
	l.CreatedAt = u.now().UTC()
	l.EndsAt = l.CreatedAt.Add(lasts)
	var token, hash string
	l.ID, token, hash = newToken(linkPrefix)
	return l, token, u.store.AddLink(ctx, l, hash)
}

// Invitations lists those of a workspace that were not used, the newest first; also those that have ended lately.
func (u *Users) Invitations(ctx context.Context, workspace string) ([]Link, error) {
	return u.store.Invitations(ctx, workspace)
}

// RemoveInvitation takes an invitation back.
func (u *Users) RemoveInvitation(ctx context.Context, workspace, id string) error {
	return u.store.RemoveInvitation(ctx, workspace, id)
}

// Joining is what somebody says of themselves who comes in by a link.
type Joining struct {
	Email    string // for an owner's link; an invitation has it
	Name     string // of who is new
	Password string // of their choice; of who is known, the one they have
	Code     string // of who is known and has a second factor
	Language string
}

// Join uses up an invitation or an owner's link and signs in.
//
// An invited person who is known here proves to be the one by password and second factor, or by having signed in already
// (as). Who comes by an owner's link has the machine itself: of a mailbox that is known, the password is replaced and the
// second factor ends.
func (u *Users) Join(ctx context.Context, token string, j Joining, v Visitor, as Principal) (string, Principal, error) {
	l, first, err := u.link(ctx, token)
	if err != nil {
		return "", Principal{}, err
	}
	e := Enrolment{Link: l, First: first, Workspace: l.Workspace, Role: l.Role}
	switch l.Kind {
	case ForInvitation:
		err = u.invited(ctx, &e, j, v, as)
	case ForOwner:
		err = u.owner(ctx, &e, j)
	case ForReset:
		err = linkInvalid
	}
	if err != nil {
		return "", Principal{}, err
	}
	if err := u.store.Enrol(ctx, e, u.now().UTC()); err != nil {
		return "", Principal{}, err
	}
	session, p, err := u.open(ctx, e.Account, ByPassword, v, buckets(e.Account.Email, v.From))
	if err != nil || p.Workspace == e.Workspace {
		return session, p, err
	}
	if err := u.store.SetSignInWorkspace(ctx, p.Session, e.Workspace); err != nil {
		return "", Principal{}, err
	}
	p, err = u.Resume(ctx, session, "")
	return session, p, err
}

func (u *Users) invited(ctx context.Context, e *Enrolment, j Joining, v Visitor, as Principal) error {
	a, err := u.store.AccountByEmail(ctx, e.Link.Email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	switch {
	case err != nil:
		e.Fresh = true
		e.Account, err = u.newAccount(ctx, e.Link.Email, j)
	case as.User == a.ID:
		e.Account = a
	default:
		e.Account, err = u.verify(ctx, Credentials{a.Email, j.Password, j.Code}, buckets(a.Email, v.From))
	}
	return err
}

func (u *Users) owner(ctx context.Context, e *Enrolment, j Joining) error {
	box, bad := checkEmail(j.Email)
	if err := bad.Err(); err != nil {
		return err
	}
	w, err := u.store.FirstWorkspace(ctx)
	if err != nil {
		return err
	}
	e.Workspace = w.ID
	a, err := u.store.AccountByEmail(ctx, box)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err != nil {
		e.Fresh = true
		e.Account, err = u.newAccount(ctx, box, j)
		return err
	}
	if err := checkPassword(j.Password, a.User).Err(); err != nil {
		return err
	}
	e.Replaces, e.Account = true, a
	e.Account.Password, err = u.hasher.hash(ctx, j.Password)
	return err
}

func (u *Users) newAccount(ctx context.Context, mailbox string, j Joining) (Account, error) {
	a := Account{User: User{Email: mailbox, Name: strings.TrimSpace(j.Name), Language: j.Language, CreatedAt: u.now().UTC()}}
	bad := append(checkName(j.Name), checkLanguage(j.Language)...)
	if err := append(bad, checkPassword(j.Password, a.User)...).Err(); err != nil {
		return a, err
	}
	var err error
	if a.ID, err = newID(); err != nil {
		return a, err
	}
	a.Password, err = u.hasher.hash(ctx, j.Password)
	return a, err
}

// Reset chooses a new password by a link, and tells whose. Every session of the person ends, and a second factor stays
// what it is.
func (u *Users) Reset(ctx context.Context, token, password string) (Principal, error) {
	l, _, err := u.link(ctx, token)
	if err == nil && l.Kind != ForReset {
		err = linkInvalid
	}
	if err != nil {
		return Principal{}, err
	}
	a, err := u.store.Account(ctx, l.User)
	if err != nil {
		return Principal{}, linkInvalid.Because(err)
	}
	if err := checkPassword(password, a.User).Err(); err != nil {
		return Principal{}, err
	}
	hash, err := u.hasher.hash(ctx, password)
	if err != nil {
		return Principal{}, err
	}
	p := Principal{User: a.ID, Name: a.Name}
	list, err := u.store.WorkspacesOf(ctx, a.ID)
	if err != nil {
		return Principal{}, err
	}
	if len(list) > 0 {
		p.Workspace = list[0].Workspace
	}
	return p, u.store.Reset(ctx, l.ID, a.ID, hash, u.now().UTC())
}

// ResetMember makes a link for a new password of a member, for an owner to hand over. Who is also in a workspace of which
// the owner is none is refused (member_elsewhere): it would be a way into that one.
func (u *Users) ResetMember(ctx context.Context, by Principal, user string) (Link, string, error) {
	if err := u.onlyOurs(ctx, by, user); err != nil {
		return Link{}, "", err
	}
	return u.newLink(ctx, Link{Kind: ForReset, User: user, By: by.ID()}, ResetLasts)
}

// DropMemberFactor takes the second factor of a member away who has lost it, under the conditions of ResetMember.
func (u *Users) DropMemberFactor(ctx context.Context, by Principal, user string) error {
	if err := u.onlyOurs(ctx, by, user); err != nil {
		return err
	}
	return u.store.DropFactor(ctx, user)
}

// onlyOurs refuses a member who is also in workspaces that who asks has no say in.
func (u *Users) onlyOurs(ctx context.Context, by Principal, user string) error {
	if _, err := u.store.Member(ctx, by.Workspace, user); err != nil {
		return err
	}
	theirs, err := u.store.WorkspacesOf(ctx, user)
	if err != nil {
		return err
	}
	ours := map[string]bool{by.Workspace: true}
	if by.User != "" {
		mine, err := u.store.WorkspacesOf(ctx, by.User)
		if err != nil {
			return err
		}
		for _, m := range mine {
			if m.Role == Owner {
				ours[m.Workspace] = true
			}
		}
	}
	for _, m := range theirs {
		if !ours[m.Workspace] {
			return fault.New(fault.Conflict, "member_elsewhere", nil)
		}
	}
	return nil
}
