package dbtest

import (
	"context"
	"path/filepath"
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

// Open gives a fresh migrated store on the database of the name.
func Open(t testing.TB, name string, o store.Options) *store.Store {
	t.Helper()
	if name == "postgres" {
		o.URL = Postgres(t)
	} else {
		o.URL = filepath.Join(t.TempDir(), "campanario.db")
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
