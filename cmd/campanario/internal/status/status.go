// Package status is the page at /status: the campaigns of a workspace with their live numbers, made on the server, without
// a script. It is for a look from wherever the console cannot be had; nothing can be done there.
package status

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page and its words
	"encoding/base64"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Campaigns is what the page shows.
type Campaigns interface {
	List(ctx context.Context, workspace string, q campaign.Query) ([]*campaign.Campaign, error)
	Summary(ctx context.Context, workspace string) (campaign.Summary, error)
	CountsOf(ctx context.Context, workspace string, ids []string) (map[string]campaign.Counts, error)
	Diagnose(ctx context.Context, workspace, id string) (campaign.Diagnosis, error)
	Flights(ctx context.Context, workspace, id string) ([]campaign.Flight, error)
	Attempts(ctx context.Context, workspace, id string, q campaign.AttemptQuery) ([]campaign.Attempt, error)
	Entry(ctx context.Context, workspace, id string, n campaign.Number) (campaign.Entry, error)
}

// Access says whose workspace is shown.
type Access interface {
	Authenticate(ctx context.Context, token string) (access.Principal, error)
	Workspace(ctx context.Context, id string) (access.Workspace, error)
}

// Options for New.
type Options struct {
	Access    Access
	Campaigns Campaigns
	Now       func() time.Time // time.Now when nil
	Log       *slog.Logger
}

// Page serves the page to who brings an API key as the password of HTTP's basic authentication.
type Page struct {
	o      Options
	policy string
}

// New makes the page.
func New(o Options) *Page {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	sum := sha256.Sum256([]byte(style))
	return &Page{o: o, policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

// ServeHTTP answers one request.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Authorization")
	l := locale.Match(r.Header.Get("Accept-Language"))
	v := view{Lang: string(l), Words: wordsOf(l), Style: template.CSS(style)} //nolint:gosec // ours, not a user's
	_, token, _ := r.BasicAuth()
	who, err := p.o.Access.Authenticate(r.Context(), token)
	if err == nil {
		err = who.Require(access.Read)
	}
	if err == nil {
		err = p.fill(r.Context(), &v, l, who.Workspace)
	}
	status := http.StatusOK
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Denied:
		h.Set("WWW-Authenticate", `Basic realm="Campanario: any user name, an API key as the password", charset="UTF-8"`)
		status, v.Denied = http.StatusUnauthorized, true
	default:
		p.o.Log.Error("page_failed", "error", err)
		h.Set("Retry-After", "5")
		status, v.Failed = http.StatusServiceUnavailable, true
	}
	var out bytes.Buffer
	if err := page.Execute(&out, v); err != nil {
		p.o.Log.Error("page_failed", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(l))
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

//go:embed page.html
var source string

//go:embed page.css
var style string

//go:embed words.json
var words []byte

var page = template.Must(template.New("page").Parse(source))

// wordsOf are the page's own words; what else it says is known to package locale.
func wordsOf(l locale.Language) map[string]string {
	var all map[string]map[string]string
	if err := json.Unmarshal(words, &all); err != nil { // it is embedded
		panic(err)
	}
	return all[string(l)]
}
