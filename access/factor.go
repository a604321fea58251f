package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"campanario/internal/fault"
)

// FactorStore keeps second factors.
type FactorStore interface {
	// SetPending keeps the sealed secret of a factor that is being set up.
	SetPending(ctx context.Context, user, sealed string) error
	// SetFactor makes the pending secret the one that counts, with fresh recovery codes, and ends all sessions but one.
	SetFactor(ctx context.Context, user, sealed string, step int64, codes []string, but string) error
	// DropFactor takes the factor and its codes away.
	DropFactor(ctx context.Context, user string) error
	SetCodes(ctx context.Context, user string, codes []string) error
	CodesLeft(ctx context.Context, user string) (int, error)
	// UseStep notes that the code of a time step was used; false when it, or a later one, was before.
	UseStep(ctx context.Context, user string, step int64) (bool, error)
	// UseCode uses a recovery code up; false when there is no such.
	UseCode(ctx context.Context, user, hash string) (bool, error)
}

const (
	// period is how long a code is shown (RFC 6238 5.2).
	period = 30
	// skew is how many periods a clock may be wrong.
	skew = 1
	// issuer is what the app on the telephone says the code is for.
	issuer = "Campanário"

	recoveryCodes = 10
	recoveryBytes = 10 // of each: 16 letters, 80 bits, which nobody can try all of
)

// Setup is what an app for codes needs.
type Setup struct {
	Secret string // in base32, for typing in
	URL    string // otpauth://…, for a picture that is read by a camera
}

// BeginFactor begins to set up a second factor: one's password is asked for again. What was begun before is dropped.
func (u *Users) BeginFactor(ctx context.Context, by Principal, v Visitor, password string) (Setup, error) {
	a, err := u.prove(ctx, by, v, password)
	if err != nil {
		return Setup{}, err
	}
	if a.Secret != "" {
		return Setup{}, fault.New(fault.Conflict, "second_factor_there", nil)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: a.Email})
	if err != nil {
		return Setup{}, err
	}
	sealed, err := u.secrets.Seal([]byte(key.Secret()))
	if err != nil {
		return Setup{}, err
	}
	return Setup{key.Secret(), key.URL()}, u.store.SetPending(ctx, a.ID, sealed)
}

// ConfirmFactor ends the setting up by a first code, and gives the recovery codes, which are shown this once. All other
// sessions end.
func (u *Users) ConfirmFactor(ctx context.Context, by Principal, v Visitor, code string) ([]string, error) {
	a, err := u.store.Account(ctx, by.User)
	if err != nil {
		return nil, err
	}
	if a.Pending == "" {
		return nil, fault.New(fault.Conflict, "second_factor_not_begun", nil)
	}
	list := buckets(a.Email, v.From)
	if err := u.try(ctx, list); err != nil {
		return nil, err
	}
	step, ok, err := u.stepOf(a.Pending, code, 0)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.Invalid, "code_wrong", nil).At("code")
	}
	codes, hashes := newCodes(by.User)
	if err := u.store.SetFactor(ctx, a.ID, a.Pending, step, hashes, by.Session); err != nil {
		return nil, err
	}
	return codes, u.store.Forgive(ctx, list)
}

// EndFactor takes the second factor away: for that, one's password and a code are asked for again.
func (u *Users) EndFactor(ctx context.Context, by Principal, v Visitor, password, code string) error {
	if err := u.proveBoth(ctx, by, v, password, code); err != nil {
		return err
	}
	return u.store.DropFactor(ctx, by.User)
}

// RenewCodes makes fresh recovery codes; the former ones end.
func (u *Users) RenewCodes(ctx context.Context, by Principal, v Visitor, password, code string) ([]string, error) {
	if err := u.proveBoth(ctx, by, v, password, code); err != nil {
		return nil, err
	}
	codes, hashes := newCodes(by.User)
	return codes, u.store.SetCodes(ctx, by.User, hashes)
}

func (u *Users) proveBoth(ctx context.Context, by Principal, v Visitor, password, code string) error {
	a, err := u.prove(ctx, by, v, password)
	if err != nil {
		return err
	}
	if a.Secret == "" {
		return fault.New(fault.Conflict, "second_factor_not_there", nil)
	}
	list := buckets(a.Email, v.From)
	if err := u.try(ctx, list); err != nil {
		return err
	}
	if err := u.useCode(ctx, a, code); err != nil {
		return fault.New(fault.Invalid, "code_wrong", nil).At("code").Because(err)
	}
	return u.store.Forgive(ctx, list)
}

// useCode takes a code of the second factor, or a recovery code; each counts once. second_factor_wrong otherwise.
func (u *Users) useCode(ctx context.Context, a Account, code string) error {
	wrong := fault.New(fault.Denied, "second_factor_wrong", nil)
	code = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if len(code) > 64 {
		return wrong
	}
	if len(code) != 6 {
		ok, err := u.store.UseCode(ctx, a.ID, hashOf(a.ID+" "+code))
		if err == nil && !ok {
			err = wrong
		}
		return err
	}
	step, ok, err := u.stepOf(a.Secret, code, a.Step)
	if err != nil {
		return err
	}
	if ok {
		ok, err = u.store.UseStep(ctx, a.ID, step)
	}
	if err == nil && !ok {
		err = wrong
	}
	return err
}

// stepOf finds the time step, later than one that was used, whose code this is.
func (u *Users) stepOf(sealed, code string, after int64) (int64, bool, error) {
	secret, err := u.secrets.Open(sealed)
	if err != nil {
		return 0, false, err
	}
	code = strings.ReplaceAll(code, " ", "")
	now := u.now().Unix() / period
	found, ok := int64(0), false
	for step := now - skew; step <= now+skew; step++ {
		want, err := totp.GenerateCode(string(secret), time.Unix(step*period, 0))
		if err != nil {
			return 0, false, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > after {
			found, ok = step, true
		}
	}
	return found, ok, nil
}

// newCodes makes recovery codes as people write them down, and the hashes that are kept.
func newCodes(user string) (codes, hashes []string) {
	for range recoveryCodes {
		b := make([]byte, recoveryBytes)
		_, _ = rand.Read(b) // never fails
		c := letters.EncodeToString(b)
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		hashes = append(hashes, hashOf(user+" "+c))
	}
	return codes, hashes
}
