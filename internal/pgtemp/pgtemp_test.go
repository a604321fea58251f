package pgtemp_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"campanario/internal/pgtemp"
)

// TestHaltedServerComesBackWithWhatWasCommitted: and nothing else tells that it was away.
func TestHaltedServerComesBackWithWhatWasCommitted(t *testing.T) {
	ctx := t.Context()
	s, err := pgtemp.Start(ctx, "fsync=off")
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (make test installs it): %v", err)
	}
	defer s.Stop()
	c, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	s.Halt()
	if _, err := pgx.Connect(ctx, s.URL); err == nil {
		t.Fatal("a halted server answers")
	}
	if err := s.Resume(ctx); err != nil {
		t.Fatal(err)
	}
	c, err = pgx.Connect(ctx, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	var n int
	if err := c.QueryRow(ctx, "SELECT n FROM kept").Scan(&n); err != nil || n != 7 {
		t.Errorf("kept %d, %v", n, err)
	}
}
