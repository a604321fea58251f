package audio_test

import (
	"testing"

	"campanario/voice/audio"
)

func BenchmarkEncodeFrame(b *testing.B) {
	src := sine(700, 8000, audio.FrameSize, 9000)
	dst := make([]byte, audio.FrameSize)
	for _, c := range []audio.Codec{audio.PCMA, audio.PCMU} {
		b.Run(string(c), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Encode(dst, src)
			}
		})
	}
}

func BenchmarkDecodeFrame(b *testing.B) {
	src := make([]byte, audio.FrameSize)
	audio.PCMA.Encode(src, sine(700, 8000, audio.FrameSize, 9000))
	dst := make([]int16, audio.FrameSize)
	for _, c := range []audio.Codec{audio.PCMA, audio.PCMU} {
		b.Run(string(c), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Decode(dst, src)
			}
		})
	}
}

func BenchmarkToneFrame(b *testing.B) {
	src := audio.Tone{Parts: []audio.Part{{Low: 697, High: 1209}}}.Source()
	buf := make([]int16, audio.FrameSize)
	b.ReportAllocs()
	for b.Loop() {
		src.ReadFrame(buf)
	}
}

// A second of sound to the telephone's rate.
func BenchmarkResampleSecond(b *testing.B) {
	in := sine(700, 22050, 22050, 9000)
	r, err := audio.NewResampler(22050, 8000)
	if err != nil {
		b.Fatal(err)
	}
	out := make([]int16, 0, 9000)
	b.ReportAllocs()
	for b.Loop() {
		out = r.Process(out[:0], in)
	}
}
