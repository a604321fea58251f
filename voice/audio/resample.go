package audio

import (
	"math"

	"campanario/internal/fault"
)

// Resampling is by a windowed sinc: every output sample is a weighted sum of the input around its place in time, with
// the weights of a low-pass filter below half of the lower rate. The weights are tabulated for every place between two
// input samples that can occur (a rational ratio has few), or for the nearest of maxPhases places.
const (
	minRate = 1000
	maxRate = 384000

	crossings = 32   // zero crossings of the sinc on either side, in samples of the lower rate
	kaiser    = 7.0  // shape of the window: stop band 70 dB down, below the noise of G.711 (38 dB)
	cutoff    = 0.93 // of half the lower rate: telephone speech (to 3,400 Hz) passes, 4,000 Hz and above does not
	maxPhases = 1024
)

// Resampler turns a stream of samples at one rate into a stream at another. It delays by 32 samples of the lower rate (4 ms
// at 8,000 Hz). It is not safe for concurrent use.
type Resampler struct {
	up, down int       // reduced ratio: up output samples for down input samples
	phases   int       // places tabulated: up, or maxPhases
	taps     int       // weights per place
	weights  []float32 // place after place
	history  []float32 // input not yet done with
	at       int       // where the next output sample stands in time, in 1/up of an input sample from history's start
}

// NewResampler makes a resampler between two rates of 1,000 to 384,000 Hz.
func NewResampler(from, to int) (*Resampler, error) {
	for _, rate := range [...]int{from, to} {
		if rate < minRate || rate > maxRate {
			return nil, fault.New(fault.Invalid, "audio_rate", fault.Params{"rate": rate, "min": minRate, "max": maxRate})
		}
	}
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	if from == to {
		return r, nil
	}
	r.phases = min(r.up, maxPhases)
	lower := min(from, to)
	half := (crossings*from + lower - 1) / lower // reach of the filter in input samples
	r.taps = 2 * half
	r.tabulate(cutoff*float64(lower)/float64(from), half)
	r.history = make([]float32, half-1, 4*r.taps)
	return r, nil
}

// tabulate fills the weights. band is the pass band as a share of half the input rate.
func (r *Resampler) tabulate(band float64, half int) {
	r.weights = make([]float32, r.phases*r.taps)
	for p := range r.phases {
		row := r.weights[p*r.taps : (p+1)*r.taps]
		frac := float64(p) / float64(r.phases)
		sum := 0.0
		exact := make([]float64, r.taps)
		for i := range exact {
			x := float64(i-half+1) - frac // distance of this input sample from the output's place
			exact[i] = band * sinc(band*x) * window(x/float64(half))
			sum += exact[i]
		}
		for i, w := range exact {
			row[i] = float32(w / sum) // so that a constant stays what it is
		}
	}
}

// Process takes the next samples and appends to dst what can be given for them.
func (r *Resampler) Process(dst, src []int16) []int16 {
	if r.up == r.down {
		return append(dst, src...)
	}
	for len(src) > 0 {
		// In pieces, so that the history stays as small as it was made.
		n := min(len(src), cap(r.history)-len(r.history))
		for _, s := range src[:n] {
			r.history = append(r.history, float32(s))
		}
		src = src[n:]
		dst = r.drain(dst)
	}
	return dst
}

// Flush appends what is still inside, as if silence followed, and makes the resampler new.
func (r *Resampler) Flush(dst []int16) []int16 {
	if r.up == r.down {
		return dst
	}
	dst = r.Process(dst, make([]int16, r.taps/2))
	r.history = r.history[:r.taps/2-1]
	clear(r.history)
	r.at = 0
	return dst
}

func (r *Resampler) drain(dst []int16) []int16 {
	for {
		first := r.at / r.up
		if first+r.taps > len(r.history) {
			break
		}
		phase := r.at % r.up
		if r.phases != r.up {
			phase = phase * r.phases / r.up
		}
		row := r.weights[phase*r.taps : (phase+1)*r.taps]
		in := r.history[first : first+r.taps]
		dst = append(dst, Clamp(float64(dot(row, in))))
		r.at += r.down
	}
	if done := min(r.at/r.up, len(r.history)); done > 0 {
		r.history = r.history[:copy(r.history, r.history[done:])]
		r.at -= done * r.up
	}
	return dst
}

// dot sums in four lanes: one long chain of additions would wait for itself.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range min(len(a), len(b)) {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// Resample gives the samples at another rate. The result lasts as long as the input and stands at the same place in
// time.
func Resample(samples []int16, from, to int) ([]int16, error) {
	r, err := NewResampler(from, to)
	if err != nil {
		return nil, err
	}
	want := int((int64(len(samples))*int64(to) + int64(from) - 1) / int64(from))
	out := r.Flush(r.Process(make([]int16, 0, want+8), samples))
	return out[:min(want, len(out))], nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// window is Kaiser's, for x between -1 and 1.
func window(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel(kaiser*math.Sqrt(1-x*x)) / bessel(kaiser)
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}
