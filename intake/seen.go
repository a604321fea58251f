package intake

import (
	"hash/maphash"
	"strings"

	"campanario/channel"
)

// seen remembers which addresses a file has had, and on which line first. It is an open-addressing table of twelve bytes
// a place, because a map of ten million texts would take a gigabyte.
type seen struct {
	keys  []uint64 // 0 is a free place
	lines []uint32
	count int
	seed  maphash.Seed
}

func newSeen() *seen {
	return &seen{keys: make([]uint64, 1024), lines: make([]uint32, 1024), seed: maphash.MakeSeed()}
}

// before is the line on which the address came first; 0 when it has not come yet, and it is remembered.
func (s *seen) before(a channel.Address, line int) int {
	key := s.key(a)
	i := s.place(key)
	if s.keys[i] == key {
		return int(s.lines[i])
	}
	s.keys[i], s.lines[i] = key, uint32(line)
	if s.count++; s.count*4 > len(s.keys)*3 {
		s.grow()
	}
	return 0
}

// key is the number itself of a phone, which fifteen digits can be told apart by, and a hash of a mailbox without regard
// to capitals: two of ten million fall together once in 370,000 files.
func (s *seen) key(a channel.Address) uint64 {
	if digits, ok := strings.CutPrefix(string(a), "+"); ok && len(digits) <= 15 {
		n := uint64(0)
		for i := 0; i < len(digits); i++ {
			n = n*10 + uint64(digits[i]-'0')
		}
		return n | 1<<63
	}
	if h := maphash.String(s.seed, strings.ToLower(string(a))) &^ (1 << 63); h != 0 {
		return h
	}
	return 1
}

// place is where the key is, or would be.
func (s *seen) place(key uint64) int {
	mask := uint64(len(s.keys) - 1)
	i := key * 0x9e3779b97f4a7c15 >> 20 & mask // the product's middle bits depend on all of the key
	for s.keys[i] != 0 && s.keys[i] != key {
		i = (i + 1) & mask
	}
	return int(i)
}

func (s *seen) grow() {
	keys, lines := s.keys, s.lines
	s.keys, s.lines = make([]uint64, 2*len(keys)), make([]uint32, 2*len(lines))
	for i, key := range keys {
		if key != 0 {
			at := s.place(key)
			s.keys[at], s.lines[at] = key, lines[i]
		}
	}
}
