package audience

import (
	"context"
	"slices"
	"sync"
	"time"

	"campanario/audience/registry"
	"campanario/channel"
	"campanario/internal/fault"
)

// Screener tells what is on a do-not-call register, for imports that leave such addresses out. It reads which registers there
// are once a second, so it is for what a claim checks again. It is safe for concurrent use.
type Screener struct {
	lists *Registries

	mu    sync.Mutex
	known map[string]registers
}

type registers struct {
	at  time.Time
	all []Registry
}

// screenFor is how long a Screener goes by what it read.
const screenFor = time.Second

// Screener makes one over the registries.
func (s *Registries) Screener() *Screener { return &Screener{lists: s, known: map[string]registers{}} }

// Screened reports which addresses are on a register that holds on a channel such addresses are for. A register that this
// node does not have yet is the fault registry_away.
func (s *Screener) Screened(ctx context.Context, workspace string, list []Reach) ([]bool, error) {
	out := make([]bool, len(list))
	all, err := s.registers(ctx, workspace)
	if err != nil || len(all) == 0 {
		return out, err
	}
	now := s.lists.o.Now()
	for i, r := range list {
		if out[i], err = s.on(all, r, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Any reports whether a workspace has a register with entries.
func (s *Screener) Any(ctx context.Context, workspace string) (bool, error) {
	all, err := s.registers(ctx, workspace)
	return len(all) > 0, err
}

func (s *Screener) on(all []Registry, r Reach, now time.Time) (bool, error) {
	key, ok := registry.Key(r.Address)
	if !ok {
		return false, nil
	}
	for i := range all {
		x := &all[i]
		if !slices.ContainsFunc(x.Holds.Kinds(), func(k channel.Kind) bool { return x.Covers(k, now) }) {
			continue
		}
		found, err := s.lists.o.Shelf.Look([]registry.Version{x.File()}, []uint64{key})
		if err != nil {
			return false, fault.New(fault.Unavailable, "registry_away", fault.Params{"name": x.Name}).Because(err)
		}
		if found[0] == 0 {
			return true, nil
		}
	}
	return false, nil
}

// registers are the public registers of a workspace that have entries.
func (s *Screener) registers(ctx context.Context, workspace string) ([]Registry, error) {
	now := s.lists.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.known[workspace]; ok && now.Sub(k.at) < screenFor {
		return k.all, nil
	}
	all, err := s.lists.o.Store.Registries(ctx, workspace)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r Registry) bool { return r.Kind != DoNotCall || r.Version == 0 })
	s.known[workspace] = registers{at: now, all: all}
	return all, nil
}
