package audio_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"campanario/voice/audio"
)

// Values of tables 1a and 2a of ITU-T G.711 (character signals and the values they stand for), on a scale of 16 bits.
func TestG711KnownVectors(t *testing.T) {
	tests := []struct {
		codec audio.Codec
		code  byte
		want  int16
	}{
		{audio.PCMA, 0xD5, 8},
		{audio.PCMA, 0x55, -8},
		{audio.PCMA, 0xD4, 24},
		{audio.PCMA, 0xDA, 248},
		{audio.PCMA, 0xC5, 264},
		{audio.PCMA, 0xF5, 528},
		{audio.PCMA, 0xE5, 1056},
		{audio.PCMA, 0x95, 2112},
		{audio.PCMA, 0x85, 4224},
		{audio.PCMA, 0xB5, 8448},
		{audio.PCMA, 0xA5, 16896},
		{audio.PCMA, 0xAA, 32256},
		{audio.PCMA, 0x2A, -32256},
		{audio.PCMU, 0xFF, 0},
		{audio.PCMU, 0x7F, 0},
		{audio.PCMU, 0xFE, 8},
		{audio.PCMU, 0xF0, 120},
		{audio.PCMU, 0xEF, 132},
		{audio.PCMU, 0xDF, 396},
		{audio.PCMU, 0xCF, 924},
		{audio.PCMU, 0xBF, 1980},
		{audio.PCMU, 0xAF, 4092},
		{audio.PCMU, 0x9F, 8316},
		{audio.PCMU, 0x8F, 16764},
		{audio.PCMU, 0x80, 32124},
		{audio.PCMU, 0x00, -32124},
	}
	for _, tt := range tests {
		var got [1]int16
		tt.codec.Decode(got[:], []byte{tt.code})
		if got[0] != tt.want {
			t.Errorf("%s %#02x: %d, want %d", tt.codec, tt.code, got[0], tt.want)
		}
	}
}

// Every code must survive decoding and encoding; only µ-law has two zeros.
func TestG711CodesSurvive(t *testing.T) {
	for _, codec := range []audio.Codec{audio.PCMA, audio.PCMU} {
		for c := range 256 {
			var s [1]int16
			var b [1]byte
			codec.Decode(s[:], []byte{byte(c)})
			codec.Encode(b[:], s[:])
			want := byte(c)
			if codec == audio.PCMU && want == 0x7F {
				want = 0xFF
			}
			if b[0] != want {
				t.Errorf("%s: %#02x decodes to %d, which encodes to %#02x", codec, c, s[0], b[0])
			}
		}
	}
}

// decisions are the decision values of tables 1 and 2 of G.711 on a scale of 16 bits: where one interval ends and the
// next begins.
func decisions(codec audio.Codec) []int {
	var values []int
	v, steps := 0, []int{16, 16, 32, 64, 128, 256, 512, 1024}
	if codec == audio.PCMU {
		v, steps = -4, []int{8, 16, 32, 64, 128, 256, 512, 1024}
	}
	for _, step := range steps {
		for range 16 {
			v += step
			values = append(values, v)
		}
	}
	return values[:127]
}

// Every sample must get the code of the interval that it lies in. On a border either neighbour is right (the
// Recommendation leaves it open); ours is the outer one for positive values and, as in the ITU's reference programs,
// the inner one for negative values.
func TestG711CodesByDecisionValues(t *testing.T) {
	for _, codec := range []audio.Codec{audio.PCMA, audio.PCMU} {
		values := decisions(codec)
		for v := math.MinInt16; v <= math.MaxInt16; v++ {
			magnitude, sign := v, byte(0x80)
			if v < 0 {
				magnitude, sign = -v-1, 0
			}
			n, _ := slices.BinarySearch(values, magnitude+1)
			want := byte(n) | sign
			if codec == audio.PCMA {
				want ^= 0x55
			} else {
				want ^= 0x7F
			}
			var b [1]byte
			codec.Encode(b[:], []int16{int16(v)})
			if b[0] != want {
				t.Fatalf("%s: %d got code %#02x, want %#02x", codec, v, b[0], want)
			}
		}
	}
}

// The same samples through sox, over the whole range: an encoder and a decoder that are not ours.
func TestG711AgreesWithSox(t *testing.T) {
	var pcm []byte
	var samples []int16
	for v := math.MinInt16; v <= math.MaxInt16; v++ {
		samples = append(samples, int16(v))
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(v))
	}
	raw := []string{"-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-"}
	for _, tt := range []struct {
		codec audio.Codec
		sox   string
	}{{audio.PCMA, "al"}, {audio.PCMU, "ul"}} {
		law := []string{"-t", tt.sox, "-r", "8000", "-c", "1", "-"}
		theirs := run(t, pcm, "sox", append(append([]string{"-D"}, raw...), law...)...)
		if len(theirs) != len(samples) {
			t.Fatalf("sox gave %d bytes", len(theirs))
		}
		ours := make([]byte, len(samples))
		tt.codec.Encode(ours, samples)
		// sox rounds to 13 or 14 bits before it looks, so it may be in the neighbouring interval just beside a border.
		values := append(decisions(tt.codec), 0)
		for i := range ours {
			magnitude := int(samples[i])
			if magnitude < 0 {
				magnitude = -magnitude
			}
			near := slices.ContainsFunc(values, func(v int) bool { return v-8 <= magnitude && magnitude <= v+8 })
			if ours[i] != theirs[i] && !near {
				t.Fatalf("%s: %d: ours %#02x, sox %#02x", tt.codec, samples[i], ours[i], theirs[i])
			}
		}

		back := run(t, theirs, "sox", append(append([]string{"-D"}, law...), raw...)...)
		decoded := make([]int16, len(theirs))
		tt.codec.Decode(decoded, theirs)
		for i, s := range decoded {
			if sox := int16(binary.LittleEndian.Uint16(back[2*i:])); s != sox {
				t.Fatalf("%s: %#02x decodes to %d, sox %d", tt.codec, theirs[i], s, sox)
			}
		}
	}
}
