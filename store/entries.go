package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fold"
)

const entryColumns = `r.key, COALESCE(r.contact_no, 0), r.external_id, r.name, r.address, r.secondary, r.variables, r.zones, r.language, r.skipped,
	r.tags, r.enrolled_at, f.key IS NOT NULL, ` + anyState

const entryJoins = ` FROM recipient r
	LEFT JOIN standing s ON s.key = r.key LEFT JOIN wait w ON w.key = r.key LEFT JOIN flight f ON f.key = r.key`

// entriesWithin is entryJoins for keys after $1 and up to $2. Bounds on all tables leave no plan that reads all of one.
const entriesWithin = ` FROM recipient r
	LEFT JOIN standing s ON s.key = r.key AND s.key > $1 AND s.key <= $2
	LEFT JOIN wait w ON w.key = r.key AND w.key > $1 AND w.key <= $2
	LEFT JOIN flight f ON f.key = r.key AND f.key > $1 AND f.key <= $2
	WHERE r.key > $1 AND r.key <= $2`

func scanEntry(rows *sql.Rows, state campaign.State) (campaign.Entry, error) {
	e, _, err := scanKeyed(rows)
	e.Status = campaign.StatusOf(state, e.Standing, e.InFlight)
	return e, err
}

// scanKeyed reads an entry without its status, and its key.
func scanKeyed(rows *sql.Rows) (campaign.Entry, int64, error) {
	var e campaign.Entry
	var c candidateRow
	var row stateRow
	var tags []byte
	var enrolled sql.NullInt64
	if err := rows.Scan(append(append(c.fields(), &tags, &enrolled, &e.InFlight), row.fields()...)...); err != nil {
		return e, c.key, err
	}
	d, err := c.candidate()
	if err != nil {
		return e, c.key, err
	}
	e.Recipient, e.Standing = d.Recipient, row.standing()
	e.EnrolledAt = at(enrolled)
	if len(tags) > 0 {
		if err := json.Unmarshal(tags, &e.Tags); err != nil {
			return e, c.key, fmt.Errorf("tags of recipient %d: %w", e.Number, err)
		}
	}
	if !e.InFlight && !row.status.Valid {
		e.Why = campaign.WhyFirst
	}
	return e, c.key, nil
}

// entryFilter is a Filter in SQL, beginning with AND; args are those before it.
func (s *Store) entryFilter(no int64, f campaign.Filter, state campaign.State, args []any) (string, []any) {
	var q strings.Builder
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if len(f.Statuses) > 0 {
		var any []string
		for _, status := range f.Statuses {
			any = append(any, statusSQL(status, state, arg))
		}
		q.WriteString(" AND (" + strings.Join(any, " OR ") + ")")
	}
	if len(f.Outcomes) > 0 {
		codes := make([]string, len(f.Outcomes))
		for i, c := range f.Outcomes {
			codes[i] = arg(string(c))
		}
		q.WriteString(" AND COALESCE(s.last, w.last, f.last) IN (" + strings.Join(codes, ", ") + ")")
	}
	if len(f.Numbers) > 0 {
		numbers := make([]int64, len(f.Numbers))
		for i, n := range f.Numbers {
			numbers[i] = key(no, n)
		}
		among, v := s.d.anyOf("r.key", len(args)+1, numbers)
		arg(v)
		q.WriteString(" AND " + among)
	}
	if key := fold.Key(f.Search); key != "" {
		q.WriteString(" AND r.search_key LIKE " + arg("%"+escapeLike(key)+"%") + ` ESCAPE '\'`)
	}
	return q.String(), args
}

// statusSQL is campaign.StatusOf turned round: which rows show the status.
func statusSQL(status campaign.Status, state campaign.State, arg func(any) string) string {
	switch {
	case status == campaign.StatusInProgress:
		return "f.key IS NOT NULL"
	case status == campaign.StatusCancelled && state == campaign.Cancelled:
		return "(f.key IS NULL AND (s.key IS NULL OR s.status = 'cancelled'))"
	case !status.Settled() && state == campaign.Cancelled:
		return "FALSE"
	case status == campaign.StatusPending:
		return "(f.key IS NULL AND s.key IS NULL AND (w.key IS NULL OR w.status = 'pending'))"
	case !status.Settled():
		return "w.status = " + arg(string(status))
	default:
		return "s.status = " + arg(string(status))
	}
}

// Entries gives recipients in the order of contact.
func (s *Store) Entries(ctx context.Context, workspace, id string, f campaign.Filter, after campaign.Number, limit int) ([]campaign.Entry, error) {
	var out []campaign.Entry
	err := s.read(ctx, func(t *sql.Tx) error {
		no, state, err := stateOf(ctx, t, workspace, id)
		if err != nil {
			return err
		}
		out, err = s.entries(ctx, t, no, state, f, after, limit)
		return err
	})
	return out, err
}

func (s *Store) entries(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, no int64, state campaign.State, f campaign.Filter, after campaign.Number, limit int,
) ([]campaign.Entry, error) {
	if len(f.Numbers) == 0 && len(f.Statuses) == 1 && f.Statuses[0] == campaign.StatusPending && state != campaign.Cancelled {
		return s.pending(ctx, q, no, state, f, after, limit)
	}
	var out []campaign.Entry
	_, before := keyBounds(no)
	args := []any{key(no, after), before - 1, limit}
	if len(f.Numbers) > 0 { // nothing else is looked at
		args[0], args[1] = key(no, max(after, slices.Min(f.Numbers)-1)), key(no, slices.Max(f.Numbers))
	}
	order, walked := "r.key", ""
	if table := walk(f.Statuses, state); table != "" && len(f.Numbers) == 0 { // instead of all recipients
		order = table + ".key"
		walked = ` AND ` + order + ` > $1`
	}
	cond, args := s.entryFilter(no, f, state, args)
	if f.Search != "" && len(f.Statuses)+len(f.Outcomes)+len(f.Numbers) == 0 { // only of those who are found is more read
		cond = ` AND r.key IN (SELECT r.key FROM recipient r WHERE r.key > $1 AND r.key <= $2` + cond + ` ORDER BY r.key LIMIT $3)`
	}
	err := scan(ctx, q, func(rows *sql.Rows) error {
		e, err := scanEntry(rows, state)
		out = append(out, e)
		return err
	}, `SELECT `+entryColumns+entriesWithin+walked+cond+` ORDER BY `+order+` LIMIT $3`, args...)
	return out, err
}

// walk says in which table everybody is whom the statuses can match: "s" the settled, "w" those who wait for a time, "f"
// those with an open attempt, "" anywhere.
func walk(statuses []campaign.Status, state campaign.State) string {
	table := ""
	for i, st := range statuses {
		t := "s"
		switch {
		case st == campaign.StatusPending, state == campaign.Cancelled && st == campaign.StatusCancelled:
			return ""
		case st == campaign.StatusInProgress:
			t = "f"
		case !st.Settled():
			t = "w"
		}
		if i > 0 && t != table {
			return ""
		}
		table = t
	}
	return table
}

func stateOf(ctx context.Context, t *sql.Tx, workspace, id string) (int64, campaign.State, error) {
	var no int64
	var state campaign.State
	err := t.QueryRowContext(ctx, `SELECT c.no, r.state FROM campaign c JOIN run r ON r.campaign_no = c.no
		WHERE c.id = $1 AND c.workspace_id = $2 AND c.deleted_at IS NULL`, id, workspace).Scan(&no, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", notFound("campaign", id)
	}
	return no, state, err
}

// Entry gives one recipient.
func (s *Store) Entry(ctx context.Context, workspace, id string, n campaign.Number) (campaign.Entry, error) {
	list, err := s.Entries(ctx, workspace, id, campaign.Filter{Numbers: []campaign.Number{n}}, 0, 1)
	if err != nil {
		return campaign.Entry{}, err
	}
	if len(list) == 0 {
		return campaign.Entry{}, notFound("recipient", fmt.Sprint(n))
	}
	return list[0], nil
}

// CountAmong counts whom the filter picks, those with one of the statuses apart. It reads a window at a time, so that nothing
// is held for as long as all of them take; who changes meanwhile is counted as they were or as they are.
func (s *Store) CountAmong(ctx context.Context, workspace, id string, f campaign.Filter, among []campaign.Status) (campaign.ActReport, error) {
	var out campaign.ActReport
	tails, err := s.Tails(ctx, workspace, id)
	if err != nil {
		return out, err
	}
	if len(f.Whole) > 0 {
		no, err := s.campaignNo(ctx, workspace, id)
		if err == nil {
			f, err = s.narrow(ctx, s.reads, no, f)
		}
		if err != nil {
			return out, s.readError(err)
		}
	}
	if len(f.Numbers) > 0 {
		err := s.countWithin(ctx, workspace, id, f, among, slices.Min(f.Numbers)-1, slices.Max(f.Numbers), &out)
		return out, err
	}
	for b := range campaign.Bands {
		for from := b.First(); from < tails[b]; from += campaign.Number(s.window) {
			if err := s.countWithin(ctx, workspace, id, f, among, from, min(tails[b], from+campaign.Number(s.window)), &out); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// countWithin adds those between two numbers.
func (s *Store) countWithin(ctx context.Context, workspace, id string, f campaign.Filter, among []campaign.Status, from, to campaign.Number, sum *campaign.ActReport) error {
	var all, some int64
	err := s.read(ctx, func(t *sql.Tx) error {
		no, state, err := stateOf(ctx, t, workspace, id)
		if err != nil {
			return err
		}
		cond, args := s.entryFilter(no, f, state, []any{key(no, from), key(no, to)})
		has := []string{"FALSE"}
		for _, status := range among {
			has = append(has, statusSQL(status, state, func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }))
		}
		return t.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN `+strings.Join(has, " OR ")+` THEN 1 ELSE 0 END), 0)`+entriesWithin+cond, args...).
			Scan(&all, &some)
	})
	sum.Changed += some
	sum.Skipped += all - some
	return err
}

// act writes what the action makes of recipients; the caller holds the run row.
func (t *tx) act(ctx context.Context, no int64, state campaign.State, a campaign.RecipientAction, found []campaign.Entry, lap int, now time.Time) (campaign.ActReport, error) {
	var out campaign.ActReport
	var keys []int64
	var next put
	d := delta{}
	for i := range found {
		e := &found[i]
		s, err := campaign.Act(a, state, *e, lap, now)
		if err != nil {
			out.Skipped++
			continue
		}
		out.Changed++
		keys = append(keys, key(no, e.Number))
		next.add(no, e.Number, &s)
		d.status(e.Standing.Status, s.Status)
	}
	if len(keys) == 0 {
		return out, nil
	}
	// Their first turn, if it was still to come, is not taken any more.
	among, arg := t.d.anyOf("key", 1, keys)
	if _, err := t.exec(ctx, `UPDATE recipient SET skipped = TRUE WHERE NOT skipped AND `+among, arg); err != nil {
		return out, err
	}
	for _, table := range []string{"wait", "standing"} {
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE `+among, arg); err != nil {
			return out, err
		}
	}
	if err := t.put(ctx, &next); err != nil {
		return out, err
	}
	return out, t.count(ctx, no, d)
}

// reopen makes a completed campaign active again when somebody in it is to be contacted again.
func (t *tx) reopen(ctx context.Context, no int64, state campaign.State, a campaign.RecipientAction, r campaign.ActReport, now time.Time) error {
	again := a == campaign.RetryNow || a == campaign.SetPending
	if r.Changed == 0 {
		return nil
	}
	if state == campaign.Completed && again {
		// What contacts people is not put away.
		if _, err := t.exec(ctx, `UPDATE campaign SET archived = FALSE WHERE no = $1 AND archived`, no); err != nil {
			return err
		}
		return t.setState(ctx, no, campaign.Move{To: campaign.Active, At: now})
	}
	return t.pulse(ctx)
}

// Sample gives recipients that have not had their first turn: those behind the cursors, so that those who have had it
// cost nothing.
func (s *Store) Sample(ctx context.Context, workspace, id string, n int) ([]campaign.Recipient, error) {
	var out []campaign.Recipient
	err := s.read(ctx, func(t *sql.Tx) error {
		var no int64
		var cursor, tail [campaign.Bands]int64
		err := t.QueryRowContext(ctx, `SELECT c.no, high_cursor, high_tail, normal_cursor, normal_tail, low_cursor, low_tail
			FROM campaign c JOIN run r ON r.campaign_no = c.no WHERE c.id = $1 AND c.workspace_id = $2 AND c.deleted_at IS NULL`, id, workspace).
			Scan(&no, &cursor[0], &tail[0], &cursor[1], &tail[1], &cursor[2], &tail[2])
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("campaign", id)
		}
		for b := 0; err == nil && b < len(cursor) && len(out) < n; b++ {
			err = scan(ctx, t, func(rows *sql.Rows) error {
				var c candidateRow
				if err := rows.Scan(c.fields()...); err != nil {
					return err
				}
				d, err := c.candidate()
				out = append(out, d.Recipient)
				return err
			}, `SELECT `+candidateColumns+` FROM recipient r WHERE r.key > $1 AND r.key <= $2 AND NOT r.skipped ORDER BY r.key LIMIT $3`,
				key(no, campaign.Number(cursor[b])), key(no, campaign.Number(tail[b])), n-len(out))
		}
		return err
	})
	return out, err
}

const attemptQuery = `SELECT a.key, a.ordinal, a.lap, COALESCE(l.id, ''), a.address, r.address, r.secondary, COALESCE(a.ref, ''), a.placed_at,
	a.closed_at, a.code, COALESCE(a.provider_code, ''), COALESCE(a.provider_text, ''), COALESCE(a.reason, ''), a.ring_ms, a.talk_ms, a.detail
	FROM attempt a JOIN recipient r ON r.key = a.key LEFT JOIN line l ON l.no = a.line_no`

// Attempts gives closed attempts: of one recipient in order, or of the campaign, newest first.
func (s *Store) Attempts(ctx context.Context, workspace, id string, q campaign.AttemptQuery) ([]campaign.Attempt, error) {
	no, err := s.campaignNo(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	query := attemptQuery + ` WHERE a.campaign_no = $1`
	args := []any{no}
	switch {
	case q.Number != 0: // the campaign, which the key has in it, would lead PostgreSQL to all of its attempts
		query = attemptQuery + ` WHERE a.key = $1 AND a.ordinal > $2 ORDER BY a.ordinal`
		args = []any{key(no, q.Number), q.After.Ordinal}
	case q.After.Closed.IsZero():
		query += ` ORDER BY a.closed_at DESC, a.key DESC, a.ordinal DESC`
	default:
		query += ` AND (a.closed_at, a.key, a.ordinal) < ($2, $3, $4) ORDER BY a.closed_at DESC, a.key DESC, a.ordinal DESC`
		args = append(args, ms(q.After.Closed), key(no, q.After.Number), q.After.Ordinal)
	}
	query += fmt.Sprintf(` LIMIT $%d`, len(args)+1)
	args = append(args, q.Limit)
	var out []campaign.Attempt
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		a, err := scanAttempt(rows, id)
		out = append(out, a)
		return err
	}, query, args...)
	return out, s.readError(err)
}

func scanAttempt(rows *sql.Rows, id string) (campaign.Attempt, error) {
	a, _, err := scanAttemptOf(rows)
	a.ID = campaign.AttemptID(id, a.Number, a.Ordinal)
	return a, err
}

// scanAttemptOf reads an attempt without its id, and the recipient's key.
func scanAttemptOf(rows *sql.Rows) (campaign.Attempt, int64, error) {
	var a campaign.Attempt
	var address int
	var primary string
	var secondary, extra []byte
	var placed, closed sql.NullInt64
	var ring, talk int64
	o := &a.Outcome
	var k int64
	err := rows.Scan(&k, &a.Ordinal, &a.Lap, &a.Line, &address, &primary, &secondary, &a.Ref, &placed, &closed,
		&o.Code, &o.ProviderCode, &o.ProviderText, &o.Reason, &ring, &talk, &extra)
	if err != nil {
		return a, k, err
	}
	a.Number = numberOfKey(k)
	a.PlacedAt, o.At = at(placed), at(closed)
	o.Ring, o.Talk = time.Duration(ring)*time.Millisecond, time.Duration(talk)*time.Millisecond
	a.To = channel.Address(primary)
	more, err := addresses(secondary)
	if err != nil {
		return a, k, err
	}
	if address > 0 && address <= len(more) {
		a.To = more[address-1]
	}
	if len(extra) > 0 {
		var d detail
		if err := json.Unmarshal(extra, &d); err != nil {
			return a, k, fmt.Errorf("detail of an attempt of recipient %d: %w", a.Number, err)
		}
		o.AnsweredBy, o.HungUpBy, o.Goal, o.Collected, o.Dialogue = d.AnsweredBy, d.HungUpBy, d.Goal, d.Collected, d.Dialogue
		o.Agent, o.AgentVersion = d.Agent, d.Version
	}
	return a, k, nil
}

const flightQuery = `SELECT f.key, f.ordinal, l.id, COALESCE(n.name, ''), f.stage, f.placed_at, f.answered_at, COALESCE(r.name, ''), r.address, r.secondary, f.address
	FROM flight f JOIN line l ON l.no = f.line_no JOIN recipient r ON r.key = f.key LEFT JOIN node n ON n.no = f.node_no`

// scanOpen reads an open attempt without its campaign, and the recipient's key.
func scanOpen(rows *sql.Rows) (campaign.Flight, int64, error) {
	var f campaign.Flight
	var k int64
	var placed, answered sql.NullInt64
	var secondary []byte
	var address int
	if err := rows.Scan(&k, &f.Ordinal, &f.Line, &f.Node, &f.Stage, &placed, &answered, &f.Name, &f.To, &secondary, &address); err != nil {
		return f, k, err
	}
	f.Number, f.PlacedAt, f.AnsweredAt = numberOfKey(k), at(placed), at(answered)
	more, err := addresses(secondary)
	if address > 0 && address <= len(more) {
		f.To = more[address-1]
	}
	return f, k, err
}

// Flights gives the open attempts of a campaign, the oldest first.
func (s *Store) Flights(ctx context.Context, workspace, id string) ([]campaign.Flight, error) {
	no, err := s.campaignNo(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	var out []campaign.Flight
	after, before := keyBounds(no)
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		f, _, err := scanOpen(rows)
		f.Campaign, f.ID = id, campaign.AttemptID(id, f.Number, f.Ordinal)
		out = append(out, f)
		return err
	}, flightQuery+` WHERE f.key IN (SELECT key FROM flight WHERE key > $1 AND key < $2 ORDER BY placed_at, key LIMIT 1000) ORDER BY f.placed_at, f.key`,
		after, before)
	return out, s.readError(err)
}
