package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"campanario/audience"
)

// tx is a write transaction: a connection with the statements run on it.
type tx struct {
	*sql.Tx
	conn *sql.Conn
	d    dialect
	// prepared are statements of conn, by their text; nil where the driver keeps them itself.
	prepared map[string]*sql.Stmt
	maxTerms int64 // see Options
	veil     *audience.Veil
}

// tries bounds how often a transaction that lost against another is run again.
const tries = 5

// write runs f in a write transaction and commits it; an error rolls everything back. f may run more than once and must
// not keep anything from a run that failed. SQLite's writer takes its lock at once, so a transaction never has to
// upgrade one.
func (s *Store) write(ctx context.Context, f func(*tx) error) error {
	return s.try(ctx, func() error { return s.writeOnce(ctx, f) })
}

// writeSoon is write with a commit that comes back before it is on the disk (see dialect.soon).
func (s *Store) writeSoon(ctx context.Context, f func(*tx) error) error {
	return s.try(ctx, func() error { return s.writeOnceSoon(ctx, f) })
}

func (s *Store) try(ctx context.Context, once func() error) error {
	var err error
	for range tries {
		if err = once(); err == nil || !s.d.again(err) || ctx.Err() != nil {
			break
		}
	}
	if err != nil && s.d.gone(err) {
		return unavailable(err)
	}
	return err
}

func (s *Store) writeOnce(ctx context.Context, f func(*tx) error) error {
	conn, done, err := s.writer(ctx)
	if err != nil {
		return err
	}
	defer done()
	return s.writeOn(ctx, conn, f)
}

func (s *Store) writeOnceSoon(ctx context.Context, f func(*tx) error) error {
	conn, done, err := s.writer(ctx)
	if err != nil {
		return err
	}
	defer done()
	before, within, after := s.d.soon()
	if before != "" {
		if _, err := conn.ExecContext(ctx, before); err != nil {
			return err
		}
	}
	if after != "" {
		defer func() {
			if _, err := conn.ExecContext(context.WithoutCancel(ctx), after); err != nil && s.turn != nil {
				_ = conn.Close() // the next one is as it should be
				s.sole, s.prepared = nil, nil
			}
		}()
	}
	return s.writeOn(ctx, conn, func(t *tx) error {
		if within != "" {
			if _, err := t.exec(ctx, within); err != nil {
				return err
			}
		}
		return f(t)
	})
}

func (s *Store) writeOn(ctx context.Context, conn *sql.Conn, f func(*tx) error) error {
	whole := ctx
	if s.turn != nil {
		// A transaction whose context ends is rolled back by a goroutine of database/sql's, some time later: the next one on
		// this connection would meet it. Its statements still end with ctx.
		whole = context.WithoutCancel(ctx)
	}
	t, err := conn.BeginTx(whole, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() //nolint:errcheck // no-op after the commit
	if err := f(&tx{Tx: t, conn: conn, d: s.d, prepared: s.prepared, maxTerms: s.maxTerms, veil: s.veil}); err != nil {
		return err
	}
	err = t.Commit()
	if s.moves != nil {
		s.moves.note()
	}
	return err
}

// writer gives a connection to write on. SQLite's only one is kept for good, with the statements prepared on it: making
// them anew for every batch costs a quarter of the time.
func (s *Store) writer(ctx context.Context) (*sql.Conn, func(), error) {
	if s.turn == nil {
		conn, err := s.writes.Conn(ctx)
		return conn, func() { _ = conn.Close() }, err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	done := func() { <-s.turn }
	if s.sole == nil {
		conn, err := s.writes.Conn(ctx)
		if err != nil {
			done()
			return nil, nil, err
		}
		s.sole, s.prepared = conn, map[string]*sql.Stmt{}
	}
	return s.sole, done, nil
}

// read runs f on one consistent snapshot.
func (s *Store) read(ctx context.Context, f func(*sql.Tx) error) error {
	t, err := s.reads.BeginTx(ctx, &sql.TxOptions{Isolation: s.snapshot(), ReadOnly: s.Shared()})
	if err != nil {
		return s.readError(err)
	}
	defer t.Rollback() //nolint:errcheck // nothing was written
	return s.readError(f(t))
}

func (s *Store) snapshot() sql.IsolationLevel {
	if s.Shared() {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault // every transaction of SQLite sees one snapshot
}

func (s *Store) readError(err error) error {
	if err != nil && s.d.gone(err) {
		return unavailable(err)
	}
	return err
}

// insert writes many rows; suffix is an ON CONFLICT clause or empty.
func (t *tx) insert(ctx context.Context, table string, columns []string, rows [][]any, suffix string) error {
	if len(rows) == 0 {
		return nil
	}
	columns, rows = withoutNulls(columns, rows)
	if err := t.d.insert(ctx, t, table, columns, rows, suffix); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

// batch is rows that are made ready beside the transaction that inserts them.
type batch struct {
	table   string
	columns []string
	rows    [][]any
	suffix  string // an ON CONFLICT clause or empty
	data    []byte // the rows instead, where the database takes them ready-made
}

// pack makes the rows ready.
func (b *batch) pack(d dialect) error {
	b.columns, b.rows = withoutNulls(b.columns, b.rows)
	if b.suffix != "" || len(b.rows) == 0 {
		return nil
	}
	var err error
	if b.data, err = d.encode(b.rows); err != nil {
		return fmt.Errorf("encode for %s: %w", b.table, err)
	}
	if b.data != nil {
		b.rows = nil
	}
	return nil
}

func (t *tx) insertBatch(ctx context.Context, b *batch) error {
	if b.data == nil {
		return t.insert(ctx, b.table, b.columns, b.rows, b.suffix)
	}
	if err := copyEncoded(ctx, t.conn, b.table, b.columns, b.data); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	return nil
}

// withoutNulls leaves out the columns in which there is nothing in any row: most files of contacts fill a few of twenty.
func withoutNulls(columns []string, rows [][]any) ([]string, [][]any) {
	var used []int
	for i := range columns {
		if slices.ContainsFunc(rows, func(row []any) bool { return row[i] != nil }) {
			used = append(used, i)
		}
	}
	if len(used) == len(columns) {
		return columns, rows
	}
	names := make([]string, len(used))
	for k, i := range used {
		names[k] = columns[i]
	}
	all := make([]any, len(used)*len(rows))
	out := make([][]any, len(rows))
	for r, row := range rows {
		out[r] = all[r*len(used) : (r+1)*len(used) : (r+1)*len(used)]
		for k, i := range used {
			out[r][k] = row[i]
		}
	}
	return names, out
}

// put writes where recipients stand; none of them may have a row in the tables yet.
func (t *tx) put(ctx context.Context, p *put) error {
	if err := t.insert(ctx, "wait", waitColumns, p.waits, ""); err != nil {
		return err
	}
	return t.insert(ctx, "standing", standingColumns, p.standings, "")
}

// exec runs a statement and says how many rows it changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// serial gives the next number of a kind of thing.
func (t *tx) serial(ctx context.Context, name string) (int64, error) {
	var n int64
	err := t.QueryRowContext(ctx, `INSERT INTO serial (name, last) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET last = serial.last + 1 RETURNING last`, name).Scan(&n)
	return n, err
}

// pulse tells every node that something changed that the engine acts on.
func (t *tx) pulse(ctx context.Context) error {
	_, err := t.exec(ctx, `UPDATE pulse SET n = n + 1`)
	return err
}

// perStatement are the numbers of rows that one INSERT carries, so that every batch is made of statements that are kept
// prepared: beyond some 100 rows nothing is gained.
var perStatement = [...]int{100, 20, 4, 1}

// insertValues writes rows by statements. What all of them say in a column is given once in each: to give a value costs as
// much as to write it.
func insertValues(ctx context.Context, t *tx, verb, table string, columns []string, rows [][]any, suffix string, param func(n int, again bool) string) error {
	order, once := sharedFirst(rows)
	names := make([]string, len(columns))
	for k, j := range order {
		names[k] = columns[j]
	}
	var args []any
	for _, n := range perStatement {
		if len(rows) < n {
			continue
		}
		query := valuesQuery(verb, table, names, n, once, suffix, param)
		for len(rows) >= n {
			args = args[:0]
			for i, row := range rows[:n] {
				for k, j := range order {
					if k >= once || i == 0 {
						args = append(args, row[j])
					}
				}
			}
			if _, err := t.ExecContext(ctx, query, args...); err != nil {
				return err
			}
			rows = rows[n:]
		}
	}
	return nil
}

// sharedFirst gives the columns in an order that begins with the first few, in which all of many rows say the same.
func sharedFirst(rows [][]any) (order []int, shared int) {
	if len(rows) == 0 {
		return nil, 0
	}
	var others []int
	for j, first := range rows[0] {
		same := len(rows) >= perStatement[0]
		switch first.(type) {
		case string, int, int64:
			same = same && !slices.ContainsFunc(rows, func(row []any) bool { return row[j] != first })
		default:
			same = false
		}
		if same {
			order = append(order, j)
		} else {
			others = append(others, j)
		}
	}
	return append(order, others...), len(order)
}

// valuesQuery is an INSERT of n rows. The first columns, shared, have the same parameters in all of them. param writes the
// n-th parameter, or one that is there already.
func valuesQuery(verb, table string, columns []string, n, shared int, suffix string, param func(n int, again bool) string) string {
	var q strings.Builder
	fmt.Fprintf(&q, "%s INTO %s (%s) VALUES ", verb, table, strings.Join(columns, ", "))
	for i := range n {
		if i > 0 {
			q.WriteByte(',')
		}
		for j := range columns {
			q.WriteByte("(,"[min(j, 1)])
			if j < shared {
				q.WriteString(param(j+1, true))
			} else {
				q.WriteString(param(i*(len(columns)-shared)+j+1, false))
			}
		}
		q.WriteByte(')')
	}
	q.WriteString(" " + suffix)
	return q.String()
}

// mostPrepared bounds the statements kept prepared on SQLite's writer.
const mostPrepared = 200

// prepare gives the statement ready-made; nil where the driver keeps statements itself, or too many are kept.
func (t *tx) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if t.prepared == nil {
		return nil, nil
	}
	if stmt := t.prepared[query]; stmt != nil || len(t.prepared) >= mostPrepared {
		return stmt, nil
	}
	stmt, err := t.conn.PrepareContext(ctx, query)
	if err == nil {
		t.prepared[query] = stmt
	}
	return stmt, err
}

// ExecContext is that of sql.Tx, with prepared statements.
func (t *tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := t.prepare(ctx, query) //nolint:sqlclosecheck // kept for the next transaction
	if stmt == nil || err != nil {
		return t.Tx.ExecContext(ctx, query, args...)
	}
	return stmt.ExecContext(ctx, args...)
}

// QueryContext is that of sql.Tx, with prepared statements.
func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepare(ctx, query) //nolint:sqlclosecheck // kept for the next transaction
	if stmt == nil || err != nil {
		return t.Tx.QueryContext(ctx, query, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// QueryRowContext is that of sql.Tx, with prepared statements.
func (t *tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := t.prepare(ctx, query) //nolint:sqlclosecheck // kept for the next transaction
	if stmt == nil || err != nil {
		return t.Tx.QueryRowContext(ctx, query, args...)
	}
	return stmt.QueryRowContext(ctx, args...)
}

// scan runs a query and calls each for every row.
func scan(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, each func(*sql.Rows) error, query string, args ...any,
) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err below is what counts
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func connectionBroken(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // our own patience, not the database
	}
	var ne net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) || errors.As(err, &ne)
}
