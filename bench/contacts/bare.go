package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver
	_ "modernc.org/sqlite"             // the "sqlite" driver
)

// floor inserts the file's rows, ready-made, into one table without any index: by COPY into PostgreSQL, a hundred a
// statement into SQLite.
func floor(ctx context.Context, url string, file *os.File) (time.Duration, error) {
	rows, err := lines(file)
	if err != nil {
		return 0, err
	}
	if strings.HasPrefix(url, "postgres") {
		return floorPostgres(ctx, url, rows)
	}
	return floorSQLite(ctx, url, rows)
}

const columns = 9

func floorPostgres(ctx context.Context, url string, rows [][]byte) (time.Duration, error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer c.Close(ctx) //nolint:errcheck // the database is thrown away
	if _, err := c.Exec(ctx, `CREATE TABLE floor (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, h TEXT, i TEXT)`); err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = c.PgConn().CopyFrom(ctx, bytes.NewReader(bytes.Join(rows, []byte("\n"))), `COPY floor FROM STDIN (DELIMITER ';')`)
	return time.Since(began), err
}

func floorSQLite(ctx context.Context, url string, rows [][]byte) (time.Duration, error) {
	db, err := sql.Open("sqlite", "file:"+url+".floor?_pragma=journal_mode(wal)&_pragma=synchronous(normal)")
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // the database is thrown away
	if _, err := db.ExecContext(ctx, `CREATE TABLE floor (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT, h TEXT, i TEXT)`); err != nil {
		return 0, err
	}
	const batch = 100
	query := `INSERT INTO floor VALUES ` + strings.TrimSuffix(strings.Repeat("("+strings.TrimSuffix(strings.Repeat("?,", columns), ",")+"),", batch), ",")
	began := time.Now()
	for len(rows) >= batch {
		n := min(len(rows)/batch*batch, 50_000)
		if err := insert(ctx, db, query, rows[:n], batch); err != nil {
			return 0, err
		}
		rows = rows[n:]
	}
	return time.Since(began), nil
}

func insert(ctx context.Context, db *sql.DB, query string, rows [][]byte, batch int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // no-op after the commit
	stmt, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer stmt.Close() //nolint:errcheck // nothing is lost
	args := make([]any, 0, batch*columns)
	for len(rows) > 0 {
		args = args[:0]
		for _, row := range rows[:batch] {
			for _, cell := range bytes.SplitN(row, []byte(";"), columns) {
				args = append(args, string(cell))
			}
		}
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return err
		}
		rows = rows[batch:]
	}
	return tx.Commit()
}
