// Package dbtest gives tests a fresh, migrated store on each of the two databases.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver

	"campanario/internal/pgtemp"
)

// postgresVariable names a server to use instead of one of our own: postgres://user@host:port/database, by a user who may
// create databases.
const postgresVariable = "CAMPANARIO_TEST_POSTGRES"

// server is one for the test process. Nothing it writes has to outlive the machine's power.
var server = sync.OnceValues(func() (string, error) {
	if url := os.Getenv(postgresVariable); url != "" {
		return url, nil
	}
	s, err := pgtemp.Start(context.Background(), "fsync=off", "full_page_writes=off", "synchronous_commit=off")
	if err != nil {
		return "", err
	}
	return s.URL, nil
})

var databases atomic.Int64

// model is a database of our server that is migrated already, which new ones are copied from.
var model = sync.OnceValues(func() (string, error) {
	base, err := server()
	if err != nil {
		return "", err
	}
	if err := admin(base, "CREATE DATABASE model"); err != nil {
		return "", err
	}
	return "model", migrated(within(base, "model"))
})

// Postgres gives the URL of a new empty database, which is dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

// create makes a database, a copy of another one if it is named, which is dropped when the test ends.
func create(t testing.TB, from string) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (make test installs it): %v", err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	statement := "CREATE DATABASE " + name
	if from != "" {
		statement += " TEMPLATE " + from
	}
	if err := admin(base, statement); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin(base, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return within(base, name)
}

// within is the URL of another database of the same server.
func within(base, name string) string {
	i := strings.LastIndex(base, "/")
	query := ""
	if q := strings.IndexByte(base[i:], '?'); q >= 0 {
		query = base[i+q:]
	}
	return base[:i+1] + name + query
}

func admin(url, statement string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // a test's connection
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
