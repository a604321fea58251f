package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"campanario/audience"
)

// mostExact is how many contacts with one and the same address are looked at, the newest ones: a telephone that was put down for want of
// another may be half the base's.
const mostExact = 1000

// exactly gives the numbers of the contacts whose address, document or external id a search is as a whole; nil when there are
// none. Whoever looks for somebody by one of these finds them without all others being looked through.
func (s *Store) exactly(ctx context.Context, workspace string, q audience.ContactQuery) ([]int64, error) {
	var out []int64
	add := func(query string, args ...any) error {
		return scan(ctx, s.reads, func(rows *sql.Rows) error {
			var no int64
			err := rows.Scan(&no)
			out = append(out, no)
			return err
		}, query, args...)
	}
	for _, a := range q.Exact {
		list, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND c.no IN
			(SELECT contact_no FROM reach WHERE mark = $2 ORDER BY contact_no DESC LIMIT $3)`, workspace, markOf(workspace, a), mostExact)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].Has(a) { // others have the same mark
				out = append(out, list[i].No)
			}
		}
	}
	whole := strings.TrimSpace(q.Search)
	if err := add(`SELECT no FROM contact WHERE external_id = $1 AND workspace_id = $2`, whole, workspace); err != nil {
		return nil, err
	}
	document := strings.ToUpper(strings.NewReplacer(".", "", "-", "", "/", "", " ", "").Replace(whole))
	if err := add(`SELECT no FROM contact WHERE document = $1 AND workspace_id = $2 LIMIT $3`, document, workspace, mostExact); err != nil {
		return nil, err
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
