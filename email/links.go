package email

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"campanario/channel"
)

// A token is base64url (RFC 4648 5, unpadded) of
//
//	version   one byte, 1
//	fields    workspace, channel, address, campaign, recipient, each with its length before it
//	mac       the first 16 bytes of HMAC-SHA256 over all that stands before
//
// A field's length byte is 0 to 254; 255 stands before the 16 bytes of a UUID, which most ids are. A token of UUIDs is
// about 150 letters long. It never ends: RFC 8058 and the law want a link to work for as long as the message is kept.
const (
	tokenVersion = 1
	tokenMAC     = 16
	tokenFields  = 5
	tokenUUID    = 255
	longestToken = 2000 // letters; longer ones are not looked at
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
type Links struct {
	base string
	keys [][]byte // the first signs
}

// NewLinks refuses a short key and a base that no mail program could follow.
func NewLinks(o LinksOptions) (*Links, error) {
	for _, k := range append([][]byte{o.Key}, o.Former...) {
		if len(k) < 32 {
			return nil, fmt.Errorf("email: a key of %d bytes for links; 32 are needed", len(k))
		}
	}
	u, err := url.Parse(o.Base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("email: %q is no base for links", o.Base)
	}
	keys := [][]byte{slices.Clone(o.Key)}
	for _, k := range o.Former {
		keys = append(keys, slices.Clone(k))
	}
	return &Links{base: strings.TrimSuffix(o.Base, "/") + Path, keys: keys}, nil
}

// URL is the target's link.
func (l *Links) URL(t Target) (string, error) {
	token, err := l.Token(t)
	if err != nil {
		return "", err
	}
	return l.base + token, nil
}

// Token is what stands at the end of the target's link. Fields longer than 254 bytes are refused.
func (l *Links) Token(t Target) (string, error) {
	b := make([]byte, 1, 160)
	b[0] = tokenVersion
	for _, f := range []string{t.Workspace, string(t.Channel), string(t.Address), t.Campaign, t.Recipient} {
		if id, err := uuid.Parse(f); err == nil && id.String() == f {
			b = append(append(b, tokenUUID), id[:]...)
			continue
		}
		if len(f) >= tokenUUID {
			return "", fmt.Errorf("%w: a field of %d bytes", ErrToken, len(f))
		}
		b = append(append(b, byte(len(f))), f...)
	}
	return base64.RawURLEncoding.EncodeToString(append(b, mac(l.keys[0], b)...)), nil
}

// Parse gives the target of a token, or ErrToken. Whether the signature is right takes the same time for every wrong one.
func (l *Links) Parse(token string) (Target, error) {
	if len(token) > longestToken {
		return Target{}, ErrToken
	}
	// Strict: of the many spellings of the last letter only ours is taken, so that a target has one link.
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 1+tokenFields+tokenMAC || b[0] != tokenVersion {
		return Target{}, ErrToken
	}
	body, sum := b[:len(b)-tokenMAC], b[len(b)-tokenMAC:]
	good := false
	for _, k := range l.keys {
		if hmac.Equal(mac(k, body), sum) {
			good = true
		}
	}
	if !good {
		return Target{}, ErrToken
	}
	var f [tokenFields]string
	rest := body[1:]
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

func mac(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil)[:tokenMAC]
}
