package detect

import (
	"time"

	"campanario/voice/audio"
)

// What is found out.
type What string

// Who answered is told by one of the first five; Machine may follow Human, Silence or Unknown when a beep comes late. Beep
// and MessageEnd tell of the machine's announcement.
const (
	Human      What = "human"
	Machine    What = "machine"
	Silence    What = "silence"
	Unknown    What = "unknown"
	Fax        What = "fax"
	Beep       What = "beep"
	MessageEnd What = "message_end" // by Why: by its beep, or by silence, after which a beep may still come
)

// Why it is so.
type Why string

// The reasons.
const (
	ShortGreeting Why = "short_greeting" // a person waits for an answer
	LongGreeting  Why = "long_greeting"
	ByBeep        Why = "beep"
	LateBeep      Why = "late_beep" // overrules an earlier verdict
	NoSpeech      Why = "no_speech"
	TimeUp        Why = "time_up"
	FaxTone       Why = "fax_tone"
	BySilence     Why = "silence"
)

// Finding is one thing found out.
type Finding struct {
	What      What
	Why       Why
	At        time.Duration // since the first frame
	Frequency float64       // of a Beep, in Hz
}

// Answer finds out who answered one call. It belongs to one goroutine and allocates nothing.
type Answer struct {
	p       counted
	loud    loudness
	beeps   beeper
	at      int // frames heard
	verdict What
	decided int // frame of the verdict
	ended   bool
	over    bool // nothing more is to be found out

	run      int // loud frames in a row
	pause    int // frames since the last speech
	greeting int // frames of speech, and of pauses as far as they count
	spoke    bool
	before   told // when the run began

	out [4]Finding
	n   int
}

// told is what had been heard of the greeting.
type told struct {
	greeting, pause int
	spoke           bool
}

// counted are the parameters in frames.
type counted struct {
	greeting, gap, after, noSpeech, total, word, lateBeep, end int
}

// NewAnswer begins to listen: the first frame is the one after the answer. Params out of bounds are used as they are;
// Validate is for who takes them from a user.
func NewAnswer(p Params) *Answer {
	p = p.WithDefaults()
	return &Answer{
		p: counted{
			greeting: frames(p.Greeting), gap: frames(p.Gap), after: frames(p.After), noSpeech: frames(p.NoSpeech),
			total: frames(p.Total), word: max(frames(p.Word), 1), lateBeep: frames(p.LateBeep), end: frames(p.End),
		},
		loud:  newLoudness(p.Level),
		beeps: beeper{least: max(frames(p.Beep), 1)},
	}
}

// Verdict is who answered, as far as is known: empty before the first verdict.
func (a *Answer) Verdict() What { return a.verdict }

// Hear takes the next frame and gives what it makes known: nothing, nearly always. The findings are good until the next
// call.
func (a *Answer) Hear(frame []int16) []Finding {
	a.n = 0
	a.at++
	if a.over {
		return nil
	}
	mean := magnitude(frame)
	f := tone(frame, mean)
	a.speech(a.loud.hear(mean, f.clean))
	switch a.beeps.hear(f) {
	case beep:
		a.beep()
	case fax:
		if a.verdict == "" {
			a.decide(Fax, FaxTone)
			a.over = true
		}
	case none:
	}
	switch a.verdict {
	case "":
		a.judge()
	case Machine:
		if !a.ended && a.pause >= a.p.end {
			a.ended = true
			a.tell(MessageEnd, BySilence)
		}
	case Human, Silence, Unknown:
		a.over = a.at-a.decided >= a.p.lateBeep
	default:
	}
	return a.out[:a.n]
}

// speech counts the greeting.
func (a *Answer) speech(h heardAs) {
	switch h {
	case quiet:
		a.run = 0
		a.pause++
		return
	case noise: // as if the last frames had been quiet
		if a.run < evenSpan {
			was := a.before
			a.greeting, a.spoke, a.pause = was.greeting, was.spoke, was.pause+a.run+1
		} else {
			a.greeting, a.pause = a.greeting-evenSpan+1, evenSpan
		}
		a.run = 0
		return
	case loud:
	}
	if a.run == 0 {
		a.before = told{greeting: a.greeting, spoke: a.spoke, pause: a.pause}
	}
	a.run++
	switch {
	case a.run < a.p.word:
		a.pause++ // not known to be speech yet
	case a.run == a.p.word:
		if a.spoke { // the frames of this run were counted as pause
			a.greeting += min(max(a.pause-a.p.word+1, 0), a.p.gap)
		}
		a.spoke, a.pause = true, 0
		a.greeting += a.run
	default:
		a.pause = 0
		a.greeting++
	}
}

// judge decides who answered when that can be told.
func (a *Answer) judge() {
	switch {
	case a.greeting >= a.p.greeting:
		a.decide(Machine, LongGreeting)
	case a.spoke && a.pause >= a.p.after && !a.beeps.busy():
		a.decide(Human, ShortGreeting)
	case !a.spoke && a.at >= a.p.noSpeech:
		a.decide(Silence, NoSpeech)
	case a.at >= a.p.total:
		a.decide(Unknown, TimeUp)
	}
}

// beep takes one.
func (a *Answer) beep() {
	a.tell(Beep, ByBeep)
	a.out[a.n-1].Frequency = a.beeps.found
	switch a.verdict {
	case Machine:
	case "":
		a.decide(Machine, ByBeep)
	default:
		a.decide(Machine, LateBeep)
	}
	a.tell(MessageEnd, ByBeep)
	a.ended, a.over = true, true
}

func (a *Answer) decide(w What, why Why) {
	a.verdict, a.decided = w, a.at
	a.tell(w, why)
}

func (a *Answer) tell(w What, why Why) {
	a.out[a.n] = Finding{What: w, Why: why, At: time.Duration(a.at) * audio.FrameDuration}
	a.n++
}

// magnitude is the mean magnitude of a frame.
func magnitude(frame []int16) float64 {
	if len(frame) == 0 {
		return 0
	}
	sum := 0
	for _, s := range frame {
		sum += max(int(s), -int(s))
	}
	return float64(sum) / float64(len(frame))
}
