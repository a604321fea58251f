// Package fold makes the keys by which texts are searched: without regard to case and accents, in every language and on
// every database alike.
package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Key is the text in small letters without accents, with single blanks. Two texts that people would call the same have
// the same key, and the key of a key is itself.
func Key(s string) string {
	if key, ok := western(s); ok {
		return key
	}
	return general(s)
}

// letters are those that Unicode does not take apart although people type them without their stroke.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// general folds whatever there is.
func general(s string) string {
	// Some letters fall apart only once they are small, and some are small only once they have fallen apart.
	for {
		key := once(s)
		if key == s {
			return key
		}
		s = key
	}
}

func once(s string) string {
	s = letters.Replace(strings.ToLower(norm.NFKD.String(strings.ToValidUTF8(s, ""))))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Cf):
			return -1
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		default:
			return r
		}
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// latin are the letters from U+00C0 to U+00FF, folded.
var latin = sync.OnceValue(func() (out [64]string) {
	for i := range out {
		out[i] = general(string(rune(0xc0 + i)))
	}
	return out
})

// western folds what consists of ASCII and the letters of western Europe, which is most of what there is, twenty times as
// fast; false for anything else. It does not copy what is a key already.
func western(s string) (string, bool) {
	if i := clean(s); i == len(s) {
		return s, true
	}
	b := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c <= ' ' || c == 0x7f:
			if len(b) == 0 || b[len(b)-1] == ' ' {
				continue
			}
			b = append(b, ' ')
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		case c < utf8.RuneSelf:
			b = append(b, c)
		case c == 0xc3 && i+1 < len(s) && s[i+1]&0xc0 == 0x80:
			i++
			b = append(b, latin()[s[i]&0x3f]...)
		default:
			return "", false
		}
	}
	if n := len(b); n > 0 && b[n-1] == ' ' {
		b = b[:n-1]
	}
	return string(b), true
}

// clean is how far nothing is to be done.
func clean(s string) int {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' || c < ' ' || c == 0x7f || c == ' ' && blank {
			return i
		}
		blank = c == ' '
	}
	if blank && s != "" {
		return len(s) - 1
	}
	return len(s)
}
