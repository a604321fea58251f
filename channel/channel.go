// Package channel says what it is to reach somebody: by what kind of channel, from which line, with which order,
// and how it can end. It knows no campaign and no database; every adapter (voice, e-mail, …) implements Adapter and
// every other package speaks of attempts in these words.
package channel

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Kind is a way to reach a person.
type Kind string

// The kinds of channel.
const (
	Voice    Kind = "voice"
	Email    Kind = "email"
	SMS      Kind = "sms"
	WhatsApp Kind = "whatsapp"
)

// Kinds lists every kind in the order people see them.
func Kinds() []Kind { return []Kind{Voice, WhatsApp, SMS, Email} }

// Address is where a person is reached: an E.164 number with its plus sign for Voice, SMS and WhatsApp, a mailbox
// (RFC 5321, domain in lower case) for Email. It is personal data and is never logged at info level.
type Address string

// Limits bound what a line or a campaign may do. Zero means no bound of its own.
type Limits struct {
	Concurrent int     `json:"concurrent,omitempty" yaml:"concurrent,omitempty" doc:"Attempts in the air at once (calls), or connections open at once (messages)"`
	PerSecond  float64 `json:"per_second,omitempty" yaml:"per_second,omitempty" doc:"Starts in any window of one second"`
	PerDay     int     `json:"per_day,omitempty" yaml:"per_day,omitempty" doc:"Starts in a calendar day of the line's zone"`
}

// Line is the origin of a channel: a telephone trunk and its number, or a mailbox. At any moment one node owns a line
// and paces it.
type Line struct {
	ID        string
	Workspace string
	Kind      Kind
	Name      string
	From      Address // what the person sees
	Agent     string  // the agent attached to the line, for campaigns that "use the line's agent"; may be empty
	Zone      string  // IANA name; where its day begins
	Limits    Limits
	Settings  json.RawMessage // the adapter's own, with secrets in clear: only adapters read it, nothing logs it
	Enabled   bool
}

// Content is what an attempt says, made ready for one person: agent.Brief for calls, agent.Message for messages.
type Content interface {
	Channel() Kind
	// Longest is how long after its start the network may still be busy with the attempt although the node that
	// placed it has died. It keeps counting against the line's limits for that long.
	Longest() time.Duration
}

// Order is one attempt to be placed. Adapters derive the network's own identifiers (Call-ID, Message-ID) from Attempt
// and Thread, so that the far end's records can be matched with ours.
type Order struct {
	Attempt   string // <campaign>.<recipient>.<ordinal>, unique for ever
	Thread    string // the same for all attempts of one recipient in one lap: a far end may drop a repeated message by it
	Workspace string
	Campaign  string
	Recipient string
	Number    int // 1 for the first counted attempt of the recipient in this lap
	Line      Line
	To        Address
	Content   Content
}

// ErrNotPlaced is returned by Place, wrapped, when certainly nobody was disturbed: the attempt does not count.
var ErrNotPlaced = errors.New("channel: not placed")

// NotPlaced is ErrNotPlaced with the outcome that says why. Its Outcome must be of ClassFault.
type NotPlaced struct{ Outcome Outcome }

// Error gives the provider's answer, for logs.
func (e *NotPlaced) Error() string {
	return ErrNotPlaced.Error() + ": " + string(e.Outcome.Code) + " " + e.Outcome.ProviderCode
}

// Is makes errors.Is(err, ErrNotPlaced) true.
func (e *NotPlaced) Is(target error) bool { return target == ErrNotPlaced }

// Adapter places attempts on one channel. Calls report from their own goroutine, messages from their webhook:
// dispatch cannot tell them apart. It is safe for concurrent use.
type Adapter interface {
	// Place hands the order to the network and returns without waiting for its end. By then the attempt's row is
	// durably `placed`.
	//
	// nil: the network has it (for a call: the INVITE has been written) and it ends only through r, exactly once,
	// even when ctx ends. ErrNotPlaced: nobody was disturbed and r will not be called. Any other error: unknowable;
	// r will not be called and the attempt closes as unknown.
	//
	// ref names the attempt at the network (Call-ID, Message-ID) for people who compare records.
	Place(ctx context.Context, o Order, r Reporter) (ref string, err error)
}

// Reporter takes what happens to one attempt, in order. Its methods do not block on the database and may be called from
// any goroutine; after the first Close further calls are ignored.
type Reporter interface {
	Signal(Signal)
	Close(Outcome)
}

// Withdrawer is a Reporter whose order may be taken back as long as the network was not touched for it. An adapter that keeps
// orders in a queue asks right before it touches it.
type Withdrawer interface {
	// Withdrawn reports whether the person has said stop meanwhile. The order has then ended, and nothing is to be done or
	// reported about it any more.
	Withdrawn() bool
}

// Stopper is an adapter whose open attempts can be ended early: a call is hung up (or its ringing cancelled). The
// attempt still ends through its Reporter. An unknown attempt is not an error.
type Stopper interface {
	Stop(attempt string)
}

// Buffered is an adapter that wants more orders than it carries at once, so that its connections never idle.
// Depth is how many open orders of the line it takes; without this interface it is Limits.Concurrent.
type Buffered interface {
	Depth(l Line) int
}

// Checker is an adapter that can tell, without disturbing anybody, whether a line works: it registers, signs in or
// sends OPTIONS. nil means yes; a *fault.Error says what is wrong in words for the operator.
type Checker interface {
	Check(ctx context.Context, l Line) error
}

// Validator is an adapter whose lines carry settings. Validate refuses what it does not understand, with fault errors
// that name the field. Secrets lists the top-level keys that must be encrypted at rest and never returned.
type Validator interface {
	Validate(settings json.RawMessage) error
	Secrets() []string
}

// Stage is how far an open attempt has come.
type Stage string

// The stages, in order. A placed attempt that has reported nothing yet is StagePlaced.
const (
	StagePlaced   Stage = "initiated"
	StageRinging  Stage = "ringing"
	StageAnswered Stage = "in_progress"
)

// Signal is something that happened to an open attempt without ending it.
type Signal struct {
	At    time.Time
	Stage Stage
	Step  string // where the conversation is (a script's step name); may be empty. Not stored, only shown live
}
