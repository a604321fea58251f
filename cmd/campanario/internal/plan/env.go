package plan

import (
	"regexp"
	"strconv"
	"strings"

	"campanario/internal/fault"
)

// reference is a text that stands for a variable of the environment.
var reference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// fill puts variables of the environment in the place of texts that name one, in a whole tree.
func (r *reading) fill(at string, v any) any {
	switch v := v.(type) {
	case string:
		m := reference.FindStringSubmatch(v)
		if m == nil {
			return v
		}
		value, ok := "", false
		if r.o.Env != nil {
			value, ok = r.o.Env(m[1])
		}
		if !ok {
			r.add(at, "variable_not_set", fault.Params{"name": m[1]})
		}
		return value
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = r.fill(join(at, k), x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = r.fill(at+"["+strconv.Itoa(i)+"]", x)
		}
		return out
	default:
		return v
	}
}

func join(at, key string) string {
	if key == "" {
		return at
	}
	return at + "." + key
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
