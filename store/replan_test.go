package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"campanario/internal/dbtest"
	"campanario/store"
)

// Many people have come at once: the database must know of them before the campaign starts, not a minute later.
func TestTheDatabaseKnowsOfManyNewcomers(t *testing.T) {
	for name, c := range map[string]struct{ driver, url, known string }{
		"sqlite":   {"sqlite", filepath.Join(t.TempDir(), "c.db"), `SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'`},
		"postgres": {"pgx", dbtest.Postgres(t), `SELECT COUNT(*) FROM pg_stats WHERE tablename = 'recipient' AND attname = 'key'`},
	} {
		t.Run(name, func(t *testing.T) {
			now := noon
			s, err := store.Open(t.Context(), store.Options{URL: c.url})
			w := &world{Store: s, t: t, ctx: t.Context(), now: &now}
			w.must(err)
			defer s.Close() //nolint:errcheck // a test's
			_, err = s.Migrate(w.ctx)
			w.must(err)
			w.found()
			raw, err := sql.Open(c.driver, c.url)
			w.must(err)
			defer raw.Close() //nolint:errcheck // a test's
			knows := func() bool {
				t.Helper()
				var n int
				w.must(raw.QueryRow(c.known).Scan(&n))
				return n > 0
			}
			w.campaign("few", 100)
			if knows() {
				t.Fatal("the database looked at its tables for nothing")
			}
			w.campaign("many", 20_000)
			if !knows() {
				t.Error("the database has not looked at its tables")
			}
		})
	}
}
