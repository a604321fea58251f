package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
)

func TestMigrateTwiceDoesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		done, err := s.Migrate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(done) != 0 {
			t.Errorf("second Migrate took the steps %v", done)
		}
		have, want, err := s.Schema(context.Background())
		if err != nil || have != want || have < 1 {
			t.Errorf("schema %d of %d, %v", have, want, err)
		}
	})
}

// TestOneProcessPerFile: a second one is refused, and told who has it; when the first lets go, the file is free.
func TestOneProcessPerFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "campanario.db")
	first, err := store.Open(t.Context(), store.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), store.Options{URL: "sqlite:" + path})
	if !fault.Is(err, "database_in_use") || fault.All(err)[0].Params["pid"] != strconv.Itoa(os.Getpid()) {
		t.Errorf("a second process: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), store.Options{URL: path})
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	for url, code := range map[string]string{
		"": "database_path_empty",
		filepath.Join(t.TempDir(), "no", "folder"): "database_path_unusable",
		"postgres://user@127.0.0.1:1/none":         "database_unavailable",
		"postgres://user@127.0.0.1:notaport/none":  "database_url_invalid",
	} {
		s, err := store.Open(t.Context(), store.Options{URL: url})
		if err == nil {
			_ = s.Close()
		}
		if !fault.Is(err, code) {
			t.Errorf("%q: %v, want %s", url, err, code)
		}
	}
}

// TestANewerSchemaIsRefused: an older program keeps its hands off.
func TestANewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "campanario.db")
	s, err := store.Open(t.Context(), store.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a test's database
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's database
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); !fault.Is(err, "schema_newer") {
		t.Errorf("migrated: %v", err)
	}
}
