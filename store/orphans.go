package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"campanario/channel"
	"campanario/dispatch"
)

const flightFields = `f.token, c.id, f.key, f.ordinal, f.lap, f.address, f.placed_at, f.until_at, l.id, ` + flightState

func scanFlight(rows *sql.Rows, more ...any) (dispatch.Flight, error) {
	var f dispatch.Flight
	var k int64
	var before stateRow
	var placed, until sql.NullInt64
	fields := append([]any{&f.Token, &f.Campaign, &k, &f.Ordinal, &f.Lap, &f.Address, &placed, &until, &f.Line}, before.fields()...)
	err := rows.Scan(append(fields, more...)...)
	f.Number, f.PlacedAt, f.Until = numberOfKey(k), at(placed), at(until)
	if before.status.Valid {
		f.Before = before.standing()
	}
	return f, err
}

// Orphans gives open attempts on the line of nodes whose lease has run out. A node that asks has to have been alive
// itself for a while: after the database was away, everybody else seems dead for a moment.
func (s *Store) Orphans(ctx context.Context, line string, node int64, limit int) ([]dispatch.Orphan, error) {
	dead, err := s.deadNodes(ctx, node)
	if err != nil || len(dead) == 0 {
		return nil, err
	}
	no, err := s.lineNumber(ctx, s.reads, line)
	if err != nil {
		return nil, s.readError(err)
	}
	var out []dispatch.Orphan
	among, arg := s.d.anyOf("f.node_no", 3, dead)
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		var o dispatch.Orphan
		var address string
		var secondary []byte
		var zones sql.NullString
		var err error
		o.Flight, err = scanFlight(rows, &address, &secondary, &zones)
		if err != nil {
			return err
		}
		o.Zones = strings.Fields(zones.String)
		o.Addresses = []channel.Address{channel.Address(address)}
		more, err := addresses(secondary)
		if err != nil {
			return err
		}
		o.Addresses = append(o.Addresses, more...)
		out = append(out, o)
		return nil
	}, `SELECT `+flightFields+`, r.address, r.secondary, r.zones
		FROM flight f JOIN campaign c ON c.no = f.key >> 34 JOIN line l ON l.no = f.line_no
		JOIN recipient r ON r.key = f.key
		WHERE f.line_no = $1 AND `+among+` ORDER BY f.key LIMIT $2`, no, limit, arg)
	if err == nil && len(out) == 0 {
		err = s.bury(ctx, dead)
	}
	return out, s.readError(err)
}

// deadNodes gives the nodes whose lease has run out and that have not been buried; none to a node that has not been alive
// for long enough itself, or is not known as alive any more: one that slept must not take itself for dead.
func (s *Store) deadNodes(ctx context.Context, node int64) ([]int64, error) {
	var out []int64
	now := s.clockSQL()
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		out = append(out, no)
		return err
	}, `SELECT n.no FROM node n, node me WHERE me.no = $1 AND me.steady_at <= `+now+` AND me.expires_at > `+now+`
		AND n.expires_at <= `+now+` ORDER BY n.no`, node)
	return out, s.readError(err)
}

// buryAfter is how long, in milliseconds, a dead node is remembered: a claim of its that has begun is over by then.
const buryAfter = 60_000

// bury forgets dead nodes that have no attempt open on any line, so that looking for orphans costs nothing. The lease of a
// line can be good for longer than its node's: until it has run out there may be more attempts.
func (s *Store) bury(ctx context.Context, dead []int64) error {
	return s.write(ctx, func(t *tx) error {
		among, arg := t.d.anyOf("no", 1, dead)
		_, err := t.exec(ctx, `DELETE FROM node WHERE `+among+` AND expires_at <= `+s.clockSQL()+` - $2
			AND NOT EXISTS (SELECT 1 FROM line_run x WHERE x.node_no = node.no AND x.expires_at > `+s.clockSQL()+`)
			AND NOT EXISTS (SELECT 1 FROM flight f WHERE f.node_no = node.no)`, arg, buryAfter)
		return err
	})
}

// Own gives, of the tokens, those whose attempts are in the database. A claim holds its line's run row from its last
// statement until it is over: whoever has had the row after it sees what came of it.
func (s *Store) Own(ctx context.Context, line string, tokens []int64) ([]dispatch.Flight, error) {
	among, arg := s.d.anyOf("f.token", 1, tokens)
	var out []dispatch.Flight
	err := s.write(ctx, func(t *tx) error {
		out = nil
		no, err := s.lineNumber(ctx, t, line)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE line_run SET term = term WHERE line_no = $1`, no); err != nil {
			return err
		}
		return scan(ctx, t, func(rows *sql.Rows) error {
			f, err := scanFlight(rows)
			out = append(out, f)
			return err
		}, `SELECT `+flightFields+` FROM flight f JOIN campaign c ON c.no = f.key >> 34 JOIN line l ON l.no = f.line_no WHERE `+among, arg)
	})
	return out, err
}

// Air tells what else loads a line.
func (s *Store) Air(ctx context.Context, line string, node int64, now time.Time) (dispatch.Air, error) {
	var air dispatch.Air
	no, err := s.lineNumber(ctx, s.reads, line)
	if err != nil {
		return air, s.readError(err)
	}
	air.Of = map[string]int{}
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		var id sql.NullString
		var n int
		err := rows.Scan(&id, &n)
		air.Others += n
		air.Of[id.String] += n
		return err
	}, `SELECT c.id, x.n FROM (
			SELECT key >> 34 AS no, COUNT(*) AS n FROM flight WHERE line_no = $1 AND node_no <> $2 GROUP BY key >> 34
			UNION ALL SELECT campaign_no, COUNT(*) FROM airborne WHERE line_no = $1 AND until_at > $3 GROUP BY campaign_no
		) x LEFT JOIN campaign c ON c.no = x.no`, no, node, ms(now))
	if err != nil {
		return air, s.readError(err)
	}
	var last sql.NullInt64
	err = s.reads.QueryRowContext(ctx, `SELECT last_start_at FROM line_run WHERE line_no = $1`, no).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	air.LastStart = at(last)
	return air, s.readError(err)
}
