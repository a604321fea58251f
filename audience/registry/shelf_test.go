package registry_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"campanario/audience/registry"
)

// library is a Source in memory.
type library struct {
	mu       sync.Mutex
	versions map[string]registry.Version
	files    map[registry.Version][]byte
	spoiled  bool // parts come with a wrong byte
	tidied   chan struct{}
}

func newLibrary() *library {
	return &library{versions: map[string]registry.Version{}, files: map[registry.Version][]byte{}, tidied: make(chan struct{}, 100)}
}

// publish makes a version of the keys.
func (l *library) publish(t testing.TB, list string, number int64, keys ...uint64) registry.Version {
	t.Helper()
	_, path := built(t, 0, keys)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	v := registry.Version{List: list, Number: number, Size: int64(len(data)), Parts: int64(len(data)+999) / 1000, Sum: hex.EncodeToString(sum[:])}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.versions[list], l.files[v] = v, data
	return v
}

func (l *library) RegistryVersions(context.Context) ([]registry.Version, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []registry.Version
	for _, v := range l.versions {
		out = append(out, v)
	}
	return out, nil
}

func (l *library) RegistryPart(_ context.Context, list string, version, part int64) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.versions[list]
	if v.Number != version {
		return nil, errors.New("gone")
	}
	data := l.files[v]
	piece := append([]byte{}, data[part*1000:min(int64(len(data)), (part+1)*1000)]...)
	if l.spoiled {
		piece[0] ^= 1
	}
	return piece, nil
}

func (l *library) TidyRegistries(context.Context, time.Time) error {
	l.tidied <- struct{}{}
	return nil
}

func TestShelf(t *testing.T) {
	l, folder := newLibrary(), filepath.Join(t.TempDir(), "lists")
	shelf := registry.NewShelf(registry.ShelfOptions{Folder: folder, Source: l})
	first := l.publish(t, "a", 1, 10, 20)
	look := func(s *registry.Shelf, want error, places []int, versions ...registry.Version) {
		t.Helper()
		got, err := s.Look(versions, []uint64{10, 20, 30})
		if !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
		for i := range places {
			if got[i] != places[i] {
				t.Errorf("places %v, want %v", got, places)
			}
		}
	}
	refresh := func(s *registry.Shelf) {
		t.Helper()
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look(shelf, registry.ErrAway, nil, first)
	refresh(shelf)
	look(shelf, nil, []int{0, 0, -1}, first)
	other := l.publish(t, "b", 1, 30)
	look(shelf, registry.ErrAway, nil, first, other)
	refresh(shelf)
	look(shelf, nil, []int{0, 0, 1}, first, other)

	second := l.publish(t, "a", 2, 30)
	look(shelf, registry.ErrAway, nil, second) // it counts already, and is not here
	refresh(shelf)
	look(shelf, nil, []int{-1, -1, 0}, second, other)
	look(shelf, registry.ErrAway, nil, first) // and the old one counts no more

	l.mu.Lock()
	delete(l.versions, "b")
	l.spoiled = true
	l.mu.Unlock()
	refresh(shelf)
	look(shelf, registry.ErrAway, nil, other)
	again := registry.NewShelf(registry.ShelfOptions{Folder: folder, Source: l}) // the process starts anew
	refresh(again)
	look(again, nil, []int{-1, -1, 0}, second)
	third := l.publish(t, "a", 3, 10)
	if err := again.Refresh(t.Context()); !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("a file with a wrong byte: %v", err)
	}
	look(again, registry.ErrAway, nil, third)
	if files, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(files) != 1 {
		t.Errorf("files: %v, %v", files, err)
	}
}

// A file that rots on the disk is fetched anew, and meanwhile nobody is taken for not being on it.
func TestShelfFetchesBrokenFilesAnew(t *testing.T) {
	l, folder := newLibrary(), t.TempDir()
	shelf := registry.NewShelf(registry.ShelfOptions{Folder: folder, Source: l})
	v := l.publish(t, "a", 1, 10, 20, 30)
	if err := shelf.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(folder, "a-1.set"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{0xff}, 4096+20); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if _, err := shelf.Look([]registry.Version{v}, []uint64{20}); !errors.Is(err, registry.ErrAway) || !errors.Is(err, registry.ErrCorrupt) {
		t.Errorf("%v", err)
	}
	if err := shelf.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := shelf.Look([]registry.Version{v}, []uint64{20}); err != nil || got[0] != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// Look-ups go on while versions are replaced, and always answer from the version that was asked for.
func TestLookWhileReplaced(t *testing.T) {
	l := newLibrary()
	shelf := registry.NewShelf(registry.ShelfOptions{Folder: t.TempDir(), Source: l, Every: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	var done, looking sync.WaitGroup
	done.Go(func() { shelf.Run(ctx) })
	stop := make(chan struct{})
	for range 3 {
		looking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				versions, _ := l.RegistryVersions(ctx)
				if len(versions) == 0 {
					continue
				}
				v := versions[0]
				got, err := shelf.Look(versions, []uint64{uint64(v.Number), uint64(v.Number) + 1})
				if err == nil && (got[0] != 0 || got[1] != -1) {
					t.Errorf("version %d: %v", v.Number, got)
				}
			}
		})
	}
	for n := range int64(20) {
		l.publish(t, "a", n+1, uint64(n+1))
		if err := shelf.Refresh(ctx); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	looking.Wait()
	<-l.tidied
	cancel()
	done.Wait()
}
