package client_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"campanario/report"
)

// TestReportsByCommand is a workbook from its asking to its deletion.
func TestReportsByCommand(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	w := report.NewWorker(report.WorkerOptions{Store: d.store, Node: 1, Now: func() time.Time { return noon }})
	d.steps([]step{
		{args: "report prepare ⟨campaign⟩ --json", keep: "x"},
		{args: "report get ⟨x⟩", out: "Report ⟨x⟩: ⟨*⟩.xlsx, waiting. Rows: 0.\n"},
		{args: "report download ⟨x⟩", err: refused("report_step"), code: 1},
		{args: "report cancel ⟨x⟩", out: "Report ⟨x⟩: ⟨*⟩.xlsx, cancelled. Rows: 0.\n"},
		{args: "report delete ⟨x⟩ --yes", out: "Done.\n"},
		{args: "report get ⟨x⟩", err: refused("report_not_found"), code: 1},
		{args: "report download no/id", err: refused("report_not_found"), code: 2},
		{args: "report prepare ⟨campaign⟩ --rows letters", err: refused("not_one_of"), code: 1},
	})
	d.o.After = func(time.Duration) <-chan time.Time {
		w.Step(t.Context())
		ready := make(chan time.Time, 1)
		ready <- noon
		return ready
	}
	file := filepath.Join(t.TempDir(), "r.xlsx")
	d.steps([]step{
		{args: "report prepare ⟨campaign⟩ --rows attempts --words en --everybody -o " + file, err: "Saved as ⟨*⟩\n"},
		{args: "report list ⟨campaign⟩", out: "ID  NAME  STATE  ROWS  CREATED  EXPIRES\n⟨*⟩  ⟨*⟩-attempts.xlsx  ready  0  ⟨*⟩\n"},
	})
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if name, err := book.GetCellValue(book.GetSheetList()[0], "A1"); err != nil || name != "No." {
		t.Errorf("%q, %v", name, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	d.o.After = func(time.Duration) <-chan time.Time { stop(); return nil }
	if got := d.runIn(ctx, "report", "prepare", "⟨campaign⟩", "--wait"); got.code != 130 || !d.like(got.err, "\nThe report goes on at the server. To stop it:\n  campanario report cancel ⟨*⟩\n") {
		t.Errorf("%d %q %q", got.code, got.out, got.err)
	}
}
