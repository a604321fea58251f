package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"campanario/store"
)

// TestANewFileIsPrivate: it holds people's addresses, and the folder may be one that others look into. What somebody has
// allowed since stays allowed.
func TestANewFileIsPrivate(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "campanario.db")
	open := func(want os.FileMode) {
		t.Helper()
		s, err := store.Open(t.Context(), store.Options{URL: path})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // nothing was written that counts
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(folder)
		if err != nil || len(files) < 3 { // the file, its lock, its log
			t.Fatalf("%v, %v", files, err)
		}
		for _, f := range files {
			info, err := f.Info()
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode != want && mode != 0o600 {
				t.Errorf("%s is %v, want %v", f.Name(), info.Mode(), want)
			}
		}
	}
	open(0o600)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	open(0o640)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
}
