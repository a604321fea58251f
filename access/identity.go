package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Identity is who somebody is at an issuer of identities.
type Identity struct {
	Issuer  string
	Subject string // never given to anybody else there
	Email   string // empty unless the issuer has made sure that it is theirs
	Name    string
}

// Issuer says who people are (OpenID Connect Core 1.0, authorization code flow with PKCE).
type Issuer interface {
	// SignInURL is where a browser goes to sign in there.
	SignInURL(ctx context.Context, state, nonce, verifier string) (string, error)
	// Redeem gives who came back with a code.
	Redeem(ctx context.Context, code, nonce, verifier string) (Identity, error)
}

// IdentityStore keeps who people are at issuers.
type IdentityStore interface {
	// AccountByIdentity gives the user with an identity.
	AccountByIdentity(ctx context.Context, issuer, subject string) (Account, error)
	// AddIdentity notes who a user is at an issuer; identity_other when they are somebody else there already.
	AddIdentity(ctx context.Context, issuer, subject, user string) error
	// InvitationsTo lists the invitations of a mailbox that are still good, the newest first.
	InvitationsTo(ctx context.Context, mailbox string, now time.Time) ([]Link, error)
}

// journey is what is known of somebody who is at an issuer, kept by their browser, where they cannot read it.
type journey struct {
	State, Nonce, Verifier string
	Ends                   int64 // seconds since 1970
}

// JourneyLasts is how long somebody may be at an issuer.
const JourneyLasts = 10 * time.Minute

// BeginJourney sends somebody to an issuer. pass is for their browser to keep, and to bring back.
func (u *Users) BeginJourney(ctx context.Context, i Issuer) (url, pass string, err error) {
	j := journey{rand.Text() + rand.Text(), rand.Text() + rand.Text(), rand.Text() + rand.Text(), u.now().Add(JourneyLasts).Unix()}
	if url, err = i.SignInURL(ctx, j.State, j.Nonce, j.Verifier); err != nil {
		return "", "", err
	}
	text, err := json.Marshal(j)
	if err != nil {
		return "", "", err
	}
	pass, err = u.secrets.Seal(text)
	return url, pass, err
}

// EndJourney signs in who comes back from an issuer: who has come from there before, who has the mailbox that the issuer
// vouches for, or whom an invitation to that mailbox waits for. journey_invalid is for who did not set out from here, or
// too long ago; identity_unknown for whom nobody has invited.
func (u *Users) EndJourney(ctx context.Context, i Issuer, pass, state, code string, v Visitor) (string, Principal, error) {
	invalid := fault.New(fault.Denied, "journey_invalid", nil)
	text, err := u.secrets.Open(pass)
	if err != nil {
		return "", Principal{}, invalid.Because(err)
	}
	var j journey
	if err := json.Unmarshal(text, &j); err != nil || j.State == "" || subtle.ConstantTimeCompare([]byte(j.State), []byte(state)) != 1 || u.now().Unix() >= j.Ends {
		return "", Principal{}, invalid
	}
	id, err := i.Redeem(ctx, code, j.Nonce, j.Verifier)
	if err != nil {
		return "", Principal{}, err
	}
	a, err := u.identified(ctx, id)
	if err != nil {
		return "", Principal{}, err
	}
	return u.open(ctx, a, ByIssuer, v, nil)
}

// identified is the user with an identity.
func (u *Users) identified(ctx context.Context, id Identity) (Account, error) {
	a, err := u.store.AccountByIdentity(ctx, id.Issuer, id.Subject)
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return a, err
	}
	unknown := fault.New(fault.Denied, "identity_unknown", nil)
	box := mailboxOf(id.Email)
	if box == "" {
		return Account{}, unknown
	}
	a, err = u.store.AccountByEmail(ctx, box)
	if fault.Is(err, "user_not_found") {
		a, err = u.invitedBy(ctx, box, id.Name)
	}
	if err != nil {
		return Account{}, err
	}
	return a, u.store.AddIdentity(ctx, id.Issuer, id.Subject, a.ID)
}

// invitedBy makes a user of somebody whom an invitation waits for. They have no password.
func (u *Users) invitedBy(ctx context.Context, box, name string) (Account, error) {
	now := u.now().UTC()
	list, err := u.store.InvitationsTo(ctx, box, now)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.Denied, "identity_unknown", nil)
	}
	if err != nil {
		return Account{}, err
	}
	if checkName(name) != nil {
		name, _, _ = strings.Cut(box, "@")
	}
	a := Account{User: User{Email: box, Name: strings.TrimSpace(name), CreatedAt: now}}
	if a.ID, err = newID(); err != nil {
		return a, err
	}
	for i, l := range list {
		e := Enrolment{Link: l, Account: a, Fresh: i == 0, Workspace: l.Workspace, Role: l.Role}
		if err := u.store.Enrol(ctx, e, now); err != nil {
			return a, err
		}
	}
	return a, nil
}
