package intake_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"campanario/intake"
)

// broken is a store of which no campaign can be taken until it is mended.
type broken struct {
	intake.SupplyStore
	tries  atomic.Int64
	mended atomic.Bool
}

func (b *broken) TakeFilling(context.Context, intake.Hold, time.Time) (intake.Supply, bool, error) {
	b.tries.Add(1)
	if b.mended.Load() {
		return intake.Supply{}, false, nil
	}
	return intake.Supply{}, false, errors.New("a page is broken")
}

// TestALastingErrorIsToldOnce: what does not pass is tried less and less often, and told once; when it has passed, at the usual
// times again.
func TestALastingErrorIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		b := &broken{}
		s := intake.NewSupplier(intake.SupplierOptions{Store: b, Log: slog.New(slog.NewTextHandler(&log, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.Run(ctx)
		}()
		<-time.After(10 * time.Minute)
		if n := b.tries.Load(); n < 10 || n > 60 {
			t.Errorf("tried %d times in ten minutes", n)
		}
		b.mended.Store(true)
		<-time.After(time.Minute)
		before := b.tries.Load()
		<-time.After(time.Minute)
		if n := b.tries.Load() - before; n < 200 {
			t.Errorf("looked %d times in a minute after it was mended", n)
		}
		cancel()
		<-ended
		if n := strings.Count(log.String(), "filling_failed"); n != 1 {
			t.Errorf("told %d times:\n%s", n, log.String())
		}
	})
}
