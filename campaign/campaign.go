// Package campaign is the heart: what a campaign, a recipient, an attempt, a lap and a policy are, and how they move.
//
// # Recipient
//
// A recipient is in one of three phases. Waiting people have not had their first turn, or stand in the table of waits
// with a time. Claiming one takes them out of there and writes an open attempt (a flight), durably, before the network
// is touched: from then on they are in flight, and no other claim can find them. The outcome closes the attempt, and
// Policy.Settle decides: they wait again, or they are settled. Settled people stay so until a lap opens or a person
// says so.
//
//	waiting ──claim──▶ in flight ──outcome──▶ settled
//	   ▲                   │                     │
//	   └──────retry────────┴──◀──lap, operator───┘
//
// # Attempt
//
// Claiming and placing are one transaction, so an attempt exists only from `placed` on: written durably just before
// the network is touched, and never placed again. A process that dies between the two leaves an attempt that nobody
// can know about: it closes as unknown, counts, and waits a full interval. Better one contact late than one twice.
//
// All functions that decide are pure; Service guards them and keeps them in a Store.
package campaign

import (
	"time"

	"campanario/channel"
)

// Campaign is one campaign with where it stands.
type Campaign struct {
	ID        string // UUIDv7
	Workspace string
	Key       string // what its maker knows it by, unique in the workspace; may be empty
	Definition
	State       State
	Paused      PauseReason       // empty unless the state is paused
	PauseParams map[string]string // the values of its sentence
	Archived    bool
	Lap         LapState
	Filling     *Filling // nil for one that has no source of contacts
	CreatedAt   time.Time
	UpdatedAt   time.Time
	StartedAt   time.Time // when it first became active; zero before
	EndedAt     time.Time // when it was completed or cancelled; zero before
	Revision    int64     // grows with every edit, for optimistic concurrency
}

// Over reports whether its end date has come.
func (c *Campaign) Over(now time.Time) bool { return c.EndsAt != nil && !now.Before(*c.EndsAt) }

// Can lists what may be done to it now.
func (c *Campaign) Can() []Action { return Can(c.State, c.Archived) }

// Counts are the live numbers of a campaign: exact, and all of one moment.
type Counts struct {
	Total     int64            // recipients ever added
	ByStatus  map[Status]int64 // every recipient once
	Attempts  int64            // attempts closed
	ByCode    map[channel.Code]int64
	Retries   int64         // attempts closed that were not the recipient's first
	Again     int64         // recipients whose second attempt is closed
	Reached   int64         // recipients whom at least one closed attempt reached
	Converted int64         // recipients with whom at least one closed attempt reached the goal
	Goals     int64         // attempts closed in which the goal was reached
	Talk      time.Duration // of all answered calls together
	InFlight  int64         // attempts open
}

// Settled is how many recipients wait for nothing.
func (c Counts) Settled() int64 {
	var n int64
	for s, k := range c.ByStatus {
		if s.Settled() {
			n += k
		}
	}
	return n
}

// Answered is how many closed attempts reached a person.
func (c Counts) Answered() int64 {
	var n int64
	for code, k := range c.ByCode {
		if code.Answered() {
			n += k
		}
	}
	return n
}

// Carried is how many closed attempts could have reached a person: all but those that ended on our side of the network.
func (c Counts) Carried() int64 {
	n := c.Attempts
	for code, k := range c.ByCode {
		if code.Class() == channel.ClassFault {
			n -= k
		}
	}
	return n
}

// Attempt is one closed attempt, as it is kept for ever.
type Attempt struct {
	ID       string // see AttemptID
	Number   Number
	Ordinal  int
	Lap      int
	Line     string
	To       channel.Address
	Ref      string // the network's name for it
	PlacedAt time.Time
	Outcome  channel.Outcome
}

// Flight is one open attempt.
type Flight struct {
	ID         string
	Campaign   string
	Number     Number
	Ordinal    int
	Line       string
	Node       string
	Name       string // of the person
	To         channel.Address
	Stage      channel.Stage
	PlacedAt   time.Time
	AnsweredAt time.Time // zero before
}
