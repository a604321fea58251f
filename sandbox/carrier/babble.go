package carrier

import (
	"context"
	"math"
	"strings"
	"time"

	"campanario/voice/audio"
	"campanario/voice/speech"
)

// babble is a Speaker for machines without a synthesiser: a hum with the rhythm of the text's syllables. It says nothing,
// but detection takes it for speech of that length.
type babble struct{}

const (
	syllable = 170 * time.Millisecond
	breath   = 350 * time.Millisecond // at a comma or a full stop
)

// Speak implements speech.Speaker.
func (babble) Speak(_ context.Context, r speech.Request) ([]int16, error) {
	var out []int16
	vowel := false
	n := 0
	for _, c := range strings.ToLower(r.Text) {
		switch {
		case strings.ContainsRune("aeiouáàâãéêíóôõú", c):
			if !vowel {
				out = hum(out, n)
				n++
			}
			vowel = true
		case strings.ContainsRune(",.?!", c):
			out = append(out, make([]int16, audio.Samples(breath))...)
			vowel = false
		default:
			vowel = false
		}
	}
	return out, nil
}

// hum appends one syllable: a buzzing voice whose pitch glides, so that it is no tone.
func hum(out []int16, n int) []int16 {
	length := audio.Samples(syllable)
	pitch := 110 + 17*float64(n*7%5)
	phase := 0.0
	for i := range length {
		at := float64(i) / float64(length)
		phase += 2 * math.Pi * pitch * (1 + 0.25*at) / audio.Rate
		v := 0.0
		for h := 1.0; h <= 10; h++ {
			v += math.Sin(h*phase) / math.Sqrt(h)
		}
		envelope := math.Min(1, 6*math.Min(at, 1-at))
		out = append(out, audio.Clamp(2500*envelope*v))
	}
	return out
}
