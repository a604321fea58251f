package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// bare inserts one row of an attempt's size for each attempt, a thousand in a transaction, and nothing else: the floor of
// what any record of attempts costs in this database.
func bare(ctx context.Context, url string, n int) (time.Duration, error) {
	postgres := strings.HasPrefix(url, "postgres")
	driver := "sqlite"
	if postgres {
		driver = "pgx"
	} else {
		url = "file:" + url + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // the database is thrown away
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, `CREATE TABLE bare (campaign BIGINT, number BIGINT, placed_at BIGINT, closed_at BIGINT, code TEXT, detail TEXT, PRIMARY KEY (campaign, number))`)
	if err != nil {
		return 0, err
	}
	columns := []string{"campaign", "number", "placed_at", "closed_at", "code", "detail"}
	start := time.Now()
	for done := 0; done < n; done += 1000 {
		rows := make([][]any, min(1000, n-done))
		for i := range rows {
			rows[i] = []any{1, done + i, done, done, "sent", "250"}
		}
		if postgres {
			err = copyRows(ctx, db, columns, rows)
		} else {
			err = insertRows(ctx, db, columns, rows)
		}
		if err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

func copyRows(ctx context.Context, db *sql.DB, columns []string, rows [][]any) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // back to the pool
	return c.Raw(func(dc any) error {
		_, err := dc.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"bare"}, columns, pgx.CopyFromRows(rows))
		return err
	})
}

func insertRows(ctx context.Context, db *sql.DB, columns []string, rows [][]any) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // no-op after the commit
	for len(rows) > 0 {
		n := min(100, len(rows))
		marks := strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?),", n), ",")
		var args []any
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO bare (%s) VALUES %s", strings.Join(columns, ","), marks), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return tx.Commit()
}
