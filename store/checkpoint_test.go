package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"campanario/audience"
	"campanario/store"
)

// TestTheLogIsMovedBesideTheWriter: long before the writer would do it itself, which is at 32,000 pages.
func TestTheLogIsMovedBesideTheWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "campanario.db")
	s, err := store.Open(t.Context(), store.Options{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written that counts
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // it only reads
	var busy, frames, moved int
	for n := 0; moved == 0; n++ {
		list := make([]audience.Incoming, 2000)
		for i := range list {
			list[i].Contact = audience.Contact{Name: fmt.Sprint("Pessoa ", n, "-", i), ExternalID: fmt.Sprint(n, "-", i)}
		}
		if err := s.MergeContacts(t.Context(), "ws", list, audience.MergeOptions{By: audience.MergeKeys(), Now: time.UnixMilli(1)}); err != nil {
			t.Fatal(err)
		}
		if err := raw.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &frames, &moved); err != nil {
			t.Fatal(err)
		}
		if frames > 30_000 {
			t.Fatalf("%d pages are in the log, and none of them was moved", frames)
		}
	}
}
