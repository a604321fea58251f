package intake

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"campanario/audience"
	"campanario/internal/fault"
)

// SessionsOptions are what Sessions needs. Store is required.
type SessionsOptions struct {
	Store SessionStore
	// Country gives the country of phone numbers that name none; nil means that there is none.
	Country func(ctx context.Context, workspace string) (string, error)
	// Registers reports whether a workspace has a do-not-call register to check imports against; nil means that it has.
	Registers func(ctx context.Context, workspace string) (bool, error)
	// Changed is called when there may be work for a Worker; may be nil.
	Changed func()
	Now     func() time.Time // time.Now when nil
}

// Sessions guards imports. It is safe for concurrent use.
type Sessions struct{ o SessionsOptions }

// NewSessions makes Sessions.
func NewSessions(o SessionsOptions) *Sessions {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	if o.Registers == nil {
		o.Registers = func(context.Context, string) (bool, error) { return true, nil }
	}
	if o.Country == nil {
		o.Country = func(context.Context, string) (string, error) { return "", nil }
	}
	return &Sessions{o: o}
}

// Bounds of an import.
const (
	partSize    = 1 << 20
	MaxFile     = 4 << 30 // bytes of an uploaded file
	maxFileName = 200
)

// Open takes a file in and looks at it. by names who brings it. A file that cannot be read at all is refused, and nothing
// of it is kept.
func (s *Sessions) Open(ctx context.Context, workspace, by, name string, file io.Reader) (Session, error) {
	if name = strings.TrimSpace(name); name == "" || len(name) > maxFileName || !utf8.ValidString(name) {
		return Session{}, fault.New(fault.Invalid, "file_name_invalid", fault.Params{"max": maxFileName}).At("name")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, err
	}
	now := s.o.Now().UTC()
	x := Session{ID: id.String(), Workspace: workspace, State: StateOpen, Name: name, By: by, Revision: 1, CreatedAt: now, UpdatedAt: now}
	if x.No, err = s.o.Store.AddSession(ctx, x); err != nil {
		return Session{}, err
	}
	err = s.take(ctx, &x, file)
	if err == nil {
		err = s.look(ctx, &x)
	}
	if err == nil {
		x.State, x.UpdatedAt = StateReady, s.o.Now().UTC()
		err = s.o.Store.ReplaceSession(ctx, x, x.Revision)
		x.Revision++
	}
	if err != nil {
		gone := s.o.Store.DeleteSession(context.WithoutCancel(ctx), workspace, x.ID)
		return Session{}, errors.Join(err, gone)
	}
	return x, nil
}

// take stores the file.
func (s *Sessions) take(ctx context.Context, x *Session, file io.Reader) error {
	buf := make([]byte, partSize)
	for {
		n, err := io.ReadFull(file, buf)
		if n > 0 {
			if x.Size += int64(n); x.Size > MaxFile {
				return fault.New(fault.Invalid, "file_too_large", fault.Params{"max": int64(MaxFile)})
			}
			if err := s.o.Store.AddPart(ctx, x.No, x.Parts, buf[:n]); err != nil {
				return err
			}
			x.Parts++
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (s *Sessions) look(ctx context.Context, x *Session) error {
	country, err := s.o.Country(ctx, x.Workspace)
	if err != nil {
		return err
	}
	found, err := Suggest(s.o.Store.File(ctx, x))
	if err != nil {
		return err
	}
	x.Found = &found
	x.Settings = Settings{File: ContactOptions{Country: country, Layout: found.Layout}, By: audience.MergeKeys()}
	if found.Layout == LayoutMapped {
		for _, c := range found.Columns {
			x.Settings.File.Columns = append(x.Settings.File.Columns, c.Mapped)
		}
	}
	return nil
}

// Get gives an import.
func (s *Sessions) Get(ctx context.Context, workspace, id string) (Session, error) {
	return s.o.Store.Session(ctx, workspace, id)
}

// List gives imports, the newest first.
func (s *Sessions) List(ctx context.Context, workspace string, q SessionQuery) ([]Session, error) {
	return s.o.Store.Sessions(ctx, workspace, q)
}

// step changes an import that is in a state for it. revision is the one that was read, or 0 for whatever there is.
func (s *Sessions) step(ctx context.Context, workspace, id string, revision int64, step Step, change func(*Session) error) (Session, error) {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err != nil {
		return x, err
	}
	if err := x.State.Allow(step); err != nil {
		return x, err
	}
	if err := change(&x); err != nil {
		return x, err
	}
	read := x.Revision
	if revision != 0 {
		read = revision
	}
	x.UpdatedAt = s.o.Now().UTC()
	if err := s.o.Store.ReplaceSession(ctx, x, read); err != nil {
		return x, err
	}
	x.Revision = read + 1
	s.o.Changed()
	return x, nil
}

// Edit changes what was decided about an import. What a trial found is forgotten.
func (s *Sessions) Edit(ctx context.Context, workspace, id string, revision int64, set Settings) (Session, error) {
	return s.step(ctx, workspace, id, revision, StepEdit, func(x *Session) error {
		if set.File.Sheet != x.Settings.File.Sheet {
			found, err := SuggestSheet(s.o.Store.File(ctx, x), set.File.Sheet)
			if err != nil {
				return err
			}
			x.Found = &found
		}
		if err := set.validate(x.Found); err != nil {
			return err
		}
		x.State, x.Settings, x.Counts, x.RowsDone, x.Failure = StateReady, set, Counts{}, 0, nil
		return nil
	})
}

// Check begins a trial: it goes through the file and writes nothing.
func (s *Sessions) Check(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepCheck, func(x *Session) error {
		if err := s.screens(ctx, x); err != nil {
			return err
		}
		x.State, x.Counts, x.RowsDone, x.Failure, x.EndedAt = StateChecking, Counts{}, 0, nil, time.Time{}
		return nil
	})
}

// Commit begins the import.
func (s *Sessions) Commit(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepCommit, func(x *Session) error {
		if err := s.screens(ctx, x); err != nil {
			return err
		}
		x.State, x.Counts, x.RowsDone, x.Failure, x.EndedAt = StateRunning, Counts{}, 0, nil, time.Time{}
		return nil
	})
}

// Cancel stops the work on an import: a trial leaves it as it was before, an import keeps what it has written.
func (s *Sessions) Cancel(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepCancel, func(x *Session) error {
		if x.State = StateCancelled; x.Counts.Created+x.Counts.Updated == 0 {
			x.State = StateReady
		}
		x.EndedAt = s.o.Now().UTC()
		return nil
	})
}

// Undo begins to take an import back.
func (s *Sessions) Undo(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepUndo, func(x *Session) error {
		x.State, x.Failure, x.EndedAt = StateUndoing, nil, time.Time{}
		return nil
	})
}

// Delete removes an import; the contacts stay.
func (s *Sessions) Delete(ctx context.Context, workspace, id string) error {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err == nil {
		err = x.State.Allow(StepDelete)
	}
	if err != nil {
		return err
	}
	return s.o.Store.DeleteSession(ctx, workspace, id)
}

// Problems gives what is wrong with the file, in its order: of the import, or of its trial before it was begun.
func (s *Sessions) Problems(ctx context.Context, workspace, id string, q ProblemQuery) ([]Problem, error) {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	return s.o.Store.Problems(ctx, &x, q)
}

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
	wake chan struct{}
}

// leaseFor is how long a chunk may take before another node goes on with the import.
const (
	leaseFor   = 30 * time.Second
	chunkRows  = 10_000
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
	return &Worker{o: o, wake: make(chan struct{}, 1)}
}

// Nudge makes the worker look for work at once.
func (w *Worker) Nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. What it was doing then is gone on with by the next one.
func (w *Worker) Run(ctx context.Context) {
	tick := time.NewTicker(w.o.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		now := w.o.Now()
		x, ok, err := w.o.Store.TakeSession(ctx, w.hold(now), now)
		if err != nil && ctx.Err() == nil {
			w.o.Log.Error("import_not_taken", "error", err)
		}
		if ok && err == nil {
			w.work(ctx, &x)
			continue
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-tick.C:
		}
	}
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
		t := time.NewTimer(retryAfter) // it stays ours until the lease ends
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
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
		return w.through(ctx, x, w.o.Store.CheckChunk)
	case StateRunning:
		if x.Settings.File.Strict && x.RowsDone == 0 {
			if err := w.strictly(ctx, x); err != nil {
				return "", err
			}
		}
		return w.through(ctx, x, w.o.Store.CommitChunk)
	default:
		return "", nil
	}
}

var errNotOurs = errors.New("the import is not ours any more")

// put stores a chunk; false when the import is not the holder's any more.
type put func(ctx context.Context, x *Session, h Hold, c *Chunk, o audience.MergeOptions) (bool, error)

// through goes on with the file where it was left, reading ahead while chunks are stored.
func (w *Worker) through(ctx context.Context, x *Session, store put) (State, error) {
	end := StateDone
	if x.State == StateChecking {
		end = StateChecked
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := w.reader(ctx, x, store)
	if err != nil {
		return "", err
	}
	chunks, failed := make(chan *Chunk), make(chan error, 1)
	go func() {
		defer close(chunks)
		failed <- errors.Join(w.read(ctx, x, r, chunks), r.Close())
	}()
	o := audience.MergeOptions{
		Import: x.ID, By: x.Settings.By, Fill: x.Settings.Fill, OnlySegments: x.Settings.OnlySegments,
		ClearLocation: x.Settings.ClearLocation, Verify: x.Settings.Verify, Since: x.UpdatedAt,
	}
	if o.By == nil {
		o.By = audience.MergeKeys()
	}
	ours, stored := true, error(nil)
	for c := range chunks {
		if !ours || stored != nil {
			continue // the reader is on its way out
		}
		now := w.o.Now()
		o.Now = now.UTC()
		if ours, stored = store(ctx, x, w.hold(now), c, o); !ours || stored != nil {
			cancel()
		}
	}
	err = <-failed
	switch {
	case stored != nil:
		return "", stored
	case !ours:
		return "", nil
	case err != nil:
		return "", err
	}
	return end, nil
}

// reader opens the file. When several things about it as a whole are wrong, all of them are kept as problems of its first
// line.
func (w *Worker) reader(ctx context.Context, x *Session, store put) (*ContactReader, error) {
	r, err := NewContactReader(w.o.Store.File(ctx, x), x.Settings.File)
	told := fault.All(err)
	if len(told) < 2 {
		return r, err
	}
	c := &Chunk{}
	for _, f := range told {
		c.Problems = append(c.Problems, Problem{Line: 1, Column: f.Field, Error: f.At(""), Severity: Refused})
	}
	now := w.o.Now()
	ours, kept := store(ctx, x, w.hold(now), c, audience.MergeOptions{Now: now.UTC()})
	switch {
	case kept != nil:
		return nil, kept
	case !ours:
		return nil, errNotOurs
	default:
		return nil, err
	}
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
			c = &Chunk{}
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
		if len(c.Contacts)+len(c.Problems) >= w.o.ChunkRows && !send(min(r.Thousandths(x.Size), 999)) {
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
	r, err := w.reader(ctx, x, w.o.Store.CommitChunk)
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
	now := w.o.Now()
	ours, err := w.o.Store.CommitChunk(ctx, x, w.hold(now), c, audience.MergeOptions{Now: now.UTC()})
	if err != nil || !ours {
		return errors.Join(err, errNotOurs)
	}
	return fault.New(fault.Invalid, "import_strict", fault.Params{"refused": c.Counts.Refused})
}
