// Package chore is the loop of whoever does work in the background that any node may take up: as long as there is some it is
// done, then one waits to be told of more. What other nodes were asked for, or have left, is found by looking every now and
// then.
package chore

import (
	"context"
	"time"
)

// Loop is one such loop. Its methods may be called from any goroutine.
type Loop struct {
	every time.Duration
	wake  chan struct{}
}

// New makes a loop that looks for work so often at least; Run it.
func New(every time.Duration) *Loop { return &Loop{every: every, wake: make(chan struct{}, 1)} }

// Nudge makes it look for work at once.
func (l *Loop) Nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. step does the next thing that is to be done; false means that there was none, or that nothing
// can be done now.
func (l *Loop) Run(ctx context.Context, step func(context.Context) bool) {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	for ctx.Err() == nil {
		if step(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-tick.C:
		}
	}
}

// Pause waits for so long, or until ctx ends: before work that failed is taken up again.
func Pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
