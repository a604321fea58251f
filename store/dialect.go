package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite"
	sqlite3lib "modernc.org/sqlite/lib"
)

// dialect is everything in which the two databases differ.
type dialect interface {
	name() string
	// ddl turns the text of a migration into this database's: comments /*name: … */ become text.
	ddl(string) string
	// anyOf is a condition "column is one of those in $arg", with the argument that goes there: []int64 or []string.
	anyOf(column string, arg int, values any) (string, any)
	// keysOf is a table j with the names of a JSON object's members in its column key; member names an object inside it.
	keysOf(column, member string) string
	// now is the database's clock in milliseconds since 1970 UTC, as an expression.
	now() string
	// insert writes many rows; suffix is an ON CONFLICT clause or empty.
	insert(ctx context.Context, t *tx, table string, columns []string, rows [][]any, suffix string) error
	// encode makes rows for a table's columns ready for insert, beside the transaction; nil where there is no such form.
	encode(rows [][]any) ([]byte, error)
	// soon lets the commit of a transaction come back before it is on the disk. If the machine then fails, it and all that
	// were committed after it may be undone, in their order: for work that is done again from where the database says it is.
	// before and after are run on the connection outside of it, within at its beginning; each may be empty.
	soon() (before, within, after string)
	// again reports whether a transaction that failed so may simply be tried again.
	again(error) bool
	// duplicate reports whether an insert failed because of a unique index.
	duplicate(error) bool
	// gone reports whether the database itself is away or full: nothing is wrong with what was asked.
	gone(error) bool
}

func uncomment(name, text string) string {
	for {
		i := strings.Index(text, "/*"+name+":")
		if i < 0 {
			return text
		}
		j := strings.Index(text[i:], "*/")
		text = text[:i] + text[i+len("/*"+name+":"):i+j] + text[i+j+2:]
	}
}

// anyAmong is anyOf for numbers in a column that is not unique, and that an index begins with. It says too where they begin
// and end: of a table that it has no statistics of, PostgreSQL takes many such numbers for nearly all of it, and reads it
// whole.
func anyAmong(d dialect, column string, arg int, numbers []int64) (condition string, args []any) {
	var first, last int64
	if len(numbers) > 0 {
		first, last = slices.Min(numbers), slices.Max(numbers)
	}
	condition, list := d.anyOf(column, arg, numbers)
	return fmt.Sprintf("%s AND %s BETWEEN $%d AND $%d", condition, column, arg+1, arg+2), []any{list, first, last}
}

type postgres struct{}

func (postgres) name() string             { return "postgres" }
func (postgres) ddl(text string) string   { return uncomment("postgres", text) }
func (postgres) now() string              { return "(EXTRACT(EPOCH FROM clock_timestamp())*1000)::BIGINT" }
func (postgres) duplicate(err error) bool { return pgCode(err) == "23505" }
func (postgres) anyOf(column string, arg int, values any) (string, any) {
	return fmt.Sprintf("%s = ANY($%d)", column, arg), values
}

func pgCode(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// again is for serialisation failures and deadlocks.
func (postgres) again(err error) bool {
	code := pgCode(err)
	return code == "40001" || code == "40P01"
}

// gone is for classes 08 (connection), 53 (resources, disk full), 57P (shutdown) and broken sockets.
func (postgres) gone(err error) bool {
	code := pgCode(err)
	if code == "" {
		var ce *pgconn.ConnectError
		return errors.As(err, &ce) || pgconn.Timeout(err) || connectionBroken(err)
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "58")
}

// insert copies rows in binary where nothing can conflict: several times faster than statements.
func (postgres) insert(ctx context.Context, t *tx, table string, columns []string, rows [][]any, suffix string) error {
	if suffix == "" && len(rows) > 4 {
		return copyRows(ctx, t.conn, table, columns, rows)
	}
	return insertValues(ctx, t, "INSERT", table, columns, rows, suffix, numbered)
}

func numbered(n int, _ bool) string { return fmt.Sprintf("$%d", n) }

func (postgres) encode(rows [][]any) ([]byte, error) { return copyData(rows) }

func (postgres) soon() (before, within, after string) {
	return "", `SET LOCAL synchronous_commit = off`, ""
}

func (postgres) keysOf(column, member string) string {
	if member != "" {
		column += "->'" + member + "'"
	}
	return "jsonb_object_keys(" + column + ") AS j(key)"
}

type sqlite struct{}

func (sqlite) name() string                   { return "sqlite" }
func (sqlite) ddl(text string) string         { return uncomment("sqlite", text) }
func (sqlite) now() string                    { return "CAST(unixepoch('subsec')*1000 AS INTEGER)" }
func (sqlite) encode([][]any) ([]byte, error) { return nil, nil }

// soon leaves the log to the next transaction that must be on the disk, or to its being moved.
func (sqlite) soon() (before, within, after string) {
	return `PRAGMA synchronous = NORMAL`, "", `PRAGMA synchronous = FULL`
}

func (sqlite) keysOf(column, member string) string {
	if member != "" {
		column += ", '$." + member + "'"
	}
	return "json_each(" + column + ") AS j"
}

func (sqlite) anyOf(column string, arg int, values any) (string, any) {
	list, err := json.Marshal(values)
	if err != nil { // such lists always marshal
		panic(err)
	}
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, arg), string(list)
}

func sqliteCode(err error) int {
	var se *sqlite3.Error
	if errors.As(err, &se) {
		return se.Code()
	}
	return 0
}

func (sqlite) again(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == sqlite3lib.SQLITE_BUSY || code == sqlite3lib.SQLITE_LOCKED
}

func (sqlite) duplicate(err error) bool {
	code := sqliteCode(err)
	return code == sqlite3lib.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3lib.SQLITE_CONSTRAINT_PRIMARYKEY
}

func (sqlite) gone(err error) bool {
	switch sqliteCode(err) & 0xff {
	case sqlite3lib.SQLITE_FULL, sqlite3lib.SQLITE_IOERR, sqlite3lib.SQLITE_CANTOPEN, sqlite3lib.SQLITE_READONLY, sqlite3lib.SQLITE_BUSY:
		return true
	default:
		return connectionBroken(err)
	}
}

// insert keeps to bare question marks where it can: the driver asks for the names of all others. A statement
// that fails need not be taken back by itself, as its transaction always is: without OR FAIL every page that it changes
// is written down first.
func (sqlite) insert(ctx context.Context, t *tx, table string, columns []string, rows [][]any, suffix string) error {
	verb := "INSERT"
	if suffix == "" {
		verb = "INSERT OR FAIL"
	}
	return insertValues(ctx, t, verb, table, columns, rows, suffix, func(n int, again bool) string {
		if again {
			return fmt.Sprintf("?%d", n)
		}
		return "?"
	})
}
