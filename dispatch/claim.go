package dispatch

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
)

// claimTimeout is how long a claim may take before the database is taken to be away.
const claimTimeout = 15 * time.Second

// claim takes up to n recipients of a campaign and gives their orders to the network.
func (l *lane) claim(held context.Context, r *runner, n int, now time.Time) error {
	l.mu.Lock()
	first, _ := r.firstAllowed(now)
	c := Claim{
		Hold: l.hold, Workspace: r.job.Campaign.Workspace, Campaign: r.job.Campaign.ID, Edition: r.job.Edition, Kind: r.job.Campaign.Channel, Now: now.UTC(), Leave: l.leave(r, now).UTC(), Max: n, Look: max(n, r.look), First: min(max(n, r.look), first),
		Day: dayOf(now, l.line.Zone), PerDay: l.line.Limits.PerDay, OwnPerDay: r.job.Campaign.Pace.PerDay,
		Need: r.job.Campaign.Consent, Limits: r.job.Rules.Limits, OwnLimits: r.job.Campaign.ContactLimits,
	}
	line := l.line
	l.mu.Unlock()
	c.Screen = l.e.screen

	unsubscribe := l.unsubscribe(r)
	contents := map[int64]channel.Content{}
	// Cancelling a commit would leave nobody knowing whether it happened: a claim that has begun is brought to its end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(held), claimTimeout)
	defer cancel()
	began := time.Now()
	claimed, err := l.e.o.Store.Claim(ctx, c, func(candidates []Candidate) []Verdict {
		clear(contents) // the transaction may run more than once
		out := make([]Verdict, len(candidates))
		for i := range candidates {
			v, content := r.judge(&candidates[i], c.Now, unsubscribe)
			if v.Do == DoPlace {
				v.Token = l.e.token()
				contents[v.Token] = content
			}
			out[i] = v
		}
		return out
	})
	if err != nil {
		l.e.doubts.add(l.hold.Line, slices.Collect(maps.Keys(contents)))
		return err
	}
	switch claimed.Refused {
	case HoldLost:
		l.e.log.Warn("line_hold_lost", "line", l.hold.Line, "term", l.hold.Term)
		l.mu.Lock()
		l.running = false
		cancel := l.cancel
		l.mu.Unlock()
		if cancel != nil {
			cancel()
		}
		return nil
	case NotActive:
		l.stale.Store(true)
		return nil
	case ListsAway:
		l.mu.Lock()
		r.unscreened = now.Add(screenAgain)
		l.mu.Unlock()
		return nil
	case DayFull:
		l.mu.Lock()
		l.day = c.Day
		l.mu.Unlock()
		return nil
	case OwnFull:
		l.mu.Lock()
		r.day = c.Day
		l.mu.Unlock()
		return nil
	}
	l.take(r, claimed, c)
	for _, f := range claimed.Flights {
		l.launch(held, r, line, f, contents[f.Token], began)
	}
	return nil
}

// screenAgain is how soon a claim is tried again for which a list was missing.
const screenAgain = 200 * time.Millisecond

// screen looks addresses up on the shelf.
func (e *Engine) screen(lists []registry.Version, addresses []channel.Address) ([]int, error) {
	if e.o.Lists == nil {
		return nil, registry.ErrAway
	}
	keys := make([]uint64, len(addresses))
	for i, a := range addresses {
		keys[i], _ = registry.Key(a) // 0, which is nobody's, for what is no address
	}
	return e.o.Lists.Look(lists, keys)
}

// leave is the latest at which the starts of a claim leave. The lane's lock is held.
func (l *lane) leave(r *runner, now time.Time) time.Time {
	if l.meter.limited() || r.meter.limited() {
		return now.Add(ahead)
	}
	return now
}

func (l *lane) unsubscribe(r *runner) func(campaign.Number, channel.Address) string {
	link := l.e.o.Unsubscribe
	if link == nil {
		return nil
	}
	c := r.job.Campaign
	return func(n campaign.Number, to channel.Address) string { return link(c.Workspace, c.ID, n, to) }
}

// take notes what a claim tells of who is still to come.
func (l *lane) take(r *runner, claimed Claimed, c Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.pass += float64(len(claimed.Flights)) / float64(max(1, r.job.Campaign.Share))
	r.job.FirstDone += int64(claimed.First)
	r.lookFurther(claimed, c)
	if claimed.Filled {
		return
	}
	// Whoever is due has been taken: sleep until somebody else is.
	var next alarm
	next.no(claimed.NextDue)
	if !claimed.FirstEnd {
		k, step := r.firstAllowed(c.Now)
		if k > 0 {
			return
		}
		next.no(step)
		if step.IsZero() { // all are let go, and yet somebody is left: whom, the next reading of the campaign tells
			next.no(c.Now.Add(finishAgain))
		}
	}
	r.idle, r.asleep = next.at, next.at.IsZero()
	r.first = due{claimed.NextDue, claimed.NextWhy}
	if r.asleep && r.unsettled == 0 && len(claimed.Flights) == 0 {
		l.nudge() // nobody is left: the pass can end
	}
}

// launch gives one order to the network when it is due. The start is counted before anything else can be decided.
func (l *lane) launch(held context.Context, r *runner, line channel.Line, f Flight, content channel.Content, began time.Time) {
	now := time.Now()
	id := campaign.AttemptID(f.Campaign, f.Number, f.Ordinal)
	o := &open{
		Flight: f, lane: l, runner: r, began: began, stage: channel.StagePlaced,
		order: channel.Order{
			Attempt: id, Thread: thread(f.Campaign, f.Number, f.Lap), Workspace: r.job.Campaign.Workspace,
			Campaign: f.Campaign, Recipient: strconv.FormatInt(int64(f.Number), 10), Number: f.Before.Tries + 1,
			Line: line, To: f.Candidate.Addresses[f.Address], Content: content,
		},
	}
	l.mu.Lock()
	l.flights[f.Token] = o
	l.unsettled++
	r.open++
	r.unsettled++
	o.starts = [2]*start{l.meter.take(now), r.meter.take(now)}
	r.waiting = nil
	l.breaker.started(f.Token)
	l.mu.Unlock()
	l.e.work.Go(func() { o.place(l.e.ctx, held) })
}
