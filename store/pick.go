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

// fewContacts is up to how many contacts are read by their numbers, and not by walking through all.
const fewContacts = 5000

// Reading gives those of some contacts who have any of the values of an attribute, by reading them.
func (s *Store) Reading(ctx context.Context, workspace, attribute string, values []string, among *roaring.Bitmap) (*roaring.Bitmap, error) {
	wanted := make(map[string]bool, len(values))
	for _, v := range values {
		wanted[audience.Fold(v)] = true
	}
	query := `SELECT no, attributes ->> $2 FROM contact WHERE workspace_id = $1 AND attributes IS NOT NULL`
	args := []any{workspace, attribute}
	if among.GetCardinality() <= fewContacts {
		condition, arg := s.d.anyOf("no", 3, numbersOf(among))
		query, args = query+` AND `+condition, append(args, arg)
	}
	out := roaring.New()
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
	}, query, args...)
	return out, s.readError(err)
}

func numbersOf(b *roaring.Bitmap) []int64 {
	out := make([]int64, 0, b.GetCardinality())
	for it := b.Iterator(); it.HasNext(); {
		out = append(out, int64(it.Next()))
	}
	return out
}

// Results gives those who stand in a campaign with any of the statuses; nil stands for all of them.
func (s *Store) Results(ctx context.Context, workspace, id string, statuses []string) (*roaring.Bitmap, error) {
	out := roaring.New()
	err := s.read(ctx, func(t *sql.Tx) error {
		no, state, err := stateOf(ctx, t, workspace, id)
		if err != nil {
			return err
		}
		after, before := keyBounds(no)
		args := []any{after, before}
		from, cond := ` FROM recipient r`, ""
		if statuses != nil {
			f := campaign.Filter{}
			for _, status := range slices.Compact(slices.Sorted(slices.Values(statuses))) {
				f.Statuses = append(f.Statuses, campaign.Status(status))
			}
			from = entryJoins
			cond, args = s.entryFilter(no, f, state, args)
		}
		return scan(ctx, t, func(rows *sql.Rows) error {
			var contact int64
			err := rows.Scan(&contact)
			out.Add(uint32(contact))
			return err
		}, `SELECT r.contact_no`+from+` WHERE r.key > $1 AND r.key < $2 AND r.contact_no IS NOT NULL`+cond, args...)
	})
	return out, err
}
