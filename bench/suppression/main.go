// Command suppression measures lists of people who must not be contacted: how long one takes to make, what it needs, and
// how long a look-up takes.
//
//	go run ./bench/suppression                       # 100,000,000 phone numbers
//	go run ./bench/suppression -entries 1000000
//
// The references are a bare read of 4096 bytes at a random place of the same file, and a look-up in a Go map of a million
// numbers, which is what fits into memory without thinking. Half of the look-ups find their number. It ends with status 1
// when the list took more memory than -memory, or a look-up in a hundred longer than -most.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"campanario/audience/registry"
	"campanario/internal/tune"
)

// config is what the command line says.
type config struct {
	entries, lookups int
	memory           int64 // MB
	most             time.Duration
	folder           string
}

func main() {
	tune.Process()
	os.Exit(tune.Main(run))
}

func parse(args []string) (config, error) {
	var c config
	f := flag.NewFlagSet("suppression", flag.ContinueOnError)
	f.IntVar(&c.entries, "entries", 100_000_000, "numbers on the list")
	f.IntVar(&c.lookups, "lookups", 1_000_000, "look-ups that are measured")
	f.Int64Var(&c.memory, "memory", 150, "MB that the list may take at most while it is made; 0 for any")
	f.DurationVar(&c.most, "most", time.Millisecond, "99th percentile of a look-up at most; 0 for any")
	f.StringVar(&c.folder, "folder", os.TempDir(), "where the list is made; on a disk, not in memory")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if c.entries < 1 || c.lookups < 100 {
		return c, errors.New("there must be an entry at least, and 100 look-ups")
	}
	return c, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(c.folder, "campanario-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // nothing can be done about it
	path := filepath.Join(folder, "list.set")
	m, err := build(ctx, c, folder, path)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "made: %d numbers in %v (%.0f/s), file %d MB, heap at most %d MB\n",
		m.count, m.took.Round(time.Millisecond), float64(c.entries)/m.took.Seconds(), m.size>>20, m.heap>>20)
	ours, opened, err := lookUp(c, path)
	if err != nil {
		return err
	}
	bare, err := read(c, path, m.size)
	if err != nil {
		return err
	}
	mapped := inMap(c)
	_, _ = fmt.Fprintf(out, "opened: index of %d kB\n", opened>>10)
	for _, x := range []struct {
		what string
		t    []time.Duration
	}{{"look-up", ours}, {"reference, a bare read of 4096 bytes", bare}, {"reference, a map of a million", mapped}} {
		_, _ = fmt.Fprintf(out, "%s: p50 %v, p99 %v, longest %v\n", x.what, at(x.t, 50), at(x.t, 99), at(x.t, 100))
	}
	_, _ = fmt.Fprintf(out, "ratio: %.2f of the bare read's p50\n", float64(at(ours, 50))/float64(max(1, at(bare, 50))))
	switch {
	case c.memory > 0 && m.heap > c.memory<<20:
		return fmt.Errorf("too much memory: %d MB", m.heap>>20)
	case c.most > 0 && at(ours, 99) > c.most:
		return fmt.Errorf("too slow: %v", at(ours, 99))
	}
	return nil
}

// number is the n-th of the list, in no order: the numbers of a country, of which one in seven is on it.
func number(n, entries int) uint64 {
	return 5_500_000_000_000 + 7*(uint64(n)*2654435761%uint64(entries))
}

// made is what making a list took.
type made struct {
	took       time.Duration
	count      int64
	size, heap int64
}

// heapEvery is after how many numbers the memory is looked at.
const heapEvery = 1 << 20

func build(ctx context.Context, c config, folder, path string) (made, error) {
	var m made
	runtime.GC()
	watch := func() {
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		m.heap = max(m.heap, int64(s.HeapInuse))
	}
	began := time.Now()
	b := registry.NewBuilder(registry.BuilderOptions{Folder: folder})
	defer b.Close()
	for n := range c.entries {
		if n%heapEvery == 0 {
			if watch(); ctx.Err() != nil {
				return m, ctx.Err()
			}
		}
		if err := b.Add(number(n, c.entries)); err != nil {
			return m, err
		}
	}
	watch()
	var err error
	if m.count, err = b.Write(ctx, path); err != nil {
		return m, err
	}
	watch()
	m.took = time.Since(began)
	info, err := os.Stat(path)
	if err != nil {
		return m, err
	}
	m.size = info.Size()
	return m, nil
}

// lookUp measures look-ups of numbers that are there and of numbers that are not, in turns.
func lookUp(c config, path string) (took []time.Duration, index int64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s, err := registry.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer s.Close() //nolint:errcheck // only read
	runtime.GC()
	runtime.ReadMemStats(&after)
	rng := rand.New(rand.NewPCG(1, 2))
	took = make([]time.Duration, c.lookups)
	for i := range took {
		key, want := number(rng.IntN(c.entries), c.entries), i%2 == 0
		if !want {
			key += 3
		}
		began := time.Now()
		has, err := s.Has(key)
		took[i] = time.Since(began)
		if err != nil {
			return nil, 0, err
		}
		if has != want {
			return nil, 0, fmt.Errorf("%d: found %v, want %v", key, has, want)
		}
	}
	slices.Sort(took)
	return took, int64(after.HeapAlloc) - int64(before.HeapAlloc), nil
}

// read measures bare reads of as much as a look-up reads.
func read(c config, path string, size int64) ([]time.Duration, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	rng := rand.New(rand.NewPCG(3, 4))
	var buffer [4096]byte
	took := make([]time.Duration, c.lookups)
	for i := range took {
		at := rng.Int64N(max(1, size/4096-1)) * 4096
		began := time.Now()
		_, err := f.ReadAt(buffer[:], at)
		took[i] = time.Since(began)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	slices.Sort(took)
	return took, nil
}

// inMap measures look-ups in a map of a million numbers.
func inMap(c config) []time.Duration {
	const most = 1_000_000
	n := min(most, c.entries)
	m := make(map[uint64]struct{}, n)
	for i := range n {
		m[number(i, c.entries)] = struct{}{}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	took := make([]time.Duration, c.lookups)
	found := 0
	for i := range took {
		key := number(rng.IntN(n), c.entries)
		began := time.Now()
		if _, ok := m[key]; ok {
			found++
		}
		took[i] = time.Since(began)
	}
	if found != len(took) { // the map holds what was put into it
		panic("a number is missing")
	}
	slices.Sort(took)
	return took
}

func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}
