package registry

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"
	"sync"
)

const (
	magic     = "CMPREG\x00\x01" // the last byte is the version
	blockSize = 4096
	blockHead = 4 + 2 + 8
	headSize  = 8 + 8 + 8 + 8 + 4 + 4
	// mostBlocks bounds what a broken header can ask for: 2 GiB of blocks.
	mostBlocks = 1 << 19
)

// ErrCorrupt is what every error about a file that is not as it was written is (errors.Is).
var ErrCorrupt = errors.New("registry: the file is corrupt")

func corrupt(why string, args ...any) error {
	return fmt.Errorf("%w: "+why, append([]any{ErrCorrupt}, args...)...)
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// Set is an open file. It is safe for concurrent use.
type Set struct {
	file    *os.File
	index   []uint64 // the first key of each block
	last    uint64
	count   uint64
	buffers sync.Pool
}

// Open opens a file. Its header, its index and its size are checked, its blocks when they are read.
func Open(path string) (*Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Set{file: f}
	s.buffers.New = func() any { return new([blockSize]byte) }
	if err := s.begin(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return s, nil
}

// begin reads the header and the index.
func (s *Set) begin() error {
	var head [headSize]byte
	if _, err := s.file.ReadAt(head[:], 0); err != nil {
		if errors.Is(err, io.EOF) {
			return corrupt("it ends in its header")
		}
		return err
	}
	if !bytes.Equal(head[:8], []byte(magic)) {
		return corrupt("it is none, or of another version")
	}
	if binary.LittleEndian.Uint32(head[36:]) != checksum(head[:36]) {
		return corrupt("checksum of the header")
	}
	s.count = binary.LittleEndian.Uint64(head[8:])
	blocks := binary.LittleEndian.Uint64(head[16:])
	s.last = binary.LittleEndian.Uint64(head[24:])
	if blocks > mostBlocks {
		return corrupt("%d blocks", blocks)
	}
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	if want := int64(blocks+1)*blockSize + int64(blocks)*8; info.Size() != want {
		return corrupt("%d bytes instead of %d", info.Size(), want)
	}
	raw := make([]byte, blocks*8)
	if _, err := s.file.ReadAt(raw, int64(blocks+1)*blockSize); err != nil && len(raw) > 0 {
		return err
	}
	if binary.LittleEndian.Uint32(head[32:]) != checksum(raw) {
		return corrupt("checksum of the index")
	}
	s.index = make([]uint64, blocks)
	for i := range s.index {
		s.index[i] = binary.LittleEndian.Uint64(raw[i*8:])
	}
	if !slices.IsSorted(s.index) {
		return corrupt("order of the index")
	}
	return nil
}

// Len is how many keys there are.
func (s *Set) Len() int64 { return int64(min(s.count, math.MaxInt64)) }

// Has reports whether a key is in the set. It reads one block of the file.
func (s *Set) Has(key uint64) (bool, error) {
	i, found := slices.BinarySearch(s.index, key)
	if found {
		return true, nil
	}
	if i == 0 || key > s.last {
		return false, nil
	}
	buffer := s.buffers.Get().(*[blockSize]byte)
	defer s.buffers.Put(buffer)
	found = false
	err := s.block(i-1, buffer, func(k uint64) bool {
		found = k == key
		return k < key
	})
	return found, err
}

// All calls each with every key in ascending order, until it is false. It reads the whole file and so checks it.
func (s *Set) All(each func(uint64) bool) error {
	var buffer [blockSize]byte
	var n, last uint64
	going := true
	for i := 0; i < len(s.index) && going; i++ {
		ordered := true
		err := s.block(i, &buffer, func(k uint64) bool {
			ordered = ordered && (n == 0 || k > last)
			n, last = n+1, k
			going = each(k)
			return going
		})
		if err != nil {
			return err
		}
		if !ordered {
			return corrupt("order of block %d", i)
		}
	}
	if going && (n != s.count || last != s.last) {
		return corrupt("%d keys instead of %d", n, s.count)
	}
	return nil
}

// block reads a block and calls each with its keys, until it is false.
func (s *Set) block(i int, buffer *[blockSize]byte, each func(uint64) bool) error {
	if _, err := s.file.ReadAt(buffer[:], int64(i+1)*blockSize); err != nil {
		if errors.Is(err, io.EOF) {
			return corrupt("it ends in block %d", i)
		}
		return fmt.Errorf("registry: %w", err)
	}
	if binary.LittleEndian.Uint32(buffer[:]) != checksum(buffer[4:]) {
		return corrupt("checksum of block %d", i)
	}
	n := int(binary.LittleEndian.Uint16(buffer[4:]))
	key := binary.LittleEndian.Uint64(buffer[6:])
	if n == 0 || key != s.index[i] {
		return corrupt("first key of block %d", i)
	}
	for at := blockHead; ; {
		if !each(key) {
			return nil
		}
		if n--; n == 0 {
			return nil
		}
		d, size := binary.Uvarint(buffer[at:])
		if size <= 0 || d == 0 || key+d < key {
			return corrupt("keys of block %d", i)
		}
		at += size
		key += d
	}
}

// Close closes the file. Look-ups that come after it fail.
func (s *Set) Close() error { return s.file.Close() }
