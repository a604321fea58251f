package single

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/locale"
	"campanario/report"
)

// last is done when nothing runs any more: the report is true then.
func (r *running) last(ctx context.Context) error {
	if !r.begun {
		return nil
	}
	r.shown.close()
	n, err := r.program.Campaigns.Counts(ctx, r.program.Workspace, r.campaign.ID)
	if err != nil {
		return err
	}
	rows, err := r.writeReport(ctx)
	if err != nil {
		return err
	}
	r.summary(n, rows)
	return nil
}

// writeReport puts the report in the place of the one that may be there, whole or not at all.
func (r *running) writeReport(ctx context.Context) (int64, error) {
	if r.Report == "" {
		return 0, nil
	}
	p, err := report.Open(ctx, r.program.Store, r.program.Workspace, r.campaign.ID, r.Form)
	if err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(r.Report), ".campanario-*")
	if err != nil {
		return 0, unwritten(r.Report, err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then, if all went well
	rows, err := p.Write(ctx, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return rows, unwritten(r.Report, err)
	}
	if err := os.Chmod(f.Name(), reportMode(r.Report)); err != nil {
		return rows, unwritten(r.Report, err)
	}
	if err := os.Rename(f.Name(), r.Report); err != nil {
		return rows, unwritten(r.Report, err)
	}
	return rows, nil
}

// reportMode is that of the file that was there, or private: there are names and numbers in it.
func reportMode(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o600
}

// summary says what came of the campaign.
func (r *running) summary(n campaign.Counts, rows int64) {
	w := r.Words
	fmt.Fprintln(r.Out, w.Say("settled", "name", terminal.Clean(r.campaign.Name), "settled", n.Settled(), "total", n.Total, "attempts", n.Attempts)) //nolint:errcheck // nobody is left to tell
	for _, s := range campaign.Statuses() {
		if k := n.ByStatus[s]; k > 0 {
			fmt.Fprintf(r.Out, "  %6d  %s\n", k, locale.Word(w.Language, "status", string(s))) //nolint:errcheck // as above
		}
	}
	if r.Report != "" {
		fmt.Fprintln(r.Out, w.Say("report", "path", terminal.Clean(r.Report), "rows", rows)) //nolint:errcheck // as above
	}
}
