package registry_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"campanario/audience/registry"
	"campanario/channel"
)

// built makes a file of keys and opens it.
func built(t testing.TB, memory int, keys []uint64) (*registry.Set, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.set")
	b := registry.NewBuilder(registry.BuilderOptions{Folder: t.TempDir(), Memory: memory})
	defer b.Close()
	for _, k := range keys {
		if err := b.Add(k); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	s, err := registry.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, path
}

// agrees holds a set against a map of the same keys.
func agrees(t *testing.T, s *registry.Set, keys, others []uint64) {
	t.Helper()
	want := map[uint64]bool{}
	for _, k := range keys {
		want[k] = true
	}
	if s.Len() != int64(len(want)) {
		t.Errorf("%d keys, want %d", s.Len(), len(want))
	}
	for _, k := range slices.Concat(keys, others) {
		for _, k := range []uint64{k - 1, k, k + 1} {
			if has, err := s.Has(k); err != nil || has != want[k] {
				t.Fatalf("Has(%d): %v, %v, want %v", k, has, err, want[k])
			}
		}
	}
	var all []uint64
	if err := s.All(func(k uint64) bool { all = append(all, k); return true }); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(all) || len(all) != len(want) {
		t.Errorf("All gave %d keys, sorted: %v", len(all), slices.IsSorted(all))
	}
}

func TestSetAgreesWithMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int, most uint64) []uint64 {
		out := make([]uint64, n)
		for i := range out {
			out[i] = rng.Uint64N(most)
		}
		return out
	}
	phones := random(10_000, 3_000_000)
	for i := range phones {
		phones[i] += 5_511_900_000_000
	}
	for name, keys := range map[string][]uint64{
		"none": nil, "one": {5}, "ends": {0, 1<<64 - 1}, "dense": random(5_000, 8_000), "phones": phones,
		"mailboxes": random(5_000, 1<<64-1), "repeated": {7, 7, 7, 7, 3, 3},
	} {
		for memory, size := range map[string]int{"at once": 0, "in runs": 1 << 12, "one by one": 8} {
			if memory == "one by one" && len(keys) > 100 {
				continue
			}
			t.Run(name+" "+memory, func(t *testing.T) {
				s, _ := built(t, size, keys)
				agrees(t, s, keys, random(100, 1<<64-1))
			})
		}
	}
}

func TestBuilderBounds(t *testing.T) {
	b := registry.NewBuilder(registry.BuilderOptions{Folder: t.TempDir(), Max: 2})
	defer b.Close()
	for _, want := range []error{nil, nil, registry.ErrTooMany} {
		if err := b.Add(9); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

func TestMergeEndsWithItsContext(t *testing.T) {
	folder := t.TempDir()
	b := registry.NewBuilder(registry.BuilderOptions{Folder: folder, Memory: 80})
	defer b.Close()
	for k := range uint64(100) {
		if err := b.Add(k * 7); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Write(ctx, filepath.Join(folder, "x.set")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Not one byte of a file can change without being noticed.
func TestChangedFilesAreRefused(t *testing.T) {
	var keys []uint64
	for k := range uint64(9000) {
		keys = append(keys, 5_511_900_000_000+k*k)
	}
	_, path := built(t, 0, keys)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(b []byte) error {
		other := filepath.Join(t.TempDir(), "changed.set")
		if err := os.WriteFile(other, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := registry.Open(other)
		if err != nil {
			return err
		}
		defer s.Close() //nolint:errcheck // only read
		return s.All(func(uint64) bool { return true })
	}
	if err := read(good); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 7, 8, 17, 25, 33, 37, 4096, 4100, 4102, 4111, 5000, 8191, 8192, len(good) - 9, len(good) - 1} {
		bad := bytes.Clone(good)
		bad[at] ^= 4
		if err := read(bad); !errors.Is(err, registry.ErrCorrupt) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	for _, size := range []int{0, 10, 40, 4096, 5000, len(good) - 8, len(good) - 1} {
		if err := read(good[:size]); !errors.Is(err, registry.ErrCorrupt) {
			t.Errorf("cut at %d: %v", size, err)
		}
	}
	if err := read(append(bytes.Clone(good), 0)); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("longer: %v", err)
	}
}

func TestKeys(t *testing.T) {
	for a, want := range map[channel.Address]uint64{"+5511987654321": 5511987654321, "+1": 1, "+999999999999999": 999999999999999} {
		if k, ok := registry.Key(a); !ok || k != want {
			t.Errorf("%s: %d, %v", a, k, ok)
		}
	}
	for _, a := range []channel.Address{"", "+", "5511", "+0511", "+55a1", "+1234567890123456789", "@", "nobody"} {
		if k, ok := registry.Key(a); ok {
			t.Errorf("%q has the key %d", a, k)
		}
	}
	ana, _ := registry.Key("Ana@Example.com")
	same, _ := registry.Key("ana@example.com")
	other, _ := registry.Key("bia@example.com")
	if ana != same || ana == other || ana>>63 != 1 {
		t.Errorf("%d, %d, %d", ana, same, other)
	}
}

// FuzzSet builds sets of any keys and holds them against a map.
func FuzzSet(f *testing.F) {
	f.Add([]byte("12345678abcdefgh12345678"), uint16(16))
	f.Add(bytes.Repeat([]byte{0xff}, 80), uint16(8))
	f.Fuzz(func(t *testing.T, data []byte, memory uint16) {
		if len(data) > 1<<14 {
			return
		}
		var keys []uint64
		for ; len(data) >= 8; data = data[8:] {
			keys = append(keys, binary.LittleEndian.Uint64(data))
		}
		s, _ := built(t, 64+int(memory), keys)
		agrees(t, s, keys, nil)
	})
}

// FuzzOpen gives any bytes as a file: they are refused, or read without a panic.
func FuzzOpen(f *testing.F) {
	_, path := built(f, 0, []uint64{1, 2, 3, 1 << 40})
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:100])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x.set")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := registry.Open(path)
		if err != nil {
			return
		}
		defer s.Close() //nolint:errcheck // only read
		_, _ = s.Has(2)
		_ = s.All(func(uint64) bool { return true })
	})
}

func BenchmarkHas(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	keys := make([]uint64, 1_000_000)
	for i := range keys {
		keys[i] = 5_511_900_000_000 + rng.Uint64N(100_000_000)
	}
	s, _ := built(b, 0, keys)
	for b.Loop() {
		if _, err := s.Has(5_511_900_000_000 + rng.Uint64N(100_000_000)); err != nil {
			b.Fatal(err)
		}
	}
}
