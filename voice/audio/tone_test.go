package audio_test

import (
	"math"
	"testing"
	"time"

	"campanario/voice/audio"
)

// power is the share of the samples' energy at a frequency, by correlation with a sine and a cosine.
func power(samples []int16, frequency float64, rate int) float64 {
	var re, im, total float64
	for i, s := range samples {
		sin, cos := math.Sincos(2 * math.Pi * frequency * float64(i) / float64(rate))
		re += float64(s) * cos
		im += float64(s) * sin
		total += float64(s) * float64(s)
	}
	if total == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(samples)) / total
}

func TestKeyTonesAreThePairsOfQ23(t *testing.T) {
	pairs := map[rune][2]float64{
		'1': {697, 1209}, '2': {697, 1336}, '3': {697, 1477}, 'A': {697, 1633},
		'4': {770, 1209}, '5': {770, 1336}, '6': {770, 1477}, 'B': {770, 1633},
		'7': {852, 1209}, '8': {852, 1336}, '9': {852, 1477}, 'C': {852, 1633},
		'*': {941, 1209}, '0': {941, 1336}, '#': {941, 1477}, 'D': {941, 1633},
	}
	if len(pairs) != len(audio.Keys) {
		t.Fatal("not every key is tested")
	}
	for _, key := range audio.Keys {
		s := audio.KeyTones(string(key), 200*time.Millisecond, 0).Render(200 * time.Millisecond)
		for _, f := range pairs[key] {
			if got := power(s, f, audio.Rate); got < 0.45 || got > 0.55 {
				t.Errorf("key %c: %.0f Hz holds %.3f of the energy, want half", key, f, got)
			}
		}
	}
	pressed := audio.KeyTones("1x2", 100*time.Millisecond, 50*time.Millisecond)
	if s := pressed.Render(time.Second); audio.Duration(len(s), audio.Rate) != 300*time.Millisecond {
		t.Errorf("two keys last %d samples", len(s))
	}
	if s := audio.KeyTones("1", 100*time.Millisecond, 0).Render(time.Second); len(s) != 800 {
		t.Errorf("one key without a pause lasts %d samples", len(s))
	}
	if _, _, ok := audio.KeyTone('x'); ok {
		t.Error("x is no key")
	}
	if low, _, ok := audio.KeyTone('a'); !ok || low != 697 {
		t.Error("keys in lower case are not known")
	}
}

func TestToneCadence(t *testing.T) {
	tests := []struct {
		name    string
		tone    audio.Tone
		on, off time.Duration
	}{
		{"ringback", audio.Ringback(), time.Second, 4 * time.Second},
		{"busy", audio.Busy(), 250 * time.Millisecond, 250 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.tone.Render(3 * (tt.on + tt.off))
			if audio.Duration(len(s), audio.Rate) != 3*(tt.on+tt.off) {
				t.Fatalf("%d samples", len(s))
			}
			for i := 0; i < len(s); i += audio.FrameSize {
				within := audio.Duration(i, audio.Rate) % (tt.on + tt.off)
				level := audio.Level(s[i:min(i+audio.FrameSize, len(s))])
				switch {
				case within+audio.FrameDuration <= tt.on && level < -20:
					t.Fatalf("silence at %v", within)
				case within >= tt.on && within+audio.FrameDuration <= tt.on+tt.off && level > audio.Floor:
					t.Fatalf("%.1f dBFS at %v", level, within)
				}
			}
			if got := power(s[:audio.Samples(tt.on)], 425, audio.Rate); got < 0.95 {
				t.Errorf("only %.2f of the energy at 425 Hz", got)
			}
		})
	}
}

func TestToneLevelAndEnd(t *testing.T) {
	tone := audio.Tone{Level: -6, Parts: []audio.Part{{Low: 1000, For: time.Second}}}
	s := tone.Render(2 * time.Second)
	if len(s) != audio.Rate {
		t.Fatalf("a tone of a second gave %d samples", len(s))
	}
	if got := audio.Level(s); math.Abs(got-(-6-3.01)) > 0.1 {
		t.Errorf("a sine with its peak at -6 dBFS is at %.2f dBFS", got)
	}
	src := tone.Source()
	total := 0
	for n := -1; n != 0; total += n {
		n = src.ReadFrame(make([]int16, 333)) // pieces that fit nothing
	}
	if total != audio.Rate {
		t.Errorf("in pieces it gave %d samples", total)
	}

	var silence audio.Tone
	if s := silence.Render(time.Second); len(s) != audio.Rate || audio.Level(s) != audio.Floor {
		t.Errorf("the zero tone is %d samples at %.1f dBFS", len(s), audio.Level(s))
	}
	nothing := audio.Tone{Repeat: true, Parts: []audio.Part{{Low: 400, For: time.Nanosecond}}}
	if s := nothing.Render(time.Second); len(s) != 0 {
		t.Errorf("parts too short for a sample gave %d samples", len(s))
	}
	endless := audio.Tone{Parts: []audio.Part{{Low: 400}}}
	if s := endless.Render(time.Minute); len(s) != 60*audio.Rate || audio.Level(s[len(s)-160:]) < -20 {
		t.Error("an endless tone ended")
	}
}

func TestLevels(t *testing.T) {
	square := []int16{-32768, -32768, -32768}
	if got := audio.Level(square); got != 0 {
		t.Errorf("full scale is %.3f dBFS", got)
	}
	if got := audio.Level(nil); got != audio.Floor {
		t.Errorf("nothing is at %.3f dBFS", got)
	}
	if got := audio.MeanAbs([]int16{-3, 3, -6, 4}); got != 4 {
		t.Errorf("mean magnitude %d", got)
	}
	s := []int16{1000, -1000, 30000, -30000}
	audio.Gain(s, audio.Ratio(6.0206))
	if s[0] != 2000 || s[1] != -2000 || s[2] != 32767 || s[3] != -32768 {
		t.Errorf("6 dB up: %v", s)
	}
	dst := []int16{30000, -30000, 5, 7}
	audio.Mix(dst, []int16{30000, -30000, -2})
	if dst[0] != 32767 || dst[1] != -32768 || dst[2] != 3 || dst[3] != 7 {
		t.Errorf("mixed: %v", dst)
	}
	if audio.Clamp(math.NaN()) != 0 || audio.Clamp(math.Inf(1)) != 32767 || audio.Clamp(-0.4) != 0 {
		t.Error("clamping what is no number")
	}
}

func TestDurations(t *testing.T) {
	if audio.Samples(audio.FrameDuration) != audio.FrameSize || audio.Samples(-1) != 0 {
		t.Error("a frame does not last 20 ms")
	}
	if got := audio.Duration(audio.Samples(7*time.Hour), audio.Rate); got != 7*time.Hour {
		t.Errorf("seven hours became %v", got)
	}
	if audio.SamplesAt(time.Second, 0) != 0 || audio.Duration(5, 0) != 0 {
		t.Error("a rate of 0 must not matter")
	}
}
