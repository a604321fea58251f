package voice

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/audio"
	"campanario/voice/dialog"
)

// leg is the call beneath a conversation: its signalling and its sound. Its methods do not block.
type leg interface {
	Play(src audio.Source) // from now on; nil is silence
	SendKeys(keys string) error
	Hangup()
	Final() dialog.Final
	Close() // gives up what the leg holds, after its end
}

// phase is how far a call has come.
type phase string

const (
	phaseRinging phase = "ringing"
	phaseTalking phase = "talking" // answered
	phaseMailbox phase = "mailbox" // a machine answered, and the message is being left
	phaseEnding  phase = "ending"  // we have hung up
	phaseOver    phase = "over"
)

// Limits of a call's ends.
const (
	tail       = 200 * time.Millisecond // between the last word and our BYE: the far end's buffer still plays
	stuckAfter = 45 * time.Second       // after our hanging up, for the end to be known
	patience   = 5 * time.Second        // for an engine to close
	mostTurns  = 2000
	mostEarly  = 32
)

// call is one attempt by telephone, from its INVITE to its outcome. Everything it knows belongs to the goroutine of run;
// others post to its box.
type call struct {
	order    channel.Order
	brief    *agent.Brief
	report   channel.Reporter
	engine   Engine
	leaver   Engine // leaves messages on machines: the script engine
	log      *slog.Logger
	leg      leg
	box      *mailbox
	player   *player
	onUsage  func(channel.Order, Usage)
	ctx      context.Context
	cancel   context.CancelFunc
	children sync.WaitGroup

	// The sound's: ears are used by the goroutine that frames come from, from the answer on.
	ears      ears
	listening atomic.Bool
	hearer    atomic.Pointer[Conversation]

	phase    phase
	conv     Conversation // nil before it is open and after it is closed
	events   <-chan Event
	opening  bool
	begun    bool
	answered time.Time
	told     told
	pressed  bool   // the person pressed a key: no machine does
	early    []rune // keys pressed before the conversation was there
	hangNext bool   // hang up when everything has been heard
	spoken   bool   // there was something to hear
	curt     bool   // the agent hung up without a word
	quiet    quiet
	timers   []*time.Timer
}

// run is the call's goroutine. It returns when the outcome has been reported and nothing of the call runs any more.
func (c *call) run() {
	for c.phase != phaseOver {
		select {
		case <-c.box.wake:
			for _, f := range c.box.take() {
				c.safely(f)
			}
		case e, ok := <-c.events:
			if !ok {
				c.events = nil
				c.safely(func() { c.closed(nil) })
				continue
			}
			c.safely(func() { c.event(e) })
		}
	}
	c.finish()
}

// safely keeps a panic of an engine, or of ours, from taking the other calls with it. The call is hung up; its outcome
// says that the agent failed.
func (c *call) safely(f func()) {
	defer func() {
		if p := recover(); p != nil {
			c.panicked(p)
		}
	}()
	f()
}

func (c *call) panicked(p any) {
	c.log.Error("a call panicked", "attempt", c.order.Attempt, "panic", p, "stack", string(debug.Stack()))
	c.told.failed = true
	c.hangup()
}

// finish reports the outcome, and then waits for what the call started.
func (c *call) finish() {
	for _, t := range c.timers {
		t.Stop()
	}
	c.listening.Store(false)
	c.hearer.Store(nil)
	c.leg.Play(nil)
	o := outcome(c.leg.Final(), c.told)
	if c.told.reason == ReasonStuck {
		o.Code, o.Reason, o.At = channel.Unknown, ReasonStuck, time.Now()
	}
	c.report.Close(o)
	c.cancel()
	c.drop()
	c.leg.Close()
	c.collect()
	for _, f := range c.box.take() { // an engine that opened too late is closed by what it posted
		c.safely(f)
	}
}

// collect waits for an engine that is still opening, for as long as that may take.
func (c *call) collect() {
	done := make(chan struct{})
	go func() {
		c.children.Wait()
		close(done)
	}()
	give := time.NewTimer(patience)
	defer give.Stop()
	select {
	case <-done:
	case <-give.C:
		c.log.Error("an engine does not stop opening", "attempt", c.order.Attempt)
	}
}

// after posts f after a while, unless the call is over by then.
func (c *call) after(d time.Duration, f func()) *time.Timer {
	t := time.AfterFunc(d, func() { c.box.post(f) })
	c.timers = append(c.timers, t)
	return t
}

// hangup ends the call; the end comes back through signalling.
func (c *call) hangup() {
	if c.phase == phaseEnding || c.phase == phaseOver {
		return
	}
	c.phase = phaseEnding
	c.leg.Hangup()
	c.after(stuckAfter, func() {
		c.log.Error("a call did not end after it was hung up", "attempt", c.order.Attempt)
		c.told.reason = ReasonStuck
		c.phase = phaseOver
	})
}

// fail hangs up because the agent cannot go on.
func (c *call) fail(why string, err error) {
	c.log.Warn("the agent of a call failed", "attempt", c.order.Attempt, "line", c.order.Line.ID, "doing", why, "error", err)
	c.told.failed = true
	c.hangup()
}

// stop hangs up because somebody else wants it.
func (c *call) stop() {
	if c.phase == phaseTalking || c.phase == phaseMailbox {
		c.told.reason = ReasonStopped
	}
	c.hangup()
}

// signal takes what happens to the call's signalling, from any goroutine.
func (c *call) signal(e dialog.Event) {
	c.box.post(func() {
		switch e.What {
		case dialog.HappenedRinging:
			c.report.Signal(channel.Signal{At: e.At, Stage: channel.StageRinging})
			c.open()
		case dialog.HappenedAnswered:
			c.answer(e.At)
		case dialog.HappenedKey:
			c.press(rune(e.Key))
		case dialog.HappenedEnded:
			c.phase = phaseOver
		default:
		}
	})
}

// frame takes 20 ms of the far end, from the goroutine of the call's sound.
func (c *call) frame(samples []int16) {
	if !c.listening.Load() {
		return // an announcement before the answer
	}
	for _, f := range c.ears.hear(samples) {
		c.box.post(func() { c.found(f) })
	}
	if conv := c.hearer.Load(); conv != nil {
		c.hear(*conv, samples)
	}
}

func (c *call) hear(conv Conversation, samples []int16) {
	defer func() {
		if p := recover(); p != nil {
			c.hearer.Store(nil)
			c.box.post(func() { c.panicked(p) })
		}
	}()
	conv.Hear(samples)
}

// key takes a telephone key, from the goroutine of the call's sound.
func (c *call) key(key rune) { c.box.offer(func() { c.press(key) }) }

// unheard is told that no sound has come for long.
func (c *call) unheard() {
	c.box.post(func() {
		if c.phase == phaseTalking || c.phase == phaseMailbox {
			c.told.reason = ReasonNoAudio
			c.hangup()
		}
	})
}

// newCall makes a call whose leg and ears are still to come.
func newCall(o channel.Order, b *agent.Brief, r channel.Reporter, e, leaver Engine, log *slog.Logger) *call {
	c := &call{order: o, brief: b, report: r, engine: e, leaver: leaver, log: log, box: newMailbox(), phase: phaseRinging}
	c.told.variable = b.GoalVariable
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.player = &player{finished: func(p Playback) { c.box.post(func() { c.played(p) }) }}
	return c
}
