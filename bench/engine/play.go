package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/rig"
	"campanario/store"
)

// play enrols everybody, lets the engine run, and times it.
func play(ctx context.Context, o options, r *rig.Rig, order string) (*result, error) {
	ids, err := prepare(ctx, r, o)
	if err != nil {
		return nil, err
	}
	if order == "scattered" {
		if err := scatter(ctx, r.URL); err != nil {
			return nil, err
		}
	}
	out := &result{expected: o.recipients * 5 / 4, server: r.ServerCPU}
	r.Options.Store, r.Options.Settlers = &watch{Store: r.Store, r: out, random: order == "random"}, o.settlers
	r.Options.Adapters = map[channel.Kind]channel.Adapter{channel.Email: noop{}}
	if err := r.Start(ctx); err != nil {
		return nil, err
	}
	out.begin()
	for _, id := range ids {
		if _, err := r.Service.Start(ctx, rig.Workspace, id); err != nil {
			return nil, err
		}
	}
	if err := r.Finished(ctx, ids...); err != nil {
		return nil, err
	}
	out.end()
	if err := r.Shut(ctx); err != nil {
		return nil, err
	}
	return out, check(ctx, r.Service, ids, o.recipients)
}

func prepare(ctx context.Context, r *rig.Rig, o options) ([]string, error) {
	if err := r.Line(ctx, channel.Line{Kind: channel.Email, From: "bench@example.com"}); err != nil {
		return nil, err
	}
	ids := make([]string, o.campaigns)
	for c := range ids {
		d := campaign.Definition{
			Channel: channel.Email,
			Message: &agent.MessageTemplate{Subject: "Oi, {{first_name}}", Text: "Sua fatura de {{valor}} vence em {{vencimento}}."},
		}.Defaults()
		d.Retry.IntervalMinutes = 0 // due again at once: shorter than an operator may choose
		ids[c] = fmt.Sprintf("campaign-%04d", c)
		err := r.Campaign(ctx, ids[c], d, o.recipients/o.campaigns, func(i int) campaign.Newcomer {
			n := campaign.Newcomer{Band: campaign.BandNormal}
			n.Name = "Maria da Silva"
			n.Addresses = []channel.Address{channel.Address(fmt.Sprintf("p%d.%d@example.com", c, i))}
			n.Variables = map[string]string{"valor": "R$ 120,00", "vencimento": "10/12"}
			return n
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// scatter makes everybody wait for a time that comes at random, as after an interrupted day.
func scatter(ctx context.Context, url string) error {
	driver := "sqlite"
	if strings.HasPrefix(url, "postgres") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		return err
	}
	defer db.Close()                   //nolint:errcheck // the database is thrown away
	random := "(key * 7919) % 1000003" // as good as random, and the same on both
	for _, q := range []string{
		`INSERT INTO wait (key, queue, due_at, why) SELECT key, (key >> 34) * 4 + 1, ` + random + `, 'window' FROM recipient`,
		`UPDATE run SET normal_cursor = normal_tail`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// check makes sure that what was timed was done.
func check(ctx context.Context, svc *campaign.Service, ids []string, recipients int) error {
	var total, settled int64
	counts, err := svc.CountsOf(ctx, rig.Workspace, ids)
	if err != nil {
		return err
	}
	for _, c := range counts {
		total += c.Total
		settled += c.Settled()
	}
	if total != settled || total < int64(recipients/len(ids)*len(ids)) {
		return fmt.Errorf("%d of %d recipients are settled", settled, total)
	}
	return nil
}

// noop is a channel that answers at once: a quarter of the first attempts is not reached.
type noop struct{}

func (noop) Place(_ context.Context, o channel.Order, r channel.Reporter) (string, error) {
	code := channel.Sent
	if o.Number == 1 && rand.IntN(4) == 0 {
		code = channel.Deferred
	}
	r.Close(channel.Outcome{Code: code, At: time.Now(), ProviderCode: "250"})
	return "", nil
}

// watch times claims and counts what is settled.
type watch struct {
	*store.Store
	r      *result
	random bool // who is tried again is due at random, not in the order in which they were tried
}

// spread is how far apart the retries of a random order lie.
const spread = 3 * time.Second

func (w *watch) Claim(ctx context.Context, c dispatch.Claim, decide func([]dispatch.Candidate) []dispatch.Verdict) (dispatch.Claimed, error) {
	start := time.Now()
	out, err := w.Store.Claim(ctx, c, decide)
	w.r.claimed(time.Since(start), len(out.Flights))
	return out, err
}

func (w *watch) Settle(ctx context.Context, c []dispatch.Closing) ([]dispatch.Closing, error) {
	for i := range c {
		if due := &c[i].Next.Due; w.random && !due.IsZero() {
			*due = due.Add(rand.N(spread))
		}
	}
	late, err := w.Store.Settle(ctx, c)
	if err == nil {
		w.r.settled(len(c))
	}
	return late, err
}

// result is what was measured.
type result struct {
	mu        sync.Mutex
	expected  int
	start     time.Time
	elapsed   time.Duration
	cpu       time.Duration
	server    func() time.Duration
	serverCPU time.Duration
	attempts  int64
	marks     []time.Time // when each tenth was settled
	claims    [10][]time.Duration
	memory    int64
}

func (r *result) begin() { r.start, r.cpu, r.serverCPU = time.Now(), usage(), r.server() }

func (r *result) end() {
	r.elapsed, r.cpu, r.serverCPU = time.Since(r.start), usage()-r.cpu, r.server()-r.serverCPU
	r.memory = peak()
}

func (r *result) claimed(d time.Duration, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n == 0 {
		return
	}
	k := min(9, int(r.attempts*10/int64(r.expected)))
	r.claims[k] = append(r.claims[k], d)
}

func (r *result) settled(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts += int64(n)
	for len(r.marks) < 10 && r.attempts >= int64(len(r.marks)+1)*int64(r.expected)/10 {
		r.marks = append(r.marks, time.Now())
	}
}

func (r *result) print(out io.Writer, database, order string, floor time.Duration) {
	rate := float64(r.attempts) / r.elapsed.Seconds()
	if len(r.marks) >= 9 {
		rate = float64(r.expected) * 0.9 / r.marks[8].Sub(r.start).Seconds()
	}
	bare := float64(r.attempts) / floor.Seconds()
	_, _ = fmt.Fprintf(out, "\n%s, %s: %.0f attempts/s; with the last tenth, in which many wait until they are due, %.0f (%d in %.1f s); bare rows %.0f/s; ratio %.2f; CPU %.1f µs an attempt here, %.1f at the server; peak memory %d MB\n",
		database, order, rate, float64(r.attempts)/r.elapsed.Seconds(), r.attempts, r.elapsed.Seconds(), bare, rate/bare, float64(r.cpu.Microseconds())/float64(r.attempts),
		float64(r.serverCPU.Microseconds())/float64(r.attempts), r.memory>>20)
	last := r.start
	var tenths []float64
	for i, m := range r.marks {
		per := float64(r.expected) / 10 / m.Sub(last).Seconds()
		tenths = append(tenths, per)
		_, _ = fmt.Fprintf(out, "  tenth %2d: %7.0f/s, claim p50 %v p99 %v\n", i+1, per, percentile(r.claims[i], 50), percentile(r.claims[i], 99))
		last = m
	}
	if n := min(9, len(tenths)); n > 1 {
		_, _ = fmt.Fprintf(out, "  first tenth against the last in which nobody waits: %.2f\n", tenths[0]/tenths[n-1])
	}
}

func percentile(d []time.Duration, p int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, len(d)*p/100)].Round(10 * time.Microsecond)
}

func usage() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peak() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Maxrss << 10
}
