package access

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"campanario/internal/fault"
)

// User is a person who signs in. The same person may belong to several workspaces, with a role in each.
type User struct {
	ID        string
	Email     string // in small letters: it is what they sign in with, and nobody else has it
	Name      string
	Language  string // BCP 47; empty is what their browser asks for
	CreatedAt time.Time
	Factor    bool // whether they sign in with a second factor
}

// Account is a user with what proves who they are. It never leaves this package and its store.
type Account struct {
	User
	Password string // argon2id; empty while they have none
	Secret   string // of the second factor, sealed; empty without one
	Pending  string // the secret of a second factor that is being set up, sealed
	Step     int64  // the last time step whose code was used
}

// Member is a user as one workspace knows them.
type Member struct {
	User
	Role     Role
	JoinedAt time.Time
	SeenAt   time.Time // when they last did something in this workspace, exact to the minute; zero if never or long ago
}

// Membership is a workspace as one user knows it.
type Membership struct {
	Workspace string
	Name      string
	Role      Role
}

// maxEmail is how long a mailbox may be (RFC 5321 4.5.3.1.3, without the brackets).
const maxEmail = 254

// mailboxOf is an e-mail address as it is compared: in small letters. Empty for what is no plain address.
func mailboxOf(raw string) string {
	raw = strings.TrimSpace(raw)
	if len(raw) > maxEmail || !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return ""
	}
	a, err := mail.ParseAddress(raw)
	if err != nil || a.Address != raw {
		return ""
	}
	if _, host, _ := strings.Cut(raw, "@"); !strings.Contains(strings.Trim(host, "."), ".") || strings.HasPrefix(host, "[") {
		return ""
	}
	return strings.ToLower(raw)
}

// checkEmail gives the mailbox of an address, and what is wrong with it.
func checkEmail(raw string) (string, fault.List) {
	box := mailboxOf(raw)
	switch {
	case strings.TrimSpace(raw) == "":
		return "", fault.List{fault.New(fault.Invalid, "required", nil).At("email")}
	case box == "":
		return "", fault.List{fault.New(fault.Invalid, "email_invalid", nil).At("email")}
	default:
		return box, nil
	}
}

// checkLanguage refuses what is no language; empty is none in particular.
func checkLanguage(tag string) fault.List {
	if tag == "" {
		return nil
	}
	if _, err := language.Parse(tag); err != nil || len(tag) > 35 {
		return fault.List{fault.New(fault.Invalid, "language_invalid", fault.Params{"value": clip(tag)}).At("language")}
	}
	return nil
}
