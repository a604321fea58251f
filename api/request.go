package api

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"campanario/access"
	"campanario/internal/locale"
)

// request is what is known of one request, from the outside inwards.
type request struct {
	id        string
	language  locale.Language
	began     time.Time
	operation string // once the route is known
	principal access.Principal
	body      io.Reader         // of a stream, for its handler
	media     string            // what the caller says it is; empty when nothing
	path      map[string]string // what the path names
	told      map[string]any    // what the audit keeps beside the rest
	visitor   access.Visitor
	cookie    func(*http.Cookie) // sets one in the answer
	again     func() error       // whether who asks may still ask
	watching  bool               // whether it is only asked again, which is no use of a session
}

type requestKey struct{}

// of gives what is known of the request that a context belongs to.
func of(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{language: locale.Languages()[0]}
}

// begin notes a request. A caller's own X-Request-Id is kept when it can stand in a log.
func (s *Server) begin(r *http.Request) (*http.Request, *request) {
	id := r.Header.Get("X-Request-Id")
	if len(id) < 8 || len(id) > 100 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		id = uuid.NewString()
	}
	q := &request{id: id, language: locale.Match(r.Header.Get("Accept-Language")), began: s.o.Now(), visitor: access.Visitor{From: s.o.Proxies.origin(r), Browser: r.UserAgent()}}
	return r.WithContext(context.WithValue(r.Context(), requestKey{}, q)), q
}
