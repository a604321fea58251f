package api

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"campanario/internal/fault"
)

// Paging are the parameters of every list.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"Where to go on: next_cursor of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next_cursor,omitempty" doc:"For the parameter cursor of the next request; absent at the end, and only there: a page may have fewer items than limit"`
}

// cursor keeps in an opaque text where a list goes on. of names the list, so that no cursor is used for another one.
func cursor(list string, at any) string {
	b, err := json.Marshal(at)
	if err != nil { // of ours, always plain values
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append([]byte(list+"\n"), b...))
}

// resume reads a cursor; an empty one begins.
func resume(list, text string, at any) error {
	if text == "" {
		return nil
	}
	bad := fault.New(fault.Invalid, "cursor_invalid", nil).At("query.cursor")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return bad
	}
	rest, ok := strings.CutPrefix(string(b), list+"\n")
	if !ok || json.Unmarshal([]byte(rest), at) != nil || !speakable(rest) || strings.Contains(rest, `\u0000`) {
		return bad
	}
	return nil
}

// page makes a page of rows of which one more was read than is shown.
func page[R, T any](list string, rows []R, limit int, show func(R) T, at func(R) any) Page[T] {
	out := Page[T]{Items: make([]T, 0, min(len(rows), limit))}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = cursor(list, at(rows[limit-1]))
	}
	for _, r := range rows {
		out.Items = append(out.Items, show(r))
	}
	return out
}

// shortPages says of a list that its pages are made by windowed.
const shortPages = "A request looks at a bounded number of rows and answers with what it found among them: with a search or a filter, a page may have fewer items " +
	"than limit, or none, and still a next_cursor. Go on until there is none."

// windowed makes a page that ends with how much was looked at; next, where it goes on, is zero at the end.
func windowed[R, T any, N comparable](list string, rows []R, next N, show func(R) T) Page[T] {
	out := page(list, rows, len(rows), show, nil)
	var end N
	if next != end {
		out.Next = cursor(list, next)
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// Revised is the parameter of every change to what has a revision.
type Revised struct {
	IfMatch string `header:"If-Match" doc:"The ETag that was read: refused with 412 when somebody was faster"`
}

// revision is the one that If-Match names; 0 for none.
func (r Revised) revision() (int64, error) {
	n, err := r.atLeast(1)
	return max(n, 0), err
}

// revisionOfSettings is the one that If-Match names of settings that are there before anybody makes them, which begin with
// 0; negative for none.
func (r Revised) revisionOfSettings() (int64, error) { return r.atLeast(0) }

func (r Revised) atLeast(least int64) (int64, error) {
	tag := strings.TrimSpace(r.IfMatch)
	if tag == "" || tag == "*" {
		return -1, nil
	}
	text, ok := strings.CutPrefix(tag, `"`)
	text, ok2 := strings.CutSuffix(text, `"`)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || !ok2 || err != nil || n < least {
		return 0, fault.New(fault.Invalid, "if_match_invalid", nil).At("header.if-match")
	}
	return n, nil
}

func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }
