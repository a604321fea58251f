package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/dispatch"
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

// SuppressNew adds addresses, and puts off the end of those that are there until an earlier one; others that are there
// stay as they are and are not counted. Once it returns, no attempt to them is placed by this process, and by others none
// that they claim from then on; what others hold in memory ends when they read Stops.
func (s *Store) SuppressNew(ctx context.Context, workspace string, list []Suppression, now time.Time) (int64, error) {
	if len(list) == 0 {
		return 0, nil
	}
	people := make([]dispatch.Stop, len(list))
	for i, x := range list {
		people[i] = dispatch.Stop{Workspace: workspace, Kind: x.Channel, Address: x.Address}
	}
	var added int64
	err := s.write(ctx, func(t *tx) error {
		added = 0
		for rest := list; len(rest) > 0; rest = rest[min(len(rest), perStatement[0]):] {
			n, err := t.suppress(ctx, workspace, rest[:min(len(rest), perStatement[0])], now)
			if err != nil {
				return err
			}
			added += n
		}
		if err := t.stop(ctx, people, now); err != nil {
			return err
		}
		return t.pulse(ctx)
	})
	if err != nil {
		return 0, err
	}
	for _, left := range s.tellStops(people) {
		left(ctx)
	}
	s.replan(ctx, &s.suppressions, added, "suppression")
	return added, nil
}

// suppress adds a statement's worth of addresses, and says how many it changed. The same one must not be in a statement
// twice: PostgreSQL refuses to update a row that it has just written.
func (t *tx) suppress(ctx context.Context, workspace string, part []Suppression, now time.Time) (int64, error) {
	args := make([]any, 0, len(part)*len(suppressionColumns))
	rows := 0
	seen := make(map[[3]string]bool, len(part))
	for _, x := range part {
		who := [3]string{barredAs(x.Address), string(x.Channel), x.Reason}
		if seen[who] {
			continue
		}
		seen[who] = true
		rows++
		args = append(args, workspace, who[0], who[1], who[2], x.Source, ms(now), ms(x.Expires))
	}
	return t.exec(ctx, valuesQuery("INSERT", "suppression", suppressionColumns, rows, 0, prolong, numbered), args...)
}

// prolong is what becomes of somebody who is suppressed already: it may be for longer.
const prolong = `ON CONFLICT (workspace_id, address, channel, reason) DO UPDATE
	SET expires_at = EXCLUDED.expires_at, source = EXCLUDED.source, created_at = EXCLUDED.created_at
	WHERE suppression.expires_at IS NOT NULL AND (EXCLUDED.expires_at IS NULL OR EXCLUDED.expires_at > suppression.expires_at)`

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
	query := `SELECT address, channel, reason, source, created_at, expires_at FROM suppression WHERE workspace_id = $1`
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
		var created, expires sql.NullInt64
		if err := rows.Scan(&x.Address, &x.Channel, &x.Reason, &x.Source, &created, &expires); err != nil {
			return fmt.Errorf("suppression: %w", err)
		}
		x.At, x.Expires = at(created), at(expires)
		out = append(out, x)
		return nil
	}, query+` ORDER BY address, channel, reason LIMIT `+arg(q.Limit), args...)
	return out, s.readError(err)
}

// OptedOut gives those of some addresses that were suppressed one by one on a channel, and are at an instant.
func (s *Store) OptedOut(ctx context.Context, workspace string, k channel.Kind, list []channel.Address, now time.Time) (map[channel.Address]bool, error) {
	out := map[channel.Address]bool{}
	if len(list) == 0 {
		return out, nil
	}
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = barredAs(a)
	}
	barred := map[string]bool{}
	among, arg := s.d.anyOf("address", 3, texts)
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var a string
		err := rows.Scan(&a)
		barred[a] = true
		return err
	}, `SELECT address FROM suppression WHERE workspace_id = $1 AND channel IN ('', $2) AND `+among+`
		AND (expires_at IS NULL OR expires_at > $4)`, workspace, string(k), arg, ms(now))
	for i, a := range list {
		out[a] = barred[texts[i]]
	}
	return out, s.readError(err)
}
