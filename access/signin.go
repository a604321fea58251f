package access

import (
	"context"

	"campanario/internal/fault"
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Email    string
	Password string
	Code     string // of the second factor, or a recovery code; may be empty
}

// SignIn signs somebody in and gives their session's token.
//
// Whether there is such a user is not told: not by the answer (sign_in_invalid), not by the time it takes, and not by when
// it is refused to try again (sign_in_throttled). Only who knows the password learns that there is a second factor
// (second_factor_missing, second_factor_wrong).
func (u *Users) SignIn(ctx context.Context, c Credentials, v Visitor) (string, Principal, error) {
	list := buckets(c.mailbox(), v.From)
	a, err := u.verify(ctx, c, list)
	if err != nil {
		return "", Principal{}, err
	}
	return u.open(ctx, a, ByPassword, v, list)
}

// Meant gives the user whom an e-mail address is of, and their workspaces; none of either when it is nobody's. It is for the
// audit, and no answer may depend on it.
func (u *Users) Meant(ctx context.Context, email string) (user string, workspaces []string, err error) {
	a, err := u.store.AccountByEmail(ctx, Credentials{Email: email}.mailbox())
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", nil, err
	}
	if a.ID == "" {
		return "", nil, nil
	}
	all, err := u.store.WorkspacesOf(ctx, a.ID)
	for _, m := range all {
		workspaces = append(workspaces, m.Workspace)
	}
	return a.ID, workspaces, err
}

// mailbox is what tries are counted for: an address that is none is one like any other.
func (c Credentials) mailbox() string {
	if box := mailboxOf(c.Email); box != "" {
		return box
	}
	return "?"
}

// verify gives the account that the credentials prove. The try is not taken back.
func (u *Users) verify(ctx context.Context, c Credentials, list []Bucket) (Account, error) {
	if err := u.try(ctx, list); err != nil {
		return Account{}, err
	}
	a, err := u.store.AccountByEmail(ctx, c.mailbox())
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Account{}, err
	}
	known := err == nil
	ok, err := u.hasher.proves(ctx, c.Password, a.Password)
	switch {
	case err != nil:
		return Account{}, err
	case !known || !ok:
		return Account{}, fault.New(fault.Denied, "sign_in_invalid", nil)
	case a.Secret == "":
		return a, nil
	case c.Code == "":
		// Asking for the code is no try: the same person goes on at once.
		if err := u.store.Forgive(ctx, list); err != nil {
			return Account{}, err
		}
		return Account{}, fault.New(fault.Denied, "second_factor_missing", nil)
	}
	return a, u.useCode(ctx, a, c.Code)
}
