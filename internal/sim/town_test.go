package sim_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/sim"
	"campanario/store"
)

// town is a city with one line and one process, for tests of one behaviour of the engine.
type town struct {
	*sim.City
	t    *testing.T
	ctx  context.Context
	proc *sim.Process
	// renewed is how often a person gave a recipient their turns again.
	renewed map[string]map[campaign.Number]int
}

// inTown runs f on a fake clock that begins on Monday 3 January 2000 at noon in São Paulo.
func inTown(t *testing.T, limits channel.Limits, mix sim.Mix, f func(w *town)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Date(2000, 1, 3, 14, 0, 0, 0, time.UTC)))
		ctx := t.Context()
		s := dbtest.Open(t, "sqlite", store.Options{Clock: func() int64 { return time.Now().UnixMilli() }})
		city, err := sim.NewCity(ctx, s, sim.NewWorld(1, mix), 1, slog.New(slog.DiscardHandler))
		w := &town{City: city, t: t, ctx: ctx}
		w.must(err)
		w.must(city.AddLine(ctx, channel.Line{Kind: channel.Voice, From: "+551130000000", Limits: limits}))
		_, err = city.Speaker(ctx)
		w.must(err)
		w.proc, err = city.Boot(ctx)
		w.must(err)
		<-time.After(time.Second) // the line has been taken
		shut := sync.OnceFunc(func() {
			if err := city.Shut(w.proc, time.Minute); err != nil {
				t.Errorf("shut: %v", err)
			}
			city.World.Wait()
		})
		defer shut() // also when the test has failed: nothing may be left in the bubble
		f(w)
		shut()
		bad, err := city.Check(context.Background(), nil, w.renewed)
		w.must(err)
		for _, b := range bad {
			t.Error(b)
		}
	})
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// campaign makes a draft of calls with n recipients.
func (w *town) campaign(n int, change func(d *campaign.Definition)) string {
	w.t.Helper()
	d := campaign.Definition{Name: fmt.Sprint("campaign ", len(w.Campaigns)), Channel: channel.Voice, Line: "line-1", Agent: "agent-1"}
	if change != nil {
		change(&d)
	}
	k := len(w.Campaigns)
	id, err := w.AddCampaign(w.ctx, d, n, func(i int) campaign.Newcomer {
		p := campaign.Newcomer{Band: campaign.BandNormal}
		p.Name = "Ana"
		p.Addresses = []channel.Address{channel.Address(fmt.Sprintf("+5511%d%08d", k+2, i))}
		return p
	})
	w.must(err)
	return id
}

func (w *town) start(id string) {
	w.t.Helper()
	_, err := w.Service.Start(w.ctx, w.Workspace, id)
	w.must(err)
}

func (w *town) get(id string) *campaign.Campaign {
	w.t.Helper()
	c, err := w.Service.Get(w.ctx, w.Workspace, id)
	w.must(err)
	return c
}

func (w *town) counts(id string) campaign.Counts {
	w.t.Helper()
	c, err := w.Service.Counts(w.ctx, w.Workspace, id)
	w.must(err)
	return c
}

func (w *town) diagnose(id string) campaign.Diagnosis {
	w.t.Helper()
	d, err := w.Service.Diagnose(w.ctx, w.Workspace, id)
	w.must(err)
	return d
}

// until lets time go by until the condition holds, and says how long that took.
func (w *town) until(limit time.Duration, what string, holds func() bool) time.Duration {
	w.t.Helper()
	begin := time.Now()
	step := limit / 2000
	for !holds() {
		if time.Since(begin) > limit {
			for _, id := range w.Campaigns {
				d := w.diagnose(id)
				w.t.Logf("%s %s: %+v, waits for %+v, counts %+v", id, w.get(id).State, d, d.Waiting, w.counts(id))
			}
			w.t.Fatalf("not within %v: %s", limit, what)
		}
		<-time.After(step)
	}
	return time.Since(begin)
}

func (w *town) completed(id string, limit time.Duration) time.Duration {
	w.t.Helper()
	return w.until(limit, "completed", func() bool { return w.get(id).State == campaign.Completed })
}

// starts are when attempts of the campaign were made.
func (w *town) starts(id string) []time.Time {
	var out []time.Time
	for _, s := range w.World.Seen() {
		if c, _, _, _ := campaign.ParseAttemptID(s.Attempt); c == id {
			out = append(out, s.Start)
		}
	}
	return out
}

// short calls, all answered.
var answered = sim.Mix{Ring: 2 * time.Second, Talk: 10 * time.Second}

func window(t *testing.T, text string) func(d *campaign.Definition) {
	return func(d *campaign.Definition) { d.Window = mustWindow(t, text) }
}
