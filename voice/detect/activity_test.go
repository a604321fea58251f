package detect_test

import (
	"slices"
	"testing"
	"time"

	"campanario/voice/audio"
	"campanario/voice/detect"
	"campanario/voice/speech"
)

// turn is one stretch of speech as it was told: from when to when.
type turn struct{ started, stopped time.Duration }

func turns(p detect.ActivityParams, pcm []int16) []turn {
	a := detect.NewActivity(p)
	var out []turn
	for at := time.Duration(0); len(pcm) >= audio.FrameSize; pcm = pcm[audio.FrameSize:] {
		at += audio.FrameDuration
		started, stopped := a.Hear(pcm[:audio.FrameSize])
		if started {
			out = append(out, turn{started: at})
		}
		if stopped {
			out[len(out)-1].stopped = at
		}
		if a.Speaking() != (len(out) > 0 && out[len(out)-1].stopped == 0) {
			panic("Speaking contradicts Hear")
		}
	}
	return out
}

func TestActivity(t *testing.T) {
	const ms = time.Millisecond
	say := func(n int) []int16 { return babble(n, -18) }
	tests := []struct {
		name string
		p    detect.ActivityParams
		pcm  []int16
		want []turn
	}{
		{"one turn", detect.ActivityParams{}, join(silence(1000), say(1000), silence(1000)), []turn{{1120 * ms, 2700 * ms}}},
		{"a pause within", detect.ActivityParams{}, join(say(400), silence(600), say(400), silence(1000)), []turn{{120 * ms, 2100 * ms}}},
		{"two turns", detect.ActivityParams{}, join(say(400), silence(800), say(400), silence(800)), []turn{{120 * ms, 1100 * ms}, {1320 * ms, 2300 * ms}}},
		{"a quicker end", detect.ActivityParams{End: 300 * ms}, join(say(400), silence(600), say(400)), []turn{{120 * ms, 700 * ms}, {1120 * ms, 0}}},
		{"a slower start", detect.ActivityParams{Start: 300 * ms}, join(say(200), silence(200), say(400), silence(1000)), []turn{{700 * ms, 1500 * ms}}},
		{"a stop consonant within a word", detect.ActivityParams{}, join(say(60), silence(40), say(80), silence(1000)), []turn{{160 * ms, 880 * ms}}},
		{"clicks", detect.ActivityParams{}, slices.Repeat(join(say(60), silence(240)), 10), nil},
		{"silence", detect.ActivityParams{}, silence(3000), nil},
		{"a hiss", detect.ActivityParams{}, hiss(5000, -40), nil},
		{"a beep", detect.ActivityParams{}, join(silence(500), ping(1000, 500), silence(500)), nil},
		{"too faint", detect.ActivityParams{Level: 1000}, join(silence(500), babble(800, -35), silence(500)), nil},
	}
	for _, tt := range tests {
		got := turns(tt.p, join(silence(200), tt.pcm))
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			continue
		}
		for i := range got {
			near := func(a, b time.Duration) bool {
				return a == 0 && b == 0 || (a-b-200*ms).Abs() <= 60*ms && a != 0 && b != 0
			}
			if !near(got[i].started, tt.want[i].started) || !near(got[i].stopped, tt.want[i].stopped) {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
	}
}

// A spoken answer is one turn, in noise too, that begins soon after it begins and ends when it has ended.
func TestActivityOfSpeech(t *testing.T) {
	st := newStudio(t)
	answers := map[string][]string{
		"pt-BR":  {"Sim.", "Pode ser na terça-feira de manhã.", "Não, obrigado."},
		"en-US":  {"Yes.", "Tuesday morning would be fine.", "No, thank you."},
		"es-419": {"Sí.", "El martes por la mañana está bien.", "No, gracias."},
	}
	for lang, texts := range answers {
		for _, text := range texts {
			for i, voice := range voices {
				pcm, err := st.speaker.Speak(t.Context(), speech.Request{Text: text, Language: lang, Voice: voice, Speed: 1})
				if err != nil {
					t.Fatal(err)
				}
				whole := join(silence(1000), pcm, silence(2000))
				if snr := noises[i%len(noises)]; snr < 100 {
					n := slices.Clone(st.noise[:len(whole)])
					audio.Gain(n, audio.Ratio(-20-snr-audio.Level(st.noise)))
					audio.Mix(whole, n)
				}
				overWire(whole)
				end := audio.Duration(8000+len(pcm), audio.Rate)
				got := turns(detect.ActivityParams{}, whole)
				if len(got) != 1 || got[0].started > 1500*time.Millisecond || got[0].stopped < end-time.Second || got[0].stopped > end+time.Second {
					t.Errorf("%s %q by %q, spoken from 1s to %v: %v", lang, text, voice, end, got)
				}
			}
		}
	}
}
