package dispatch

import (
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/schedule"
)

// room is how many attempts the line can take now.
func (l *lane) room(now time.Time, wake *alarm) (int, *campaign.Waiting) {
	stuck := l.e.settler.stuck()
	l.mu.Lock()
	defer l.mu.Unlock()
	n := maxBatch
	var why *campaign.Waiting
	least := func(k int, again time.Time, w campaign.Waiting) {
		if k < n {
			n = max(0, k)
		}
		if k <= 0 {
			wake.no(again)
			if why == nil || why.Until.Before(w.Until) {
				why = &w
			}
		}
	}
	if !l.line.Enabled {
		least(0, time.Time{}, campaign.Waiting{Code: campaign.WaitLineOff})
	}
	limit := l.line.Limits.Concurrent
	fewest := 1
	if b, ok := l.adapter.(channel.Buffered); ok {
		limit = b.Depth(l.line)
		// Its connections have enough for a moment: one claim for many is cheaper than one for each.
		fewest = max(1, limit/4)
	}
	if limit <= 0 {
		limit = unlimitedOpen
	}
	free := limit - len(l.flights) - l.air.Others
	if free < fewest && len(l.flights) > 0 {
		free = 0
	}
	least(free, time.Time{}, campaign.Waiting{Code: campaign.WaitBusy})
	least(maxUnsettled-l.unsettled, time.Time{}, campaign.Waiting{Code: campaign.WaitBusy})
	l.meter.to = l.dayEnd(now, l.line.Limits.PerDay)
	k, again := l.meter.free(now)
	least(k, again, campaign.Waiting{Code: campaign.WaitPace, Until: again})
	k, again = l.breaker.allowance(now)
	least(k, again, campaign.Waiting{Code: campaign.WaitLine, Until: again, Params: map[string]string{
		"outcome": l.breaker.last.code, "reason": l.breaker.last.reason, "provider_code": l.breaker.last.provider,
	}})
	if l.day != 0 && l.day == dayOf(now, l.line.Zone) {
		next := nextDay(now, l.line.Zone)
		least(0, next, campaign.Waiting{Code: campaign.WaitDay, Until: next})
	}
	if stuck { // what was placed could not be settled: do not dig deeper
		least(0, now.Add(storeBackoff), campaign.Waiting{Code: campaign.WaitBusy})
	}
	return n, why
}

// dayEnd is when the line's day ends, for a limit that is counted by days; zero for none.
func (l *lane) dayEnd(now time.Time, perDay int) time.Time {
	if perDay == 0 {
		return time.Time{}
	}
	return nextDay(now, l.line.Zone)
}

// pick chooses the campaign that is furthest behind its fair share among those that can use the line now.
func (l *lane) pick(now time.Time, n int, wake *alarm) (*runner, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best *runner
	var most int
	for _, r := range l.runners {
		if k := l.usable(r, now, n, wake); k > 0 && (best == nil || r.pass < best.pass) {
			best, most = r, k
		}
	}
	return best, most
}

// usable is how many attempts the campaign could start now, of the n that the line could take.
func (l *lane) usable(r *runner, now time.Time, n int, wake *alarm) int {
	w := l.blocked(r, now)
	if w != nil {
		wake.no(w.Until)
		return 0
	}
	if limit := r.job.Campaign.Pace.Concurrent; limit > 0 {
		n = min(n, limit-r.open-l.air.Of[r.job.Campaign.ID])
	}
	k, _ := r.meter.free(now)
	return min(n, k)
}

// blocked says what keeps a campaign from using the line now; nil if nothing does. Times in it are when to look again.
func (l *lane) blocked(r *runner, now time.Time) *campaign.Waiting {
	c := r.job.Campaign
	wait := func(code campaign.WaitCode, until time.Time) *campaign.Waiting {
		return &campaign.Waiting{Code: code, Until: until}
	}
	switch {
	case r.gone || c.State != campaign.Active || r.broken != nil || c.Over(now):
		return wait(campaign.WaitOpenEnd, time.Time{})
	case r.job.Opening:
		return wait(campaign.WaitLap, r.job.NextLap)
	case now.Before(r.unscreened):
		return wait(campaign.WaitLists, r.unscreened)
	case r.resting() && !now.Before(r.job.NextLap) && c.NeedsRefill(r.lap()+1):
		return wait(campaign.WaitFilling, time.Time{})
	case r.resting() && (r.asleep || now.Before(r.idle) && !r.idle.Before(r.job.NextLap)):
		return wait(campaign.WaitLap, r.job.NextLap)
	}
	if !r.own() {
		clock := r.clock(nil)
		if !clock.Open(now) {
			until, _ := clock.NextOpen(now)
			w := wait(campaign.WaitWindow, until)
			w.Params = closure(c, clock, now)
			return w
		}
	}
	if limit := c.Pace.Concurrent; limit > 0 && r.open+l.air.Of[c.ID] >= limit {
		return wait(campaign.WaitOwnBusy, time.Time{})
	}
	if r.day != 0 && r.day == dayOf(now, l.line.Zone) {
		return wait(campaign.WaitOwnDay, nextDay(now, l.line.Zone))
	}
	r.meter.to = l.dayEnd(now, c.Pace.PerDay)
	if k, again := r.meter.free(now); k == 0 {
		return wait(campaign.WaitPace, again)
	}
	if r.asleep {
		switch {
		case r.unsettled > 0:
			return wait(campaign.WaitInFlight, time.Time{})
		case c.Filling != nil && c.Filling.State.Open():
			return wait(campaign.WaitFilling, time.Time{})
		}
		return wait(campaign.WaitOpenEnd, time.Time{})
	}
	if now.Before(r.idle) {
		if _, step := r.firstAllowed(now); !step.IsZero() && !step.After(r.idle) {
			return wait(campaign.WaitRelease, r.idle)
		}
		return wait(r.idleFor(), r.idle)
	}
	return nil
}

// idleFor says what keeps everybody waiting until r.idle.
func (r *runner) idleFor() campaign.WaitCode {
	switch first := r.first; {
	case first.at.Equal(r.idle) && first.why == campaign.WhyLimit:
		return campaign.WaitLimit
	case first.at.Equal(r.idle) && first.why == campaign.WhyWindow:
		return campaign.WaitOwnHours
	default:
		return campaign.WaitRetry
	}
}

// closure says why the window is shut.
func closure(c *campaign.Campaign, clock campaign.Clock, now time.Time) map[string]string {
	why := c.Window.Why(now, clock.Zones[0])
	p := map[string]string{"cause": string(why.Cause), "zone": clock.Zones[0].String()}
	if why.Cause == schedule.CauseHoliday {
		p["holiday"] = why.Holiday
	}
	return p
}

func dayOf(t time.Time, zone string) int64 {
	y, m, d := t.In(location(zone)).Date()
	return int64(schedule.DateOf(y, m, d))
}

func nextDay(t time.Time, zone string) time.Time {
	return schedule.Date(dayOf(t, zone) + 1).Begins(location(zone))
}

func location(zone string) *time.Location {
	z, err := schedule.LoadZone(zone)
	if err != nil {
		return time.UTC
	}
	return z
}
