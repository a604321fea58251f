package access

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"campanario/internal/fault"
)

// UserStore is what Users needs kept. What is not there is not found; what is changed names nothing of others.
type UserStore interface {
	// Account gives a user by their id, AccountByEmail by their mailbox.
	Account(ctx context.Context, id string) (Account, error)
	AccountByEmail(ctx context.Context, mailbox string) (Account, error)
	// SetUser replaces the name and the language.
	SetUser(ctx context.Context, u User) error
	// SetPassword replaces a password and ends all sessions but one, and every link for a new password.
	SetPassword(ctx context.Context, user, hash, but string) error
	// Reset is SetPassword by a link, which it uses up: link_invalid when somebody was faster.
	Reset(ctx context.Context, link, user, hash string, now time.Time) error
	// Enrol uses a link up and makes somebody a member by it, all or nothing.
	Enrol(ctx context.Context, e Enrolment, now time.Time) error

	WorkspacesOf(ctx context.Context, user string) ([]Membership, error) // the oldest first
	Members(ctx context.Context, workspace string) ([]Member, error)     // by name
	Member(ctx context.Context, workspace, user string) (Member, error)
	// SetRole and RemoveMember refuse what would leave the workspace without an owner (owner_last). Who is in no workspace
	// any more is forgotten.
	SetRole(ctx context.Context, workspace, user string, r Role) error
	RemoveMember(ctx context.Context, workspace, user string) error

	// AddSignIn signs somebody in, takes a try in the buckets back or empties them, and clears away what has ended.
	AddSignIn(ctx context.Context, s Session, hash string, forgive []Bucket) error
	// Presence gives a session with the hash of its secret, and what its user is in a workspace: the one it is at work in
	// when none is asked for.
	Presence(ctx context.Context, session, workspace string) (Presence, string, error)
	TouchSignIn(ctx context.Context, session, user, workspace string, now time.Time) error
	// SignIns lists those of a user, the newest first; of those at work in one workspace if one is named.
	SignIns(ctx context.Context, user, workspace string) ([]Session, error)
	EndSignIn(ctx context.Context, user, session string) error
	// EndSignIns ends those of a user but one; of those at work in one workspace if one is named.
	EndSignIns(ctx context.Context, user, workspace, but string) error
	SetSignInWorkspace(ctx context.Context, session, workspace string) error

	AddLink(ctx context.Context, l Link, hash string) error
	// Link gives a link that is still good.
	Link(ctx context.Context, id string, now time.Time) (Link, string, error)
	// LinkUsed reports whether a link that is signed was used.
	LinkUsed(ctx context.Context, id string) (bool, error)
	// Invitations lists those of a workspace that were not used, the newest first.
	Invitations(ctx context.Context, workspace string) ([]Link, error)
	RemoveInvitation(ctx context.Context, workspace, id string) error
	// Owned reports whether any workspace has an owner.
	Owned(ctx context.Context) (bool, error)

	// Try counts a try in every bucket; the time when the fullest one is empty again, if one overflows.
	Try(ctx context.Context, list []Bucket, now time.Time) (until time.Time, err error)
	Forgive(ctx context.Context, list []Bucket) error

	FactorStore
	IdentityStore
	Workspace(ctx context.Context, id string) (Workspace, error)
	FirstWorkspace(ctx context.Context) (Workspace, error)
	SetWorkspace(ctx context.Context, w Workspace) error
}

// Sealer hides what must not be read in the database.
type Sealer interface {
	Seal(plain []byte) (string, error)
	Open(sealed string) ([]byte, error)
	Derive(purpose string) ([][]byte, error)
}

// UsersOptions for NewUsers. Store and Secrets are required.
type UsersOptions struct {
	Store   UserStore
	Secrets Sealer
	Now     func() time.Time // time.Now when nil
	Log     *slog.Logger     // nothing when nil
	// HashMemory is what hashing a password takes, in KiB; 0 is 19 MiB. Less is for tests alone.
	HashMemory uint32
}

// Users guards the people who sign in: who they are, what they are where, and how they prove it. It is safe for
// concurrent use.
type Users struct {
	store   UserStore
	secrets Sealer
	signers [][]byte // of links without a row; the first signs
	hasher  *hasher
	now     func() time.Time
	log     *slog.Logger
}

// NewUsers makes Users.
func NewUsers(o UsersOptions) (*Users, error) {
	u := &Users{store: o.Store, secrets: o.Secrets, hasher: newHasher(o.HashMemory), now: o.Now, log: o.Log}
	if u.now == nil {
		u.now = time.Now
	}
	if u.log == nil {
		u.log = slog.New(slog.DiscardHandler)
	}
	var err error
	u.signers, err = o.Secrets.Derive("owner links")
	return u, err
}

// Self is what somebody who has signed in is told about themselves.
type Self struct {
	User        User
	Memberships []Membership // the oldest first
	Codes       int          // how many recovery codes are left
}

// Self gives the user who asks.
func (u *Users) Self(ctx context.Context, by Principal) (Self, error) {
	a, err := u.store.Account(ctx, by.User)
	if err != nil {
		return Self{}, err
	}
	s := Self{User: a.User}
	if s.Memberships, err = u.store.WorkspacesOf(ctx, by.User); err != nil {
		return s, err
	}
	s.Codes, err = u.store.CodesLeft(ctx, by.User)
	return s, err
}

// SetSelf replaces the name and the language of who asks.
func (u *Users) SetSelf(ctx context.Context, by Principal, name, language string) error {
	if err := append(checkName(name), checkLanguage(language)...).Err(); err != nil {
		return err
	}
	return u.store.SetUser(ctx, User{ID: by.User, Name: strings.TrimSpace(name), Language: language})
}

// SetPassword replaces the password of who asks; all their other sessions end. Who has none yet (they came by an issuer)
// uses a link for a new password.
func (u *Users) SetPassword(ctx context.Context, by Principal, v Visitor, current, next string) error {
	a, err := u.prove(ctx, by, v, current)
	if err != nil {
		return err
	}
	if err := checkPassword(next, a.User).Err(); err != nil {
		return err
	}
	hash, err := u.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	return u.store.SetPassword(ctx, by.User, hash, by.Session)
}

// prove has who asks say their password again; password_wrong when it is another.
func (u *Users) prove(ctx context.Context, by Principal, v Visitor, password string) (Account, error) {
	a, err := u.store.Account(ctx, by.User)
	if err != nil {
		return a, err
	}
	list := buckets(a.Email, v.From)
	if err := u.try(ctx, list); err != nil {
		return a, err
	}
	ok, err := u.hasher.proves(ctx, password, a.Password)
	if err != nil {
		return a, err
	}
	if !ok {
		return a, fault.New(fault.Invalid, "password_wrong", nil)
	}
	return a, u.store.Forgive(ctx, list)
}

// Members lists who is in a workspace, by name.
func (u *Users) Members(ctx context.Context, workspace string) ([]Member, error) {
	return u.store.Members(ctx, workspace)
}

// Member gives one of those in a workspace.
func (u *Users) Member(ctx context.Context, workspace, user string) (Member, error) {
	return u.store.Member(ctx, workspace, user)
}

// SetRole makes somebody another thing in a workspace. The last owner stays one (owner_last).
func (u *Users) SetRole(ctx context.Context, workspace, user string, r Role) (Member, error) {
	if err := checkRole(r).Err(); err != nil {
		return Member{}, err
	}
	if err := u.store.SetRole(ctx, workspace, user, r); err != nil {
		return Member{}, err
	}
	return u.store.Member(ctx, workspace, user)
}

// Remove takes somebody out of a workspace, at once. The last owner stays (owner_last). Who is in no other workspace is
// forgotten: nothing of them stays but what the records of the past say.
func (u *Users) Remove(ctx context.Context, workspace, user string) error {
	return u.store.RemoveMember(ctx, workspace, user)
}

// MemberSessions lists the sessions of a member that are at work in the workspace.
func (u *Users) MemberSessions(ctx context.Context, workspace, user string) ([]Session, error) {
	if _, err := u.store.Member(ctx, workspace, user); err != nil {
		return nil, err
	}
	return u.sessions(ctx, user, workspace)
}

// EndMemberSessions ends the sessions of a member that are at work in the workspace.
func (u *Users) EndMemberSessions(ctx context.Context, workspace, user string) error {
	if _, err := u.store.Member(ctx, workspace, user); err != nil {
		return err
	}
	return u.store.EndSignIns(ctx, user, workspace, "")
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}
