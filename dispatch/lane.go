package dispatch

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// lane runs one line. Its goroutine claims and starts; outcomes come to it from everywhere.
type lane struct {
	e       *Engine
	adapter channel.Adapter
	wake    chan struct{}
	stale   atomic.Bool // the campaigns must be read again

	// Of the loop alone.
	hold    Hold
	cancel  context.CancelFunc
	ended   chan struct{}
	looked  time.Time // when orphans were last looked for
	backoff time.Time // the database failed: not before

	mu        sync.Mutex
	line      channel.Line
	running   bool
	runners   map[string]*runner
	flights   map[int64]*open
	unsettled int
	others    int // attempts of the line elsewhere
	asked     time.Time
	meter     *meter
	breaker   breaker
	day       int64 // that was found full
	hushed    time.Time
	drained   chan struct{} // closed when nothing is open; nil unless somebody waits for it
}

// Bounds of a lane's work.
const (
	maxUnsettled  = 20_000          // outcomes on their way to the database
	askOthers     = time.Second     // how often to ask what else loads the line, while something does
	lookOrphans   = 2 * time.Second // how often to look for attempts of dead nodes
	storeBackoff  = 500 * time.Millisecond
	finishAgain   = time.Second            // when somebody was left after all
	noteAfter     = 200 * time.Millisecond // waits shorter than this are not worth telling
	unlimitedOpen = 100_000
)

func newLane(e *Engine, line channel.Line, a channel.Adapter) *lane {
	return &lane{
		e: e, adapter: a, line: line, wake: make(chan struct{}, 1),
		runners: map[string]*runner{}, flights: map[int64]*open{}, meter: newMeter(line.Limits.PerSecond),
	}
}

// begin starts the loop under a hold; a lane that runs under an older one is ended first. The engine's lock is held.
func (l *lane) begin(ctx context.Context, h Hold) {
	l.end()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	l.mu.Lock()
	l.hold, l.cancel, l.ended, l.running = h, cancel, ended, true
	l.asked, l.looked, l.backoff = time.Time{}, time.Time{}, time.Time{}
	l.mu.Unlock()
	l.stale.Store(true)
	l.e.work.Go(func() {
		defer close(ended)
		l.run(ctx)
	})
}

// end stops the loop; nothing is started after it returns. Open attempts go on.
func (l *lane) end() {
	l.mu.Lock()
	cancel, ended := l.cancel, l.ended
	l.cancel, l.running = nil, false
	l.mu.Unlock()
	if cancel != nil {
		cancel()
		<-ended
	}
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lane) openCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.flights)
}

// drain waits until nothing is open, and after ctx stops what still is.
func (l *lane) drain(ctx context.Context) {
	done := l.whenDrained()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	stopper, ok := l.adapter.(channel.Stopper)
	if !ok {
		return
	}
	for _, f := range l.openFlights() {
		stopper.Stop(f.order.Attempt)
	}
	t := time.NewTimer(5 * time.Second) // for the far ends to confirm
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

func (l *lane) whenDrained() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.drained == nil {
		l.drained = make(chan struct{})
	}
	done := l.drained
	l.checkDrained()
	return done
}

func (l *lane) checkDrained() {
	if l.drained != nil && len(l.flights) == 0 {
		close(l.drained)
		l.drained = nil
	}
}

func (l *lane) openFlights() []*open {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*open, 0, len(l.flights))
	for _, f := range l.flights {
		out = append(out, f)
	}
	return out
}

func (l *lane) run(ctx context.Context) {
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	for {
		next := l.step(ctx)
		if ctx.Err() != nil {
			return
		}
		var fire <-chan time.Time
		if !next.IsZero() {
			timer.Reset(max(0, time.Until(next)))
			fire = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-fire:
		}
	}
}

// step does all that can be done now, and says when to look again (zero: only when woken).
func (l *lane) step(ctx context.Context) time.Time {
	now := time.Now()
	if now.Before(l.backoff) {
		return l.backoff
	}
	var wake alarm
	if err := l.prepare(ctx, now, &wake); err != nil {
		return l.storeFailed(ctx, "lane_failed", err)
	}
	for ctx.Err() == nil {
		now = time.Now()
		if l.stale.Load() {
			return now
		}
		n, why := l.room(now, &wake)
		if n == 0 {
			l.note(ctx, now, why)
			break
		}
		r, n := l.pick(now, n, &wake)
		if r == nil {
			l.note(ctx, now, nil)
			break
		}
		if err := l.claim(ctx, r, n, now); err != nil {
			return l.storeFailed(ctx, "claim_failed", err)
		}
	}
	return wake.at
}

// alarm collects the earliest of several times.
type alarm struct{ at time.Time }

func (a *alarm) no(later time.Time) {
	if !later.IsZero() && (a.at.IsZero() || later.Before(a.at)) {
		a.at = later
	}
}

func (l *lane) storeFailed(ctx context.Context, event string, err error) time.Time {
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		l.e.log.Error(event, "line", l.hold.Line, "error", err)
	}
	l.backoff = time.Now().Add(storeBackoff)
	l.stale.Store(true)
	return l.backoff
}

// prepare reads what changed and does what campaigns need beside attempts.
func (l *lane) prepare(ctx context.Context, now time.Time, wake *alarm) error {
	if l.stale.Swap(false) {
		if err := l.reload(ctx); err != nil {
			return err
		}
	}
	if err := l.askAir(ctx, now, wake); err != nil {
		return err
	}
	if now.Sub(l.looked) >= lookOrphans {
		l.looked = now
		if err := l.recover(ctx); err != nil {
			return err
		}
	}
	return l.tend(ctx, now, wake)
}

// reload reads the line's campaigns.
func (l *lane) reload(ctx context.Context) error {
	jobs, err := l.e.o.Store.Jobs(ctx, l.hold.Line)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := make(map[string]bool, len(jobs))
	least := l.leastPass()
	for _, j := range jobs {
		seen[j.Campaign.ID] = true
		r := l.runners[j.Campaign.ID]
		if r == nil {
			r = &runner{pass: least}
			l.runners[j.Campaign.ID] = r
		}
		if r.gone {
			r.attempts, r.pass = 0, max(r.pass, least)
		}
		r.load(j)
		l.relimit(j.Line)
	}
	for id, r := range l.runners {
		if !seen[id] {
			r.gone = true
			if r.unsettled == 0 {
				delete(l.runners, id)
			}
		}
	}
	return nil
}

// relimit follows a change of the line's limits.
func (l *lane) relimit(line channel.Line) {
	if line.Limits.PerSecond != l.meter.rate {
		l.meter = newMeter(line.Limits.PerSecond)
	}
	l.line = line
}

// leastPass is where a campaign that comes anew joins the others: it has no claim on what was before.
func (l *lane) leastPass() float64 {
	least := math.Inf(1)
	for _, r := range l.runners {
		if !r.gone {
			least = min(least, r.pass)
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return least
}

// askAir asks what loads the line besides this node, at the beginning and as long as anything does.
func (l *lane) askAir(ctx context.Context, now time.Time, wake *alarm) error {
	l.mu.Lock()
	first, others, asked := l.asked.IsZero(), l.others, l.asked
	l.mu.Unlock()
	if !first && others == 0 {
		return nil
	}
	if next := asked.Add(askOthers); !first && now.Before(next) {
		wake.no(next)
		return nil
	}
	air, err := l.e.o.Store.Air(ctx, l.hold.Line, l.hold.Node, now)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.others, l.asked = air.Others, now
	if first && !air.LastStart.IsZero() {
		l.meter.since(air.LastStart)
	}
	if l.others > 0 {
		wake.no(now.Add(askOthers))
	}
	return nil
}

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
	limit := l.line.Limits.Concurrent
	if b, ok := l.adapter.(channel.Buffered); ok {
		limit = b.Depth(l.line)
	}
	if limit <= 0 {
		limit = unlimitedOpen
	}
	least(limit-len(l.flights)-l.others, time.Time{}, campaign.Waiting{Code: campaign.WaitBusy})
	least(maxUnsettled-l.unsettled, time.Time{}, campaign.Waiting{Code: campaign.WaitBusy})
	k, again := l.meter.free(now)
	least(k, again, campaign.Waiting{Code: campaign.WaitPace, Until: again})
	k, again = l.breaker.allowance(now, len(l.flights))
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

// pick chooses the campaign that is furthest behind its fair share among those that can use the line now.
func (l *lane) pick(now time.Time, n int, wake *alarm) (*runner, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best *runner
	var most int
	for _, r := range l.runners {
		if best != nil && best.pass <= r.pass {
			if k := l.usable(r, now, n, wake); k > 0 {
				continue
			}
		}
		if k := l.usable(r, now, n, wake); k > 0 && (best == nil || r.pass < best.pass) {
			best, most = r, k
		}
	}
	if best != nil {
		best.waiting = forget(best.waiting)
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
		n = min(n, limit-r.open)
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
	case r.gone || c.State != campaign.Active || r.broken != nil:
		return wait(campaign.WaitOpenEnd, time.Time{})
	case !r.job.NextLap.IsZero() || r.job.Opening:
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
	if limit := c.Pace.Concurrent; limit > 0 && r.open >= limit {
		return wait(campaign.WaitOwnBusy, time.Time{})
	}
	if k, again := r.meter.free(now); k == 0 {
		return wait(campaign.WaitPace, again)
	}
	if r.asleep {
		if r.unsettled > 0 {
			return wait(campaign.WaitInFlight, time.Time{})
		}
		return wait(campaign.WaitOpenEnd, time.Time{})
	}
	if now.Before(r.idle) {
		if _, step := r.firstAllowed(now); !step.IsZero() && !step.After(r.idle) {
			return wait(campaign.WaitRelease, r.idle)
		}
		return wait(campaign.WaitRetry, r.idle)
	}
	return nil
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

// left notes that an order has been handed to the network, or was not.
func (l *lane) left(f *open, at time.Time) {
	l.mu.Lock()
	for _, s := range f.starts {
		s.leave(at)
	}
	l.mu.Unlock()
	l.nudge()
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
	switch {
	case o.Code == "":
	case o.Code.Class() == channel.ClassFault:
		l.breaker.fault(now, o.RetryAfter, cause{string(o.Code), o.Reason, o.ProviderCode})
		if f.runner.failed(o) {
			f.runner.tooMany = true
		}
	default:
		l.breaker.success()
		if f.runner.failed(o) {
			f.runner.tooMany = true
		}
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
	if late {
		l.e.log.Warn("attempt_settled_elsewhere", "line", f.Line, "campaign", f.Campaign, "attempt", f.order.Attempt)
	}
	if due := c.Next.Due; !due.IsZero() && (r.asleep || due.Before(r.idle)) {
		r.asleep, r.idle = false, due
	}
	if r.gone && r.unsettled == 0 && l.runners[f.Campaign] == r {
		delete(l.runners, f.Campaign)
	}
	wake := !c.Next.Due.IsZero() || r.unsettled == 0 || l.unsettled == maxUnsettled-1
	l.mu.Unlock()
	if wake {
		l.nudge()
	}
}

func forget(w *campaign.Waiting) *campaign.Waiting { return w }

func dayOf(t time.Time, zone string) int64 {
	y, m, d := t.In(location(zone)).Date()
	return int64(schedule.DateOf(y, m, d))
}

func nextDay(t time.Time, zone string) time.Time {
	z := location(zone)
	y, m, d := t.In(z).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, z)
}

func location(zone string) *time.Location {
	z, err := schedule.LoadZone(zone)
	if err != nil {
		return time.UTC
	}
	return z
}

var _ = fault.Internal
