package agent

import (
	"slices"
	"strings"
	"time"

	"campanario/channel"
)

// Machine leads one call through a script. It does nothing itself: told what happens, it answers with what is to be
// done. The same events at the same times always give the same actions.
//
// The person's turn: a question is open from its first word. A key answers it at any time (unless it may not be
// interrupted: then at its end); speech that began before its last word counts from there on. A key pressed while the
// agent says something else cuts that short and answers the next question.
type Machine struct {
	p     *program
	vars  Variables
	first string // said before, or in place of, the first words of the script

	at       *node
	visits   int // steps entered so far
	out      []Action
	now      time.Duration
	over     bool
	item     int  // of the last thing said
	playing  bool // that thing is still being heard
	timer    int  // of the last timer
	ticking  bool
	speaking bool // the person is
	heard    bool // and that counts as an answer, or as an interruption
	prelude  bool // the first message is being said, before the first step

	entry    []byte         // digits collected so far
	ahead    []byte         // keys pressed before the question they answer
	failures map[string]int // wrong or no answers to a question since it was last answered
	last     byte           // the key that gave the last answer …
	lastAt   time.Duration  // … and when: a key held down is not two answers
}

// Limits of what a person can do to a machine.
const (
	maxAhead = 32
	// bounce is how long the key that answered a question is deaf: a second press of the same key within it is the
	// first one's.
	bounce = 500 * time.Millisecond
)

var _ Talker = (*Machine)(nil)

// newMachine starts no talking yet. first replaces the first words; empty leaves the script its own.
func newMachine(p *program, vars Variables, first string) *Machine {
	return &Machine{p: p, vars: vars.Clone(), first: first, failures: map[string]int{}}
}

// Start gives the first actions, at the answer.
func (m *Machine) Start() []Action {
	m.out = nil
	if start := m.p.steps[m.p.start]; m.first != "" && start.kind != kindSay {
		m.prelude = true
		m.do(Listen{Keys: true})
		m.say(m.first)
		return m.out
	}
	m.enter(m.p.start)
	return m.out
}

// Handle gives the actions that follow an event at a time after the answer.
func (m *Machine) Handle(e Event, now time.Duration) []Action {
	if m.over || m.at == nil && !m.prelude {
		return nil
	}
	m.out, m.now = nil, now
	switch e := e.(type) {
	case KeyPressed:
		m.key(e.Key)
	case SpeechStarted:
		m.speechStarted()
	case SpeechEnded:
		m.speechEnded(e.Text)
	case PlaybackFinished:
		if m.playing && e.Item == m.item {
			m.playing = false
			m.played()
		}
	case TimerFired:
		if m.ticking && e.ID == m.timer {
			m.ticking = false
			m.timeout()
		}
	case AnnouncementEnded:
	}
	return m.out
}

// Step is the name of the step the dialogue is at; empty before the first and after the last.
func (m *Machine) Step() string {
	if m.at == nil || m.over {
		return ""
	}
	return m.at.name
}

func (m *Machine) do(a Action) { m.out = append(m.out, a) }

func (m *Machine) log(who, what, text string) {
	m.do(Log{channel.Turn{At: m.now, Who: who, What: what, Text: text}})
}

func (m *Machine) say(text string) {
	m.item++
	m.playing = true
	m.do(Say{Item: m.item, Text: text})
	m.log("agent", "say", text)
}

func (m *Machine) play(file string) {
	m.item++
	m.playing = true
	m.do(Play{Item: m.item, File: file})
	m.log("agent", "play", file)
}

// hush stops what is being heard because the person wants to be.
func (m *Machine) hush(by string) {
	if !m.playing {
		return
	}
	m.playing = false
	m.do(ClearPlayback{})
	m.log("person", "barge_in", by)
}

func (m *Machine) startTimer(d Duration) {
	m.timer++
	m.ticking = true
	m.do(StartTimer{ID: m.timer, After: d.D()})
}

func (m *Machine) stopTimer() {
	if m.ticking {
		m.ticking = false
		m.do(StopTimer{})
	}
}

func (m *Machine) hangUp() {
	m.stopTimer()
	m.over = true
	m.do(HangUp{})
}

// enter goes to a step and through all that need no waiting. A compiled script cannot go round without waiting.
func (m *Machine) enter(name string) {
	m.stopTimer()
	m.heard = false
	for name != "" {
		if name == EndStep {
			m.hangUp()
			return
		}
		m.at = m.p.steps[name]
		m.visits++
		m.do(EnterStep{name})
		m.log("system", "step", name)
		name = m.run(m.at)
	}
}

// run does one step and gives the next; "" when there is something to wait for or the call is over.
func (m *Machine) run(n *node) string {
	switch n.kind {
	case kindSay:
		m.do(Listen{Keys: true, Speech: n.interrupt == InterruptSpeech})
		if m.first != "" && !m.prelude {
			m.say(m.first)
		} else {
			m.sayTemplate(n.text)
		}
		m.first = ""
	case kindPlay:
		m.do(Listen{Keys: true, Speech: n.interrupt == InterruptSpeech})
		m.play(n.play)
	case kindAsk:
		m.ask(n)
	case kindBranch:
		return m.branch(n.step.Branch)
	case kindSet:
		for _, s := range n.settings {
			if value, err := s.value.Render(m.vars); err == nil {
				m.set(s.takes, strings.TrimSpace(value))
			}
		}
		return n.step.Next
	case kindGoal:
		m.do(GoalReached{})
		return n.step.Next
	case kindOptOut:
		m.do(OptOut{})
		return n.step.Next
	case kindPause:
		m.do(Listen{Keys: true})
		m.startTimer(n.step.Pause)
	case kindGoto:
		return n.step.Goto
	case kindHangUp:
		m.hangUp()
	}
	return ""
}

// sayTemplate says a text. It can only lack a value when the brief was made without asking for all: then nothing with
// a hole in it is said, and the call ends.
func (m *Machine) sayTemplate(t *Template) {
	text, err := t.Render(m.vars)
	if err != nil {
		m.log("system", "step", err.Error())
		m.hangUp()
		return
	}
	m.say(text)
}

// set gives a variable a value that is one of its values, and leaves it alone otherwise.
func (m *Machine) set(v PostCallVariable, value string) {
	if v.Takes(value) {
		m.vars[v.Name] = value
		m.do(SetVariable{Name: v.Name, Value: value})
	}
}

func (m *Machine) branch(cases []Case) string {
	i := slices.IndexFunc(cases, func(c Case) bool { return c.holds(m.vars) })
	if i < 0 {
		return EndStep
	}
	return cases[i].Next
}

// holds reports whether a case is true of the variables.
func (c Case) holds(v Variables) bool {
	if c.Else {
		return true
	}
	value, ok := v.Lookup(Key(c.Variable))
	same := func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(value)) }
	if c.Exists != nil && *c.Exists != ok {
		return false
	}
	if c.Equals != nil && !same(*c.Equals) {
		return false
	}
	return len(c.OneOf) == 0 || slices.ContainsFunc(c.OneOf, same)
}

// played goes on after something was heard to its end.
func (m *Machine) played() {
	switch {
	case m.prelude:
		m.prelude = false
		m.first = ""
		m.enter(m.p.start)
	case m.at.kind == kindAsk:
		m.await()
	default:
		m.enter(m.at.step.Next)
	}
}

// timeout goes on when the time of a step is over.
func (m *Machine) timeout() {
	switch m.at.kind {
	case kindPause:
		m.enter(m.at.step.Next)
	case kindAsk:
		m.lateAnswer()
	case kindSay, kindPlay: // the person interrupted, and speaks without end
		m.enter(m.at.step.Next)
	default:
	}
}
