package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/internal/fault"
)

// workspaceHeader names the workspace that a person's request is about, when it is not the one of their session: so that
// two windows can be at work in two of them.
const workspaceHeader = "Campanario-Workspace"

// authenticate lets in who may do this.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	r, w := unwrap(ctx)
	q := of(ctx.Context())
	q.operation = ctx.Operation().OperationID
	q.path = map[string]string{}
	for _, p := range ctx.Operation().Parameters {
		if p.In == "path" {
			q.path[p.Name] = ctx.Param(p.Name)
		}
	}
	q.cookie = func(c *http.Cookie) { w.Header().Add("Set-Cookie", c.String()) }
	scope, _ := ctx.Operation().Metadata[metaScope].(access.Scope)
	q.again = func() error {
		now := &request{watching: true}
		if err := s.identify(r, now, scope); err != nil {
			return err
		}
		if now.principal.Workspace != q.principal.Workspace { // their session has gone to work elsewhere
			return fault.New(fault.Denied, "workspace_not_yours", nil)
		}
		return now.principal.Require(scope)
	}
	err := s.identify(r, q, scope)
	if limited := s.limit(q); limited != nil {
		err = limited
	}
	if err == nil {
		err = q.principal.Require(scope)
	}
	if err != nil {
		s.refuseIn(ctx, err)
		return
	}
	ctx.SetHeader("Cache-Control", "no-store")
	next(ctx)
}

// identify finds out who asks: a program by its key, or a person by the cookie of their session. Only browsers bring
// cookies, and only of them need it be asked on whose behalf they do. To what is open to everybody nobody need be known.
func (s *Server) identify(r *http.Request, q *request, scope access.Scope) error {
	var err error
	asked := r.Header.Get(workspaceHeader)
	switch header := r.Header.Get("Authorization"); {
	case header != "":
		var token string
		if token, err = bearer(header); err == nil {
			q.principal, err = s.o.Access.Authenticate(r.Context(), token)
		}
		if err == nil && asked != "" && asked != q.principal.Workspace {
			err = fault.New(fault.Denied, "workspace_not_yours", nil)
		}
	default:
		if foreign := s.origins.Check(r); foreign != nil {
			return fault.New(fault.Denied, "cross_origin", nil).Because(foreign)
		}
		c, missing := r.Cookie(s.cookieName())
		if missing != nil {
			err = fault.New(fault.Denied, "key_missing", nil)
			break
		}
		if len(asked) > 100 || !speakable(asked) {
			return fault.New(fault.Denied, "workspace_not_yours", nil)
		}
		resume := s.o.Users.Resume
		if q.watching {
			resume = s.o.Users.Peek
		}
		q.principal, err = resume(r.Context(), c.Value, asked)
	}
	if scope == access.Open && fault.KindOf(err) == fault.Denied && err != nil {
		q.principal, err = access.Principal{}, nil
	}
	return err
}

func bearer(header string) (string, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return "", fault.New(fault.Denied, "key_missing", nil)
	}
	return strings.TrimSpace(token), nil
}

// checkQuery refuses what nobody can read or has said twice. What it is about is huma's to check.
func (s *Server) checkQuery(ctx huma.Context, next func(huma.Context)) {
	r, _ := unwrap(ctx)
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		s.refuseIn(ctx, fault.New(fault.Invalid, "query_invalid", nil))
		return
	}
	var bad fault.List
	for _, p := range ctx.Operation().Parameters {
		if p.In == "path" && len(r.PathValue(p.Name)) > 200 {
			s.refuseIn(ctx, fault.New(fault.NotFound, "route_unknown", nil))
			return
		}
		if p.In == "query" && p.Schema.Type != huma.TypeArray && len(query[p.Name]) > 1 {
			bad = append(bad, fault.New(fault.Invalid, "parameter_repeated", fault.Params{"key": p.Name}).At("query."+p.Name))
		}
	}
	for name, values := range query {
		for _, v := range append(values, name) {
			if !speakable(v) {
				bad = append(bad, fault.New(fault.Invalid, "text_invalid", nil).At("query."+clip(name)))
				break
			}
		}
	}
	if err := bad.Err(); err != nil {
		s.refuseIn(ctx, err)
		return
	}
	next(ctx)
}

// smallBody is how many times the patience with a silent caller a body may take that is read into memory.
const smallBody = 4

// checkBody refuses bodies of other types than the operation takes, and reads those that are not streamed.
func (s *Server) checkBody(ctx huma.Context, next func(huma.Context)) {
	r, w := unwrap(ctx)
	op := ctx.Operation()
	if op.RequestBody == nil {
		next(ctx)
		return
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		s.refuseIn(ctx, fault.New(fault.Invalid, "encoding_unsupported", fault.Params{"value": clip(e)}))
		return
	}
	q := of(r.Context())
	if kind := r.Header.Get("Content-Type"); kind != "" {
		media, _, err := mime.ParseMediaType(kind)
		if err != nil || op.RequestBody.Content[media] == nil {
			s.refuseIn(ctx, fault.New(fault.Invalid, "content_type_unsupported", fault.Params{"value": clip(kind), "allowed": kinds(op)}))
			return
		}
		q.media = media
	}
	if stream, _ := op.Metadata[metaStreams].(bool); stream {
		q.body = http.MaxBytesReader(w, r.Body, s.o.MaxUpload)
		next(ctx)
		return
	}
	if slow, ok := r.Body.(*patient); ok {
		slow.until = time.Now().Add(smallBody * s.o.BodyIdle)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.o.MaxBody))
	if err != nil {
		s.refuseIn(ctx, unread(err))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	next(ctx)
}

func kinds(op *huma.Operation) string {
	return strings.Join(sortedKeys(op.RequestBody.Content), ", ")
}

// unread says why a body could not be read.
func unread(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.New(fault.Invalid, "body_too_large", fault.Params{"max": large.Limit}).Because(err)
	case errors.Is(err, errTooSlow):
		return fault.New(fault.Unavailable, "body_too_slow", nil).Because(err)
	default: // the caller went away in the middle
		return fault.New(fault.Invalid, "body_invalid", nil).Because(err)
	}
}
