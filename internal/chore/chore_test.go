package chore_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"campanario/internal/chore"
)

func TestLoopWorksWhileThereIsSomeAndLooksWhenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, left, steps := chore.New(time.Minute), 3, 0
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.Run(ctx, func(context.Context) bool {
				steps++
				left--
				return left > 0
			})
		}()
		for _, then := range []struct {
			what  string
			do    func()
			steps int
		}{
			{"work that is there is done", func() {}, 3},
			{"nobody looks before the time", func() { chore.Pause(ctx, 59*time.Second) }, 3},
			{"one who is told looks at once", l.Nudge, 4},
			{"it looks by itself", func() { chore.Pause(ctx, time.Second) }, 5},
		} {
			then.do()
			synctest.Wait()
			if steps != then.steps {
				t.Errorf("%s: %d steps, not %d", then.what, steps, then.steps)
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
