package sim_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// The answer to a claim's commit gets lost, and before anybody can ask what became of it another process has the line. The
// first one lives on: nobody takes its attempts for lost.
func TestClaimsInDoubtAreGivenBackThoughTheLineHasMoved(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 10}, answered, func(w *town) {
		id := w.campaign(40, nil)
		var claims atomic.Int64
		first := w.proc
		first.OnClaim(func() error {
			if claims.Add(1) != 5 {
				return nil
			}
			first.Blind(true)
			return errors.New("connection reset by peer")
		})
		w.start(id)
		<-time.After(time.Second)
		for range 4 { // one of them will have the line, and keep it
			p, err := w.Boot(w.ctx)
			w.must(err)
			defer func() { _ = w.Shut(p, time.Minute) }()
		}
		<-time.After(time.Minute) // the line moves
		first.OnClaim(nil)
		first.Blind(false)
		w.until(2*time.Hour, "completed", func() bool { return w.get(id).State == campaign.Completed })
		if n := w.counts(id); n.ByStatus[campaign.StatusCompleted] != 40 {
			t.Errorf("counts %+v", n)
		}
	})
}
