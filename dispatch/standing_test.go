package dispatch

import (
	"context"
	"testing"

	"campanario/channel"
)

// standingStore keeps what it was told of lines.
type standingStore struct {
	Store
	told []*channel.Standing
}

func (s *standingStore) SetStanding(_ context.Context, _ Hold, st *channel.Standing) error {
	s.told = append(s.told, st)
	return nil
}

// standingAdapter has lines that register.
type standingAdapter struct {
	channel.Adapter
	now *channel.Standing
}

func (a *standingAdapter) Standing(string) (channel.Standing, bool) {
	if a.now == nil {
		return channel.Standing{}, false
	}
	return *a.now, true
}

// TestStandingIsToldWhenItChanges: once for each change and each hold, and not of a line that runs elsewhere.
func TestStandingIsToldWhenItChanges(t *testing.T) {
	store, adapter := &standingStore{}, &standingAdapter{}
	e := New(Options{Store: store})
	l := newLane(e, channel.Line{ID: "line"}, adapter)
	e.lanes["line"] = l
	tell := func(want int) {
		t.Helper()
		e.tellStandings(t.Context())
		e.tellStandings(t.Context())
		if len(store.told) != want {
			t.Errorf("told %d times, want %d", len(store.told), want)
		}
	}
	tell(0)
	l.hold, l.running = Hold{Line: "line", Term: 1}, true
	tell(1) // that nothing is known, whatever the holder of before knew
	refused := channel.StandingOf([]channel.GatewayStanding{{State: channel.Refused, Status: 403}})
	adapter.now = &refused
	tell(2)
	good := channel.StandingOf([]channel.GatewayStanding{{State: channel.Registered}})
	adapter.now = &good
	tell(3)
	l.hold.Term = 2
	tell(4)
	l.running = false
	adapter.now = nil
	tell(4)
}
