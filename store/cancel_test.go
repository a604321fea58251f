package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"campanario/campaign"
)

// TestACancelledWriteLeavesTheNextOneAlone: whoever gives up in the middle of a transaction neither breaks the next one
// nor leaves half of theirs.
func TestACancelledWriteLeavesTheNextOneAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		const people = 30
		cancelled, total := 0, int64(1)
		enrol := func(ctx context.Context, i int) error {
			rows := make([]campaign.Newcomer, people)
			for j := range rows {
				rows[j] = newcomer(fmt.Sprintf("p%d.%d@example.com", i, j))
			}
			_, err := w.EnrolBatch(ctx, "ws", "c", rows, campaign.Progress{}, *w.now)
			return err
		}
		takes := time.Millisecond // as long as the last one that was not cancelled
		for i := range 300 {
			ctx, cancel := context.WithCancel(w.ctx)
			early := time.AfterFunc(rand.N(3*takes), cancel)
			began := time.Now()
			if err := enrol(ctx, i); err != nil {
				cancelled++
				takes += takes / 20
			} else {
				takes = time.Since(began)
			}
			early.Stop()
			cancel()
			if _, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{newcomer(fmt.Sprintf("n%d@example.com", i))}, campaign.Progress{}, *w.now); err != nil {
				t.Fatalf("after the %dth: %v", i, err)
			}
			total++
			// A commit whose answer was not awaited may have happened: all of it, or nothing.
			if n := w.counts("c").Total; n != total && n != total+people {
				t.Fatalf("after the %dth there are %d, and %d or %d would be right", i, n, total, total+people)
			} else {
				total = n
			}
		}
		if cancelled == 0 || cancelled == 300 {
			t.Errorf("%d of 300 were cancelled: the test did not do its work", cancelled)
		}
	})
}
