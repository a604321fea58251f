package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"campanario/campaign"
	"campanario/internal/fault"
	"campanario/report"
	"campanario/store"
)

func (w *world) files() *report.Files {
	return report.NewFiles(report.FilesOptions{Store: w.Store, Now: func() time.Time { return *w.now }})
}

func (w *world) prepare(id string) report.File {
	w.t.Helper()
	f, err := w.files().Prepare(w.ctx, "ws", id, "key", "r.xlsx", report.FileOptions{})
	w.must(err)
	return f
}

func (w *world) file(id string) report.File {
	w.t.Helper()
	f, err := w.ReportFile(w.ctx, "ws", id)
	w.must(err)
	return f
}

// rows reads how many rows a file has with its header.
func (w *world) rows(id string) int {
	w.t.Helper()
	_, r, err := w.files().Open(w.ctx, "ws", id)
	w.must(err)
	data, err := io.ReadAll(r)
	w.must(err)
	book, err := excelize.OpenReader(bytes.NewReader(data))
	w.must(err)
	defer book.Close() //nolint:errcheck // it was read from memory
	rows, err := book.GetRows(book.GetSheetList()[0])
	w.must(err)
	return len(rows)
}

// meddled is a store in which something happens before a part is written.
type meddled struct {
	*store.Store
	parts  int
	before func(part int)
	fails  error // what the next part comes to
}

func (m *meddled) WritePart(ctx context.Context, f *report.File, h report.Hold, p report.Part) (bool, error) {
	m.parts++
	if m.before != nil {
		m.before(m.parts)
	}
	if err := m.fails; err != nil {
		m.fails = nil
		return false, err
	}
	return m.Store.WritePart(ctx, f, h, p)
}

// reporter is a node's worker that writes in small parts.
func (w *world) reporter(node int64, before func(part int)) *report.Worker {
	return report.NewWorker(report.WorkerOptions{
		Store: &meddled{Store: w.Store, before: before}, Node: node, PartBytes: 2 << 10, Now: func() time.Time { return *w.now },
	})
}

func TestAReportIsWrittenByWhoeverHoldsIt(t *testing.T) {
	eachOpen(t, func(t *testing.T, w *world, raw *sql.DB) {
		w.campaign("c", 1200)
		f := w.prepare("c")
		// The first node stalls before its second part until its lease is over, and another writes the file; what the first
		// one then still wants to write is refused.
		other := w.reporter(2, nil)
		ended := w.reporter(1, func(part int) {
			if part == 2 {
				*w.now = w.now.Add(2 * time.Minute)
				if !other.Step(w.ctx) {
					t.Error("nobody goes on with it")
				}
			}
		}).Step(w.ctx)
		got := w.file(f.ID)
		if !ended || got.State != report.StateDone || got.Term != 2 || got.Lost != 1 || got.Rows != 1200 || got.Progress != 1000 || got.Parts < 3 {
			t.Fatalf("%+v", got)
		}
		if n := w.rows(f.ID); n != 1201 {
			t.Errorf("%d rows", n)
		}
		// What was written of it first belongs to nothing.
		for w.reporter(1, nil).Step(w.ctx) {
		}
		if _, err := w.FilePart(w.ctx, &report.File{No: got.No, Term: 1, ID: f.ID}, 0); err == nil {
			t.Error("a part of an earlier term is there")
		}
		if n := w.rows(f.ID); n != 1201 {
			t.Errorf("%d rows after sweeping", n)
		}
		*w.now = got.ExpiresAt.Add(time.Second)
		for w.reporter(1, nil).Step(w.ctx) {
		}
		if _, err := w.ReportFile(w.ctx, "ws", f.ID); err == nil || !strings.Contains(err.Error(), "report_not_found") {
			t.Errorf("after its time: %v", err)
		}
		var left int
		if w.must(raw.QueryRowContext(w.ctx, `SELECT COUNT(*) FROM report_part`).Scan(&left)); left != 0 {
			t.Errorf("%d parts are left", left)
		}
	})
}

// TestAReportOutlivesItsDatabaseBeingAway: it is begun anew a moment later, and that is nobody's loss; what else goes wrong is.
func TestAReportOutlivesItsDatabaseBeingAway(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 30)
		for _, c := range []struct {
			err  error
			lost int64
		}{{fault.New(fault.Unavailable, "database_unavailable", nil), 0}, {io.ErrUnexpectedEOF, 1}} {
			f := w.prepare("c")
			node := report.NewWorker(report.WorkerOptions{Store: &meddled{Store: w.Store, fails: c.err}, Node: 1, Now: func() time.Time { return *w.now }})
			if !node.Step(w.ctx) || node.Step(w.ctx) {
				t.Error("it was not taken, or taken again at once")
			}
			if got := w.file(f.ID); got.State != report.StateWaiting || got.Lost != c.lost || got.Progress != 0 {
				t.Errorf("%v: %+v", c.err, got)
			}
			*w.now = w.now.Add(2 * time.Second)
			if !w.reporter(2, nil).Step(w.ctx) {
				t.Errorf("%v: nobody begins anew", c.err)
			}
			if got := w.file(f.ID); got.State != report.StateDone || got.Lost != c.lost || w.rows(f.ID) != 31 {
				t.Errorf("%v: %+v", c.err, got)
			}
		}
	})
}

func TestACancelledReportIsWrittenNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1200)
		f := w.prepare("c")
		parts := 0
		w.reporter(1, func(part int) {
			if parts = part; part == 2 {
				_, err := w.files().Cancel(w.ctx, "ws", f.ID)
				w.must(err)
			}
		}).Step(w.ctx)
		if got := w.file(f.ID); got.State != report.StateCancelled || parts != 2 {
			t.Errorf("%d parts, %+v", parts, got)
		}
		if _, _, err := w.files().Open(w.ctx, "ws", f.ID); err == nil {
			t.Error("it can be downloaded")
		}
		if _, err := w.files().Cancel(w.ctx, "ws", f.ID); err == nil {
			t.Error("it can be cancelled again")
		}
	})
}

func TestAReportThatTakesItsNodesWithItIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		f := w.prepare("c")
		for node := range int64(6) {
			if got, ok, err := w.TakeFile(w.ctx, report.Hold{Node: node, Until: w.now.Add(time.Minute)}, *w.now); err != nil || !ok || got.Lost != min(node, 5) {
				t.Fatalf("%d: %v %+v", node, err, got)
			}
			if _, ok, err := w.TakeFile(w.ctx, report.Hold{Node: 77, Until: w.now.Add(time.Minute)}, *w.now); ok || err != nil {
				t.Fatalf("two hold it: %v", err)
			}
			*w.now = w.now.Add(2 * time.Minute)
		}
		w.reporter(9, nil).Step(w.ctx)
		if got := w.file(f.ID); got.State != report.StateFailed || got.Failure == nil || got.Failure.Code != "report_given_up" {
			t.Errorf("%+v", got)
		}
	})
}

func TestNobodyErasedIsLeftInAReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1200)
		done := w.prepare("c")
		w.reporter(1, nil).Step(w.ctx)
		open := w.prepare("c")
		gone := w.contact("p7@example.com")
		w.reporter(1, func(part int) {
			if part == 2 {
				out, err := w.Erase(w.ctx, "ws", gone.ID, *w.now)
				w.must(err)
				if out.Reports != 1 {
					t.Errorf("%+v", out)
				}
			}
		}).Step(w.ctx)
		if _, err := w.ReportFile(w.ctx, "ws", done.ID); err == nil {
			t.Error("the report that was written is there")
		}
		if got := w.file(open.ID); got.State != report.StateWaiting {
			t.Fatalf("%+v", got)
		}
		w.reporter(1, nil).Step(w.ctx)
		_, r, err := w.files().Open(w.ctx, "ws", open.ID)
		w.must(err)
		data, err := io.ReadAll(r)
		w.must(err)
		book, err := excelize.OpenReader(bytes.NewReader(data))
		w.must(err)
		found, err := book.SearchSheet(book.GetSheetList()[0], "p7@example.com")
		w.must(err)
		if len(found) != 0 || w.file(open.ID).Lost != 0 {
			t.Errorf("the person is in %v", found)
		}
	})
}

func TestReportsGoWithTheirCampaign(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("a", 40)
		w.campaign("b", 1)
		done, other := w.prepare("a"), w.prepare("b")
		for w.reporter(w.node, nil).Step(w.ctx) {
		}
		writing := w.prepare("a")
		w.must(w.Move(w.ctx, "ws", "a", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		w.reporter(w.node, func(part int) {
			if part == 1 {
				w.must(w.DeleteCampaign(w.ctx, "ws", "a", *w.now))
			}
		}).Step(w.ctx)
		for _, f := range []report.File{done, writing} {
			if _, err := w.ReportFile(w.ctx, "ws", f.ID); !fault.Is(err, "report_not_found") {
				t.Errorf("report %d is still there: %v", f.No, err)
			}
		}
		if f := w.file(other.ID); f.State != report.StateDone {
			t.Errorf("the report of another campaign is %s", f.State)
		}
	})
}
