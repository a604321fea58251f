package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// compare runs all rounds and prints what came of them.
func compare(ctx context.Context, c config, out io.Writer) error {
	results := map[string][]result{}
	for round := range c.rounds {
		for i, name := range c.contenders {
			profile := ""
			if round == c.rounds-1 && i == len(c.contenders)-1 {
				profile = c.profile
			}
			r, err := measure(ctx, c, name, profile)
			if err != nil {
				return err
			}
			results[name] = append(results[name], r)
			if _, err := fmt.Fprintf(out, "round %d  %-16s %8.0f messages/s\n", round+1, name, float64(c.messages)/r.seconds); err != nil {
				return err
			}
		}
	}
	return summary(c, results, out)
}

func summary(c config, results map[string][]result, out io.Writer) error {
	var short error
	w := &lines{out: out}
	w.say("\n%d messages of %d bytes of text, %d connections, %d rounds; medians\n\n", c.messages, len(textBody)+len(htmlBody), c.connections, c.rounds)
	w.say("%-16s %12s %14s %14s %10s %8s\n", "", "messages/s", "CPU/message", "sink's CPU", "peak MB", "ratio")
	for _, name := range c.contenders {
		rs := results[name]
		speed := median(rs, func(r result) float64 { return float64(c.messages) / r.seconds })
		per := func(of func(result) time.Duration) time.Duration {
			return time.Duration(median(rs, func(r result) float64 { return float64(of(r)) / float64(c.messages) }))
		}
		memory := slices.MaxFunc(rs, func(a, b result) int { return int(a.memory - b.memory) }).memory >> 20
		ratio, known := ratioOf(c, results, name)
		shown := "-"
		if known {
			shown = fmt.Sprintf("%.2f", ratio)
		}
		w.say("%-16s %12.0f %14s %14s %10d %8s  %s\n", name, speed,
			per(func(r result) time.Duration { return r.processor }).Round(100*time.Nanosecond),
			per(func(r result) time.Duration { return r.sinks }).Round(100*time.Nanosecond), memory, shown, contenders()[name].does)
		if known && !contenders()[name].reference && ratio < c.ratio {
			short = errors.Join(short, fmt.Errorf("%s: ratio %.2f, wanted %.2f", name, ratio, c.ratio))
		}
		if !contenders()[name].reference && memory > int64(c.memory) {
			short = errors.Join(short, fmt.Errorf("%s: %d MB, wanted at most %d", name, memory, c.memory))
		}
	}
	return errors.Join(short, w.err)
}

// ratioOf is the contender's speed over the faster reference's of the same round, the median of the rounds.
func ratioOf(c config, results map[string][]result, name string) (float64, bool) {
	var ratios []float64
	for round, r := range results[name] {
		best := 0.0
		for _, ref := range c.contenders {
			if contenders()[ref].reference {
				best = max(best, 1/results[ref][round].seconds)
			}
		}
		if best > 0 {
			ratios = append(ratios, 1/r.seconds/best)
		}
	}
	if len(ratios) == 0 {
		return 0, false
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2], true
}

func median(rs []result, of func(result) float64) float64 {
	v := make([]float64, len(rs))
	for i, r := range rs {
		v[i] = of(r)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// lines writes until the first error.
type lines struct {
	out io.Writer
	err error
}

func (l *lines) say(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.out, format, args...)
	}
}
