package dbtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"campanario/store"
)

// Each runs a test on each database, with a fresh migrated store.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachWith(t, store.Options{}, f)
}

// EachWith is Each with options of the store's.
func EachWith(t *testing.T, o store.Options, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) { f(t, Open(t, name, o)) })
	}
}

// Open gives a fresh migrated store on the database of the name. Migrations run once for the test process: stores begin as
// copies.
func Open(t testing.TB, name string, o store.Options) *store.Store {
	t.Helper()
	if name == "postgres" {
		o.URL = copied(t)
	} else {
		o.URL = filepath.Join(t.TempDir(), "campanario.db")
		file, err := modelFile()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(o.URL, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// copied gives a new migrated database: of our own server a copy, on another's an empty one, for nobody would remove the
// model from there.
func copied(t testing.TB) string {
	t.Helper()
	if os.Getenv(postgresVariable) != "" {
		return Postgres(t)
	}
	from, err := model()
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (make test installs it): %v", err)
	}
	return create(t, from)
}

// modelFile is the file of a migrated SQLite database.
var modelFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // temporary
	path := filepath.Join(dir, "campanario.db")
	if err := migrated(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// migrated brings the empty database of a URL to the schema.
func migrated(url string) error {
	s, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return err
	}
	_, err = s.Migrate(context.Background())
	return errors.Join(err, s.Close())
}
