package store_test

import (
	"testing"
	"time"

	"campanario/internal/dbtest"
	"campanario/store"
)

func TestFileOf(t *testing.T) {
	for url, want := range map[string]string{
		"data/a.db": "data/a.db", "sqlite:/tmp/a.db": "/tmp/a.db", "postgres://u@h/d": "", "postgresql://h/d": "", "": "",
	} {
		path, ok := store.FileOf(url)
		if path != want || ok == (len(url) > 8 && url[:8] == "postgres") {
			t.Errorf("%q: %q, %v", url, path, ok)
		}
	}
}

func TestNowIsTheDatabasesClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		now, err := s.Now(t.Context())
		if d := time.Since(now).Abs(); err != nil || d > time.Minute {
			t.Errorf("now is %v (%v), %v", now, d, err)
		}
	})
}
