package store

import (
	"context"
	"database/sql"
	"fmt"

	"campanario/audience"
	"campanario/internal/fold"
)

// Contacts gives a page of contacts, the newest first. It looks at a bounded number of them: next goes on, and is 0 at the
// end; before that, a page may be shorter than the limit, or empty. Whoever has what is looked for as a whole is found at
// once.
func (s *Store) Contacts(ctx context.Context, workspace string, q audience.ContactQuery) (page []audience.Contact, next int64, err error) {
	if q.Search != "" && q.Among == nil {
		if q.Among, err = s.exactly(ctx, workspace, q); err != nil {
			return nil, 0, s.readError(err)
		}
		if q.Among != nil {
			q.Search = ""
		}
	}
	numbers := q.Among
	if numbers == nil {
		if numbers, next, err = s.searched(ctx, workspace, q); err != nil || len(numbers) == 0 {
			return nil, next, s.readError(err)
		}
	}
	if page, err = s.contactsDown(ctx, workspace, numbers, q.After, q.Limit+1); err != nil {
		return nil, 0, s.readError(err)
	}
	if len(page) > q.Limit {
		page, next = page[:q.Limit], page[q.Limit-1].No
	}
	return page, next, nil
}

// contactsDown gives those with one of the numbers, from the highest down, below after unless that is 0.
func (s *Store) contactsDown(ctx context.Context, workspace string, numbers []int64, after int64, limit int) ([]audience.Contact, error) {
	among, list := s.d.anyOf("c.no", 2, numbers)
	args, below := []any{workspace, list, limit}, ""
	if after != 0 {
		args, below = append(args, after), ` AND c.no < $4`
	}
	return contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND `+among+below+` ORDER BY c.no DESC LIMIT $3`, args...)
}

// searched gives the numbers of contacts that a search finds, from the highest down, and where to go on; 0 at the end. Who
// the workspace's contacts are, their bitmap says, so that others' cost nothing.
func (s *Store) searched(ctx context.Context, workspace string, q audience.ContactQuery) (found []int64, next int64, err error) {
	below, left := q.After, s.window
	for step := windowStep; ; step *= windowGrow {
		n := min(step, left)
		members, err := s.membersBelow(ctx, workspace, below, n)
		if err != nil || len(members) == 0 {
			return found, 0, err
		}
		some := members
		if key := fold.Key(q.Search); key != "" {
			some, err = s.withKey(ctx, workspace, members, key, q.Limit+1-len(found))
		}
		if err != nil {
			return nil, 0, err
		}
		found = append(found, some...)
		if len(found) > q.Limit {
			return found[:q.Limit], found[q.Limit-1], nil
		}
		if len(members) < n {
			return found, 0, nil
		}
		below = members[len(members)-1]
		if left -= n; left == 0 {
			return found, below, nil
		}
	}
}

// sparse is how many times as wide as they are many contacts' numbers may lie to be gone through from the first to the last.
const sparse = 4

// withKey gives those of the members, which are in order from the highest down, whose key has a part.
func (s *Store) withKey(ctx context.Context, workspace string, members []int64, part string, limit int) ([]int64, error) {
	high, low := members[0], members[len(members)-1]
	args := []any{workspace, "%" + escapeLike(part) + "%", limit}
	among := ` c.no >= $4 AND c.no <= $5`
	if high-low >= sparse*int64(len(members)) {
		condition, list := s.d.anyOf("c.no", 4, members)
		among, args = condition, append(args, list)
	} else {
		args = append(args, low, high)
	}
	var out []int64
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		out = append(out, no)
		return err
	}, fmt.Sprintf(`SELECT c.no FROM contact c WHERE %s AND c.workspace_id = $1 AND c.search_key LIKE $2 ESCAPE '\' ORDER BY c.no DESC LIMIT $3`, among), args...)
	return out, err
}

// chunksAtOnce is how many bitmaps are read at a time.
const chunksAtOnce = 4

// membersBelow gives numbers of the workspace's contacts, from the highest below one down; 0 begins. Fewer than n are the last.
func (s *Store) membersBelow(ctx context.Context, workspace string, below int64, n int) ([]int64, error) {
	const highest = 1 << 32 // of what a bitmap holds
	switch {
	case below < 0:
		return nil, nil
	case below == 0 || below > highest:
		below = highest
	}
	var out []int64
	all := audience.NewTerm(audience.FieldAll, "").No(workspace)
	for chunk := (below - 1) >> chunkBits; len(out) < n; chunk-- {
		read := 0
		err := scan(ctx, s.reads, func(rows *sql.Rows) error {
			b, err := scanBits(rows, &chunk)
			if err != nil {
				return err
			}
			read++
			b.RemoveRange(uint64(below), highest)
			for i := b.ReverseIterator(); i.HasNext() && len(out) < n; {
				out = append(out, int64(i.Next()))
			}
			return nil
		}, `SELECT chunk, bits FROM posting WHERE term_no = $1 AND chunk <= $2 ORDER BY chunk DESC LIMIT $3`, all, chunk, chunksAtOnce)
		if err != nil || read < chunksAtOnce {
			return out, err
		}
	}
	return out, nil
}
