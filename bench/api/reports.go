package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"campanario/internal/rig"
	"campanario/report"
)

// reports tells how long the report of the whole campaign takes: as a file that is written while it is read, and as a
// workbook, which a worker makes and the store keeps.
func (a *asking) reports(ctx context.Context, r *rig.Rig, database string, out io.Writer) error {
	told := func(name string, rows, size int64, took time.Duration) {
		_, _ = fmt.Fprintf(out, "%s  %s: %d rows, %d bytes in %v: %.0f rows/s\n", database, name, rows, size, took.Round(time.Millisecond), float64(rows)/took.Seconds())
	}
	began := time.Now()
	size, err := a.download(ctx, "/campaigns/"+campaignID+"/report")
	if err != nil {
		return err
	}
	told("report as CSV", int64(a.c.people), size, time.Since(began))
	files := report.NewFiles(report.FilesOptions{Store: r.Store})
	f, err := files.Prepare(ctx, rig.Workspace, campaignID, "", "bench.xlsx", report.FileOptions{Form: report.PerRecipient})
	if err != nil {
		return err
	}
	began = time.Now()
	report.NewWorker(report.WorkerOptions{Store: r.Store, Node: 1}).Step(ctx)
	took := time.Since(began)
	if f, err = files.Get(ctx, rig.Workspace, f.ID); err != nil {
		return err
	}
	if f.State != report.StateDone {
		return fmt.Errorf("the workbook is %s: %w", f.State, f.Failure)
	}
	told("report as a workbook", f.Rows, f.Size, took)
	return nil
}

// download reads a file to its end, and tells how long it is.
func (a *asking) download(ctx context.Context, path string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.v.URL+"/api/v1"+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+a.v.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", path, res.Status)
	}
	return io.Copy(io.Discard, res.Body)
}
