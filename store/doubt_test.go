package store_test

import (
	"database/sql"
	"testing"

	"campanario/dispatch"
	"campanario/internal/dbtest"
	"campanario/store"
)

// The answer to a commit got lost, and the server is still at it: whoever asks too soon must not be told that nothing
// was written.
func TestACommitThatIsStillGoingOnIsWaitedFor(t *testing.T) {
	url := dbtest.Postgres(t)
	now := noon
	s, err := store.Open(t.Context(), store.Options{URL: url, Clock: func() int64 { return now.UnixMilli() }})
	w := &world{Store: s, t: t, ctx: t.Context(), now: &now}
	w.must(err)
	defer s.Close() //nolint:errcheck // a test's
	_, err = s.Migrate(w.ctx)
	w.must(err)
	w.found()
	w.campaign("c", 1)
	token := w.claim("c", 1).Flights[0].Token
	raw, err := sql.Open("pgx", url)
	w.must(err)
	defer raw.Close() //nolint:errcheck // a test's
	run := func(q interface {
		Exec(string, ...any) (sql.Result, error)
	}, query string,
	) {
		t.Helper()
		_, err := q.Exec(query)
		w.must(err)
	}
	run(raw, `CREATE TABLE kept AS SELECT * FROM flight`)
	run(raw, `DELETE FROM flight`)
	claim, err := raw.Begin()
	w.must(err)
	run(claim, `INSERT INTO flight SELECT * FROM kept`)
	run(claim, `UPDATE line_run SET started = started + 1`)
	found := make(chan []dispatch.Flight, 1)
	go func() {
		f, err := s.Own(w.ctx, "line", []int64{token})
		if err != nil {
			t.Error(err)
		}
		found <- f
	}()
	for waits := 0; waits == 0; {
		select {
		case f := <-found:
			t.Fatalf("%d attempts are told of while the commit goes on", len(f))
		default:
		}
		w.must(raw.QueryRow(`SELECT COUNT(*) FROM pg_locks WHERE NOT granted`).Scan(&waits))
	}
	w.must(claim.Commit())
	if f := <-found; len(f) != 1 || f[0].Token != token {
		t.Errorf("found %+v", f)
	}
}
