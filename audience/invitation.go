package audience

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/public"
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

// Invitations makes and reads signed links to the page of consent. They never end: what was given by one must be possible
// to take back. It is immutable and safe for concurrent use.
type Invitations struct{ signed *public.Links }

const invitationVersion = 1

// NewInvitations refuses a base that nobody could follow, and keys of less than 32 bytes. former keys open the links that
// they signed.
func NewInvitations(base string, key []byte, former ...[]byte) (*Invitations, error) {
	signed, err := public.NewLinks(public.LinksOptions{Base: base, Path: InvitationPath, Key: key, Former: former, Version: invitationVersion})
	if err != nil {
		return nil, fmt.Errorf("audience: %w", err)
	}
	return &Invitations{signed}, nil
}

// URL is the invitation's link.
func (v *Invitations) URL(i Invitation) (string, error) {
	body, err := json.Marshal(i)
	if err != nil {
		return "", err
	}
	return v.signed.URL(body), nil
}

// Parse gives the invitation of a token, or ErrInvitation.
func (v *Invitations) Parse(token string) (Invitation, error) {
	var i Invitation
	body, ok := v.signed.Open(token)
	if !ok {
		return i, ErrInvitation
	}
	if err := json.Unmarshal(body, &i); err != nil {
		return Invitation{}, ErrInvitation
	}
	return i, nil
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
