package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var _ channel.LineStore = (*Store)(nil)

// AddLine makes a line; secret names the keys of its settings that are to be encrypted.
func (s *Store) AddLine(ctx context.Context, l channel.Line, secret []string, now time.Time) error {
	return s.PutLine(ctx, l, secret, now)
}

// ReplaceLine writes a line over a revision of it.
func (s *Store) ReplaceLine(ctx context.Context, l channel.Line, secret []string, revision int64, now time.Time) error {
	open, sealed, err := s.split(l.Settings, secret)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE line SET name = $1, from_address = $2, agent_id = $3, zone = $4, concurrent = $5, per_second = $6,
			per_day = $7, settings = $8, secrets = $9, enabled = $10, search_key = $11, updated_at = $12, revision = revision + 1
			WHERE id = $13 AND workspace_id = $14 AND revision = $15 AND deleted_at IS NULL`,
			l.Name, string(l.From), null(l.Agent), l.Zone, l.Limits.Concurrent, l.Limits.PerSecond, l.Limits.PerDay, open, sealed, l.Enabled,
			fold.Key(l.Name+" "+string(l.From)), ms(now), l.ID, l.Workspace, revision)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.stale(ctx, "line", l.Workspace, l.ID, revision)
		}
		return t.pulse(ctx)
	})
}

func (s *Store) lineRecordQuery() string {
	return `SELECT ` + lineColumns + `, l.revision, l.created_at, l.updated_at, l.checked, COALESCE(x.expires_at, 0) > ` + s.clockSQL() + `, x.standing
		FROM line l LEFT JOIN line_run x ON x.line_no = l.no WHERE l.workspace_id = $1 AND l.deleted_at IS NULL`
}

func (s *Store) scanLineRecord(row interface{ Scan(...any) error }) (channel.LineRecord, error) {
	var r channel.LineRecord
	var line lineRow
	var created, updated sql.NullInt64
	var checked, standing []byte
	if err := row.Scan(append(line.fields(), &r.Revision, &created, &updated, &checked, &r.Running, &standing)...); err != nil {
		return r, err
	}
	r.CreatedAt, r.UpdatedAt = at(created), at(updated)
	var err error
	if r.Checked, err = readChecked(checked); err != nil {
		return r, fmt.Errorf("check of line %s: %w", line.l.ID, err)
	}
	if r.Running { // what a holder of before knew is nothing
		if r.Standing, err = readStanding(standing); err != nil {
			return r, fmt.Errorf("standing of line %s: %w", line.l.ID, err)
		}
	}
	r.Line, err = line.line(s.secrets)
	return r, err
}

// storedCheck is how a line was tried, in its column.
type storedCheck struct {
	At       int64         `json:"at"`
	Revision int64         `json:"revision"`
	Found    []storedFault `json:"found"`
}

func readChecked(text []byte) (*channel.CheckedLine, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var c storedCheck
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	out := &channel.CheckedLine{At: time.UnixMilli(c.At).UTC(), Revision: c.Revision}
	for _, f := range c.Found {
		out.Found = append(out.Found, f.fault())
	}
	return out, nil
}

// SetChecked keeps how it went when a line was tried.
func (s *Store) SetChecked(ctx context.Context, workspace, id string, c channel.CheckedLine) error {
	found := []storedFault{}
	for _, f := range c.Found {
		found = append(found, storedFault{f.Kind, f.Code, f.Params, f.Field})
	}
	text, err := jsonText(storedCheck{c.At.UnixMilli(), c.Revision, found})
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE line SET checked = $1 WHERE id = $2 AND workspace_id = $3 AND deleted_at IS NULL`, text, id, workspace)
		return err
	})
}

// LineRecord gives a line of the workspace, with its secrets in clear.
func (s *Store) LineRecord(ctx context.Context, workspace, id string) (channel.LineRecord, error) {
	r, err := s.scanLineRecord(s.reads.QueryRowContext(ctx, s.lineRecordQuery()+` AND l.id = $2`, workspace, id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound("line", id)
	}
	return r, s.readError(err)
}

// LineRecords lists lines, the newest first (ids rise with time).
func (s *Store) LineRecords(ctx context.Context, workspace string, q channel.LineQuery) ([]channel.LineRecord, error) {
	query := s.lineRecordQuery()
	args := []any{workspace}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.After != "" {
		query += ` AND l.id < ` + arg(q.After)
	}
	if q.Kind != "" {
		query += ` AND l.kind = ` + arg(string(q.Kind))
	}
	if key := fold.Key(q.Search); key != "" {
		query += ` AND l.search_key LIKE ` + arg("%"+escapeLike(key)+"%") + ` ESCAPE '\'`
	}
	var out []channel.LineRecord
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		r, err := s.scanLineRecord(rows)
		out = append(out, r)
		return err
	}, query+` ORDER BY l.id DESC LIMIT `+arg(q.Limit), args...)
	return out, s.readError(err)
}

// RemoveLine makes a line disappear, unless campaigns that have not ended use it or attempts are open on it. Attempts keep it in their record.
func (s *Store) RemoveLine(ctx context.Context, workspace, id string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE line SET deleted_at = $1, enabled = FALSE WHERE id = $2 AND workspace_id = $3 AND deleted_at IS NULL`,
			ms(now), id, workspace)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound("line", id)
		}
		var uses int64
		// Without a line there is no node that settles what is still open on it.
		err = t.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*) FROM campaign c JOIN run r ON r.campaign_no = c.no JOIN line l ON l.no = c.line_no
			WHERE l.id = $1 AND (c.deleted_at IS NULL AND r.state IN ('scheduled', 'active', 'paused')
				OR EXISTS (SELECT 1 FROM flight f WHERE f.key > c.no << %[1]d AND f.key < (c.no + 1) << %[1]d))`, keyShift), id).Scan(&uses)
		if err != nil {
			return err
		}
		if uses > 0 {
			return fault.New(fault.Conflict, "line_in_use", fault.Params{"campaigns": uses})
		}
		return t.pulse(ctx)
	})
}
