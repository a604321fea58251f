package carrier

import (
	"context"
	"testing"

	"campanario/voice/audio"
	"campanario/voice/detect"
	"campanario/voice/speech"
)

// What our far ends say must sound like what they are, to the detection that a campaign runs with.
func TestSoundsLikeWhatItIs(t *testing.T) {
	espeak, err := speech.NewEspeak(speech.EspeakOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := espeak.Available(t.Context()); err != nil {
		t.Fatalf("eSpeak NG is needed for this test: %v", err)
	}
	for name, speaker := range map[string]speech.Speaker{"spoken": espeak, "hummed": babble{}} {
		s, err := render(context.Background(), speaker)
		if err != nil {
			t.Fatal(err)
		}
		for what, want := range map[string]detect.What{"greeting": detect.Human, "voicemail": detect.Machine} {
			for i, clip := range s[what] {
				if got := verdict(clip); got != want {
					t.Errorf("%s: %s %d (%s): %s, want %s", name, what, i, lines[what][i], got, want)
				}
			}
		}
	}
}

// verdict is what detection makes of a far end that says this after half a second, and then nothing.
func verdict(samples []int16) detect.What {
	a := detect.NewAnswer(detect.Defaults())
	silence := make([]int16, audio.Rate)
	all := append(append(append([]int16(nil), silence[:audio.Rate/2]...), samples...), append(silence, silence...)...)
	for i := 0; i+audio.FrameSize <= len(all); i += audio.FrameSize {
		a.Hear(all[i : i+audio.FrameSize])
	}
	return a.Verdict()
}
