package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/campaign"
)

var _ audience.Index = (*Store)(nil)

// Reading gives those of some contacts who have any of the values of an attribute, by reading them: a window of them at a time,
// so that nothing is held for as long as all of them take.
func (s *Store) Reading(ctx context.Context, workspace, attribute string, values []string, among *roaring.Bitmap) (*roaring.Bitmap, error) {
	wanted := make(map[string]bool, len(values))
	for _, v := range values {
		wanted[audience.Fold(v)] = true
	}
	out := roaring.New()
	for numbers := range slices.Chunk(numbersOf(among), s.window) {
		low, high := numbers[0], numbers[len(numbers)-1]
		args := []any{workspace, attribute}
		condition := `no >= $3 AND no <= $4`
		if high-low >= sparse*int64(len(numbers)) {
			some, list := s.d.anyOf("no", 3, numbers)
			condition, args = some, append(args, list)
		} else {
			args = append(args, low, high)
		}
		err := scan(ctx, s.reads, func(rows *sql.Rows) error {
			var no int64
			var value sql.NullString
			if err := rows.Scan(&no, &value); err != nil {
				return err
			}
			if value.Valid && (values == nil || wanted[audience.Fold(value.String)]) {
				out.Add(uint32(no))
			}
			return nil
		}, `SELECT no, attributes ->> $2 FROM contact WHERE `+condition+` AND workspace_id = $1 AND attributes IS NOT NULL`, args...)
		if err != nil {
			return nil, s.readError(err)
		}
	}
	return out, nil
}

func numbersOf(b *roaring.Bitmap) []int64 {
	out := make([]int64, 0, b.GetCardinality())
	for it := b.Iterator(); it.HasNext(); {
		out = append(out, int64(it.Next()))
	}
	return out
}

// Results gives those who stand in a campaign with any of the statuses; nil stands for all of them. It looks at a window of its
// recipients at a time.
func (s *Store) Results(ctx context.Context, workspace, id string, statuses []string) (*roaring.Bitmap, error) {
	out := roaring.New()
	f := campaign.Filter{}
	for _, status := range slices.Compact(slices.Sorted(slices.Values(statuses))) {
		f.Statuses = append(f.Statuses, campaign.Status(status))
	}
	for after := campaign.Number(0); ; {
		err := s.read(ctx, func(t *sql.Tx) error {
			no, state, err := stateOf(ctx, t, workspace, id)
			if err != nil {
				return err
			}
			l := &looking{s: s, q: t, no: no, state: state, f: f, after: after, limit: s.window}
			keys, next, err := l.look(ctx)
			if after = next; err != nil || len(keys) == 0 {
				return err
			}
			among, list := s.d.anyOf("key", 3, keys)
			return scan(ctx, t, func(rows *sql.Rows) error {
				var contact int64
				err := rows.Scan(&contact)
				out.Add(uint32(contact))
				return err
			}, `SELECT contact_no FROM recipient WHERE key >= $1 AND key <= $2 AND contact_no IS NOT NULL AND `+among, keys[0], keys[len(keys)-1], list)
		})
		if err != nil || after == 0 {
			return out, err
		}
	}
}
