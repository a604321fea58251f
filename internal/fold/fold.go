// Package fold makes the keys by which texts are searched: without regard to case and accents, in every language and on
// every database alike.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Key is the text in lower case, without accents, with single blanks.
func Key(s string) string {
	if plain(s) {
		return s
	}
	t := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	out, _, err := transform.String(t, s)
	if err != nil { // ill-formed text is searched as it is
		out = s
	}
	return strings.Join(strings.Fields(strings.ToLower(out)), " ")
}

// plain reports whether nothing is to be done, as is the case with nearly all numbers and addresses.
func plain(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || c >= 'A' && c <= 'Z' || c < ' ' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}
