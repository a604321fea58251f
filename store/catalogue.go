package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fold"
)

var _ interface {
	Line(ctx context.Context, workspace, id string) (channel.Line, error)
	Agent(ctx context.Context, workspace, id string) (*agent.Agent, error)
} = (*Store)(nil)

// CreateWorkspace makes a workspace.
func (s *Store) CreateWorkspace(ctx context.Context, id, name string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO workspace (id, name, settings, created_at) VALUES ($1, $2, '{}', $3)`, id, name, ms(now))
		return err
	})
}

// split takes the secret settings of a line out of the others and seals them.
func (s *Store) split(settings json.RawMessage, secret []string) (open string, sealed any, err error) {
	all := map[string]json.RawMessage{}
	if len(settings) > 0 {
		if err := json.Unmarshal(settings, &all); err != nil {
			return "", nil, fmt.Errorf("settings: %w", err)
		}
	}
	hidden := map[string]json.RawMessage{}
	for k, v := range all {
		if slices.Contains(secret, k) {
			hidden[k] = v
			delete(all, k)
		}
	}
	text, err := json.Marshal(all)
	if err != nil || len(hidden) == 0 {
		return string(text), nil, err
	}
	plain, err := json.Marshal(hidden)
	if err != nil {
		return "", nil, err
	}
	sealed, err = s.secrets.Seal(plain)
	return string(text), sealed, err
}

// PutLine makes or replaces a line; secret names the keys of its settings that are to be encrypted.
func (s *Store) PutLine(ctx context.Context, l channel.Line, secret []string, now time.Time) error {
	open, sealed, err := s.split(l.Settings, secret)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		var no int64
		err := t.QueryRowContext(ctx, `SELECT no FROM line WHERE id = $1`, l.ID).Scan(&no)
		if errors.Is(err, sql.ErrNoRows) {
			no, err = t.serial(ctx, "line")
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO line (no, id, workspace_id, kind, name, from_address, agent_id, zone, concurrent, per_second, per_day,
			settings, secrets, enabled, search_key, revision, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16, $16)
			ON CONFLICT (no) DO UPDATE SET name = excluded.name, from_address = excluded.from_address, agent_id = excluded.agent_id,
			zone = excluded.zone, concurrent = excluded.concurrent, per_second = excluded.per_second, per_day = excluded.per_day,
			settings = excluded.settings, secrets = excluded.secrets, enabled = excluded.enabled, search_key = excluded.search_key,
			revision = line.revision + 1, updated_at = excluded.updated_at`,
			no, l.ID, l.Workspace, string(l.Kind), l.Name, string(l.From), null(l.Agent), l.Zone, l.Limits.Concurrent, l.Limits.PerSecond,
			l.Limits.PerDay, open, sealed, l.Enabled, fold.Key(l.Name+" "+string(l.From)), ms(now))
		if err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

// Line gives a line of the workspace, with its secrets in clear.
func (s *Store) Line(ctx context.Context, workspace, id string) (channel.Line, error) {
	var row lineRow
	err := s.reads.QueryRowContext(ctx, `SELECT `+lineColumns+` FROM line l WHERE l.id = $1 AND l.workspace_id = $2 AND l.deleted_at IS NULL`,
		id, workspace).Scan(row.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return channel.Line{}, notFound("line", id)
	}
	if err != nil {
		return channel.Line{}, s.readError(err)
	}
	return row.line(s.secrets)
}

// PutAgent makes or replaces an agent; every replacement raises its version.
func (s *Store) PutAgent(ctx context.Context, a *agent.Agent, now time.Time) error {
	def, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		err := t.QueryRowContext(ctx, `INSERT INTO agent (id, workspace_id, name, version, definition, search_key, created_at, updated_at)
			VALUES ($1, $2, $3, 1, $4, $5, $6, $6)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = agent.version + 1, definition = excluded.definition,
			search_key = excluded.search_key, updated_at = excluded.updated_at RETURNING version`,
			a.ID, a.Workspace, a.Name, string(def), fold.Key(a.Name), ms(now)).Scan(&a.Version)
		if err == nil {
			err = t.keepVersion(ctx, a, string(def), now)
		}
		if err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

const agentColumns = `id, workspace_id, definition, version`

func scanAgent(row interface{ Scan(...any) error }) (*agent.Agent, error) {
	var a agent.Agent
	var id, workspace string
	var def []byte
	var version int
	if err := row.Scan(&id, &workspace, &def, &version); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(def, &a); err != nil {
		return nil, fmt.Errorf("agent %s: %w", id, err)
	}
	a.ID, a.Workspace, a.Version = id, workspace, version
	return &a, nil
}

// Agent gives an agent of the workspace.
func (s *Store) Agent(ctx context.Context, workspace, id string) (*agent.Agent, error) {
	a, err := scanAgent(s.reads.QueryRowContext(ctx, `SELECT `+agentColumns+` FROM agent WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL`,
		id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("agent", id)
	}
	return a, s.readError(err)
}
