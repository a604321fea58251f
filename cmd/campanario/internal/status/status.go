// Package status is the page at the program's address: the campaigns of a workspace with their live numbers, made on the
// server, without a script. It is for a look from a telephone; everything that can be done is done by the API.
package status

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page and its words
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/report"
)

// Campaigns is what the page shows.
type Campaigns interface {
	List(ctx context.Context, workspace string, q campaign.Query) ([]*campaign.Campaign, error)
	Summary(ctx context.Context, workspace string) (campaign.Summary, error)
	CountsOf(ctx context.Context, workspace string, ids []string) (map[string]campaign.Counts, error)
	Diagnose(ctx context.Context, workspace, id string) (campaign.Diagnosis, error)
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
	sum := sha256.Sum256([]byte(style))
	return &Page{o: o, policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

// shown is how many campaigns stand on the page.
const shown = 30

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
		h.Set("WWW-Authenticate", `Basic realm="Campanario", charset="UTF-8"`)
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

// view is what the page shows.
type view struct {
	Lang      string
	Words     map[string]string
	Style     template.CSS
	Denied    bool
	Failed    bool
	Workspace string
	Summary   []figure
	Campaigns []card
	At        string
}

// figure is a number with its name.
type figure struct {
	Name, Value string
	Kind        string // of a status, for its colour
}

// card is one campaign.
type card struct {
	Name, Channel, State, StateCode string
	Progress                        int // per cent
	Settled, Total                  string
	Figures                         []figure
	Rates                           []figure
	Why                             string // what it waits for, or why it is paused
}

// fill reads what the page shows.
func (p *Page) fill(ctx context.Context, v *view, l locale.Language, workspace string) error {
	w, err := p.o.Access.Workspace(ctx, workspace)
	if err != nil {
		return err
	}
	sum, err := p.o.Campaigns.Summary(ctx, workspace)
	if err != nil {
		return err
	}
	list, err := p.o.Campaigns.List(ctx, workspace, campaign.Query{Limit: shown})
	if err != nil {
		return err
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	counts, err := p.o.Campaigns.CountsOf(ctx, workspace, ids)
	if err != nil {
		return err
	}
	v.Workspace = w.Name
	v.Summary = []figure{
		{Name: v.Words["total"], Value: number(l, sum.Total)}, {Name: v.Words["active"], Value: number(l, sum.Active)},
		{Name: v.Words["completed"], Value: number(l, sum.Completed)}, {Name: v.Words["success"], Value: percent(sum.Success)},
	}
	zone, err := time.LoadLocation(w.Settings.Zone)
	if err != nil {
		zone = time.UTC
	}
	v.At = time.Now().In(zone).Format("15:04:05")
	for _, c := range list {
		one, err := p.card(ctx, v, l, c, counts[c.ID])
		if err != nil {
			return err
		}
		v.Campaigns = append(v.Campaigns, one)
	}
	return nil
}

func (p *Page) card(ctx context.Context, v *view, l locale.Language, c *campaign.Campaign, n campaign.Counts) (card, error) {
	r := report.Of(n)
	out := card{
		Name: c.Name, Channel: symbol(c.Channel), State: locale.Word(l, "state", string(c.State)), StateCode: string(c.State),
		Progress: int(100 * r.Progress), Settled: number(l, n.Settled()), Total: number(l, n.Total),
	}
	for _, s := range campaign.Statuses() {
		if k := n.ByStatus[s]; k > 0 {
			out.Figures = append(out.Figures, figure{Name: locale.Word(l, "status", string(s)), Value: number(l, k), Kind: string(s)})
		}
	}
	if n.Attempts > 0 {
		out.Rates = []figure{
			{Name: v.Words["attempts"], Value: number(l, n.Attempts)}, {Name: v.Words["rate"], Value: percent(r.Success)},
		}
		if c.Goal != "" {
			out.Rates = append(out.Rates, figure{Name: v.Words["conversion"], Value: percent(r.Conversion)})
		}
		if r.MeanCall > 0 {
			out.Rates = append(out.Rates, figure{Name: v.Words["call"], Value: fmt.Sprintf("%.0f s", r.MeanCall)})
		}
	}
	if c.State != campaign.Active && c.State != campaign.Paused && c.State != campaign.Scheduled {
		return out, nil
	}
	d, err := p.o.Campaigns.Diagnose(ctx, c.Workspace, c.ID)
	if err != nil {
		return out, err
	}
	out.Why = why(l, d)
	return out, nil
}

// why says what a campaign is waiting for.
func why(l locale.Language, d campaign.Diagnosis) string {
	values := map[string]any{}
	for k, v := range d.Params {
		values[k] = v
	}
	if !d.Until.IsZero() {
		values["until"] = d.Until.Format(time.RFC3339)
	}
	switch {
	case d.Code == campaign.DiagPaused:
		return locale.Text(l, "pause."+string(d.Paused), values)
	case d.Waiting != nil:
		return locale.Text(l, "waiting."+string(d.Waiting.Code), values)
	case d.Code == campaign.DiagWorking:
		return ""
	default:
		return locale.Text(l, "diagnosis."+string(d.Code), values)
	}
}

func symbol(k channel.Kind) string {
	switch k {
	case channel.Voice:
		return "☎"
	case channel.Email:
		return "✉"
	default:
		return "💬"
	}
}

// number writes thousands as the language does.
func number(l locale.Language, n int64) string {
	mark := "."
	if l == locale.English {
		mark = ","
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return s
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

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
