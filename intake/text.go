package intake

import (
	"strings"
	"unicode"
)

// clean makes a value of a cell: tidy, and without what spreadsheets need to leave text alone.
func clean(s string) string {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	switch {
	case s == "":
	case s[0] == '\'':
		s = Unsafe(s)
	case s[0] == '=':
		s = literal(strings.TrimSpace(s))
	}
	return tidy(s)
}

// tidy takes off spaces around a value, and characters that control a terminal or a printer. Line ends inside stay, as
// LF.
func tidy(s string) string {
	s = strings.TrimSpace(s)
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c == 0xc2 || c == 0xe2 || c == 0xef {
			return uncontrolled(s)
		}
	}
	return s
}

// uncontrolled takes out control characters (C0 and C1) and those that are not seen, with a space for those that had a meaning.
func uncontrolled(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r == '\v' || r == '\f':
			return ' '
		case unicode.IsControl(r), unseen(r):
			return -1
		default:
			return r
		}
	}, s))
}

// unseen reports whether a letter shows nothing and only turns the text around or hides in it. The two joiners stay: some
// scripts, and many emoji, are written with them.
func unseen(r rune) bool {
	switch r {
	case '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	default:
		return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	}
}

// oneLine puts what stands on several lines on one.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\n\t") {
		return strings.Join(strings.Fields(s), " ")
	}
	return strings.TrimSpace(s)
}

// literal is the text in ="…", by which people keep spreadsheets from taking a text for a number.
func literal(s string) string {
	if len(s) >= 3 && strings.HasPrefix(s, `="`) && s[len(s)-1] == '"' && !strings.Contains(s[2:len(s)-1], `"`) {
		return s[2 : len(s)-1]
	}
	return s
}

// formula reports whether a spreadsheet would run the cell where a contact, a name or a code should be.
func formula(s string) bool { return s != "" && s[0] == '=' }

// language writes a BCP 47 tag as it should be: pt_br is pt-BR. false for what is none. Only the shape is looked at.
func language(s string) (string, bool) {
	parts := strings.Split(strings.ReplaceAll(s, "_", "-"), "-")
	if len(s) > 35 {
		return "", false
	}
	for i, p := range parts {
		if p == "" || len(p) > 8 || !alphanumeric(p) {
			return "", false
		}
		switch {
		case i == 0:
			if len(p) < 2 || len(p) > 3 || strings.ContainsAny(p, "0123456789") {
				return "", false
			}
			parts[i] = strings.ToLower(p)
		case len(p) == 2:
			parts[i] = strings.ToUpper(p)
		case len(p) == 4 && !strings.ContainsAny(p, "0123456789"):
			parts[i] = strings.ToUpper(p[:1]) + strings.ToLower(p[1:])
		default:
			parts[i] = strings.ToLower(p)
		}
	}
	return strings.Join(parts, "-"), true
}

func alphanumeric(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
