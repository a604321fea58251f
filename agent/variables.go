package agent

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
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

// depth is how far into an object the members of its objects become variables: divida.valor is divida_valor.
const depth = 4

// Put gives a variable its value, unless it has one: whoever puts first wins. The name is folded; values lose blanks at
// the ends and control characters other than line breaks and tabs. A name or a value of which nothing is left adds nothing.
func (v Variables) Put(name, value string) {
	key, value := Key(name), clean(value)
	if key == "" || value == "" {
		return
	}
	if _, taken := v[key]; !taken {
		v[key] = value
	}
}

// PutObject adds the members of a JSON object, those of objects in it under the names of both. Of two members that fold
// to one name the first in alphabetical order wins.
func (v Variables) PutObject(members map[string]json.RawMessage) { v.object("", members, depth) }

func (v Variables) object(prefix string, members map[string]json.RawMessage, depth int) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		raw := bytes.TrimSpace(members[name])
		if len(raw) == 0 {
			continue
		}
		if raw[0] != '{' {
			v.Put(prefix+name, scalar(raw))
			continue
		}
		var inner map[string]json.RawMessage
		if depth > 1 && json.Unmarshal(raw, &inner) == nil {
			v.object(prefix+name+"_", inner, depth-1)
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
