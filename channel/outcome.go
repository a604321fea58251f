package channel

import (
	"slices"
	"time"
)

// Class says what is safe to do after an attempt; the engine reads nothing else.
type Class string

// The classes.
const (
	ClassReached    Class = "reached"     // the person was reached: done, unless a goal or the operator wants more
	ClassUnreached  Class = "unreached"   // tried and not reached: counts, may be retried
	ClassBadAddress Class = "bad_address" // this address can never work: not tried again
	ClassRefused    Class = "refused"     // the person said stop: suppress everywhere
	ClassFault      Class = "fault"       // ours or the line's, before anyone was disturbed: does not count, feeds the line's breaker
	ClassUnknown    Class = "unknown"     // nobody can know: counts, and waits a full retry interval
)

// Code says what is wanted to know about the end of an attempt: policies, reports and people read it.
type Code string

// The codes of calls and messages. What each means and how it is treated is its row in the table below.
const (
	Completed     Code = "completed"
	MessageLeft   Code = "message_left"
	Voicemail     Code = "voicemail"
	NoAnswer      Code = "no_answer"
	Busy          Code = "busy"
	Rejected      Code = "rejected"
	Silent        Code = "silent"
	InvalidNumber Code = "invalid_number"
	Failed        Code = "failed"
	Congested     Code = "congested"
	LineFailed    Code = "line_failed"
	Cancelled     Code = "cancelled"
	OptedOut      Code = "opted_out"
	Unknown       Code = "unknown"

	Accepted      Code = "accepted"
	Sent          Code = "sent"
	Delivered     Code = "delivered"
	Read          Code = "read"
	Clicked       Code = "clicked"
	Replied       Code = "replied"
	Deferred      Code = "deferred"
	Blocked       Code = "blocked"
	Bounced       Code = "bounced"
	Undeliverable Code = "undeliverable"
	Complained    Code = "complained"
)

// Trait is what the engine and people need to know of a code.
type Trait struct {
	Class Class
	// Rank orders what can still be learnt of a message after it was handed over: a later report replaces an
	// earlier one only if its rank is higher. 0 for calls and for attempts that never were taken.
	Rank int
	// Calls and Messages say on which channels the code can occur.
	Calls, Messages bool
}

var traits = map[Code]Trait{
	Completed:     {Class: ClassReached, Calls: true},
	MessageLeft:   {Class: ClassUnreached, Calls: true},
	Voicemail:     {Class: ClassUnreached, Calls: true},
	NoAnswer:      {Class: ClassUnreached, Calls: true},
	Busy:          {Class: ClassUnreached, Calls: true},
	Rejected:      {Class: ClassUnreached, Calls: true},
	Silent:        {Class: ClassUnreached, Calls: true},
	InvalidNumber: {Class: ClassBadAddress, Calls: true},
	Failed:        {Class: ClassUnreached, Rank: 3, Calls: true, Messages: true},
	Congested:     {Class: ClassFault, Calls: true, Messages: true},
	LineFailed:    {Class: ClassFault, Calls: true, Messages: true},
	Cancelled:     {Class: ClassUnreached, Calls: true, Messages: true},
	OptedOut:      {Class: ClassRefused, Rank: 8, Calls: true, Messages: true},
	Unknown:       {Class: ClassUnknown, Calls: true, Messages: true},
	Accepted:      {Class: ClassReached, Rank: 1, Messages: true},
	Sent:          {Class: ClassReached, Rank: 2, Messages: true},
	Delivered:     {Class: ClassReached, Rank: 4, Messages: true},
	Read:          {Class: ClassReached, Rank: 5, Messages: true},
	Clicked:       {Class: ClassReached, Rank: 6, Messages: true},
	Replied:       {Class: ClassReached, Rank: 7, Messages: true},
	Deferred:      {Class: ClassUnreached, Messages: true},
	Blocked:       {Class: ClassUnreached, Rank: 3, Messages: true},
	Bounced:       {Class: ClassBadAddress, Rank: 3, Messages: true},
	Undeliverable: {Class: ClassBadAddress, Rank: 3, Messages: true},
	Complained:    {Class: ClassRefused, Rank: 9, Messages: true},
}

// Codes lists every code, sorted.
func Codes() []Code {
	out := make([]Code, 0, len(traits))
	for c := range traits {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Valid reports whether the code is one of the table.
func (c Code) Valid() bool { _, ok := traits[c]; return ok }

// Trait is the code's row of the table; the zero Trait for a code that is not in it.
func (c Code) Trait() Trait { return traits[c] }

// Class is what is safe after the code; ClassUnknown for a code that is not in the table, because that is the class
// that can hurt nobody.
func (c Code) Class() Class {
	if t, ok := traits[c]; ok {
		return t.Class
	}
	return ClassUnknown
}

// Answered reports whether an attempt that ended so had the person on the line, or reached them with its message.
func (c Code) Answered() bool { return c.Class() == ClassReached || c == OptedOut }

// PickedUp reports whether somebody, or a machine, answered the call.
func (c Code) PickedUp() bool {
	switch c {
	case Completed, OptedOut, Voicemail, MessageLeft, Silent:
		return true
	default:
		return false
	}
}

// Technical reports whether an attempt ended so for a technical reason.
func (c Code) Technical() bool { return c == Failed || c == Unknown || c.Class() == ClassFault }

// Rises reports whether a later report of the message may replace the outcome c.
func (c Code) Rises(later Code) bool { return later.Trait().Rank > c.Trait().Rank }

// Outcome is how an attempt ended. Which code it has decides what the engine does; the rest is for people.
type Outcome struct {
	Code Code
	At   time.Time

	// ProviderCode and ProviderText are the network's own words: "486" and "Busy Here", "550 5.1.1" and the reply.
	// ProviderText may quote an address: it is stored, never logged.
	ProviderCode string
	ProviderText string
	// Reason is the code of the sentence an operator reads, such as "sip_congestion" or "smtp_lost_after_data"; empty
	// means that the outcome's own sentence says it all.
	Reason string

	RetryAfter time.Duration // the network asked not to be bothered for so long; the line obeys
	Ring       time.Duration // from the start to the answer or the end
	Talk       time.Duration // from the answer to the end
	AnsweredBy string        // "human", "machine", "silence" or "unknown"; empty when nobody answered
	HungUpBy   string        // "us" or "them"; empty when there was no conversation

	Agent        string // id of who spoke, of calls that were answered; the engine says it, not the adapter
	AgentVersion int    // in which of its versions

	Goal      bool              // the conversation reached the campaign's goal
	Collected map[string]string // variables set during the conversation
	Dialogue  []Turn            // what was said and pressed, in order
}

// Turn is one thing said, pressed or done in a conversation.
type Turn struct {
	At   time.Duration `json:"at"`   // after the answer
	Who  string        `json:"who"`  // "agent", "person" or "system"
	What string        `json:"what"` // "say", "play", "key", "speech", "step", "beep", "barge_in", "tool"
	Text string        `json:"text,omitempty"`
}
