package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"campanario/internal/fault"
)

// LinkKind is what a link that is used once is for.
type LinkKind string

// The kinds of links.
const (
	ForInvitation LinkKind = "invitation" // to become a member of a workspace
	ForReset      LinkKind = "reset"      // to choose a new password
	ForOwner      LinkKind = "owner"      // to become an owner of the oldest workspace: printed on the machine itself
)

// How long links are good.
const (
	InvitationLasts = 7 * 24 * time.Hour
	ResetLasts      = time.Hour
	OwnerLasts      = 24 * time.Hour
)

// Link is a link that is used once. Its secret is not known any more.
type Link struct {
	ID        string
	Kind      LinkKind
	Workspace string // of an invitation
	User      string // of a new password
	Email     string // who is invited
	Role      Role   // as what
	By        string // the id of who made it; empty for nobody who had signed in
	CreatedAt time.Time
	EndsAt    time.Time
}

// Enrolment makes somebody a member of a workspace by a link.
type Enrolment struct {
	Link    Link    // is used up; one without a row gets one that says so
	Account Account // of who comes in
	Fresh   bool    // whether they are new here: email_taken when somebody was faster
	// Replaces tells that the password of somebody who is not new is replaced: their sessions, links and second factor end.
	Replaces bool
	// First refuses with link_invalid once there is any owner.
	First     bool
	Workspace string
	Role      Role // they keep a wider one that they have
}

var linkInvalid = fault.New(fault.NotFound, "link_invalid", nil)

// OwnerLinks makes links by which whoever can read the key of this installation becomes an owner: the first one, and those
// for an owner who is locked out. They are signed, not stored: the database need not be reached to make one.
type OwnerLinks struct{ signers [][]byte }

// NewOwnerLinks makes OwnerLinks of the same secrets that NewUsers is given.
func NewOwnerLinks(secrets Sealer) (OwnerLinks, error) {
	signers, err := secrets.Derive("owner links")
	return OwnerLinks{signers}, err
}

const (
	ownerPrefix = "cmo_"
	nonceSize   = 16
	ownerSize   = 1 + 8 + nonceSize
)

// Token makes a link's token, good for OwnerLasts. first makes one that ends as soon as there is any owner.
//
// It is base64url of: 1 for a first one or 0, the end in seconds since 1970 (8 bytes), 16 random bytes, and HMAC-SHA256.
func (l OwnerLinks) Token(now time.Time, first bool) string {
	b := make([]byte, ownerSize)
	if first {
		b[0] = 1
	}
	binary.BigEndian.PutUint64(b[1:], uint64(now.Add(OwnerLasts).Unix())) //nolint:gosec // after 1970
	_, _ = rand.Read(b[9:])                                               // never fails
	return ownerPrefix + base64.RawURLEncoding.EncodeToString(append(b, ownerMAC(l.signers[0], b)...))
}

func ownerMAC(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(body)
	return h.Sum(nil)
}

// open reads a token; false for what is none of ours, or has ended.
func (l OwnerLinks) open(token string, now time.Time) (link Link, first, ok bool) {
	text, ok := strings.CutPrefix(token, ownerPrefix)
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(b) != ownerSize+sha256.Size {
		return Link{}, false, false
	}
	good := 0
	for _, key := range l.signers {
		good |= subtle.ConstantTimeCompare(ownerMAC(key, b[:ownerSize]), b[ownerSize:])
	}
	end := time.Unix(int64(binary.BigEndian.Uint64(b[1:9])), 0).UTC() //nolint:gosec // signed by us
	link = Link{
		ID: "o" + letters.EncodeToString(b[9:ownerSize]), Kind: ForOwner, Role: Owner, CreatedAt: end.Add(-OwnerLasts), EndsAt: end,
	}
	return link, b[0] == 1, good == 1 && now.Before(end)
}

// Purpose is what a link leads to.
type Purpose struct {
	Kind      LinkKind
	Workspace string // its name, of an invitation
	Role      Role
	Email     string // who it is for; empty when they say themselves
	Known     bool   // whether they have a password already, which they prove themselves with
}

// Purpose tells what a link is for, without using it up; link_invalid when it was used, has ended, or never was one.
func (u *Users) Purpose(ctx context.Context, token string) (Purpose, error) {
	l, first, err := u.link(ctx, token)
	if err != nil {
		return Purpose{}, err
	}
	p := Purpose{Kind: l.Kind, Role: l.Role, Email: l.Email}
	switch l.Kind {
	case ForInvitation:
		w, err := u.store.Workspace(ctx, l.Workspace)
		if err != nil {
			return p, err
		}
		p.Workspace = w.Name
		_, err = u.store.AccountByEmail(ctx, l.Email)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return p, err
		}
		p.Known = err == nil
	case ForReset:
		a, err := u.store.Account(ctx, l.User)
		if err != nil {
			return p, linkInvalid.Because(err)
		}
		p.Email, p.Known = a.Email, true
	case ForOwner:
		w, err := u.store.FirstWorkspace(ctx)
		if err != nil {
			return p, err
		}
		p.Workspace = w.Name
		if owned, err := u.store.Owned(ctx); err != nil || first && owned {
			return p, orInvalid(err)
		}
	}
	return p, nil
}

func orInvalid(err error) error {
	if err == nil {
		return linkInvalid
	}
	return err
}

// link opens a token that leads somewhere. first is for owners' links alone.
func (u *Users) link(ctx context.Context, token string) (l Link, first bool, err error) {
	now := u.now().UTC()
	if strings.HasPrefix(token, ownerPrefix) {
		l, first, ok := OwnerLinks{u.signers}.open(token, now)
		if !ok {
			return Link{}, false, linkInvalid
		}
		used, err := u.store.LinkUsed(ctx, l.ID)
		if err == nil && used {
			err = linkInvalid
		}
		return l, first, err
	}
	id, secret, ok := parseToken(linkPrefix, token)
	if !ok {
		return Link{}, false, linkInvalid
	}
	l, hash, err := u.store.Link(ctx, id, now)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Link{}, false, err
	}
	if !proves(secret, hash) || err != nil {
		return Link{}, false, linkInvalid
	}
	return l, false, nil
}

// Owned reports whether any workspace has an owner: until then the first start is not over.
func (u *Users) Owned(ctx context.Context) (bool, error) { return u.store.Owned(ctx) }
