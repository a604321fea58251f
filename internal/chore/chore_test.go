package chore_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"campanario/internal/chore"
)

func TestLoopWorksWhileThereIsSomeAndLooksWhenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, left := chore.New(time.Minute), 3
		// Atomic, because time that goes by in a bubble orders nothing for the race detector.
		var steps atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.Run(ctx, func(context.Context) bool {
				steps.Add(1)
				left--
				return left > 0
			})
		}()
		for _, then := range []struct {
			what  string
			do    func()
			steps int32
		}{
			{"work that is there is done", func() {}, 3},
			{"nobody looks before the time", func() { chore.Pause(ctx, 59*time.Second) }, 3},
			{"one who is told looks at once", l.Nudge, 4},
			{"it looks by itself", func() { chore.Pause(ctx, time.Second) }, 5},
		} {
			then.do()
			synctest.Wait()
			if n := steps.Load(); n != then.steps {
				t.Errorf("%s: %d steps, not %d", then.what, n, then.steps)
			}
		}
		cancel()
		<-ended
	})
}

func TestPauseEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		chore.Pause(t.Context(), time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		chore.Pause(ctx, time.Hour)
		if d := time.Since(began); d != time.Second {
			t.Errorf("paused for %s", d)
		}
	})
}
