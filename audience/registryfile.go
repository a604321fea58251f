package audience

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"campanario/audience/registry"
	"campanario/internal/fault"
)

// built is the file of an upload, before it is kept.
type built struct {
	path                    string
	rows, entries, rejected int64
	problems                []RejectedEntry
}

func (b *built) remove() { _ = os.Remove(b.path) }

// build makes the file of an upload.
func (s *Registries) build(ctx context.Context, entries Entries) (*built, error) {
	if err := os.MkdirAll(s.o.Folder, 0o700); err != nil {
		return nil, err
	}
	to := registry.NewBuilder(registry.BuilderOptions{Folder: s.o.Folder, Max: s.o.Max})
	defer to.Close()
	b := &built{}
	for {
		if b.rows%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		a, bad, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if bad != nil {
			if b.rejected++; len(b.problems) < maxReplaceProblems {
				b.problems = append(b.problems, *bad)
			}
			continue
		}
		key, ok := registry.Key(a)
		if !ok { // every address of ours has one
			return nil, fmt.Errorf("registry: no key for an address of row %d", b.rows+1)
		}
		if err := to.Add(key); err != nil {
			return nil, tooMany(err, s.o.Max)
		}
		b.rows++
	}
	// A name of its own, which is a whole file's from the first byte on that anybody sees.
	f, err := os.CreateTemp(s.o.Folder, ".registry-*")
	if err != nil {
		return nil, err
	}
	b.path = filepath.Clean(f.Name())
	if err := f.Close(); err != nil {
		return nil, err
	}
	if b.entries, err = to.Write(ctx, b.path); err != nil {
		b.remove()
		return nil, err
	}
	return b, nil
}

func tooMany(err error, most int64) error {
	if !errors.Is(err, registry.ErrTooMany) {
		return err
	}
	if most == 0 {
		most = registry.MaxKeys
	}
	return fault.New(fault.Invalid, "registry_too_large", fault.Params{"max": most})
}

// keep puts a file into the store, part by part. A part is one transaction: campaigns go on meanwhile.
func (s *Registries) keep(ctx context.Context, r Registry, path string) (size, parts int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, "", err
	}
	defer f.Close() //nolint:errcheck // only read
	hash := sha256.New()
	buffer := make([]byte, s.o.Part)
	for {
		n, err := io.ReadFull(f, buffer)
		if n > 0 {
			_, _ = hash.Write(buffer[:n])
			if err := s.o.Store.AddRegistryPart(ctx, r.ID, r.Version, parts, buffer[:n], s.o.Now()); err != nil {
				return 0, 0, "", err
			}
			size += int64(n)
			parts++
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return size, parts, hex.EncodeToString(hash.Sum(nil)), nil
		case err != nil:
			return 0, 0, "", err
		}
	}
}
