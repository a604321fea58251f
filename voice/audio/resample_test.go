package audio_test

import (
	"math"
	"slices"
	"testing"

	"campanario/voice/audio"
)

func sine(frequency float64, rate, n int, peak float64) []int16 {
	s := make([]int16, n)
	for i := range s {
		s[i] = audio.Clamp(peak * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
	}
	return s
}

func TestResampleKeepsSpeechAndDropsTheRest(t *testing.T) {
	for _, from := range []int{8000, 11025, 16000, 22050, 24000, 32000, 44100, 44101, 48000, 96000} {
		for _, f := range []float64{300, 1000, 3000} {
			out, err := audio.Resample(sine(f, from, from, 10000), from, audio.Rate)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) != audio.Rate {
				t.Fatalf("a second at %d Hz became %d samples", from, len(out))
			}
			middle := out[400 : len(out)-400]
			if got := power(middle, f, audio.Rate); got < 0.9999 {
				t.Errorf("%d Hz: a sine of %.0f Hz keeps %.5f of its energy", from, f, got)
			}
			want := audio.Level(sine(f, 8000, 8000, 10000))
			if got := audio.Level(middle); math.Abs(got-want) > 0.1 {
				t.Errorf("%d Hz: %.0f Hz came out %.2f dB louder", from, f, got-want)
			}
			// The same place in time: against the ideal sine, not only its spectrum.
			ideal := sine(f, audio.Rate, audio.Rate, 10000)[400 : audio.Rate-400]
			for i := range middle {
				if d := int(middle[i]) - int(ideal[i]); d > 150 || d < -150 {
					t.Fatalf("%d Hz: %.0f Hz is off by %d at sample %d", from, f, d, i)
				}
			}
		}
		if from <= 11025 {
			continue
		}
		for _, f := range []float64{4300, 5000, 7000} {
			out, _ := audio.Resample(sine(f, from, from, 10000), from, audio.Rate)
			if got := audio.Level(out[400 : len(out)-400]); got > -70 {
				t.Errorf("%d Hz: %.0f Hz leaves %.1f dBFS behind", from, f, got)
			}
		}
	}
}

func TestResampleUp(t *testing.T) {
	for _, to := range []int{16000, 24000, 48000} {
		out, err := audio.Resample(sine(1000, 8000, 8000, 10000), 8000, to)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) != to {
			t.Errorf("%d samples for a second at %d Hz", len(out), to)
		}
		if got := power(out[to/8:len(out)-to/8], 1000, to); got < 0.9999 {
			t.Errorf("%d Hz: %.5f of the energy at 1000 Hz", to, got)
		}
	}
}

// However a stream is cut, the result is the same.
func TestResampleStreamEqualsWhole(t *testing.T) {
	in := sine(700, 22050, 30000, 20000)
	want, _ := audio.Resample(in, 22050, 8000)
	for _, piece := range []int{1, 7, 160, 441, 9999, 30000} {
		r, err := audio.NewResampler(22050, 8000)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a flushed resampler is as good as new
			var got []int16
			for rest := in; len(rest) > 0; {
				n := min(piece, len(rest))
				got = r.Process(got, rest[:n])
				rest = rest[n:]
			}
			got = r.Flush(got)
			if !slices.Equal(got[:len(want)], want) {
				t.Errorf("in pieces of %d it differs", piece)
			}
		}
	}
}

func TestResampleEdges(t *testing.T) {
	if out, err := audio.Resample(nil, 44100, 8000); err != nil || len(out) != 0 {
		t.Errorf("nothing became %d samples, %v", len(out), err)
	}
	if out, err := audio.Resample([]int16{5}, 48000, 8000); err != nil || len(out) != 1 {
		t.Errorf("one sample became %d, %v", len(out), err)
	}
	same := []int16{1, 2, 3}
	if out, err := audio.Resample(same, 8000, 8000); err != nil || !slices.Equal(out, same) {
		t.Errorf("the same rate gave %v, %v", out, err)
	}
	for _, rates := range [][2]int{{0, 8000}, {8000, 0}, {-1, 8000}, {999, 8000}, {8000, 400000}} {
		if _, err := audio.Resample(same, rates[0], rates[1]); err == nil {
			t.Errorf("%v was taken", rates)
		}
	}
	loud, _ := audio.Resample(slices.Repeat([]int16{32767}, 1000), 48000, 8000)
	if s := loud[len(loud)/2]; s < 32700 {
		t.Errorf("full scale became %d", s)
	}
}
