// Command setup measures how many telephone calls can be set up in a second, against SIPp's own caller.
//
// Every contender makes the same calls (INVITE, 180, 200, ACK, BYE, 200, over UDP on loopback, hung up as soon as they
// are answered) to a fresh `sipp -sn uas`, at the same rates one after the other, in turn, so that a busy moment of the
// machine meets all. Contender and far end are processes of their own, so that processor time and memory are each one's
// own. A run is clean when no call failed and at least 97 in 100 of the offered rate was achieved. A rate that
// is missed is tried once more. A contender climbs the ladder of rates until two in a row are missed; then the gap is
// halved a few times.
//
//	go run ./bench/setup                                # 1,000 calls a second and up, 5 s each
//	go run ./bench/setup -rates 500,1000 -seconds 2 -halvings 0
//
// sipp is the reference; stack is our SIP user agent alone; engine-sqlite and engine-postgres are everything: a campaign
// with a durable record of each call before its INVITE and its outcome after, an agent, and a socket for the sound.
//
// It ends with status 1 when a contender's best clean rate falls short of its part of the reference's. The machine must
// have nothing else to do, or the figures are the other's. A further contender is one more function in contenders.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"campanario/internal/tune"
)

// config is what the command line says.
type config struct {
	rates      []int
	seconds    int
	halvings   int
	contenders []string
	judge      bool
	profile    string

	role, addr string // of a child
	rate       int
}

func main() {
	os.Exit(tune.Main(run))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	if c.role != "" {
		return child(ctx, c, out)
	}
	return compare(ctx, c, out)
}

func parse(args []string) (config, error) {
	var c config
	f := flag.NewFlagSet("setup", flag.ContinueOnError)
	rates := f.String("rates", "1000,2000,4000,6000,8000,10000,12000,14000,16000,20000,24000", "calls a second, rising")
	list := f.String("contenders", "sipp,stack,engine-sqlite,engine-postgres", "who takes part, the reference first")
	f.IntVar(&c.seconds, "seconds", 5, "length of each run")
	f.IntVar(&c.halvings, "halvings", 2, "how often the gap between the best clean rate and the next is halved")
	f.BoolVar(&c.judge, "judge", true, "fail when a contender's best clean rate is less than its part of the reference's")
	f.StringVar(&c.profile, "cpuprofile", "", "write a profile of the last run's processor time to this file")
	f.StringVar(&c.role, "role", "", "used by the command itself: what a child process does")
	f.StringVar(&c.addr, "addr", "", "used by the command itself: where the far end listens")
	f.IntVar(&c.rate, "rate", 0, "used by the command itself: calls a second")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	for s := range strings.SplitSeq(*rates, ",") {
		r, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || r < 1 {
			return c, fmt.Errorf("no rate: %q", s)
		}
		c.rates = append(c.rates, r)
	}
	if !slices.IsSorted(c.rates) || c.seconds < 1 || c.halvings < 0 {
		return c, errors.New("rates rise, seconds begin at 1, halvings at 0")
	}
	for name := range strings.SplitSeq(*list, ",") {
		if contenders[name] == nil {
			return c, fmt.Errorf("no contender %q", name)
		}
		c.contenders = append(c.contenders, name)
	}
	return c, nil
}
