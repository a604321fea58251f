package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"
)

// Key is what is known of an API key. The secret is not.
type Key struct {
	ID         string
	Workspace  string
	Name       string
	Scopes     Scopes
	CreatedAt  time.Time
	LastUsedAt time.Time // exact to the minute; zero if never
	RevokedAt  time.Time // zero unless somebody revoked it
	EndsAt     time.Time // when it ends by itself; zero for never
}

// Good reports whether a program can come in by the key at an instant.
func (k Key) Good(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.EndsAt.IsZero() || now.Before(k.EndsAt))
}

const (
	keyPrefix     = "cmp_" // of API keys
	sessionPrefix = "cms_" // of sessions
	linkPrefix    = "cml_" // of links that are used once
	idBytes       = 10
	idLength      = 16
	secretSize    = 32
	secretLen     = 52
)

// letters are those of base32 as people write them: small, and without i, l, o and u.
var letters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newKey makes an id and a token that nobody can guess, and the hash that is kept of it.
func newKey() (id, token, hash string) { return newToken(keyPrefix) }

func newToken(prefix string) (id, token, hash string) {
	b := make([]byte, idBytes+secretSize)
	_, _ = rand.Read(b) // never fails
	id = letters.EncodeToString(b[:idBytes])
	secret := letters.EncodeToString(b[idBytes:])
	return id, prefix + id + "_" + secret, hashOf(secret)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// parseKey takes the token of a key apart; false for what cannot be one.
func parseKey(token string) (id, secret string, ok bool) { return parseToken(keyPrefix, token) }

func parseToken(prefix, token string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(token, prefix)
	if !ok {
		return "", "", false
	}
	id, secret, ok = strings.Cut(rest, "_")
	if !ok || len(id) != idLength || len(secret) != secretLen {
		return "", "", false
	}
	return id, secret, plain(id) && plain(secret)
}

func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// proves compares in a time that does not tell how much of the secret was right.
func proves(secret, hash string) bool {
	return subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(hash)) == 1
}
