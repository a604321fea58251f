// Command engine measures how many attempts a second the engine claims, places, closes and settles, every one with its
// durable records, over a channel that answers at once; against the bare insertion of one row per attempt into the same
// database in the same run.
//
//	go run ./bench/engine                      # both databases, 1,000,000 recipients
//	go run ./bench/engine -recipients 5000000 -campaigns 200 -order random -database postgres
//
// PostgreSQL is the machine's own, stock but for its folder, on loopback. A quarter of the recipients is not reached the
// first time and tried again.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"campanario/internal/rig"
	"campanario/internal/tune"
)

type options struct {
	database   string
	recipients int
	campaigns  int
	order      string
	settlers   int
}

func main() {
	var o options
	flag.StringVar(&o.database, "database", "both", "postgres, sqlite or both")
	flag.IntVar(&o.recipients, "recipients", 1_000_000, "recipients in all campaigns together")
	flag.IntVar(&o.campaigns, "campaigns", 1, "campaigns that share the line")
	flag.StringVar(&o.order, "order", "both", "in which order people are due: ordered (who is tried again is due in the same order), random (at random), scattered (everybody waits, at random), or both of the first two")
	flag.IntVar(&o.settlers, "settlers", 0, "writers of outcomes; 0: as the product chooses")
	profile := flag.String("cpuprofile", "", "write a CPU profile of this process here")
	flag.Parse()
	tune.Process()
	end, err := tune.Profile(*profile)
	if err == nil {
		err = run(context.Background(), o, os.Stdout)
		end()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	_, _ = fmt.Fprintf(out, "%d recipients, %d campaigns, %s, %d processors, %s\n", o.recipients, o.campaigns, runtime.Version(), runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly))
	for _, database := range rig.Databases(o.database) {
		for _, order := range []string{"ordered", "random", "scattered"} {
			if o.order != order && (o.order != "both" || order == "scattered") {
				continue
			}
			if err := measure(ctx, o, database, order, out); err != nil {
				return fmt.Errorf("%s, %s: %w", database, order, err)
			}
		}
	}
	return nil
}

// measure runs one combination in a database of its own.
func measure(ctx context.Context, o options, database, order string, out io.Writer) error {
	rig, err := rig.New(ctx, database)
	if err != nil {
		return err
	}
	defer rig.Close()
	r, err := play(ctx, o, rig, order)
	if err != nil {
		return err
	}
	floor, err := bare(ctx, rig.URL, int(r.attempts))
	if err != nil {
		return err
	}
	r.print(out, database, order, floor)
	return nil
}
