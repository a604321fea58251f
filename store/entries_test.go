package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
)

// TestFiltersAgreeWithWhatIsShown: in every state of a campaign, filtering by a status gives exactly the recipients that
// show it, and the counters count them.
func TestFiltersAgreeWithWhatIsShown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 40)
		f := w.claim("c", 30).Flights
		for i, code := range []channel.Code{channel.Sent, channel.Deferred, channel.Bounced, channel.OptedOut, channel.Blocked, channel.LineFailed, channel.Unknown} {
			w.settle(code, f[3*i], f[3*i+1])
		}
		for i, a := range campaign.RecipientActions() {
			numbers := []campaign.Number{f[3*i+1].Number, campaign.BandNormal.First() + campaign.Number(31+i)}
			_, err := w.act("c", a, campaign.Filter{Numbers: numbers})
			w.must(err)
		}
		for _, state := range []campaign.State{campaign.Active, campaign.Paused, campaign.Cancelled} {
			if state != campaign.Active {
				from := []campaign.State{campaign.Active, campaign.Paused}
				w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: from, To: state, At: *w.now}))
			}
			all, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{}, 0, 100)
			w.must(err)
			if len(all) != 40 {
				t.Fatalf("%d recipients", len(all))
			}
			counts := w.counts("c")
			for _, status := range campaign.Statuses() {
				var want []campaign.Number
				for _, e := range all {
					if e.Status == status {
						want = append(want, e.Number)
					}
				}
				got, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{Statuses: []campaign.Status{status}}, 0, 100)
				w.must(err)
				if !slices.Equal(numbersOf(got), want) {
					t.Errorf("%s: filter %s gives %v, shown by %v", state, status, numbersOf(got), want)
				}
				if counts.ByStatus[status] != int64(len(want)) {
					t.Errorf("%s: %d %s are counted, %d shown", state, counts.ByStatus[status], status, len(want))
				}
			}
		}
	})
}

func numbersOf(list []campaign.Entry) []campaign.Number {
	var out []campaign.Number
	for _, e := range list {
		out = append(out, e.Number)
	}
	return out
}

func TestEntriesByPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 25)
		w.settle(channel.Sent, w.claim("c", 25).Flights...)
		for _, f := range []campaign.Filter{{}, {Statuses: []campaign.Status{campaign.StatusCompleted}}, {Outcomes: []channel.Code{channel.Sent}}, {Search: "EXAMPLE.com"}} {
			var got []campaign.Number
			for after := campaign.Number(0); ; {
				page, err := w.Entries(w.ctx, "ws", "c", f, after, 10)
				w.must(err)
				got = append(got, numbersOf(page)...)
				if len(page) < 10 {
					break
				}
				after = page[len(page)-1].Number
			}
			if len(got) != 25 || !slices.IsSorted(got) {
				t.Errorf("%+v: %d recipients", f, len(got))
			}
		}
		if got, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{Search: "p7@"}, 0, 10); err != nil || len(got) != 1 {
			t.Errorf("search gives %d, %v", len(got), err)
		}
		if got, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{Search: "p_@"}, 0, 30); err != nil || len(got) != 0 {
			t.Errorf("a search with a wildcard gives %d, %v", len(got), err)
		}
		if _, err := w.Entries(w.ctx, "other", "c", campaign.Filter{}, 0, 10); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another workspace: %v", err)
		}
	})
}

// TestForesight: what an action would do is what it then does, whoever is picked, in every state that recipients can be in.
func TestForesight(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 12)
		flights := w.claim("c", 9).Flights
		w.settle(channel.Sent, flights[:3]...)
		w.settle(channel.Bounced, flights[3:6]...)
		everybody, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{}, 0, 100)
		w.must(err)
		service := campaign.NewService(campaign.Options{Store: w.Store, Now: func() time.Time { return *w.now }})
		filters := []campaign.Filter{
			{},
			{Statuses: []campaign.Status{campaign.StatusPending, campaign.StatusCompleted}},
			{Search: "example"},
			{Search: "p1"},
			{Search: "nobody"},
			{Outcomes: []channel.Code{channel.Bounced}},
			{Numbers: numbersOf(everybody)[:4]},
			{Statuses: []campaign.Status{campaign.StatusInProgress}, Search: "example"},
		}
		for _, f := range filters {
			list, err := w.Entries(w.ctx, "ws", "c", f, 0, 100)
			w.must(err)
			for _, a := range campaign.RecipientActions() {
				var want campaign.ActReport
				for i := range list {
					if slices.Contains(a.From(), list[i].Status) {
						want.Changed++
					} else {
						want.Skipped++
					}
				}
				if got, err := service.Foresee(w.ctx, "ws", "c", a, f); err != nil || got != want {
					t.Errorf("%s of %+v: %+v, %v, want %+v", a, f, got, err, want)
				}
				if got, err := w.CountAmong(w.ctx, "ws", "c", f, a.From()); err != nil || got != want {
					t.Errorf("counting for %s of %+v: %+v, %v, want %+v", a, f, got, err, want)
				}
			}
		}
		f := campaign.Filter{Search: "p1"}
		want, err := service.Foresee(w.ctx, "ws", "c", campaign.SetCompleted, f)
		w.must(err)
		if got, err := service.Act(w.ctx, "ws", "c", campaign.SetCompleted, f, "me"); err != nil || got.Changed != want.Changed || got.Skipped != want.Skipped || got.Changed == 0 {
			t.Errorf("foreseen %+v, done %+v, %v", want, got, err)
		}
		if _, err := service.Foresee(w.ctx, "other", "c", campaign.RetryNow, f); fault.KindOf(err) != fault.NotFound {
			t.Errorf("from another workspace: %v", err)
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		if got, err := service.Foresee(w.ctx, "ws", "c", campaign.SetPending, campaign.Filter{}); err != nil || got.Changed != 0 || got.Skipped != 12 {
			t.Errorf("cancelled: %+v, %v", got, err)
		}
	})
}

func TestAttemptsByPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 25)
		w.settle(channel.Sent, w.claim("c", 25).Flights...) // all closed in the same millisecond
		seen := map[string]bool{}
		var after campaign.AttemptCursor
		for {
			page, err := w.Attempts(w.ctx, "ws", "c", campaign.AttemptQuery{After: after, Limit: 10})
			w.must(err)
			for _, a := range page {
				seen[a.ID] = true
				after = campaign.AttemptCursor{Closed: a.Outcome.At, Number: a.Number, Ordinal: a.Ordinal}
			}
			if len(page) < 10 {
				break
			}
		}
		if len(seen) != 25 {
			t.Errorf("%d attempts", len(seen))
		}
	})
}

func TestEnrol(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 3)
		rows := []campaign.Newcomer{newcomer("new@example.com"), newcomer("p1@example.com"), newcomer("new@example.com")}
		rows[0].Name, rows[0].Zones, rows[0].Tags = "Ágata Conceição", []string{"America/Sao_Paulo", "America/Manaus"}, []string{"vip"}
		rows[0].Variables = map[string]string{"valor": "R$ 10,00 \"à vista\""}
		r, err := w.EnrolBatch(w.ctx, "ws", "c", rows, campaign.Progress{Source: "file", Rows: 3}, *w.now)
		w.must(err)
		if r.Added != 1 || r.Duplicates != 2 {
			t.Errorf("report %+v", r)
		}
		got, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{Search: "agata conceicao"}, 0, 10)
		w.must(err)
		if len(got) != 1 || got[0].Name != "Ágata Conceição" || got[0].Variables["valor"] != rows[0].Variables["valor"] || len(got[0].Zones) != 2 || got[0].Tags[0] != "vip" {
			t.Errorf("read back %+v", got)
		}
		if done, err := w.EnrolDone(w.ctx, "ws", "c", "file"); err != nil || done != 3 {
			t.Errorf("%d rows done, %v", done, err)
		}
		if _, err := w.EnrolBatch(w.ctx, "ws", "c", rows[:1], campaign.Progress{Source: "file", Rows: 3}, *w.now); !fault.Is(err, "rows_done_before") {
			t.Errorf("the same rows again: %v", err)
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		if _, err := w.EnrolBatch(w.ctx, "ws", "c", rows, campaign.Progress{}, *w.now); !fault.Is(err, "action_not_allowed") {
			t.Errorf("into a cancelled campaign: %v", err)
		}
	})
}

// TestRemovedBeforeTheirTurn: who was taken out, or marked as done, is passed over by the cursor; who is to start over
// is contacted once.
func TestRemovedBeforeTheirTurn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 6)
		for i, a := range []campaign.RecipientAction{campaign.RemoveThem, campaign.SetCompleted, campaign.SetPending} {
			_, err := w.act("c", a, campaign.Filter{Numbers: []campaign.Number{campaign.BandNormal.First() + campaign.Number(1+2*i)}})
			w.must(err)
		}
		var got []campaign.Number
		for {
			c := w.claim("c", 2)
			for _, f := range c.Flights {
				got = append(got, f.Number-campaign.BandNormal.First())
			}
			if !c.Filled {
				break
			}
		}
		slices.Sort(got)
		if want := []campaign.Number{2, 4, 5, 6}; !slices.Equal(got, want) {
			t.Errorf("contacted %v, want %v", got, want)
		}
		if r, err := w.act("c", campaign.RemoveThem, campaign.Filter{}); err != nil || r.Changed != 1 || r.Skipped != 5 {
			t.Errorf("while attempts are open: %+v, %v", r, err)
		}
	})
}

func TestCampaignList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.campaign(fmt.Sprint("c", i), 1)
		}
		w.must(w.Move(w.ctx, "ws", "c3", campaign.Move{Action: campaign.Pause, From: []campaign.State{campaign.Active}, To: campaign.Paused, Reason: campaign.ByOperator, At: *w.now}))
		ids := func(q campaign.Query) []string {
			if q.Limit == 0 {
				q.Limit = 10
			}
			list, err := w.Campaigns(w.ctx, "ws", q)
			w.must(err)
			var out []string
			for _, c := range list {
				out = append(out, c.ID)
			}
			return out
		}
		for _, c := range []struct {
			q    campaign.Query
			want []string
		}{
			{campaign.Query{}, []string{"c4", "c3", "c2", "c1", "c0"}},
			{campaign.Query{Limit: 2}, []string{"c4", "c3"}},
			{campaign.Query{After: "c3"}, []string{"c2", "c1", "c0"}},
			{campaign.Query{States: []campaign.State{campaign.Paused, campaign.Draft}}, []string{"c3"}},
			{campaign.Query{Search: "CAMPANHÁ C2"}, []string{"c2"}},
			{campaign.Query{Search: "%"}, nil},
			{campaign.Query{Archived: true}, nil},
		} {
			if got := ids(c.q); !slices.Equal(got, c.want) {
				t.Errorf("%+v gives %v, want %v", c.q, got, c.want)
			}
		}
		w.settle(channel.Sent, w.claim("c0", 1).Flights...)
		sum, err := w.Summary(w.ctx, "ws")
		w.must(err)
		if sum.Total != 5 || sum.Active != 4 || sum.Success != 1 {
			t.Errorf("summary %+v", sum)
		}
	})
}

// TestStateChangesRace: whichever of two changes comes first decides, and the other is refused.
func TestStateChangesRace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		pause := campaign.Move{Action: campaign.Pause, From: []campaign.State{campaign.Active}, To: campaign.Paused, At: *w.now}
		results := make(chan error)
		for range 8 {
			go func() { results <- w.Move(w.ctx, "ws", "c", pause) }()
		}
		done := 0
		for range 8 {
			err := <-results
			switch {
			case err == nil:
				done++
			case !fault.Is(err, "action_not_allowed"):
				t.Errorf("refused with %v", err)
			}
		}
		if done != 1 {
			t.Errorf("paused %d times", done)
		}
	})
}

func TestJobs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 3)
		w.campaign("d", 3)
		w.must(w.Move(w.ctx, "ws", "d", campaign.Move{Action: campaign.Pause, From: []campaign.State{campaign.Active}, To: campaign.Paused, At: *w.now}))
		w.claim("c", 2)
		jobs, err := w.Jobs(w.ctx, "line")
		w.must(err)
		if len(jobs) != 1 || jobs[0].Campaign.ID != "c" || jobs[0].Total != 3 || jobs[0].FirstDone != 2 || jobs[0].Line.ID != "line" {
			t.Errorf("jobs %+v", jobs)
		}
		before, err := w.Pulse(w.ctx)
		w.must(err)
		w.must(w.PauseFor(w.ctx, "c", campaign.LineDown, map[string]string{"line": "x"}, *w.now))
		after, err := w.Pulse(w.ctx)
		w.must(err)
		if after <= before {
			t.Error("nobody is told of a pause")
		}
		c, err := w.Campaign(w.ctx, "ws", "c")
		w.must(err)
		if c.State != campaign.Paused || c.Paused != campaign.LineDown || c.PauseParams["line"] != "x" {
			t.Errorf("paused as %+v", c)
		}
		w.must(w.PauseFor(w.ctx, "c", campaign.TooManyFailed, nil, *w.now)) // it is not active any more
		if c, _ := w.Campaign(w.ctx, "ws", "c"); c.Paused != campaign.LineDown {
			t.Errorf("the reason became %s", c.Paused)
		}
	})
}

func TestWaitingIsForgottenWhenItGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 3)
		until := w.now.Add(time.Hour)
		w.must(w.SetWaiting(w.ctx, "c", &campaign.Waiting{Code: campaign.WaitWindow, Until: until, Since: *w.now}))
		v, err := w.EngineView(w.ctx, "ws", "c")
		w.must(err)
		if v.Waiting == nil || v.Waiting.Code != campaign.WaitWindow || !v.Waiting.Until.Equal(until) || !v.LineHeld {
			t.Errorf("view %+v", v)
		}
		w.claim("c", 1)
		if v, err := w.EngineView(w.ctx, "ws", "c"); err != nil || v.Waiting != nil {
			t.Errorf("view %+v, %v", v, err)
		}
	})
}
