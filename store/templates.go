package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"campanario/agent"
	"campanario/internal/fold"
)

var _ agent.TemplateStore = (*Store)(nil)

const templateColumns = `id, workspace_id, channel, name, description, definition, revision, created_at, updated_at`

func scanTemplate(row interface{ Scan(...any) error }) (agent.SavedTemplate, error) {
	var t agent.SavedTemplate
	var def []byte
	var created, updated sql.NullInt64
	if err := row.Scan(&t.ID, &t.Workspace, &t.Channel, &t.Name, &t.Description, &def, &t.Revision, &created, &updated); err != nil {
		return t, err
	}
	t.CreatedAt, t.UpdatedAt = at(created), at(updated)
	if err := json.Unmarshal(def, &t.Message); err != nil {
		return t, fmt.Errorf("template %s: %w", t.ID, err)
	}
	return t, nil
}

// AddTemplate makes a template.
func (s *Store) AddTemplate(ctx context.Context, m agent.SavedTemplate) error {
	def, err := json.Marshal(m.Message)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO template (id, workspace_id, channel, name, description, definition, search_key, revision, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`,
			m.ID, m.Workspace, string(m.Channel), m.Name, m.Description, string(def), fold.Key(m.Name), ms(m.CreatedAt))
		return err
	})
}

// ReplaceTemplate writes a template over a revision of it; 0 is any.
func (s *Store) ReplaceTemplate(ctx context.Context, m agent.SavedTemplate, revision int64) error {
	def, err := json.Marshal(m.Message)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE template SET name = $1, description = $2, definition = $3, search_key = $4, updated_at = $5, revision = revision + 1
			WHERE id = $6 AND workspace_id = $7 AND ($8 = 0 OR revision = $8)`,
			m.Name, m.Description, string(def), fold.Key(m.Name), ms(m.UpdatedAt), m.ID, m.Workspace, revision)
		if err == nil && n == 0 {
			err = t.stale(ctx, "template", m.Workspace, m.ID, revision)
		}
		return err
	})
}

// Template gives a template of the workspace.
func (s *Store) Template(ctx context.Context, workspace, id string) (agent.SavedTemplate, error) {
	t, err := scanTemplate(s.reads.QueryRowContext(ctx, `SELECT `+templateColumns+` FROM template WHERE id = $1 AND workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return t, notFound("template", id)
	}
	return t, s.readError(err)
}

// Templates lists templates, the newest first (ids rise with time).
func (s *Store) Templates(ctx context.Context, workspace string, q agent.TemplateQuery) ([]agent.SavedTemplate, error) {
	query := `SELECT ` + templateColumns + ` FROM template WHERE workspace_id = $1`
	args := []any{workspace}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.Channel != "" {
		query += ` AND channel = ` + arg(string(q.Channel))
	}
	if q.After != "" {
		query += ` AND id < ` + arg(q.After)
	}
	if key := fold.Key(q.Search); key != "" {
		query += ` AND search_key LIKE ` + arg("%"+escapeLike(key)+"%") + ` ESCAPE '\'`
	}
	var out []agent.SavedTemplate
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		t, err := scanTemplate(rows)
		out = append(out, t)
		return err
	}, query+` ORDER BY id DESC LIMIT `+arg(q.Limit), args...)
	return out, s.readError(err)
}

// DeleteTemplate removes a template.
func (s *Store) DeleteTemplate(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM template WHERE id = $1 AND workspace_id = $2`, id, workspace)
		if err == nil && n == 0 {
			err = notFound("template", id)
		}
		return err
	})
}
