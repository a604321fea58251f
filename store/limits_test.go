package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/rules"
)

// within places whom limits allow.
func (w *world) within(id string, n int, limits, own []rules.Limit) dispatch.Claimed {
	w.t.Helper()
	r := w.request(w.hold, id, n)
	r.Limits, r.OwnLimits = limits, own
	c, err := w.Claim(w.ctx, r, w.placeAllowed)
	w.must(err)
	return c
}

// placeAllowed puts off whom a limit holds, and places the others.
func (w *world) placeAllowed(candidates []dispatch.Candidate) []dispatch.Verdict {
	out := w.place(candidates)
	for i, c := range candidates {
		if c.Held != nil {
			out[i] = dispatch.Verdict{Do: dispatch.DoDefer, Next: campaign.Defer(c.Standing, campaign.WhyLimit, c.Held.Until, *w.now)}
		}
	}
	return out
}

// later lets time go by; the line's lease is kept.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	*w.now = w.now.Add(d)
	_, err := w.Beat(w.ctx, w.node, ttl)
	w.must(err)
	w.hold = w.take(w.node)
}

var oneADay = []rules.Limit{{Most: 1, Days: 1}}

func TestLimitsHoldPeopleAcrossCampaigns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("p0@example.com", "mine@example.com")
		w.campaign("a", 2)
		w.campaign("b", 2)
		other := newcomer("mine@example.com") // the same person at another address
		_, err := w.EnrolBatch(w.ctx, "ws", "b", []campaign.Newcomer{other}, campaign.Progress{}, *w.now)
		w.must(err)
		first := w.within("a", 10, oneADay, nil)
		if len(first.Flights) != 2 {
			t.Fatalf("%d of the first campaign", len(first.Flights))
		}
		w.settle(channel.NoAnswer, first.Flights[0])
		w.settle(channel.LineFailed, first.Flights[1]) // which disturbed nobody
		begun := *w.now
		second := w.within("b", 10, oneADay, nil)
		if len(second.Flights) != 1 || second.Flights[0].Candidate.Addresses[0] != "p1@example.com" {
			t.Fatalf("placed %+v", second.Flights)
		}
		for _, n := range []int{1, 3} {
			e := w.entry("b", n)
			if e.Why != campaign.WhyLimit || e.Status != campaign.StatusPending || e.Due.Before(begun.Add(24*time.Hour)) || e.Due.After(begun.Add(24*time.Hour+time.Minute)) {
				t.Errorf("recipient %d: %+v", n, e)
			}
		}
		w.later(24*time.Hour - time.Second)
		if c := w.within("b", 10, oneADay, nil); len(c.Flights) != 0 {
			t.Errorf("%d within the day", len(c.Flights))
		}
		w.later(time.Minute)
		// Both are due, and are one person: one goes first, and the other waits for what becomes of it.
		if c := w.within("b", 10, oneADay, nil); len(c.Flights) != 1 {
			t.Errorf("%d on the next day", len(c.Flights))
		}
	})
}

func TestACampaignsOwnLimitCountsItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("a", 1)
		w.campaign("b", 1)
		w.settle(channel.NoAnswer, w.within("a", 1, nil, oneADay).Flights...)
		b := w.within("b", 1, nil, oneADay)
		if len(b.Flights) != 1 {
			t.Fatal("another campaign's attempt counted")
		}
		w.settle(channel.NoAnswer, b.Flights...)
		w.later(2 * time.Hour) // the retry is due
		if c := w.within("b", 1, nil, oneADay); len(c.Flights) != 0 {
			t.Error("its own attempt did not count")
		}
		w.later(24 * time.Hour)
		if c := w.within("b", 1, nil, oneADay); len(c.Flights) != 1 {
			t.Error("held for longer than the day")
		}
	})
}

func TestOnlyAnswersCount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		limit := []rules.Limit{{Most: 1, Days: 1, Counts: rules.Answered}}
		w.campaign("a", 1)
		w.campaign("b", 1)
		a := w.within("a", 1, limit, nil)
		if b := w.within("b", 1, limit, nil); len(b.Flights) != 0 {
			t.Fatal("contacted while they may be answering")
		}
		w.settle(channel.NoAnswer, a.Flights...)
		w.later(rules.LookAgain)
		b := w.within("b", 1, limit, nil)
		if len(b.Flights) != 1 {
			t.Fatal("held though nobody answered")
		}
		w.settle(channel.Sent, b.Flights...)
		w.later(2 * time.Hour)
		if a := w.within("a", 1, limit, nil); len(a.Flights) != 0 {
			t.Error("contacted again after they were reached")
		}
	})
}

func TestAttemptsThatWereNotMadeAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("a", 1)
		f := w.within("a", 1, oneADay, nil).Flights
		c := w.closing(channel.LineFailed, f[0])
		c.Undone, c.Next = true, campaign.Defer(campaign.Standing{Lap: 1}, campaign.WhyFirst, *w.now, *w.now)
		_, err := w.Settle(w.ctx, []dispatch.Closing{c})
		w.must(err)
		if again := w.within("a", 1, oneADay, nil); len(again.Flights) != 1 {
			t.Error("an attempt that was given back counts")
		}
	})
}

// TestLimitsAreExactBetweenNodes lets claims of four campaigns on four lines meet at the same people.
func TestLimitsAreExactBetweenNodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const people, campaigns = 40, 4
		holds := make([]dispatch.Hold, campaigns)
		for i := range campaigns {
			line := fmt.Sprint("line-", i)
			w.must(w.PutLine(w.ctx, channel.Line{ID: line, Workspace: "ws", Kind: channel.Email, Name: line, From: "a@example.com", Zone: "UTC", Enabled: true}, nil, *w.now))
			node := w.join(line)
			term, _, err := w.Take(w.ctx, node, line, ttl)
			w.must(err)
			holds[i] = dispatch.Hold{Line: line, Node: node, Term: term}
			w.campaign(fmt.Sprint("c", i), people)
		}
		limit := []rules.Limit{{Most: 2, Days: 1}}
		var mu sync.Mutex
		met := map[channel.Address]int{}
		var work sync.WaitGroup
		now := *w.now
		for i, h := range holds {
			work.Go(func() {
				for range people / 8 {
					r := dispatch.Claim{
						Hold: h, Workspace: "ws", Campaign: fmt.Sprint("c", i), Kind: channel.Email, Now: now, Max: 8, First: 8, Day: 100, Limits: limit,
					}
					c, err := w.Claim(w.ctx, r, func(list []dispatch.Candidate) []dispatch.Verdict {
						mu.Lock()
						defer mu.Unlock()
						return w.placeAllowed(list)
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, f := range c.Flights {
						met[f.Candidate.Addresses[0]]++
					}
					mu.Unlock()
				}
			})
		}
		work.Wait()
		if len(met) != people {
			t.Errorf("%d of %d people were contacted", len(met), people)
		}
		for a, n := range met {
			if n != 2 {
				t.Errorf("%s was contacted %d times", a, n)
			}
		}
	})
}

func TestOldAttemptsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("a", 3)
		w.settle(channel.Sent, w.within("a", 2, oneADay, nil).Flights...)
		if n := w.RecentPeople(); n != 2 {
			t.Fatalf("%d people are remembered", n)
		}
		w.later(rules.MaxSpan / 2)
		w.settle(channel.Sent, w.within("a", 2, oneADay, nil).Flights...)
		w.later(rules.MaxSpan/2 + time.Hour)
		_, err := w.Purge(w.ctx, 100)
		w.must(err)
		if n := w.RecentPeople(); n != 1 {
			t.Errorf("%d people are remembered, want the last one", n)
		}
	})
}

func TestRuleSettings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got, revision, err := w.RuleSettings(w.ctx, "ws")
		w.must(err)
		if revision != 0 || len(got.Limits)+len(got.Packs) != 0 {
			t.Errorf("at first %+v, %d", got, revision)
		}
		before, err := w.Pulse(w.ctx)
		w.must(err)
		s := rules.Settings{Limits: oneADay, Packs: []rules.Chosen{{Pack: "US"}}}
		revision, err = w.SetRuleSettings(w.ctx, "ws", s, 0, *w.now)
		w.must(err)
		if _, err := w.SetRuleSettings(w.ctx, "ws", s, revision+1, *w.now); err == nil {
			t.Error("another revision was replaced")
		}
		got, now, err := w.RuleSettings(w.ctx, "ws")
		w.must(err)
		if now != revision || len(got.Limits) != 1 || got.Limits[0] != oneADay[0] || got.Packs[0].Pack != "US" {
			t.Errorf("%+v, %d", got, now)
		}
		if after, err := w.Pulse(w.ctx); err != nil || after == before {
			t.Error("nobody is told")
		}
		w.campaign("a", 1)
		j, err := w.Job(w.ctx, "a")
		w.must(err)
		if len(j.Rules.Limits) != 1 || len(j.Rules.Hours) != 0 {
			t.Errorf("an e-mail campaign is bound by %+v", j.Rules)
		}
	})
}
