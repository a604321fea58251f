package dispatch

import (
	"context"
	"reflect"

	"campanario/channel"
)

// stands is what was last stored of how a line stands with its network.
type stands struct {
	term  int64 // of the hold under which it was; 0 for nothing yet
	known *channel.Standing
}

// tellStandings stores how the lines that this node runs stand with their networks, when that has changed.
func (e *Engine) tellStandings(ctx context.Context) {
	e.mu.Lock()
	lanes := make([]*lane, 0, len(e.lanes))
	for _, l := range e.lanes {
		lanes = append(lanes, l)
	}
	e.mu.Unlock()
	for _, l := range lanes {
		if err := l.tellStanding(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("standing_not_stored", "line", l.id, "error", err)
		}
	}
}

// tellStanding is of the engine's watcher alone.
func (l *lane) tellStanding(ctx context.Context) error {
	adapter, ok := l.adapter.(channel.Stander)
	l.mu.Lock()
	hold, running := l.hold, l.running
	l.mu.Unlock()
	if !ok || !running {
		return nil
	}
	var now *channel.Standing
	if st, known := adapter.Standing(hold.Line); known {
		now = &st
	}
	if l.told.term == hold.Term && reflect.DeepEqual(l.told.known, now) {
		return nil
	}
	if err := l.e.o.Store.SetStanding(ctx, hold, now); err != nil {
		return err
	}
	l.told = stands{hold.Term, now}
	return nil
}
