package detect_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"
	"campanario/voice/detect"
)

// The sounds that the cases are made of.

func silence(ms int) []int16 { return make([]int16, ms*8) }

// babble is speech as far as loudness goes: noise that swells and fades like syllables.
func babble(ms int, level float64) []int16 {
	rng := rand.New(rand.NewPCG(uint64(ms), 3))
	out := make([]int16, ms*8)
	for i := range out {
		swell := 0.6 + 0.4*math.Sin(2*math.Pi*float64(i)/1600)
		out[i] = audio.Clamp(32768 * audio.Ratio(level) * swell * rng.NormFloat64())
	}
	return out
}

func hiss(ms int, level float64) []int16 {
	rng := rand.New(rand.NewPCG(uint64(ms), 4))
	out := make([]int16, ms*8)
	for i := range out {
		out[i] = audio.Clamp(32768 * audio.Ratio(level) * rng.NormFloat64())
	}
	return out
}

func ping(frequency float64, ms int) []int16 {
	d := time.Duration(ms) * time.Millisecond
	return audio.Beep(frequency, d).Render(d)
}

func pattern(t audio.Tone, ms int) []int16 { return t.Render(time.Duration(ms) * time.Millisecond) }

// answeringFax is what a modern fax answers with: 2,100 Hz, its phase turned every 450 ms and its level moving at 15 Hz
// (ITU-T V.8).
func answeringFax(ms int) []int16 {
	out := make([]int16, ms*8)
	for i := range out {
		at := float64(i) / audio.Rate
		phase := math.Pi * math.Floor(at/0.45)
		out[i] = audio.Clamp(6000 * (1 + 0.2*math.Sin(2*math.Pi*15*at)) * math.Sin(2*math.Pi*2100*at+phase))
	}
	return out
}

func join(parts ...[]int16) []int16 { return slices.Concat(parts...) }

// findings listens to a whole call and tells the findings in short.
func findings(p detect.Params, pcm []int16) string {
	a := detect.NewAnswer(p)
	var out []string
	for ; len(pcm) > 0; pcm = pcm[min(audio.FrameSize, len(pcm)):] {
		for _, f := range a.Hear(pcm[:min(audio.FrameSize, len(pcm))]) {
			out = append(out, string(f.What)+"/"+string(f.Why))
		}
	}
	return strings.Join(out, " ")
}

func TestAnswer(t *testing.T) {
	const (
		human      = "human/short_greeting"
		long       = "machine/long_greeting"
		beepAtOnce = "beep/beep machine/beep message_end/beep"
		beepLate   = "beep/beep machine/late_beep message_end/beep"
		beepEnd    = "beep/beep message_end/beep"
	)
	say := func(ms int) []int16 { return babble(ms, -18) }
	tests := []struct {
		name string
		pcm  []int16
		want string
	}{
		{"a word", join(silence(300), say(500), silence(9000)), human},
		{"two words and a pause", join(silence(300), say(500), silence(500), say(700), silence(9000)), human},
		{"talks on", join(silence(300), say(4000)), long},
		{"talks on with pauses", join(silence(300), say(700), silence(400), say(700), silence(400), say(3000)), long},
		{"talks on and falls silent", join(silence(300), say(4000), silence(3000)), long + " message_end/silence"},
		{"pauses inside are no end", join(say(4000), silence(1500), say(2000), silence(1000)), long},
		{"talks on and beeps", join(say(4000), silence(500), ping(1000, 300), silence(5000)), long + " " + beepEnd},
		{
			"talks on, falls silent, and beeps after all", join(say(4000), silence(2500), ping(1000, 300), silence(3000)),
			long + " message_end/silence " + beepEnd,
		},
		{"beeps at once", join(silence(500), ping(850, 300), silence(3000)), beepAtOnce},
		{"says a word and beeps", join(say(900), silence(300), ping(440, 400), silence(3000)), beepAtOnce},
		{"says a word, waits, and beeps", join(say(900), silence(2000), ping(1400, 300), silence(3000)), human + " " + beepLate},
		{"a beep after the time for one", join(say(900), silence(8000), ping(1400, 300), silence(3000)), human},
		{"two beeps", join(say(900), silence(300), ping(1000, 300), silence(500), ping(1000, 300), silence(3000)), beepAtOnce},

		{"nothing", silence(12000), "silence/no_speech"},
		{"nothing, then a beep", join(silence(6000), ping(620, 300), silence(1000)), "silence/no_speech " + beepLate},
		{"a hiss", hiss(12000, -45), "silence/no_speech"},
		{"a loud hiss", hiss(12000, -25), "silence/no_speech"},
		{"a hiss after a pause", join(hiss(1500, -60), hiss(12000, -40)), "silence/no_speech"},
		{"a line that opens with a hiss, and a word", func() []int16 {
			s := join(silence(1000), say(500), silence(9000))
			audio.Mix(s[8*300:], hiss(10200, -38))
			return s
		}(), human},
		{"a person who speaks before the line is open", join(say(700)[800:], silence(9000)), human},
		{"clicks", join(silence(300), say(40), silence(900), say(40), silence(900), say(60), silence(9000)), "silence/no_speech"},
		{"a word every now and then", join(silence(3600), slices.Repeat(join(say(80), silence(700)), 8)), "unknown/time_up"},
		{"faint", join(silence(300), babble(500, -58), silence(9000)), "silence/no_speech"},
		{"quiet but near", join(silence(300), babble(500, -46), silence(9000)), human},
		{"a word in a hiss", func() []int16 {
			s := join(silence(300), say(500), silence(9000))
			audio.Mix(s, hiss(9800, -40))
			return s
		}(), human},

		{"a blip is no beep", join(say(900), silence(300), ping(1000, 80), silence(2000)), human},
		{"too low for a beep", join(say(900), silence(300), ping(350, 500), silence(2000)), human},
		{"too high for a beep", join(say(900), silence(300), ping(2500, 500), silence(2000)), human},
		{"keys are no beeps", join(silence(300), audio.KeyTones("159#", 200*time.Millisecond, 100*time.Millisecond).Render(1100*time.Millisecond), silence(3000)), human},
		{"a siren is no beep", func() []int16 {
			s := make([]int16, 8*2000)
			phase := 0.0
			for i := range s {
				phase += 2 * math.Pi * (900 + 500*math.Sin(float64(i)/1200)) / audio.Rate
				s[i] = audio.Clamp(8000 * math.Sin(phase))
			}
			return join(silence(300), s, silence(12000))
		}(), "silence/no_speech"},
		{"ringing tones of an onward call", pattern(audio.Ringback(), 12000), "silence/no_speech"},
		{"a busy tone", pattern(audio.Busy(), 12000), "silence/no_speech"},
		{"a dial tone", ping(425, 12000), "silence/no_speech"},
		{"425 Hz once is a beep", join(say(900), silence(300), ping(425, 500), silence(2000)), beepAtOnce},

		{"a fax", join(silence(200), ping(2100, 3000), silence(100), ping(1650, 1000), silence(2000)), "fax/fax_tone"},
		{"a modern fax", join(silence(200), answeringFax(3300), silence(3000)), "fax/fax_tone"},
		{"a short tone of 2,100 Hz is a beep", join(say(900), silence(300), ping(2100, 400), silence(2000)), beepAtOnce},

		{"full scale", slices.Repeat([]int16{32767, 32767, -32768, -32768}, 2*40000), "beep/beep machine/beep message_end/beep"},
		{"a constant", slices.Repeat([]int16{5000}, 8*9000), "silence/no_speech"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pcm := slices.Clone(tt.pcm)
			overWire(pcm)
			if got := findings(detect.Params{}, pcm); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// Any frequency of a beep is found to a few hertz, in any phase, and soon.
func TestBeepFrequencies(t *testing.T) {
	for f := 400.0; f <= 2290; f += 7.3 {
		a := detect.NewAnswer(detect.Params{})
		pcm := join(silence(107), ping(f, 400), silence(1000))
		overWire(pcm)
		at, got := time.Duration(0), 0.0
		for ; len(pcm) >= audio.FrameSize; pcm = pcm[audio.FrameSize:] {
			for _, x := range a.Hear(pcm[:audio.FrameSize]) {
				if x.What == detect.Beep {
					at, got = x.At, x.Frequency
				}
			}
		}
		limit := 107*time.Millisecond + 180*time.Millisecond
		if f > 395 && f < 465 || f > 2065 && f < 2135 { // judged when it is over
			limit += 400*time.Millisecond + 300*time.Millisecond
		}
		if at == 0 || at > limit || math.Abs(got-f) > 3 {
			t.Errorf("%.1f Hz: found %.1f Hz after %v", f, got, at)
		}
	}
}

// The parameters do what they say.
func TestParamsMatter(t *testing.T) {
	const ms = time.Millisecond
	greeting := join(silence(200), babble(1000, -18), silence(10000))
	tests := []struct {
		name string
		p    detect.Params
		pcm  []int16
		want string
	}{
		{"greeting", detect.Params{Greeting: 900 * ms}, greeting, "machine/long_greeting message_end/silence"},
		{"after", detect.Params{After: 2 * time.Second}, join(babble(500, -18), silence(1500), babble(1500, -18)), "machine/long_greeting"},
		{
			"gap",
			detect.Params{Gap: time.Second},
			join(babble(500, -18), silence(700), babble(700, -18), silence(2000)),
			"machine/long_greeting message_end/silence",
		},
		{"no speech", detect.Params{NoSpeech: time.Second}, silence(1100), "silence/no_speech"},
		{"total", detect.Params{Total: 2 * time.Second, NoSpeech: 2 * time.Second}, slices.Repeat(join(babble(80, -18), silence(640)), 3), "unknown/time_up"},
		{"word", detect.Params{Word: 500 * ms}, join(babble(400, -18), silence(5000)), "silence/no_speech"},
		{"beep", detect.Params{Beep: 500 * ms}, join(babble(500, -18), silence(300), ping(1000, 400), silence(1000)), "human/short_greeting"},
		{"late beep", detect.Params{LateBeep: time.Second}, join(babble(500, -18), silence(3000), ping(1000, 400)), "human/short_greeting"},
		{"end", detect.Params{End: 500 * ms}, join(babble(3000, -18), silence(600)), "machine/long_greeting message_end/silence"},
		{"level", detect.Params{Level: 2000}, join(silence(200), babble(1000, -30), silence(5000)), "silence/no_speech"},
	}
	for _, tt := range tests {
		if got := findings(tt.p, join(silence(100), tt.pcm)); got != tt.want {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestParamsValidated(t *testing.T) {
	if err := (detect.Params{}).Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	if got := (detect.Params{Level: 99}).WithDefaults(); got.Level != 99 || got.Greeting != 1800*time.Millisecond {
		t.Errorf("%+v", got)
	}
	bad := detect.Params{
		Greeting: time.Minute, Gap: time.Minute, After: time.Minute, NoSpeech: time.Minute, Total: time.Millisecond, Word: time.Minute,
		Beep: time.Minute, LateBeep: time.Minute, End: -time.Second, Level: -1,
	}
	got := map[string]string{}
	for _, f := range fault.All(bad.Validate()) {
		got[f.Field] += f.Code
	}
	for _, field := range []string{"greeting", "gap", "after", "no_speech", "word", "beep", "late_beep", "end", "level"} {
		if got[field] != "out_of_range" {
			t.Errorf("%s: %q", field, got[field])
		}
	}
	if got["total"] != "out_of_rangedetection_total_short" {
		t.Errorf("total: %q", got["total"])
	}
}

func TestAnswerAllocatesNothing(t *testing.T) {
	a := detect.NewAnswer(detect.Params{})
	act := detect.NewActivity(detect.ActivityParams{})
	frame := babble(20, -18)
	if n := testing.AllocsPerRun(1000, func() { a.Hear(frame); act.Hear(frame) }); n != 0 {
		t.Errorf("%v allocations for a frame", n)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, uint16(50), int64(100))
	f.Add([]byte("\xff\x7f\x00\x80"), uint16(500), int64(0))
	f.Fuzz(func(t *testing.T, cycle []byte, n uint16, ms int64) {
		d := time.Duration(ms) * time.Millisecond
		a := detect.NewAnswer(detect.Params{Greeting: d, Beep: d, Word: d, End: d})
		act := detect.NewActivity(detect.ActivityParams{Start: d, End: d})
		verdicts, speaking := 0, false
		var last time.Duration
		for i := range int(n) {
			frame := make([]int16, audio.FrameSize)
			for j := range frame {
				if len(cycle) > 1 {
					k := (i*len(frame) + j) % (len(cycle) / 2)
					frame[j] = int16(cycle[2*k]) | int16(cycle[2*k+1])<<8
				}
			}
			for _, x := range a.Hear(frame) {
				if x.At < last {
					t.Fatal("time went back")
				}
				last = x.At
				if x.What != detect.Beep && x.What != detect.MessageEnd {
					verdicts++
				}
			}
			started, stopped := act.Hear(frame)
			if started && (speaking || stopped) || stopped && !speaking {
				t.Fatal("a turn that does not begin, or does not end")
			}
			speaking = speaking && !stopped || started
		}
		if verdicts > 2 {
			t.Fatalf("%d verdicts", verdicts)
		}
	})
}

func BenchmarkAnswerFrame(b *testing.B) {
	for name, frame := range map[string][]int16{"speech": babble(20, -18), "silence": silence(20), "tone": ping(1000, 20)} {
		b.Run(name, func(b *testing.B) {
			const never = 100000 * time.Hour
			a := detect.NewAnswer(detect.Params{Greeting: never, Total: never, NoSpeech: never, Beep: never, After: never})
			b.ReportAllocs()
			for b.Loop() {
				a.Hear(frame)
			}
		})
	}
}

func BenchmarkActivityFrame(b *testing.B) {
	a := detect.NewActivity(detect.ActivityParams{})
	frame := babble(20, -18)
	b.ReportAllocs()
	for b.Loop() {
		a.Hear(frame)
	}
}
