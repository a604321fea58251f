package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"campanario/cluster"
)

var _ cluster.Store = (*Store)(nil)

// Join makes a node. On SQLite it is the only one, for the file's lock keeps others out: whatever was before is dead.
func (s *Store) Join(ctx context.Context, name string, ttl time.Duration) (int64, error) {
	var no int64
	err := s.write(ctx, func(t *tx) error {
		var err error
		if no, err = t.serial(ctx, "node"); err != nil {
			return err
		}
		steady := ttl.Milliseconds()
		if !s.Shared() && s.clock == nil {
			steady = 0
			if _, err := t.exec(ctx, `UPDATE node SET expires_at = 0`); err != nil {
				return err
			}
			if _, err := t.exec(ctx, `UPDATE line_run SET expires_at = 0`); err != nil {
				return err
			}
			for _, table := range []string{"import", "filling", "errand", "report"} {
				if _, err := t.exec(ctx, `UPDATE `+table+` SET lease_until = NULL WHERE lease_until IS NOT NULL`); err != nil {
					return err
				}
			}
		}
		_, err = t.exec(ctx, `INSERT INTO node (no, name, started_at, expires_at, steady_at)
			VALUES ($1, $2, `+s.clockSQL()+`, `+s.clockSQL()+` + $3, `+s.clockSQL()+` + $4)`, no, name, ttl.Milliseconds(), steady)
		return err
	})
	return no, err
}

// Beat says that the node is alive and renews its leases.
func (s *Store) Beat(ctx context.Context, node int64, ttl time.Duration) (cluster.View, error) {
	var v cluster.View
	err := s.write(ctx, func(t *tx) error {
		v = cluster.View{}
		now := s.clockSQL()
		n, err := t.exec(ctx, `UPDATE node SET expires_at = `+now+` + $1 WHERE no = $2 AND expires_at > `+now, ttl.Milliseconds(), node)
		if err != nil {
			return err
		}
		v.Alive = n > 0
		if n == 0 { // given up meanwhile; what was ours has been, or will be, taken over
			_, err := t.exec(ctx, `INSERT INTO node (no, name, started_at, expires_at, steady_at) VALUES ($2, '', `+now+`, `+now+` + $1, `+now+` + $1)
				ON CONFLICT (no) DO UPDATE SET expires_at = excluded.expires_at, steady_at = excluded.steady_at`, ttl.Milliseconds(), node)
			if err != nil {
				return err
			}
		}
		_, err = t.exec(ctx, `UPDATE line_run SET expires_at = `+now+` + $1 WHERE node_no = $2 AND expires_at > `+now, ttl.Milliseconds(), node)
		return err
	})
	if err != nil {
		return v, err
	}
	err = s.read(ctx, func(t *sql.Tx) error {
		now := s.clockSQL()
		if err := scan(ctx, t, func(rows *sql.Rows) error {
			var no int64
			err := rows.Scan(&no)
			v.Nodes = append(v.Nodes, no)
			return err
		}, `SELECT no FROM node WHERE expires_at > `+now+` ORDER BY no`); err != nil {
			return err
		}
		return scan(ctx, t, func(rows *sql.Rows) error {
			var row lineRow
			var holder, term sql.NullInt64
			if err := rows.Scan(append(row.fields(), &holder, &term)...); err != nil {
				return err
			}
			line, err := row.line(s.secrets)
			if err != nil {
				s.log.Error("line_unreadable", "line", row.l.ID, "error", err)
				return nil
			}
			s.lines.put(line.ID, row.no)
			v.Lines = append(v.Lines, cluster.Lease{Line: line, Node: holder.Int64, Term: term.Int64})
			return nil
		}, `SELECT `+lineColumns+`, CASE WHEN x.expires_at > `+now+` THEN x.node_no END, x.term
			FROM line l LEFT JOIN line_run x ON x.line_no = l.no WHERE l.deleted_at IS NULL ORDER BY l.no`)
	})
	return v, err
}

// Take leases a line that nobody holds.
func (s *Store) Take(ctx context.Context, node int64, line string, ttl time.Duration) (term int64, ok bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		no, err := s.lineNumber(ctx, t, line)
		if err != nil {
			return err
		}
		now := s.clockSQL()
		err = t.QueryRowContext(ctx, `INSERT INTO line_run (line_no, node_no, term, expires_at, day, started) VALUES ($1, $2, 1, `+now+` + $3, 0, 0)
			ON CONFLICT (line_no) DO UPDATE SET node_no = excluded.node_no, term = line_run.term + 1, expires_at = excluded.expires_at
			WHERE line_run.expires_at <= `+now+` RETURNING term`, no, node, ttl.Milliseconds()).Scan(&term)
		if errors.Is(err, sql.ErrNoRows) {
			ok = false
			return nil
		}
		ok = err == nil
		return err
	})
	return term, ok, err
}

// Drop lets a lease go.
func (s *Store) Drop(ctx context.Context, node int64, line string, term int64) error {
	return s.write(ctx, func(t *tx) error {
		no, err := s.lineNumber(ctx, t, line)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE line_run SET expires_at = 0 WHERE line_no = $1 AND node_no = $2 AND term = $3`, no, node, term)
		return err
	})
}

// Leave ends a node: what it has left open is given up at once.
func (s *Store) Leave(ctx context.Context, node int64) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE node SET expires_at = 0 WHERE no = $1`, node)
		return err
	})
}
