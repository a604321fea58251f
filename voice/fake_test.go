package voice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/audio"
	"campanario/voice/dialog"
	"campanario/voice/speech"
)

// fakeLeg is a call without a network, in a bubble of testing/synctest: it takes a frame of ours every 20 ms and brings
// one of the person's.
type fakeLeg struct {
	call *call
	dead bool // never ends, whatever is asked of it

	mu      sync.Mutex
	source  audio.Source
	final   dialog.Final
	played  []int16 // since the answer, 160 samples for every 20 ms
	keys    string
	hangups int
	closed  bool
	silent  bool    // no sound comes from the person
	theirs  []int16 // what the person sounds like, from the answer on
	stop    chan struct{}
	gone    sync.WaitGroup
}

func (l *fakeLeg) Play(src audio.Source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.source = src
}

func (l *fakeLeg) SendKeys(keys string) error {
	if keys == "?" {
		return errors.New("no keys")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys += keys
	return nil
}

func (l *fakeLeg) Hangup() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hangups++; l.hangups == 1 && !l.dead {
		end := dialog.EndCancelled
		if !l.final.Answered.IsZero() {
			end = dialog.EndBye
		}
		time.AfterFunc(10*time.Millisecond, func() { l.end(end, dialog.Us) })
	}
}

func (l *fakeLeg) Final() dialog.Final {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.final
}

func (l *fakeLeg) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// ring and the others are what the far end does.
func (l *fakeLeg) ring() {
	l.mu.Lock()
	l.final.Rang, l.final.Heard, l.final.Delivered = time.Now(), true, true
	l.mu.Unlock()
	l.call.signal(dialog.Event{What: dialog.HappenedRinging, At: time.Now(), Status: 180})
}

func (l *fakeLeg) answer() {
	now := time.Now()
	l.mu.Lock()
	if l.final.End != "" {
		l.mu.Unlock()
		return
	}
	l.final.Answered, l.final.Status = now, 200
	l.stop = make(chan struct{})
	l.mu.Unlock()
	l.call.signal(dialog.Event{What: dialog.HappenedAnswered, At: now})
	l.gone.Go(l.pace)
}

func (l *fakeLeg) end(how dialog.Ending, by dialog.Side) {
	l.mu.Lock()
	if l.final.End != "" {
		l.mu.Unlock()
		return
	}
	l.final.End, l.final.EndedBy, l.final.Ended = how, by, time.Now()
	if l.stop != nil {
		close(l.stop)
	}
	l.mu.Unlock()
	l.call.signal(dialog.Event{What: dialog.HappenedEnded, At: time.Now()})
}

// pace moves the sound both ways.
func (l *fakeLeg) pace() {
	tick := time.NewTicker(audio.FrameDuration)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		ours, theirs := make([]int16, audio.FrameSize), make([]int16, audio.FrameSize)
		l.mu.Lock()
		if l.source != nil {
			l.source.ReadFrame(ours)
		}
		l.played = append(l.played, ours...)
		silent := l.silent
		l.theirs = l.theirs[copy(theirs, l.theirs):]
		l.mu.Unlock()
		if silent {
			continue
		}
		l.call.frame(theirs)
	}
}

// heard lists what was played, by its sample values: the order of things said and how long each was heard.
func (l *fakeLeg) heard() []stretch {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []stretch
	for i, s := range l.played {
		if s == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].value == s && i == out[n-1].end {
			out[n-1].end++
			continue
		}
		out = append(out, stretch{value: s, start: i, end: i + 1})
	}
	return out
}

// stretch is sound of one value, counted in samples from the answer.
type stretch struct {
	value      int16
	start, end int
}

func (s stretch) from() time.Duration { return audio.Duration(s.start, audio.Rate) }
func (s stretch) long() time.Duration { return audio.Duration(s.end-s.start, audio.Rate) }

// values lists what was played without its times.
func values(all []stretch) []int16 {
	var out []int16
	for _, s := range all {
		out = append(out, s.value)
	}
	return out
}

// tone is a piece of sound of one value.
func tone(value int16, d time.Duration) []int16 {
	return slices.Repeat([]int16{value}, audio.Samples(d))
}

// reporter takes what a call reports.
type reporter struct {
	mu      sync.Mutex
	signals []channel.Signal
	closes  []channel.Outcome
	done    chan struct{}
}

func newReporter() *reporter { return &reporter{done: make(chan struct{})} }

func (r *reporter) Signal(s channel.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.signals = append(r.signals, s)
}

func (r *reporter) Close(o channel.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closes = append(r.closes, o)
	if len(r.closes) == 1 {
		close(r.done)
	}
}

// outcome waits for the only outcome.
func (r *reporter) outcome(t testing.TB) channel.Outcome {
	t.Helper()
	<-r.done
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.closes) != 1 {
		t.Fatalf("closed %d times", len(r.closes))
	}
	return r.closes[0]
}

// fakeEars tell what the test has them tell.
type fakeEars struct {
	mu   sync.Mutex
	next []finding
}

func (e *fakeEars) hear([]int16) []finding {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.next
	e.next = nil
	return out
}

func (e *fakeEars) find(f ...finding) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next = append(e.next, f...)
}

// fakeEngine opens one conversation, which the test leads.
type fakeEngine struct {
	mu    sync.Mutex
	conv  *fakeConversation
	delay time.Duration
	err   error
	panic string // where it panics: "open", "begin", "hear", "press", "played", "result", "close"
	setup Setup
}

func (e *fakeEngine) Open(ctx context.Context, s Setup) (Conversation, error) {
	e.mu.Lock()
	e.setup = s
	e.mu.Unlock()
	if e.panic == "open" {
		panic("open")
	}
	if e.delay > 0 {
		select {
		case <-time.After(e.delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if e.err != nil {
		return nil, e.err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.conv = &fakeConversation{engine: e, out: make(chan Event), done: make(chan struct{})}
	return e.conv, nil
}

// opened is the conversation, once it was opened.
func (e *fakeEngine) opened() *fakeConversation {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.conv
}

type fakeConversation struct {
	engine *fakeEngine
	out    chan Event
	done   chan struct{}
	stuck  chan struct{} // does not close before this is

	mu      sync.Mutex
	begun   time.Time
	frames  int
	keys    string
	played  []Playback
	results map[string]string
	closes  int
}

func (c *fakeConversation) may(where string) {
	if c.engine.panic == where {
		panic(where)
	}
}

func (c *fakeConversation) Begin() {
	c.may("begin")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = time.Now()
}

func (c *fakeConversation) Hear([]int16) {
	c.may("hear")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames++
}

func (c *fakeConversation) Press(k rune) {
	c.may("press")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys += string(k)
}

func (c *fakeConversation) Played(p Playback) {
	c.may("played")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.played = append(c.played, p)
}

func (c *fakeConversation) ToolResult(id string, r json.RawMessage) {
	c.may("result")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.results == nil {
		c.results = map[string]string{}
	}
	c.results[id] = string(r)
}

func (c *fakeConversation) Events() <-chan Event { return c.out }

func (c *fakeConversation) Close() {
	c.mu.Lock()
	c.closes++
	stuck := c.stuck
	c.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	close(c.done)
	c.may("close")
}

// say emits an event, unless the conversation was closed.
func (c *fakeConversation) say(events ...Event) {
	for _, e := range events {
		select {
		case c.out <- e:
		case <-c.done:
		}
	}
}

// fakeSpeaker says texts as sound of one value each, in the order in which they are first asked for, fifteen
// characters a second.
type fakeSpeaker struct {
	delay time.Duration
	err   error

	mu    sync.Mutex
	texts []string
}

func (s *fakeSpeaker) Speak(ctx context.Context, sp speech.Request) ([]int16, error) {
	select {
	case <-time.After(s.delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	n := slices.Index(s.texts, sp.Text)
	if n < 0 {
		n = len(s.texts)
		s.texts = append(s.texts, sp.Text)
	}
	return tone(int16(n+1), time.Duration(len(sp.Text))*time.Second/15), nil
}

// text is what a value stands for.
func (s *fakeSpeaker) text(value int16) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value < 1 || int(value) > len(s.texts) {
		return ""
	}
	return s.texts[value-1]
}

type fakeSounds map[string][]int16

func (s fakeSounds) Sound(_ context.Context, _, name string) ([]int16, error) {
	if out, ok := s[name]; ok {
		return out, nil
	}
	return nil, errors.New("no such sound")
}

// scene is a call in the making.
type scene struct {
	t      *testing.T
	call   *call
	leg    *fakeLeg
	report *reporter
	ears   *fakeEars
	engine *fakeEngine
	ended  chan struct{} // run has returned
}

const testAgent = `
name: Test
variables: [{name: paid, type: boolean}, {name: n, type: number}, {name: e, type: enum, values: [a, b]}]
script: {start: a, steps: {a: {say: "Olá, {{name}}, tudo bem?", next: end}}}
`

// newScene makes a call with a conversation that the test leads; script makes it follow a script.
func newScene(t *testing.T, c agent.Call, goal string) *scene {
	t.Helper()
	return sceneOf(t, testAgent, c, goal)
}

func sceneOf(t *testing.T, file string, c agent.Call, goal string) *scene {
	t.Helper()
	a, err := agent.ParseAgent([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := agent.NewPlan(a, c, goal)
	if err != nil {
		t.Fatal(err)
	}
	brief, err := plan.Brief(agent.Variables{"name": "Maria"})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, leg: &fakeLeg{}, report: newReporter(), ears: &fakeEars{}, engine: &fakeEngine{}, ended: make(chan struct{})}
	s.leg.final.Sent = time.Now()
	s.call = newCall(channel.Order{Attempt: "a1", Content: brief}, brief, s.report, s.engine, nil, slog.New(slog.DiscardHandler))
	s.call.leg, s.call.ears = s.leg, s.ears
	s.leg.call = s.call
	return s
}

func (s *scene) run() {
	go func() {
		s.call.run()
		close(s.ended)
	}()
}

// answered lets it ring for two seconds, answers, and gives the conversation once it has begun.
func (s *scene) answered() *fakeConversation {
	s.run()
	<-time.After(100 * time.Millisecond)
	s.leg.ring()
	<-time.After(2 * time.Second)
	s.leg.answer()
	<-time.After(time.Millisecond)
	synctest.Wait()
	return s.engine.opened()
}

// over gives the outcome, and checks that nothing of the call is left.
func (s *scene) over() channel.Outcome {
	s.t.Helper()
	o := s.report.outcome(s.t)
	<-s.ended
	s.leg.gone.Wait()
	if !s.leg.closed {
		s.t.Error("the leg was not closed")
	}
	if c := s.engine.opened(); c != nil && c.closes != 1 {
		s.t.Errorf("the conversation was closed %d times", c.closes)
	}
	return o
}
