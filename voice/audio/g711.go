package audio

// Codec is a way of writing samples as bytes on the wire. The names are those of SDP (RFC 3551), in upper case.
type Codec string

// The two laws of ITU-T G.711, one byte per sample.
const (
	PCMA Codec = "PCMA" // A-law: the world but North America and Japan
	PCMU Codec = "PCMU" // µ-law
)

// The codes of silence, for filling what nobody spoke into.
const (
	silenceA byte = 0xD5
	silenceU byte = 0xFF
)

// Valid reports whether the codec is one of this package's.
func (c Codec) Valid() bool { return c == PCMA || c == PCMU }

// PayloadType is the codec's static RTP payload type (RFC 3551): 8 for A-law, 0 for µ-law.
func (c Codec) PayloadType() uint8 {
	if c == PCMA {
		return 8
	}
	return 0
}

// Silence is the byte that decodes to the smallest positive value.
func (c Codec) Silence() byte {
	if c == PCMA {
		return silenceA
	}
	return silenceU
}

// Encode writes the samples as bytes and returns how many: the smaller length of both.
func (c Codec) Encode(dst []byte, src []int16) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	if c == PCMA {
		for i, s := range src {
			dst[i] = encodeA[uint16(s)>>4]
		}
		return n
	}
	for i, s := range src {
		dst[i] = encodeU[uint16(s)>>2]
	}
	return n
}

// Decode writes the bytes as samples and returns how many: the smaller length of both.
func (c Codec) Decode(dst []int16, src []byte) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	table := &decodeU
	if c == PCMA {
		table = &decodeA
	}
	for i, b := range src {
		dst[i] = table[b]
	}
	return n
}

// The tables are made once and only read. A sample's code depends on its upper 12 bits (A-law) or 14 bits (µ-law)
// alone, so the tables are indexed by those and stay in the processor's first cache.
var (
	decodeA = tabulate(expandA)
	decodeU = tabulate(expandU)
	encodeA = func() (t [1 << 12]byte) {
		for i := range t {
			t[i] = compressA(int16(uint16(i) << 4))
		}
		return t
	}()
	encodeU = func() (t [1 << 14]byte) {
		for i := range t {
			t[i] = compressU(int16(uint16(i) << 2))
		}
		return t
	}()
)

func tabulate(expand func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = expand(byte(i))
	}
	return t
}

// expandA gives the middle of the interval that the code stands for (G.711 table 1: 13-bit values, here shifted to 16
// bits). Even bits are inverted on the wire.
func expandA(code byte) int16 {
	code ^= 0x55
	v := int16(code&0x0F)<<4 + 8
	if segment := code >> 4 & 0x07; segment > 0 {
		v = (v + 0x100) << (segment - 1)
	}
	if code&0x80 == 0 {
		return -v
	}
	return v
}

// compressA finds the interval of a sample. Negative values are taken as their ones' complement, so that both signs
// have equally many intervals, as in the ITU's reference (G.191).
func compressA(s int16) byte {
	sign := byte(0x80)
	if s < 0 {
		s, sign = ^s, 0
	}
	v := int(s) >> 4
	segment := byte(0)
	if v >= 16 {
		segment = 1
		for v > 31 {
			v >>= 1
			segment++
		}
	}
	return (segment<<4 | byte(v)&0x0F | sign) ^ 0x55
}

// biasU moves the 14-bit magnitude so that every segment starts at a power of two (G.711 table 2).
const biasU = 33

func expandU(code byte) int16 {
	code = ^code
	v := (int(code&0x0F)<<1+biasU)<<(code>>4&0x07) - biasU
	if code&0x80 != 0 {
		return int16(-v << 2)
	}
	return int16(v << 2)
}

func compressU(s int16) byte {
	sign := byte(0)
	if s < 0 {
		s, sign = ^s, 0x80
	}
	v := min(int(s)>>2+biasU, 0x1FFF)
	segment := byte(0)
	for m := v >> 6; m > 0; m >>= 1 {
		segment++
	}
	return ^(sign | segment<<4 | byte(v>>(segment+1)&0x0F))
}
