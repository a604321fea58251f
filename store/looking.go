package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fold"
)

// How many rows one request for a page looks at: rows of one table that lie beside each other, and those for which others
// are looked up. A list of a million of whom nobody fits is gone through in many requests, each of which is short.
const (
	windowRows = 10_000
	windowCost = 4 // of a row with others looked up, in rows
	windowStep = 512
	windowGrow = 8 // after a step that found too few
)

// Look gives a page of recipients in the order of contact. It looks at a bounded number of them: next goes on, and is 0 at
// the end; before that, a page may be shorter than limit, or empty.
func (s *Store) Look(ctx context.Context, workspace, id string, f campaign.Filter, after campaign.Number, limit int) (page []campaign.Entry, next campaign.Number, err error) {
	err = s.read(ctx, func(t *sql.Tx) error {
		no, state, err := stateOf(ctx, t, workspace, id)
		if err != nil {
			return err
		}
		page, next, err = s.lookIn(ctx, t, no, state, f, after, limit)
		return err
	})
	return page, next, err
}

func (s *Store) lookIn(ctx context.Context, t *sql.Tx, no int64, state campaign.State, f campaign.Filter, after campaign.Number, limit int) (page []campaign.Entry, next campaign.Number, err error) {
	if f, err = s.narrow(ctx, t, no, f); err != nil {
		return nil, 0, err
	}
	switch {
	case everybody(f):
		page, err = s.stretch(ctx, t, no, state, after, limit+1)
	case len(f.Numbers) > 0: // which are bounded themselves
		page, err = s.entries(ctx, t, no, state, f, after, limit+1)
	default:
		l := &looking{s: s, q: t, no: no, state: state, f: f, after: after, limit: limit}
		var keys []int64
		if keys, next, err = l.look(ctx); err == nil {
			page, err = l.read(ctx, keys)
		}
		return page, next, err
	}
	if len(page) > limit {
		page, next = page[:limit], page[limit-1].Number
	}
	return page, next, err
}

// looking is one request for a page.
type looking struct {
	s     *Store
	q     querier
	no    int64
	state campaign.State
	f     campaign.Filter
	after campaign.Number
	limit int

	counted map[string]bool // the counters that are not zero
}

// source is a table in which some of those who fit are, gone through in the order of its keys.
type source struct {
	from   string // SELECT key … with conditions that an index answers; AND follows
	args   []any  // from $4
	status string // and what their row must say in status; empty for anything
}

// look gives the keys of those who fit, and where to go on; 0 at the end.
func (l *looking) look(ctx context.Context) (keys []int64, next campaign.Number, err error) {
	if err := l.count(ctx); err != nil {
		return nil, 0, err
	}
	end := int64(0) // up to where every source was looked through; 0 for to its end
	note := func(some []int64, to int64, err error) error {
		keys = append(keys, some...)
		if to != 0 && (end == 0 || to < end) {
			end = to
		}
		return err
	}
	sources, walked := l.sources()
	for i := range sources {
		if err := note(l.through(ctx, &sources[i])); err != nil {
			return nil, 0, err
		}
	}
	if walked != nil {
		if err := note(l.walk(ctx, walked)); err != nil {
			return nil, 0, err
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if end != 0 {
		keys = slices.DeleteFunc(keys, func(k int64) bool { return k > end })
	}
	switch {
	case len(keys) > l.limit:
		keys = keys[:l.limit]
		next = numberOfKey(keys[l.limit-1])
	case end != 0:
		next = numberOfKey(end)
	}
	return keys, next, nil
}

// count reads which statuses and outcomes anybody has: who is looked for in vain is not looked for at all.
func (l *looking) count(ctx context.Context) error {
	l.counted = map[string]bool{}
	return scan(ctx, l.q, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		l.counted[name] = true
		return err
	}, `SELECT name FROM tally WHERE campaign_no = $1 AND n <> 0`, l.no)
}

// sources says where those are who fit; walked is the filter of those who must be looked for among the recipients
// themselves, if any.
func (l *looking) sources() (sources []source, walked *campaign.Filter) {
	f := l.f
	if len(f.Outcomes) > 0 {
		// What became of an attempt that was given up as unknown is counted in its place, and leaves its recipient as they were.
		f.Outcomes = slices.DeleteFunc(slices.Clone(f.Outcomes), func(c channel.Code) bool {
			return c != channel.Unknown && !l.counted[tallyCode+string(c)]
		})
		if len(f.Outcomes) == 0 {
			return nil, nil
		}
		l.f.Outcomes = f.Outcomes
	}
	const (
		settled = `SELECT key, status, last FROM standing WHERE TRUE`
		waiting = `SELECT key, status, last FROM wait WHERE TRUE`
		open    = `SELECT key, was AS status, last FROM flight WHERE TRUE`
	)
	switch {
	case len(f.Statuses) == 0 && len(f.Outcomes) == 0:
		return nil, &f
	case len(f.Statuses) == 0:
		return []source{{from: settled}, {from: waiting}, {from: open}}, nil
	}
	alone := f
	alone.Statuses = nil
	for i, status := range f.Statuses {
		switch {
		case slices.Contains(f.Statuses[:i], status):
		case status == campaign.StatusInProgress:
			sources = append(sources, source{from: open})
		case l.state == campaign.Cancelled && status == campaign.StatusCancelled:
			alone.Statuses = append(alone.Statuses, status)
		case l.state == campaign.Cancelled && !status.Settled():
		case status == campaign.StatusPending:
			if len(f.Outcomes) == 0 { // who has not had their first turn has none
				alone.Statuses = append(alone.Statuses, status)
			}
			sources = append(sources, source{from: waiting + ` AND status = 'pending'`})
		case !l.counted[tallyStatus+string(status)]:
		case status.Settled():
			sources = append(sources, source{from: settled + ` AND status = $4`, args: []any{string(status)}})
		default:
			sources = append(sources, source{from: waiting, status: string(status)})
		}
	}
	if len(alone.Statuses) > 0 {
		walked = &alone
	}
	return sources, walked
}

// through looks through a source: at so many of its rows at a time, in the order of their keys.
func (l *looking) through(ctx context.Context, x *source) (keys []int64, end int64, err error) {
	left := l.s.window
	key0, before := key(l.no, l.after), (l.no+1)<<keyShift
	rows := fmt.Sprintf(`(%s AND key > $1 AND key < $2 ORDER BY key LIMIT $3)`, x.from)
	args := append([]any{key0, before, 0}, x.args...)
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	join, cond := "", " WHERE TRUE"
	if x.status != "" {
		cond += " AND d.status = " + arg(x.status)
	}
	if len(l.f.Outcomes) > 0 {
		codes := make([]string, len(l.f.Outcomes))
		for i, c := range l.f.Outcomes {
			codes[i] = arg(string(c))
		}
		cond += " AND d.last IN (" + strings.Join(codes, ", ") + ")"
	}
	if k := fold.Key(l.f.Search); k != "" {
		left = max(1, left/windowCost)
		join = ` JOIN recipient r ON r.key = d.key`
		cond += ` AND r.search_key LIKE ` + arg("%"+escapeLike(k)+"%") + ` ESCAPE '\'`
	}
	most := arg(0)
	for step := windowStep; ; step *= windowGrow {
		n := min(step, left)
		args[2], args[len(args)-1] = n, l.limit+1-len(keys)
		some, err := l.keys(ctx, `SELECT d.key FROM `+rows+` AS d`+join+cond+` ORDER BY d.key LIMIT `+most, args)
		if err != nil {
			return nil, 0, err
		}
		if keys = append(keys, some...); len(keys) > l.limit {
			return keys, keys[l.limit], nil
		}
		seen, last, err := l.last(ctx, rows, args[:3+len(x.args)])
		if err != nil || seen < n {
			return keys, 0, err
		}
		if left -= n; left == 0 {
			return keys, last, nil
		}
		args[0] = last
	}
}

// keys reads keys.
func (l *looking) keys(ctx context.Context, query string, args []any) ([]int64, error) {
	var out []int64
	err := scan(ctx, l.q, func(rows *sql.Rows) error {
		var k int64
		err := rows.Scan(&k)
		out = append(out, k)
		return err
	}, query, args...)
	return out, err
}

// last says how many rows a part of a source has, and where it ends.
func (l *looking) last(ctx context.Context, rows string, args []any) (n int, last int64, err error) {
	err = scan(ctx, l.q, func(rows *sql.Rows) error { return rows.Scan(&n, &last) }, `SELECT COUNT(*), COALESCE(MAX(d.key), 0) FROM `+rows+` AS d`, args...)
	return n, last, err
}

// walk looks through the recipients themselves, whose numbers have no gaps: between two numbers there are as many of them
// as these are apart. Of those who wait for their first turn, it looks only behind the cursors.
func (l *looking) walk(ctx context.Context, f *campaign.Filter) (keys []int64, end int64, err error) {
	var cursor, tail [campaign.Bands]campaign.Number
	err = scan(ctx, l.q, func(rows *sql.Rows) error {
		return rows.Scan(&cursor[0], &tail[0], &cursor[1], &tail[1], &cursor[2], &tail[2])
	}, `SELECT high_cursor, high_tail, normal_cursor, normal_tail, low_cursor, low_tail FROM run WHERE campaign_no = $1`, l.no)
	if err != nil {
		return nil, 0, err
	}
	left, first := l.s.window, [campaign.Bands]campaign.Number{}
	for b := range campaign.Bands {
		first[b] = b.First()
	}
	if len(f.Statuses) > 0 {
		left = max(1, left/windowCost)
	}
	if !slices.Contains(f.Statuses, campaign.StatusCancelled) && len(f.Statuses) > 0 {
		first = cursor
	}
	step := windowStep
	for b := range campaign.Bands {
		from := max(l.after, first[b])
		for from < tail[b] {
			if left == 0 {
				return keys, end, nil
			}
			to := min(tail[b], from+campaign.Number(min(step, left)))
			some, err := l.between(ctx, f, from, to, l.limit+1-len(keys))
			if err != nil {
				return nil, 0, err
			}
			if keys = append(keys, some...); len(keys) > l.limit {
				return keys, keys[l.limit], nil
			}
			left -= int(to - from)
			from, end = to, key(l.no, to)
			step *= windowGrow
		}
	}
	return keys, 0, nil
}

// between gives the keys of recipients between two numbers who fit. With bounds on all tables there is no plan that reads
// all of one.
func (l *looking) between(ctx context.Context, f *campaign.Filter, from, to campaign.Number, most int) ([]int64, error) {
	cond, args := l.s.entryFilter(l.no, *f, l.state, []any{key(l.no, from), key(l.no, to), most})
	joins := ""
	if len(f.Statuses)+len(f.Outcomes) > 0 {
		for _, table := range []string{"standing s", "wait w", "flight f"} {
			alias := table[len(table)-1:]
			joins += fmt.Sprintf(` LEFT JOIN %s ON %s.key = r.key AND %[2]s.key > $1 AND %[2]s.key <= $2`, table, alias)
		}
	}
	return l.keys(ctx, `SELECT r.key FROM recipient r`+joins+` WHERE r.key > $1 AND r.key <= $2`+cond+` ORDER BY r.key LIMIT $3`, args)
}

// read gives recipients by their keys, which are in order.
func (l *looking) read(ctx context.Context, keys []int64) ([]campaign.Entry, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var out []campaign.Entry
	among, arg := l.s.d.anyOf("r.key", 1, keys)
	err := scan(ctx, l.q, func(rows *sql.Rows) error {
		e, err := scanEntry(rows, l.state)
		out = append(out, e)
		return err
	}, `SELECT `+entryColumns+entryJoins+` WHERE `+among+` ORDER BY r.key`, arg)
	return out, err
}
