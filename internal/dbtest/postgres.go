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

// Postgres gives the URL of a new empty database, which is dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (make test installs it): %v", err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	admin(t, base, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, base, "DROP DATABASE "+name+" WITH (FORCE)") })
	i := strings.LastIndex(base, "/")
	query := ""
	if q := strings.IndexByte(base[i:], '?'); q >= 0 {
		query = base[i+q:]
	}
	return base[:i+1] + name + query
}

func admin(t testing.TB, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's connection
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
