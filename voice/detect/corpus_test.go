package detect_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"campanario/voice/audio"
	"campanario/voice/speech"
)

// What people say when they pick up, and what machines say. One in six of the people is an office with a greeting as
// long as a short announcement: that error is in the method, and the corpus must show it.
var (
	people = map[string][]string{
		"pt-BR": {
			"Alô?", "Alô? Quem fala?", "Pois não?", "Oi, bom dia.", "Sim, pode falar.",
			"Padaria Silva, bom dia, em que posso ajudar?",
		},
		"en-US": {
			"Hello?", "Hello, who is this?", "Yes?", "Hi, this is John.", "John speaking.",
			"Good morning, Acme Plumbing, how can I help you?",
		},
		"es-419": {
			"¿Aló?", "¿Bueno?", "Diga.", "¿Quién habla?", "Sí, dígame.",
			"Buenos días, farmacia del Sol, ¿en qué le puedo servir?",
		},
	}
	machines = map[string][]string{
		"pt-BR": {
			"Sua chamada está sendo encaminhada para a caixa postal e estará sujeita a cobrança após o sinal.",
			"Você ligou para a caixa postal. Deixe seu recado após o sinal.",
			"Não posso atender agora. Por favor, deixe sua mensagem.",
			"Oi, aqui é a Ana. Deixa um recado.",
			"Grave seu recado após o bipe.",
		},
		"en-US": {
			"Your call has been forwarded to an automated voice messaging system. At the tone, please record your message.",
			"Hi, you've reached Mary. I can't take your call right now, so please leave a message after the tone.",
			"The person you are calling is not available. Please leave a message.",
			"Hi, it's Tom. Leave a message.",
			"Please leave a message after the beep.",
		},
		"es-419": {
			"El número que usted marcó no está disponible. Deje su mensaje después de la señal.",
			"Usted se ha comunicado con el buzón de voz. Grabe su mensaje después del tono.",
			"Ahora no puedo contestar. Por favor, deja tu mensaje.",
			"Hola, soy Luis. Deja un mensaje.",
			"Buzón de voz. Deje su recado.",
		},
	}
	languages   = []string{"pt-BR", "en-US", "es-419"}
	voices      = []string{"", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m7"}
	frequencies = []float64{440, 500, 620, 750, 850, 950, 1000, 1200, 1400, 1750, 2000}
	noises      = []float64{math.Inf(1), 25, 15} // dB from the speech down to the noise
)

// sample is one answered call as it is heard, through A-law, with what is true of it.
type sample struct {
	name    string
	machine bool
	noise   float64
	pcm     []int16
	beepAt  time.Duration // of a machine
}

// recipe is a call that is to be made.
type recipe struct {
	language, text string
	machine        bool
	number         int // of the calls with this phrase
	rng            *rand.Rand
}

// studio makes calls.
type studio struct {
	speaker speech.Speaker
	noise   []int16
}

// corpus makes the calls of a seed: perPhrase of every phrase, with voice, pace, level, pauses and beep by chance and each
// level of noise in turn. The same seed makes the same calls.
func corpus(t testing.TB, seed uint64, perPhrase int) []sample {
	t.Helper()
	st := newStudio(t)
	var recipes []recipe
	for _, lang := range languages {
		for _, machine := range []bool{false, true} {
			phrases := people[lang]
			if machine {
				phrases = machines[lang]
			}
			for _, text := range phrases {
				for n := range perPhrase {
					recipes = append(recipes, recipe{lang, text, machine, n, rand.New(rand.NewPCG(seed, uint64(len(recipes))))})
				}
			}
		}
	}
	out, errs := make([]sample, len(recipes)), make([]error, len(recipes))
	var all sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, r := range recipes {
		slots <- struct{}{}
		all.Go(func() {
			out[i], errs[i] = st.call(t, r)
			<-slots
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("%v: espeak-ng and sox are installed by `make test`", err)
	}
	return out
}

func newStudio(t testing.TB) *studio {
	t.Helper()
	// What was spoken once is kept for the next run of the test.
	s, err := speech.NewEspeak(speech.EspeakOptions{Folder: filepath.Join(os.TempDir(), "campanario-test-speech"), Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return &studio{speaker: s, noise: pinkNoise(t)}
}

// call makes one.
func (st *studio) call(t testing.TB, r recipe) (sample, error) {
	between := func(lo, hi float64) float64 { return lo + r.rng.Float64()*(hi-lo) }
	seconds := func(lo, hi float64) time.Duration { return time.Duration(between(lo, hi) * float64(time.Second)) }
	voice, pace := voices[r.rng.IntN(len(voices))], math.Round(between(0.9, 1.25)*20)/20
	level := between(-26, -8) // of the speech, dBFS while it is spoken
	spoken, err := st.speaker.Speak(t.Context(), speech.Request{Text: r.text, Language: r.language, Voice: voice, Speed: pace})
	if err != nil {
		return sample{}, err
	}
	s := sample{machine: r.machine, noise: noises[r.number%len(noises)]}
	s.name = fmt.Sprintf("%s %q, voice %q, speed %.2f, %.0f dBFS, noise %.0f dB", r.language, r.text, voice, pace, level, s.noise)
	pause := func(d time.Duration) { s.pcm = append(s.pcm, make([]int16, audio.Samples(d))...) }

	if before := seconds(-0.4, 1.2); before > 0 { // one in four speaks before the line is open
		pause(before)
	}
	loud := append([]int16(nil), spoken...)
	audio.Gain(loud, audio.Ratio(level+20)) // the speaker speaks at -20
	s.pcm = append(s.pcm, loud...)
	if r.machine {
		pause(seconds(0.2, 1.2))
		s.beepAt = audio.Duration(len(s.pcm), audio.Rate)
		beep := audio.Beep(frequencies[r.rng.IntN(len(frequencies))], seconds(0.2, 0.8))
		beep.Level = min(level+3+between(-4, 6), -3) // its peak; the speech's level is its mean
		s.name += fmt.Sprintf(", beep %.0f Hz %v %.0f dBFS", beep.Parts[0].Low, beep.Parts[0].For.Round(time.Millisecond), beep.Level-3)
		s.pcm = append(s.pcm, beep.Render(time.Second)...)
		pause(seconds(3, 4))
	} else {
		pause(seconds(8, 9))
	}
	if !math.IsInf(s.noise, 1) {
		from := r.rng.IntN(len(st.noise) - len(s.pcm))
		n := append([]int16(nil), st.noise[from:from+len(s.pcm)]...)
		audio.Gain(n, audio.Ratio(level-s.noise-audio.Level(st.noise)))
		clear(n[:audio.Samples(seconds(0, 0.3))]) // before the line opens there is nothing at all
		audio.Mix(s.pcm, n)
	}
	overWire(s.pcm)
	return s, nil
}

// overWire does to sound what a telephone does.
func overWire(pcm []int16) {
	wire := make([]byte, len(pcm))
	audio.PCMA.Encode(wire, pcm)
	audio.PCMA.Decode(pcm, wire)
}

// pinkNoise is a minute and a half of it in a telephone's band, by sox, the same every time.
func pinkNoise(t testing.TB) []int16 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sox", "-R", "-n", "-r", "8000", "-b", "16", "-c", "1", "-t", "wav", "-",
		"synth", "90", "pinknoise", "sinc", "300-3400", "gain", "-n", "-12")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("sox: %v: %s: it is installed by `make test`", err, errs.String())
	}
	clip, err := audio.ReadWAV(&out, 0)
	if err != nil {
		t.Fatal(err)
	}
	return clip.Samples
}
