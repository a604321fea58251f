package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"campanario/audience"
	"campanario/audience/registry"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var (
	_ audience.RegistryStore = (*Store)(nil)
	_ registry.Source        = (*Store)(nil)
)

const registryColumns = `id, workspace_id, name, kind, holds, channels, expires_at, version, entries, rejected, size, parts, sum, origin, replaced_at, created_at`

func scanRegistry(row interface{ Scan(...any) error }) (audience.Registry, error) {
	var r audience.Registry
	var channels string
	var origin []byte
	var expires, replaced, created sql.NullInt64
	err := row.Scan(&r.ID, &r.Workspace, &r.Name, &r.Kind, &r.Holds, &channels, &expires, &r.Version, &r.Entries, &r.Rejected, &r.Size, &r.Parts, &r.Sum,
		&origin, &replaced, &created)
	if err != nil {
		return r, err
	}
	r.Expires, r.ReplacedAt, r.CreatedAt = at(expires), at(replaced), at(created)
	for _, k := range strings.FieldsFunc(channels, func(c rune) bool { return c == ',' }) {
		r.Channels = append(r.Channels, channel.Kind(k))
	}
	if err := json.Unmarshal(origin, &r.Origin); err != nil {
		return r, fmt.Errorf("origin of registry %s: %w", r.ID, err)
	}
	return r, nil
}

// AddRegistry makes a registry without entries.
func (s *Store) AddRegistry(ctx context.Context, r audience.Registry) error {
	origin, err := jsonText(r.Origin)
	if err != nil {
		return err
	}
	channels := make([]string, len(r.Channels))
	for i, k := range r.Channels {
		channels[i] = string(k)
	}
	err = s.write(ctx, func(t *tx) error {
		no, err := t.serial(ctx, "registry")
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO registry (no, id, workspace_id, name, name_key, kind, holds, channels, expires_at, version, allotted,
			entries, rejected, size, parts, sum, origin, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, 0, '', $10, $11)`,
			no, r.ID, r.Workspace, r.Name, fold.Key(r.Name), string(r.Kind), string(r.Holds), strings.Join(channels, ","), ms(r.Expires), origin, ms(r.CreatedAt))
		return err
	})
	if err != nil && s.d.duplicate(err) {
		return fault.New(fault.Conflict, "registry_name_taken", fault.Params{"name": r.Name}).At("name")
	}
	return err
}

// Registry gives a registry of the workspace.
func (s *Store) Registry(ctx context.Context, workspace, id string) (audience.Registry, error) {
	r, err := scanRegistry(s.reads.QueryRowContext(ctx, `SELECT `+registryColumns+` FROM registry WHERE id = $1 AND workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound("registry", id)
	}
	return r, s.readError(err)
}

// Registries gives all registries of a workspace, by name.
func (s *Store) Registries(ctx context.Context, workspace string) ([]audience.Registry, error) {
	out, err := registriesOf(ctx, s.reads, workspace)
	return out, s.readError(err)
}

func registriesOf(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, workspace string,
) ([]audience.Registry, error) {
	var out []audience.Registry
	err := scan(ctx, q, func(rows *sql.Rows) error {
		r, err := scanRegistry(rows)
		out = append(out, r)
		return err
	}, `SELECT `+registryColumns+` FROM registry WHERE workspace_id = $1 ORDER BY name_key`, workspace)
	return out, err
}

// DeleteRegistry removes a registry. Its parts go with the next tidying.
func (s *Store) DeleteRegistry(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM registry WHERE id = $1 AND workspace_id = $2`, id, workspace)
		if err == nil && n == 0 {
			err = notFound("registry", id)
		}
		if err != nil {
			return err
		}
		return t.pulse(ctx) // people who were on it are due
	})
}

// AllotRegistryVersion gives the number for a new version.
func (s *Store) AllotRegistryVersion(ctx context.Context, workspace, id string) (int64, error) {
	var n int64
	err := s.write(ctx, func(t *tx) error {
		err := t.QueryRowContext(ctx, `UPDATE registry SET allotted = allotted + 1 WHERE id = $1 AND workspace_id = $2 RETURNING allotted`, id, workspace).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("registry", id)
		}
		return err
	})
	return n, err
}

// AddRegistryPart keeps a part of a version that is being uploaded.
func (s *Store) AddRegistryPart(ctx context.Context, id string, version, part int64, data []byte, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO registry_part (registry_no, version, part, data, written_at)
			SELECT no, $1, $2, $3, $4 FROM registry WHERE id = $5`, version, part, data, ms(now), id)
		if err == nil && n == 0 {
			err = notFound("registry", id) // it was deleted meanwhile
		}
		return err
	})
}

// PublishRegistry makes a version the one that counts.
func (s *Store) PublishRegistry(ctx context.Context, r audience.Registry) error {
	origin, err := jsonText(r.Origin)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE registry SET version = $1, entries = $2, rejected = $3, size = $4, parts = $5, sum = $6, origin = $7, replaced_at = $8
			WHERE id = $9 AND workspace_id = $10 AND version < $1`,
			r.Version, r.Entries, r.Rejected, r.Size, r.Parts, r.Sum, origin, ms(r.ReplacedAt), r.ID, r.Workspace)
		if err == nil && n == 0 {
			err = s.overtaken(ctx, t, r)
		}
		if err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

func (s *Store) overtaken(ctx context.Context, t *tx, r audience.Registry) error {
	var version int64
	err := t.QueryRowContext(ctx, `SELECT version FROM registry WHERE id = $1 AND workspace_id = $2`, r.ID, r.Workspace).Scan(&version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return notFound("registry", r.ID)
	case err != nil:
		return err
	default:
		return fault.New(fault.Conflict, "registry_overtaken", fault.Params{"name": r.Name})
	}
}

// RegistryVersions gives the newest version of every registry that has entries, of all workspaces.
func (s *Store) RegistryVersions(ctx context.Context) ([]registry.Version, error) {
	var out []registry.Version
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var v registry.Version
		err := rows.Scan(&v.List, &v.Number, &v.Size, &v.Parts, &v.Sum)
		out = append(out, v)
		return err
	}, `SELECT id, version, size, parts, sum FROM registry WHERE version > 0 ORDER BY no`)
	return out, s.readError(err)
}

// RegistryPart gives a part of a file.
func (s *Store) RegistryPart(ctx context.Context, list string, version, part int64) ([]byte, error) {
	var data []byte
	err := s.reads.QueryRowContext(ctx, `SELECT p.data FROM registry_part p JOIN registry r ON r.no = p.registry_no
		WHERE r.id = $1 AND p.version = $2 AND p.part = $3`, list, version, part).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.Conflict, "registry_overtaken", fault.Params{"name": list})
	}
	return data, s.readError(err)
}

// Bounds of what tidying does in one transaction, and how long it leaves an upload that is not published.
const (
	tidyParts      = 16
	tidyRows       = 1000
	uploadPatience = 24 * time.Hour
)

// TidyRegistries removes suppressions that have expired, notes of stops that every node has read, and files of versions that
// count no more. Those of uploads that were never published are left for a day.
func (s *Store) TidyRegistries(ctx context.Context, now time.Time) error {
	if err := s.tidy(ctx, `DELETE FROM suppression WHERE (workspace_id, address, channel, reason) IN
		(SELECT workspace_id, address, channel, reason FROM suppression WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`, now, tidyRows); err != nil {
		return err
	}
	if err := s.tidy(ctx, `DELETE FROM stop WHERE no IN (SELECT no FROM stop WHERE noted_at < $1 ORDER BY no LIMIT $2)`, now.Add(-stopsKept), tidyRows); err != nil {
		return err
	}
	return s.tidy(ctx, `DELETE FROM registry_part WHERE (registry_no, version, part) IN (SELECT p.registry_no, p.version, p.part
		FROM registry_part p LEFT JOIN registry r ON r.no = p.registry_no
		WHERE r.no IS NULL OR p.version < r.version OR p.version <> r.version AND p.written_at < $1 LIMIT $2)`, now.Add(-uploadPatience), tidyParts)
}

// tidy runs a deletion of what is older than an instant until it finds fewer than limit rows.
func (s *Store) tidy(ctx context.Context, query string, before time.Time, limit int64) error {
	for {
		var n int64
		err := s.write(ctx, func(t *tx) error {
			var err error
			n, err = t.exec(ctx, query, before.UnixMilli(), limit)
			return err
		})
		if err != nil || n < limit {
			return err
		}
	}
}
