package audience

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"campanario/internal/fold"
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

// Fold makes the key by which text is searched: small letters without accents, single spaces. Two texts that people
// would call the same have the same key, and folding a key changes nothing.
func Fold(s string) string { return fold.Key(s) }
