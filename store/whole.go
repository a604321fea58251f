package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
)

// A recipient is found by a whole address in two ways: by dedupe, which says it of primary addresses in campaigns that take
// nobody twice, and by recipient_address, which has all others. So most recipients cost no row beside their own.

var elsewhereColumns = []string{"mark", "key"}

// addressMark is what an address in a campaign is found by: the campaign's number and half of a hash. Those of one campaign lie
// together; two addresses may have the same, so who finds one looks at the recipient as well.
func addressMark(no int64, a channel.Address) int64 {
	return no<<32 | int64(uint32(audience.Mark("", a)>>32))
}

// elsewhere are the rows for those addresses of a recipient that dedupe does not say as a search asks for it: in small letters.
func elsewhere(k int64, list []channel.Address, dedupe any) [][]any {
	if dedupe != nil && len(list) > 0 && string(list[0]) == strings.ToLower(string(list[0])) {
		list = list[1:]
	}
	var out [][]any
	for _, a := range list {
		m := addressMark(k>>keyShift, a)
		if a != "" && !slices.ContainsFunc(out, func(row []any) bool { return row[0] == m }) {
			out = append(out, []any{m, k})
		}
	}
	return out
}

// narrow makes of a search that is an address as a whole the numbers of those who have it, if there are any: who looks for
// somebody so finds them without all others being looked through.
func (s *Store) narrow(ctx context.Context, q querier, no int64, f campaign.Filter) (campaign.Filter, error) {
	if len(f.Whole) == 0 || f.Search == "" {
		return f, nil
	}
	var found []campaign.Number
	names, marks := make([]string, len(f.Whole)), make([]int64, len(f.Whole))
	for i, a := range f.Whole {
		small := channel.Address(strings.ToLower(string(a)))
		names[i], marks[i] = dedupeKey(no, small), addressMark(no, small)
	}
	among, arg := s.d.anyOf("dedupe", 1, names)
	err := scan(ctx, q, func(rows *sql.Rows) error {
		var k int64
		err := rows.Scan(&k)
		found = append(found, numberOfKey(k))
		return err
	}, `SELECT key FROM recipient WHERE `+among, arg)
	if err != nil {
		return f, err
	}
	among, arg = s.d.anyOf("a.mark", 1, marks)
	seen := 0
	err = scan(ctx, q, func(rows *sql.Rows) error {
		var k int64
		var address string
		var secondary []byte
		if err := rows.Scan(&k, &address, &secondary); err != nil {
			return err
		}
		seen++
		more, err := addresses(secondary)
		if has(append(more, channel.Address(address)), f.Whole) {
			found = append(found, numberOfKey(k))
		}
		return err
	}, `SELECT r.key, r.address, r.secondary FROM recipient_address a JOIN recipient r ON r.key = a.key WHERE `+among+` LIMIT $2`, arg, mostExact+1)
	if f.Whole = nil; err != nil || seen > mostExact || len(found) == 0 {
		return f, err // what so many have is looked for like any text
	}
	slices.Sort(found)
	if f.Search, found = "", slices.Compact(found); len(f.Numbers) == 0 {
		f.Numbers = found
		return f, nil
	}
	f.Numbers = slices.DeleteFunc(slices.Clone(f.Numbers), func(n campaign.Number) bool { return !slices.Contains(found, n) })
	if len(f.Numbers) == 0 {
		f.Numbers = []campaign.Number{0} // which nobody has; none would be everybody
	}
	return f, nil
}

// has reports whether any of the addresses is one of those looked for, however a mailbox is written.
func has(list, any []channel.Address) bool {
	return slices.ContainsFunc(list, func(a channel.Address) bool {
		return slices.ContainsFunc(any, func(b channel.Address) bool { return strings.EqualFold(string(a), string(b)) })
	})
}

// leaveElsewhere has recipients found by none of their addresses any more but by dedupe.
func (t *tx) leaveElsewhere(ctx context.Context, keys []int64) error {
	type row struct{ mark, key int64 }
	var rows []row
	among, arg := t.d.anyOf("key", 1, keys)
	err := scan(ctx, t, func(r *sql.Rows) error {
		var k int64
		var address string
		var secondary []byte
		if err := r.Scan(&k, &address, &secondary); err != nil {
			return err
		}
		more, err := addresses(secondary)
		for _, x := range elsewhere(k, append([]channel.Address{channel.Address(address)}, more...), nil) {
			rows = append(rows, row{x[0].(int64), k})
		}
		return err
	}, `SELECT key, address, secondary FROM recipient WHERE `+among, arg)
	for _, r := range rows {
		if err == nil {
			_, err = t.exec(ctx, `DELETE FROM recipient_address WHERE mark = $1 AND key = $2`, r.mark, r.key)
		}
	}
	return err
}
