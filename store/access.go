package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"campanario/access"
	"campanario/internal/fault"
)

var _ access.Store = (*Store)(nil)

// AddFirst makes a workspace with its first key unless there is any workspace.
func (s *Store) AddFirst(ctx context.Context, w access.Workspace, k access.Key, hash string) (bool, error) {
	var made bool
	err := s.write(ctx, func(t *tx) error {
		made = false
		// The serial's row makes those who start together take turns.
		if _, err := t.serial(ctx, "workspace"); err != nil {
			return err
		}
		var n int64
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM workspace`).Scan(&n); err != nil || n > 0 {
			return err
		}
		made = true
		return t.addWorkspace(ctx, w, k, hash)
	})
	return made, err
}

// AddWorkspace makes a workspace with its first key.
func (s *Store) AddWorkspace(ctx context.Context, w access.Workspace, k access.Key, hash string) error {
	return s.write(ctx, func(t *tx) error { return t.addWorkspace(ctx, w, k, hash) })
}

func (t *tx) addWorkspace(ctx context.Context, w access.Workspace, k access.Key, hash string) error {
	settings, err := json.Marshal(w.Settings)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO workspace (id, name, settings, created_at) VALUES ($1, $2, $3, $4)`,
		w.ID, w.Name, string(settings), ms(w.CreatedAt))
	if err != nil {
		return err
	}
	return t.addKey(ctx, k, hash)
}

const workspaceColumns = `id, name, settings, created_at`

func scanWorkspace(row interface{ Scan(...any) error }) (access.Workspace, error) {
	var w access.Workspace
	var settings []byte
	var created sql.NullInt64
	if err := row.Scan(&w.ID, &w.Name, &settings, &created); err != nil {
		return w, err
	}
	w.CreatedAt = at(created)
	if err := json.Unmarshal(settings, &w.Settings); err != nil {
		return w, fmt.Errorf("settings of workspace %s: %w", w.ID, err)
	}
	return w, nil
}

// FirstWorkspace is the oldest workspace.
func (s *Store) FirstWorkspace(ctx context.Context) (access.Workspace, error) {
	w, err := scanWorkspace(s.reads.QueryRowContext(ctx, `SELECT `+workspaceColumns+` FROM workspace ORDER BY created_at, id LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return w, notFound("workspace", "")
	}
	return w, s.readError(err)
}

// Workspace gives a workspace.
func (s *Store) Workspace(ctx context.Context, id string) (access.Workspace, error) {
	w, err := scanWorkspace(s.reads.QueryRowContext(ctx, `SELECT `+workspaceColumns+` FROM workspace WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return w, notFound("workspace", id)
	}
	return w, s.readError(err)
}

// SetWorkspace replaces the name and the settings of a workspace.
func (s *Store) SetWorkspace(ctx context.Context, w access.Workspace) error {
	settings, err := json.Marshal(w.Settings)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE workspace SET name = $1, settings = $2 WHERE id = $3`, w.Name, string(settings), w.ID)
		if err == nil && n == 0 {
			err = notFound("workspace", w.ID)
		}
		return err
	})
}

// AddKey makes a key.
func (s *Store) AddKey(ctx context.Context, k access.Key, hash string) error {
	return s.write(ctx, func(t *tx) error { return t.addKey(ctx, k, hash) })
}

func (t *tx) addKey(ctx context.Context, k access.Key, hash string) error {
	scopes := make([]string, len(k.Scopes))
	for i, scope := range k.Scopes {
		scopes[i] = string(scope)
	}
	_, err := t.exec(ctx, `INSERT INTO api_key (id, workspace_id, name, scopes, hash, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		k.ID, k.Workspace, k.Name, strings.Join(scopes, " "), hash, ms(k.CreatedAt), ms(k.EndsAt))
	return err
}

const keyColumns = `id, workspace_id, name, scopes, created_at, last_used_at, revoked_at, ends_at`

func scanKey(row interface{ Scan(...any) error }, more ...any) (access.Key, error) {
	var k access.Key
	var scopes string
	var created, used, revoked, ends sql.NullInt64
	if err := row.Scan(append([]any{&k.ID, &k.Workspace, &k.Name, &scopes, &created, &used, &revoked, &ends}, more...)...); err != nil {
		return k, err
	}
	for _, scope := range strings.Fields(scopes) {
		k.Scopes = append(k.Scopes, access.Scope(scope))
	}
	k.CreatedAt, k.LastUsedAt, k.RevokedAt, k.EndsAt = at(created), at(used), at(revoked), at(ends)
	return k, nil
}

// KeyByID gives a key of whatever workspace with the hash of its secret.
func (s *Store) KeyByID(ctx context.Context, id string) (access.Key, string, error) {
	var hash string
	k, err := scanKey(s.reads.QueryRowContext(ctx, `SELECT `+keyColumns+`, hash FROM api_key WHERE id = $1`, id), &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return k, "", notFound("key", id)
	}
	return k, hash, s.readError(err)
}

// Keys lists the keys of a workspace, the newest first.
func (s *Store) Keys(ctx context.Context, workspace string) ([]access.Key, error) {
	var out []access.Key
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		k, err := scanKey(rows)
		out = append(out, k)
		return err
	}, `SELECT `+keyColumns+` FROM api_key WHERE workspace_id = $1 ORDER BY created_at DESC, id`, workspace)
	return out, s.readError(err)
}

// RevokeKey ends a key for good, unless nobody could manage the workspace any more: no key that
// stays, and no owner.
func (s *Store) RevokeKey(ctx context.Context, workspace, id string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		// The workspace's row makes two revocations take turns: neither must count on the other's key.
		if _, err := t.exec(ctx, `UPDATE workspace SET name = name WHERE id = $1`, workspace); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE api_key SET revoked_at = $1 WHERE id = $2 AND workspace_id = $3 AND revoked_at IS NULL`, ms(now), id, workspace)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound("key", id)
		}
		var left int64
		err = t.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM api_key WHERE workspace_id = $1 AND revoked_at IS NULL AND ends_at IS NULL
				AND (' ' || scopes || ' ' LIKE $2 OR ' ' || scopes || ' ' LIKE $3))
			+ (SELECT COUNT(*) FROM membership WHERE workspace_id = $1 AND role = $4)`,
			workspace, "% "+string(access.Manage)+" %", "% "+string(access.Own)+" %", string(access.Owner)).Scan(&left)
		if err == nil && left == 0 {
			err = fault.New(fault.Conflict, "key_last", nil)
		}
		return err
	})
}

// TouchKey writes when a key was last used, unless that is known exactly enough.
func (s *Store) TouchKey(ctx context.Context, id string, now time.Time, every time.Duration) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE api_key SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)`,
			ms(now), id, ms(now.Add(-every)))
		return err
	})
}
