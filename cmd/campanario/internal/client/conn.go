package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"campanario/internal/fault"
)

// prefix is where the API lies below the server's address.
const prefix = "/api/v1"

// Bounds of what is read into memory.
const (
	maxAnswer  = 64 << 20 // a document
	maxProblem = 1 << 20  // a refusal
)

// conn speaks to one server with one key. It is safe for concurrent use.
type conn struct {
	base     *url.URL
	key      string
	language string
	http     *http.Client
	patience time.Duration // how long neither side may say anything
}

// dial makes a conn. Nothing is sent yet.
func dial(server, key, language string, patience time.Duration) (*conn, error) {
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(server), "/"))
	// A user and a password would stand in errors and in other people's logs.
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fault.New(fault.Invalid, "server_address_invalid", fault.Params{"example": "https://campanario.example"})
	}
	key = strings.TrimSpace(key)
	if key == "" {
		return nil, fault.New(fault.Invalid, "client_key_missing", nil)
	}
	if strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return nil, fault.New(fault.Invalid, "client_key_unusable", nil)
	}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: 15 * time.Second, MaxIdleConnsPerHost: 2, ForceAttemptHTTP2: true,
	}
	return &conn{base: base, key: key, language: language, patience: patience, http: &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// close lets go of idle connections.
func (c *conn) close() { c.http.CloseIdleConnections() }

// ask is one request.
type ask struct {
	method string
	path   string // below prefix, its parts escaped
	query  url.Values
	body   io.Reader // nil for none
	kind   string    // content type of the body; empty is JSON
	header map[string]string
	accept string        // empty is JSON
	wait   time.Duration // instead of the conn's patience
}

// do sends a request. The error is a *refusal when the server refuses, a fault of kind Unavailable when there is no
// answer that can be understood, and the context's when that has ended. The caller closes the body.
func (c *conn) do(ctx context.Context, a ask) (*http.Response, error) {
	given := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watchdog{wait: a.wait, cancel: cancel}
	if w.wait == 0 {
		w.wait = c.patience
	}
	w.timer = time.AfterFunc(w.wait, func() { cancel(errSilent) })
	res, err := c.send(ctx, a, w)
	if err == nil {
		res.Body = watchedBody{watched{res.Body, w}, res.Body}
		if err = c.check(res); err != nil {
			_ = res.Body.Close()
		}
	} else {
		w.stop()
		err = c.unreachable(given, err)
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

func (c *conn) send(ctx context.Context, a ask, w *watchdog) (*http.Response, error) {
	u := c.base.JoinPath(prefix)
	u = u.JoinPath(a.path)
	u.RawQuery = a.query.Encode()
	body := a.body
	if _, whole := body.(*bytes.Reader); body != nil && !whole { // what is whole can be sent again by net/http
		// Once a connection is broken, net/http waits for the body, which may be a terminal on which nobody types.
		body = leave(ctx, watched{body, w})
	}
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Accept", a.accept)
	if a.accept == "" {
		req.Header.Set("Accept", "application/json")
	}
	req.Header.Set("Accept-Language", c.language)
	req.Header.Set("User-Agent", "campanario-cli")
	if a.body != nil {
		req.Header.Set("Content-Type", a.kind)
		if a.kind == "" {
			req.Header.Set("Content-Type", "application/json")
		}
	}
	for name, value := range a.header {
		req.Header.Set(name, value)
	}
	return c.http.Do(req)
}

// check makes a refusal of an answer that is one.
func (c *conn) check(res *http.Response) error {
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return nil
	}
	media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || media != "application/problem+json" {
		return c.strange(res.StatusCode) // a proxy's own words, or not our server at all
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	r := &refusal{raw: raw}
	if err != nil || json.Unmarshal(raw, r) != nil || r.Code == "" {
		return c.strange(res.StatusCode)
	}
	r.Status = res.StatusCode
	return r
}

// name is the server in errors.
func (c *conn) name() string { return c.base.Host }

// strange says that what came is not what a Campanário says.
func (c *conn) strange(status int) error {
	return fault.New(fault.Unavailable, "server_strange", fault.Params{"server": c.name(), "status": status})
}

// unreachable says why there was no answer. Causes can hold the URL, and so the ids in it; they stay out of the text.
func (c *conn) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var own *fault.Error
	if errors.As(err, &own) { // the body that was being sent could not be read
		return own
	}
	return fault.New(fault.Unavailable, "server_unreachable", fault.Params{"server": c.name()}).Because(errors.New(cause(err)))
}

// errSilent ends a request on which nothing has come for too long.
var errSilent = errors.New("timeout")

// cause is the innermost reason, which holds no address and nothing of the request.
func cause(err error) string {
	if errors.Is(err, errSilent) || errors.Is(err, context.Canceled) { // the watchdog's doing
		return errSilent.Error()
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// document reads a whole answer.
func (c *conn) document(ctx context.Context, a ask) (json.RawMessage, error) {
	res, err := c.do(ctx, a)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 && res.StatusCode == http.StatusNoContent {
		return nil, nil
	}
	if len(raw) > maxAnswer || !json.Valid(raw) {
		return nil, c.strange(res.StatusCode)
	}
	return raw, nil
}

// watchdog ends a request on which nothing moves.
type watchdog struct {
	wait   time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// watched is a stream in either direction under a watchdog.
type watched struct {
	io.Reader
	dog *watchdog
}

func (w watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if n > 0 {
		w.dog.timer.Reset(w.dog.wait)
	}
	return n, err
}

// watchedBody is an answer's body; the watchdog goes with it.
type watchedBody struct {
	watched
	io.Closer
}

func (w watchedBody) Close() error {
	err := w.Closer.Close()
	w.dog.stop()
	return err
}
