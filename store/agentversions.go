package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"campanario/agent"
	"campanario/internal/fault"
)

// keepVersion keeps an agent as it has just been saved, and lets those go that are too old.
func (t *tx) keepVersion(ctx context.Context, a *agent.Agent, def string, now time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO agent_version (agent_id, version, name, definition, saved_at) VALUES ($1, $2, $3, $4, $5)`,
		a.ID, a.Version, a.Name, def, ms(now))
	if err == nil && a.Version > agent.KeptVersions {
		_, err = t.exec(ctx, `DELETE FROM agent_version WHERE agent_id = $1 AND version <= $2`, a.ID, a.Version-agent.KeptVersions)
	}
	return err
}

// AgentVersions lists the versions of an agent, the newest first.
func (s *Store) AgentVersions(ctx context.Context, workspace, id string, q agent.VersionQuery) ([]agent.Version, error) {
	args := []any{id, workspace, q.Limit}
	before := ""
	if q.Before > 0 {
		args, before = append(args, q.Before), ` AND v.version < $4`
	}
	var out []agent.Version
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var v agent.Version
		var saved sql.NullInt64
		err := rows.Scan(&v.Number, &v.Name, &saved)
		v.SavedAt = at(saved)
		out = append(out, v)
		return err
	}, `SELECT v.version, v.name, v.saved_at FROM agent_version v JOIN agent a ON a.id = v.agent_id
		WHERE v.agent_id = $1 AND a.workspace_id = $2 AND a.deleted_at IS NULL`+before+` ORDER BY v.version DESC LIMIT $3`, args...)
	return out, s.readError(err)
}

// AgentVersion gives an agent of the workspace as it was saved once.
func (s *Store) AgentVersion(ctx context.Context, workspace, id string, version int) (agent.Record, error) {
	var r agent.Record
	var def []byte
	var created, saved sql.NullInt64
	err := s.reads.QueryRowContext(ctx, `SELECT v.definition, a.created_at, v.saved_at FROM agent_version v JOIN agent a ON a.id = v.agent_id
		WHERE v.agent_id = $1 AND v.version = $2 AND a.workspace_id = $3 AND a.deleted_at IS NULL`, id, version, workspace).Scan(&def, &created, &saved)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "agent_version_not_found", fault.Params{"id": id, "version": strconv.Itoa(version)})
	}
	if err != nil {
		return r, s.readError(err)
	}
	if err := json.Unmarshal(def, &r.Agent); err != nil {
		return r, fmt.Errorf("version %d of agent %s: %w", version, id, err)
	}
	r.ID, r.Workspace, r.Version, r.CreatedAt, r.UpdatedAt = id, workspace, version, at(created), at(saved)
	return r, nil
}
