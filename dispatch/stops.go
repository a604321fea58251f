package dispatch

import (
	"context"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"campanario/channel"
)

// Stop is an address that was suppressed a moment ago.
type Stop struct {
	Workspace string
	Kind      channel.Kind // empty for every channel
	Address   channel.Address
}

// stopKept is how long stops are remembered: longer than any adapter keeps an order in its queue.
const stopKept = 10 * time.Minute

// stopPatience bounds how long a stop waits for an order to the same address that is just being handed over.
const stopPatience = time.Second

// stops are the people who said stop a moment ago, for orders that were claimed before. What is claimed afterwards is told
// by the claim itself, so a stop holds for orders only that were claimed before it was noted here: who is let in again
// can be contacted at once. Addresses are known by hashes; two that had the same would cost the second a new claim. It is
// safe for concurrent use.
type stops struct {
	seed maphash.Seed

	mu      sync.Mutex
	noted   map[uint64]time.Time
	swept   time.Time
	leaving map[uint64]int           // orders between their last look here and their adapter's answer
	waiting map[uint64]chan struct{} // closed when none of an address is leaving
}

func newStops() *stops {
	return &stops{seed: maphash.MakeSeed(), noted: map[uint64]time.Time{}, leaving: map[uint64]int{}, waiting: map[uint64]chan struct{}{}}
}

func (s *stops) key(workspace string, k channel.Kind, a channel.Address) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	_, _ = h.WriteString(workspace)
	_ = h.WriteByte(0)
	_, _ = h.WriteString(string(k))
	_ = h.WriteByte(0)
	_, _ = h.WriteString(strings.ToLower(string(a)))
	return h.Sum64()
}

// add notes people, and returns what waits until orders to them that were just leaving have left.
func (s *stops) add(people []Stop, now time.Time) func(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	var left []chan struct{}
	for _, p := range people {
		s.noted[s.key(p.Workspace, p.Kind, p.Address)] = now
		kinds := []channel.Kind{p.Kind}
		if p.Kind == "" {
			kinds = channel.Kinds()
		}
		for _, k := range kinds {
			key := s.key(p.Workspace, k, p.Address)
			if s.leaving[key] == 0 {
				continue
			}
			if s.waiting[key] == nil {
				s.waiting[key] = make(chan struct{})
			}
			left = append(left, s.waiting[key])
		}
	}
	return func(ctx context.Context) { awaitAll(ctx, left) }
}

// awaitAll waits for all of the channels, until ctx ends or patience does: what takes an adapter so long was begun before.
func awaitAll(ctx context.Context, all []chan struct{}) {
	if len(all) == 0 {
		return
	}
	t := time.NewTimer(stopPatience)
	defer t.Stop()
	for _, done := range all {
		select {
		case <-done:
		case <-t.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// sweep forgets old stops, now and then. The lock is held.
func (s *stops) sweep(now time.Time) {
	if now.Sub(s.swept) < stopKept/10 {
		return
	}
	s.swept = now
	for key, at := range s.noted {
		if now.Sub(at) > stopKept {
			delete(s.noted, key)
		}
	}
}

// holds reports whether an order that was claimed at an instant must not be carried out any more. The lock is held.
func (s *stops) holds(workspace string, k channel.Kind, a channel.Address, claimed time.Time) bool {
	if len(s.noted) == 0 {
		return false
	}
	return !s.noted[s.key(workspace, k, a)].Before(claimed) || !s.noted[s.key(workspace, "", a)].Before(claimed)
}

// stopped reports whether an order that was claimed at an instant must not be carried out any more.
func (s *stops) stopped(o *channel.Order, claimed time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.holds(o.Workspace, o.Line.Kind, o.To, claimed)
}

// leave begins to hand an order over, unless somebody said stop. Every true is followed by left.
func (s *stops) leave(o *channel.Order, claimed time.Time) bool {
	key := s.key(o.Workspace, o.Line.Kind, o.To)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds(o.Workspace, o.Line.Kind, o.To, claimed) {
		return false
	}
	s.leaving[key]++
	return true
}

func (s *stops) left(o *channel.Order) {
	key := s.key(o.Workspace, o.Line.Kind, o.To)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving[key]--; s.leaving[key] > 0 {
		return
	}
	delete(s.leaving, key)
	if done := s.waiting[key]; done != nil {
		delete(s.waiting, key)
		close(done)
	}
}

// readStops notes who was suppressed through other processes since the last time.
func (e *Engine) readStops(ctx context.Context, after int64) (int64, error) {
	people, last, err := e.o.Store.Stops(ctx, after)
	if err != nil {
		if ctx.Err() == nil {
			e.log.Error("stops_not_read", "error", err)
		}
		return after, err
	}
	if len(people) > 0 {
		e.stops.add(people, time.Now())
	}
	return last, nil
}

// Withdrawn takes the order back if the person said stop after it was claimed: nobody was disturbed, and the next claim
// settles them.
func (f *open) Withdrawn() bool {
	if !f.lane.e.stops.stopped(&f.order, f.began) {
		return false
	}
	f.mu.Lock()
	ended := f.outcome != nil
	f.mu.Unlock()
	if !ended {
		f.undo()
	}
	return true
}
