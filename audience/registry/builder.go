package registry

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
)

// MaxKeys is how many keys a set can be built of, unless BuilderOptions say less: a country's register with room to grow.
const MaxKeys = 250_000_000

// ErrTooMany is what Add gives for a key beyond BuilderOptions.Max.
var ErrTooMany = errors.New("registry: too many keys")

// BuilderOptions for NewBuilder. Folder is required.
type BuilderOptions struct {
	Folder string // where sorted runs are put aside, about two bytes a key
	Memory int    // bytes of keys that are sorted at once; 0 is 32 MiB
	Max    int64  // how many keys are taken, repeated ones included; 0 is MaxKeys
}

// Builder makes a file of keys in any order. Close it. It is not safe for concurrent use.
type Builder struct {
	o    BuilderOptions
	keys []uint64
	runs []*os.File // removed from their folder already
	n    int64
}

// NewBuilder makes an empty one.
func NewBuilder(o BuilderOptions) *Builder {
	if o.Memory <= 0 {
		o.Memory = 32 << 20
	}
	if o.Max <= 0 {
		o.Max = MaxKeys
	}
	return &Builder{o: o}
}

// Add takes a key. Those that are there already change nothing.
func (b *Builder) Add(key uint64) error {
	if b.n >= b.o.Max {
		return ErrTooMany
	}
	b.n++
	if len(b.keys) == cap(b.keys) {
		most := max(1, b.o.Memory/8)
		if len(b.keys) >= most {
			if err := b.putAside(); err != nil {
				return err
			}
		} else { // as many as there are, and no more than there may be
			b.keys = slices.Grow(b.keys, min(max(1024, len(b.keys)), most-len(b.keys)))
			if cap(b.keys) > most {
				b.keys = b.keys[:len(b.keys):most]
			}
		}
	}
	b.keys = append(b.keys, key)
	return nil
}

// putAside writes the keys in memory as a sorted run.
func (b *Builder) putAside() error {
	f, err := os.CreateTemp(b.o.Folder, ".run-*")
	if err != nil {
		return err
	}
	b.runs = append(b.runs, f)
	if err := os.Remove(f.Name()); err != nil { // it lives as long as it is open
		return err
	}
	out := bufio.NewWriterSize(f, 256<<10)
	b.sort()
	var d [binary.MaxVarintLen64]byte
	last := uint64(0)
	for _, k := range b.keys {
		if _, err := out.Write(d[:binary.PutUvarint(d[:], k-last)]); err != nil {
			return err
		}
		last = k
	}
	b.keys = b.keys[:0]
	return out.Flush()
}

func (b *Builder) sort() {
	slices.Sort(b.keys)
	b.keys = slices.Compact(b.keys)
}

// Write makes the file and says how many keys it has. It appears under its name when it is complete. The builder is empty
// afterwards.
func (b *Builder) Write(ctx context.Context, path string) (int64, error) {
	b.sort()
	count, err := write(path, func(add func(uint64) error) error {
		if len(b.runs) > 0 {
			return b.merge(ctx, add)
		}
		for _, k := range b.keys {
			if err := add(k); err != nil {
				return err
			}
		}
		return nil
	})
	b.Close()
	if err != nil {
		return 0, fmt.Errorf("registry: %w", err)
	}
	return int64(count), nil
}

// checkEvery is after how many keys a merge looks whether it is still wanted.
const checkEvery = 1 << 16

// merge gives the keys of all runs, that in memory included, in ascending order.
func (b *Builder) merge(ctx context.Context, add func(uint64) error) error {
	if err := b.putAside(); err != nil {
		return err
	}
	b.keys = nil // its memory is the readers' now
	heap := make([]*run, 0, len(b.runs))
	for _, f := range b.runs {
		if _, err := f.Seek(0, 0); err != nil {
			return err
		}
		r := &run{in: bufio.NewReaderSize(f, 256<<10)}
		if err := r.next(); err != nil {
			return err
		}
		if !r.over {
			heap = append(heap, r)
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		sink(heap, i)
	}
	for n := 0; len(heap) > 0; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		top := heap[0]
		if err := add(top.key); err != nil {
			return err
		}
		if err := top.next(); err != nil {
			return err
		}
		if top.over {
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
		}
		sink(heap, 0)
	}
	return nil
}

// sink puts the run at i where it belongs in a heap whose least key is first. container/heap would call an interface for
// each of some hundred million comparisons.
func sink(heap []*run, i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(heap); c++ {
			if heap[c].key < heap[least].key {
				least = c
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}

// Close gives back what the builder holds. It may be called again.
func (b *Builder) Close() {
	for _, f := range b.runs {
		_ = f.Close()
	}
	b.runs, b.keys = nil, nil
}
