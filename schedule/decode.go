package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"campanario/internal/fault"
)

// dayNames are indexed by time.Weekday.
var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// week is the order in which people write the days.
var week = [7]time.Weekday{
	time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday,
}

// UnmarshalJSON reads the written form. The error is a *fault.Error or a fault.List with every problem, its paths
// relative to the window.
func (w *Window) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	v, bad := tree(dec, "", 0)
	if bad == nil {
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			bad = invalid("json_invalid", nil)
		}
	}
	if bad != nil {
		return bad
	}
	return w.decode(v)
}

// UnmarshalYAML reads the written form from a YAML decoder (github.com/goccy/go-yaml and its like). Errors are as those
// of UnmarshalJSON.
func (w *Window) UnmarshalYAML(unmarshal func(any) error) error {
	var v any
	if err := unmarshal(&v); err != nil {
		return err
	}
	return w.decode(v)
}

// pair is a member of an object, in the order in which it was written.
type pair struct {
	key   string
	value any
}

// tree reads a JSON value as string, json.Number, bool, nil, []any or []pair, and refuses a repeated key: a day given
// twice must not silently lose its first hours.
func tree(dec *json.Decoder, at string, depth int) (any, *fault.Error) {
	tok, err := dec.Token()
	if err != nil || depth > 8 {
		return nil, invalid("json_invalid", nil).At(at).Because(err)
	}
	switch tok {
	case json.Delim('{'):
		var out []pair
		for dec.More() {
			k, err := dec.Token()
			key, ok := k.(string)
			if err != nil || !ok {
				return nil, invalid("json_invalid", nil).At(at).Because(err)
			}
			if slices.ContainsFunc(out, func(p pair) bool { return p.key == key }) {
				return nil, invalid("key_repeated", fault.Params{"key": clip(key)}).At(join(at, key))
			}
			v, bad := tree(dec, join(at, key), depth+1)
			if bad != nil {
				return nil, bad
			}
			out = append(out, pair{key, v})
		}
		return out, end(dec, at)
	case json.Delim('['):
		out := []any{}
		for dec.More() {
			v, bad := tree(dec, fmt.Sprintf("%s[%d]", at, len(out)), depth+1)
			if bad != nil {
				return nil, bad
			}
			out = append(out, v)
		}
		return out, end(dec, at)
	default:
		return tok, nil
	}
}

func end(dec *json.Decoder, at string) *fault.Error {
	if _, err := dec.Token(); err != nil {
		return invalid("json_invalid", nil).At(at).Because(err)
	}
	return nil
}

func join(at, key string) string {
	if at == "" {
		return clip(key)
	}
	return at + "." + clip(key)
}

// members gives the pairs of an object, whether it came from JSON or from YAML.
func members(v any) ([]pair, bool) {
	switch v := v.(type) {
	case []pair:
		return v, true
	case map[string]any:
		out := make([]pair, 0, len(v))
		for k, x := range v {
			out = append(out, pair{k, x})
		}
		slices.SortFunc(out, func(a, b pair) int { return strings.Compare(a.key, b.key) })
		return out, true
	default:
		return nil, false
	}
}

var windowKeys = []string{"days", "zone", "holidays", "blackout"}

func (w *Window) decode(v any) error {
	var bad fault.List
	out := Window{}
	if v == nil {
		*w = out
		return nil
	}
	obj, ok := members(v)
	if !ok {
		return invalid("type_wrong", fault.Params{"want": "object"})
	}
	for _, m := range obj {
		switch m.key {
		case "days":
			bad = append(bad, out.Days.decode(m.value)...)
		case "zone":
			s, ok := m.value.(string)
			if !ok {
				bad = append(bad, invalid("type_wrong", fault.Params{"want": "text"}).At("zone"))
			}
			out.Zone = Whose(s)
		case "holidays":
			names, l := texts(m.value, "holidays")
			bad = append(bad, l...)
			for _, n := range names {
				out.Holidays = append(out.Holidays, Calendar(n))
			}
		case "blackout":
			bad = append(bad, out.decodeBlackout(m.value)...)
		default:
			bad = append(bad, unknown("key_unknown", m.key, windowKeys).At(clip(m.key)))
		}
	}
	if len(bad) == 0 {
		bad = fault.All(out.Validate())
	}
	if len(bad) > 0 {
		return bad.Err()
	}
	*w = out
	return nil
}

func (w *Window) decodeBlackout(v any) fault.List {
	entries, bad := texts(v, "blackout")
	for i, s := range entries {
		span, err := ParseSpan(s)
		if err != nil {
			bad = append(bad, err.At(fmt.Sprintf("blackout[%d]", i)))
			continue
		}
		w.Blackout = append(w.Blackout, span)
	}
	return bad
}

// ParseSpan reads what Span.String writes: "2026-12-24", or "2026-12-31..2027-01-02". It does not look at which date is the
// earlier one; Window.Validate does.
func ParseSpan(s string) (Span, *fault.Error) {
	first, last, run := strings.Cut(s, "..")
	if !run {
		last = first
	}
	a, ok1 := ParseDate(strings.TrimSpace(first))
	b, ok2 := ParseDate(strings.TrimSpace(last))
	if !ok1 || !ok2 {
		return Span{}, invalid("dates_invalid", fault.Params{"value": clip(s), "example": "2026-12-24", "example_range": "2026-12-31..2027-01-02"})
	}
	return Span{a, b}, nil
}

// texts gives the strings of a list, or the one string in place of a list.
func texts(v any, at string) ([]string, fault.List) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []any:
		var out []string
		var bad fault.List
		for i, x := range v {
			s, ok := x.(string)
			if !ok {
				bad = append(bad, invalid("type_wrong", fault.Params{"want": "text"}).At(fmt.Sprintf("%s[%d]", at, i)))
				continue
			}
			out = append(out, s)
		}
		return out, bad
	default:
		return nil, fault.List{invalid("type_wrong", fault.Params{"want": "list"}).At(at)}
	}
}

func (w *Week) decode(v any) fault.List {
	obj, ok := members(v)
	if !ok {
		return fault.List{invalid("type_wrong", fault.Params{"want": "object"}).At("days")}
	}
	var bad fault.List
	var named [7]string
	for _, m := range obj {
		at := "days." + clip(m.key)
		days, ok := parseDays(m.key)
		if !ok {
			bad = append(bad, invalid("day_unknown", fault.Params{
				"value": clip(m.key), "allowed": "mon, tue, wed, thu, fri, sat, sun", "example": "mon-fri",
			}).At(at))
			continue
		}
		intervals, l := parseIntervals(m.value, at)
		bad = append(bad, l...)
		for _, d := range days {
			if named[d] != "" {
				bad = append(bad, invalid("day_repeated", fault.Params{"day": dayNames[d], "other": clip(named[d])}).At(at))
				continue
			}
			named[d] = m.key
			w[d] = slices.Clone(intervals)
		}
	}
	if len(bad) == 0 && w.Empty() {
		bad = append(bad, invalid("days_empty", nil).At("days"))
	}
	return bad
}

// parseDays reads "mon", "mon-fri", "sat-mon" or "mon,wed-fri".
func parseDays(s string) ([]time.Weekday, bool) {
	var out []time.Weekday
	for part := range strings.SplitSeq(strings.ToLower(s), ",") {
		first, last, run := strings.Cut(strings.TrimSpace(part), "-")
		if !run {
			last = first
		}
		a := slices.Index(dayNames[:], strings.TrimSpace(first))
		b := slices.Index(dayNames[:], strings.TrimSpace(last))
		if a < 0 || b < 0 || len(out) > len(week) {
			return nil, false
		}
		for ; a != b; a = (a + 1) % 7 {
			out = append(out, time.Weekday(a))
		}
		out = append(out, time.Weekday(b))
	}
	return out, true
}

func parseIntervals(v any, at string) ([]Interval, fault.List) {
	entries, bad := texts(v, at)
	if len(entries) > maxIntervals {
		return nil, fault.List{invalid("too_many", fault.Params{"max": maxIntervals, "got": len(entries)}).At(at)}
	}
	_, list := v.([]any)
	var out []Interval
	for i, s := range entries {
		where := at
		if list {
			where = fmt.Sprintf("%s[%d]", at, i)
		}
		iv, e := parseInterval(s)
		if e == nil {
			for _, other := range out {
				if iv.From < other.To && other.From < iv.To {
					e = invalid("interval_overlap", fault.Params{"value": iv.String(), "other": other.String()})
				}
			}
		}
		if e != nil {
			bad = append(bad, e.At(where))
			continue
		}
		out = append(out, iv)
	}
	slices.SortFunc(out, func(a, b Interval) int { return int(a.From) - int(b.From) })
	return out, bad
}

// parseInterval reads "09:00-18:00"; the end may be 24:00. An interval across midnight is refused with the two that
// say the same.
func parseInterval(s string) (Interval, *fault.Error) {
	first, last, ok := strings.Cut(s, "-")
	from, ok1 := parseMinute(strings.TrimSpace(first))
	to, ok2 := parseMinute(strings.TrimSpace(last))
	if !ok || !ok1 || !ok2 {
		return Interval{}, invalid("interval_invalid", fault.Params{"value": clip(s), "example": "09:00-18:00"})
	}
	iv := Interval{from, to}
	if to == 0 && from > 0 {
		// People write the end of the day as 00:00: that names no second day.
		iv.To = EndOfDay
	}
	return iv, checkInterval(iv)
}
