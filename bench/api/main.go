// Command api measures how long the reads of the API take that the console asks for, over a base of very many contacts and
// a campaign of very many recipients, most of whom have been contacted.
//
//	go run ./bench/api                               # 1,000,000 of each, both databases
//	go run ./bench/api -people 10000 -database sqlite -times 50
//
// One client asks over HTTP on loopback, one request after another: every read of the API's own document that is no file
// and no stream, and, beside these, the searches, filters and later pages that the console asks for. The reference is what
// answers without the database (/healthz). It ends with status 1 when the 99th percentile of any read is over -most.
//
// Lists that look for something answer with short pages: beside what one request takes, it tells how long it takes to go on
// until there is a whole page, or the end, for which there is no bound; and the same of the whole report. On PostgreSQL the tables are vacuumed first, which
// it does by itself within minutes: until then, what the engine has deleted from small tables is gone through by who counts
// what is open.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"campanario/internal/rig"
	"campanario/internal/tune"
)

// config is what the command line says.
type config struct {
	people, times int
	databases     []string
	most          time.Duration
	only          string
}

func main() {
	tune.Process()
	os.Exit(tune.Main(run))
}

func parse(args []string) (config, error) {
	var c config
	f := flag.NewFlagSet("api", flag.ContinueOnError)
	f.IntVar(&c.people, "people", 1_000_000, "contacts in the base, and recipients of the campaign")
	f.IntVar(&c.times, "times", 200, "how often each read is asked for")
	database := f.String("database", "both", "postgres, sqlite or both")
	f.DurationVar(&c.most, "most", 50*time.Millisecond, "99th percentile of a read at most; 0 for any")
	f.StringVar(&c.only, "only", "", "measure only reads whose name has this in it")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	c.databases = rig.Databases(*database)
	if c.people < 100 || c.times < 10 {
		return c, errors.New("there must be 100 people at least, and every read must be asked for 10 times")
	}
	return c, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	var slow []string
	for _, database := range c.databases {
		list, err := measure(ctx, c, database, out)
		if err != nil {
			return fmt.Errorf("%s: %w", database, err)
		}
		slices.SortFunc(list, func(a, b timed) int { return int(at(b.took, 99) - at(a.took, 99)) })
		for _, t := range list {
			over := ""
			if c.most > 0 && !t.whole && at(t.took, 99) > c.most {
				over = "  OVER"
				slow = append(slow, database+" "+t.name)
			}
			if t.whole {
				over = fmt.Sprintf("  in %d requests", t.requests)
			}
			_, _ = fmt.Fprintf(out, "%s  %-64s p50 %8v  p99 %8v%s\n", database, t.name, at(t.took, 50), at(t.took, 99), over)
		}
	}
	if len(slow) > 0 {
		return fmt.Errorf("over %v: %s", c.most, strings.Join(slow, "; "))
	}
	return nil
}

// timed is how long one read took, each time. One that is whole took several requests.
type timed struct {
	name     string
	took     []time.Duration
	whole    bool
	requests int
}

func at(t []time.Duration, p int) time.Duration {
	s := slices.Sorted(slices.Values(t))
	return s[min(len(s)-1, len(s)*p/100)].Round(10 * time.Microsecond)
}

// tidy does what PostgreSQL does by itself when much has changed.
func tidy(ctx context.Context, database, url string) error {
	if database != "postgres" {
		return nil
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing is written any more
	_, err = db.ExecContext(ctx, `VACUUM (ANALYSE)`)
	return err
}

// measure makes everything in a database of its own, and asks.
func measure(ctx context.Context, c config, database string, out io.Writer) ([]timed, error) {
	r, err := rig.New(ctx, database)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	v, err := r.Serve(ctx)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	began := time.Now()
	if err := fill(ctx, c, r, v); err != nil {
		return nil, err
	}
	if err := tidy(ctx, database, r.URL); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(out, "%s: %d contacts and recipients made in %v\n", database, c.people, time.Since(began).Round(time.Second))
	a, err := newAsking(ctx, c, v)
	if err != nil {
		return nil, err
	}
	list, err := a.all(ctx)
	if err == nil && c.only == "" {
		err = a.reports(ctx, r, database, out)
	}
	return list, err
}
