package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"campanario/audience"
	"campanario/intake"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
)

// desk is where imports are looked after, with the node that carries them out.
type desk struct {
	*intake.Sessions
	t     *testing.T
	ctx   context.Context
	store *store.Store
	now   time.Time
	nodes int64
	// registers tells whether the workspace has a do-not-call register.
	registers bool
}

var errDied = errors.New("killed")

func eachDesk(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		d := &desk{t: t, ctx: t.Context(), store: s, registers: true, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
		country := func(context.Context, string) (string, error) { return "BR", nil }
		d.Sessions = intake.NewSessions(intake.SessionsOptions{Store: s, Country: country, Now: func() time.Time { return d.now }, Registers: func(context.Context, string) (bool, error) { return d.registers, nil }})
		f(t, d)
	})
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) open(text string) intake.Session {
	d.t.Helper()
	x, err := d.Open(d.ctx, "ws", "key", "gente.csv", strings.NewReader(text))
	d.must(err)
	return x
}

// watched is a store that tells of chunks, and may fail instead.
type watched struct {
	*store.Store
	chunk func(n int) error
	n     int
}

func (w *watched) Merging(ctx context.Context, x *intake.Session, o audience.MergeOptions) (intake.Merging, error) {
	m, err := w.Store.Merging(ctx, x, o)
	return &watchedMerging{m, w, x.State == intake.StateRunning}, err
}

type watchedMerging struct {
	intake.Merging
	w       *watched
	running bool
}

func (m *watchedMerging) Plan(ctx context.Context, c *intake.Chunk) (intake.Planned, error) {
	p, err := m.Merging.Plan(ctx, c)
	if !m.running {
		return p, err
	}
	return &watchedChunk{p, m.w}, err
}

type watchedChunk struct {
	intake.Planned
	w *watched
}

func (p *watchedChunk) Write(ctx context.Context, x *intake.Session, h intake.Hold) (bool, error) {
	if p.w.n++; p.w.chunk != nil {
		if err := p.w.chunk(p.w.n); err != nil {
			return false, err
		}
	}
	return p.Planned.Write(ctx, x, h)
}

// work lets a node work until the import rests, or until chunk fails.
func (d *desk) work(x intake.Session, chunk func(n int) error) intake.Session {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	d.nodes++
	s := &watched{Store: d.store}
	s.chunk = func(n int) error {
		if chunk == nil {
			return nil
		}
		err := chunk(n)
		if err != nil {
			cancel() // the node dies with it
		}
		return err
	}
	w := intake.NewWorker(intake.WorkerOptions{Store: s, Node: d.nodes, Poll: 5 * time.Millisecond, ChunkRows: 10, Screened: registered, Now: func() time.Time { return d.now }})
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		y, err := d.Get(d.ctx, "ws", x.ID)
		d.must(err)
		if x = y; !x.State.Works() {
			cancel()
		}
		<-tick.C
	}
	<-done
	return x
}

func (d *desk) count(f audience.Filter) int {
	d.t.Helper()
	got, err := audience.Pick(d.ctx, d.store, "ws", &f, d.now, time.UTC)
	d.must(err)
	return int(got.GetCardinality())
}

func rows(n int) string {
	var b strings.Builder
	b.WriteString("nome;telefone;cpf;cidade\n")
	for i := range n {
		fmt.Fprintf(&b, "Pessoa %d;(11) 9%04d-%04d;;Recife\n", i, 8000+i, i)
	}
	return b.String()
}

func TestImport(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open(rows(40) + "Sem DDD;98765-4321;;Recife\nCPF errado;(11) 98888-7777;529.982.247-26;Olinda\nOutra vez;11980000000;;Olinda\n")
		if x.State != intake.StateReady || x.Found == nil || len(x.Found.Columns) != 4 || x.Size == 0 {
			t.Fatalf("%+v", x)
		}
		x, err := d.Check(d.ctx, "ws", x.ID)
		d.must(err)
		x = d.work(x, nil)
		if x.State != intake.StateChecked || x.Counts.Rows != 43 || x.Counts.Refused != 2 || d.count(audience.Filter{}) != 0 {
			t.Fatalf("after the trial: %s %+v, %d contacts, %v", x.State, x.Counts, d.count(audience.Filter{}), x.Failure)
		}
		bad, err := d.Problems(d.ctx, "ws", x.ID, intake.ProblemQuery{Limit: 10})
		d.must(err)
		if len(bad) != 2 || bad[0].Line != 42 || bad[0].Error.Code != "phone_no_area" || bad[1].Error.Code != "document_check" || len(bad[0].Cells) != 4 {
			t.Errorf("%+v", bad)
		}
		x, err = d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		if _, err := d.Commit(d.ctx, "ws", x.ID); !fault.Is(err, "import_step") {
			t.Errorf("committed twice: %v", err)
		}
		x = d.work(x, nil)
		want := intake.Counts{Progress: 1000, Rows: 43, Refused: 2, Created: 40, Updated: 1}
		if x.State != intake.StateDone || x.Counts != want {
			t.Errorf("%s %+v, %v", x.State, x.Counts, x.Failure)
		}
		if n := d.count(audience.Filter{Field: audience.FieldCity, Is: []string{"olinda"}}); n != 1 {
			t.Errorf("%d in Olinda: the last row is about somebody of the first ones", n)
		}
		if n := d.count(audience.Filter{Field: audience.FieldImport, Is: []string{x.ID}}); n != 40 {
			t.Errorf("%d are of the import", n)
		}
		// The same file once more changes nobody, and has nothing to undo.
		y := d.open(rows(40))
		_, err = d.Commit(d.ctx, "ws", y.ID)
		d.must(err)
		y = d.work(y, nil)
		if y.Counts.Unchanged != 39 || y.Counts.Updated != 1 {
			t.Errorf("again: %+v", y.Counts)
		}
		_, err = d.Undo(d.ctx, "ws", y.ID)
		d.must(err)
		if y = d.work(y, nil); y.State != intake.StateUndone || y.Counts.Undone != 1 {
			t.Errorf("%s %+v", y.State, y.Counts)
		}
		if n := d.count(audience.Filter{Field: audience.FieldCity, Is: []string{"olinda"}}); n != 1 {
			t.Error("who was changed is not as before")
		}
		touched, _, err := d.store.Contacts(d.ctx, "ws", audience.ContactQuery{Limit: 1})
		d.must(err)
		d.must(d.store.Touched(d.ctx, "ws", []int64{touched[0].No}, d.now))
		_, err = d.Undo(d.ctx, "ws", x.ID)
		d.must(err)
		if x = d.work(x, nil); x.State != intake.StateUndone || d.count(audience.Filter{}) != 2 || x.Counts.Kept != 2 {
			t.Errorf("after undoing: %s %+v, %d contacts", x.State, x.Counts, d.count(audience.Filter{}))
		}
	})
}

// TestAnImportOutlivesItsNodes: nodes die at every chunk, and in the end everybody is there once.
func TestAnImportOutlivesItsNodes(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open(rows(95))
		_, err := d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		deaths := 0
		for x.State != intake.StateDone {
			x = d.work(x, func(n int) error {
				if n < 3 {
					return nil
				}
				deaths++
				return errDied
			})
			d.now = d.now.Add(time.Minute) // the lease of the dead node ends
			if deaths > 20 {
				t.Fatal("it does not come to an end")
			}
		}
		if deaths < 3 || x.Counts.Created != 95 || x.Counts.Rows != 95 || d.count(audience.Filter{}) != 95 {
			t.Errorf("%d deaths, %+v, %d contacts", deaths, x.Counts, d.count(audience.Filter{}))
		}
	})
}

func TestImportIsStoppedAndStrict(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open(rows(95))
		_, err := d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		x = d.work(x, func(n int) error {
			if n == 3 {
				_, err := d.Cancel(d.ctx, "ws", x.ID)
				d.must(err)
			}
			return nil
		})
		if x.State != intake.StateCancelled || d.count(audience.Filter{}) != 20 {
			t.Errorf("%s, %d contacts", x.State, d.count(audience.Filter{}))
		}
		y := d.open(rows(12) + "Sem DDD;98765-4321;;Recife\n")
		set := y.Settings
		set.File.Strict = true
		_, err = d.Edit(d.ctx, "ws", y.ID, y.Revision, set)
		d.must(err)
		_, err = d.Commit(d.ctx, "ws", y.ID)
		d.must(err)
		y = d.work(y, nil)
		if y.State != intake.StateFailed || !fault.Is(y.Failure, "import_strict") || d.count(audience.Filter{}) != 20 {
			t.Errorf("%s, %v, %d contacts", y.State, y.Failure, d.count(audience.Filter{}))
		}
		if bad, err := d.Problems(d.ctx, "ws", y.ID, intake.ProblemQuery{Limit: 10}); err != nil || len(bad) != 1 {
			t.Errorf("%+v, %v", bad, err)
		}
		set.File.Columns = []intake.Mapped{{Column: "cor", Field: intake.FieldCity}}
		if _, err := d.Edit(d.ctx, "ws", y.ID, 0, set); !fault.Is(err, "column_unknown") {
			t.Errorf("%v", err)
		}
		if _, err := d.Get(d.ctx, "other", y.ID); !fault.Is(err, "import_not_found") {
			t.Errorf("seen from another workspace: %v", err)
		}
		d.must(d.Delete(d.ctx, "ws", y.ID))
	})
}
