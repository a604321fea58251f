package store_test

import (
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/fault"
	"campanario/store"
)

func TestClaimTakesEverybodyOnceInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 10)
		var got []campaign.Number
		for {
			c := w.claim("c", 4)
			for _, f := range c.Flights {
				got = append(got, f.Number)
				if f.Ordinal != 1 || f.Lap != 1 || f.Before.Status != "" {
					t.Errorf("flight %+v", f)
				}
			}
			if !c.Filled {
				if !c.FirstEnd || !c.NextDue.IsZero() {
					t.Errorf("at the end: %+v", c)
				}
				break
			}
		}
		if len(got) != 10 || !slices.IsSorted(got) {
			t.Errorf("claimed %v", got)
		}
		if c := w.claim("c", 4); len(c.Flights) != 0 {
			t.Errorf("claimed %d again", len(c.Flights))
		}
		if n := w.counts("c"); n.InFlight != 10 || n.ByStatus[campaign.StatusInProgress] != 10 || n.ByStatus[campaign.StatusPending] != 0 {
			t.Errorf("counts %+v", n)
		}
	})
}

func TestClaimServesPrioritiesFirstWheneverTheyCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		low, high := newcomer("low@example.com"), newcomer("high@example.com")
		low.Band, high.Band = campaign.BandLow, campaign.BandHigh
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{low, high}, campaign.Progress{}, *w.now)
		w.must(err)
		var got []campaign.Band
		for _, f := range w.claim("c", 10).Flights {
			got = append(got, f.Number.Band())
		}
		if want := []campaign.Band{campaign.BandHigh, campaign.BandNormal, campaign.BandNormal, campaign.BandLow}; !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
	})
}

// Once a running campaign was changed, nobody is claimed by what it was before, and whoever read it anew goes on.
func TestClaimGoesByTheNewestDefinition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 5)
		edit := func(revision int64) error {
			c, err := w.Campaign(w.ctx, "ws", "c")
			w.must(err)
			end := w.now.Add(time.Hour)
			c.Revision, c.Pace.PerDay, c.EndsAt = revision, 7, &end
			return w.EditCampaign(w.ctx, c, nil, *w.now)
		}
		before, err := w.Pulse(w.ctx)
		w.must(err)
		w.must(edit(1))
		if after, err := w.Pulse(w.ctx); err != nil || after == before {
			t.Errorf("the engine is not told: %v", err)
		}
		if c := w.claim("c", 1); c.Refused != dispatch.NotActive {
			t.Errorf("by the definition of before: %q", c.Refused)
		}
		job, err := w.Job(w.ctx, "c")
		w.must(err)
		r := w.request(w.hold, "c", 1)
		r.Edition = job.Edition
		if c, err := w.Claim(w.ctx, r, w.place); err != nil || len(c.Flights) != 1 || job.Campaign.Pace.PerDay != 7 {
			t.Errorf("by the new one: %+v, %v", c, err)
		}
		if err := edit(1); !fault.Is(err, "revision_stale") {
			t.Errorf("over a newer one: %v", err)
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		c, err := w.Campaign(w.ctx, "ws", "c")
		w.must(err)
		c.State = campaign.Active // as somebody read it
		if err := w.EditCampaign(w.ctx, c, nil, *w.now); !fault.Is(err, "action_not_allowed") {
			t.Errorf("of one that has been cancelled: %v", err)
		}
	})
}

func TestClaimIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 5)
		stale := w.hold
		stale.Term--
		if c := w.claimBy(stale, "c", 1, w.place); c.Refused != dispatch.HoldLost {
			t.Errorf("an old term: %q", c.Refused)
		}
		stranger := w.hold
		stranger.Node++
		if c := w.claimBy(stranger, "c", 1, w.place); c.Refused != dispatch.HoldLost {
			t.Errorf("another node: %q", c.Refused)
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Pause, From: []campaign.State{campaign.Active}, To: campaign.Paused, At: *w.now}))
		if c := w.claim("c", 1); c.Refused != dispatch.NotActive {
			t.Errorf("paused: %q", c.Refused)
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Start, From: []campaign.State{campaign.Paused}, To: campaign.Active, At: *w.now}))
		*w.now = w.now.Add(ttl)
		if c := w.claim("c", 1); c.Refused != dispatch.HoldLost {
			t.Errorf("the lease has run out: %q", c.Refused)
		}
		if n := w.counts("c"); n.InFlight != 0 || n.ByStatus[campaign.StatusPending] != 5 {
			t.Errorf("refused claims left %+v", n)
		}
	})
}

func TestClaimKeepsTheDailyLimit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 20)
		limited := func(day int64) dispatch.Claimed {
			r := w.request(w.hold, "c", 4)
			r.Day, r.PerDay = day, 6
			c, err := w.Claim(w.ctx, r, w.place)
			w.must(err)
			return c
		}
		if a, b := len(limited(100).Flights), len(limited(100).Flights); a != 4 || b != 2 {
			t.Errorf("started %d and %d, want 4 and 2", a, b)
		}
		if c := limited(100); c.Refused != dispatch.DayFull {
			t.Errorf("the day is full: %q", c.Refused)
		}
		next := limited(101)
		if len(next.Flights) != 4 {
			t.Errorf("started %d on the next day", len(next.Flights))
		}
		// A start that never touched the network is given back.
		c := w.closing(channel.LineFailed, next.Flights[0])
		c.Day, c.Untouched = 101, true
		_, err := w.Settle(w.ctx, []dispatch.Closing{c})
		w.must(err)
		if n := len(limited(101).Flights); n != 3 {
			t.Errorf("started %d after one was given back, want 3", n)
		}
	})
}

func TestClaimRollsBackWhenTheHoldIsLostMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 3)
		c := w.claimBy(w.hold, "c", 3, func(candidates []dispatch.Candidate) []dispatch.Verdict {
			*w.now = w.now.Add(2 * ttl) // the process stalls here
			return w.place(candidates)
		})
		if c.Refused != dispatch.HoldLost || len(c.Flights) != 0 {
			t.Errorf("claimed %+v", c)
		}
		if n := w.counts("c"); n.InFlight != 0 || n.ByStatus[campaign.StatusPending] != 3 {
			t.Errorf("the claim left %+v", n)
		}
	})
}

func TestClaimDoesWhatWasDecided(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 3)
		later := w.now.Add(time.Hour)
		c := w.claimBy(w.hold, "c", 3, func(candidates []dispatch.Candidate) []dispatch.Verdict {
			out := w.place(candidates)
			out[0] = dispatch.Verdict{Do: dispatch.DoDefer, Next: campaign.Defer(campaign.Standing{}, campaign.WhyWindow, later, *w.now)}
			out[1] = dispatch.Verdict{Do: dispatch.DoSettle, Next: campaign.Exclude(campaign.Standing{}, campaign.Invalid, "variables_missing", `{"names":["x"]}`, *w.now)}
			return out
		})
		if len(c.Flights) != 1 || c.First != 3 {
			t.Errorf("claimed %+v", c)
		}
		if e := w.entry("c", 1); e.Status != campaign.StatusPending || e.Why != campaign.WhyWindow || !e.Due.Equal(later) {
			t.Errorf("put off: %+v", e)
		}
		if e := w.entry("c", 2); e.Status != campaign.StatusFailed || e.Reason != "variables_missing" || e.Params == "" {
			t.Errorf("settled: %+v", e)
		}
		if e := w.entry("c", 3); e.Status != campaign.StatusInProgress || !e.InFlight {
			t.Errorf("placed: %+v", e)
		}
		dry := w.claim("c", 3)
		if len(dry.Flights) != 0 || !dry.NextDue.Equal(later) || !dry.FirstEnd {
			t.Errorf("nobody is due: %+v", dry)
		}
		*w.now = later
		_, err := w.Beat(w.ctx, w.node, ttl)
		w.must(err)
		w.hold = w.take(w.node)
		if c := w.claim("c", 3); len(c.Flights) != 1 || c.First != 0 || c.Flights[0].Ordinal != 1 || c.Flights[0].Before.Status != campaign.StatusPending {
			t.Errorf("when their hour has come: %+v", c)
		}
	})
}

func TestClaimLooksAtSuppressionInThatInstant(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		two := newcomer("a@example.com", "b@example.com", "c@example.com")
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{two}, campaign.Progress{}, *w.now)
		w.must(err)
		w.must(w.Suppress(w.ctx, "ws", []store.Suppression{
			{Address: "p0@example.com", Channel: channel.Email},
			{Address: "p1@example.com", Channel: channel.Voice}, // another channel
			{Address: "b@example.com"},                          // every channel
		}, *w.now))
		w.must(w.Suppress(w.ctx, "other", []store.Suppression{{Address: "a@example.com"}}, *w.now)) // another workspace
		var barred []uint32
		w.claimBy(w.hold, "c", 10, func(candidates []dispatch.Candidate) []dispatch.Verdict {
			barred = nil
			for _, c := range candidates {
				barred = append(barred, c.Barred)
			}
			return w.place(candidates)
		})
		if want := []uint32{1, 0, 2}; !slices.Equal(barred, want) {
			t.Errorf("barred %v, want %v", barred, want)
		}
	})
}

func TestSettleWritesAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 4)
		f := w.claim("c", 4).Flights
		w.settle(channel.Sent, f[0])
		w.settle(channel.Deferred, f[1])
		w.settle(channel.OptedOut, f[2])
		n := w.counts("c")
		if n.ByStatus[campaign.StatusCompleted] != 1 || n.ByStatus[campaign.StatusRetry] != 1 || n.ByStatus[campaign.StatusSuppressed] != 1 ||
			n.InFlight != 1 || n.Attempts != 3 || n.Talk != 3*time.Second || n.ByCode[channel.Sent] != 1 {
			t.Errorf("counts %+v", n)
		}
		if list, err := w.ListSuppressions(w.ctx, "ws", audience.SuppressionQuery{Limit: 10}); err != nil || len(list) != 1 || list[0].Address != "p2@example.com" {
			t.Errorf("suppressed %+v, %v", list, err)
		}
		if e := w.entry("c", 2); e.Status != campaign.StatusRetry || !e.Due.Equal(w.now.Add(time.Hour)) || e.Last != channel.Deferred || e.Attempt != 1 {
			t.Errorf("waits as %+v", e)
		}
		// The same closing once more changes nothing.
		if late := w.settle(channel.Sent, f[0]); len(late) != 1 {
			t.Errorf("closed twice: %d late", len(late))
		}
		if again := w.counts("c"); again.Attempts != 3 || again.ByCode[channel.Sent] != 1 {
			t.Errorf("counts after closing twice %+v", again)
		}
		*w.now = w.now.Add(time.Hour)
		_, err := w.Beat(w.ctx, w.node, ttl)
		w.must(err)
		w.hold = w.take(w.node)
		second := w.claim("c", 4).Flights
		if len(second) != 1 || second[0].Ordinal != 2 || second[0].Before.Status != campaign.StatusRetry {
			t.Fatalf("second attempt %+v", second)
		}
		w.settle(channel.Sent, second[0])
		if n := w.counts("c"); n.ByStatus[campaign.StatusRetry] != 0 || n.ByStatus[campaign.StatusCompleted] != 2 || n.Retries != 1 {
			t.Errorf("counts %+v", n)
		}
		list, err := w.Attempts(w.ctx, "ws", "c", campaign.AttemptQuery{Number: second[0].Number, Limit: 10})
		w.must(err)
		if len(list) != 2 || list[0].Outcome.Code != channel.Deferred || list[1].Outcome.Code != channel.Sent || list[1].To != "p1@example.com" {
			t.Errorf("attempts %+v", list)
		}
	})
}

// TestOrphansOfADeadNode: a node dies with attempts open; another closes them as unknown; then the first one turns out
// to be alive, and what it has to say only mends the record.
func TestOrphansOfADeadNode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		f := w.claim("c", 2).Flights
		*w.now = w.now.Add(2 * ttl)
		second := w.join("second")
		if o, err := w.Orphans(w.ctx, "line", second, 10); err != nil || len(o) != 0 {
			t.Fatalf("a node that has just come takes %d for dead, %v", len(o), err)
		}
		*w.now = w.now.Add(ttl - time.Second)
		_, err := w.Beat(w.ctx, second, ttl)
		w.must(err)
		*w.now = w.now.Add(time.Second)
		orphans, err := w.Orphans(w.ctx, "line", second, 10)
		w.must(err)
		if len(orphans) != 2 || orphans[0].Token != f[0].Token || len(orphans[0].Addresses) != 1 {
			t.Fatalf("orphans %+v", orphans)
		}
		closings := make([]dispatch.Closing, 2)
		for i, o := range orphans {
			fl := o.Flight
			fl.Candidate.Addresses = o.Addresses
			closings[i] = w.closing(channel.Unknown, fl)
			closings[i].Airborne = true
		}
		_, err = w.Settle(w.ctx, closings)
		w.must(err)
		if n := w.counts("c"); n.ByCode[channel.Unknown] != 2 || n.ByStatus[campaign.StatusRetry] != 2 || n.InFlight != 0 {
			t.Errorf("counts %+v", n)
		}
		if air, err := w.Air(w.ctx, "line", second, *w.now); err != nil || air.Others != 2 {
			t.Errorf("in the air %+v, %v", air, err)
		}
		if air, err := w.Air(w.ctx, "line", second, w.now.Add(time.Hour)); err != nil || air.Others != 0 {
			t.Errorf("in the air an hour later %+v, %v", air, err)
		}
		// The dead speak: one person had been reached, one had said stop.
		if late := w.settle(channel.Sent, f[0]); len(late) != 1 {
			t.Errorf("%d late", len(late))
		}
		w.settle(channel.OptedOut, f[1])
		n := w.counts("c")
		if n.ByCode[channel.Unknown] != 0 || n.ByCode[channel.Sent] != 1 || n.ByStatus[campaign.StatusRetry] != 2 || n.Attempts != 2 {
			t.Errorf("counts %+v", n)
		}
		if list, err := w.ListSuppressions(w.ctx, "ws", audience.SuppressionQuery{Limit: 10}); err != nil || len(list) != 1 {
			t.Errorf("suppressed %+v, %v", list, err)
		}
	})
}

// TestALateClosingLeavesTheNextAttemptAlone: while the recipient of a lost attempt is being contacted again.
func TestALateClosingLeavesTheNextAttemptAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		first := w.claim("c", 1).Flights[0]
		w.settle(channel.Unknown, first)
		*w.now = w.now.Add(2 * time.Hour)
		_, err := w.Beat(w.ctx, w.node, ttl)
		w.must(err)
		w.hold = w.take(w.node)
		second := w.claim("c", 1).Flights
		if len(second) != 1 {
			t.Fatal("not due again")
		}
		if late := w.settle(channel.Sent, first); len(late) != 1 {
			t.Errorf("%d late", len(late))
		}
		if n := w.counts("c"); n.InFlight != 1 || n.ByCode[channel.Sent] != 1 || n.ByCode[channel.Unknown] != 0 {
			t.Errorf("counts %+v", n)
		}
		w.settle(channel.Sent, second[0])
		if n := w.counts("c"); n.InFlight != 0 || n.Attempts != 2 || n.ByStatus[campaign.StatusCompleted] != 1 {
			t.Errorf("counts %+v", n)
		}
	})
}

func TestUndoneAttemptsNeverWere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		f := w.claim("c", 1).Flights[0]
		if own, err := w.Own(w.ctx, "line", []int64{f.Token, 999}); err != nil || len(own) != 1 || own[0].Number != f.Number {
			t.Errorf("own %+v, %v", own, err)
		}
		_, err := w.Settle(w.ctx, []dispatch.Closing{{Flight: f, Undone: true, Next: campaign.Defer(f.Before, campaign.WhyFirst, *w.now, *w.now)}})
		w.must(err)
		if n := w.counts("c"); n.InFlight != 0 || n.Attempts != 0 || n.ByStatus[campaign.StatusPending] != 1 {
			t.Errorf("counts %+v", n)
		}
		if again := w.claim("c", 1).Flights; len(again) != 1 || again[0].Ordinal != 1 || again[0].Before.Status != campaign.StatusPending {
			t.Errorf("claimed again as %+v", again)
		}
	})
}

func TestFarEndsMaySayAnything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		c := w.closing(channel.Sent, w.claim("c", 1).Flights[0])
		c.Ref = "a\x00b\xff"
		c.Outcome.ProviderText = "nul \x00, broken \xff\xfe, " + string(make([]byte, 2000))
		c.Outcome.Collected = map[string]string{"k": "a\x00\xffb\\u0000"}
		c.Outcome.Dialogue = []channel.Turn{{Who: "person", What: "speech", Text: "\x00\xff\\u0000"}}
		_, err := w.Settle(w.ctx, []dispatch.Closing{c})
		w.must(err)
		list, err := w.Attempts(w.ctx, "ws", "c", campaign.AttemptQuery{Number: c.Number, Limit: 1})
		w.must(err)
		if got := list[0].Outcome.Dialogue[0].Text; got != "\uFFFD\\u0000" {
			t.Errorf("kept %q", got)
		}
	})
}

func TestCampaignsAreFinishedOnlyWhenNobodyIsLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		finish := func(want bool, why string) {
			t.Helper()
			done, err := w.Finish(w.ctx, "c", time.Time{}, *w.now)
			w.must(err)
			if done != want {
				t.Errorf("%s: finished %v", why, done)
			}
		}
		finish(false, "two have not had their turn")
		f := w.claim("c", 2).Flights
		finish(false, "two attempts are open")
		w.settle(channel.Sent, f[0])
		w.settle(channel.Deferred, f[1])
		finish(false, "one waits")
		r, err := w.act("c", campaign.SetCompleted, campaign.Filter{})
		w.must(err)
		if r.Changed != 2 {
			t.Errorf("marked %+v", r)
		}
		finish(true, "all are settled")
		c, err := w.Campaign(w.ctx, "ws", "c")
		w.must(err)
		if c.State != campaign.Completed || c.EndedAt.IsZero() {
			t.Errorf("campaign %s, ended %v", c.State, c.EndedAt)
		}
		// Somebody is to be contacted again: the campaign goes on.
		_, err = w.act("c", campaign.SetPending, campaign.Filter{})
		w.must(err)
		c, err = w.Campaign(w.ctx, "ws", "c")
		w.must(err)
		if c.State != campaign.Active || !c.EndedAt.IsZero() {
			t.Errorf("campaign %s, ended %v", c.State, c.EndedAt)
		}
	})
}

func TestLapsOpenInPartsAndOnlyForThoseWhoTakePart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 4500)
		var n int
		for {
			c := w.claim("c", 1000)
			for i := range c.Flights {
				code := channel.Sent
				if i%2 == 1 {
					code = channel.Blocked
				}
				c.Flights[i].Before.Tries = 2
				n++
				w.settle(code, c.Flights[i])
			}
			if !c.Filled {
				break
			}
		}
		next := w.now.Add(time.Hour)
		if done, err := w.Finish(w.ctx, "c", next, *w.now); err != nil || !done {
			t.Fatalf("finish: %v, %v", done, err)
		}
		again := func(s campaign.Standing, _ []string, addresses int) (campaign.Standing, bool) {
			return campaign.Renew(s, campaign.WhyLap, addresses, 2, next), s.Last == channel.Blocked
		}
		state := campaign.LapState{Lap: 2, Opened: next, Today: 1}
		if done, err := w.OpenLap(w.ctx, "c", state, again, *w.now); err != nil || !done {
			t.Errorf("too early: %v, %v", done, err)
		}
		parts := 0
		for done := false; !done; parts++ {
			var err error
			done, err = w.OpenLap(w.ctx, "c", state, again, next)
			w.must(err)
		}
		if parts != 3 {
			t.Errorf("opened in %d parts", parts)
		}
		if got := w.counts("c"); got.ByStatus[campaign.StatusRetry] != 2250 || got.ByStatus[campaign.StatusCompleted] != 2250 {
			t.Errorf("counts %+v", got)
		}
		c, err := w.Campaign(w.ctx, "ws", "c")
		w.must(err)
		if c.Lap.Lap != 2 || !c.Lap.Opened.Equal(next) {
			t.Errorf("lap %+v", c.Lap)
		}
	})
}

func TestALapThatNobodyTakesPartInEndsTheCampaign(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		w.settle(channel.Sent, w.claim("c", 1).Flights...)
		_, err := w.Finish(w.ctx, "c", w.now.Add(time.Second), *w.now)
		w.must(err)
		nobody := func(s campaign.Standing, _ []string, _ int) (campaign.Standing, bool) { return s, false }
		if done, err := w.OpenLap(w.ctx, "c", campaign.LapState{Lap: 2, Opened: *w.now}, nobody, w.now.Add(time.Minute)); err != nil || !done {
			t.Fatalf("%v, %v", done, err)
		}
		if c, err := w.Campaign(w.ctx, "ws", "c"); err != nil || c.State != campaign.Completed {
			t.Errorf("campaign %v, %v", c.State, err)
		}
	})
}

func TestPurgeLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("gone", 5)
		w.campaign("stays", 5)
		w.settle(channel.Sent, w.claim("gone", 3).Flights...)
		w.must(w.Move(w.ctx, "ws", "gone", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		w.must(w.DeleteCampaign(w.ctx, "ws", "gone", *w.now))
		for more := true; more; {
			var err error
			more, err = w.Purge(w.ctx, 2)
			w.must(err)
		}
		if n := w.counts("stays"); n.Total != 5 || n.ByStatus[campaign.StatusPending] != 5 {
			t.Errorf("the other campaign counts %+v", n)
		}
		if _, err := w.Job(w.ctx, "gone"); err == nil {
			t.Error("the campaign is still there")
		}
	})
}

func TestLeases(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		second := w.join("second")
		if _, ok, err := w.Take(w.ctx, second, "line", ttl); err != nil || ok {
			t.Fatalf("took a line that is held: %v, %v", ok, err)
		}
		*w.now = w.now.Add(ttl - time.Second)
		_, err := w.Beat(w.ctx, w.node, ttl)
		w.must(err)
		*w.now = w.now.Add(ttl - time.Second)
		if _, ok, err := w.Take(w.ctx, second, "line", ttl); err != nil || ok {
			t.Fatalf("took a line that was renewed: %v, %v", ok, err)
		}
		*w.now = w.now.Add(2 * time.Second)
		term, ok, err := w.Take(w.ctx, second, "line", ttl)
		if err != nil || !ok || term != w.hold.Term+1 {
			t.Fatalf("took term %d, %v, %v", term, ok, err)
		}
		v, err := w.Beat(w.ctx, w.node, ttl)
		w.must(err)
		if v.Alive || len(v.Lines) != 1 || v.Lines[0].Node != second || v.Lines[0].Term != term {
			t.Errorf("the first node sees %+v", v)
		}
		w.must(w.Drop(w.ctx, w.node, "line", w.hold.Term)) // not its own any more
		if _, ok, _ := w.Take(w.ctx, w.node, "line", ttl); ok {
			t.Error("a node dropped the lease of another")
		}
		w.must(w.Drop(w.ctx, second, "line", term))
		if _, ok, _ := w.Take(w.ctx, w.node, "line", ttl); !ok {
			t.Error("a dropped lease is not free")
		}
	})
}
