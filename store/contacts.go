package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"campanario/audience"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var _ audience.ContactStore = (*Store)(nil)

const contactColumns = `id, workspace_id, COALESCE(external_id, ''), name, COALESCE(phone, ''), COALESCE(email, ''), COALESCE(zone, ''),
	COALESCE(language, ''), tags, attributes, revision, created_at, updated_at`

func scanContact(row interface{ Scan(...any) error }) (audience.Contact, error) {
	var c audience.Contact
	var tags, attributes []byte
	var created, updated sql.NullInt64
	err := row.Scan(&c.ID, &c.Workspace, &c.ExternalID, &c.Name, &c.Phone, &c.Email, &c.Zone, &c.Language, &tags, &attributes,
		&c.Revision, &created, &updated)
	if err != nil {
		return c, err
	}
	c.CreatedAt, c.UpdatedAt = at(created), at(updated)
	if err := errors.Join(json.Unmarshal(tags, &c.Tags), json.Unmarshal(attributes, &c.Attributes)); err != nil {
		return c, fmt.Errorf("contact %s: %w", c.ID, err)
	}
	return c, nil
}

// contactValues are those of the columns that an edit may change, in the order of the statements below.
func contactValues(c *audience.Contact) ([]any, error) {
	tags, err := json.Marshal(c.Tags)
	if err != nil {
		return nil, err
	}
	attributes, err := json.Marshal(c.Attributes)
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(fold.Key(c.Name) + " " + string(c.Phone) + " " + fold.Key(string(c.Email)) + " " + fold.Key(c.ExternalID))
	return []any{
		null(c.ExternalID), c.Name, null(string(c.Phone)), null(string(c.Email)), null(c.Zone), null(c.Language),
		string(tags), string(attributes), key, ms(c.UpdatedAt), c.ID, c.Workspace,
	}, nil
}

func (s *Store) contactTaken(err error, c *audience.Contact) error {
	if s.d.duplicate(err) {
		return fault.New(fault.Conflict, "external_id_taken", fault.Params{"external_id": c.ExternalID}).At("external_id")
	}
	return err
}

// AddContact makes a contact.
func (s *Store) AddContact(ctx context.Context, c audience.Contact) error {
	values, err := contactValues(&c)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO contact (external_id, name, phone, email, zone, language, tags, attributes, search_key, updated_at,
			id, workspace_id, revision, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $10)`, values...)
		return err
	})
	return s.contactTaken(err, &c)
}

// ReplaceContact writes a contact over a revision of it.
func (s *Store) ReplaceContact(ctx context.Context, c audience.Contact, revision int64) error {
	values, err := contactValues(&c)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE contact SET external_id = $1, name = $2, phone = $3, email = $4, zone = $5, language = $6, tags = $7,
			attributes = $8, search_key = $9, updated_at = $10, revision = revision + 1
			WHERE id = $11 AND workspace_id = $12 AND revision = $13`, append(values, revision)...)
		if err == nil && n == 0 {
			err = t.stale(ctx, "contact", c.Workspace, c.ID, revision)
		}
		return err
	})
	return s.contactTaken(err, &c)
}

// stale says why an update of a revision changed nothing: another has been written, or the thing is gone.
func (t *tx) stale(ctx context.Context, table, workspace, id string, revision int64) error {
	var n int64
	query := `SELECT COUNT(*) FROM ` + table + ` WHERE id = $1 AND workspace_id = $2`
	if table != "contact" { // which goes for good
		query += ` AND deleted_at IS NULL`
	}
	err := t.QueryRowContext(ctx, query, id, workspace).Scan(&n)
	if err == nil && n == 0 {
		return notFound(table, id)
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "revision_stale", fault.Params{"revision": revision}).At("revision")
}

// Contact gives a contact of the workspace.
func (s *Store) Contact(ctx context.Context, workspace, id string) (audience.Contact, error) {
	c, err := scanContact(s.reads.QueryRowContext(ctx, `SELECT `+contactColumns+` FROM contact WHERE id = $1 AND workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return c, notFound("contact", id)
	}
	return c, s.readError(err)
}

// Contacts lists contacts, the newest first (ids rise with time).
func (s *Store) Contacts(ctx context.Context, workspace string, q audience.ContactQuery) ([]audience.Contact, error) {
	query := `SELECT ` + contactColumns + ` FROM contact WHERE workspace_id = $1`
	args := []any{workspace}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.After != "" {
		query += ` AND id < ` + arg(q.After)
	}
	if key := fold.Key(q.Search); key != "" {
		query += ` AND search_key LIKE ` + arg("%"+escapeLike(key)+"%") + ` ESCAPE '\'`
	}
	var out []audience.Contact
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		c, err := scanContact(rows)
		out = append(out, c)
		return err
	}, query+` ORDER BY id DESC LIMIT `+arg(q.Limit), args...)
	return out, s.readError(err)
}

// DeleteContact removes a contact.
func (s *Store) DeleteContact(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM contact WHERE id = $1 AND workspace_id = $2`, id, workspace)
		if err == nil && n == 0 {
			err = notFound("contact", id)
		}
		return err
	})
}
