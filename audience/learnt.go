package audience

import (
	"strings"

	"campanario/channel"
)

// Learnt is what the end of an attempt tells of a contact.
type Learnt struct {
	Contacted bool        // somebody may have been disturbed
	Heard     bool        // the person themselves did something
	Status    ReachStatus // of the address; empty when it tells nothing of it
}

// LearntFrom reads the outcome of an attempt on a channel.
func LearntFrom(c channel.Code, k channel.Kind) Learnt {
	var l Learnt
	switch c.Class() {
	case channel.ClassFault:
	case channel.ClassBadAddress:
		l.Status = badAddress(c, k)
	case channel.ClassReached, channel.ClassRefused:
		l.Contacted, l.Status = true, ReachValid
	case channel.ClassUnreached, channel.ClassUnknown:
		l.Contacted = true
	}
	switch c {
	case channel.Completed, channel.OptedOut, channel.Read, channel.Clicked, channel.Replied, channel.Complained:
		l.Heard = true
	default:
	}
	return l
}

// Knows writes over what was learnt of a contact what another reading of them knows better.
func (c *Contact) Knows(other *Contact) {
	if other.ContactedAt.After(c.ContactedAt) {
		c.ContactedAt = other.ContactedAt
	}
	if other.HeardAt.After(c.HeardAt) {
		c.HeardAt = other.HeardAt
	}
	for i := range c.Reaches {
		for _, r := range other.Reaches {
			if strings.EqualFold(string(r.Address), string(c.Reaches[i].Address)) && r.StatusAt.After(c.Reaches[i].StatusAt) {
				c.Reaches[i].Status, c.Reaches[i].StatusAt = r.Status, r.StatusAt
			}
		}
	}
}

func badAddress(c channel.Code, k channel.Kind) ReachStatus {
	switch {
	case c == channel.Bounced:
		return ReachBounced
	case k == channel.WhatsApp:
		return ReachNoWhatsApp
	default:
		return ReachUnreachable
	}
}
