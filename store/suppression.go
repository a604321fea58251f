package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"campanario/channel"
)

// Suppression is an address that must not be contacted.
type Suppression struct {
	Address channel.Address
	Channel channel.Kind // empty for every channel
	Reason  string       // a code: "asked", "block_list", …
	Source  string       // where it came from
	At      time.Time
}

// Suppress adds addresses; those that are there already stay as they are. Once it returns, no attempt is placed to them.
func (s *Store) Suppress(ctx context.Context, workspace string, list []Suppression, now time.Time) error {
	rows := make([][]any, len(list))
	for i, x := range list {
		rows[i] = []any{workspace, string(x.Address), string(x.Channel), x.Reason, x.Source, ms(now)}
	}
	return s.write(ctx, func(t *tx) error {
		return t.insert(ctx, "suppression", suppressionColumns, rows, "ON CONFLICT DO NOTHING")
	})
}

// Unsuppress takes an address out of the list of a channel ("" for that of every channel).
func (s *Store) Unsuppress(ctx context.Context, workspace string, a channel.Address, k channel.Kind) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM suppression WHERE workspace_id = $1 AND address = $2 AND channel = $3`, workspace, string(a), string(k))
		if err == nil && n == 0 {
			err = notFound("suppression", "")
		}
		return err
	})
}

// Suppressions lists addresses in their own order, behind the one given.
func (s *Store) Suppressions(ctx context.Context, workspace string, after channel.Address, limit int) ([]Suppression, error) {
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
	}, `SELECT address, channel, reason, source, created_at FROM suppression WHERE workspace_id = $1 AND address > $2
		ORDER BY address, channel LIMIT $3`, workspace, string(after), limit)
	return out, s.readError(err)
}
