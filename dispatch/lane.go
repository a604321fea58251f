package dispatch

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"campanario/channel"
)

// lane runs one line. Its goroutine claims and starts; outcomes come to it from everywhere.
type lane struct {
	e       *Engine
	adapter channel.Adapter
	wake    chan struct{}
	stale   atomic.Bool // the campaigns must be read again
	id      string      // of the line
	told    stands      // of the engine's watcher alone

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
	air       Air // attempts of the line elsewhere, and when it was last started on when this hold began
	asked     time.Time
	meter     *meter
	breaker   breaker
	day       int64         // that was found full
	drained   chan struct{} // closed when nothing is open; nil unless somebody waits for it
}

// Bounds of a lane's work.
const (
	maxUnsettled  = 20_000          // outcomes on their way to the database
	askOthers     = time.Second     // how often to ask what else loads the line, while something does
	lookOrphans   = 2 * time.Second // how often to look for attempts of dead nodes
	storeBackoff  = 500 * time.Millisecond
	finishAgain   = time.Second            // when somebody was left after all
	tendEvery     = 200 * time.Millisecond // how long claims may follow each other before campaigns are looked after
	noteAgain     = time.Second            // a wait of the same kind is told anew no sooner
	noteAfter     = 200 * time.Millisecond // waits shorter than this are not worth telling
	unlimitedOpen = 100_000
)

func newLane(e *Engine, line channel.Line, a channel.Adapter) *lane {
	return &lane{
		e: e, adapter: a, id: line.ID, line: line, wake: make(chan struct{}, 1),
		runners: map[string]*runner{}, flights: map[int64]*open{}, meter: newMeter(line.Limits.PerSecond),
	}
}

// begin starts the loop under a hold. It must have been ended before; the engine's lock is held.
func (l *lane) begin(ctx context.Context, h Hold) {
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
		return l.storeFailed(ctx, "prepare", err)
	}
	// One claim at least is tried, however often somebody changes something.
	for began := now; ctx.Err() == nil; {
		now = time.Now()
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
			return l.storeFailed(ctx, "claim", err)
		}
		if l.stale.Load() || now.Sub(began) > tendEvery {
			return now
		}
	}
	if l.stale.Load() {
		return now
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

func (l *lane) storeFailed(ctx context.Context, doing string, err error) time.Time {
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		l.e.log.Error("lane_failed", "line", l.hold.Line, "doing", doing, "error", err)
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
		fresh := r.meter == nil
		if r.gone {
			r.attempts, r.tooMany, r.waiting, r.pass = 0, false, nil, max(r.pass, least)
		}
		r.load(j)
		if fresh && !l.air.LastStart.IsZero() { // another node may have started it a moment ago
			r.meter.since(l.air.LastStart)
		}
		l.relimit(j.Line)
	}
	for id, r := range l.runners {
		if !seen[id] {
			r.gone = true
			l.forget(id, r)
		}
	}
	return nil
}

// forget drops a campaign that is not active any more, unless something of it is still to be remembered: outcomes, or how
// lately it was started, should somebody resume it at once. The lane's lock is held.
func (l *lane) forget(id string, r *runner) {
	if r.gone && r.unsettled == 0 && l.runners[id] == r && r.meter.idle(time.Now()) {
		delete(l.runners, id)
	}
}

// relimit follows a change of the line's limits.
func (l *lane) relimit(line channel.Line) {
	if line.Limits.PerSecond != l.meter.rate {
		l.meter = newMeter(line.Limits.PerSecond)
	}
	if line.Limits.PerDay != l.line.Limits.PerDay {
		l.day = 0
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
	first, others, asked := l.asked.IsZero(), l.air.Others, l.asked
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
	if !first { // by now the last starts are our own
		air.LastStart = l.air.LastStart
	}
	l.air, l.asked = air, now
	if first && !air.LastStart.IsZero() {
		l.meter.since(air.LastStart)
		for _, r := range l.runners {
			r.meter.since(air.LastStart)
		}
	}
	if l.air.Others > 0 {
		wake.no(now.Add(askOthers))
	}
	return nil
}
