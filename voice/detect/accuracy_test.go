package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/voice/audio"
	"campanario/voice/detect"
	"campanario/voice/speech"
)

// outcome is what was found out about a call.
type outcome struct {
	first, last detect.What // verdicts
	at          time.Duration
	beep, end   time.Duration // 0 for none
}

func listen(p detect.Params, pcm []int16) outcome {
	a := detect.NewAnswer(p)
	var o outcome
	for len(pcm) >= audio.FrameSize {
		for _, f := range a.Hear(pcm[:audio.FrameSize]) {
			switch f.What {
			case detect.Beep:
				o.beep = f.At
			case detect.MessageEnd:
				o.end = f.At
			default:
				if o.first == "" {
					o.first, o.at = f.What, f.At
				}
				o.last = f.What
			}
		}
		pcm = pcm[audio.FrameSize:]
	}
	return o
}

// score counts what came of a corpus.
type score struct {
	people, machines     int
	peopleRight          int
	machinesAtOnce       int // by the first verdict
	machinesRight        int // in the end
	beeps, falseBeeps    int
	early                int // announcements taken for ended while they were not
	peopleAt, machinesAt []time.Duration
	beepLate             []time.Duration
	wrong                []string
}

func (s *score) count(x sample, o outcome) {
	if !x.machine {
		s.people++
		s.peopleAt = append(s.peopleAt, o.at)
		if o.last == detect.Human {
			s.peopleRight++
		} else {
			s.wrong = append(s.wrong, fmt.Sprintf("%s: %s", x.name, o.last))
		}
		if o.beep != 0 {
			s.falseBeeps++
		}
		return
	}
	s.machines++
	s.machinesAt = append(s.machinesAt, o.at)
	if o.first == detect.Machine {
		s.machinesAtOnce++
	}
	if o.last == detect.Machine {
		s.machinesRight++
	} else {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %s", x.name, o.last))
	}
	switch {
	case o.beep != 0 && o.beep < x.beepAt:
		s.falseBeeps++
	case o.beep != 0:
		s.beeps++
		s.beepLate = append(s.beepLate, o.beep-x.beepAt)
	}
	if o.end != 0 && o.end < x.beepAt {
		s.early++
	}
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}

func (s *score) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "people right %d of %d, decided after %v (median)\n", s.peopleRight, s.people, median(s.peopleAt))
	fmt.Fprintf(&b, "machines right %d of %d, %d without the late beep, decided after %v\n",
		s.machinesRight, s.machines, s.machinesAtOnce, median(s.machinesAt))
	fmt.Fprintf(&b, "beeps found %d of %d, %v late, %d false; announcements cut short %d\n",
		s.beeps, s.machines, median(s.beepLate), s.falseBeeps, s.early)
	for _, w := range s.wrong {
		fmt.Fprintf(&b, "  wrong: %s\n", w)
	}
	return b.String()
}

// TestAccuracy measures the defaults on generated calls. The method was worked out on seeds 1, 5, 6, 99 and 100; seed 2027
// was run when it was finished.
//
// The floors are a little below what the method did on the five seeds, as another version of the synthesiser speaks a little
// otherwise. People: 82 to 83 %; one in six is an office, whose greeting is a machine's by the rule, so 83 % is nearly all
// of the others; floor 80 %. Machines with the late beep: 98 to 100 %, floor 95 %.
// Beeps: 93 to 95 %, floor 88 %, all misses in the loudest noise. A false beep, or a message left into an announcement, is
// never right.
func TestAccuracy(t *testing.T) {
	var whole score
	byNoise := map[float64]*score{}
	for _, seed := range []uint64{1, 2027} {
		var s score
		for _, x := range corpus(t, seed, 6) {
			o := listen(detect.Params{}, x.pcm)
			s.count(x, o)
			whole.count(x, o)
			if byNoise[x.noise] == nil {
				byNoise[x.noise] = &score{}
			}
			byNoise[x.noise].count(x, o)
		}
		t.Logf("seed %d\n%s", seed, &s)
	}
	for _, n := range noises {
		b := byNoise[n]
		t.Logf("noise %3.0f dB down: people %d/%d, machines %d/%d (%d at once), beeps %d/%d",
			n, b.peopleRight, b.people, b.machinesRight, b.machines, b.machinesAtOnce, b.beeps, b.machines)
	}
	clean := byNoise[noises[0]]
	if whole.people < 200 || whole.machines < 180 {
		t.Fatalf("only %d people and %d machines", whole.people, whole.machines)
	}
	floors := []struct {
		what         string
		got, of, min int
	}{
		{"people", whole.peopleRight, whole.people, 80},
		{"people without noise", clean.peopleRight, clean.people, 80},
		{"machines, with the late beep", whole.machinesRight, whole.machines, 95},
		{"machines at once", whole.machinesAtOnce, whole.machines, 85},
		{"beeps", whole.beeps, whole.machines, 88},
		{"beeps without noise", clean.beeps, clean.machines, 98},
		{"calls without a false beep", whole.machines + whole.people - whole.falseBeeps, whole.machines + whole.people, 100},
		{"announcements heard to the end", whole.machines - whole.early, whole.machines, 100},
	}
	for _, f := range floors {
		if 100*f.got < f.min*f.of {
			t.Errorf("%s: %d of %d, less than %d %%", f.what, f.got, f.of, f.min)
		}
	}
}

// The question that was once taken for a machine in ten of ten calls: short words with pauses between them.
func TestHelloWhoIsItIsAPerson(t *testing.T) {
	st := newStudio(t)
	for _, text := range []string{"Alô? Quem fala?", "Alo? Quem fala?"} {
		for _, voice := range voices {
			for _, speed := range []float64{0.95, 1.2} {
				pcm, err := st.speaker.Speak(t.Context(), speech.Request{Text: text, Language: "pt-BR", Voice: voice, Speed: speed})
				if err != nil {
					t.Fatal(err)
				}
				whole := append(make([]int16, 4000), pcm...)
				whole = append(whole, make([]int16, 8*audio.Rate)...)
				overWire(whole)
				if o := listen(detect.Params{}, whole); o.last != detect.Human {
					t.Errorf("%q by %q at %.1f: %s after %v", text, voice, speed, o.last, o.at)
				}
			}
		}
	}
}

// Speech must not be taken for a beep: half an hour of sentences full of what comes nearest to one.
func TestSpeechIsNoBeep(t *testing.T) {
	st := newStudio(t)
	texts := map[string]string{
		"pt-BR":  "Uma noite de muita lua, o menino olhou para o mar e viu um barco azul. Hum, mmm, ôôô, uuu, aaa. Noventa e nove, cinco cinco, um um dois.",
		"en-US":  "Moon over the blue lagoon, who knew you would come so soon? Ooh, mmm, no, oh no, you owe me one. Nine nine two, one one eight.",
		"es-419": "Uno, dos, tres, un mono mira la luna. Mmm, bueno, uy, uuu, ooo. Mi mamá me mima mucho. Ningún humo sube del mundo.",
	}
	never := detect.Params{Greeting: time.Hour, After: time.Hour, Total: time.Hour, NoSpeech: time.Hour}
	total := time.Duration(0)
	for lang, text := range texts {
		for _, voice := range voices {
			for _, speed := range []float64{0.7, 1.1} {
				pcm, err := st.speaker.Speak(t.Context(), speech.Request{Text: text, Language: lang, Voice: voice, Speed: speed})
				if err != nil {
					t.Fatal(err)
				}
				whole := append([]int16(nil), pcm...)
				overWire(whole)
				total += audio.Duration(len(whole), audio.Rate)
				if o := listen(never, whole); o.beep != 0 {
					t.Errorf("%s by %q at %.1f: a beep at %v", lang, voice, speed, o.beep)
				}
			}
		}
	}
	if total < 15*time.Minute {
		t.Errorf("only %v of speech", total)
	}
}
