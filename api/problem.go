package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Problem is a refusal (RFC 9457). Its type is about:blank; what it is about is in code.
type Problem struct {
	Title     string         `json:"title" doc:"The kind of refusal, in the reader's language"`
	Status    int            `json:"status" doc:"The HTTP status"`
	Detail    string         `json:"detail" doc:"What is wrong and what to do, in the reader's language"`
	Code      string         `json:"code" doc:"Stable code of the first error" example:"required"`
	Params    map[string]any `json:"params,omitempty" doc:"Values that the text of the code needs"`
	Errors    []Failure      `json:"errors" doc:"Every single problem, of more than a thousand the first thousand"`
	RequestID string         `json:"request_id" doc:"Names the request in the server's log"`
	Enrolled  *Enrolled      `json:"enrolled,omitempty" doc:"When recipients were being added: what was done before it stopped"`
}

// Failure is one thing that is wrong.
type Failure struct {
	Code   string         `json:"code" doc:"Stable code" example:"required"`
	Params map[string]any `json:"params,omitempty" doc:"Values that the text needs"`
	Field  string         `json:"field,omitempty" doc:"Where in the request: a path in the body, or query.…, path.…, header.…" example:"retry.max_attempts"`
	Text   string         `json:"text" doc:"What is wrong and what to do, in the reader's language"`
}

// Error makes it an error that huma can write.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses of codes that say more than their kind.
var statuses = map[string]int{
	"body_invalid":             http.StatusBadRequest,
	"body_missing":             http.StatusBadRequest,
	"key_missing":              http.StatusUnauthorized,
	"key_invalid":              http.StatusUnauthorized,
	"session_invalid":          http.StatusUnauthorized,
	"sign_in_invalid":          http.StatusUnauthorized,
	"second_factor_missing":    http.StatusUnauthorized,
	"second_factor_wrong":      http.StatusUnauthorized,
	"sign_in_throttled":        http.StatusTooManyRequests,
	"rate_limited":             http.StatusTooManyRequests,
	"method_not_allowed":       http.StatusMethodNotAllowed,
	"body_too_slow":            http.StatusRequestTimeout,
	"revision_stale":           http.StatusPreconditionFailed,
	"body_too_large":           http.StatusRequestEntityTooLarge,
	"content_type_unsupported": http.StatusUnsupportedMediaType,
	"encoding_unsupported":     http.StatusUnsupportedMediaType,
}

func statusOf(e *fault.Error) int {
	if status, ok := statuses[e.Code]; ok && e.Kind != fault.Internal {
		return status
	}
	switch e.Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

// problem makes the refusal of an error. One without a kind is logged whole and told as internal.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	q := of(ctx)
	list := fault.All(err)
	if len(list) == 0 || list[0].Kind == fault.Internal {
		switch {
		case ctx.Err() != nil: // nobody reads it any more
			list = fault.List{fault.New(fault.Unavailable, "request_given_up", nil)}
		default:
			s.log.Error("request_failed", "request", q.id, "operation", q.operation, "error", err)
			list = fault.List{fault.New(fault.Internal, "internal", nil)}
		}
	} else if list[0].Kind == fault.Unavailable && statusOf(list[0]) != http.StatusTooManyRequests {
		s.log.Warn("request_refused", "request", q.id, "operation", q.operation, "error", err)
	}
	first := list[0]
	p := &Problem{
		Title: locale.Word(q.language, "title", string(first.Kind)), Status: statusOf(first), Code: first.Code, Params: first.Params,
		Errors: s.failures(ctx, list), RequestID: q.id,
	}
	var stopped *partial
	if errors.As(err, &stopped) {
		p.Enrolled = &stopped.done
	}
	if p.Detail = p.Errors[0].Text; len(list) > 1 {
		p.Detail = locale.Text(q.language, "title.several", map[string]any{"count": len(list), "first": p.Detail})
	}
	return p
}

// mostFailures bounds how many problems are told: a body of two megabytes can have two hundred thousand, and an answer
// that told them all would be many times its size.
const mostFailures = 1000

func (s *Server) failures(ctx context.Context, list fault.List) []Failure {
	list = list[:min(len(list), mostFailures)]
	out := make([]Failure, len(list))
	for i, e := range list {
		out[i] = Failure{Code: e.Code, Params: e.Params, Field: strings.ToValidUTF8(e.Field, "?"), Text: locale.Fault(of(ctx).language, e)}
	}
	return out
}

// write writes a problem where huma does not.
func (p *Problem) write(w http.ResponseWriter, l locale.Language) {
	body, err := json.Marshal(p)
	if err != nil { // a value that is no JSON
		body = []byte(`{"status":500,"code":"internal"}`)
	}
	p.headers(w.Header().Set, l)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// headers are those that belong to the status.
func (p *Problem) headers(set func(name, value string), l locale.Language) {
	set("Content-Language", string(l))
	set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusUnauthorized:
		set("WWW-Authenticate", `Bearer realm="campanario"`)
	case http.StatusServiceUnavailable:
		set("Retry-After", "5")
	case http.StatusTooManyRequests:
		set("Retry-After", fmt.Sprint(p.Params["seconds"]))
	}
}

// refuse answers with a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.problem(r.Context(), err).write(w, of(r.Context()).language)
}

// refuseIn answers with a problem inside huma.
func (s *Server) refuseIn(ctx huma.Context, err error) {
	r, w := unwrap(ctx)
	s.problem(ctx.Context(), err).write(w, of(r.Context()).language)
}

// transform makes our problems of those that huma finds itself, and gives all of them their headers.
func (s *Server) transform(ctx huma.Context, _ string, v any) (any, error) {
	var p *Problem
	switch v := v.(type) {
	case *Problem:
		p = v
	case *huma.ErrorModel:
		p = s.problem(ctx.Context(), fromHuma(v))
		p.Status = v.Status // it is being written already
	default:
		return v, nil
	}
	p.headers(ctx.SetHeader, of(ctx.Context()).language)
	return p, nil
}
