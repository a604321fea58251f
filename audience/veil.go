package audience

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"campanario/channel"
)

// ErasedPerson is why an address must not be contacted whose owner was erased. Nobody gives it as a reason: it is found by the address's
// mark alone.
const ErasedPerson SuppressReason = "erased"

// Veil makes marks of addresses by which they are recognised and that tell nothing without the key: HMAC-SHA-256, of which 128 bits are
// kept. It is safe for concurrent use.
type Veil struct{ keys [][]byte }

// NewVeil makes a Veil: the first key makes marks, all of them recognise, so that a key can be replaced.
func NewVeil(keys ...[]byte) (*Veil, error) {
	if len(keys) == 0 {
		return nil, errors.New("audience: a veil needs a key")
	}
	for _, k := range keys {
		if len(k) < 16 {
			return nil, errors.New("audience: the key of a veil is too short")
		}
	}
	return &Veil{keys}, nil
}

// Mark is the mark of an address in a workspace, the same however a mailbox is written.
func (v *Veil) Mark(workspace string, a channel.Address) string { return mark(v.keys[0], workspace, a) }

// Marks are the marks that an address may have, by any of the keys.
func (v *Veil) Marks(workspace string, a channel.Address) []string {
	out := make([]string, len(v.keys))
	for i, k := range v.keys {
		out[i] = mark(k, workspace, a)
	}
	return out
}

// markBytes of a hash are kept.
const markBytes = 16

func mark(key []byte, workspace string, a channel.Address) string {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(workspace + "\x00" + strings.ToLower(string(a))))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:markBytes])
}
