package email

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"campanario/channel"
	"campanario/internal/public"
)

// What a link says: workspace, channel, address, campaign, recipient, each with its length before it. A field's length byte
// is 0 to 254; 255 stands before the 16 bytes of a UUID, which most ids are. A token of UUIDs is about 150 letters long. It
// never ends: RFC 8058 and the law want a link to work for as long as the message is kept.
const (
	tokenVersion = 1
	tokenFields  = 5
	tokenUUID    = 255
)

// Path is where Unsubscribe serves links, followed by a token.
const Path = "/u/"

// ErrToken says that a token is not one of ours, or not whole.
var ErrToken = errors.New("email: not a valid link")

// Target is whom a link takes off what.
type Target struct {
	Workspace string
	Channel   channel.Kind
	Address   channel.Address
	Campaign  string
	Recipient string
}

// LinksOptions are what links are made with.
type LinksOptions struct {
	Base string // where the program is reached from outside, such as https://mail.example.com
	Key  []byte // at least 32 secret bytes, the same on all nodes and for as long as links are to work
	// Former keys still open the links they signed.
	Former [][]byte
}

// Links makes and reads signed links. It is immutable and safe for concurrent use.
type Links struct{ signed *public.Links }

// NewLinks refuses a short key and a base that no mail program could follow.
func NewLinks(o LinksOptions) (*Links, error) {
	signed, err := public.NewLinks(public.LinksOptions{Base: o.Base, Path: Path, Key: o.Key, Former: o.Former, Version: tokenVersion})
	if err != nil {
		return nil, fmt.Errorf("email: %w", err)
	}
	return &Links{signed}, nil
}

// URL is the target's link.
func (l *Links) URL(t Target) (string, error) {
	body, err := bodyOf(t)
	if err != nil {
		return "", err
	}
	return l.signed.URL(body), nil
}

// Token is what stands at the end of the target's link. Fields longer than 254 bytes are refused.
func (l *Links) Token(t Target) (string, error) {
	body, err := bodyOf(t)
	if err != nil {
		return "", err
	}
	return l.signed.Token(body), nil
}

func bodyOf(t Target) ([]byte, error) {
	b := make([]byte, 0, 160)
	for _, f := range []string{t.Workspace, string(t.Channel), string(t.Address), t.Campaign, t.Recipient} {
		if id, err := uuid.Parse(f); err == nil && id.String() == f {
			b = append(append(b, tokenUUID), id[:]...)
			continue
		}
		if len(f) >= tokenUUID {
			return nil, fmt.Errorf("%w: a field of %d bytes", ErrToken, len(f))
		}
		b = append(append(b, byte(len(f))), f...)
	}
	return b, nil
}

// Parse gives the target of a token, or ErrToken. Whether the signature is right takes the same time for every wrong one.
func (l *Links) Parse(token string) (Target, error) {
	rest, ok := l.signed.Open(token)
	if !ok {
		return Target{}, ErrToken
	}
	var f [tokenFields]string
	for i := range f {
		var ok bool
		if f[i], rest, ok = cutField(rest); !ok {
			return Target{}, ErrToken
		}
	}
	if len(rest) > 0 {
		return Target{}, ErrToken
	}
	return Target{f[0], channel.Kind(f[1]), channel.Address(f[2]), f[3], f[4]}, nil
}

// cutField takes the first field off b.
func cutField(b []byte) (field string, rest []byte, ok bool) {
	if len(b) == 0 {
		return "", nil, false
	}
	n, b := int(b[0]), b[1:]
	if n == tokenUUID {
		if len(b) < 16 {
			return "", nil, false
		}
		return uuid.UUID(b[:16]).String(), b[16:], true
	}
	if len(b) < n {
		return "", nil, false
	}
	return string(b[:n]), b[n:], true
}
