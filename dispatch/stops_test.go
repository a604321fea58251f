package dispatch

import (
	"context"
	"testing"
	"time"

	"campanario/channel"
)

func orderTo(a channel.Address) *channel.Order {
	return &channel.Order{Workspace: "ws", Line: channel.Line{Kind: channel.Voice}, To: a}
}

func TestStopsHoldForWhatWasClaimedBefore(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		stop    Stop
		order   *channel.Order
		claimed time.Time
		holds   bool
	}{
		{"claimed before", Stop{"ws", channel.Voice, "+5511900000001"}, orderTo("+5511900000001"), noon.Add(-time.Millisecond), true},
		{"claimed at the same instant", Stop{"ws", channel.Voice, "+5511900000001"}, orderTo("+5511900000001"), noon, true},
		{"claimed afterwards", Stop{"ws", channel.Voice, "+5511900000001"}, orderTo("+5511900000001"), noon.Add(time.Millisecond), false},
		{"on every channel", Stop{"ws", "", "+5511900000001"}, orderTo("+5511900000001"), noon, true},
		{"on another channel", Stop{"ws", channel.SMS, "+5511900000001"}, orderTo("+5511900000001"), noon, false},
		{"in another workspace", Stop{"other", "", "+5511900000001"}, orderTo("+5511900000001"), noon, false},
		{"somebody else", Stop{"ws", "", "+5511900000002"}, orderTo("+5511900000001"), noon, false},
		{"written otherwise", Stop{"ws", "", "ANA@example.com"}, orderTo("Ana@Example.com"), noon, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStops()
			s.add([]Stop{c.stop}, noon)
			if got := s.stopped(c.order, c.claimed); got != c.holds {
				t.Errorf("stopped: %v", got)
			}
			if got := s.leave(c.order, c.claimed); got == c.holds {
				t.Errorf("leave: %v", got)
			}
			s.add(nil, noon.Add(2*stopKept))
			if s.stopped(c.order, c.claimed) {
				t.Error("it is never forgotten")
			}
		})
	}
}

// A stop is acknowledged when orders that had passed their last look are with the network, and not before.
func TestStopsWaitForOrdersThatAreLeaving(t *testing.T) {
	s, o, now := newStops(), orderTo("+5511900000001"), time.Now()
	for range 2 {
		if !s.leave(o, now) {
			t.Fatal("stopped without a reason")
		}
	}
	wait := s.add([]Stop{{"ws", "", o.To}}, now)
	acknowledged := make(chan struct{})
	go func() {
		defer close(acknowledged)
		wait(context.Background())
	}()
	s.left(o)
	select {
	case <-acknowledged:
		t.Fatal("acknowledged while an order was leaving")
	default:
	}
	s.left(o)
	<-acknowledged
	if s.leave(o, now) {
		t.Error("an order left after the acknowledgement")
	}
	s.add([]Stop{{"ws", "", o.To}}, now)(context.Background()) // nothing is leaving
	if len(s.leaving) != 0 || len(s.waiting) != 0 {
		t.Errorf("left behind: %v, %v", s.leaving, s.waiting)
	}
}
