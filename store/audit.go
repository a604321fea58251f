package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"campanario/access"
)

var _ access.Trail = (*Store)(nil)

// Record adds an event to the audit.
func (s *Store) Record(ctx context.Context, e access.Event) error {
	return s.write(ctx, func(t *tx) error { return t.record(ctx, e) })
}

// record adds an event in a transaction. It takes the audit's counter until the end, so it comes late.
func (t *tx) record(ctx context.Context, e access.Event) error {
	var details any
	if len(e.Details) > 0 {
		var err error
		if details, err = jsonText(e.Details); err != nil {
			return err
		}
	}
	no, err := t.serial(ctx, "audit")
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO audit (no, workspace_id, at, actor_kind, actor_id, actor_name, operation, subject_kind, subject_id, request, details)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, no, e.Workspace, ms(e.At), string(e.Actor.Kind), null(e.Actor.ID), null(e.Actor.Name),
		e.Operation, e.Subject.Kind, null(e.Subject.ID), null(e.Request), details)
	return err
}

const eventColumns = `no, workspace_id, at, actor_kind, COALESCE(actor_id, ''), COALESCE(actor_name, ''), operation, subject_kind,
	COALESCE(subject_id, ''), COALESCE(request, ''), details`

func scanEvent(rows *sql.Rows) (access.Event, error) {
	var e access.Event
	var when sql.NullInt64
	var details []byte
	err := rows.Scan(&e.No, &e.Workspace, &when, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Operation, &e.Subject.Kind, &e.Subject.ID, &e.Request, &details)
	if err != nil {
		return e, err
	}
	e.At = at(when)
	if len(details) > 0 {
		if err := json.Unmarshal(details, &e.Details); err != nil {
			return e, fmt.Errorf("details of event %d: %w", e.No, err)
		}
	}
	return e, nil
}

// Events lists what was done, the newest first.
func (s *Store) Events(ctx context.Context, workspace string, q access.EventQuery) ([]access.Event, error) {
	where, args := ` WHERE workspace_id = $1`, []any{workspace}
	and := func(cond string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(" AND "+cond+" $%d", len(args))
	}
	for _, f := range []struct{ cond, value string }{
		{"subject_kind =", q.Subject.Kind}, {"subject_id =", q.Subject.ID}, {"actor_id =", q.Actor}, {"operation =", q.Operation},
	} {
		if f.value != "" {
			and(f.cond, f.value)
		}
	}
	if !q.From.IsZero() {
		and("at >=", ms(q.From))
	}
	if !q.To.IsZero() {
		and("at <", ms(q.To))
	}
	if q.After != 0 {
		and("no <", q.After)
	}
	args = append(args, q.Limit)
	var out []access.Event
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		e, err := scanEvent(rows)
		out = append(out, e)
		return err
	}, `SELECT `+eventColumns+` FROM audit`+where+fmt.Sprintf(` ORDER BY no DESC LIMIT $%d`, len(args)), args...)
	return out, s.readError(err)
}
