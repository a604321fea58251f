package audio

import (
	"math"
	"slices"
	"time"
)

// Part is one stretch of a tone: up to two sine waves at once, or silence when both frequencies are 0.
type Part struct {
	Low, High float64       // Hz; 0 for none
	For       time.Duration // 0 or less: without end
}

// Tone is a signal made of sine waves with a cadence. The zero Tone is silence without end.
type Tone struct {
	Parts  []Part
	Repeat bool    // start again after the last part
	Level  float64 // of each wave, in dBFS of its peak: 0 is full scale. The zero value is DefaultLevel
}

// DefaultLevel is the peak of each wave of a tone, in dBFS: loud enough over a bad line, without clipping in pairs.
const DefaultLevel = -13.0

// Brazil's signals (425 Hz, Anatel) and those of the exchange that most of Latin America uses.
const callProgress = 425

// Ringback is what a caller hears while the telephone rings: 1 s in 5 s.
func Ringback() Tone {
	return Tone{Repeat: true, Parts: []Part{{Low: callProgress, For: time.Second}, {For: 4 * time.Second}}}
}

// Busy is what a caller hears when the line is engaged: 250 ms in 500 ms.
func Busy() Tone {
	return Tone{Repeat: true, Parts: []Part{
		{Low: callProgress, For: 250 * time.Millisecond}, {For: 250 * time.Millisecond},
	}}
}

// Beep is one tone of a frequency in Hz.
func Beep(frequency float64, d time.Duration) Tone {
	return Tone{Parts: []Part{{Low: frequency, For: d}}}
}

// Keys are the keys that a telephone can send, in the order of their event codes (RFC 4733).
const Keys = "0123456789*#ABCD"

var (
	keyLow  = [4]float64{697, 770, 852, 941}
	keyHigh = [4]float64{1209, 1336, 1477, 1633}
)

const keypad = "123A456B789C*0#D" // ITU-T Q.23, row by row

// KeyTone is the pair of frequencies of a key (ITU-T Q.23); false when there is no such key.
func KeyTone(key rune) (low, high float64, ok bool) {
	if key >= 'a' && key <= 'd' {
		key += 'A' - 'a'
	}
	i := slices.Index([]rune(keypad), key)
	if i < 0 {
		return 0, 0, false
	}
	return keyLow[i/4], keyHigh[i%4], true
}

// KeyTones is the sound of keys pressed one after the other, each for `on` and followed by a pause of `off`, if any. What
// is no key is left out.
func KeyTones(keys string, on, off time.Duration) Tone {
	var t Tone
	for _, k := range keys {
		if low, high, ok := KeyTone(k); ok {
			t.Parts = append(t.Parts, Part{Low: low, High: high, For: on})
			if off > 0 {
				t.Parts = append(t.Parts, Part{For: off})
			}
		}
	}
	return t
}

// Render is the first d of the tone as samples. It is shorter when the tone ends earlier.
func (t Tone) Render(d time.Duration) []int16 {
	out := make([]int16, Samples(d))
	return out[:t.Source().ReadFrame(out)]
}

// edge is how long a tone takes to swell and to fade, in samples: 2 ms keep it from clicking.
const edge = Rate / 500

// Source plays the tone from its beginning.
func (t Tone) Source() *ToneSource {
	level := t.Level
	if level == 0 {
		level = DefaultLevel
	}
	return &ToneSource{tone: t, peak: 32767 * Ratio(level)}
}

// ToneSource plays a tone. It is not safe for concurrent use.
type ToneSource struct {
	tone      Tone
	peak      float64
	part      int // index of the part that plays
	at        int // samples of it played
	low, high wave
}

// ReadFrame implements Source. A tone that has ended gives 0.
func (s *ToneSource) ReadFrame(buf []int16) int {
	n := 0
	for n < len(buf) {
		p, ok := s.current()
		if !ok {
			return n
		}
		rest := len(buf) - n
		length := Samples(p.For)
		if p.For > 0 {
			rest = min(rest, length-s.at)
		}
		s.play(buf[n:n+rest], p, length)
		n += rest
		if p.For > 0 && s.at >= length {
			s.part, s.at = s.part+1, 0
		}
	}
	return n
}

// current is the part that plays now. Parts too short for a sample are passed over; a tone of nothing else has ended.
func (s *ToneSource) current() (Part, bool) {
	if len(s.tone.Parts) == 0 {
		return Part{}, true
	}
	for range len(s.tone.Parts) + 1 {
		if s.part >= len(s.tone.Parts) {
			if !s.tone.Repeat {
				return Part{}, false
			}
			s.part = 0
		}
		p := s.tone.Parts[s.part]
		if p.For <= 0 || Samples(p.For) > 0 {
			return p, true
		}
		s.part++
	}
	return Part{}, false
}

func (s *ToneSource) play(buf []int16, p Part, length int) {
	if p.Low == 0 && p.High == 0 {
		clear(buf)
		s.at += len(buf)
		return
	}
	if s.at == 0 {
		s.low, s.high = newWave(p.Low), newWave(p.High)
	}
	for i := range buf {
		v := s.peak * (s.low.next() + s.high.next())
		if s.at < edge {
			v *= float64(s.at+1) / edge
		}
		if left := length - s.at; p.For > 0 && left < edge {
			v *= float64(left) / edge
		}
		buf[i] = Clamp(v)
		s.at++
	}
}

// wave is a sine made by turning a pointer a little with every sample: no sine is computed while it plays.
type wave struct{ re, im, turnRe, turnIm float64 }

func newWave(frequency float64) wave {
	if frequency <= 0 {
		return wave{}
	}
	im, re := math.Sincos(2 * math.Pi * frequency / Rate)
	return wave{re: 1, turnRe: re, turnIm: im}
}

func (w *wave) next() float64 {
	v := w.im
	w.re, w.im = w.re*w.turnRe-w.im*w.turnIm, w.re*w.turnIm+w.im*w.turnRe
	return v
}
