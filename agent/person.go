package agent

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Variables are the values that a template may use, by folded name (see Key).
type Variables map[string]string

// Lookup gives the value of a folded name; false when there is none or it is blank, because a blank in a sentence is
// a hole too.
func (v Variables) Lookup(key string) (string, bool) {
	s, ok := v[key]
	if !ok || strings.TrimSpace(s) == "" {
		return "", false
	}
	return s, true
}

// Clone is an independent copy, never nil.
func (v Variables) Clone() Variables {
	out := make(Variables, len(v)+4)
	maps.Copy(out, v)
	return out
}

// Person is what a recipient's file says of them, as far as templates are concerned.
type Person struct {
	Name      string
	Contact   string // number or mailbox, as it will be contacted
	ID        string
	Context   string    // free text, or a JSON object whose members become variables too
	Wildcards [5]string // R's CORINGA 1 to 5
	Extra     map[string]string
}

// depth is how far into a context the members of its objects become variables: divida.valor is divida_valor.
const depth = 4

// Variables makes the variables of a person. Where names meet, the person's own fields win over extra columns, and
// these over members of the context; of two columns that fold to one name the first in alphabetical order wins.
// Values lose blanks at the ends and control characters other than line breaks and tabs.
func (p Person) Variables() Variables {
	v := make(Variables, 10+len(p.Extra))
	v.put(VarName, p.Name)
	v.put(VarContact, p.Contact)
	v.put(VarID, p.ID)
	v.put(VarContext, p.Context)
	for i, w := range p.Wildcards {
		v.put("wildcard_"+strconv.Itoa(i+1), w)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Extra)) {
		v.put(Key(name), p.Extra[name])
	}
	v.object("", p.Context, depth)
	if name, ok := v.Lookup(VarName); ok {
		first, _, _ := strings.Cut(strings.Join(strings.Fields(name), " "), " ")
		v.put(VarFirstName, first)
	}
	return v
}

// put keeps the first value a name is given.
func (v Variables) put(key, value string) {
	value = clean(value)
	if key == "" || value == "" {
		return
	}
	if _, taken := v[key]; !taken {
		v[key] = value
	}
}

// object adds the members of a JSON object; any other text adds nothing.
func (v Variables) object(prefix, text string, depth int) {
	text = strings.TrimSpace(text)
	if depth == 0 || !strings.HasPrefix(text, "{") {
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		key := Key(prefix + name)
		if raw := bytes.TrimSpace(members[name]); raw[0] == '{' {
			v.object(key+"_", string(raw), depth-1)
		} else {
			v.put(key, scalar(raw))
		}
	}
}

// scalar is a JSON value as people write it: strings without quotes, numbers as they stand, lists with commas, and
// nothing for null. Objects inside lists add nothing.
func scalar(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return ""
		}
		words := make([]string, 0, len(list))
		for _, e := range list {
			if e = bytes.TrimSpace(e); e[0] == '[' {
				continue
			}
			if w := scalar(e); w != "" {
				words = append(words, w)
			}
		}
		return strings.Join(words, ", ")
	case '{', 'n':
		return ""
	default:
		return string(raw)
	}
}

// clean spares values that need nothing, which is nearly all of them.
func clean(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexFunc(s, control) < 0 {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s))
}

func control(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0
}
