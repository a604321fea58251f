// Command contacts measures the contact base: how fast a file comes in, and how soon it is known whom a filter fits.
//
// A CSV of a million Brazilian contacts is uploaded, recognised, checked, merged and indexed by an import from end to end;
// the reference is the bare insertion of the same rows, ready-made, into one table of the same database. Then the same
// file comes in again, when everybody is known. Last, filters are counted.
//
//	go run ./bench/contacts                              # both databases
//	go run ./bench/contacts -rows 100000 -database sqlite
//	go run ./bench/contacts -bytes 1GB -database sqlite  # one large file, made while it is read: how much memory it takes
//
// It ends with status 1 when fewer rows a second come in than -rate, when a count takes longer than -count, or with more
// memory than -memory.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"campanario/audience"
	"campanario/intake"
	"campanario/internal/rig"
	"campanario/internal/tune"
)

type options struct {
	database string
	rows     int
	rate     float64
	once     bool
	count    time.Duration
	memory   int64
	bytes    int64
}

func main() {
	var o options
	flag.StringVar(&o.database, "database", "both", "postgres, sqlite or both")
	flag.IntVar(&o.rows, "rows", 1_000_000, "rows of the file")
	flag.Float64Var(&o.rate, "rate", 60_000, "fewest rows a second of the first import; 0 for any")
	flag.BoolVar(&o.once, "once", false, "only the first import")
	flag.DurationVar(&o.count, "count", 200*time.Millisecond, "longest time of a count; 0 for any")
	flag.Int64Var(&o.memory, "memory", 300, "most memory, in MB; 0 for any")
	flag.Var((*size)(&o.bytes), "bytes", "import one file of so many bytes instead, such as 1GB; a database at a time, as memory is the process's")
	profile := flag.String("cpuprofile", "", "write a profile of this process's processor time here")
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
	if o.bytes == 0 {
		_, _ = fmt.Fprintf(out, "%d rows, ", o.rows)
	}
	_, _ = fmt.Fprintf(out, "%s, %d processors\n", runtime.Version(), runtime.NumCPU())
	var missed []error
	for _, database := range rig.Databases(o.database) {
		do := measure
		if o.bytes > 0 {
			do = measureStream
		}
		if err := do(ctx, o, database, out); err != nil {
			missed = append(missed, fmt.Errorf("%s: %w", database, err))
		}
	}
	return errors.Join(missed...)
}

func measure(ctx context.Context, o options, database string, out io.Writer) error {
	r, err := rig.New(ctx, database)
	if err != nil {
		return err
	}
	defer r.Close()
	file, err := people(o.rows)
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // a temporary file
	var missed []error
	passes := []string{"first", "again"}
	if o.once {
		passes = passes[:1]
	}
	for i, name := range passes {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		took, counts, err := bring(ctx, r, file)
		if err != nil {
			return err
		}
		rate := float64(o.rows) / took.Seconds()
		_, _ = fmt.Fprintf(out, "%s, %s import: %.0f rows/s (%v): %+v; peak memory %d MB\n", database, name, rate, took.Round(time.Millisecond), counts, peak()>>20)
		if i == 0 && rate < o.rate {
			missed = append(missed, fmt.Errorf("%.0f rows/s; %.0f are wanted", rate, o.rate))
		}
	}
	if mb := peak() >> 20; o.memory > 0 && mb > o.memory {
		missed = append(missed, fmt.Errorf("%d MB; %d are allowed", mb, o.memory))
	}
	bare, err := floor(ctx, r.URL, file) // which holds all rows in memory
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s, bare rows: %.0f rows/s\n", database, float64(o.rows)/bare.Seconds())
	return errors.Join(append(missed, counts(ctx, o, r, database, out))...)
}

// people writes the file: names, numbers with and without country code, documents, cities, a tag or two.
func people(n int) (*os.File, error) {
	f, err := os.CreateTemp("", "contacts-*.csv")
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(1, 1))
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("nome;telefone;email;codigo;cidade;uf;etiquetas;carteira;valor\n")
	cities := []string{"São Paulo;SP", "Rio de Janeiro;RJ", "Recife;PE", "Curitiba;PR", "Manaus;AM", "Belo Horizonte;MG", "Porto Alegre;RS", "Salvador;BA"}
	for i := range n {
		prefix := [...]string{"", "+55 ", "55", "0"}[i%4]
		_, _ = fmt.Fprintf(w, "Maria da Silva %d;%s(%d) 9%04d-%04d;p%d@example.com;C%d;%s;t%d;%s;%d\n",
			i, prefix, []int{11, 21, 81, 41, 92, 31, 51, 71}[i%8], i/10000%10000, i%10000, i, i, cities[rng.IntN(len(cities))], rng.IntN(20),
			[]string{"A", "B", "C"}[rng.IntN(3)], rng.IntN(100))
	}
	return f, w.Flush()
}

// bring imports the file and says how long that took, from the first byte of the upload to the last commit.
func bring(ctx context.Context, r *rig.Rig, file io.Reader) (time.Duration, intake.Counts, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	worker := intake.NewWorker(intake.WorkerOptions{Store: r.Store, Node: 1})
	country := func(context.Context, string) (string, error) { return "BR", nil }
	sessions := intake.NewSessions(intake.SessionsOptions{Store: r.Store, Country: country, Changed: worker.Nudge})
	began := time.Now()
	x, err := sessions.Open(ctx, rig.Workspace, "bench", "people.csv", file)
	if err != nil {
		return 0, intake.Counts{}, err
	}
	if _, err := sessions.Commit(ctx, rig.Workspace, x.ID); err != nil {
		return 0, intake.Counts{}, err
	}
	done := make(chan struct{})
	go func() { defer close(done); worker.Run(ctx) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if x, err = sessions.Get(ctx, rig.Workspace, x.ID); err != nil || !x.State.Works() {
			break
		}
	}
	took := time.Since(began)
	cancel()
	<-done
	if err == nil && (x.State != intake.StateDone || x.Counts.Refused > 0) {
		if err = fmt.Errorf("the import is %s: %+v", x.State, x.Counts); x.Failure != nil {
			err = errors.Join(err, x.Failure)
		}
	}
	return took, x.Counts, err
}

// counts times filters.
func counts(ctx context.Context, o options, r *rig.Rig, database string, out io.Writer) error {
	lists := audience.NewLists(audience.ListsOptions{Store: r.Store})
	in := func(f audience.Field, v ...string) audience.Filter { return audience.Filter{Field: f, Is: v} }
	var missed []error
	for _, q := range []struct {
		name string
		f    audience.Filter
	}{
		{"everybody", audience.Filter{}},
		{"a city", in(audience.FieldCity, "sao paulo")},
		{"two tags or a portfolio, and not a state", audience.Filter{All: []audience.Filter{
			{Any: []audience.Filter{in(audience.FieldTag, "t1", "t2"), in("portfolio", "B")}}, {Not: ptr(in(audience.FieldState, "SP"))},
		}}},
		{"created within 30 days, with a phone, an attribute", audience.Filter{All: []audience.Filter{
			{Field: audience.FieldCreated, WithinDays: 30}, in(audience.FieldHas, "phone"), in(audience.AttributeField("valor"), "7", "8", "9"),
		}}},
	} {
		var times []time.Duration
		var p audience.Preview
		for range 9 {
			began := time.Now()
			var err error
			if p, err = lists.Preview(ctx, rig.Workspace, &q.f); err != nil {
				return err
			}
			times = append(times, time.Since(began))
		}
		first := times[0]
		slices.Sort(times)
		_, _ = fmt.Fprintf(out, "%s, %s: %d in %v (first %v), with a sample\n", database, q.name, p.Count, times[len(times)/2].Round(10*time.Microsecond), first.Round(10*time.Microsecond))
		if o.count > 0 && times[len(times)-1] > o.count {
			missed = append(missed, fmt.Errorf("%s took %v; %v is allowed", q.name, times[len(times)-1], o.count))
		}
	}
	return errors.Join(missed...)
}

func ptr[T any](v T) *T { return &v }

func peak() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Maxrss << 10
}

// lines reads the file's rows.
func lines(file *os.File) ([][]byte, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSpace(data), []byte("\n"))[1:], nil
}
