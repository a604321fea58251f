package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/agent"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var _ agent.Store = (*Store)(nil)

// AddAgent makes an agent of version 1.
func (s *Store) AddAgent(ctx context.Context, a agent.Agent, now time.Time) error {
	return s.PutAgent(ctx, &a, now)
}

// ReplaceAgent writes an agent over a version of it.
func (s *Store) ReplaceAgent(ctx context.Context, a agent.Agent, version int, now time.Time) error {
	def, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE agent SET name = $1, version = version + 1, definition = $2, search_key = $3, updated_at = $4
			WHERE id = $5 AND workspace_id = $6 AND version = $7 AND deleted_at IS NULL`,
			a.Name, string(def), fold.Key(a.Name), ms(now), a.ID, a.Workspace, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.stale(ctx, "agent", a.Workspace, a.ID, int64(version))
		}
		a.Version = version + 1
		if err := t.keepVersion(ctx, &a, string(def), now); err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

const agentRecordQuery = `SELECT ` + agentColumns + `, created_at, updated_at FROM agent WHERE workspace_id = $1 AND deleted_at IS NULL`

func scanAgentRecord(row interface{ Scan(...any) error }) (agent.Record, error) {
	var r agent.Record
	var id, workspace string
	var def []byte
	var version int
	var created, updated sql.NullInt64
	if err := row.Scan(&id, &workspace, &def, &version, &created, &updated); err != nil {
		return r, err
	}
	if err := json.Unmarshal(def, &r.Agent); err != nil {
		return r, fmt.Errorf("agent %s: %w", id, err)
	}
	r.ID, r.Workspace, r.Version, r.CreatedAt, r.UpdatedAt = id, workspace, version, at(created), at(updated)
	return r, nil
}

// AgentRecord gives an agent of the workspace.
func (s *Store) AgentRecord(ctx context.Context, workspace, id string) (agent.Record, error) {
	r, err := scanAgentRecord(s.reads.QueryRowContext(ctx, agentRecordQuery+` AND id = $2`, workspace, id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound("agent", id)
	}
	return r, s.readError(err)
}

// AgentRecords lists agents, the newest first (ids rise with time).
func (s *Store) AgentRecords(ctx context.Context, workspace string, q agent.Query) ([]agent.Record, error) {
	query := agentRecordQuery
	args := []any{workspace}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.After != "" {
		query += ` AND id < ` + arg(q.After)
	}
	if key := fold.Key(q.Search); key != "" {
		query += ` AND search_key LIKE ` + arg("%"+escapeLike(key)+"%") + ` ESCAPE '\'`
	}
	var out []agent.Record
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		r, err := scanAgentRecord(rows)
		out = append(out, r)
		return err
	}, query+` ORDER BY id DESC LIMIT `+arg(q.Limit), args...)
	return out, s.readError(err)
}

// RemoveAgent makes an agent disappear, unless lines, or campaigns that have not ended, use it.
func (s *Store) RemoveAgent(ctx context.Context, workspace, id string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE agent SET deleted_at = $1 WHERE id = $2 AND workspace_id = $3 AND deleted_at IS NULL`, ms(now), id, workspace)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound("agent", id)
		}
		var campaigns, lines int64
		err = t.QueryRowContext(ctx, `SELECT
			(SELECT COUNT(*) FROM campaign c JOIN run r ON r.campaign_no = c.no
				WHERE c.agent_id = $1 AND c.deleted_at IS NULL AND r.state IN ('scheduled', 'active', 'paused')),
			(SELECT COUNT(*) FROM line WHERE agent_id = $1 AND deleted_at IS NULL)`, id).Scan(&campaigns, &lines)
		if err != nil {
			return err
		}
		if campaigns+lines > 0 {
			return fault.New(fault.Conflict, "agent_in_use", fault.Params{"campaigns": campaigns, "lines": lines})
		}
		return t.pulse(ctx)
	})
}
