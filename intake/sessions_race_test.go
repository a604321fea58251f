package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/audience"
	"campanario/intake"
	"campanario/internal/fault"
)

// crew lets several nodes work until no import of the list does any more.
func (d *desk) crew(nodes int, list ...intake.Session) []intake.Session {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.ctx)
	var all sync.WaitGroup
	for range nodes {
		d.nodes++
		w := intake.NewWorker(intake.WorkerOptions{Store: d.store, Node: d.nodes, Poll: 3 * time.Millisecond, ChunkRows: 10, Screened: registered, Now: func() time.Time { return d.now }})
		all.Go(func() { w.Run(ctx) })
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for i := range list {
		for {
			y, err := d.Get(d.ctx, "ws", list[i].ID)
			d.must(err)
			if list[i] = y; !y.State.Works() {
				break
			}
			<-tick.C
		}
	}
	cancel()
	all.Wait()
	return list
}

// TestTwoImportsOfTheSamePeopleAtOnce: two nodes bring the same people in, one file in the other's order, and each is there
// once.
func TestTwoImportsOfTheSamePeopleAtOnce(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const n = 300
		lines := strings.SplitAfter(rows(n), "\n")
		turned := lines[0]
		for i := n; i > 0; i-- {
			turned += lines[i]
		}
		var list []intake.Session
		for _, text := range []string{rows(n), turned} {
			x := d.open(text)
			_, err := d.Commit(d.ctx, "ws", x.ID)
			d.must(err)
			list = append(list, x)
		}
		list = d.crew(2, list...)
		a, b := list[0].Counts, list[1].Counts
		if list[0].State != intake.StateDone || list[1].State != intake.StateDone || a.Created+b.Created != n || a.Unchanged+b.Unchanged != n {
			t.Errorf("%s %+v, %s %+v", list[0].State, a, list[1].State, b)
		}
		if got := d.count(audience.Filter{}); got != n {
			t.Errorf("%d contacts of %d people", got, n)
		}
	})
}

// TestAnImportIsBegunOnce: of many who begin an import at once, one does, and what it brings is there once.
func TestAnImportIsBegunOnce(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open(rows(50))
		var all sync.WaitGroup
		var mu sync.Mutex
		begun := 0
		for range 8 {
			all.Go(func() {
				_, err := d.Commit(d.ctx, "ws", x.ID)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					begun++
				case !fault.Is(err, "import_step") && !fault.Is(err, "revision_stale"):
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		if x = d.crew(3, x)[0]; begun != 1 || x.Counts.Created != 50 || d.count(audience.Filter{}) != 50 {
			t.Errorf("begun %d times, %+v, %d contacts", begun, x.Counts, d.count(audience.Filter{}))
		}
	})
}

// TestStoppedAtAnyMoment: whenever an import is stopped, its counts are those of the base, and taking it back leaves
// nothing of it.
func TestStoppedAtAnyMoment(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		rng := rand.New(rand.NewPCG(7, 7))
		for range 6 {
			x := d.open(rows(80))
			_, err := d.Commit(d.ctx, "ws", x.ID)
			d.must(err)
			stop := rng.IntN(9)
			x = d.work(x, func(n int) error {
				if n == stop {
					if _, err := d.Cancel(d.ctx, "ws", x.ID); err != nil && !fault.Is(err, "import_step") {
						return fmt.Errorf("cancel: %w", err)
					}
				}
				return nil
			})
			if got := d.count(audience.Filter{}); int64(got) != x.Counts.Created {
				t.Fatalf("stopped at chunk %d (%s): %d contacts, %+v", stop, x.State, got, x.Counts)
			}
			if x.State == intake.StateReady {
				continue // nothing was written yet
			}
			_, err = d.Undo(d.ctx, "ws", x.ID)
			d.must(err)
			if x = d.work(x, nil); x.State != intake.StateUndone || d.count(audience.Filter{}) != 0 {
				t.Fatalf("after taking it back: %s %+v, %d contacts", x.State, x.Counts, d.count(audience.Filter{}))
			}
		}
	})
}

// TestTakenBackAfterEdits: who was edited since stays as they are; all others are as before.
func TestTakenBackAfterEdits(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		before := d.open("nome;telefone;cidade\nAna;11987654321;Recife\nBia;11987654322;Recife\n")
		d.through(before, func() (intake.Session, error) { return d.Commit(d.ctx, "ws", before.ID) })
		x := d.open("nome;telefone;cidade\nAna;11987654321;Olinda\nBia;11987654322;Olinda\nCaio;11987654323;Olinda\nDavi;11987654324;Olinda\n")
		d.through(x, func() (intake.Session, error) { return d.Commit(d.ctx, "ws", x.ID) })
		for _, name := range []string{"Bia", "Davi"} {
			c := d.people()[name]
			read := c.Revision
			c.City = "Natal"
			d.must(d.store.ReplaceContact(d.ctx, c, read))
		}
		x = d.through(x, func() (intake.Session, error) { return d.Undo(d.ctx, "ws", x.ID) })
		got := map[string]string{}
		for name, c := range d.people() {
			got[name] = c.City
		}
		if len(got) != 3 || got["Ana"] != "Recife" || got["Bia"] != "Natal" || got["Davi"] != "Natal" || x.Counts.Undone != 2 || x.Counts.Kept != 2 {
			t.Errorf("%v, %+v", got, x.Counts)
		}
	})
}
