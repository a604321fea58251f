package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/dbtest"
	"campanario/store"
)

// ttl is how long the leases of these tests hold.
const ttl = time.Minute

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a workspace with a line that a node holds, on a clock that the test moves.
type world struct {
	*store.Store
	t     *testing.T
	ctx   context.Context
	now   *time.Time
	node  int64
	hold  dispatch.Hold
	token int64
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) {
			now := noon
			s := dbtest.Open(t, name, store.Options{Veil: veil(t), Clock: func() int64 { return now.UnixMilli() }})
			w := &world{Store: s, t: t, ctx: t.Context(), now: &now}
			w.found()
			f(t, w)
		})
	}
}

// found makes what every test begins with.
func (w *world) found() {
	w.t.Helper()
	w.must(w.CreateWorkspace(w.ctx, "ws", "Um", *w.now))
	w.must(w.CreateWorkspace(w.ctx, "other", "Outro", *w.now))
	w.must(w.PutLine(w.ctx, channel.Line{ID: "line", Workspace: "ws", Kind: channel.Email, Name: "Linha", From: "a@example.com", Zone: "UTC", Enabled: true}, nil, *w.now))
	w.node = w.join("first")
	w.hold = w.take(w.node)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) join(name string) int64 {
	w.t.Helper()
	n, err := w.Join(w.ctx, name, ttl)
	w.must(err)
	return n
}

func (w *world) take(node int64) dispatch.Hold {
	w.t.Helper()
	term, ok, err := w.Take(w.ctx, node, "line", ttl)
	w.must(err)
	if !ok {
		w.t.Fatal("the line is not free")
	}
	return dispatch.Hold{Line: "line", Node: node, Term: term}
}

// campaign makes an active campaign with n recipients of normal priority.
func (w *world) campaign(id string, n int) {
	w.t.Helper()
	d := campaign.Definition{Name: "Campanha " + id, Channel: channel.Email, Line: "line", Message: &agent.MessageTemplate{Subject: "Oi", Text: "Oi"}}.Defaults()
	w.must(w.CreateCampaign(w.ctx, &campaign.Campaign{ID: id, Workspace: "ws", Definition: d, CreatedAt: *w.now, UpdatedAt: *w.now}, nil))
	rows := make([]campaign.Newcomer, n)
	for i := range rows {
		rows[i] = newcomer(fmt.Sprintf("p%d@example.com", i))
	}
	r, err := w.EnrolBatch(w.ctx, "ws", id, rows, campaign.Progress{}, *w.now)
	w.must(err)
	if r.Added != int64(n) {
		w.t.Fatalf("added %d of %d", r.Added, n)
	}
	w.must(w.Move(w.ctx, "ws", id, campaign.Move{Action: campaign.Start, From: []campaign.State{campaign.Draft}, To: campaign.Active, At: *w.now}))
}

func newcomer(addresses ...string) campaign.Newcomer {
	n := campaign.Newcomer{Band: campaign.BandNormal}
	for _, a := range addresses {
		n.Addresses = append(n.Addresses, channel.Address(a))
	}
	return n
}

// claim claims up to n; everybody is placed.
func (w *world) claim(id string, n int) dispatch.Claimed {
	w.t.Helper()
	return w.claimBy(w.hold, id, n, w.place)
}

func (w *world) place(candidates []dispatch.Candidate) []dispatch.Verdict {
	out := make([]dispatch.Verdict, len(candidates))
	for i := range out {
		w.token++
		out[i] = dispatch.Verdict{Do: dispatch.DoPlace, Token: w.token, Until: w.now.Add(time.Hour)}
	}
	return out
}

func (w *world) claimBy(h dispatch.Hold, id string, n int, decide func([]dispatch.Candidate) []dispatch.Verdict) dispatch.Claimed {
	w.t.Helper()
	c, err := w.Claim(w.ctx, w.request(h, id, n), decide)
	w.must(err)
	return c
}

func (w *world) request(h dispatch.Hold, id string, n int) dispatch.Claim {
	return dispatch.Claim{Hold: h, Workspace: "ws", Campaign: id, Kind: channel.Email, Now: *w.now, Max: n, First: n, Day: 100}
}

// settle closes flights with an outcome by the standard policy.
func (w *world) settle(code channel.Code, flights ...dispatch.Flight) []dispatch.Closing {
	w.t.Helper()
	closings := make([]dispatch.Closing, len(flights))
	for i, f := range flights {
		closings[i] = w.closing(code, f)
	}
	late, err := w.Settle(w.ctx, closings)
	w.must(err)
	return late
}

func (w *world) closing(code channel.Code, f dispatch.Flight) dispatch.Closing {
	o := channel.Outcome{Code: code, At: *w.now, Talk: time.Second}
	s := f.Before
	s.Attempt, s.Lap, s.Address = f.Ordinal, f.Lap, f.Address
	d := campaign.Policy{}.Defaults().Settle(s, max(1, len(f.Candidate.Addresses)), o, *w.now, anytime{})
	c := dispatch.Closing{Flight: f, Outcome: o, Next: d.Next, Kind: channel.Email}
	if d.Suppress {
		c.Suppress, c.Workspace = f.Candidate.Addresses[f.Address], "ws"
	}
	return c
}

type anytime struct{}

func (anytime) NextOpen(t time.Time) (time.Time, bool) { return t, true }

// act applies an action to everybody whom a filter picks, at once.
func (w *world) act(id string, a campaign.RecipientAction, f campaign.Filter) (campaign.ActReport, error) {
	w.t.Helper()
	e, err := w.BeginErrand(w.ctx, campaign.Errand{Workspace: "ws", Campaign: id, Action: a, Filter: f, CreatedAt: *w.now}, 1000, 1)
	if err == nil && e.State != campaign.ErrandDone {
		w.t.Errorf("%s is %s after a batch", a, e.State)
	}
	return campaign.ActReport{Changed: e.Changed, Skipped: e.Skipped}, err
}

func (w *world) counts(id string) campaign.Counts {
	w.t.Helper()
	m, err := w.Counts(w.ctx, "ws", []string{id})
	w.must(err)
	return m[id]
}

func (w *world) entry(id string, n int) campaign.Entry {
	w.t.Helper()
	e, err := w.Entry(w.ctx, "ws", id, campaign.BandNormal.First()+campaign.Number(n))
	w.must(err)
	return e
}
