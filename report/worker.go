package report

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"campanario/campaign"
	"campanario/internal/chore"
	"campanario/internal/fault"
)

// WorkerOptions are what a Worker needs. Store is required.
type WorkerOptions struct {
	Store FileStore
	Node  int64
	// Poll is how often to look for files that other nodes were asked for or have left; 0 means 5 s.
	Poll time.Duration
	// PartBytes is how much is kept at once; 0 means 1 MiB.
	PartBytes int
	Log       *slog.Logger
	Now       func() time.Time // time.Now when nil
}

// Worker writes files, one at a time, and removes those that have expired. Several nodes have one each: a file is written
// by whoever holds it. What a node that is gone has written of one is of no use to others, as a workbook cannot be gone on
// with: the next one begins anew.
type Worker struct {
	o    WorkerOptions
	loop *chore.Loop
}

const (
	leaseFor   = time.Minute     // a page of a search through a million people may take seconds
	beatEvery  = 2 * time.Second // how often it is told how far a file is, though nothing is written
	pollEvery  = 5 * time.Second
	retryAfter = time.Second
	partBytes  = 1 << 20
	// mostLost is how many nodes may be gone over a file before it is given up: one that takes them with it must not take all.
	mostLost = 5
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
	if o.PartBytes == 0 {
		o.PartBytes = partBytes
	}
	return &Worker{o: o, loop: chore.New(o.Poll)}
}

// Nudge makes the worker look for work at once.
func (w *Worker) Nudge() { w.loop.Nudge() }

// Run works until ctx ends. What it was writing then is written by the next one.
func (w *Worker) Run(ctx context.Context) { w.loop.Run(ctx, w.Step) }

// Step does the next thing that is to be done; false when there was none, or nothing can be done now.
func (w *Worker) Step(ctx context.Context) bool {
	now := w.o.Now()
	f, ok, err := w.o.Store.TakeFile(ctx, w.hold(), now.UTC())
	if err == nil && ok {
		w.work(ctx, &f)
		return true
	}
	more := false
	if err == nil {
		more, err = w.o.Store.SweepFiles(ctx, now.UTC())
	}
	if err != nil && ctx.Err() == nil {
		w.o.Log.Error("report_not_taken", "error", err)
	}
	return err == nil && more
}

func (w *Worker) hold() Hold { return Hold{Node: w.o.Node, Until: w.o.Now().Add(leaseFor).UTC()} }

// errNotOurs ends the writing of a file that was cancelled or that another node has.
var errNotOurs = errors.New("the file is not ours any more")

// work writes one file as far as it comes.
func (w *Worker) work(ctx context.Context, f *File) {
	began := w.o.Now()
	var err error
	if f.Lost >= mostLost {
		err = fault.New(fault.Invalid, "report_given_up", fault.Params{"times": int64(mostLost)})
	} else {
		err = w.write(ctx, f)
	}
	told, state := fault.All(err), StateDone
	var why *fault.Error
	switch {
	case ctx.Err() != nil, errors.Is(err, errNotOurs):
		return // somebody else, or the next start of this node, begins anew
	case err != nil && len(told) > 0 && (told[0].Kind == fault.Invalid || told[0].Kind == fault.NotFound):
		state, why = StateFailed, told[0]
	case err != nil:
		w.o.Log.Error("report_interrupted", "report", f.ID, "campaign", f.Campaign, "error", err)
		w.putBack(ctx, f, fault.KindOf(err) != fault.Unavailable)
		return
	}
	now := w.o.Now().UTC()
	if err := w.o.Store.EndFile(ctx, f, w.hold(), state, why, now, now.Add(Kept)); err != nil {
		w.o.Log.Error("report_not_ended", "report", f.ID, "campaign", f.Campaign, "error", err)
		w.putBack(ctx, f, fault.KindOf(err) != fault.Unavailable)
		return
	}
	w.o.Log.Info("report_ended", "report", f.ID, "campaign", f.Campaign, "state", string(state), "rows", f.Rows, "bytes", f.Size, "took", now.Sub(began))
}

// putBack has a file begun anew soon, as soon as the database can be told. That the database was away is nothing that the file
// did to its node; what else it was is counted, so that it ends some day.
func (w *Worker) putBack(ctx context.Context, f *File, lost bool) {
	for pause := retryAfter; ctx.Err() == nil; pause = min(2*pause, leaseFor/2) {
		if err := w.o.Store.PutBackFile(ctx, f, w.hold(), w.o.Now().Add(retryAfter).UTC(), lost); err == nil {
			return
		}
		chore.Pause(ctx, pause)
	}
}

func (w *Worker) write(ctx context.Context, f *File) error {
	r, err := Open(ctx, w.o.Store, f.Workspace, f.Campaign, f.Options.options())
	if err != nil {
		return err
	}
	tails, err := w.o.Store.Tails(ctx, f.Workspace, f.Campaign)
	if err != nil {
		return err
	}
	out := &filing{w: w, ctx: ctx, f: f, told: w.o.Now(), buf: make([]byte, 0, w.o.PartBytes)}
	rows, err := r.WriteBook(ctx, out, func(rows int64, last campaign.Number) error {
		out.rows, out.progress = rows, min(campaign.Covered(tails, last), 999)
		if w.o.Now().Sub(out.told) >= beatEvery {
			return out.keep(nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out.rows, out.progress = rows, 1000
	return out.keep(out.buf)
}

// filing takes the bytes of a file and keeps them part by part.
type filing struct {
	w              *Worker
	ctx            context.Context //nolint:containedctx // of one writing
	f              *File
	buf            []byte
	rows, progress int64
	told           time.Time // when the store last heard of it
}

func (o *filing) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		some := min(len(b), cap(o.buf)-len(o.buf))
		o.buf, b = append(o.buf, b[:some]...), b[some:]
		if len(o.buf) < cap(o.buf) {
			continue
		}
		if err := o.keep(o.buf); err != nil {
			return 0, err
		}
		o.buf = o.buf[:0]
	}
	return n, nil
}

// keep gives bytes, or only how far the file is, to the store.
func (o *filing) keep(data []byte) error {
	if o.f.Size+int64(len(data)) > MostBytes {
		return fault.New(fault.Invalid, "report_too_large", fault.Params{"max": int64(MostBytes)})
	}
	ours, err := o.w.o.Store.WritePart(o.ctx, o.f, o.w.hold(), Part{Data: data, Rows: o.rows, Progress: o.progress})
	if err == nil && !ours {
		err = errNotOurs
	}
	o.told = o.w.o.Now()
	return err
}
