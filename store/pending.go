package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"campanario/campaign"
)

// pending gives those who wait for their turn, as entries does. Among a million of whom most have had theirs, nobody is
// looked for who had: those who have not lie behind the cursors, and those who wait again have an index of their own.
func (s *Store) pending(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, no int64, state campaign.State, f campaign.Filter, after campaign.Number, limit int,
) ([]campaign.Entry, error) {
	var cursor, tail [campaign.Bands]campaign.Number
	err := scan(ctx, q, func(rows *sql.Rows) error {
		return rows.Scan(&cursor[0], &tail[0], &cursor[1], &tail[1], &cursor[2], &tail[2])
	}, `SELECT high_cursor, high_tail, normal_cursor, normal_tail, low_cursor, low_tail FROM run WHERE campaign_no = $1`, no)
	if err != nil {
		return nil, err
	}
	var out []campaign.Entry
	some := func(from string, first, last int64, n int) error {
		cond, args := s.entryFilter(no, f, state, []any{first, last, n})
		return scan(ctx, q, func(rows *sql.Rows) error {
			e, err := scanEntry(rows, state)
			out = append(out, e)
			return err
		}, `SELECT `+entryColumns+from+cond+` ORDER BY r.key LIMIT $3`, args...)
	}
	for b := range campaign.Bands {
		first := max(after, cursor[b])
		if n := limit - len(out); n > 0 && first < tail[b] {
			if err := some(entriesWithin, key(no, first), key(no, tail[b]), n); err != nil {
				return nil, err
			}
		}
	}
	_, before := keyBounds(no)
	err = some(` FROM wait w JOIN recipient r ON r.key = w.key LEFT JOIN standing s ON s.key = r.key LEFT JOIN flight f ON f.key = r.key
		WHERE w.key > $1 AND w.key < $2 AND w.status = 'pending'`, key(no, after), before, limit)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b campaign.Entry) int { return cmp.Compare(a.Number, b.Number) })
	out = slices.CompactFunc(out, func(a, b campaign.Entry) bool { return a.Number == b.Number })
	return out[:min(limit, len(out))], nil
}
