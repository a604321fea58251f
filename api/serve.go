package api

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"campanario/internal/fault"
)

// ServeHTTP answers one request: it gives it an id, catches what goes wrong, and writes its line in the log.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, q := s.begin(r)
	out := &response{ResponseWriter: w, control: http.NewResponseController(w), patience: s.o.ReaderIdle}
	h := out.Header()
	h.Set("X-Request-Id", q.id)
	s.secure(h)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &patient{ReadCloser: r.Body, control: http.NewResponseController(w), idle: s.o.BodyIdle}
	}
	defer s.note(r, q, out)
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // the value itself, by its contract
				panic(p)
			}
			s.log.Error("request_panicked", "request", q.id, "operation", q.operation, "panic", p, "stack", string(debug.Stack()))
			if out.status == 0 {
				s.refuse(out, r, fault.New(fault.Internal, "internal", nil))
			}
		}
	}()
	s.route(out, r)
}

// note writes a request into the log. Paths and queries hold what people wrote; the operation's name says enough.
func (s *Server) note(r *http.Request, q *request, out *response) {
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return
	}
	level := slog.LevelInfo
	if out.status >= 500 {
		level = slog.LevelError
	}
	s.log.Log(r.Context(), level, "request", "request", q.id, "method", r.Method, "operation", q.operation, "status", out.status,
		"bytes", out.bytes, "ms", s.o.Now().Sub(q.began).Milliseconds(), "workspace", q.principal.Workspace, "key", q.principal.Key, "user", q.principal.User)
}

// route finds the handler. What the mux itself would answer (no such path, not by this method, look elsewhere) is
// answered as a problem.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	ours := r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
	if ours && (path.Clean(r.URL.Path) != r.URL.Path || !speakable(r.URL.Path)) {
		s.refuse(w, r, fault.New(fault.NotFound, "route_unknown", nil))
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	nobody := &nowhere{header: http.Header{}}
	probe := &response{ResponseWriter: nobody, control: http.NewResponseController(nobody)}
	h.ServeHTTP(probe, r)
	if allow := probe.Header().Get("Allow"); probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
		s.refuse(w, r, fault.New(fault.Invalid, "method_not_allowed", fault.Params{"method": clip(r.Method), "allowed": allow}))
		return
	}
	if s.o.Console != nil && !ours && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		s.o.Console.ServeHTTP(w, r)
		return
	}
	s.refuse(w, r, fault.New(fault.NotFound, "route_unknown", nil))
}

// speakable reports whether every database takes the text.
func speakable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// clip bounds what somebody else wrote before it goes into an answer.
func clip(text string) string {
	const most = 60
	text = strings.ToValidUTF8(text, "?")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(int)             {}
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

// response notes what was answered, and writes for as long as its reader takes it: each piece has the patience anew, so
// an answer may have any length. net/http takes the deadline off again before it reads another request.
type response struct {
	http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	status   int
	bytes    int64
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.wait()
	w.ResponseWriter.WriteHeader(status)
}

// piece is how much of an answer its reader has the patience to take, in bytes.
const piece = 64 << 10

func (w *response) Write(b []byte) (n int, err error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	for first := true; (first || len(b) > 0) && err == nil; first = false {
		var some int
		w.wait()
		some, err = w.ResponseWriter.Write(b[:min(len(b), piece)])
		n, b = n+some, b[some:]
	}
	w.bytes += int64(n)
	return n, err
}

// wait gives the reader time for what comes next.
func (w *response) wait() {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.patience)) // where it is not supported, nobody waits
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// patient lets a body take as long as it brings something, but not for ever when it is a small one. A caller that stops
// in the middle is let go: errTooSlow.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
	until   time.Time // zero for a body of any length
}

var errTooSlow = errors.New("api: the body did not come in time")

func (p *patient) Read(b []byte) (int, error) {
	deadline := time.Now().Add(p.idle)
	if !p.until.IsZero() && p.until.Before(deadline) {
		deadline = p.until
	}
	_ = p.control.SetReadDeadline(deadline) // where it is not supported, nothing has to wait
	n, err := p.ReadCloser.Read(b)
	var slow interface{ Timeout() bool }
	if err != nil && errors.As(err, &slow) && slow.Timeout() {
		return n, errors.Join(errTooSlow, err)
	}
	if err != nil {
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
