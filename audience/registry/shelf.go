package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Version names the file of a list that counts now.
type Version struct {
	List   string // its id
	Number int64  // grows with each replacement
	Size   int64  // bytes of the file
	Parts  int64  // in which it is kept
	Sum    string // SHA-256 of the file, hexadecimal
}

// Source is where lists are kept. It is safe for concurrent use.
type Source interface {
	// RegistryVersions gives the newest version of every list that has entries.
	RegistryVersions(ctx context.Context) ([]Version, error)
	// RegistryPart gives a part of a file, counted from 0. An error when the version is not kept any more.
	RegistryPart(ctx context.Context, list string, version, part int64) ([]byte, error)
	// TidyRegistries removes what nobody needs any more.
	TidyRegistries(ctx context.Context, now time.Time) error
}

// ErrAway is what Look gives when a version that counts is not on the shelf yet.
var ErrAway = errors.New("registry: a list is not here yet")

// ShelfOptions for NewShelf. Folder and Source are required.
type ShelfOptions struct {
	Folder string // of the node alone; made when it is missing
	Source Source
	Log    *slog.Logger
	Every  time.Duration    // how often new versions are looked for; 0 is a second
	Now    func() time.Time // time.Now when nil
}

// Shelf keeps the files that a node needs. Run it; look-ups are safe for concurrent use, also while files are replaced.
type Shelf struct {
	o    ShelfOptions
	log  *slog.Logger
	wake chan struct{}

	fetching sync.Mutex // one at a time
	mu       sync.RWMutex
	sets     map[string]shelved
	closed   bool
}

type shelved struct {
	version int64
	path    string
	set     *Set
}

// NewShelf makes an empty one.
func NewShelf(o ShelfOptions) *Shelf {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Shelf{o: o, log: o.Log, wake: make(chan struct{}, 1), sets: map[string]shelved{}}
}

// tidyEvery is how often what nobody needs is removed.
const tidyEvery = 30 * time.Second

// Run fetches new versions until ctx ends, and closes the shelf then.
func (s *Shelf) Run(ctx context.Context) {
	defer s.close()
	tick := time.NewTicker(s.o.Every)
	defer tick.Stop()
	s.sweepBegun()
	var tidied time.Time
	for {
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("registry_fetch_failed", "error", err)
		}
		if now := s.o.Now(); now.Sub(tidied) >= tidyEvery {
			tidied = now
			if err := s.o.Source.TidyRegistries(ctx, now); err != nil && ctx.Err() == nil {
				s.log.Error("registry_tidy_failed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// Nudge makes Run look at once.
func (s *Shelf) Nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Refresh brings the shelf to the versions that count now. What fails for one list stops no other.
func (s *Shelf) Refresh(ctx context.Context) error {
	s.fetching.Lock()
	defer s.fetching.Unlock()
	versions, err := s.o.Source.RegistryVersions(ctx)
	if err != nil {
		return err
	}
	wanted := make(map[string]bool, len(versions))
	var errs []error
	for _, v := range versions {
		wanted[v.List] = true
		if s.version(v.List) == v.Number {
			continue
		}
		if err := s.fetch(ctx, v); err != nil {
			errs = append(errs, fmt.Errorf("list %s version %d: %w", v.List, v.Number, err))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range s.sets {
		if !wanted[id] {
			delete(s.sets, id)
			drop(old)
		}
	}
	return errors.Join(errs...)
}

func (s *Shelf) version(list string) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sets[list].version
}

// fetch puts a version on the shelf in place of the one before.
func (s *Shelf) fetch(ctx context.Context, v Version) error {
	if strings.ContainsAny(v.List, `/\.`) {
		return fmt.Errorf("registry: %q is no id", v.List)
	}
	if err := os.MkdirAll(s.o.Folder, 0o700); err != nil {
		return err
	}
	path := filepath.Join(s.o.Folder, fmt.Sprintf("%s-%d.set", v.List, v.Number))
	set, err := Open(path) // from before this process began
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("registry_file_refused", "list", v.List, "version", v.Number, "error", err)
		}
		if err := s.download(ctx, v, path); err != nil {
			return err
		}
		if set, err = Open(path); err != nil {
			return err
		}
		s.log.Info("registry_fetched", "list", v.List, "version", v.Number, "entries", set.Len())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return set.Close()
	}
	old := s.sets[v.List]
	s.sets[v.List] = shelved{v.Number, path, set}
	if old.set != nil {
		drop(old)
	}
	s.sweep(v.List, path)
	return nil
}

// sweep removes files of older versions that an earlier process left.
func (s *Shelf) sweep(list, keep string) {
	others, err := filepath.Glob(filepath.Join(s.o.Folder, list+"-*.set"))
	if err != nil {
		return
	}
	for _, path := range others {
		if path != keep {
			_ = os.Remove(path)
		}
	}
}

// sweepBegun removes what an earlier process did not bring to its end.
func (s *Shelf) sweepBegun() {
	for _, pattern := range []string{".fetch-*", ".registry-*"} {
		begun, err := filepath.Glob(filepath.Join(s.o.Folder, pattern))
		if err != nil {
			continue
		}
		for _, path := range begun {
			_ = os.Remove(path)
		}
	}
}

func drop(old shelved) {
	_ = old.set.Close()
	_ = os.Remove(old.path)
}

// download writes a file part by part and checks that it is the one that was published.
func (s *Shelf) download(ctx context.Context, v Version, path string) error {
	f, err := os.CreateTemp(s.o.Folder, ".fetch-*")
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	sum := sha256.New()
	var size int64
	for part := range v.Parts {
		b, err := s.o.Source.RegistryPart(ctx, v.List, v.Number, part)
		if err != nil {
			return err
		}
		size += int64(len(b))
		_, _ = sum.Write(b)
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	if size != v.Size || hex.EncodeToString(sum.Sum(nil)) != v.Sum {
		return corrupt("%d bytes with another checksum than was published", size)
	}
	if err := settle(f, path); err != nil {
		return err
	}
	done = true
	return nil
}

// Look says for each key the first of the lists that has it, by its place; -1 for none. ErrAway when one of the versions is
// not here, or cannot be read and has to be fetched anew.
func (s *Shelf) Look(lists []Version, keys []uint64) ([]int, error) {
	out := make([]int, len(keys))
	for i := range out {
		out[i] = -1
	}
	for l, v := range lists {
		if err := s.mark(v, l, keys, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mark puts l in the places of the keys that a list has and no list before it.
func (s *Shelf) mark(v Version, l int, keys []uint64, out []int) error {
	here, err := s.look(v, l, keys, out)
	switch {
	case errors.Is(err, ErrAway):
		s.Nudge()
	case err != nil:
		s.discard(v.List, here, err)
		err = fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

func (s *Shelf) look(v Version, l int, keys []uint64, out []int) (shelved, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	here := s.sets[v.List]
	if here.set == nil || here.version != v.Number {
		return here, ErrAway
	}
	for i, k := range keys {
		if out[i] >= 0 {
			continue
		}
		has, err := here.set.Has(k)
		if err != nil {
			return here, err
		}
		if has {
			out[i] = l
		}
	}
	return here, nil
}

// discard takes a file off the shelf that cannot be read, so that it is fetched anew.
func (s *Shelf) discard(list string, broken shelved, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sets[list] != broken {
		return
	}
	s.log.Error("registry_file_broken", "list", list, "version", broken.version, "error", why)
	delete(s.sets, list)
	drop(broken)
	s.Nudge()
}

func (s *Shelf) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, x := range s.sets {
		_ = x.set.Close()
	}
	clear(s.sets)
}
