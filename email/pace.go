package email

import (
	"context"
	"math"
	"time"
)

// pace lets at most the line's rate of messages be under way or have ended in any stretch of time. Orders come at that rate
// already; but they queue up here while a connection is made or the server is slow, and must not then go out in a heap.
//
// Each message takes a turn and gives it back when the server has answered. A turn that was given back is taken again only
// after the stretch has passed: whenever in between the server counted the message, it can never count more in a stretch
// than there are turns. The nil pace lets everything pass.
type pace struct {
	turns   chan time.Time // when each was given back
	stretch time.Duration
}

// mostTurns bounds the memory of a pace; beyond this rate it is kept over shorter stretches.
const mostTurns = 4096

func newPace(perSecond float64) *pace {
	if perSecond <= 0 {
		return nil
	}
	n := int(min(max(1, math.Floor(perSecond)), mostTurns))
	p := &pace{turns: make(chan time.Time, n), stretch: time.Duration(float64(n) / perSecond * float64(time.Second))}
	for range n {
		p.turns <- time.Time{}
	}
	return p
}

// take waits for a turn; false when ctx ends before.
func (p *pace) take(ctx context.Context) bool {
	if p == nil {
		return true
	}
	var given time.Time
	select {
	case given = <-p.turns:
	case <-ctx.Done():
		return false
	}
	wait := time.Until(given.Add(p.stretch))
	if given.IsZero() || wait <= 0 {
		return true
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		p.turns <- given
		return false
	}
}

// give gives a turn back.
func (p *pace) give() {
	if p != nil {
		p.turns <- time.Now()
	}
}
