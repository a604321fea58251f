package audience

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// titles come before names and are none.
var titles = []string{
	"sr", "sra", "srta", "sr(a)", "dr", "dra", "prof", "profa", "eng", "dom", "dona", "d", "seu", "señor", "señora", "don", "doña",
	"lic", "ing", "mr", "mrs", "ms", "miss",
}

// FirstName is what to call a person by: the first word of the name, past titles; of "Souza, Ana Paula" the first after
// the comma. A name all in capitals or all in small letters is given its capital. Empty when there is no name.
func FirstName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	if family, given, ok := strings.Cut(name, ","); ok && strings.TrimSpace(given) != "" && strings.TrimSpace(family) != "" {
		name = given
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	for len(words) > 1 && slices.Contains(titles, strings.ToLower(strings.TrimRight(words[0], "."))) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	first := strings.Trim(words[0], `.,;:"`)
	if strings.ToUpper(name) == name || strings.ToLower(name) == name {
		return capital(first)
	}
	return first
}

// capital writes a word with a capital at its start and after a hyphen or an apostrophe: "Ana-Rosa", "D'Ávila".
func capital(s string) string {
	var b strings.Builder
	start := true
	for _, r := range s {
		if start {
			b.WriteRune(unicode.ToTitle(r))
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
		start = r == '-' || r == '\'' || r == '’'
	}
	return b.String()
}

// letters are those that Unicode does not take apart although people type them without their stroke.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// Fold makes the key by which text is searched: small letters without accents, single spaces. Two texts that people
// would call the same have the same key, and folding a key changes nothing.
func Fold(s string) string {
	if key, ok := foldASCII(s); ok {
		return key
	}
	// Some letters fall apart only once they are small, and some are small only once they have fallen apart.
	for {
		key := fold(s)
		if key == s {
			return key
		}
		s = key
	}
}

func fold(s string) string {
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

// foldASCII is Fold for text without letters beyond ASCII. It does not copy what is a key already.
func foldASCII(s string) (string, bool) {
	clean, space := true, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return "", false
		}
		if c >= 'A' && c <= 'Z' || c < ' ' || c == 0x7f || c == ' ' && space {
			clean = false
		}
		space = c == ' '
	}
	if clean && (s == "" || !space) {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c <= ' ' || c == 0x7f:
			if len(b) == 0 || b[len(b)-1] == ' ' {
				continue
			}
			c = ' '
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	if n := len(b); n > 0 && b[n-1] == ' ' {
		b = b[:n-1]
	}
	return string(b), true
}
