package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// random makes values out of schemas, and spoils them.
type random struct{ *rand.Rand }

// one is true once in n times.
func (r random) one(n int) bool { return r.IntN(n) == 0 }

// words are texts of which each has broken somebody's program.
var words = []string{
	"", " ", "a", "0", "-1", "null", "true", "[]", "{}", "é", "日本語", "🙂", "\u202e", "\ufeff", "e\u0301", "a\x00b", "\xff\xfe", "%", "%00", "..", "../../etc", "' OR 1=1 --", `"`, `\`,
	"<script>", "{{first_name}}", "{{", "=1+1", "1e400", "NaN", "9223372036854775808", "-9223372036854775809", "999999999999999999999999", "1.5", "0x10", "2026-02-30", "2026-11-23T12:00:00Z",
	"0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "25:00", "P1D", "-5s", "1h", "America/Sao_Paulo", "Not/AZone", "ana@example.com", "@", "+5511987654321", "11987654321",
	"01a1fe29-1472-7714-b928-fbd1aff47ecc", "sk_%s%n", "\n", "a\r\nb", strings.Repeat("x", 300), strings.Repeat("ç", 70_000),
}

func (r random) text() string { return words[r.IntN(len(words))] }

// numbers are those at the edges.
var numbers = []any{
	0, 1, -1, 2, 100, 1.5, 1e-9, 65536, 2147483647, 2147483648, -2147483649, 9007199254740993, json.Number("9223372036854775807"), json.Number("9223372036854775808"),
	json.Number("-9223372036854775808"), json.Number("1e300"), json.Number("1e400"), json.Number("123456789012345678901234567890"),
}

// value is one that fits a schema, as far as the schema says.
func (c *contract) value(schema map[string]any, r random, depth int) any {
	if ref, ok := schema["$ref"].(string); ok {
		schema, _ = c.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")).(map[string]any)
	}
	if list, ok := schema["enum"].([]any); ok {
		return list[r.IntN(len(list))]
	}
	if list, ok := schema["examples"].([]any); ok && r.one(2) {
		return list[r.IntN(len(list))]
	}
	kind := schema["type"]
	if list, ok := kind.([]any); ok {
		kind = list[r.IntN(len(list))]
	}
	switch kind {
	case "object":
		return c.object(schema, r, depth)
	case "array":
		items, _ := schema["items"].(map[string]any)
		least, _ := schema["minItems"].(float64)
		out := make([]any, int(least)+r.IntN(3))
		for i := range out {
			out[i] = c.value(items, r, depth+1)
		}
		return out
	case "integer", "number":
		least, _ := schema["minimum"].(float64)
		most, limited := schema["maximum"].(float64)
		if !limited {
			most = least + 1000
		}
		return []any{least, most, least + float64(r.IntN(int(min(most-least, 1e6))+1))}[r.IntN(3)]
	case "boolean":
		return r.one(2)
	case "string":
		return r.fitting(schema)
	case "null":
		return nil
	default:
		return map[string]any{}
	}
}

// object has what it must have, and some of the rest.
func (c *contract) object(schema map[string]any, r random, depth int) any {
	out := map[string]any{}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range sorted(properties) {
		p, _ := properties[name].(map[string]any)
		if must := slices.Contains(required, any(name)); must || depth < 5 && r.one(3) {
			out[name] = c.value(p, r, depth+1)
		}
	}
	if more, ok := schema["additionalProperties"].(map[string]any); ok && depth < 5 {
		for range r.IntN(3) {
			out[[]string{"valor", "a", "Código"}[r.IntN(3)]] = c.value(more, r, depth+1)
		}
	}
	return out
}

// fitting is a text of the format that a schema names, if it does.
func (r random) fitting(schema map[string]any) string {
	switch schema["format"] {
	case "date-time":
		return []string{"2026-11-23T12:00:00Z", "2026-11-23T12:00:00.123456789-03:00", "1970-01-01T00:00:00Z"}[r.IntN(3)]
	case "date":
		return time.Date(2026, 11, r.IntN(60), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	s := []string{"Ana", "Cobrança de novembro", "ana@example.com", "+5511987654321", "11987654321", "UTC", "America/Sao_Paulo", "pt-BR", "30s", "09:00-18:00", "x", goodPassword}[r.IntN(12)]
	if r.one(5) {
		s = r.text()
	}
	if most, ok := schema["maxLength"].(float64); ok && len(s) > int(most) {
		s = strings.ToValidUTF8(s[:int(most)], "")
	}
	return strings.ToValidUTF8(s, "")
}

// damage puts something that does not belong somewhere into a value.
func (r random) damage(v any) any {
	switch v := v.(type) {
	case map[string]any:
		names := sorted(v)
		if len(names) == 0 || r.one(5) {
			v[r.text()] = r.strange()
			return v
		}
		name := names[r.IntN(len(names))]
		if r.one(4) {
			delete(v, name)
		} else {
			v[name] = r.damage(v[name])
		}
		return v
	case []any:
		if len(v) == 0 || r.one(3) {
			return append(v, r.strange())
		}
		i := r.IntN(len(v))
		v[i] = r.damage(v[i])
		return v
	default:
		return r.strange()
	}
}

// strange is a value of any type.
func (r random) strange() any {
	switch r.IntN(6) {
	case 0:
		return nil
	case 1:
		return r.one(2)
	case 2:
		return numbers[r.IntN(len(numbers))]
	case 3:
		return []any{r.text(), numbers[r.IntN(len(numbers))], nil}
	case 4:
		return map[string]any{r.text(): r.text()}
	default:
		return r.text()
	}
}

// spoil makes JSON that is none, or hardly.
func (r random) spoil(body []byte) []byte {
	switch r.IntN(8) {
	case 0:
		return body[:r.IntN(len(body))]
	case 1:
		return append(body, body...)
	case 2:
		return []byte(strings.Repeat("[", 20_000))
	case 3:
		return []byte(strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000))
	case 4:
		return []byte(strings.Replace(string(body), `"`, "\"\xff", 1))
	case 5:
		return []byte(strings.Replace(string(body), `"`, `"\ud800`, 1))
	case 6:
		return []byte(`{"name": "` + strings.Repeat("x", 3<<20) + `"}`)
	default:
		return []byte(`null`)
	}
}

func sorted(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// words are a value as a parameter has it.
func (random) words(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fmt.Sprint(v[i])
		}
		return strings.Join(parts, ",")
	case float64:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprint(v)
	}
}

// printable leaves out of a header what no client can send.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
