package dispatch

import (
	"context"
	"time"

	"campanario/channel"
)

// recover closes as unknown the attempts that dead nodes left open on the line.
func (l *lane) recover(ctx context.Context) error {
	for {
		orphans, err := l.e.o.Store.Orphans(ctx, l.hold.Line, l.hold.Node, maxBatch)
		if err != nil || len(orphans) == 0 {
			return err
		}
		jobs := map[string]*runner{}
		closings := make([]Closing, 0, len(orphans))
		now := time.Now().UTC()
		for _, o := range orphans {
			r := jobs[o.Campaign]
			if r == nil {
				job, err := l.e.o.Store.Job(ctx, o.Campaign)
				if err != nil {
					return err
				}
				r = &runner{}
				r.load(job)
				jobs[o.Campaign] = r
			}
			closings = append(closings, r.abandon(o, now))
		}
		if _, err := l.e.o.Store.Settle(ctx, closings); err != nil {
			return err
		}
		l.e.log.Warn("attempts_recovered", "line", l.hold.Line, "attempts", len(closings))
		l.mu.Lock()
		l.asked = time.Time{} // they may still be in the air
		for id := range jobs {
			if r := l.runners[id]; r != nil {
				r.idle, r.asleep = time.Time{}, false
			}
		}
		l.mu.Unlock()
	}
}

// abandon is the end of an attempt whose node died: nobody can know what came of it.
func (r *runner) abandon(o Orphan, now time.Time) Closing {
	outcome := channel.Outcome{Code: channel.Unknown, At: now, Reason: "node_lost"}
	s := o.Before
	s.Attempt, s.Lap, s.Address = o.Ordinal, o.Lap, o.Address
	d := r.policy.Settle(s, len(o.Addresses), outcome, now, r.clock(o.Zones))
	return Closing{
		Flight: o.Flight, Outcome: outcome, Next: d.Next, Kind: r.job.Campaign.Channel,
		Airborne: r.job.Campaign.Channel == channel.Voice && o.Until.After(now),
	}
}
