package speech

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"campanario/voice/audio"
)

// cache keeps sound by key, the least recently used leaving first, and lets only one caller make what is missing.
type cache struct {
	folder     string // empty: no files
	most, file int64  // bytes in memory and in the folder

	mu     sync.Mutex
	size   int64
	byKey  map[string]*list.Element
	order  *list.List // of entry, the newest in front
	making map[string]chan struct{}
	onDisk int64 // bytes in the folder, as far as known
}

type entry struct {
	key     string
	samples []int16
}

func (e *entry) bytes() int64 { return int64(2*len(e.samples) + len(e.key) + 128) }

// keyOf names a sound by everything it depends on.
func keyOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// suffix marks our files in the folder; nothing else there is touched.
const suffix = ".speech.wav"

func newCache(folder string, most, file int64) (*cache, error) {
	c := &cache{
		folder: folder, most: most, file: file,
		byKey: map[string]*list.Element{}, order: list.New(), making: map[string]chan struct{}{},
	}
	if folder == "" {
		return c, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	for _, f := range c.files() {
		c.onDisk += f.size
	}
	return c, nil
}

// get gives the sound of a key, made by produce if nobody has it. A caller that waits for another's work takes over when
// that fails.
func (c *cache) get(ctx context.Context, key string, produce func() ([]int16, error)) ([]int16, error) {
	for {
		samples, wait := c.look(key)
		switch {
		case samples != nil:
			return samples, nil
		case wait == nil:
			return c.fill(key, produce)
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look gives what is in memory, or a channel that is closed when another caller is done, or neither: then the caller is
// the one to make it.
func (c *cache) look(key string) ([]int16, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.byKey[key]; el != nil {
		c.order.MoveToFront(el)
		return el.Value.(*entry).samples, nil
	}
	if wait := c.making[key]; wait != nil {
		return nil, wait
	}
	c.making[key] = make(chan struct{})
	return nil, nil
}

func (c *cache) fill(key string, produce func() ([]int16, error)) (samples []int16, err error) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.making[key])
		delete(c.making, key)
	}()
	if samples = c.load(key); samples == nil {
		if samples, err = produce(); err != nil {
			return nil, err
		}
		c.store(key, samples)
	}
	c.keep(&entry{key: key, samples: samples})
	return samples, nil
}

// keep puts an entry into memory and drops the oldest ones that no longer fit.
func (c *cache) keep(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.bytes() > c.most || len(e.samples) == 0 {
		return
	}
	c.byKey[e.key] = c.order.PushFront(e)
	c.size += e.bytes()
	for c.size > c.most {
		old := c.order.Remove(c.order.Back()).(*entry)
		delete(c.byKey, old.key)
		c.size -= old.bytes()
	}
}

func (c *cache) path(key string) string { return filepath.Join(c.folder, key+suffix) }

// load reads a file of the folder; nil when it is not there or not what we wrote.
func (c *cache) load(key string) []int16 {
	if c.folder == "" {
		return nil
	}
	f, err := os.Open(c.path(key))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	clip, err := audio.ReadWAV(f, longest)
	if err != nil || clip.Rate != audio.Rate {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(c.path(key), now, now) // so that the least recently used can be told; only a hint
	return clip.Samples
}

// store writes a file. A folder that cannot be written costs time later, not the call now.
func (c *cache) store(key string, samples []int16) {
	if c.folder == "" || len(samples) == 0 {
		return
	}
	size := int64(2*len(samples) + 44)
	if size > c.file {
		return
	}
	tmp, err := os.CreateTemp(c.folder, key+"*.part")
	if err != nil {
		return
	}
	err = audio.WriteWAV(tmp, audio.Clip{Rate: audio.Rate, Samples: samples})
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), c.path(key)) // whole or not at all
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.onDisk += size; c.onDisk > c.file {
		c.sweep()
	}
}

// sweep removes the files used longest ago until a tenth of the room is free. The lock is held.
func (c *cache) sweep() {
	files := c.files()
	slices.SortFunc(files, func(a, b kept) int { return a.used.Compare(b.used) })
	c.onDisk = 0
	for _, f := range files {
		c.onDisk += f.size
	}
	for _, f := range files {
		if c.onDisk <= c.file-c.file/10 {
			return
		}
		if err := os.Remove(filepath.Join(c.folder, f.name)); err == nil || errors.Is(err, fs.ErrNotExist) {
			c.onDisk -= f.size
		}
	}
}

// kept is a file of the folder.
type kept struct {
	name string
	size int64
	used time.Time
}

func (c *cache) files() []kept {
	entries, err := os.ReadDir(c.folder)
	if err != nil {
		return nil
	}
	var out []kept
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		if info, err := e.Info(); err == nil {
			out = append(out, kept{name: e.Name(), size: info.Size(), used: info.ModTime()})
		}
	}
	return out
}
