package detect

import (
	"math"

	"campanario/voice/audio"
)

const (
	lowest    = 395.0 // Hz
	highest   = 2300.0
	misfit    = 0.004 // of the prediction, relative to four times the energy: some 24 dB of tone over all else
	steady    = 8.0   // Hz that a tone may waver
	toneLevel = 40.0  // mean magnitude under which nothing is a tone

	// In noise the prediction fails though there is a tone. Then the frame is taken for white noise and a sine, whose
	// frequency two correlations tell (Pisarenko), and the sine is a tone if it holds most of the energy.
	likely = 0.7  // share of the energy by the correlations that is worth a closer look
	mostly = 0.82 // share by the closer look
)

// pitch is what a frame's tone is; the zero pitch is none.
type pitch struct {
	frequency float64 // Hz
	clean     bool    // nothing else is in the frame
}

// tone looks for one sine wave in a frame.
func tone(frame []int16, mean float64) pitch {
	if len(frame) < 3 || mean < toneLevel {
		return pitch{}
	}
	// With s = x[n] + x[n-2], the best c in s = c·x[n-1] is sx/xx, and what it leaves unexplained ss - sx²/xx.
	var ss, sx, xx, r2 int64
	x2, x1 := int64(frame[0]), int64(frame[1])
	for _, v := range frame[2:] {
		x0 := int64(v)
		s := x0 + x2
		ss += s * s
		sx += s * x1
		xx += x1 * x1
		r2 += x0 * x2
		x2, x1 = x1, x0
	}
	if xx == 0 {
		return pitch{}
	}
	c := float64(sx) / float64(xx)
	if left := float64(ss) - float64(sx)*c; left <= 4*misfit*float64(xx) {
		return pitch{frequency: hertz(c / 2), clean: true}.within()
	}
	r1, lag2 := float64(sx)/2, float64(r2)
	if r1 == 0 {
		return pitch{}
	}
	w := (lag2 + math.Sqrt(lag2*lag2+8*r1*r1)) / (4 * r1) // the cosine of the sine's step
	if w == 0 || r1/w < likely*float64(xx) {
		return pitch{}
	}
	p := pitch{frequency: hertz(w)}.within()
	if p.frequency == 0 {
		return pitch{}
	}
	return look(frame, p.frequency).within()
}

// hertz is the frequency whose step has that cosine; 0 for none.
func hertz(cosine float64) float64 {
	if cosine <= -1 || cosine >= 1 {
		return 0
	}
	return math.Acos(cosine) * audio.Rate / (2 * math.Pi)
}

func (p pitch) within() pitch {
	if p.frequency < lowest || p.frequency > highest {
		return pitch{}
	}
	return p
}

// look compares both halves of a frame with a sine of about that frequency: how much of the energy it holds, and, by how
// far its phase has moved from one half to the other, its frequency to a few hertz.
func look(frame []int16, frequency float64) pitch {
	half := len(frame) / 2
	turnIm, turnRe := math.Sincos(2 * math.Pi * frequency / audio.Rate)
	var sums [2]complex128
	energy := 0.0
	re, im := 1.0, 0.0
	for h := range sums {
		var a, b float64
		for _, s := range frame[h*half : (h+1)*half] {
			x := float64(s)
			a += x * re
			b -= x * im
			energy += x * x
			re, im = re*turnRe-im*turnIm, re*turnIm+im*turnRe
		}
		sums[h] = complex(a, b)
	}
	held := (square(sums[0]) + square(sums[1])) * 2 / float64(half)
	if held < mostly*energy {
		return pitch{}
	}
	turn := sums[1] * complex(real(sums[0]), -imag(sums[0]))
	moved := math.Atan2(imag(turn), real(turn)) * audio.Rate / (2 * math.Pi * float64(half))
	return pitch{frequency: frequency + moved}
}

func square(c complex128) float64 { return real(c)*real(c) + imag(c)*imag(c) }
