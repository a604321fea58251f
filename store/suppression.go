package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"campanario/audience"
	"campanario/channel"
)

var _ audience.SuppressionStore = (*Store)(nil)

// Suppression is an address that must not be contacted.
type Suppression = audience.Suppression

// barredAs is how an address stands in the list: no mail server that is in use tells Ana@ from ana@, and nor do people
// who say stop.
func barredAs(a channel.Address) string { return strings.ToLower(string(a)) }

// Suppress is SuppressNew for whoever needs no count.
func (s *Store) Suppress(ctx context.Context, workspace string, list []Suppression, now time.Time) error {
	_, err := s.SuppressNew(ctx, workspace, list, now)
	return err
}

// SuppressNew adds addresses; those that are there already stay as they are and are not counted. Once it returns, no
// claim that begins then places an attempt to them; one that is under way may.
func (s *Store) SuppressNew(ctx context.Context, workspace string, list []Suppression, now time.Time) (int64, error) {
	var added int64
	err := s.write(ctx, func(t *tx) error {
		added = 0
		for rest := list; len(rest) > 0; rest = rest[min(len(rest), perStatement[0]):] {
			part := rest[:min(len(rest), perStatement[0])]
			args := make([]any, 0, len(part)*len(suppressionColumns))
			for _, x := range part {
				args = append(args, workspace, barredAs(x.Address), string(x.Channel), x.Reason, x.Source, ms(now))
			}
			n, err := t.exec(ctx, valuesQuery("suppression", suppressionColumns, len(part), "ON CONFLICT DO NOTHING",
				func(n int) string { return fmt.Sprintf("$%d", n) }), args...)
			if err != nil {
				return err
			}
			added += n
		}
		return nil
	})
	return added, err
}

// Unsuppress takes an address out of the list of a channel ("" for that of every channel).
func (s *Store) Unsuppress(ctx context.Context, workspace string, a channel.Address, k channel.Kind) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM suppression WHERE workspace_id = $1 AND address = $2 AND channel = $3`, workspace, barredAs(a), string(k))
		if err == nil && n == 0 {
			err = notFound("suppression", "")
		}
		return err
	})
}

// ListSuppressions lists suppressions in the order of addresses.
func (s *Store) ListSuppressions(ctx context.Context, workspace string, q audience.SuppressionQuery) ([]Suppression, error) {
	query := `SELECT address, channel, reason, source, created_at FROM suppression WHERE workspace_id = $1`
	args := []any{workspace}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.Address != "" {
		query += ` AND address = ` + arg(barredAs(q.Address))
	}
	if q.Channel != nil {
		query += ` AND channel = ` + arg(string(*q.Channel))
	}
	if q.After.Address != "" {
		query += ` AND (address, channel, reason) > (` + arg(string(q.After.Address)) + `, ` + arg(string(q.After.Channel)) + `, ` + arg(q.After.Reason) + `)`
	}
	var out []Suppression
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var x Suppression
		var created sql.NullInt64
		if err := rows.Scan(&x.Address, &x.Channel, &x.Reason, &x.Source, &created); err != nil {
			return fmt.Errorf("suppression: %w", err)
		}
		x.At = at(created)
		out = append(out, x)
		return nil
	}, query+` ORDER BY address, channel, reason LIMIT `+arg(q.Limit), args...)
	return out, s.readError(err)
}
