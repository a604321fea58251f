package speech

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// Fallback is a Speaker that plays tones where the one behind it has no voice: a call can then be tried out on a machine
// without a synthesiser, and nobody can take it for speech.
type Fallback struct {
	Speaker Speaker            // nil: tones always
	Warn    func(*fault.Error) // told when tones begin to replace speech, and again after speech was back; may be nil
	warned  atomic.Bool
}

// Speak implements Speaker.
func (f *Fallback) Speak(ctx context.Context, r Request) ([]int16, error) {
	samples, _, err := f.Say(ctx, r)
	return samples, err
}

// Say gives speech, or tones and the warning that they are tones and why.
func (f *Fallback) Say(ctx context.Context, r Request) ([]int16, *fault.Error, error) {
	clean, err := r.clean()
	if err != nil {
		return nil, nil, err
	}
	warning := fault.New(fault.Unavailable, "speech_unavailable", nil)
	if f.Speaker != nil {
		samples, err := f.Speaker.Speak(ctx, r)
		if err == nil {
			f.warned.Store(false)
			return samples, nil, nil
		}
		if fault.KindOf(err) != fault.Unavailable {
			return nil, nil, err
		}
		warning = fault.All(err)[0]
	}
	if !f.warned.Swap(true) && f.Warn != nil {
		f.Warn(warning)
	}
	return Tones(clean.Text), warning, nil
}

// The melody: two chords in turn, one for every word, as long as the word would be.
var chords = [2][2]float64{{523.25, 659.26}, {587.33, 698.46}}

const (
	perLetter  = 60 * time.Millisecond
	wordPause  = 60 * time.Millisecond
	mostTones  = 20 * time.Second
	tonesLevel = -18.0
)

// Tones is a melody about as long as the text would take to speak, at most twenty seconds. It is made of chords, which
// no beep detector takes for a voicemail's beep.
func Tones(text string) []int16 {
	t := audio.Tone{Level: tonesLevel}
	total := time.Duration(0)
	for i, word := range strings.Fields(text) {
		c := chords[i%len(chords)]
		on := time.Duration(min(len([]rune(word)), 12)+1) * perLetter
		t.Parts = append(t.Parts, audio.Part{Low: c[0], High: c[1], For: on}, audio.Part{For: wordPause})
		if total += on + wordPause; total >= mostTones {
			break
		}
	}
	return t.Render(min(total, mostTones))
}
