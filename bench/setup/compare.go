package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// result is what one run came to.
type result struct {
	Offered  int           // calls a second
	Calls    int           // made
	Failed   int           // of these
	Achieved float64       // calls a second
	CPU      time.Duration // of the contender's process, in all
	Memory   int           // most memory of it, in MB
	P50, P99 time.Duration // from the INVITE to the answer; 0 when the contender does not tell
}

// clean reports whether the rate was kept.
func (r result) clean() bool {
	return r.Calls > 0 && r.Failed == 0 && r.Achieved >= 0.97*float64(r.Offered)
}

func (r result) perCall() time.Duration { return r.CPU / time.Duration(max(r.Calls, 1)) }

// contender makes calls to a far end at addr at a rate, for a while.
type contender func(ctx context.Context, c config, addr string, rate int) (result, error)

// contenders are those that can take part.
var contenders = map[string]contender{
	"sipp":            sippCaller,
	"stack":           ourselves("stack"),
	"engine-sqlite":   ourselves("engine-sqlite"),
	"engine-postgres": ourselves("engine-postgres"),
}

// goals are the least best clean rates, as parts of the reference's.
var goals = map[string]float64{"stack": 0.5, "engine-sqlite": 0.25, "engine-postgres": 0.25}

// climber is a contender on the ladder.
type climber struct {
	name     string
	best     result
	firstBad int // the lowest rate above best that was not kept
	misses   int // in a row
	all      map[int]result
}

// compare runs the contenders in turn and prints what they came to.
func compare(ctx context.Context, c config, out io.Writer) error {
	climbers := make([]*climber, len(c.contenders))
	for i, name := range c.contenders {
		climbers[i] = &climber{name: name, all: map[int]result{}}
	}
	say(out, "%d processors, %d s each, UDP on loopback\n\n", runtime.NumCPU(), c.seconds)
	say(out, "%-16s %9s %10s %8s %12s %9s %10s %10s\n", "", "offered/s", "achieved/s", "failed", "CPU a call", "memory", "answer p50", "p99")
	for _, rate := range c.rates {
		for _, k := range climbers {
			if k.misses >= 2 {
				continue
			}
			if err := k.try(ctx, c, out, rate); err != nil {
				return err
			}
		}
	}
	for range c.halvings {
		for _, k := range climbers {
			if k.firstBad == 0 || k.best.Offered == 0 {
				continue
			}
			if err := k.try(ctx, c, out, (k.best.Offered+k.firstBad)/2); err != nil {
				return err
			}
		}
	}
	return verdict(c, climbers, out)
}

// try runs one rate; one that is missed is tried once more, as a busy moment of the machine is nobody's fault.
func (k *climber) try(ctx context.Context, c config, out io.Writer, rate int) error {
	err := k.run(ctx, c, out, rate)
	if err == nil && !k.all[rate].clean() {
		k.misses = max(0, k.misses-1)
		err = k.run(ctx, c, out, rate)
	}
	return err
}

func (k *climber) run(ctx context.Context, c config, out io.Writer, rate int) error {
	far, err := startFar(ctx)
	if err != nil {
		return err
	}
	defer far.stop()
	r, err := contenders[k.name](ctx, c, far.addr, rate)
	if err != nil {
		return fmt.Errorf("%s at %d/s: %w", k.name, rate, err)
	}
	k.all[rate] = r
	if r.clean() {
		k.misses = 0
		if rate > k.best.Offered {
			k.best = r
		}
		if rate >= k.firstBad {
			k.firstBad = 0
		}
	} else {
		k.misses++
		if rate > k.best.Offered && (k.firstBad == 0 || rate < k.firstBad) {
			k.firstBad = rate
		}
	}
	note := ""
	if !r.clean() {
		note = "  not clean"
	}
	say(out, "%-16s %9d %10.0f %8d %12s %6d MB %10s %10s%s\n", k.name, rate, r.Achieved, r.Failed,
		r.perCall().Round(100*time.Nanosecond), r.Memory, short(r.P50), short(r.P99), note)
	return nil
}

// say prints a line; a reader who has gone away is no failure of the measurement.
func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }

func short(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return d.Round(10 * time.Microsecond).String()
}

// verdict compares each contender with the first.
func verdict(c config, climbers []*climber, out io.Writer) error {
	ref := climbers[0]
	say(out, "\n%-16s %12s %12s %18s\n", "", "best clean/s", "of "+ref.name, "CPU a call / "+ref.name)
	var short []string
	for _, k := range climbers {
		part := float64(k.best.Offered) / float64(max(ref.best.Offered, 1))
		say(out, "%-16s %12d %12.2f %18s\n", k.name, k.best.Offered, part, cost(k, ref))
		if k != ref && c.judge && part < goals[k.name] {
			short = append(short, fmt.Sprintf("%s (%g is wanted)", k.name, goals[k.name]))
		}
	}
	switch {
	case ref.best.Offered == 0:
		return fmt.Errorf("%s has no clean run: the machine is busy", ref.name)
	case len(short) > 0:
		return fmt.Errorf("too little beside %s: %s", ref.name, strings.Join(short, ", "))
	}
	return nil
}

// cost compares the processor time of a call at the highest rate that both kept.
func cost(k, ref *climber) string {
	best := 0
	for rate, r := range k.all {
		if o, ok := ref.all[rate]; ok && r.clean() && o.clean() && o.CPU > 0 && rate > best {
			best = rate
		}
	}
	if best == 0 {
		return "-"
	}
	a, b := k.all[best].perCall(), ref.all[best].perCall()
	return fmt.Sprintf("%.2f (at %d/s)", float64(a)/float64(b), best)
}
