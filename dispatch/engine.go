package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
)

// Options for New. Node, Store and Adapters are required.
type Options struct {
	Node     int64 // this process's number in the cluster
	Store    Store
	Adapters map[channel.Kind]channel.Adapter
	Log      *slog.Logger
	// Unsubscribe makes the link by which a recipient of a message can leave; nil makes none.
	Unsubscribe func(workspace, campaign string, n campaign.Number, to channel.Address) string
	// Lists looks people up in the lists of those who must not be contacted; without it, campaigns of workspaces that have
	// such lists are held back.
	Lists interface {
		Look(lists []registry.Version, keys []uint64) ([]int, error)
	}
	// Poll is how often the store is asked whether something changed; 0 means that only Nudge tells.
	Poll time.Duration
	// Learn is how often contacts are told what attempts have shown of them; 0 never does.
	Learn time.Duration
	// Settlers is how many goroutines write outcomes; 0 means 1, which is all that SQLite can use.
	Settlers int
	// HoldFor is how long after the beginning of a claim its attempts may still be started; a lease must last for longer. A
	// process that was stopped meanwhile gives them back. 0 means 3 s.
	HoldFor time.Duration
}

// Engine runs the lanes of the lines that this node owns. Start it, give it lines with Acquire, and Stop it.
type Engine struct {
	o       Options
	log     *slog.Logger
	tokens  atomic.Int64
	settler *settler
	doubts  *doubts
	stops   *stops
	deaf    func() // ends what Store.OnStop began

	mu      sync.Mutex
	lanes   map[string]*lane
	running bool
	cancel  context.CancelFunc
	ctx     context.Context
	work    sync.WaitGroup // lanes, the watcher, orders being placed
}

// New makes an engine that does nothing yet.
func New(o Options) *Engine {
	e := &Engine{o: o, log: o.Log, lanes: map[string]*lane{}, doubts: newDoubts(), stops: newStops()}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.o.HoldFor == 0 {
		e.o.HoldFor = 3 * time.Second
	}
	e.settler = newSettler(o.Store, max(1, o.Settlers), e.log)
	return e
}

// Start begins to work. It does not block.
func (e *Engine) Start(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running {
		return
	}
	e.running = true
	e.ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.settler.start()
	e.deaf = e.o.Store.OnStop(func(people []Stop) func(context.Context) { return e.stops.add(people, time.Now()) })
	if e.o.Poll > 0 {
		e.work.Go(func() { e.watch(e.ctx) })
	}
	if e.o.Learn > 0 {
		e.work.Go(func() { e.learn(e.ctx) })
	}
	e.work.Go(func() { e.purge(e.ctx) })
	e.work.Go(func() { e.resolve(e.ctx) })
}

// purgeEvery is how often deleted campaigns are looked for, and purgeRows how many of their rows one transaction takes.
const (
	purgeEvery = 30 * time.Second
	purgeRows  = 1000
)

// purge removes deleted campaigns, a little at a time.
func (e *Engine) purge(ctx context.Context) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		more, err := e.o.Store.Purge(ctx, purgeRows)
		if err != nil && ctx.Err() == nil {
			e.log.Error("purge_failed", "error", err)
		}
		if more && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// token makes the fencing token of an attempt: unique for ever, as the node's number is given to one process only.
func (e *Engine) token() int64 { return e.o.Node<<40 | e.tokens.Add(1) }

// watch looks for changes that other nodes made.
func (e *Engine) watch(ctx context.Context) {
	tick := time.NewTicker(e.o.Poll)
	defer tick.Stop()
	last, stop := int64(-1), int64(0)
	for {
		n, err := e.o.Store.Pulse(ctx)
		if err == nil && n != last {
			if stop, err = e.readStops(ctx, stop); err == nil {
				last = n
			}
			e.Nudge()
		}
		e.tellStandings(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Nudge makes every lane look again at once; for changes made in this process.
func (e *Engine) Nudge() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.lanes {
		l.stale.Store(true)
		l.nudge()
	}
}

// Acquire begins to run a line that this node has come to hold.
func (e *Engine) Acquire(line channel.Line, term int64) {
	e.mu.Lock()
	l := e.lanes[line.ID]
	if adapter := e.o.Adapters[line.Kind]; l == nil && adapter != nil && e.running {
		l = newLane(e, line, adapter)
		e.lanes[line.ID] = l
	}
	e.mu.Unlock()
	if l == nil {
		e.log.Warn("line_not_run", "line", line.ID, "kind", string(line.Kind))
		return
	}
	l.end() // under an older hold
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running {
		l.begin(e.ctx, Hold{Line: line.ID, Node: e.o.Node, Term: term})
	}
}

// Release stops starting attempts on a line and returns when none can be started any more. Attempts that are open go on.
func (e *Engine) Release(line string) {
	e.mu.Lock()
	l := e.lanes[line]
	e.mu.Unlock()
	if l != nil {
		l.end()
	}
}

// Open is how many attempts are open here.
func (e *Engine) Open() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, l := range e.lanes {
		n += l.openCount()
	}
	return n
}

// Steps gives where the conversations of a campaign are that are going on here: the step of the script by the id of the
// attempt.
func (e *Engine) Steps(id string) map[string]string {
	e.mu.Lock()
	var flights []*open
	for _, l := range e.lanes {
		flights = append(flights, l.openFlights()...)
	}
	e.mu.Unlock()
	out := map[string]string{}
	for _, f := range flights {
		if f.Campaign != id {
			continue
		}
		f.mu.Lock()
		if f.step != "" {
			out[campaign.AttemptID(id, f.Number, f.Ordinal)] = f.step
		}
		f.mu.Unlock()
	}
	return out
}

// Stop ends the engine in order: no new attempts; those that are open may end by themselves until ctx is done, then they
// are stopped; what came of all of them is written. It returns when everything the engine started has ended. An error
// means that outcomes could not be written: their attempts will be taken for unknown.
func (e *Engine) Stop(ctx context.Context) error {
	e.mu.Lock()
	if !e.running {
		e.mu.Unlock()
		return nil
	}
	e.running = false
	lanes := make([]*lane, 0, len(e.lanes))
	for _, l := range e.lanes {
		lanes = append(lanes, l)
	}
	e.mu.Unlock()
	for _, l := range lanes {
		l.end()
	}
	for _, l := range lanes {
		l.drain(ctx)
	}
	e.cancel()
	e.work.Wait()
	e.deaf()
	if err := e.giveBack(ctx); err != nil { // whoever has the line will take them for lost
		e.log.Warn("claims_left_in_doubt", "error", err)
	}
	return e.settler.stop(ctx)
}
