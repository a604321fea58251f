package registry

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writer writes a file, given its keys in ascending order; a key that repeats the last one is dropped.
type writer struct {
	out   *bufio.Writer
	block [blockSize]byte
	n     int // keys in the block
	at    int // bytes of it that are used
	last  uint64
	count uint64
	index []uint64
}

func (w *writer) add(key uint64) error {
	if w.count > 0 && key == w.last {
		return nil
	}
	if w.n > 0 {
		var d [binary.MaxVarintLen64]byte
		size := binary.PutUvarint(d[:], key-w.last)
		if w.at+size <= blockSize {
			copy(w.block[w.at:], d[:size])
			w.at += size
			w.n++
			w.count++
			w.last = key
			return nil
		}
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(w.index) == mostBlocks {
		return fmt.Errorf("registry: more than %d blocks", mostBlocks)
	}
	w.index = append(w.index, key)
	binary.LittleEndian.PutUint64(w.block[6:], key)
	w.n, w.at, w.last = 1, blockHead, key
	w.count++
	return nil
}

func (w *writer) flush() error {
	if w.n == 0 {
		return nil
	}
	binary.LittleEndian.PutUint16(w.block[4:], uint16(w.n))
	clear(w.block[w.at:])
	binary.LittleEndian.PutUint32(w.block[:], checksum(w.block[4:]))
	w.n = 0
	_, err := w.out.Write(w.block[:])
	return err
}

// finish writes what is left and gives the header, which is written over the beginning.
func (w *writer) finish() ([]byte, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	raw := make([]byte, 8*len(w.index))
	for i, k := range w.index {
		binary.LittleEndian.PutUint64(raw[i*8:], k)
	}
	if _, err := w.out.Write(raw); err != nil {
		return nil, err
	}
	head := make([]byte, headSize)
	copy(head, magic)
	binary.LittleEndian.PutUint64(head[8:], w.count)
	binary.LittleEndian.PutUint64(head[16:], uint64(len(w.index)))
	binary.LittleEndian.PutUint64(head[24:], w.last)
	binary.LittleEndian.PutUint32(head[32:], checksum(raw))
	binary.LittleEndian.PutUint32(head[36:], checksum(head[:36]))
	return head, w.out.Flush()
}

// write makes the file of the keys that give gives in ascending order; it is complete under its name or not there.
func write(path string, give func(add func(uint64) error) error) (count uint64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".registry-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	w := &writer{out: bufio.NewWriterSize(f, 1<<20)}
	if _, err = w.out.Write(make([]byte, blockSize)); err != nil {
		return 0, err
	}
	if err = give(w.add); err != nil {
		return 0, err
	}
	head, err := w.finish()
	if err != nil {
		return 0, err
	}
	if _, err = f.WriteAt(head, 0); err != nil {
		return 0, err
	}
	return w.count, settle(f, path)
}

// settle puts a temporary file that is complete on the disk, and under its name.
func settle(f *os.File, path string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // only read
	return dir.Sync()
}

// run is a sorted run that was put aside.
type run struct {
	in   *bufio.Reader
	key  uint64
	over bool
}

// next reads the next key.
func (r *run) next() error {
	d, err := binary.ReadUvarint(r.in)
	if err == io.EOF { //nolint:errorlint // ReadUvarint gives the value itself between numbers
		r.over = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("registry: sorted run: %w", err)
	}
	r.key += d
	return nil
}
