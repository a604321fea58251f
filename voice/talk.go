package voice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"campanario/channel"
)

// open makes the conversation ready, once, while it rings.
func (c *call) open() {
	if c.opening || c.phase == phaseEnding || c.phase == phaseOver {
		return
	}
	c.opening = true
	setup := Setup{Attempt: c.order.Attempt, Brief: c.brief}
	c.children.Go(func() {
		conv, err := openSafely(c.ctx, c.engine, setup)
		c.box.post(func() { c.opened(conv, err) })
	})
}

func openSafely(ctx context.Context, e Engine, s Setup) (conv Conversation, err error) {
	defer func() {
		if p := recover(); p != nil {
			conv, err = nil, fmt.Errorf("open a conversation: panic: %v", p)
		}
	}()
	return e.Open(ctx, s)
}

func (c *call) opened(conv Conversation, err error) {
	switch {
	case err != nil && (c.phase == phaseRinging || c.phase == phaseTalking):
		c.fail("open", err)
	case err != nil:
	case c.phase == phaseRinging:
		c.adopt(conv)
	case c.phase == phaseTalking:
		c.adopt(conv)
		c.begin()
	default: // too late: a machine answered meanwhile, or the call is over
		c.discard(conv, conv.Events())
	}
}

func (c *call) adopt(conv Conversation) {
	c.drop()
	c.conv, c.events, c.begun = conv, conv.Events(), false
}

// drop closes the conversation.
func (c *call) drop() {
	conv, events := c.conv, c.events
	c.conv, c.events = nil, nil
	c.hearer.Store(nil)
	if conv != nil {
		c.discard(conv, events)
	}
}

// discard closes a conversation. Its last events are lost; an engine that does not close in time is left behind.
func (c *call) discard(conv Conversation, events <-chan Event) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.shut(conv)
	}()
	give := time.NewTimer(patience)
	defer give.Stop()
	for {
		select {
		case _, ok := <-events:
			if !ok {
				events = nil
			}
		case <-done:
			return
		case <-give.C:
			c.log.Error("an engine does not close", "attempt", c.order.Attempt)
			return
		}
	}
}

func (c *call) shut(conv Conversation) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("an engine panicked while closing", "attempt", c.order.Attempt, "panic", p)
		}
	}()
	conv.Close()
}

// answer is the moment the call was taken.
func (c *call) answer(at time.Time) {
	if c.phase != phaseRinging {
		return
	}
	c.phase, c.answered = phaseTalking, at
	c.report.Signal(channel.Signal{At: at, Stage: channel.StageAnswered})
	c.leg.Play(c.player)
	c.listening.Store(true)
	c.after(c.brief.Call.MaxDuration.D(), func() {
		if c.phase == phaseTalking || c.phase == phaseMailbox {
			c.told.reason = ReasonMaxDuration
			c.hangup()
		}
	})
	c.open()
	if c.conv != nil {
		c.begin()
	}
}

// begin lets the agent speak.
func (c *call) begin() {
	c.begun = true
	conv := c.conv
	c.hearer.Store(&conv)
	conv.Begin()
	for _, k := range c.early {
		conv.Press(k)
	}
	c.early = nil
	c.watch()
}

// event takes what the conversation says or wants.
func (c *call) event(e Event) {
	if c.told.failed {
		return // whatever it still says
	}
	switch e := e.(type) {
	case Audio:
		c.spoken = true
		if !c.player.push(e) {
			c.fail("play", errors.New("more than ten minutes wait to be heard"))
		}
	case ClearPlayback:
		c.silence()
	case SpeechStarted:
		c.told.heard = true
		c.quiet.speaking = true
		if c.told.answeredBy == bySilence { // somebody is there after all; who, nobody knows
			c.told.answeredBy = byUnknown
		}
	case SpeechStopped:
		c.quiet.speaking = false
		c.quiet.forget()
	case Turn:
		c.turn(channel.Turn(e))
	case Step:
		c.report.Signal(channel.Signal{At: time.Now(), Stage: channel.StageAnswered, Step: e.Name})
	case ToolCall:
		c.tool(e)
	case Usage:
		if c.onUsage != nil {
			c.onUsage(c.order, e)
		}
	case Closed:
		c.closed(e.Err)
	}
	c.watch()
}

// silence drops what is to be played, and tells the conversation how far it was heard.
func (c *call) silence() {
	for _, p := range c.player.clear() {
		if c.conv != nil {
			c.conv.Played(p)
		}
	}
}

// played goes on after an item was heard whole.
func (c *call) played(p Playback) {
	if c.conv != nil {
		c.conv.Played(p)
	}
	c.leave()
	c.watch()
}

func (c *call) press(key rune) {
	if c.phase != phaseTalking {
		return
	}
	c.pressed, c.told.heard = true, true
	c.quiet.forget()
	if !c.told.machine {
		c.told.answeredBy = byHuman
	}
	if c.begun && c.conv != nil {
		c.conv.Press(key)
	} else if len(c.early) < mostEarly {
		c.early = append(c.early, key)
	}
	c.watch()
}

func (c *call) turn(t channel.Turn) {
	if len(c.told.dialogue) >= mostTurns {
		return
	}
	if t.At == 0 && !c.answered.IsZero() {
		t.At = time.Since(c.answered)
	}
	c.told.dialogue = append(c.told.dialogue, t)
}

// closed is the end of the conversation on its own side.
func (c *call) closed(err error) {
	if c.conv == nil {
		return
	}
	if err != nil {
		c.fail("talk", err)
		return
	}
	c.hangNext = true
	c.leave()
	c.insist()
}

// leave hangs up once everything has been heard, if that is what is wanted.
func (c *call) leave() {
	if c.hangNext && !c.player.busy() && (c.phase == phaseTalking || c.phase == phaseMailbox) {
		if c.hangNext = false; c.curt {
			c.hangup()
			return
		}
		c.after(tail, c.hangup)
	}
}

// found takes what the ears make out.
func (c *call) found(f finding) {
	if c.phase != phaseTalking && c.phase != phaseMailbox {
		return
	}
	switch f.verdict {
	case byMachine:
		c.machine(f.why, c.brief.Call.Voicemail.Leaves())
	case byFax:
		c.told.reason = ReasonFax
		c.machine(f.why, false)
	case byHuman:
		c.told.heard = true
		c.told.answeredBy = byHuman
	case bySilence, byUnknown:
		if c.told.answeredBy == "" {
			c.told.answeredBy = f.verdict
		}
	}
	if f.over {
		if a, ok := c.conv.(announcing); ok && c.phase == phaseMailbox {
			a.Announced(f.beep)
		}
	}
}

// announcing is a conversation that waits for the end of a machine's announcement.
type announcing interface{ Announced(beep bool) }

// machine goes by the campaign's policy once a machine has answered: the agent falls silent, and the call is hung up or
// the message left. Who has pressed a key is no machine, whatever it sounds like.
func (c *call) machine(why string, leaves bool) {
	if c.phase != phaseTalking || c.pressed || c.told.machine {
		return
	}
	c.told.machine, c.told.answeredBy = true, byMachine
	c.turn(channel.Turn{Who: "system", What: "machine", Text: why})
	c.player.clear()
	c.drop()
	c.hangNext, c.early = false, nil
	if !leaves {
		c.hangup()
		return
	}
	c.phase = phaseMailbox
	conv, err := openSafely(c.ctx, c.leaver, Setup{Attempt: c.order.Attempt, Brief: c.brief})
	if err != nil {
		c.fail("leave a message", err)
		return
	}
	c.adopt(conv)
	c.begin()
}

// quiet measures how long the person has left the agent without an answer.
type quiet struct {
	since    time.Time // it is the person's turn; zero when it is not
	total    time.Duration
	speaking bool // the person is
	timer    *time.Timer
}

// forget begins the count anew.
func (q *quiet) forget() { q.total, q.since = 0, time.Time{} }

// watch keeps count of the time that is the person's and is not used: the agent says nothing, and neither do they. It
// adds up until they do, so that a script which asks again and again does not go on for ever.
func (c *call) watch() {
	q := &c.quiet
	now := time.Now()
	if !q.since.IsZero() {
		q.total += now.Sub(q.since)
		q.since = time.Time{}
	}
	if q.timer != nil {
		q.timer.Stop()
	}
	if c.phase != phaseTalking || !c.begun || q.speaking || c.player.busy() {
		return
	}
	q.since = now
	left := c.brief.Call.SilenceTimeout.D() - q.total
	if left <= 0 {
		c.told.reason = ReasonSilence
		c.hangup()
		return
	}
	if q.timer == nil {
		q.timer = c.after(left, c.watch)
	} else {
		q.timer.Reset(left)
	}
}
