package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// refusal is a problem document of the API.
type refusal struct {
	Status    int             `json:"-"`
	Detail    string          `json:"detail"`
	Code      string          `json:"code"`
	Errors    []failure       `json:"errors"`
	RequestID string          `json:"request_id"`
	Enrolled  json.RawMessage `json:"enrolled"`

	raw    json.RawMessage
	places func(field string) (line, column int) // in the file that was sent; nil when there was none
}

// failure is one thing that is wrong.
type failure struct {
	Code  string `json:"code"`
	Field string `json:"field"`
	Text  string `json:"text"`
}

// Error is for logs and tests.
func (r *refusal) Error() string { return r.Code }

// exitCode is what an error makes the process end with.
func exitCode(err error) int {
	var r *refusal
	switch {
	case !errors.As(err, &r):
		return terminal.ExitCode(err)
	case r.Status == http.StatusServiceUnavailable: // what the server needs is away
		return terminal.CodeUnavailable
	}
	return terminal.CodeFailed
}

// tell says on w what went wrong: in words, or as a problem document for programs.
func tell(w io.Writer, l locale.Language, asJSON bool, key string, err error) {
	var b strings.Builder
	var r *refusal
	switch {
	case errors.Is(err, context.Canceled):
		return
	case errors.As(err, &r):
		r.tell(&b, asJSON)
	default:
		tellFaults(&b, l, asJSON, err)
	}
	_, _ = io.WriteString(w, blot(b.String(), key))
}

func (r *refusal) tell(b *strings.Builder, asJSON bool) {
	if asJSON {
		b.WriteString(oneLine(r.raw))
		return
	}
	if len(r.Errors) < 2 {
		one := failure{Code: r.Code, Text: r.Detail}
		if len(r.Errors) == 1 {
			one = r.Errors[0]
		}
		fmt.Fprintf(b, "campanario: %s\n", r.line(one))
	} else {
		fmt.Fprintf(b, "campanario: %s [%s]\n", terminal.Clean(r.Detail), terminal.Clean(r.Code))
		for _, f := range r.Errors {
			fmt.Fprintf(b, "  - %s\n", r.line(f))
		}
	}
	if r.Status >= http.StatusInternalServerError && r.RequestID != "" {
		fmt.Fprintf(b, "  request: %s\n", terminal.Clean(r.RequestID))
	}
}

// line says one failure with its place in the file that was sent, when there is one.
func (r *refusal) line(f failure) string {
	where := terminal.Clean(f.Field)
	if r.places != nil && where != "" {
		if line, column := r.places(f.Field); line > 0 {
			where += fmt.Sprintf(" (%d:%d)", line, column)
		}
	}
	if where != "" {
		where += ": "
	}
	return fmt.Sprintf("%s%s [%s]", where, terminal.Clean(f.Text), terminal.Clean(f.Code))
}

func tellFaults(b *strings.Builder, l locale.Language, asJSON bool, err error) {
	all := fault.All(err)
	if len(all) == 0 { // not one of ours: it cannot be said better than by itself
		all = fault.List{fault.New(fault.Internal, "internal", nil).Because(err)}
	}
	list := make([]failure, len(all))
	for i, e := range all {
		list[i] = failure{e.Code, e.Field, locale.Fault(l, e)}
	}
	if asJSON {
		doc, _ := json.Marshal(map[string]any{"code": list[0].Code, "detail": list[0].Text, "errors": list})
		b.WriteString(oneLine(doc))
		return
	}
	terminal.Tell(b, l, "", all)
}

var keyShaped = regexp.MustCompile(`cmp_[A-Za-z0-9_]{8,}`)

// blot takes keys out of what is said.
func blot(text, key string) string {
	text = keyShaped.ReplaceAllString(text, "cmp_…")
	if key = strings.TrimSpace(key); len(key) >= 4 {
		text = strings.ReplaceAll(text, key, "…")
	}
	return text
}
