package intake

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"campanario/audience"
	"campanario/internal/chore"
	"campanario/internal/fault"
)

// WorkerOptions are what a Worker needs. Store is required.
type WorkerOptions struct {
	Store SessionStore
	Node  int64
	// Poll is how often to look for imports that other nodes were given or have left; 0 means 5 s.
	Poll time.Duration
	// Screened reports which addresses an import that asks for it must leave out (do-not-call registers); may be nil.
	Screened func(ctx context.Context, workspace string, list []audience.Reach) ([]bool, error)
	// ChunkRows is how many rows one transaction brings in; 0 means 10,000.
	ChunkRows int
	Log       *slog.Logger
	Now       func() time.Time // time.Now when nil
}

// Worker carries imports out, one at a time. Several nodes have one each: an import is worked on by whoever holds it, and
// goes on from its last chunk when that node is gone.
type Worker struct {
	o    WorkerOptions
	loop *chore.Loop
}

// leaseFor is how long a chunk may take before another node goes on with the import.
const (
	leaseFor   = 30 * time.Second
	chunkRows  = 10_000
	chunkBytes = 1 << 20 // of cells: long rows come in fewer at a time, as everything made of them is in memory at once
	undoRows   = 2_000
	pollEvery  = 5 * time.Second
	retryAfter = time.Second
)

// NewWorker makes a Worker; Run it.
func NewWorker(o WorkerOptions) *Worker {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll == 0 {
		o.Poll = pollEvery
	}
	if o.ChunkRows == 0 {
		o.ChunkRows = chunkRows
	}
	return &Worker{o: o, loop: chore.New(o.Poll)}
}

// Nudge makes the worker look for work at once.
func (w *Worker) Nudge() { w.loop.Nudge() }

// Run works until ctx ends. What it was doing then is gone on with by the next one.
func (w *Worker) Run(ctx context.Context) { w.loop.Run(ctx, w.step) }

func (w *Worker) step(ctx context.Context) bool {
	now := w.o.Now()
	x, ok, err := w.o.Store.TakeSession(ctx, w.hold(now), now)
	if err != nil && ctx.Err() == nil {
		w.o.Log.Error("import_not_taken", "error", err)
	}
	if err != nil || !ok {
		return false
	}
	w.work(ctx, &x)
	return true
}

func (w *Worker) hold(now time.Time) Hold { return Hold{Node: w.o.Node, Until: now.Add(leaseFor)} }

// work carries one import as far as it goes.
func (w *Worker) work(ctx context.Context, x *Session) {
	began := w.o.Now()
	state, err := w.carry(ctx, x)
	if ctx.Err() != nil {
		return // somebody else, or the next start of this node, goes on
	}
	failure, told := err, fault.All(err)
	var why *fault.Error
	switch {
	case err != nil && len(told) > 0 && told[0].Kind == fault.Invalid:
		state, why = StateFailed, told[0]
	case err != nil:
		w.o.Log.Error("import_interrupted", "import", x.ID, "state", string(x.State), "error", failure)
		chore.Pause(ctx, retryAfter) // it stays ours until the lease ends
		return
	case state == "":
		return // it is not ours any more
	}
	now := w.o.Now()
	if err := w.o.Store.EndSession(ctx, x, w.hold(now), state, why, now.UTC()); err != nil {
		w.o.Log.Error("import_not_ended", "import", x.ID, "error", err)
		return
	}
	w.o.Log.Info("import_ended", "import", x.ID, "state", string(state), "rows", x.Counts.Rows, "refused", x.Counts.Refused,
		"created", x.Counts.Created, "updated", x.Counts.Updated, "took", now.Sub(began))
}

// carry gives the state that the import has come to, or none when it is not ours any more.
func (w *Worker) carry(ctx context.Context, x *Session) (State, error) {
	switch x.State {
	case StateUndoing:
		for {
			now := w.o.Now()
			_, more, err := w.o.Store.UndoChunk(ctx, x, w.hold(now), undoRows, now.UTC())
			if err != nil {
				return "", err
			}
			if !more {
				return StateUndone, nil
			}
		}
	case StateChecking:
		return w.through(ctx, x)
	case StateRunning:
		if x.Settings.File.Strict && x.RowsDone == 0 {
			if err := w.strictly(ctx, x); err != nil {
				return "", err
			}
		}
		return w.through(ctx, x)
	default:
		return "", nil
	}
}

var errNotOurs = errors.New("the import is not ours any more")

// through goes on with the file where it was left. Three things happen at once: rows are read into a chunk, the chunk
// before it is looked up in the base, and the one before that is stored.
func (w *Worker) through(ctx context.Context, x *Session) (State, error) {
	end := StateDone
	if x.State == StateChecking {
		end = StateChecked
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := w.reader(ctx, x)
	if err != nil {
		return "", err
	}
	merging, err := w.o.Store.Merging(ctx, x, w.merge(x))
	if err != nil {
		return "", errors.Join(err, r.Close())
	}
	chunks, ready, failed := make(chan *Chunk), make(chan Planned), make(chan error, 2)
	done := *x // what was counted before: x changes while chunks are stored
	go func() {
		defer close(chunks)
		failed <- errors.Join(w.read(ctx, &done, r, chunks), r.Close())
	}()
	go func() {
		defer close(ready)
		err := plan(ctx, merging, chunks, ready)
		if err != nil {
			cancel()
		}
		failed <- err
	}()
	ours, stored := true, error(nil)
	for p := range ready {
		if ours, stored = p.Write(ctx, x, w.hold(w.o.Now())); !ours || stored != nil {
			cancel()
			break
		}
	}
	first, second := <-failed, <-failed
	switch {
	case stored != nil:
		return "", stored
	case !ours:
		return "", nil
	}
	if err := errors.Join(first, second); err != nil {
		return "", err
	}
	return end, nil
}

// merge is how contacts of an import meet those that are there.
func (w *Worker) merge(x *Session) audience.MergeOptions {
	o := audience.MergeOptions{
		Import: x.ID, By: x.Settings.By, Fill: x.Settings.Fill, OnlySegments: x.Settings.OnlySegments,
		ClearLocation: x.Settings.ClearLocation, Verify: x.Settings.Verify, Since: x.UpdatedAt, Now: w.o.Now().UTC(),
	}
	if o.By == nil {
		o.By = audience.MergeKeys()
	}
	return o
}

// plan decides about chunks.
func plan(ctx context.Context, m Merging, from <-chan *Chunk, to chan<- Planned) error {
	for c := range from {
		p, err := m.Plan(ctx, c)
		if err != nil {
			return err
		}
		select {
		case to <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// keep stores problems that are not those of a row.
func (w *Worker) keep(ctx context.Context, x *Session, c *Chunk) error {
	m, err := w.o.Store.Merging(ctx, x, w.merge(x))
	if err != nil {
		return err
	}
	p, err := m.Plan(ctx, c)
	if err != nil {
		return err
	}
	ours, err := p.Write(ctx, x, w.hold(w.o.Now()))
	if err == nil && !ours {
		err = errNotOurs
	}
	return err
}

// reader opens the file. What is wrong with it as a whole is kept as problems of its first line.
func (w *Worker) reader(ctx context.Context, x *Session) (*ContactReader, error) {
	r, err := NewContactReader(w.o.Store.File(ctx, x), x.Settings.File)
	told := fault.All(err)
	if len(told) == 0 || told[0].Kind != fault.Invalid {
		return r, err
	}
	c := &Chunk{}
	for _, f := range told {
		c.Problems = append(c.Problems, Problem{Line: 1, Column: f.Field, Error: f.At(""), Severity: Refused})
	}
	if kept := w.keep(ctx, x, c); kept != nil {
		return nil, kept
	}
	return nil, err
}

// read makes chunks of what is left of the file.
func (w *Worker) read(ctx context.Context, x *Session, r *ContactReader, to chan<- *Chunk) error {
	skip, progress := x.RowsDone, x.Counts.Progress
	c := &Chunk{}
	send := func(at int64) bool {
		c.Counts.Progress = max(0, at-progress)
		progress += c.Counts.Progress
		select {
		case to <- c:
			c = newChunk(len(c.Contacts))
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row := int64(1); ; row++ {
		p, bad, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if row <= skip {
			continue
		}
		if full := len(c.Contacts)+len(c.Problems) >= w.o.ChunkRows || c.bytes >= chunkBytes; full && !send(min(r.Thousandths(x.Size), 999)) {
			return ctx.Err()
		}
		c.RowsDone = row
		if err := w.add(ctx, x, c, p, bad); err != nil {
			return err
		}
	}
	if c.RowsDone > 0 && !send(1000) {
		return ctx.Err()
	}
	return nil
}

// add puts one row of the file into the chunk.
func (w *Worker) add(ctx context.Context, x *Session, c *Chunk, p Person, bad *Refusal) error {
	c.Counts.Rows++
	if bad != nil {
		c.Counts.Refused++
		c.Problems = append(c.Problems, Problem{Line: bad.Line, Column: bad.Column, Error: bad.Error, Cells: bad.Cells, Severity: Refused})
		for _, cell := range bad.Cells {
			c.bytes += len(cell)
		}
		return nil
	}
	if x.Settings.Screen && w.o.Screened != nil {
		err := w.screen(ctx, x.Workspace, &p)
		if err != nil {
			return err
		}
		if len(p.Contact.Reaches) == 0 {
			c.Counts.Screened++
			return nil
		}
	}
	c.add(&p)
	return nil
}

// strictly goes through the whole file before anything of it is written, and refuses it for one refused row.
func (w *Worker) strictly(ctx context.Context, x *Session) error {
	r, err := w.reader(ctx, x)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	c := &Chunk{}
	for {
		_, bad, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if bad == nil {
			continue
		}
		if c.Counts.Refused++; c.Counts.Refused <= MostTrialProblems {
			c.Problems = append(c.Problems, Problem{Line: bad.Line, Column: bad.Column, Error: bad.Error, Cells: bad.Cells, Severity: Refused})
		}
	}
	if c.Counts.Refused == 0 {
		return nil
	}
	if err := w.keep(ctx, x, c); err != nil {
		return err
	}
	return fault.New(fault.Invalid, "import_strict", fault.Params{"refused": c.Counts.Refused})
}
