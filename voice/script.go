package voice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"campanario/agent"
	"campanario/voice/detect"
	"campanario/voice/speech"
)

// Sounds finds the WAV files of a workspace, as sound of 8 kHz. It is safe for concurrent use.
type Sounds interface {
	Sound(ctx context.Context, workspace, name string) ([]int16, error)
}

// Scripts is the Engine of agent.KindScript, and leaves the messages of all kinds on machines. It needs no outside
// service: an agent.Machine or agent.Mailbox leads the call, speech comes from the Speaker.
type Scripts struct {
	speaker speech.Speaker
	sounds  Sounds
	log     *slog.Logger
	mailbox bool // leaves a message instead of following the script
}

var _ Engine = (*Scripts)(nil)

// NewScripts makes the engine. sounds may be nil when nothing is played.
func NewScripts(speaker speech.Speaker, sounds Sounds, log *slog.Logger) *Scripts {
	return &Scripts{speaker: speaker, sounds: sounds, log: log}
}

// leaver is the same engine for leaving messages.
func (s *Scripts) leaver() *Scripts {
	out := *s
	out.mailbox = true
	return &out
}

// Open implements Engine. The first words are being spoken into memory when it returns.
func (s *Scripts) Open(ctx context.Context, setup Setup) (Conversation, error) {
	var talker agent.Talker
	var err error
	if s.mailbox {
		talker, err = setup.Brief.Mailbox()
	} else {
		talker, err = setup.Brief.Machine()
	}
	if err != nil {
		return nil, err
	}
	c := &scripted{
		engine: s, brief: setup.Brief, talker: talker, box: newMailbox(), out: make(chan Event, 16),
		activity: newActivity(setup.Brief.Call.Detection),
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.first = talker.Start()
	for _, a := range c.first {
		if c.prepare(a) {
			break
		}
	}
	if box, ok := talker.(*agent.Mailbox); ok {
		c.prepare(box.Message())
	}
	c.running.Go(c.run)
	return c, nil
}

// scripted is a conversation led by a pure state machine. All but Hear belongs to the goroutine of run.
type scripted struct {
	engine  *Scripts
	brief   *agent.Brief
	talker  agent.Talker
	box     *mailbox
	out     chan Event
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	activity *detect.Activity // Hear's
	begun    atomic.Bool

	first    []agent.Action
	at       time.Time // of Begin
	timer    *time.Timer
	current  int                // the item that is to be heard, or being heard; 0 for none
	prepared map[string]*render // by what is said or played
	ended    bool
}

// render is sound in the making.
type render struct {
	done    chan struct{}
	samples []int16
	err     error
}

func (c *scripted) Events() <-chan Event { return c.out }

func (c *scripted) Begin() {
	c.box.post(func() {
		c.at = time.Now()
		c.begun.Store(true)
		c.do(c.first)
	})
}

func (c *scripted) Press(key rune) { c.tell(agent.KeyPressed{Key: string(key)}) }

func (c *scripted) Announced(beep bool) { c.tell(agent.AnnouncementEnded{Beep: beep}) }

func (c *scripted) ToolResult(string, json.RawMessage) {} // a script asks for nothing that could be refused

func (c *scripted) Played(p Playback) {
	item, err := strconv.Atoi(p.Item)
	if err != nil || !p.Whole {
		return
	}
	c.tell(agent.PlaybackFinished{Item: item})
}

// Hear listens for the person's voice.
func (c *scripted) Hear(frame []int16) {
	if !c.begun.Load() {
		return
	}
	switch started, stopped := c.activity.Hear(frame); {
	case started:
		c.box.offer(func() {
			c.emit(SpeechStarted{})
			c.handle(agent.SpeechStarted{})
		})
	case stopped:
		c.box.offer(func() {
			c.emit(SpeechStopped{})
			c.handle(agent.SpeechEnded{})
		})
	}
}

func (c *scripted) Close() {
	c.cancel()
	c.running.Wait()
}

// run is the conversation's goroutine.
func (c *scripted) run() {
	defer close(c.out)
	defer c.stopTimer()
	defer func() {
		if p := recover(); p != nil {
			c.engine.log.Error("a script panicked", "panic", p, "stack", string(debug.Stack()))
			c.emit(Closed{Err: fmt.Errorf("script: panic: %v", p)})
		}
	}()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.box.wake:
			for _, f := range c.box.take() {
				f()
			}
		}
	}
}

// emit gives an event to the call, unless nobody wants it any more.
func (c *scripted) emit(e Event) {
	select {
	case c.out <- e:
	case <-c.ctx.Done():
	}
}

// tell brings the machine an event.
func (c *scripted) tell(e agent.Event) { c.box.post(func() { c.handle(e) }) }

func (c *scripted) handle(e agent.Event) {
	if c.at.IsZero() || c.ended {
		return
	}
	c.do(c.talker.Handle(e, time.Since(c.at)))
}

// do carries out what the machine wants.
func (c *scripted) do(actions []agent.Action) {
	for _, a := range actions {
		switch a := a.(type) {
		case agent.Say:
			c.utter(a, a.Item)
		case agent.Play:
			c.utter(a, a.Item)
		case agent.ClearPlayback:
			c.current = 0
			c.emit(ClearPlayback{})
		case agent.StartTimer:
			c.startTimer(a)
		case agent.StopTimer:
			c.stopTimer()
		case agent.SetVariable:
			c.emit(ToolCall{Name: ToolSetVariable, Arguments: mustJSON(map[string]string{"name": a.Name, "value": a.Value})})
		case agent.GoalReached:
			c.emit(ToolCall{Name: ToolGoal})
		case agent.OptOut:
			c.emit(ToolCall{Name: ToolOptOut})
		case agent.MessageLeft:
			c.emit(ToolCall{Name: toolLeft})
		case agent.HangUp:
			c.ended = true
			c.emit(ToolCall{Name: ToolHangUp})
		case agent.EnterStep:
			c.emit(Step{Name: a.Name})
		case agent.Log:
			a.Turn.At = 0 // a Mailbox counts from its own beginning, the call from the answer
			c.emit(Turn(a.Turn))
		case agent.Listen: // keys and speech are always heard: the call wants to know that somebody is there
		}
	}
}

func (c *scripted) startTimer(a agent.StartTimer) {
	c.stopTimer()
	c.timer = time.AfterFunc(a.After, func() { c.tell(agent.TimerFired{ID: a.ID}) })
}

func (c *scripted) stopTimer() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

// utter has something said or played as soon as its sound is there. Nothing waits for it meanwhile: a key may make it
// needless.
func (c *scripted) utter(a agent.Action, item int) {
	c.current = item
	c.prepare(a)
	r := c.prepared[key(a)]
	delete(c.prepared, key(a))
	c.running.Go(func() {
		select {
		case <-r.done:
			c.box.post(func() { c.uttered(r, item) })
		case <-c.ctx.Done():
		}
	})
}

func (c *scripted) uttered(r *render, item int) {
	if item != c.current {
		return // it was cut off before it began
	}
	if r.err != nil {
		c.ended = true
		c.emit(Closed{Err: r.err})
		return
	}
	c.emit(Audio{Item: strconv.Itoa(item), Samples: r.samples, Last: true})
}

// key tells what is said from what is played.
func key(a agent.Action) string {
	switch a := a.(type) {
	case agent.Say:
		return "say " + a.Text
	case agent.Play:
		return "play " + a.File
	default:
		return ""
	}
}

// prepare begins to make the sound of an action that has one, and reports whether it has.
func (c *scripted) prepare(a agent.Action) bool {
	k := key(a)
	if k == "" {
		return false
	}
	if c.prepared[k] != nil {
		return true
	}
	if c.prepared == nil {
		c.prepared = map[string]*render{}
	}
	r := &render{done: make(chan struct{})}
	c.prepared[k] = r
	c.running.Go(func() {
		defer close(r.done)
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("make speech: panic: %v", p)
			}
		}()
		r.samples, r.err = c.sound(a)
	})
	return true
}

var errNoSounds = errors.New("voice: there are no sound files")

func (c *scripted) sound(a agent.Action) ([]int16, error) {
	if p, ok := a.(agent.Play); ok {
		if c.engine.sounds == nil {
			return nil, errNoSounds
		}
		return c.engine.sounds.Sound(c.ctx, c.brief.Agent.Workspace, p.File)
	}
	who := c.brief.Agent
	return c.engine.speaker.Speak(c.ctx, speech.Request{Text: a.(agent.Say).Text, Language: who.Language, Voice: who.Voice, Speed: who.Speed})
}
