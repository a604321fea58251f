// Package store keeps everything in SQLite or PostgreSQL. A query is written once, in the SQL that both speak, with $1…;
// what differs stands in dialect.go. Inner packages declare the interfaces that Store implements.
//
// # Shape
//
// A recipient is known by one integer made of the campaign's number and theirs (campaign.Number), which is also their place
// in the order of contact. Where somebody is in the engine is never a column of their own:
//
//   - recipient  who they are; written once, when they are added
//   - run        the campaign's state and, per priority, the cursor: everybody at or before it has had their first turn
//   - wait       those who wait for a time, after an attempt or before the first; claimed by deleting
//   - flight     open attempts; one per recipient by its primary key; its token fences the claim
//   - standing   those who are settled
//   - attempt    closed attempts, written once
//   - tally      counters, kept in the transaction that changes what they count
//   - slice      the same by the quarter of an hour in which attempts were placed
//
// Whoever changes where somebody stands updates the campaign's run row in the same transaction, which serialises claims,
// laps, people's actions and the change of the campaign's state against each other.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the "sqlite" driver

	"campanario/audience"
	"campanario/internal/fault"
	"campanario/rules"
)

// Store is a database. It is safe for concurrent use.
type Store struct {
	d      dialect
	reads  *sql.DB // a pool; PostgreSQL's only one
	writes *sql.DB // SQLite's single writer; the same pool as reads on PostgreSQL
	log    *slog.Logger
	clock  func() int64 // replaces the database's clock in simulations; nil otherwise
	unlock func() error

	// SQLite's writer: turn is held by whoever writes, and guards the rest. Nil on PostgreSQL.
	turn     chan struct{}
	sole     *sql.Conn
	prepared map[string]*sql.Stmt

	secrets  Sealer
	maxTerms int64
	window   int // how many rows a request for a page looks at
	packs    rules.Packs
	veil     *audience.Veil

	moves *checkpointer // of SQLite's log

	recipients, contacts, suppressions growth // that this process added

	campaigns keys // campaign id → number
	lines     keys // line id → number

	watchers watchers
}

// Options for Open.
type Options struct {
	// URL is postgres://… or the path of an SQLite file (a plain path or sqlite:path). An SQLite file is for one
	// process at a time.
	URL string
	Log *slog.Logger
	// Clock, in milliseconds since 1970 UTC, replaces the database's clock for leases. Only simulations set it.
	Clock func() int64
	// Secrets encrypts what lines keep secret; without it, lines with secrets can be neither written nor read.
	Secrets Sealer
	// Veil recognises addresses of people who were erased; without it nobody can be.
	Veil *audience.Veil
	// MaxConns bounds connections to PostgreSQL; 0 means 16.
	MaxConns int
	// MaxTerms is how many values of an attribute are indexed; 0 means 2,000. One with more, such as a contract's number,
	// tells people apart and groups nobody.
	MaxTerms int64
	// Packs are the packs of law that workspaces choose from; nil means those that come with the program.
	Packs rules.Packs
}

// Open connects to the database and checks that it answers. It does not migrate. A SQLite file that another process has
// open is refused with the conflict database_in_use.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{log: o.Log, clock: o.Clock, secrets: o.Secrets, maxTerms: o.MaxTerms, window: windowRows, packs: o.Packs, veil: o.Veil}
	if s.maxTerms == 0 {
		s.maxTerms = 2000
	}
	if s.packs == nil {
		shipped, err := rules.Shipped()
		if err != nil {
			return nil, err
		}
		s.packs = shipped
	}
	if s.secrets == nil {
		s.secrets = noSecrets{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if path, file := FileOf(o.URL); file {
		err = s.openSQLite(ctx, path)
	} else {
		err = s.openPostgres(o)
	}
	if err == nil {
		err = s.writes.PingContext(ctx)
	}
	if err != nil {
		s.Close() //nolint:errcheck // the first error says what is wrong
		return nil, unavailable(err)
	}
	return s, nil
}

func unavailable(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.New(fault.Unavailable, "database_unavailable", nil).Because(err)
}

func (s *Store) openPostgres(o Options) error {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return fault.New(fault.Invalid, "database_url_invalid", nil).Because(err)
	}
	// The engine's tables are empty at one moment and full at the next: a plan made for one and kept for the other scans.
	config.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	config.RuntimeParams["random_page_cost"] = "1.1" // what is hot is in memory
	config.RuntimeParams["application_name"] = "campanario"
	db := stdlib.OpenDB(*config)
	n := o.MaxConns
	if n == 0 {
		n = 16
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s.d, s.reads, s.writes = postgres{}, db, db
	return nil
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	s.d = sqlite{}
	if path == "" {
		return fault.New(fault.Invalid, "database_path_empty", nil)
	}
	unlock, err := lockFile(path)
	if err != nil {
		return err
	}
	s.unlock = unlock
	if err := private(path); err != nil {
		return err
	}
	dsn := sqliteDSN(path)
	if s.writes, err = sql.Open("sqlite", dsn+"&_txlock=immediate"); err != nil {
		return err
	}
	s.writes.SetMaxOpenConns(2) // the writer, and migrations beside it
	s.turn = make(chan struct{}, 1)
	if s.reads, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)&_pragma=cache_size(-8192)"); err != nil {
		return err
	}
	s.reads.SetMaxOpenConns(8)
	s.reads.SetMaxIdleConns(8)
	s.moves = newCheckpointer(ctx, s.reads)
	return nil
}

func sqliteDSN(path string) string {
	return "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32768)&_pragma=journal_size_limit(67108864)&_pragma=analysis_limit(1000)" +
		"&_pragma=wal_autocheckpoint(" + strconv.Itoa(framesMost) + ")"
}

// Dialect is "postgres" or "sqlite", for people.
func (s *Store) Dialect() string { return s.d.name() }

// Shared reports whether several processes may use the database at once.
func (s *Store) Shared() bool { return s.d.name() == "postgres" }

// Close ends all connections and gives a SQLite file free.
func (s *Store) Close() error {
	var errs []error
	if s.moves != nil {
		s.moves.close()
	}
	if s.turn != nil {
		s.turn <- struct{}{}
		if s.sole != nil {
			errs = append(errs, s.sole.Close())
			s.sole = nil
		}
	}
	if s.reads != nil && s.reads != s.writes {
		errs = append(errs, s.reads.Close())
	}
	if s.writes != nil {
		errs = append(errs, s.writes.Close())
	}
	if s.unlock != nil {
		errs = append(errs, s.unlock())
	}
	return errors.Join(errs...)
}

// noSecrets refuses.
type noSecrets struct{}

func (noSecrets) Seal([]byte) (string, error) { return "", errNoKey }
func (noSecrets) Open(string) ([]byte, error) { return nil, errNoKey }

var errNoKey = errors.New("store: no key for secrets")

// keys remembers numbers that never change.
type keys struct{ m sync.Map }

func (k *keys) get(id string) (int64, bool) {
	v, ok := k.m.Load(id)
	if !ok {
		return 0, false
	}
	return v.(int64), true
}

func (k *keys) put(id string, no int64) { k.m.Store(id, no) }

func notFound(what, id string) error {
	return fault.New(fault.NotFound, what+"_not_found", fault.Params{"id": id})
}

// ms is an instant as it is stored; the zero time is NULL.
func ms(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// at is the instant that was stored.
func at(v sql.NullInt64) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return time.UnixMilli(v.Int64).UTC()
}

// null stores an empty text as NULL.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// lockFile makes this process the only one on the SQLite file, for as long as it lives: the kernel lets go of the lock
// of a process that was killed.
func lockFile(path string) (func() error, error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.New(fault.Invalid, "database_path_unusable", fault.Params{"path": path}).Because(err)
	}
	if err := flock(f); err != nil {
		holder := make([]byte, 32)
		n, _ := f.ReadAt(holder, 0)
		_ = f.Close()
		return nil, fault.New(fault.Conflict, "database_in_use",
			fault.Params{"path": path, "pid": strings.TrimSpace(string(holder[:n]))}).Because(err)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return f.Close, nil
}

// private makes the file of a new database, which nobody but its owner may read: it holds people's addresses. SQLite
// would let everybody, and gives its log the mode of the file.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fault.New(fault.Invalid, "database_path_unusable", fault.Params{"path": path}).Because(err)
	}
	return f.Close()
}

// Writers is how many transactions are worth writing at once.
func (s *Store) Writers() int {
	if s.Shared() {
		return 2
	}
	return 1
}

const analyse = "ANALYZE " //nolint:misspell // SQL is American

// growth counts rows that were added.
type growth struct {
	n  atomic.Int64
	at atomic.Int64 // how many there are to be before the database looks at its tables anew
}

// replanMore is by how many times as many rows have come before it looks again.
const replanMore = 4

// replanFirst is after how many rows the database first looks at its tables anew.
const replanFirst = 20_000

// replan makes the database look at tables anew, whenever four times as many rows have come as the last time: plans made for
// empty tables scan, and PostgreSQL's own housekeeping comes a minute late. SQLite looks at a sample (analysis_limit),
// PostgreSQL always does. It only helps: what goes wrong is logged.
func (s *Store) replan(ctx context.Context, g *growth, added int64, tables ...string) {
	n, next := g.n.Add(added), g.at.Load()
	if n < max(next, replanFirst) || !g.at.CompareAndSwap(next, replanMore*n) {
		return
	}
	err := s.write(ctx, func(t *tx) error {
		for _, table := range tables {
			if _, err := t.exec(ctx, analyse+table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.log.Warn("replan_failed", "error", err)
	}
}
