package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/audience"
	"campanario/channel"
)

// Contacts learn from attempts behind the engine's back: claiming and settling write nothing of it. One node at a time goes
// through what has ended, campaign by campaign, in the order in which it ended, in small transactions that move a cursor.
const (
	// learnBehind is how long after its end an attempt is read: by then it is committed, also by a node whose clock is a
	// little ahead. Those that come later still are found when the campaign rests, by their number.
	learnBehind = 5 * time.Second
	// learnRest is how long nothing must have ended before attempts are taken for missing.
	learnRest  = time.Minute
	learnLease = 30 * time.Second
)

// learning is one campaign whose attempts are gone through.
type learning struct {
	no        int64
	workspace string
	kind      channel.Kind
	active    bool
	attempts  int64 // that ended
	closed    int64 // the cursor, in three parts
	key       int64
	ordinal   int64
	counted   int64
	again     bool
	fresh     bool // there is no cursor yet
}

// Learn notes at contacts when they were contacted and heard from, and whether their addresses work, as the attempts of all
// campaigns tell: up to limit attempts of each. more tells that there are more by now. Of several nodes one does it, for as
// long as it goes on doing so.
func (s *Store) Learn(ctx context.Context, node int64, now time.Time, limit int) (more bool, err error) {
	var work []learning
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		var l learning
		var closed, key, ordinal, counted sql.NullInt64
		var again sql.NullBool
		err := rows.Scan(&l.no, &l.workspace, &l.kind, &l.active, &l.attempts, &closed, &key, &ordinal, &counted, &again)
		l.closed, l.key, l.ordinal, l.counted = closed.Int64, key.Int64, ordinal.Int64, counted.Int64
		l.again, l.fresh = again.Bool, !counted.Valid
		work = append(work, l)
		return err
	}, `SELECT c.no, c.workspace_id, c.channel, r.state = 'active', t.n, m.closed_at, m.key, m.ordinal, m.counted, m.again
		FROM campaign c JOIN run r ON r.campaign_no = c.no JOIN tally t ON t.campaign_no = c.no AND t.name = 'attempts'
		LEFT JOIN learnt m ON m.campaign_no = c.no
		WHERE c.deleted_at IS NULL AND t.n <> COALESCE(m.counted, 0) ORDER BY c.no`)
	if err != nil || len(work) == 0 {
		return false, s.readError(err)
	}
	if ours, err := s.takeDuty(ctx, "learn", node, now); err != nil || !ours {
		return false, err
	}
	for i := range work {
		full, err := s.learn(ctx, &work[i], now, limit)
		if err != nil {
			return false, fmt.Errorf("learn from attempts: %w", err)
		}
		more = more || full
	}
	return more, nil
}

// takeDuty makes a node the one that does something for all, or keeps it so; false when another one is.
func (s *Store) takeDuty(ctx context.Context, name string, node int64, now time.Time) (bool, error) {
	var holder, until int64
	err := s.reads.QueryRowContext(ctx, `SELECT node_no, lease_until FROM duty WHERE name = $1`, name).Scan(&holder, &until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, s.readError(err)
	}
	left := time.UnixMilli(until).Sub(now)
	if err == nil && holder == node && left > learnLease/2 {
		return true, nil
	}
	if err == nil && holder != node && left > 0 {
		return false, nil
	}
	var n int64
	err = s.write(ctx, func(t *tx) error {
		n, err = t.exec(ctx, `INSERT INTO duty (name, node_no, lease_until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET node_no = excluded.node_no, lease_until = excluded.lease_until
			WHERE duty.node_no = excluded.node_no OR duty.lease_until <= $4`, name, node, ms(now.Add(learnLease)), ms(now))
		return err
	})
	return n > 0, err
}

// lesson is one attempt that has ended.
type lesson struct {
	closed, key, ordinal int64
	contact              int64
	to                   channel.Address
	tells                audience.Learnt
}

// learn goes on with one campaign; true when it came to its limit.
func (s *Store) learn(ctx context.Context, l *learning, now time.Time, limit int) (bool, error) {
	list, err := s.lessons(ctx, l, now.Add(-learnBehind), limit)
	if err != nil {
		return false, s.readError(err)
	}
	next := *l
	if n := len(list); n > 0 {
		last := &list[n-1]
		next.closed, next.key, next.ordinal, next.counted = last.closed, last.key, last.ordinal, l.counted+int64(n)
	}
	if len(list) < limit {
		next.ended(now)
	}
	if next == *l {
		return false, nil
	}
	return len(list) == limit, s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `INSERT INTO learnt (campaign_no, closed_at, key, ordinal, counted, again) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (campaign_no) DO UPDATE SET closed_at = excluded.closed_at, key = excluded.key, ordinal = excluded.ordinal,
			counted = excluded.counted, again = excluded.again
			WHERE learnt.closed_at = $7 AND learnt.key = $8 AND learnt.ordinal = $9`,
			l.no, next.closed, next.key, next.ordinal, next.counted, next.again, l.closed, l.key, l.ordinal)
		if err != nil || n == 0 { // another node was quicker
			return err
		}
		return t.note(ctx, l, list)
	})
}

// ended is what becomes of the cursor when there is nothing more to read. When more attempts have ended than were read, and
// nothing happens any more, it begins anew, once: noting something twice changes nothing.
func (l *learning) ended(now time.Time) {
	switch {
	case l.counted > l.attempts: // what became of an attempt was learnt later, and it was read twice
		l.counted = l.attempts
	case l.counted < l.attempts && now.Sub(time.UnixMilli(l.closed)) > learnRest && !l.active:
		if l.again {
			l.counted, l.again = l.attempts, false
			return
		}
		l.closed, l.key, l.ordinal, l.counted, l.again = 0, 0, 0, 0, true
	}
	if l.counted == l.attempts {
		l.again = false
	}
}

func (s *Store) lessons(ctx context.Context, l *learning, until time.Time, limit int) ([]lesson, error) {
	var out []lesson
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var x lesson
		var index int
		var code channel.Code
		var secondary []byte
		if err := rows.Scan(&x.closed, &x.key, &x.ordinal, &index, &code, &x.contact, &x.to, &secondary); err != nil {
			return err
		}
		x.tells = audience.LearntFrom(code, l.kind)
		if index > 0 {
			more, err := addresses(secondary)
			if err != nil || index > len(more) {
				x.tells, x.to = audience.Learnt{}, ""
			} else {
				x.to = more[index-1]
			}
		}
		out = append(out, x)
		return nil
	}, `SELECT a.closed_at, a.key, a.ordinal, a.address, a.code, COALESCE(r.contact_no, 0), r.address, r.secondary
		FROM attempt a JOIN recipient r ON r.key = a.key
		WHERE a.campaign_no = $1 AND a.closed_at >= $2 AND a.closed_at <= $3
		AND (a.closed_at > $2 OR a.key > $4 OR a.key = $4 AND a.ordinal > $5)
		ORDER BY a.closed_at, a.key, a.ordinal LIMIT $6`, l.no, l.closed, ms(until), l.key, l.ordinal, limit)
	return out, err
}

// times are when somebody was contacted and heard from, in milliseconds since 1970; 0 for never.
type times struct{ contacted, heard int64 }

// note writes what attempts tell.
func (t *tx) note(ctx context.Context, l *learning, list []lesson) error {
	var unknown []channel.Address
	for i := range list {
		if list[i].contact == 0 {
			unknown = append(unknown, list[i].to)
		}
	}
	owners, err := t.owners(ctx, l.workspace, unknown)
	if err != nil {
		return err
	}
	people := map[int64]times{}
	for i := range list {
		x := &list[i]
		if x.contact == 0 {
			x.contact = owners[x.to]
		}
		if x.contact == 0 || x.tells == (audience.Learnt{}) {
			continue
		}
		was := people[x.contact]
		if x.tells.Contacted {
			was.contacted = max(was.contacted, x.closed)
		}
		if x.tells.Heard {
			was.heard = max(was.heard, x.closed)
		}
		people[x.contact] = was
	}
	if err := t.reachStatuses(ctx, l.workspace, list); err != nil {
		return err
	}
	return t.meet(ctx, l.workspace, people)
}

// reachStatuses writes whether addresses work, where that is news.
func (t *tx) reachStatuses(ctx context.Context, workspace string, list []lesson) error {
	latest := map[string]*lesson{} // by the address in small letters
	var marks []int64
	for i := range list {
		x := &list[i]
		if x.tells.Status == "" {
			continue
		}
		low := strings.ToLower(string(x.to))
		if latest[low] == nil {
			marks = append(marks, markOf(workspace, x.to))
		}
		latest[low] = x
	}
	if len(marks) == 0 {
		return nil
	}
	for range tries {
		again, err := t.stand(ctx, workspace, marks, latest)
		if err != nil || !again {
			return err
		}
	}
	return nil // others know as much of those addresses at this very moment
}

// stand writes how addresses stand. again reports whether another transaction changed one of those contacts meanwhile.
func (t *tx) stand(ctx context.Context, workspace string, marks []int64, latest map[string]*lesson) (again bool, err error) {
	type news struct {
		contact int64
		was     sql.NullString
		now     any
	}
	var changes []news
	among, args := anyAmong(t.d, "mark", 2, marks)
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var n news
		var text []byte
		if err := rows.Scan(&n.contact, &text, &n.was); err != nil {
			return err
		}
		reaches, err := reachesOf(text, []byte(n.was.String))
		different := false
		for i := range reaches {
			r := &reaches[i]
			of := latest[strings.ToLower(string(r.Address))]
			if of != nil && of.tells.Status != r.Status && (r.StatusAt.IsZero() || of.closed >= r.StatusAt.UnixMilli()) {
				r.Status, r.StatusAt, different = of.tells.Status, time.UnixMilli(of.closed), true
			}
		}
		if err == nil && different {
			_, n.now, err = reachTexts(reaches)
			changes = append(changes, n)
		}
		return err
	}, `SELECT no, reaches, standings FROM contact WHERE workspace_id = $1 AND no IN (SELECT contact_no FROM reach WHERE `+among+`) ORDER BY no`, append([]any{workspace}, args...)...)
	if err != nil {
		return false, err
	}
	for _, n := range changes {
		wrote, err := t.exec(ctx, `UPDATE contact SET standings = $1 WHERE no = $2 AND COALESCE(standings, '') = $3`, n.now, n.contact, n.was.String)
		if err != nil {
			return false, err
		}
		again = again || wrote == 0
	}
	return again, nil
}

// meet notes when contacts were contacted and heard from, where that is later than what is known.
func (t *tx) meet(ctx context.Context, workspace string, people map[int64]times) error {
	if len(people) == 0 {
		return nil
	}
	numbers := sortedNumbers(people)
	var rows [][]any
	to := newNoted(workspace)
	among, arg := t.d.anyOf("no", 2, numbers)
	err := scan(ctx, t, func(r *sql.Rows) error {
		var no int64
		var contacted, heard sql.NullInt64
		if err := r.Scan(&no, &contacted, &heard); err != nil {
			return err
		}
		before := audience.Contact{ContactedAt: at(contacted), HeardAt: at(heard)}
		after, now := before, people[no]
		if now.contacted > contacted.Int64 {
			after.ContactedAt = time.UnixMilli(now.contacted).UTC()
		}
		if now.heard > heard.Int64 {
			after.HeardAt = time.UnixMilli(now.heard).UTC()
		}
		if after.ContactedAt.Equal(before.ContactedAt) && after.HeardAt.Equal(before.HeardAt) {
			return nil
		}
		to.note(changed(no, before.Terms(), after.Terms()))
		rows = append(rows, []any{no, ms(after.ContactedAt), ms(after.HeardAt)})
		return nil
	}, `SELECT no, contacted_at, heard_at FROM contact WHERE workspace_id = $1 AND `+among+` ORDER BY no`, workspace, arg)
	if err != nil || len(rows) == 0 {
		return err
	}
	for part := range slices.Chunk(rows, meetRows) {
		if err := t.setTimes(ctx, part); err != nil {
			return err
		}
	}
	return t.indexNoted(ctx, to)
}

// meetRows is how many contacts one statement changes: more parameters make SQLite slow.
const meetRows = 50

func (t *tx) setTimes(ctx context.Context, rows [][]any) error {
	var q strings.Builder
	q.WriteString(`WITH v (no, contacted, heard) AS (VALUES `)
	args := make([]any, 0, 3*len(rows))
	for i, r := range rows {
		if i > 0 {
			q.WriteString(", ")
		}
		fmt.Fprintf(&q, "(CAST($%d AS BIGINT), CAST($%d AS BIGINT), CAST($%d AS BIGINT))", len(args)+1, len(args)+2, len(args)+3)
		args = append(args, r...)
	}
	q.WriteString(`) UPDATE contact SET contacted_at = v.contacted, heard_at = v.heard FROM v WHERE contact.no = v.no`)
	_, err := t.exec(ctx, q.String(), args...)
	return err
}
