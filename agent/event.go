package agent

import (
	"time"

	"campanario/channel"
)

// Event is something that a machine is told. It is one of the types below.
type Event interface{ event() }

// KeyPressed is a telephone key of the person's: one of 0 to 9, * and #. Others are ignored.
type KeyPressed struct{ Key string }

// SpeechStarted tells that the person began to speak.
type SpeechStarted struct{}

// SpeechEnded tells that the person fell silent. Text is what was understood, if anybody listened for words.
type SpeechEnded struct{ Text string }

// PlaybackFinished tells that the person has heard an item to its end.
type PlaybackFinished struct{ Item int }

// TimerFired tells that the time asked for with StartTimer is over.
type TimerFired struct{ ID int }

// AnnouncementEnded tells a Mailbox that the machine's announcement is over: by its beep, or by silence. A beep may
// follow a silence that was taken for the end.
type AnnouncementEnded struct{ Beep bool }

func (KeyPressed) event()        {}
func (SpeechStarted) event()     {}
func (SpeechEnded) event()       {}
func (PlaybackFinished) event()  {}
func (TimerFired) event()        {}
func (AnnouncementEnded) event() {}

// Action is something that a machine wants done. It is one of the types below. Actions are done in order.
type Action interface{ action() }

// Say wants the text spoken, after whatever is still playing. Item names it in PlaybackFinished, which must follow
// unless ClearPlayback comes first; speech that could not be made is finished at once.
type Say struct {
	Item int
	Text string
}

// Play wants a WAV file played; otherwise it is like Say.
type Play struct {
	Item int
	File string
}

// ClearPlayback wants silence now. What was playing sends no PlaybackFinished.
type ClearPlayback struct{}

// StartTimer wants a TimerFired after a while. It takes the place of any timer still running: a machine needs one at
// a time.
type StartTimer struct {
	ID    int
	After time.Duration
}

// StopTimer wants no TimerFired.
type StopTimer struct{}

// Listen says what the machine waits for, so that nobody spends effort on what it ignores.
type Listen struct{ Keys, Speech bool }

// SetVariable gives a post-call variable its value.
type SetVariable struct{ Name, Value string }

// GoalReached tells that the conversation reached its goal.
type GoalReached struct{}

// OptOut tells that the person wants no more contacts.
type OptOut struct{}

// MessageLeft tells that a machine has taken the message to its end.
type MessageLeft struct{}

// HangUp wants the call ended. No event is wanted after it.
type HangUp struct{}

// EnterStep tells where the dialogue is.
type EnterStep struct{ Name string }

// Log adds a turn to the dialogue.
type Log struct{ Turn channel.Turn }

func (Say) action()           {}
func (Play) action()          {}
func (ClearPlayback) action() {}
func (StartTimer) action()    {}
func (StopTimer) action()     {}
func (Listen) action()        {}
func (SetVariable) action()   {}
func (GoalReached) action()   {}
func (OptOut) action()        {}
func (MessageLeft) action()   {}
func (HangUp) action()        {}
func (EnterStep) action()     {}
func (Log) action()           {}

// Talker is a pure state machine that leads one call: a Machine through a script, a Mailbox through leaving a message.
// Times are counted from the answer. It is not safe for concurrent use.
type Talker interface {
	Start() []Action
	Handle(e Event, now time.Duration) []Action
}
