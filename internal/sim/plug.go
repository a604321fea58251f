package sim

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"campanario/campaign"
	"campanario/cluster"
	"campanario/dispatch"
	"campanario/internal/fault"
)

// Backend is what a node needs of a store.
type Backend interface {
	dispatch.Store
	cluster.Store
}

// Plug is the cable between a node and its database. It can be pulled for good, as when the process is killed, at any
// place: before a statement, or after its commit and before the answer.
type Plug struct {
	Backend
	mu     sync.Mutex
	pulled bool
	rng    *rand.Rand
	// after, when positive, counts down calls until the plug is pulled.
	after int
	// outage fails calls, some of them after they have been done, until it ends.
	outage bool
	blind  bool   // what became of claims cannot be asked
	cut    func() // called once, when the plug is pulled
	// onJobs is called when campaigns have been read, onClaim when a claim is done and has not been answered; nil for nothing.
	onJobs  func()
	onClaim func() error // what it returns stands for the answer that did not come
}

// NewPlug connects a node.
func NewPlug(b Backend, seed uint64) *Plug {
	return &Plug{Backend: b, rng: rand.New(rand.NewPCG(seed, 0xcab1e))}
}

var errAway = fault.New(fault.Unavailable, "database_unavailable", nil)

// PullAfter pulls the plug at the n-th call from now, half of the time after the call was done.
func (p *Plug) PullAfter(n int, cut func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.cut = n, cut
}

// SetOutage lets calls fail, or ends that.
func (p *Plug) SetOutage(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outage = on
}

// around runs a call as the cable lets it.
func (p *Plug) around(f func() error) error {
	p.mu.Lock()
	if p.pulled {
		p.mu.Unlock()
		return errKilled
	}
	lost := p.outage
	done := !lost || p.rng.IntN(4) == 0 // some calls are done and only their answer is lost
	pull := false
	if p.after > 0 {
		p.after--
		if p.after == 0 {
			pull, p.pulled = true, true
			done = p.rng.IntN(2) == 0
		}
	}
	cut := p.cut
	p.mu.Unlock()
	var err error
	if done {
		err = f()
	}
	if pull {
		cut()
		return errKilled
	}
	if lost {
		return errAway
	}
	return err
}

// Pulse and the methods below pass calls through the cable.
func (p *Plug) Pulse(ctx context.Context) (n int64, err error) {
	err = p.around(func() (e error) { n, e = p.Backend.Pulse(ctx); return e })
	return n, err
}

// Jobs passes through.
func (p *Plug) Jobs(ctx context.Context, line string) (j []dispatch.Job, err error) {
	err = p.around(func() (e error) { j, e = p.Backend.Jobs(ctx, line); return e })
	p.mu.Lock()
	f := p.onJobs
	p.mu.Unlock()
	if f != nil {
		f()
	}
	return j, err
}

// Claim passes through.
func (p *Plug) Claim(ctx context.Context, c dispatch.Claim, decide func([]dispatch.Candidate) []dispatch.Verdict) (out dispatch.Claimed, err error) {
	err = p.around(func() (e error) { out, e = p.Backend.Claim(ctx, c, decide); return e })
	p.mu.Lock()
	f := p.onClaim
	p.mu.Unlock()
	if f != nil {
		if lost := f(); lost != nil {
			return dispatch.Claimed{}, lost
		}
	}
	return out, err
}

// Advance passes through.
func (p *Plug) Advance(ctx context.Context, m []dispatch.Advance) error {
	return p.around(func() error { return p.Backend.Advance(ctx, m) })
}

// Settle passes through.
func (p *Plug) Settle(ctx context.Context, c []dispatch.Closing) (late []dispatch.Closing, err error) {
	err = p.around(func() (e error) { late, e = p.Backend.Settle(ctx, c); return e })
	return late, err
}

// Orphans passes through.
func (p *Plug) Orphans(ctx context.Context, line string, node int64, limit int) (o []dispatch.Orphan, err error) {
	err = p.around(func() (e error) { o, e = p.Backend.Orphans(ctx, line, node, limit); return e })
	return o, err
}

// Own passes through.
func (p *Plug) Own(ctx context.Context, line string, tokens []int64) (f []dispatch.Flight, err error) {
	p.mu.Lock()
	blind := p.blind
	p.mu.Unlock()
	if blind {
		return nil, errAway
	}
	err = p.around(func() (e error) { f, e = p.Backend.Own(ctx, line, tokens); return e })
	return f, err
}

// Air passes through.
func (p *Plug) Air(ctx context.Context, line string, node int64, now time.Time) (a dispatch.Air, err error) {
	err = p.around(func() (e error) { a, e = p.Backend.Air(ctx, line, node, now); return e })
	return a, err
}

// Finish passes through.
func (p *Plug) Finish(ctx context.Context, id string, next, now time.Time) (ok bool, err error) {
	err = p.around(func() (e error) { ok, e = p.Backend.Finish(ctx, id, next, now); return e })
	return ok, err
}

// OpenLap passes through.
func (p *Plug) OpenLap(ctx context.Context, id string, lap campaign.LapState, again dispatch.Again, now time.Time) (done bool, err error) {
	err = p.around(func() (e error) { done, e = p.Backend.OpenLap(ctx, id, lap, again, now); return e })
	return done, err
}

// Beat passes through.
func (p *Plug) Beat(ctx context.Context, node int64, ttl time.Duration) (v cluster.View, err error) {
	err = p.around(func() (e error) { v, e = p.Backend.Beat(ctx, node, ttl); return e })
	return v, err
}

// Take passes through.
func (p *Plug) Take(ctx context.Context, node int64, line string, ttl time.Duration) (term int64, ok bool, err error) {
	err = p.around(func() (e error) { term, ok, e = p.Backend.Take(ctx, node, line, ttl); return e })
	return term, ok, err
}

// Drop passes through.
func (p *Plug) Drop(ctx context.Context, node int64, line string, term int64) error {
	return p.around(func() error { return p.Backend.Drop(ctx, node, line, term) })
}

// Leave passes through.
func (p *Plug) Leave(ctx context.Context, node int64) error {
	return p.around(func() error { return p.Backend.Leave(ctx, node) })
}

// SetWaiting passes through.
func (p *Plug) SetWaiting(ctx context.Context, id string, w *campaign.Waiting) error {
	return p.around(func() error { return p.Backend.SetWaiting(ctx, id, w) })
}

// PauseFor passes through.
func (p *Plug) PauseFor(ctx context.Context, id string, why campaign.PauseReason, params map[string]string, now time.Time) error {
	return p.around(func() error { return p.Backend.PauseFor(ctx, id, why, params, now) })
}

// Begin passes through.
func (p *Plug) Begin(ctx context.Context, id string, now time.Time) error {
	return p.around(func() error { return p.Backend.Begin(ctx, id, now) })
}

// Job passes through.
func (p *Plug) Job(ctx context.Context, id string) (j dispatch.Job, err error) {
	err = p.around(func() (e error) { j, e = p.Backend.Job(ctx, id); return e })
	return j, err
}
