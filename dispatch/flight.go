package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
)

// open is an attempt of this process, and the Reporter its adapter reports to.
type open struct {
	Flight
	lane   *lane
	runner *runner
	order  channel.Order
	starts [2]*start // of the line's meter and the campaign's
	began  time.Time // when the claim was: the hold was good at some time after it

	mu      sync.Mutex
	placed  bool // Place has returned
	ref     string
	stage   channel.Stage
	step    string
	outcome *channel.Outcome
	sent    bool // the closing is with the settler
	// untouched: the network was never touched.
	untouched bool
}

var (
	_ channel.Reporter   = (*open)(nil)
	_ channel.Withdrawer = (*open)(nil)
)

// Signal notes how far the attempt has come; stages never go back.
func (f *open) Signal(s channel.Signal) {
	f.mu.Lock()
	further := f.outcome == nil && stageOrder(s.Stage) > stageOrder(f.stage)
	if f.outcome == nil {
		f.step = s.Step
	}
	if further {
		f.stage = s.Stage
		f.lane.e.settler.advance(Advance{Token: f.Token, Campaign: f.Campaign, Number: f.Number, Stage: s.Stage, At: s.At.UTC()})
	}
	f.mu.Unlock()
	if further {
		f.lane.carried()
	}
}

func stageOrder(s channel.Stage) int {
	switch s {
	case channel.StagePlaced:
		return 1
	case channel.StageRinging:
		return 2
	case channel.StageAnswered:
		return 3
	default:
		return 0
	}
}

// Close takes the outcome; the first one counts.
func (f *open) Close(o channel.Outcome) {
	f.mu.Lock()
	if f.outcome != nil {
		f.mu.Unlock()
		return
	}
	f.outcome = &o
	ready := f.placed && !f.sent
	f.sent = f.sent || ready
	f.mu.Unlock()
	if ready {
		f.finish(o)
	}
}

// turn waits until the attempt is due; false when the lane ends before.
func (f *open) turn(held context.Context) bool {
	due := f.starts[0].due
	if own := f.starts[1].due; own.After(due) {
		due = own
	}
	d := time.Until(due)
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-held.Done():
		return false
	}
}

// place hands the order to the network when it is due, unless the lane ends before (held), and notes when it left.
func (f *open) place(ctx, held context.Context) {
	var ref string
	var err error
	stops := f.lane.e.stops
	late := !f.turn(held) || time.Since(f.began) > f.lane.e.o.HoldFor || !f.lane.allows(f) || !stops.leave(&f.order, f.began)
	if !late {
		ref, err = f.lane.adapter.Place(ctx, f.order, f)
		stops.left(&f.order)
	}
	now := time.Now()
	f.lane.left(f, now)
	switch {
	case late: // the line may have another owner by now, the window has closed, somebody has paused the campaign or said stop
		f.undo()
		return
	case err != nil:
		f.mu.Lock()
		o := outcomeOf(err, now)
		f.outcome, f.placed, f.sent = &o, true, true
		f.untouched = errors.Is(err, channel.ErrNotPlaced)
		f.mu.Unlock()
		f.finish(o)
		return
	}
	f.mu.Lock()
	f.placed, f.ref = true, ref
	ready := f.outcome != nil && !f.sent
	f.sent = f.sent || ready
	o := f.outcome
	f.mu.Unlock()
	if ready {
		f.finish(*o)
	}
}

// outcomeOf is the outcome of an order that Place refused.
func outcomeOf(err error, now time.Time) channel.Outcome {
	var np *channel.NotPlaced
	switch {
	case errors.As(err, &np) && np.Outcome.Code.Class() == channel.ClassFault:
		o := np.Outcome
		if o.At.IsZero() {
			o.At = now
		}
		return o
	case errors.Is(err, channel.ErrNotPlaced):
		return channel.Outcome{Code: channel.LineFailed, At: now}
	default:
		return channel.Outcome{Code: channel.Unknown, At: now, Reason: "place_failed", ProviderText: err.Error()}
	}
}

// finish decides what becomes of the recipient and gives it to the settler.
func (f *open) finish(o channel.Outcome) {
	now := time.Now()
	if o.At.IsZero() {
		o.At = now
	}
	if !o.Code.Valid() {
		o.Code = channel.Unknown
	}
	o = spoken(o, f.order.Content)
	s := f.Before
	s.Attempt, s.Lap, s.Address = f.Ordinal, f.Lap, f.Address
	f.lane.mu.Lock() // the campaign may be read anew meanwhile
	policy, clock := f.runner.policy, f.runner.clock(f.Candidate.Zones)
	f.lane.mu.Unlock()
	d := policy.Settle(s, len(f.Candidate.Addresses), o, now.UTC(), clock)
	c := Closing{Flight: f.Flight, Ref: f.ref, Outcome: o, Next: d.Next, Kind: f.order.Line.Kind, Untouched: f.untouched}
	if d.Suppress {
		c.Suppress, c.Workspace = f.order.To, f.order.Workspace
		f.lane.e.stops.add([]Stop{{c.Workspace, c.Kind, c.Suppress}}, now)
	}
	f.lane.landed(f, o, now)
	f.lane.e.settler.close(c, f.settled)
}

// spoken adds to the outcome of a call that was answered who spoke.
func spoken(o channel.Outcome, content channel.Content) channel.Outcome {
	if call, ok := content.(*agent.Brief); ok && o.AnsweredBy != "" {
		o.Agent, o.AgentVersion = call.Agent.ID, call.Agent.Version
	}
	return o
}

// undo gives back an attempt that was never begun.
func (f *open) undo() {
	f.mu.Lock()
	f.outcome, f.placed, f.sent = &channel.Outcome{}, true, true
	f.mu.Unlock()
	f.lane.landed(f, channel.Outcome{}, time.Now())
	f.lane.e.settler.close(undone(f.Flight, time.Now().UTC()), f.settled)
}

// undone is the closing of an attempt that was never begun: the recipient stands where they stood, and is due.
func undone(f Flight, now time.Time) Closing {
	next := f.Before
	if next.Status == "" {
		next.Lap = f.Lap
		next = campaign.Defer(next, campaign.WhyFirst, now, now)
	}
	next.Due = now
	return Closing{Flight: f, Undone: true, Next: next}
}

// settled is called when the closing is durable.
func (f *open) settled(c Closing, late bool) { f.lane.settled(f, c, late) }
