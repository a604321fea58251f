package campaign

import (
	"context"
	"log/slog"
	"time"

	"campanario/internal/chore"
	"campanario/internal/fault"
)

// ErranderOptions are what an Errander needs. Store is required.
type ErranderOptions struct {
	Store ErrandStore
	Node  int64
	// Poll is how often to look for errands that other nodes were asked for or have left; 0 means 5 s.
	Poll    time.Duration
	Changed func() // called when the engine should look again; may be nil
	Log     *slog.Logger
	Now     func() time.Time // time.Now when nil
}

// Errander goes on with errands, one at a time. Several nodes have one each: an errand is done by whoever holds it, and gone on
// with by another where its node has left it.
type Errander struct {
	o    ErranderOptions
	loop *chore.Loop
}

const (
	errandLease = 30 * time.Second
	errandPoll  = 5 * time.Second
	// An error that passes is waited for: so long first, twice as long each time, and so long at most, which is less than the lease.
	errandPause, errandLongest = 200 * time.Millisecond, 20 * time.Second
)

// NewErrander makes an Errander; Run it.
func NewErrander(o ErranderOptions) *Errander {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll == 0 {
		o.Poll = errandPoll
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Errander{o: o, loop: chore.New(o.Poll)}
}

// Nudge makes it look for work at once.
func (w *Errander) Nudge() { w.loop.Nudge() }

// Run works until ctx ends. What it was at then, another goes on with when the lease ends.
func (w *Errander) Run(ctx context.Context) { w.loop.Run(ctx, w.Step) }

// Step does the oldest errand to its end; false when there was none, or nothing can be done now.
func (w *Errander) Step(ctx context.Context) bool {
	e, ok, err := w.o.Store.TakeErrand(ctx, w.hold(), w.o.Now().UTC())
	if err != nil && ctx.Err() == nil {
		w.o.Log.Error("errand_not_taken", "error", err)
	}
	if err != nil || !ok {
		return false
	}
	w.work(ctx, &e)
	return ctx.Err() == nil
}

func (w *Errander) hold() Hold {
	return Hold{Node: w.o.Node, Until: w.o.Now().Add(errandLease).UTC()}
}

func (w *Errander) work(ctx context.Context, e *Errand) {
	pause := errandPause
	for ctx.Err() == nil {
		ours, err := w.o.Store.StepErrand(ctx, e, w.hold(), errandBatch, w.o.Now().UTC())
		switch why := lasting(err); {
		case err == nil && !ours, ctx.Err() != nil:
			return
		case err == nil && e.State == ErrandRunning:
			pause = errandPause
			w.o.Changed()
			continue
		case err == nil:
			w.o.Changed()
		case why != nil:
			if err := w.o.Store.FailErrand(ctx, e, w.hold(), why, w.o.Now().UTC()); err != nil {
				w.o.Log.Error("errand_not_ended", "errand", e.ID, "campaign", e.Campaign, "error", err)
				return
			}
			e.State = ErrandFailed
		default:
			if pause == errandPause { // once
				w.o.Log.Error("errand_interrupted", "errand", e.ID, "campaign", e.Campaign, "error", err)
			}
			chore.Pause(ctx, pause)
			pause = min(2*pause, errandLongest)
			continue
		}
		w.o.Log.Info("errand_ended", "errand", e.ID, "campaign", e.Campaign, "action", string(e.Action), "state", string(e.State),
			"changed", e.Changed, "skipped", e.Skipped)
		return
	}
}

// lasting is the reason why it is of no use to try again; nil for an error that may pass.
func lasting(err error) *fault.Error {
	if err == nil {
		return nil
	}
	for _, e := range fault.All(err) {
		if e.Kind == fault.Invalid || e.Kind == fault.NotFound || e.Kind == fault.Conflict {
			return e
		}
	}
	return nil
}
