package mailbox

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const cramMD5 = "CRAM-MD5"

// authenticator is the server's side of one sign-in; done is called when the password was right.
func authenticator(mechanism, user, password string, done func()) (sasl.Server, error) {
	check := func(u, p string) error {
		if subtle.ConstantTimeCompare([]byte(u), []byte(user))&subtle.ConstantTimeCompare([]byte(p), []byte(password)) == 0 {
			return smtp.ErrAuthFailed
		}
		done()
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, u, p string) error { return check(u, p) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	case cramMD5:
		return &cramServer{user: user, password: password, done: done}, nil
	default:
		return nil, smtp.ErrAuthUnknownMechanism
	}
}

// loginServer asks for the two in turn (draft-murchison-sasl-login). A client may send the name with the command.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

func (l *loginServer) Next(answer []byte) ([]byte, bool, error) {
	if answer == nil {
		return []byte("Username:"), false, nil
	}
	l.step++
	if l.step == 1 {
		l.user = string(answer)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(answer))
}

// cramServer is CRAM-MD5 (RFC 2195).
type cramServer struct {
	user, password string
	challenge      []byte
	done           func()
}

func (c *cramServer) Next(answer []byte) ([]byte, bool, error) {
	if c.challenge == nil {
		c.challenge = []byte("<" + rand.Text() + "@sandbox.invalid>")
		return c.challenge, false, nil
	}
	mac := hmac.New(md5.New, []byte(c.password))
	mac.Write(c.challenge)
	want := c.user + " " + hex.EncodeToString(mac.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(string(answer))), []byte(want)) == 0 {
		return nil, true, smtp.ErrAuthFailed
	}
	c.done()
	return nil, true, nil
}
