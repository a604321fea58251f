// Command viewers measures what it costs to let many people watch one campaign while it runs: the time of the processors that
// the server takes with them, less what it takes without, in the same run.
//
//	go run ./bench/viewers                           # 300 viewers, 20 s each, both databases
//	go run ./bench/viewers -viewers 20 -each 3s -database sqlite
//
// The viewers are a process of their own, on loopback, each with a stream of events as a browser has it. The campaign is
// contacted at -rate a second, so that every second has something new. It ends with status 1 when the viewers cost more
// than -most of one core, or when any of them was told less than once in two seconds.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/rig"
	"campanario/internal/tune"
)

// config is what the command line says.
type config struct {
	viewers   int
	rate      float64
	each      time.Duration
	databases []string
	most      float64
	watch     string // the URL that this process only watches
}

// keyVariable has the key for the process that watches.
const keyVariable = "CAMPANARIO_BENCH_KEY"

func main() {
	tune.Process()
	os.Exit(tune.Main(run))
}

func parse(args []string) (config, error) {
	var c config
	f := flag.NewFlagSet("viewers", flag.ContinueOnError)
	f.IntVar(&c.viewers, "viewers", 300, "who watch at once")
	f.Float64Var(&c.rate, "rate", 50, "attempts a second meanwhile")
	f.DurationVar(&c.each, "each", 20*time.Second, "how long is measured with viewers, and as long without")
	database := f.String("database", "both", "postgres, sqlite or both")
	f.Float64Var(&c.most, "most", 5, "per cent of a core that the viewers may cost; 0 for any")
	f.StringVar(&c.watch, "watch", "", "watch this stream, and nothing else")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	c.databases = rig.Databases(*database)
	if c.viewers < 1 || c.each < time.Second || c.rate <= 0 {
		return c, errors.New("there must be a viewer at least, a second for each, and a rate")
	}
	return c, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	if c.watch != "" {
		return watch(ctx, c, out)
	}
	var missed []error
	for _, database := range c.databases {
		if err := measure(ctx, c, database, out); err != nil {
			missed = append(missed, fmt.Errorf("%s: %w", database, err))
		}
	}
	return errors.Join(missed...)
}

const campaignID = "01930000-0000-7000-8000-000000000000"

// measure lets a campaign run in a database of its own, and people watch it for a while.
func measure(ctx context.Context, c config, database string, out io.Writer) error {
	r, err := rig.New(ctx, database)
	if err != nil {
		return err
	}
	defer r.Close()
	v, err := r.Serve(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	if err := begin(ctx, c, r); err != nil {
		return err
	}
	before, err := spent(ctx, r, c.each/2)
	if err != nil {
		return err
	}
	told, with, err := watched(ctx, c, r, v)
	if err != nil {
		return err
	}
	after, err := spent(ctx, r, c.each/2)
	if err != nil {
		return err
	}
	without := before + after
	cost := 100 * float64(with-without) / float64(c.each)
	_, _ = fmt.Fprintf(out, "%s: %d viewers cost %.1f %% of a core (%.1f %% with them, %.1f %% without); each was told %.1f times in %v at least\n",
		database, c.viewers, cost, 100*float64(with)/float64(c.each), 100*float64(without)/float64(c.each), float64(told), c.each)
	if err := r.Shut(ctx); err != nil {
		return err
	}
	switch {
	case float64(told) < c.each.Seconds()/2:
		return fmt.Errorf("somebody was told only %d times", told)
	case c.most > 0 && cost > c.most:
		return fmt.Errorf("over %.1f %%", c.most)
	}
	return nil
}

// begin starts a campaign that has somebody to contact until the end.
func begin(ctx context.Context, c config, r *rig.Rig) error {
	limits := channel.Limits{PerSecond: c.rate}
	if err := r.Line(ctx, channel.Line{Kind: channel.Email, From: "bench@example.com", Limits: limits}); err != nil {
		return err
	}
	d := campaign.Definition{Name: "Cobrança", Channel: channel.Email, Message: &agent.MessageTemplate{Subject: "Oi", Text: "Oi"}}.Defaults()
	n := int(c.rate*c.each.Seconds()*4) + 1000
	err := r.Campaign(ctx, campaignID, d, n, func(i int) campaign.Newcomer {
		m := campaign.Newcomer{Band: campaign.BandNormal}
		m.Addresses = []channel.Address{channel.Address(fmt.Sprintf("p%d@example.com", i))}
		return m
	})
	if err != nil {
		return err
	}
	r.Options.Adapters = map[channel.Kind]channel.Adapter{channel.Email: noop{}}
	if err := r.Start(ctx); err != nil {
		return err
	}
	_, err = r.Service.Start(ctx, rig.Workspace, campaignID)
	return err
}

// noop is a channel that answers at once.
type noop struct{}

func (noop) Place(_ context.Context, _ channel.Order, r channel.Reporter) (string, error) {
	r.Close(channel.Outcome{Code: channel.Sent, At: time.Now(), ProviderCode: "250"})
	return "", nil
}

// spent is the time of the processors that this process and the database take meanwhile.
func spent(ctx context.Context, r *rig.Rig, d time.Duration) (time.Duration, error) {
	from := usage() + r.ServerCPU()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return usage() + r.ServerCPU() - from, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func usage() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// watched lets another process watch, and gives how often each of its viewers was told something while it was measured.
func watched(ctx context.Context, c config, r *rig.Rig, v *rig.Served) (told int64, with time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	child := exec.CommandContext(ctx, self, "-viewers", strconv.Itoa(c.viewers), "-watch", v.URL+"/api/v1/campaigns/"+campaignID+"/events") //nolint:gosec // itself
	child.Env, child.Stderr = append(os.Environ(), keyVariable+"="+v.Key), os.Stderr
	said, err1 := child.StdoutPipe()
	stop, err2 := child.StdinPipe()
	if err := errors.Join(err1, err2, child.Start()); err != nil {
		return 0, 0, err
	}
	defer child.Wait() //nolint:errcheck // it has said what it had to say
	defer stop.Close() //nolint:errcheck // which ends it
	lines := bufio.NewReader(said)
	ask := func(word string) (int64, error) {
		if _, err := fmt.Fprintln(stop, word); err != nil {
			return 0, err
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			return 0, fmt.Errorf("the viewers: %w", err)
		}
		return strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	}
	if _, err := ask("all"); err != nil { // when everybody has been told something
		return 0, 0, err
	}
	from, err := ask("least")
	if err != nil {
		return 0, 0, err
	}
	if with, err = spent(ctx, r, c.each); err != nil {
		return 0, 0, err
	}
	to, err := ask("least")
	return to - from, with, err
}

// watch watches until its input ends. Asked for "all" it answers when every viewer has been told something, and asked for
// "least" with how often it was of whom it was least often.
func watch(ctx context.Context, c config, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watching{told: make([]int64, c.viewers), all: make(chan struct{}), failed: make(chan error, c.viewers)}
	transport := &http.Transport{}
	for i := range c.viewers {
		go func() { w.failed <- w.one(ctx, transport, c.watch, i) }()
	}
	asked := bufio.NewScanner(os.Stdin)
	for asked.Scan() {
		if asked.Text() == "all" {
			select {
			case <-w.all:
			case err := <-w.failed:
				return err
			}
		}
		if _, err := fmt.Fprintln(out, w.least()); err != nil {
			return err
		}
	}
	return nil
}

// watching are those who watch.
type watching struct {
	mu     sync.Mutex
	told   []int64
	some   int // who have been told something
	all    chan struct{}
	failed chan error
}

func (w *watching) least() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.told[0]
	for _, n := range w.told {
		out = min(out, n)
	}
	return out
}

// one is a viewer.
func (w *watching) one(ctx context.Context, t http.RoundTripper, url string, i int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv(keyVariable))
	res, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "data:") {
			continue
		}
		w.mu.Lock()
		if w.told[i]++; w.told[i] == 1 {
			if w.some++; w.some == len(w.told) {
				close(w.all)
			}
		}
		w.mu.Unlock()
	}
	return errors.Join(lines.Err(), io.ErrUnexpectedEOF)
}
