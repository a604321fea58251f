// Command mail measures what the engine costs over the mail client it is built on.
//
// Every contender sends the same messages over the same number of connections to a mail server that discards them. The
// server and the contender are processes of their own, so that processor time and memory are each one's own, and every
// run has a fresh pair. Runs go round: one of each contender, then again, so that a busy moment of the machine meets
// all. Ratios are of the same round; their median counts.
//
//	go run ./bench/mail                                   # 100,000 messages, 8 connections, 3 rounds
//	go run ./bench/mail -messages 20000 -connections 4 -rounds 5 -contenders smtp,adapter
//
// It ends with status 1 when a contender that is not a reference falls short of -ratio or takes more than -memory.
// A further contender is a file with a function of type contender, named in contenders.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"campanario/internal/tune"
)

// config is what the command line says.
type config struct {
	messages, connections, rounds int
	contenders                    []string
	ratio                         float64
	memory                        int // MB
	profile                       string
	role, addr                    string // of a child
}

func main() {
	tune.Process()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case c.role == "sink":
		return sink(ctx, in, out)
	case c.role != "":
		return child(ctx, c, out)
	default:
		return compare(ctx, c, out)
	}
}

func parse(args []string) (config, error) {
	var c config
	f := flag.NewFlagSet("mail", flag.ContinueOnError)
	f.IntVar(&c.messages, "messages", 100_000, "messages of each run")
	f.IntVar(&c.connections, "connections", 8, "connections of each contender")
	f.IntVar(&c.rounds, "rounds", 3, "runs of each contender")
	list := f.String("contenders", "gomail,lean,smtp,adapter,engine-sqlite,engine-postgres", "who takes part, the references among them")
	f.Float64Var(&c.ratio, "ratio", 0.6, "least speed of what is measured, as a part of the faster reference's")
	f.IntVar(&c.memory, "memory", 150, "most memory of what is measured, in MB")
	f.StringVar(&c.profile, "cpuprofile", "", "write a profile of the last contender's processor time to this file")
	f.StringVar(&c.role, "role", "", "used by the command itself: what a child process does")
	f.StringVar(&c.addr, "addr", "", "used by the command itself: where the sink listens")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	for name := range strings.SplitSeq(*list, ",") {
		if _, known := contenders()[name]; !known {
			return c, fmt.Errorf("no contender %q: there are %s", name, strings.Join(names(), ", "))
		}
		c.contenders = append(c.contenders, name)
	}
	if c.messages < 1 || c.connections < 1 || c.rounds < 1 {
		return c, errors.New("messages, connections and rounds begin at 1")
	}
	return c, nil
}

func names() []string { return slices.Sorted(maps.Keys(contenders())) }
