package dispatch

import (
	"context"
	"time"
)

// learnRows is how many attempts of a campaign one transaction learns from, and learnRest how much longer than it took
// nothing of the kind is done: the database is there for claims and outcomes first.
const (
	learnRows = 500
	learnRest = 4
)

// learn has contacts know when they were contacted and heard from, and which of their addresses work.
func (e *Engine) learn(ctx context.Context) {
	t := time.NewTimer(e.o.Learn)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		began := time.Now()
		more, err := e.o.Store.Learn(ctx, e.o.Node, began.UTC(), learnRows)
		if err != nil && ctx.Err() == nil {
			e.log.Error("learning_failed", "error", err)
		}
		next := e.o.Learn
		if more && err == nil {
			next = min(next, learnRest*time.Since(began))
		}
		t.Reset(next)
	}
}
