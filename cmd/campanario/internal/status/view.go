package status

import (
	"context"
	"fmt"
	"html/template"
	"strconv"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/explain"
	"campanario/internal/locale"
	"campanario/report"
	"campanario/schedule"
)

// view is what the page shows.
type view struct {
	Lang      string
	Words     map[string]string
	Style     template.CSS
	Denied    bool
	Failed    bool
	Workspace string
	At        string
	Summary   []figure
	Campaigns []card
	Now       []person // whom attempts are open to, the newest first
	Open      string   // how many those are altogether
	Latest    []person // whose attempts have just ended
}

// figure is a number with its name.
type figure struct {
	Name, Value string
	Kind        string // of a status, for its colour
	X, Width    int    // of its part of the bar, in thousandths; 0 for none
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

// shown is how many campaigns stand on the page.
const shown = 30

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
		{Name: v.Words["total"], Value: number(l, sum.Total)},
		{Name: v.Words["active"], Value: number(l, sum.Active)},
		{Name: v.Words["completed"], Value: number(l, sum.Completed)},
		{Name: v.Words["success"], Value: percent(sum.Success)},
	}
	v.At = p.o.Now().In(zoneOf(w.Settings.Zone)).Format(time.TimeOnly)
	for _, c := range list {
		one, err := p.card(ctx, v, l, c, counts[c.ID])
		if err != nil {
			return err
		}
		v.Campaigns = append(v.Campaigns, one)
	}
	return p.people(ctx, v, l, list, counts)
}

func zoneOf(name string) *time.Location {
	zone, err := schedule.LoadZone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

func (p *Page) card(ctx context.Context, v *view, l locale.Language, c *campaign.Campaign, n campaign.Counts) (card, error) {
	r := report.Of(n)
	out := card{
		Name: c.Name, Channel: symbol(c.Channel), State: locale.Word(l, "state", string(c.State)), StateCode: string(c.State),
		Progress: int(100 * r.Progress), Settled: number(l, n.Settled()), Total: number(l, n.Total), Figures: figures(l, n),
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
	if err == nil && !passing(d) {
		out.Why = explain.Diagnosis(l, d, zoneOf(c.Zone))
	}
	return out, err
}

// passing reports whether a campaign waits for nothing but its turn, which is its ordinary life.
func passing(d campaign.Diagnosis) bool {
	if d.Waiting == nil {
		return d.Code == campaign.DiagStarting
	}
	switch d.Waiting.Code {
	case campaign.WaitPace, campaign.WaitBusy, campaign.WaitOwnBusy, campaign.WaitInFlight, campaign.WaitOpenEnd:
		return true
	default:
		return d.InFlight > 0
	}
}

// order is that of the statuses on the bar: what has come of people first, then what goes on; who waits is the ground.
var order = [...]campaign.Status{
	campaign.StatusCompleted, campaign.StatusNoAnswer, campaign.StatusBusy, campaign.StatusExhausted, campaign.StatusFailed,
	campaign.StatusSuppressed, campaign.StatusCancelled, campaign.StatusInProgress, campaign.StatusRetry, campaign.StatusQueued,
	campaign.StatusPending,
}

// whole is the length of a bar.
const whole = 1000

// figures are the statuses that somebody has, with their parts of the bar.
func figures(l locale.Language, n campaign.Counts) []figure {
	var out []figure
	sum := int64(0)
	for _, s := range order {
		k := n.ByStatus[s]
		if k == 0 {
			continue
		}
		f := figure{Name: locale.Word(l, "status", string(s)), Value: number(l, k), Kind: string(s)}
		if n.Total > 0 && s != campaign.StatusPending && s != campaign.StatusQueued {
			f.X = int(sum * whole / n.Total)
			sum += k
			f.Width = int(sum*whole/n.Total) - f.X
		}
		out = append(out, f)
	}
	return out
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
