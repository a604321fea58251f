package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/campaign"
	"campanario/internal/fault"
	"campanario/report"
)

var _ report.FileStore = (*Store)(nil)

const fileColumns = `no, id, workspace_id, campaign_id, state, name, options, rows_done, progress, size, parts, term, lost, failure, made_by,
	created_at, ended_at, expires_at`

func scanFile(row interface{ Scan(...any) error }) (report.File, error) {
	var f report.File
	var options, failure []byte
	var created, ended, expires sql.NullInt64
	err := row.Scan(&f.No, &f.ID, &f.Workspace, &f.Campaign, &f.State, &f.Name, &options, &f.Rows, &f.Progress, &f.Size, &f.Parts, &f.Term, &f.Lost,
		&failure, &f.By, &created, &ended, &expires)
	if err != nil {
		return f, err
	}
	f.CreatedAt, f.EndedAt, f.ExpiresAt = at(created), at(ended), at(expires)
	if err := json.Unmarshal(options, &f.Options); err != nil {
		return f, fmt.Errorf("report %s: %w", f.ID, err)
	}
	f.Failure, err = readFault(failure)
	return f, err
}

// AddFile keeps a file unless the workspace has so many open already.
func (s *Store) AddFile(ctx context.Context, f report.File, most int) (report.File, error) {
	options, err := jsonText(f.Options)
	if err != nil {
		return f, err
	}
	err = s.write(ctx, func(t *tx) error {
		var err error
		if f.No, err = t.serial(ctx, "report"); err != nil { // who adds another waits here
			return err
		}
		var open int
		err = t.QueryRowContext(ctx, `SELECT COUNT(*) FROM report WHERE state IN ('waiting', 'writing') AND workspace_id = $1`, f.Workspace).Scan(&open)
		if err == nil && open >= most {
			err = fault.New(fault.Conflict, "report_many", fault.Params{"max": int64(most)})
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO report (no, id, workspace_id, campaign_id, state, name, options, rows_done, progress, size, parts, term, lost, made_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0, $8, $9)`,
			f.No, f.ID, f.Workspace, f.Campaign, string(f.State), f.Name, options, f.By, ms(f.CreatedAt))
		return err
	})
	return f, err
}

// ReportFile gives a file of the workspace.
func (s *Store) ReportFile(ctx context.Context, workspace, id string) (report.File, error) {
	f, err := scanFile(s.reads.QueryRowContext(ctx, `SELECT `+fileColumns+` FROM report WHERE id = $1 AND workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return f, notFound("report", id)
	}
	return f, s.readError(err)
}

// ReportFiles lists the files of a campaign, the newest first.
func (s *Store) ReportFiles(ctx context.Context, workspace string, q report.FileQuery) ([]report.File, error) {
	where, args := ` WHERE campaign_id = $1 AND workspace_id = $2`, []any{q.Campaign, workspace, q.Limit}
	if q.After != 0 {
		where, args = where+` AND no < $4`, append(args, q.After)
	}
	var out []report.File
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		f, err := scanFile(rows)
		out = append(out, f)
		return err
	}, `SELECT `+fileColumns+` FROM report`+where+` ORDER BY no DESC LIMIT $3`, args...)
	return out, s.readError(err)
}

// CancelFile ends a file that is open.
func (s *Store) CancelFile(ctx context.Context, workspace, id string, now, expires time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE report SET state = 'cancelled', ended_at = $1, expires_at = $2, node_no = NULL, lease_until = NULL
			WHERE id = $3 AND workspace_id = $4 AND state IN ('waiting', 'writing')`, ms(now), ms(expires), id, workspace)
		return err
	})
}

// DeleteFile removes a file that has ended. Its parts go when files are swept.
func (s *Store) DeleteFile(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM report WHERE id = $1 AND workspace_id = $2 AND state NOT IN ('waiting', 'writing')`, id, workspace)
		return err
	})
}

// FilePart gives the bytes of a part of a file that is done.
func (s *Store) FilePart(ctx context.Context, f *report.File, part int64) ([]byte, error) {
	var data []byte
	err := s.reads.QueryRowContext(ctx, `SELECT p.data FROM report r JOIN report_part p ON p.report_no = r.no AND p.term = r.term
		WHERE r.no = $1 AND r.term = $2 AND r.state = 'done' AND p.part = $3`, f.No, f.Term, part).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("report", f.ID)
	}
	return data, s.readError(err)
}

// Tails gives the last number of each band of a campaign.
func (s *Store) Tails(ctx context.Context, workspace, id string) ([campaign.Bands]campaign.Number, error) {
	var tails [campaign.Bands]campaign.Number
	err := s.reads.QueryRowContext(ctx, `SELECT r.high_tail, r.normal_tail, r.low_tail FROM campaign c JOIN run r ON r.campaign_no = c.no
		WHERE c.id = $1 AND c.workspace_id = $2 AND c.deleted_at IS NULL`, id, workspace).Scan(&tails[0], &tails[1], &tails[2])
	if errors.Is(err, sql.ErrNoRows) {
		return tails, notFound("campaign", id)
	}
	return tails, s.readError(err)
}

// TakeFile gives the oldest file that waits or whose node is gone.
func (s *Store) TakeFile(ctx context.Context, h report.Hold, now time.Time) (report.File, bool, error) {
	var f report.File
	none := false
	err := s.reads.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM report WHERE state IN ('waiting', 'writing'))`).Scan(&none)
	if err != nil || none { // which is nearly always: nothing is written to find that out
		return f, false, s.readError(err)
	}
	err = s.write(ctx, func(t *tx) error {
		var err error
		f, err = scanFile(t.QueryRowContext(ctx, `UPDATE report SET lost = lost + CASE WHEN state = 'writing' THEN 1 ELSE 0 END,
				state = 'writing', node_no = $1, lease_until = $2, term = term + 1, rows_done = 0, progress = 0, size = 0, parts = 0
			WHERE no = (SELECT no FROM report WHERE state IN ('waiting', 'writing') AND (lease_until IS NULL OR lease_until < $3) ORDER BY no LIMIT 1)
				AND state IN ('waiting', 'writing') AND (lease_until IS NULL OR lease_until < $3)
			RETURNING `+fileColumns, h.Node, ms(h.Until), ms(now)))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	return f, err == nil, err
}

// WritePart adds to a file and lengthens the lease.
func (s *Store) WritePart(ctx context.Context, f *report.File, h report.Hold, p report.Part) (bool, error) {
	var ours bool
	parts, size := f.Parts, f.Size+int64(len(p.Data))
	if len(p.Data) > 0 {
		parts++
	}
	err := s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE report SET lease_until = $1, rows_done = $2, progress = $3, size = $4, parts = $5
			WHERE no = $6 AND node_no = $7 AND term = $8 AND state = 'writing'`, ms(h.Until), p.Rows, p.Progress, size, parts, f.No, h.Node, f.Term)
		if ours = n > 0; err == nil && ours && len(p.Data) > 0 {
			_, err = t.exec(ctx, `INSERT INTO report_part (report_no, term, part, data) VALUES ($1, $2, $3, $4)`, f.No, f.Term, f.Parts, p.Data)
		}
		return err
	})
	if err == nil && ours {
		f.Parts, f.Size, f.Rows, f.Progress = parts, size, p.Rows, p.Progress
	}
	return ours, err
}

// EndFile notes how the writing ended.
func (s *Store) EndFile(ctx context.Context, f *report.File, h report.Hold, state report.State, failure *fault.Error, now, expires time.Time) error {
	text, err := faultText(failure)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE report SET state = $1, failure = $2, ended_at = $3, expires_at = $4, node_no = NULL, lease_until = NULL
			WHERE no = $5 AND node_no = $6 AND term = $7 AND state = 'writing'`, string(state), text, ms(now), ms(expires), f.No, h.Node, f.Term)
		return err
	})
}

// PutBackFile has a file wait to be begun anew.
func (s *Store) PutBackFile(ctx context.Context, f *report.File, h report.Hold, from time.Time, lost bool) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE report SET state = 'waiting', node_no = NULL, lease_until = $1, lost = lost + CASE WHEN $2 THEN 1 ELSE 0 END,
			rows_done = 0, progress = 0, size = 0, parts = 0 WHERE no = $3 AND node_no = $4 AND term = $5 AND state = 'writing'`,
			ms(from), lost, f.No, h.Node, f.Term)
		return err
	})
}

// sweepParts is how many parts one transaction removes.
const sweepParts = 32

// SweepFiles removes files that have expired, and some of the parts that belong to none any more.
func (s *Store) SweepFiles(ctx context.Context, now time.Time) (bool, error) {
	const orphans = ` FROM report_part p WHERE NOT EXISTS
		(SELECT 1 FROM report r WHERE r.no = p.report_no AND r.term = p.term AND r.state IN ('writing', 'done'))`
	var some bool
	err := s.reads.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM report WHERE expires_at < $1) OR EXISTS (SELECT 1`+orphans+`)`, ms(now)).Scan(&some)
	if err != nil || !some {
		return false, s.readError(err)
	}
	var n int64
	err = s.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM report WHERE expires_at < $1`, ms(now)); err != nil {
			return err
		}
		var err error
		n, err = t.exec(ctx, fmt.Sprintf(`DELETE FROM report_part WHERE (report_no, term, part) IN (SELECT p.report_no, p.term, p.part%s LIMIT %d)`, orphans, sweepParts))
		return err
	})
	return n == sweepParts, err
}

// withdrawFiles takes the files of a workspace out of the world because somebody in them is not to be there any more: those
// that have ended go, and those that are being written begin anew.
func (t *tx) withdrawFiles(ctx context.Context, workspace string) (int64, error) {
	gone, err := t.exec(ctx, `DELETE FROM report WHERE workspace_id = $1 AND state NOT IN ('waiting', 'writing')`, workspace)
	if err == nil {
		_, err = t.exec(ctx, `UPDATE report SET state = 'waiting', node_no = NULL, lease_until = NULL
			WHERE workspace_id = $1 AND state = 'writing'`, workspace)
	}
	return gone, err
}
