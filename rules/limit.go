package rules

import (
	"fmt"
	"slices"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Counts says what a limit counts.
type Counts string

// What can be counted.
const (
	Attempts Counts = "attempts" // every attempt that could have disturbed them; the default
	Answered Counts = "answered" // those that reached them, or may have
	Channels Counts = "channels" // the different channels they were tried on
)

// CountsAll lists what can be counted.
func CountsAll() []Counts { return []Counts{Attempts, Answered, Channels} }

// Bounds of limits.
const (
	MaxLimits = 20                  // in one list
	MaxMost   = 100                 // of one limit
	MaxSpan   = 31 * 24 * time.Hour // of one limit: older attempts are forgotten
)

// Limit is how often one person may be contacted: at most Most times within any moving period of Hours, or of Days of 24
// hours. An attempt that disturbed nobody does not count.
type Limit struct {
	Most    int          `json:"most" yaml:"most" minimum:"1" maximum:"100" doc:"At most so many"`
	Counts  Counts       `json:"counts,omitempty" yaml:"counts,omitempty" enum:"attempts,answered,channels" doc:"What is counted: attempts (default), answered: those that reached the person, channels: how many different ones"`
	Hours   int          `json:"hours,omitempty" yaml:"hours,omitempty" minimum:"0" maximum:"744" doc:"Within so many hours"`
	Days    int          `json:"days,omitempty" yaml:"days,omitempty" minimum:"0" maximum:"31" doc:"Or within so many days of 24 hours"`
	Channel channel.Kind `json:"channel,omitempty" yaml:"channel,omitempty" enum:"voice,whatsapp,sms,email" doc:"On this channel; absent: on all together"`
}

// Span is how far back the limit looks.
func (l Limit) Span() time.Duration {
	return time.Duration(l.Hours)*time.Hour + time.Duration(l.Days)*24*time.Hour
}

// Validate gives everything that is wrong with the limit; fields are relative to it.
func (l Limit) Validate() fault.List {
	var bad fault.List
	outside := func(field string, v, least, most int) {
		if v < least || v > most {
			bad = append(bad, fault.New(fault.Invalid, "out_of_range", fault.Params{"value": v, "min": least, "max": most}).At(field))
		}
	}
	outside("most", l.Most, 1, MaxMost)
	switch hours := int(MaxSpan / time.Hour); {
	case l.Hours != 0 && l.Days != 0:
		bad = append(bad, fault.New(fault.Invalid, "limit_two_periods", nil).At("days"))
	case l.Days != 0:
		outside("days", l.Days, 1, hours/24)
	default:
		outside("hours", l.Hours, 1, hours)
	}
	if l.Counts != "" && !contains(CountsAll(), l.Counts) {
		bad = append(bad, notOneOf(string(l.Counts), CountsAll()).At("counts"))
	}
	if l.Channel != "" && !contains(channel.Kinds(), l.Channel) {
		bad = append(bad, notOneOf(string(l.Channel), channel.Kinds()).At("channel"))
	}
	if l.Counts == Channels && l.Channel != "" {
		bad = append(bad, fault.New(fault.Invalid, "limit_channels_of_channel", nil).At("channel"))
	}
	return bad
}

// ValidateLimits gives everything that is wrong with a list of limits; field is where the list stands.
func ValidateLimits(field string, list []Limit) fault.List {
	if len(list) > MaxLimits {
		return fault.List{fault.New(fault.Invalid, "too_many", fault.Params{"max": MaxLimits, "got": len(list)}).At(field)}
	}
	var bad fault.List
	for i, l := range list {
		bad = append(bad, l.Validate().Under(fmt.Sprintf("%s[%d]", field, i))...)
	}
	return bad
}

// Contact is one attempt to reach a person that counts, or may come to.
type Contact struct {
	At      time.Time // the latest at which it can have begun
	Channel channel.Kind
	// Answered tells that they were reached, or may have been. An attempt that is Open can still end either way.
	Answered, Open bool
}

// LookAgain is how soon somebody who is held because of an attempt that is still open is looked at again: it may come to
// nothing.
const LookAgain = time.Minute

// Held says until when the limit forbids one more attempt on a channel, after all that came before; false when it allows
// it now. Attempts of a clock that is ahead count too.
func (l Limit) Held(past []Contact, k channel.Kind, now time.Time) (time.Time, bool) {
	if l.Channel != "" && l.Channel != k {
		return time.Time{}, false
	}
	var counted []Contact
	for _, c := range past {
		if !c.At.After(now.Add(-l.Span())) || l.Channel != "" && c.Channel != l.Channel {
			continue
		}
		if l.Counts == Answered && !c.Answered && !c.Open {
			continue
		}
		counted = append(counted, c)
	}
	if l.Counts == Channels {
		counted = lastOnEach(counted)
		if slices.ContainsFunc(counted, func(c Contact) bool { return c.Channel == k }) {
			return time.Time{}, false
		}
	}
	if len(counted) < l.Most {
		return time.Time{}, false
	}
	slices.SortFunc(counted, func(a, b Contact) int { return a.At.Compare(b.At) })
	until := counted[len(counted)-l.Most].At.Add(l.Span())
	if soon := now.Add(LookAgain); until.After(soon) && slices.ContainsFunc(counted, func(c Contact) bool { return c.Open }) {
		until = soon
	}
	return until, true
}

// lastOnEach gives the last contact on every channel.
func lastOnEach(list []Contact) []Contact {
	last := map[channel.Kind]Contact{}
	for _, c := range list {
		l, there := last[c.Channel]
		open := c.Open || there && l.Open
		if !there || c.At.After(l.At) {
			l = c
		}
		l.Open = open
		last[c.Channel] = l
	}
	out := make([]Contact, 0, len(last))
	for _, c := range last {
		out = append(out, c)
	}
	return out
}

// Hold is what keeps somebody from being contacted now.
type Hold struct {
	Limit Limit
	Own   bool // the campaign's own limit
	Until time.Time
}

// Held says which of the limits holds a person longest; nil when all of them allow one more attempt now.
func Held(limits []Limit, own bool, past []Contact, k channel.Kind, now time.Time) *Hold {
	var out *Hold
	for _, l := range limits {
		if until, held := l.Held(past, k, now); held && (out == nil || until.After(out.Until)) {
			out = &Hold{Limit: l, Own: own, Until: until}
		}
	}
	return out
}
