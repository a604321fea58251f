// Command first measures how long a campaign takes from its start until the first call or message reaches the far end:
// with many recipients, and, as the reference, with one.
//
//	go run ./bench/first                             # 1,000,000 recipients, calls and e-mail, both databases
//	go run ./bench/first -recipients 10000 -starts 9 -database sqlite -channel voice
//
// The far end is the sandbox's carrier or mail server in the same process; the moment that counts is the one at which the
// INVITE, or the whole message, has reached its socket. The large campaign is started, paused and started again; its
// first start finds nothing prepared. It ends with status 1 when any start took longer than -most.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/rig"
	"campanario/internal/tune"
)

// config is what the command line says.
type config struct {
	recipients, starts int
	databases          []string
	channels           []channel.Kind
	most               time.Duration
}

func main() {
	tune.Process()
	os.Exit(tune.Main(run))
}

func parse(args []string) (config, error) {
	c := config{channels: []channel.Kind{channel.Voice, channel.Email}}
	f := flag.NewFlagSet("first", flag.ContinueOnError)
	f.IntVar(&c.recipients, "recipients", 1_000_000, "recipients of the large campaign")
	f.IntVar(&c.starts, "starts", 5, "how often each campaign is started")
	database := f.String("database", "both", "postgres, sqlite or both")
	kind := f.String("channel", "both", "voice, email or both")
	f.DurationVar(&c.most, "most", time.Second, "longest time from a start to the first contact; 0 for any")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	c.databases = rig.Databases(*database)
	if *kind != "both" {
		c.channels = []channel.Kind{channel.Kind(*kind)}
	}
	if c.recipients < 1 || c.starts < 1 || c.recipients < c.starts*contacted || far[c.channels[0]] == nil {
		return c, fmt.Errorf("there must be a start at least, %d recipients for each, and a channel of voice and email", contacted)
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
		for _, kind := range c.channels {
			t, err := measure(ctx, c, database, kind)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", database, kind, err)
			}
			t.print(out, c, database, kind)
			if worst := slices.Max(t.large); c.most > 0 && worst > c.most {
				slow = append(slow, fmt.Sprintf("%s, %s: %v", database, kind, worst))
			}
		}
	}
	if len(slow) > 0 {
		return errors.New("too late: " + strings.Join(slow, "; "))
	}
	return nil
}

// times are from starts to first contacts.
type times struct {
	small, large []time.Duration // in the order in which they happened
	memory       int64           // most that the process has had, in bytes
}

func (t *times) print(out io.Writer, c config, database string, kind channel.Kind) {
	first := t.large[0]
	small, large := median(t.small), median(t.large)
	_, _ = fmt.Fprintf(out, "%s, %s: one recipient %v; %d recipients %v (the first start %v, the longest %v); ratio %.2f; peak memory %d MB\n",
		database, kind, short(small), c.recipients, short(large), short(first), short(slices.Max(t.large)),
		float64(large)/float64(small), t.memory>>20)
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

func short(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
