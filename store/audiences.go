package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var _ audience.ListStore = (*Store)(nil)

const listColumns = `id, workspace_id, name, description, filter, static, frozen_at, revision, created_at, updated_at`

func scanList(row interface{ Scan(...any) error }) (audience.List, error) {
	var l audience.List
	var filter []byte
	var frozen, created, updated sql.NullInt64
	err := row.Scan(&l.ID, &l.Workspace, &l.Name, &l.Description, &filter, &l.Static, &frozen, &l.Revision, &created, &updated)
	if err != nil {
		return l, err
	}
	l.FrozenAt, l.CreatedAt, l.UpdatedAt = at(frozen), at(created), at(updated)
	if err := json.Unmarshal(filter, &l.Filter); err != nil {
		return l, fmt.Errorf("filter of audience %s: %w", l.ID, err)
	}
	return l, nil
}

func (s *Store) listTaken(err error, l *audience.List) error {
	if s.d.duplicate(err) {
		return fault.New(fault.Conflict, "audience_name_taken", fault.Params{"name": l.Name}).At("name")
	}
	return err
}

// AddList makes a list.
func (s *Store) AddList(ctx context.Context, l audience.List) error {
	filter, err := jsonText(l.Filter)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO audience (id, workspace_id, name, name_key, description, filter, static, revision, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`, l.ID, l.Workspace, l.Name, fold.Key(l.Name), l.Description, filter, l.Static, ms(l.CreatedAt))
		return err
	})
	return s.listTaken(err, &l)
}

// ReplaceList writes a list over a revision of it.
func (s *Store) ReplaceList(ctx context.Context, l audience.List, revision int64) error {
	filter, err := jsonText(l.Filter)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE audience SET name = $1, name_key = $2, description = $3, filter = $4, static = $5, updated_at = $6, revision = revision + 1
			WHERE id = $7 AND workspace_id = $8 AND revision = $9`,
			l.Name, fold.Key(l.Name), l.Description, filter, l.Static, ms(l.UpdatedAt), l.ID, l.Workspace, revision)
		if err == nil && n == 0 {
			err = t.stale(ctx, "audience", l.Workspace, l.ID, revision)
		}
		return err
	})
	return s.listTaken(err, &l)
}

// List gives a list of the workspace.
func (s *Store) List(ctx context.Context, workspace, id string) (audience.List, error) {
	l, err := scanList(s.reads.QueryRowContext(ctx, `SELECT `+listColumns+` FROM audience WHERE id = $1 AND workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return l, notFound("audience", id)
	}
	return l, s.readError(err)
}

// Lists gives lists, by name.
func (s *Store) Lists(ctx context.Context, workspace string, q audience.ListQuery) ([]audience.List, error) {
	var out []audience.List
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		l, err := scanList(rows)
		out = append(out, l)
		return err
	}, `SELECT `+listColumns+` FROM audience WHERE workspace_id = $1 AND name_key > $2 AND name_key LIKE $3 ESCAPE '\' ORDER BY name_key LIMIT $4`,
		workspace, fold.Key(q.After), "%"+escapeLike(fold.Key(q.Search))+"%", q.Limit)
	return out, s.readError(err)
}

// DeleteList removes a list, and who was on it.
func (s *Store) DeleteList(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM audience WHERE id = $1 AND workspace_id = $2`, id, workspace)
		if err == nil && n == 0 {
			err = notFound("audience", id)
		}
		if err != nil {
			return err
		}
		return t.setTerm(ctx, workspace, audience.NewTerm(audience.FieldAudience, id), roaring.New())
	})
}

// Freeze writes who is on a static list.
func (s *Store) Freeze(ctx context.Context, l audience.List, members *roaring.Bitmap) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE audience SET frozen_at = $1, revision = revision + 1 WHERE id = $2 AND workspace_id = $3`, ms(l.FrozenAt), l.ID, l.Workspace)
		if err == nil && n == 0 {
			err = notFound("audience", l.ID)
		}
		if err != nil {
			return err
		}
		return t.setTerm(ctx, l.Workspace, audience.NewTerm(audience.FieldAudience, l.ID), members)
	})
}

// setTerm says anew who has a term.
func (t *tx) setTerm(ctx context.Context, workspace string, term audience.Term, members *roaring.Bitmap) error {
	no := term.No(workspace)
	err := t.insert(ctx, "term", termColumns, [][]any{{no, workspace, string(term.Field), term.Value, term.Shown, int64(members.GetCardinality())}},
		"ON CONFLICT (no) DO UPDATE SET n = excluded.n")
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM posting WHERE term_no = $1`, no); err != nil {
		return err
	}
	var rows [][]any
	for first := uint64(0); !members.IsEmpty() && first <= uint64(members.Maximum()); first += 1 << chunkBits {
		part := members.Clone()
		part.RemoveRange(0, first)
		part.RemoveRange(first+1<<chunkBits, 1<<32)
		if part.IsEmpty() {
			continue
		}
		part.RunOptimize()
		bits, err := part.ToBytes()
		if err != nil {
			return err
		}
		rows = append(rows, []any{no, int64(first >> chunkBits), bits})
	}
	return t.insert(ctx, "posting", postingColumns, rows, "ON CONFLICT (term_no, chunk) DO UPDATE SET bits = excluded.bits")
}
