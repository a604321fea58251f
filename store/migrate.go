package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"campanario/internal/fault"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrate brings the schema to this program's version, one transaction a step; nodes that start together take turns. A
// schema newer than the program is refused with schema_newer. It returns the numbers of the steps taken.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	p, err := s.migrations()
	if err != nil {
		return nil, err
	}
	have, want, err := versions(ctx, p)
	if err != nil {
		return nil, s.readError(err)
	}
	if have > want {
		return nil, fault.New(fault.Conflict, "schema_newer", fault.Params{"schema": have, "program": want})
	}
	done, err := p.Up(ctx)
	if err != nil {
		return nil, s.readError(fmt.Errorf("migrate: %w", err))
	}
	names := make([]string, 0, len(done))
	for _, r := range done {
		names = append(names, fmt.Sprintf("%04d", r.Source.Version))
	}
	return names, nil
}

// Schema tells which version the database has and which this program wants.
func (s *Store) Schema(ctx context.Context) (have, want int64, err error) {
	p, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	have, want, err = versions(ctx, p)
	return have, want, s.readError(err)
}

func versions(ctx context.Context, p *goose.Provider) (have, want int64, err error) {
	for _, src := range p.ListSources() {
		want = max(want, src.Version)
	}
	have, err = p.GetDBVersion(ctx)
	return have, want, err
}

func (s *Store) migrations() (*goose.Provider, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]*goose.Migration, 0, len(names))
	for _, name := range names {
		step, err := s.migration(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true)}
	if s.Shared() {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, s.writes, nil, options...)
}

// migration is one file as a step for this database.
func (s *Store) migration(name string) (*goose.Migration, error) {
	number, _, _ := strings.Cut(path.Base(name), "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("migration %s: %w", name, err)
	}
	text, err := migrationFiles.ReadFile(name)
	if err != nil {
		return nil, err
	}
	step := goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, t *sql.Tx) error {
		for _, q := range statements(s.d.ddl(string(text))) {
			if _, err := t.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("%s: %w", path.Base(name), err)
			}
		}
		return nil
	}}, nil)
	return step, nil
}

// statements splits a migration at the semicolons that end a line.
func statements(text string) []string {
	var out []string
	for _, q := range strings.Split(text, ";\n") {
		lines := strings.Split(q, "\n")
		kept := lines[:0]
		for _, l := range lines {
			if i := strings.Index(l, "--"); i >= 0 {
				l = l[:i]
			}
			kept = append(kept, l)
		}
		if q := strings.TrimSpace(strings.Join(kept, "\n")); q != "" {
			out = append(out, q)
		}
	}
	return out
}
