package dispatch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"campanario/campaign"
	"campanario/internal/fault"
)

// tend does what campaigns need beside attempts: begin, end, open laps, be completed, be paused.
func (l *lane) tend(ctx context.Context, now time.Time, wake *alarm) error {
	l.mu.Lock()
	runners := make([]*runner, 0, len(l.runners))
	for _, r := range l.runners {
		if !r.gone {
			runners = append(runners, r)
		}
	}
	down := l.breaker.down(now)
	l.mu.Unlock()
	for _, r := range runners {
		if err := l.tendOne(ctx, r, down, now, wake); err != nil {
			return err
		}
	}
	return nil
}

func (l *lane) tendOne(ctx context.Context, r *runner, down bool, now time.Time, wake *alarm) error {
	c, store := r.job.Campaign, l.e.o.Store
	utc := now.UTC()
	switch {
	case c.State == campaign.Scheduled:
		if now.Before(r.job.Begins) {
			wake.no(r.job.Begins)
			return nil
		}
		l.stale.Store(true)
		return store.Begin(ctx, c.ID, utc)
	case c.Over(now):
		return l.pause(ctx, r, campaign.ScheduleEnded, map[string]string{"ends_at": c.EndsAt.Format(time.RFC3339)}, utc)
	case r.broken != nil:
		return l.pause(ctx, r, campaign.CannotSpeak, problem(r.broken), utc)
	case down:
		l.mu.Lock()
		p := map[string]string{"line": l.line.Name, "outcome": l.breaker.last.code, "reason": l.breaker.last.reason, "provider_code": l.breaker.last.provider}
		l.mu.Unlock()
		return l.pause(ctx, r, campaign.LineDown, p, utc)
	case l.tooMany(r):
		return l.pause(ctx, r, campaign.TooManyFailed, map[string]string{"percent": strconv.Itoa(c.FailurePause)}, utc)
	}
	if c.EndsAt != nil {
		wake.no(*c.EndsAt)
	}
	if !r.job.NextLap.IsZero() || r.job.Opening {
		return l.openLap(ctx, r, now, wake)
	}
	return l.finish(ctx, r, now, wake)
}

func (l *lane) tooMany(r *runner) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.tooMany
}

// pause pauses a campaign for a reason of the engine's; nobody is claimed for it in this process any more.
func (l *lane) pause(ctx context.Context, r *runner, reason campaign.PauseReason, params map[string]string, now time.Time) error {
	if err := l.e.o.Store.PauseFor(ctx, r.job.Campaign.ID, reason, params, now); err != nil {
		return err
	}
	l.e.log.Warn("campaign_paused", "campaign", r.job.Campaign.ID, "reason", string(reason))
	l.mu.Lock()
	r.gone, r.tooMany = true, false
	if reason == campaign.LineDown {
		l.breaker = breaker{} // who resumes it has seen to the line
	}
	l.mu.Unlock()
	l.stale.Store(true)
	l.nudge()
	return nil
}

// openLap opens the next pass, a part at a time, so that the line's other campaigns go on meanwhile.
func (l *lane) openLap(ctx context.Context, r *runner, now time.Time, wake *alarm) error {
	if !r.job.Opening && now.Before(r.job.NextLap) {
		wake.no(r.job.NextLap)
		return nil
	}
	c := r.job.Campaign
	zone := location(c.Zone)
	state := c.Lap
	if !r.job.Opening {
		state = state.Opening(now.UTC(), zone)
	}
	if !r.job.Opening && c.NeedsRefill(state.Lap) {
		if c.Filling.Pass < state.Lap {
			if err := l.e.o.Store.Refill(ctx, c.ID, state.Lap); err != nil {
				return err
			}
			l.stale.Store(true)
			l.nudge()
		}
		return nil // until the change that tells that it was done
	}
	rules := c.LapRules()
	done, err := l.e.o.Store.OpenLap(ctx, c.ID, state, func(s campaign.Standing, tags []string, addresses int) (campaign.Standing, bool) {
		return rules.Again(s, tags, addresses, state.Lap, now.UTC())
	}, now.UTC())
	if err != nil {
		return err
	}
	if done {
		l.e.log.Info("lap_opened", "campaign", c.ID, "lap", state.Lap)
	}
	l.stale.Store(true)
	l.nudge()
	return nil
}

// finish ends the pass of a campaign in which nobody waits and nothing is open.
func (l *lane) finish(ctx context.Context, r *runner, now time.Time, wake *alarm) error {
	l.mu.Lock()
	// Whether anybody waits, a claim tells; where none can be made (a closed window, a full day) the database is asked.
	asleep := r.asleep
	quiet := r.unsettled == 0 && (asleep || !r.asked && r.job.FirstDone >= r.job.Total)
	again := r.again
	l.mu.Unlock()
	if !quiet {
		return nil
	}
	if now.Before(again) {
		wake.no(again)
		return nil
	}
	c := r.job.Campaign
	next, _ := c.NextPass(now.UTC(), r.clock(nil))
	if c.KeepOpen && next.IsZero() {
		return nil
	}
	done, err := l.e.o.Store.Finish(ctx, c.ID, next.In(location(c.Zone)), now.UTC())
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r.asked = l.air.Of[c.ID] == 0
	if !done && !asleep {
		return nil
	}
	if !done { // an attempt of another node is still open, or somebody came
		r.asleep = false
		r.again = now.Add(finishAgain)
		wake.no(r.again)
		r.idle = r.again
		return nil
	}
	if next.IsZero() {
		l.e.log.Info("campaign_completed", "campaign", c.ID)
		r.gone = true
	}
	l.stale.Store(true)
	l.nudge()
	return nil
}

// note keeps what each campaign waits for, for whoever asks. lineWhy is why the line itself can take nothing.
func (l *lane) note(ctx context.Context, now time.Time, lineWhy *campaign.Waiting) {
	type change struct {
		id string
		w  *campaign.Waiting
	}
	var changes []change
	l.mu.Lock()
	for id, r := range l.runners {
		if r.gone || r.job.Campaign.State != campaign.Active {
			continue
		}
		w := l.blocked(r, now)
		if w == nil || w.Code == campaign.WaitPace || w.Code == campaign.WaitOwnBusy {
			if lineWhy != nil && (w == nil || lineWhy.Code != campaign.WaitBusy) {
				w = lineWhy
			}
		}
		if w == nil || passing(w, now) || same(r.waiting, w, now.Sub(r.noted)) {
			continue
		}
		w.Since = now.UTC()
		r.waiting, r.noted = w, now
		changes = append(changes, change{id, w})
	}
	l.mu.Unlock()
	for _, c := range changes {
		if err := l.e.o.Store.SetWaiting(ctx, c.id, c.w); err != nil {
			return // it only informs; the next change tries again
		}
	}
}

// passing reports whether a wait is over before anybody could read about it.
func passing(w *campaign.Waiting, now time.Time) bool {
	switch w.Code {
	case campaign.WaitPace, campaign.WaitBusy, campaign.WaitOwnBusy:
		return w.Until.IsZero() || w.Until.Sub(now) < noteAfter
	default:
		return false
	}
}

// same reports whether what was noted so long ago still tells the truth, or nearly.
func same(noted, w *campaign.Waiting, ago time.Duration) bool {
	return noted != nil && noted.Code == w.Code && (noted.Until.Equal(w.Until) || ago < noteAgain)
}

// problem is what is wrong with a campaign's agent or message, with the values of its sentence.
func problem(f *fault.Error) map[string]string {
	p := map[string]string{"problem": f.Code}
	for name, value := range f.Params {
		if _, taken := p[name]; !taken {
			p[name] = fmt.Sprint(value)
		}
	}
	return p
}
