package voice

import (
	"context"
	"encoding/json"
	"time"

	"campanario/agent"
	"campanario/channel"
)

// Engine holds conversations: it is what thinks, listens and speaks for one kind of agent. A process has one Engine per
// agent.Kind. It is safe for concurrent use.
type Engine interface {
	// Open makes a conversation ready while the telephone still rings: it connects to its provider and prepares the
	// first words, so that there is no dead air after the answer. ctx ends when the call does. Many conversations are
	// opened for nothing, because nobody answers; they are closed like all others.
	Open(ctx context.Context, s Setup) (Conversation, error)
}

// Setup is what a conversation is about.
type Setup struct {
	Attempt string // for logs; no personal data
	Brief   *agent.Brief
}

// Tools are what the engine may ask of the call, as models are told of it.
func (s *Setup) Tools() []Tool { return Tools(s.Brief.Agent) }

// Conversation is one call's. The call loop (see Adapter) brings it what the person does and carries out what it wants;
// an adapter for a provider such as OpenAI Realtime is one file that maps its messages to the methods and events here.
//
// The course of a conversation:
//
//	Open ── Begin ──┬─ Hear, Hear, Hear …   50 frames a second, whether anybody speaks or not
//	                ├─ Press                telephone keys
//	                ├─ Played               how far an item was heard: its end, or where it was cut off
//	                ├─ ToolResult           the answer to a ToolCall
//	                └─ Close                at any time, also before Begin; once
//
// and from it, on Events: Audio (much faster than it is heard, if the provider is fast), ClearPlayback, SpeechStarted,
// SpeechStopped, Turn, Step, ToolCall, Usage, and Closed as the last.
//
// The playback clock is the call's: it knows what has left as RTP. Whoever wants to be interrupted emits ClearPlayback and
// gets a Played for every item that was cut off or never began, with the length that was heard; that is what OpenAI's
// conversation.item.truncate wants as audio_end_ms.
//
// The methods never block, and are called one at a time but for Hear, which has a goroutine of its own.
type Conversation interface {
	// Begin is the answer: the agent speaks at once.
	Begin()
	// Hear takes 20 ms of the person: 160 samples at 8 kHz, which are good until it returns.
	Hear(frame []int16)
	// Press takes a telephone key of the person's: 0-9, *, #, A-D.
	Press(key rune)
	// Played tells what became of an item of Audio.
	Played(p Playback)
	// ToolResult answers a ToolCall with a JSON object.
	ToolResult(id string, result json.RawMessage)
	// Events is where the conversation speaks. It is closed after Closed, or after Close.
	Events() <-chan Event
	// Close ends the conversation and waits until nothing of it runs any more.
	Close()
}

// Playback is what became of an item.
type Playback struct {
	Item  string
	Heard time.Duration // how much of it left for the person
	Whole bool          // all of it, and no more is to come
}

// Event is something a conversation says or wants. It is one of the types below.
type Event interface{ event() }

// Audio is sound to be played after what is playing: 8 kHz, in pieces of any length, which the conversation does not
// change afterwards. Pieces of one item come together; Last marks the end of the item, with samples or without.
type Audio struct {
	Item    string
	Samples []int16
	Last    bool
}

// ClearPlayback wants silence now: everything still to be played is dropped.
type ClearPlayback struct{}

// SpeechStarted tells that the person began to speak. It stops nothing by itself: a conversation that gives way to the
// person emits ClearPlayback too.
type SpeechStarted struct{}

// SpeechStopped tells that the person fell silent.
type SpeechStopped struct{}

// Turn adds to the dialogue. At is filled in by the call when it is zero.
type Turn channel.Turn

// Step tells where the conversation is, for whoever watches the call live.
type Step struct{ Name string }

// ToolCall wants something done; ToolResult answers it under the same ID. An empty ID wants no answer.
type ToolCall struct {
	ID        string
	Name      ToolName
	Arguments json.RawMessage // a JSON object; empty means {}
}

// Usage is what the provider has charged for since the last Usage, in its own units.
type Usage struct {
	Provider string
	Model    string
	Units    map[string]int64 // such as input_audio_tokens, output_audio_tokens, characters
}

// Closed is the last event: the conversation is over on the provider's side. Without an error the agent has nothing more
// to say; the call is hung up once everything has been heard.
type Closed struct{ Err error }

func (Audio) event()         {}
func (ClearPlayback) event() {}
func (SpeechStarted) event() {}
func (SpeechStopped) event() {}
func (Turn) event()          {}
func (Step) event()          {}
func (ToolCall) event()      {}
func (Usage) event()         {}
func (Closed) event()        {}
