// Package fault gives errors a kind and a stable code, so that every edge (HTTP, CLI, a report) can say the same
// thing in the reader's language. An error without a kind is internal: logged whole, shown as "internal error".
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind says what went wrong in terms the caller can act on.
type Kind string

// The kinds. Anything that is not one of them is Internal.
const (
	Invalid     Kind = "invalid"     // the caller's input is wrong; the same call can never succeed
	NotFound    Kind = "not_found"   // the thing named does not exist for this caller
	Conflict    Kind = "conflict"    // the input is right but the state of the thing forbids it now
	Denied      Kind = "denied"      // the caller may not do this
	Unavailable Kind = "unavailable" // something we depend on is away; the same call may succeed later
	Internal    Kind = "internal"    // a defect or an unexpected failure of ours
)

// Params are the values that the text of a code needs, by name. They hold no personal data.
type Params map[string]any

// Error is one thing that is wrong: what (Code and Params), where (Field) and why (the wrapped error, for logs only).
type Error struct {
	Kind   Kind
	Code   string // stable, snake_case, the key of its text in every language
	Params Params
	Field  string // where in the input, as a path such as "policy.max_attempts" or "line 12, column 3"; may be empty
	err    error
}

// New returns an error of the kind with a code and its parameters.
func New(k Kind, code string, p Params) *Error { return &Error{Kind: k, Code: code, Params: p} }

// At returns a copy of the error that says where in the input it is.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy of the error that wraps its cause. The cause is for logs; people see the code's text.
func (e *Error) Because(err error) *Error {
	c := *e
	c.err = err
	return &c
}

// Error is the text for logs and tests, in no particular language.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	if e.Field != "" {
		fmt.Fprintf(&b, " at %s", e.Field)
	}
	keys := make([]string, 0, len(e.Params))
	for k := range e.Params {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, e.Params[k])
	}
	if e.err != nil {
		fmt.Fprintf(&b, ": %v", e.err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

// List is several errors found at once; a form shows them all rather than the first.
type List []*Error

// Error joins the texts of its members.
func (l List) Error() string {
	s := make([]string, len(l))
	for i, e := range l {
		s[i] = e.Error()
	}
	return strings.Join(s, "; ")
}

// Err is nil for an empty list, so that a validator can end with `return problems.Err()`.
func (l List) Err() error {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return l[0]
	default:
		return l
	}
}

// Under returns the list with every field path prefixed, for a part validated by its own package.
func (l List) Under(prefix string) List {
	out := make(List, len(l))
	for i, e := range l {
		f := prefix
		if e.Field != "" {
			f += "." + e.Field
		}
		out[i] = e.At(f)
	}
	return out
}

// All gives the faults inside an error: the members of a list, or the one, or none when it carries no kind.
func All(err error) List {
	var l List
	if errors.As(err, &l) {
		return l
	}
	var e *Error
	if errors.As(err, &e) {
		return List{e}
	}
	return nil
}

// KindOf is the kind of an error; Internal when it carries none. A list is of the kind of its first member.
func KindOf(err error) Kind {
	if l := All(err); len(l) > 0 {
		return l[0].Kind
	}
	return Internal
}

// CodeOf is the code of an error, "internal" when it carries none.
func CodeOf(err error) string {
	if l := All(err); len(l) > 0 {
		return l[0].Code
	}
	return "internal"
}

// Is reports whether an error carries the code.
func Is(err error, code string) bool {
	return slices.ContainsFunc(All(err), func(e *Error) bool { return e.Code == code })
}
