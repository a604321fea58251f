package locale

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// message is a text taken apart.
type message []part

// part is a piece of a text: words, a value, or a piece that may be left out.
type part struct {
	words    string
	name     string  // of a value
	kind     string  // of the texts that the value is translated by, or one of formats
	one      string  // with other: the two forms of a word by number
	other    string  //
	forms    bool    // whether one and other are meant
	optional message // left out unless all its values are there
}

var errUnbalanced = errors.New("braces or brackets do not match")

// parse takes a text apart.
func parse(text string) (message, error) {
	m, rest, err := parseUntil(text, 0)
	if err == nil && rest != "" {
		err = errUnbalanced
	}
	return m, err
}

// parseUntil parses to the end, or to the bracket that closes.
func parseUntil(text string, end byte) (m message, rest string, err error) {
	var words strings.Builder
	flush := func() {
		if words.Len() > 0 {
			m = append(m, part{words: words.String()})
			words.Reset()
		}
	}
	for len(text) > 0 {
		c := text[0]
		switch {
		case strings.IndexByte("{}[]", c) >= 0 && len(text) > 1 && text[1] == c:
			words.WriteByte(c)
			text = text[2:]
		case c == '{':
			flush()
			inside, after, ok := strings.Cut(text[1:], "}")
			if !ok {
				return nil, "", errUnbalanced
			}
			p, err := parseValue(inside)
			if err != nil {
				return nil, "", err
			}
			m, text = append(m, p), after
		case c == '[' && end == 0:
			flush()
			inside, after, err := parseUntil(text[1:], ']')
			if err != nil {
				return nil, "", err
			}
			m, text = append(m, part{optional: inside}), after
		case c == end && end != 0:
			flush()
			return m, text[1:], nil
		case strings.IndexByte("{}[]", c) >= 0:
			return nil, "", errUnbalanced
		default:
			words.WriteByte(c)
			text = text[1:]
		}
	}
	flush()
	if end != 0 {
		return nil, "", errUnbalanced
	}
	return m, "", nil
}

func parseValue(s string) (part, error) {
	var p part
	forms := strings.Split(s, "|")
	switch len(forms) {
	case 1:
		p.name, p.kind, _ = strings.Cut(s, "@")
	case 3:
		p.name, p.one, p.other, p.forms = forms[0], forms[1], forms[2], true
	default:
		return p, fmt.Errorf("{%s}: not {name}, {name@kind} or {name|one|other}", s)
	}
	if p.name == "" || strings.Trim(p.name, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return p, fmt.Errorf("{%s}: no name of a value", s)
	}
	return p, nil
}

// names lists the values that a text needs, and those it says when they are there.
func (m message) names() (needed, optional []string) {
	for _, p := range m {
		switch {
		case p.name != "":
			needed = append(needed, p.name)
		case p.optional != nil:
			n, o := p.optional.names()
			optional = append(append(optional, n...), o...)
		}
	}
	return needed, optional
}

// missing stands where a value should be: a sentence with a gap says more than none.
const missing = "…"

func (m message) render(l Language, values map[string]any) string {
	var b strings.Builder
	for _, p := range m {
		switch {
		case p.optional != nil:
			if p.optional.complete(values) {
				b.WriteString(p.optional.render(l, values))
			}
		case p.name == "":
			b.WriteString(p.words)
		default:
			b.WriteString(p.value(l, values))
		}
	}
	return b.String()
}

func (m message) complete(values map[string]any) bool {
	needed, _ := m.names()
	for _, name := range needed {
		if !there(values[name]) {
			return false
		}
	}
	return true
}

// there reports whether a value says anything: empty texts and lists do not, the number 0 does.
func there(v any) bool {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Invalid:
		return false
	case reflect.String, reflect.Slice, reflect.Array:
		return r.Len() > 0
	default:
		return true
	}
}

func (p part) value(l Language, values map[string]any) string {
	v := values[p.name]
	if !there(v) {
		return missing
	}
	format := formats[p.kind]
	switch {
	case p.forms && single(l, v):
		return p.one
	case p.forms:
		return p.other
	case format != nil:
		return format(l, v)
	case p.kind != "":
		return translated(l, p.kind, v)
	default:
		return plain(l, v)
	}
}
