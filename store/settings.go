package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"campanario/internal/fault"
)

// settings reads a table of which a workspace has one row, with what was set as JSON and how often that was done; nothing
// and 0 while it never was.
func (s *Store) settings(ctx context.Context, table, workspace string) (text []byte, revision int64, err error) {
	err = s.reads.QueryRowContext(ctx, `SELECT settings, revision FROM `+table+` WHERE workspace_id = $1`, workspace).Scan(&text, &revision)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, nil
	}
	return text, revision, s.readError(err)
}

// setSettings replaces a workspace's row in such a table, over a revision of it (0 before it is there, negative for any), and gives the next.
func (t *tx) setSettings(ctx context.Context, table, workspace string, text any, revision int64, now time.Time) (next int64, err error) {
	_, err = t.exec(ctx, `INSERT INTO `+table+` (workspace_id, settings, revision, updated_at) VALUES ($1, '{}', 0, $2)
		ON CONFLICT (workspace_id) DO NOTHING`, workspace, ms(now))
	if err != nil {
		return 0, err
	}
	err = t.QueryRowContext(ctx, `UPDATE `+table+` SET settings = $1, revision = revision + 1, updated_at = $2
		WHERE workspace_id = $3 AND ($4 < 0 OR revision = $4) RETURNING revision`, text, ms(now), workspace, revision).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.Conflict, "revision_stale", fault.Params{"revision": revision}).At("revision")
	}
	return next, err
}
