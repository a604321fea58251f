package dispatch

import (
	"time"

	"campanario/channel"
)

// left notes that an order has been handed to the network, or was not.
func (l *lane) left(f *open, at time.Time) {
	l.mu.Lock()
	for _, s := range f.starts {
		s.leave(at)
	}
	l.mu.Unlock()
	l.nudge()
}

// allows reports whether an attempt may still be made at this instant: a claim can outlast the window it was made in, and
// what was claimed ahead the campaign itself.
func (l *lane) allows(f *open) bool {
	l.mu.Lock()
	clock, c, gone := f.runner.clock(f.Candidate.Zones), f.runner.job.Campaign, f.runner.gone
	l.mu.Unlock()
	now := time.Now()
	return !gone && clock.Open(now) && !c.Over(now)
}

// carried notes that the network has taken an attempt up: the line works.
func (l *lane) carried() {
	l.mu.Lock()
	resting := l.breaker.row > tolerated
	l.breaker.success()
	l.mu.Unlock()
	if resting {
		l.nudge()
	}
}

// landed notes that an attempt is not at the network any more.
func (l *lane) landed(f *open, o channel.Outcome, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.flights[f.Token]; !ok {
		return
	}
	delete(l.flights, f.Token)
	f.runner.open--
	l.breaker.ended(f.Token)
	if o.Code != "" { // else it was never begun
		if o.Code.Class() == channel.ClassFault {
			l.breaker.fault(now, o.RetryAfter, cause{string(o.Code), o.Reason, o.ProviderCode})
		} else {
			l.breaker.success()
		}
		f.runner.tooMany = f.runner.failed(o) || f.runner.tooMany
	}
	l.checkDrained()
	l.nudge()
}

// settled notes that an attempt's end is durable, and who waits because of it.
func (l *lane) settled(f *open, c Closing, late bool) {
	l.mu.Lock()
	l.unsettled--
	r := f.runner
	r.unsettled--
	r.asked = false
	if c.Undone || c.Untouched { // the day has one more
		l.day, r.day = 0, 0
	}
	if late {
		l.e.log.Warn("attempt_settled_elsewhere", "line", f.Line, "campaign", f.Campaign, "attempt", f.order.Attempt)
	}
	if due := c.Next.Due; !due.IsZero() && (r.asleep || due.Before(r.idle)) {
		r.asleep, r.idle = false, due
	}
	l.forget(f.Campaign, r)
	wake := !c.Next.Due.IsZero() || r.unsettled == 0 || l.unsettled == maxUnsettled-1
	l.mu.Unlock()
	if wake {
		l.nudge()
	}
}
