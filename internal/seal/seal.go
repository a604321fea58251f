// Package seal encrypts what must not be readable in the database: passwords of trunks and mail servers, private keys.
//
// A sealed text is
//
//	v1.<key id>.<base64url of a nonce and the ciphertext>
//
// made with AES-256-GCM under a nonce of its own. What stands before the last dot is authenticated too, so neither the
// version nor the key's id can be exchanged. The id is derived from the key and tells nothing about it; by it a text of
// another key is recognised and refused as such, instead of as damaged.
//
// A Sealer may hold several keys: it seals with the first and opens with all of them, so that a key can be replaced
// without touching everything that was sealed with the old one.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"campanario/internal/fault"
)

// KeySize is how long a key is, in bytes.
const KeySize = 32

const version = "v1"

// Sealer seals and opens. It is safe for concurrent use.
type Sealer struct {
	first string
	keys  map[string]cipher.AEAD // by id
	raw   [][]byte
}

// New makes a Sealer of keys of KeySize bytes: the first one seals, all of them open. A key of another size is the fault
// secret_key_invalid.
func New(keys ...[]byte) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, fault.New(fault.Invalid, "secret_key_missing", nil)
	}
	s := &Sealer{keys: map[string]cipher.AEAD{}}
	for i, key := range keys {
		if len(key) != KeySize {
			return nil, fault.New(fault.Invalid, "secret_key_invalid", fault.Params{"bytes": KeySize})
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		// The nonce stands before the ciphertext and is chosen by the implementation.
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		id := keyID(key)
		if i == 0 {
			s.first = id
		}
		s.keys[id] = aead
		s.raw = append(s.raw, slices.Clone(key))
	}
	return s, nil
}

// Derive gives secrets for a purpose that has nothing to do with sealing, such as the signing of links: one of each key,
// in their order. They tell nothing about the keys, and are the same wherever the keys are.
func (s *Sealer) Derive(purpose string) ([][]byte, error) {
	out := make([][]byte, len(s.raw))
	for i, key := range s.raw {
		var err error
		if out[i], err = hkdf.Key(sha256.New, key, nil, "campanario "+purpose, KeySize); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keyID names a key without telling anything about it.
func keyID(key []byte) string {
	sum := sha256.Sum256(append([]byte("campanario key id\x00"), key...))
	return hex.EncodeToString(sum[:4])
}

// KeyID names the key that seals.
func (s *Sealer) KeyID() string { return s.first }

// Seal encrypts. The same text is never sealed to the same result twice.
func (s *Sealer) Seal(plain []byte) (string, error) {
	head := version + "." + s.first + "."
	box := s.keys[s.first].Seal(nil, nil, plain, []byte(head))
	return head + base64.RawURLEncoding.EncodeToString(box), nil
}

// Open decrypts what Seal made. The fault secret_key_other says that another key made it, secret_damaged that nobody can
// read it any more.
func (s *Sealer) Open(sealed string) ([]byte, error) {
	damaged := fault.New(fault.Internal, "secret_damaged", nil)
	v, rest, ok := strings.Cut(sealed, ".")
	id, text, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || v != version {
		return nil, damaged
	}
	key := s.keys[id]
	if key == nil {
		return nil, fault.New(fault.Unavailable, "secret_key_other", fault.Params{"made_by": clip(id), "have": s.first})
	}
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, damaged.Because(err)
	}
	plain, err := key.Open(nil, nil, box, []byte(v+"."+id+"."))
	if err != nil {
		return nil, damaged.Because(err)
	}
	return plain, nil
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 16)], "?") }

// NewKey makes a random key.
func NewKey() []byte {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	return key
}

// ParseKeys reads one or more keys with commas between them, each of 32 bytes in hexadecimal or base64. What cannot be
// read is the fault secret_key_invalid; the text itself is in no error.
func ParseKeys(text string) ([][]byte, error) {
	var out [][]byte
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		key, ok := parseKey(part)
		if !ok {
			return nil, fault.New(fault.Invalid, "secret_key_invalid", fault.Params{"bytes": KeySize})
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "secret_key_missing", nil)
	}
	return out, nil
}

func parseKey(s string) ([]byte, bool) {
	if b, err := hex.DecodeString(s); err == nil && len(b) == KeySize {
		return b, true
	}
	s = strings.TrimRight(s, "=")
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s); err == nil && len(b) == KeySize {
			return b, true
		}
	}
	return nil, false
}
