package agent

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Format says where a template's text goes, and so what is done to the values put into it.
type Format string

// The formats.
const (
	Text   Format = "text"   // spoken, or the plain part of a message: values as they are
	HTML   Format = "html"   // values lose their meaning as HTML
	Header Format = "header" // one line: line breaks and control characters become blanks
)

// Template is a text with variables in it, parsed once and rendered for every person. It is immutable and safe for
// concurrent use.
type Template struct {
	source string
	format Format
	parts  []part
	fixed  int // bytes of text that does not change
}

// part is a piece of fixed text, or a variable with or without a default.
type part struct {
	text string // the fixed text, or the default, ready for the format
	name string // folded name of the variable; empty for fixed text
	opt  bool   // there is a default
}

// Missing says which variables a person lacks. The person is not contacted; the attempt is stopped with this reason.
type Missing struct{ Names []string }

// Error names the variables, which are column names and no personal data.
func (m *Missing) Error() string {
	return fmt.Sprintf("agent: missing variables: %s", strings.Join(m.Names, ", "))
}

// missing is nil when nothing is.
func missing(names []string) error {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return &Missing{Names: slices.Compact(names)}
}

// Source is the text the template was parsed from.
func (t *Template) Source() string { return t.source }

// Names lists the variables that a person must have, sorted; those with a default are not among them.
func (t *Template) Names() []string { return t.names(false) }

// Optional lists the variables that have a default wherever they stand, sorted.
func (t *Template) Optional() []string {
	need := t.names(false)
	return slices.DeleteFunc(t.names(true), func(n string) bool { return slices.Contains(need, n) })
}

func (t *Template) names(opt bool) []string {
	var out []string
	for _, p := range t.parts {
		if p.name != "" && p.opt == opt {
			out = append(out, p.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Empty reports whether the template has no text at all.
func (t *Template) Empty() bool { return t == nil || len(t.parts) == 0 }

// Render puts the values in. A person who lacks a variable gets a *Missing with all the names that this template
// wants of them.
func (t *Template) Render(v Variables) (string, error) {
	if len(t.parts) == 1 && t.parts[0].name == "" {
		return t.parts[0].text, nil
	}
	out := make([]byte, 0, t.fixed+32*len(t.parts))
	var lacking []string
	for _, p := range t.parts {
		if p.name == "" {
			out = append(out, p.text...)
			continue
		}
		switch value, ok := v.Lookup(p.name); {
		case !ok && p.opt:
			out = append(out, p.text...)
		case !ok:
			lacking = append(lacking, p.name)
		default:
			out = append(out, t.format.escape(value)...)
		}
	}
	if err := missing(lacking); err != nil {
		return "", err
	}
	return string(out), nil
}

// escape makes a value safe where the format puts it.
func (f Format) escape(s string) string {
	switch f {
	case HTML:
		if !strings.ContainsAny(s, `&<>"'`) {
			return s
		}
		return html.EscapeString(s)
	case Header:
		return oneLine(s)
	default:
		return s
	}
}

// oneLine makes each run of line breaks and control characters one blank.
func oneLine(s string) string {
	if strings.IndexFunc(s, breaks) < 0 {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, breaks), " ")
}

func breaks(r rune) bool {
	return r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 || r == '\u2028' || r == '\u2029'
}
