package agent

import (
	"strings"
	"time"
	"unicode/utf8"

	"campanario/channel"
)

// Rehearsal is a script tried out in text.
type Rehearsal struct {
	Dialogue  []channel.Turn    `json:"dialogue"`
	Collected map[string]string `json:"collected,omitempty"`
	Goal      bool              `json:"goal"`
	OptedOut  bool              `json:"opted_out"`
	Ended     bool              `json:"ended"`          // the agent hung up; otherwise it waits for another answer
	Step      string            `json:"step,omitempty"` // where it waits
}

// Answers that mean something else than what they say.
const (
	AnswerNothing = ""         // the person lets the time go by
	AnswerHangUp  = "(hangup)" // the person hangs up
)

// Rehearse leads a call through the script in no time: whenever the agent waits for the person, the next answer is
// given. An answer made of telephone keys is pressed; AnswerNothing and AnswerHangUp are what they say; anything else
// is spoken. Times in the dialogue are those of a call in which the agent speaks fifteen characters a second.
func (b *Brief) Rehearse(answers []string) (Rehearsal, error) {
	m, err := b.Machine()
	if err != nil {
		return Rehearsal{}, err
	}
	r := rehearsal{m: m}
	r.do(m.Start())
	for !r.Ended {
		switch {
		case len(r.keys) > 0:
			k := r.keys[:1]
			r.keys = r.keys[1:]
			r.now += time.Second
			r.do(m.Handle(KeyPressed{Key: k}, r.now))
		case r.item != 0:
			r.now += r.lasts
			item := r.item
			r.item = 0
			r.do(m.Handle(PlaybackFinished{Item: item}, r.now))
		case r.timer != 0 && len(m.entry) > 0: // nothing more is pressed
			r.fire()
		case r.asking() && len(answers) == 0 && !r.waiting:
			r.Step = m.Step()
			return r.Rehearsal, nil
		case r.asking() && !r.waiting:
			r.answer(answers[0])
			answers = answers[1:]
		case r.timer != 0:
			r.fire()
		default:
			r.Step = m.Step()
			return r.Rehearsal, nil
		}
	}
	return r.Rehearsal, nil
}

// rehearsal is the world that a machine believes to be in.
type rehearsal struct {
	Rehearsal
	m       *Machine
	now     time.Duration
	item    int // being heard
	lasts   time.Duration
	timer   int // running
	after   time.Duration
	keys    string // still to be pressed
	waiting bool   // the time is left to go by
}

// asking reports whether it is the person's turn.
func (r *rehearsal) asking() bool { return r.m.at != nil && r.m.at.kind == kindAsk && !r.m.prelude }

// fire lets the time of the running timer go by.
func (r *rehearsal) fire() {
	r.now += r.after
	id := r.timer
	r.timer, r.waiting = 0, false
	r.do(r.m.Handle(TimerFired{ID: id}, r.now))
}

func (r *rehearsal) answer(a string) {
	switch {
	case a == AnswerNothing:
		r.waiting = true
	case a == AnswerHangUp:
		r.Ended = true
	case strings.Trim(a, telephoneKeys) == "":
		r.keys = a
	default:
		r.now += time.Second
		r.do(r.m.Handle(SpeechStarted{}, r.now))
		r.now += spoken(a)
		r.do(r.m.Handle(SpeechEnded{Text: a}, r.now))
	}
}

func (r *rehearsal) do(actions []Action) {
	for _, a := range actions {
		switch a := a.(type) {
		case Say:
			r.item, r.lasts = a.Item, spoken(a.Text)
		case Play:
			r.item, r.lasts = a.Item, 5*time.Second
		case ClearPlayback:
			r.item = 0
		case StartTimer:
			r.timer, r.after = a.ID, a.After
		case StopTimer:
			r.timer, r.waiting = 0, false
		case SetVariable:
			if r.Collected == nil {
				r.Collected = map[string]string{}
			}
			r.Collected[a.Name] = a.Value
		case GoalReached:
			r.Goal = true
		case OptOut:
			r.OptedOut = true
		case HangUp:
			r.Ended = true
		case Log:
			r.Dialogue = append(r.Dialogue, a.Turn)
		default:
		}
	}
}

func spoken(text string) time.Duration {
	return time.Duration(utf8.RuneCountInString(text)) * time.Second / 15
}
