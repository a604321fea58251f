package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
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

// Thousands a second come into tables of which PostgreSQL has no statistics for a minute: looking many up must not read all
// of one meanwhile.
func TestManyNumbersAreLookedUpByIndexWithoutStatistics(t *testing.T) {
	url := dbtest.Postgres(t)
	s, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a test's
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // a test's
	numbers := make([]int64, 100)
	for i := range numbers {
		numbers[i] = int64(i) * 500
	}
	for table, c := range map[string]struct{ column, fill string }{
		"reach": {"mark", `INSERT INTO reach (mark, contact_no) SELECT n, n FROM generate_series(1, 50000) n`},
		"consent": {"contact_no", `INSERT INTO consent (no, workspace_id, contact_no, given, source, at, kept_at)
			SELECT n, 'ws', n, TRUE, 'form', 0, 0 FROM generate_series(1, 50000) n`},
	} {
		if _, err := raw.ExecContext(t.Context(), c.fill); err != nil {
			t.Fatal(err)
		}
		where, args := store.Among(c.column, numbers)
		var plan string
		err := raw.QueryRowContext(t.Context(), `EXPLAIN (FORMAT JSON) SELECT contact_no FROM `+table+` WHERE `+where, args...).Scan(&plan)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "Index") {
			t.Errorf("%s is read so:\n%s", table, plan)
		}
	}
}
