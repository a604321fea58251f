package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"campanario/access"
	"campanario/internal/fault"
)

// maxIdempotencyKey bounds a caller's key.
const maxIdempotencyKey = 200

// idempotent does a request under an idempotency key once, and answers its repetitions with what was answered then.
func (s *Server) idempotent(ctx huma.Context, next func(huma.Context)) {
	key := ctx.Header("Idempotency-Key")
	if takes, _ := ctx.Operation().Metadata[metaRepeats].(bool); !takes || key == "" {
		next(ctx)
		return
	}
	if len(key) > maxIdempotencyKey || strings.IndexFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		s.refuseIn(ctx, fault.New(fault.Invalid, "idempotency_key_invalid", fault.Params{"max": maxIdempotencyKey}).At("header.idempotency-key"))
		return
	}
	r, w := unwrap(ctx)
	request, err := digest(r, ctx.Operation().OperationID)
	if err != nil {
		s.refuseIn(ctx, unread(err))
		return
	}
	q := of(ctx.Context())
	by := uuid.NewString()
	turn, answer, err := s.o.Answers.BeginAnswer(ctx.Context(), q.principal.Workspace, key, request, by, s.o.Now().UTC())
	switch {
	case err != nil:
		s.refuseIn(ctx, err)
	case turn == access.TurnDone:
		replay(w, answer)
	case turn == access.TurnBusy:
		s.refuseIn(ctx, fault.New(fault.Conflict, "idempotency_busy", nil).At("header.idempotency-key"))
	case turn == access.TurnReused:
		s.refuseIn(ctx, fault.New(fault.Conflict, "idempotency_key_reused", nil).At("header.idempotency-key"))
	default:
		s.once(ctx, key, by, next)
	}
}

// digest is a hash of everything that is asked. The body has been read and is put back.
func digest(r *http.Request, operation string) (string, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h := sha256.New()
	for _, part := range []string{operation, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("If-Match")} {
		_, _ = io.WriteString(h, part+"\n")
	}
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keepFor is how long noting an answer down may take, though its reader is gone.
const keepFor = 10 * time.Second

// once does a request and keeps its answer when it succeeded.
func (s *Server) once(ctx huma.Context, key, by string, next func(huma.Context)) {
	r, w := unwrap(ctx)
	q := of(ctx.Context())
	rec := &recorder{header: http.Header{}}
	done := false
	defer func() {
		if done {
			return
		}
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx.Context()), keepFor)
		defer cancel()
		if err := s.o.Answers.DropAnswer(detached, q.principal.Workspace, key, by); err != nil {
			s.log.Warn("answer_not_dropped", "request", q.id, "error", err)
		}
	}()
	next(humago.NewContext(ctx.Operation(), r, rec))
	if rec.status < 300 {
		done = true
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx.Context()), keepFor)
		defer cancel()
		a := access.Answer{Status: rec.status, Header: map[string]string{}, Body: rec.body.Bytes()}
		for _, name := range []string{"Content-Type", "Etag", "Location"} {
			if v := rec.header.Get(name); v != "" {
				a.Header[name] = v
			}
		}
		if err := s.o.Answers.KeepAnswer(detached, q.principal.Workspace, key, by, a); err != nil {
			s.log.Warn("answer_not_kept", "request", q.id, "error", err)
		}
	}
	for name, values := range rec.header {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes())
}

func replay(w http.ResponseWriter, a access.Answer) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// recorder keeps an answer of a creation, which is small.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
