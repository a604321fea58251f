package access

import (
	"context"
	"time"

	"campanario/internal/fault"
)

// Letter is what somebody is sent so that they can come in.
type Letter struct {
	Kind      LinkKind // ForInvitation or ForReset
	Workspace Workspace
	To        string // a mailbox
	Language  string // BCP 47: what they read, as far as it is known
	Role      Role   // of an invitation
	Token     string // of the link
	EndsAt    time.Time
}

// Ask counts that somebody asks for a link for a new password; sign_in_throttled when they ask too often. It is the same
// for every mailbox, whether anybody has it or not.
func (u *Users) Ask(ctx context.Context, email string, v Visitor) error {
	list := buckets(Credentials{Email: email}.mailbox(), v.From)
	for i := range list {
		list[i].Key = hashOf("ask " + list[i].Key)
	}
	return u.try(ctx, list)
}

// Forgotten makes a letter with a link for a new password for whoever has the mailbox. A zero one says that nobody has, or
// that none of their workspaces sends mail, and is told to nobody: callers do this where nobody waits for it.
func (u *Users) Forgotten(ctx context.Context, email string) (Letter, error) {
	box := mailboxOf(email)
	if box == "" {
		return Letter{}, nil
	}
	a, err := u.store.AccountByEmail(ctx, box)
	if fault.Is(err, "user_not_found") {
		err = nil
	}
	if err != nil || a.ID == "" {
		return Letter{}, err
	}
	w, err := u.sender(ctx, a.ID)
	if err != nil || w.ID == "" {
		return Letter{}, err
	}
	// A handful an hour is enough for anybody, and nobody's mailbox is to be filled.
	if err := u.try(ctx, []Bucket{{Key: hashOf("forgotten " + box), Max: 3, For: ResetLasts}}); err != nil {
		return Letter{}, err
	}
	l, token, err := u.newLink(ctx, Link{Kind: ForReset, User: a.ID}, ResetLasts)
	return Letter{Kind: ForReset, Workspace: w, To: a.Email, Language: a.Language, Token: token, EndsAt: l.EndsAt}, err
}

// sender is the first of a user's workspaces that sends mail; a zero one when none does.
func (u *Users) sender(ctx context.Context, user string) (Workspace, error) {
	list, err := u.store.WorkspacesOf(ctx, user)
	for _, m := range list {
		w, err := u.store.Workspace(ctx, m.Workspace)
		if err != nil {
			return Workspace{}, err
		}
		if w.Settings.MailLine != "" {
			return w, nil
		}
	}
	return Workspace{}, err
}
