package campaign

import (
	"time"

	"campanario/channel"
)

// SliceLength is how long a slice of time is. Whatever the offset of a clock in use is, its hours begin with a slice.
const SliceLength = 15 * time.Minute

// Slice is what became of the attempts of a campaign that were placed within one slice of time, and have ended.
type Slice struct {
	At         time.Time // when the slice begins
	Attempts   int64
	FirstTurns int64 // of them, those that were their recipient's first
	Answered   int64
	PickedUp   int64 // calls that somebody or a machine answered
	Faults     int64 // ended on our side of the network: nobody was disturbed
	Technical  int64 // ended for a technical reason; the faults among them
	Refused    int64 // the person said stop, or complained
	Goals      int64
	Talk       time.Duration
}

// SliceOf gives the beginning of the slice that an instant is in.
func SliceOf(t time.Time) time.Time { return t.UTC().Truncate(SliceLength) }

// Add counts an attempt that ended, or takes one back with by -1. ordinal is which of its recipient's attempts it was.
func (s *Slice) Add(o *channel.Outcome, ordinal int, by int64) {
	count := func(n *int64, is bool) {
		if is {
			*n += by
		}
	}
	count(&s.Attempts, true)
	count(&s.FirstTurns, ordinal == 1)
	count(&s.Answered, o.Code.Answered())
	count(&s.PickedUp, o.Code.PickedUp())
	count(&s.Faults, o.Code.Class() == channel.ClassFault)
	count(&s.Technical, o.Code.Technical())
	count(&s.Refused, o.Code.Class() == channel.ClassRefused)
	count(&s.Goals, o.Goal)
	s.Talk += time.Duration(by) * o.Talk
}

// Sum adds the numbers of another slice.
func (s *Slice) Sum(o *Slice) {
	s.Attempts += o.Attempts
	s.FirstTurns += o.FirstTurns
	s.Answered += o.Answered
	s.PickedUp += o.PickedUp
	s.Faults += o.Faults
	s.Technical += o.Technical
	s.Refused += o.Refused
	s.Goals += o.Goals
	s.Talk += o.Talk
}

// Carried is how many of the attempts could have reached a person.
func (s *Slice) Carried() int64 { return s.Attempts - s.Faults }
