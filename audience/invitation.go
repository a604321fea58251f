package audience

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"campanario/channel"
	"campanario/internal/fault"
)

// InvitationPath is where invitations lead to, followed by a token.
const InvitationPath = "/c/"

// ErrInvitation says that a token is not one of ours, or not whole.
var ErrInvitation = errors.New("audience: not a valid invitation")

// Invitation asks a contact for consent, or lets them take it back.
type Invitation struct {
	Workspace string       `json:"w"`
	Contact   string       `json:"c"` // their id
	Channel   channel.Kind `json:"k,omitempty"`
	Line      string       `json:"l,omitempty"`
}

// Invitations makes and reads signed links to the page of consent: base64url of a version byte, the invitation's JSON and
// the first 16 bytes of an HMAC-SHA256 over both. They never end: what was given by one must be possible to take back. It
// is immutable and safe for concurrent use.
type Invitations struct {
	base string
	keys [][]byte // the first signs
}

const (
	invitationVersion = 1
	invitationMAC     = 16
	longestInvitation = 2000 // letters; longer ones are not looked at
)

// NewInvitations refuses a base that nobody could follow, and keys of less than 32 bytes. former keys open the links that
// they signed.
func NewInvitations(base string, key []byte, former ...[]byte) (*Invitations, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("audience: %q is no base for links", base)
	}
	keys := append([][]byte{key}, former...)
	for i, k := range keys {
		if len(k) < 32 {
			return nil, fmt.Errorf("audience: a key of %d bytes for links; 32 are needed", len(k))
		}
		keys[i] = slices.Clone(k)
	}
	return &Invitations{base: strings.TrimSuffix(base, "/") + InvitationPath, keys: keys}, nil
}

// URL is the invitation's link.
func (v *Invitations) URL(i Invitation) (string, error) {
	body, err := json.Marshal(i)
	if err != nil {
		return "", err
	}
	b := append([]byte{invitationVersion}, body...)
	return v.base + base64.RawURLEncoding.EncodeToString(append(b, signature(v.keys[0], b)...)), nil
}

// Parse gives the invitation of a token, or ErrInvitation.
func (v *Invitations) Parse(token string) (Invitation, error) {
	var i Invitation
	if len(token) > longestInvitation {
		return i, ErrInvitation
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 1+invitationMAC || b[0] != invitationVersion {
		return i, ErrInvitation
	}
	body, sum := b[:len(b)-invitationMAC], b[len(b)-invitationMAC:]
	good := false
	for _, k := range v.keys {
		good = hmac.Equal(signature(k, body), sum) || good
	}
	if !good {
		return i, ErrInvitation
	}
	if err := json.Unmarshal(body[1:], &i); err != nil {
		return Invitation{}, ErrInvitation
	}
	return i, nil
}

func signature(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write(body)
	return h.Sum(nil)[:invitationMAC]
}

// Invite makes the link by which a contact gives consent to a channel and a line (empty for every one), or takes it back.
func (s *Consents) Invite(ctx context.Context, workspace, contact string, k channel.Kind, line string) (string, error) {
	if s.o.Links == nil {
		return "", fault.New(fault.Conflict, "base_url_missing", nil)
	}
	if err := checkChannel(k).Err(); err != nil {
		return "", err
	}
	if _, err := s.o.Contacts.Get(ctx, workspace, contact); err != nil {
		return "", err
	}
	if err := s.line(ctx, workspace, line); err != nil {
		return "", err
	}
	return s.o.Links.URL(Invitation{Workspace: workspace, Contact: contact, Channel: k, Line: line})
}
