package store

import (
	"context"

	"campanario/campaign"
)

// RecentPeople is how many people have recent attempts that are kept for limits; -1 when that cannot be told.
func (s *Store) RecentPeople() int {
	n := -1
	if err := s.reads.QueryRow(`SELECT COUNT(*) FROM recent`).Scan(&n); err != nil {
		return -1
	}
	return n
}

// Among is the condition by which PostgreSQL looks for many numbers.
func Among(column string, numbers []int64) (condition string, args []any) {
	return anyAmong(postgres{}, column, 1, numbers)
}

// SetWindow sets how many rows a request for a page looks at.
func (s *Store) SetWindow(rows int) { s.window = rows }

// Crowd adds so many recipients to a campaign that has none of normal priority, by one statement.
func (s *Store) Crowd(ctx context.Context, id string, n int) error {
	return s.write(ctx, func(t *tx) error {
		no, err := s.numberOf(ctx, t, id)
		if err != nil {
			return err
		}
		first := campaign.BandNormal.First()
		if _, err := t.exec(ctx, `INSERT INTO recipient (key, address, search_key, skipped, enrolled_at)
			SELECT CAST($1 AS BIGINT) + g.n, CAST(g.n AS TEXT) || '@example.com', CAST(g.n AS TEXT) || '@example.com', FALSE, 0
			FROM (WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $2) SELECT n FROM c) AS g`, key(no, first), n); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE run SET normal_tail = $1 WHERE campaign_no = $2`, first+campaign.Number(n), no); err != nil {
			return err
		}
		return t.count(ctx, no, delta{tallyTotal: int64(n)})
	})
}
