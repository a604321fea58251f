package channel

import "time"

// Registration is how a line stands with its network.
type Registration string

// The registrations.
const (
	Registering Registration = "registering" // it has been asked for, and not answered yet
	Registered  Registration = "registered"
	Refused     Registration = "refused"    // the network said no
	Unanswered  Registration = "unanswered" // nobody answers there
)

// Standing is how a line that registers stands with its network at this moment: as its best gateway does.
type Standing struct {
	State    Registration      `json:"state"`
	Status   int               `json:"status,omitempty"` // the network's own code of a refusal
	Since    time.Time         `json:"since,omitzero"`   // zero while it is not known
	Gateways []GatewayStanding `json:"gateways"`
}

// GatewayStanding is how one gateway of a line took its registration.
type GatewayStanding struct {
	Gateway string       `json:"gateway"`
	State   Registration `json:"state"`
	Status  int          `json:"status,omitempty"`
	Since   time.Time    `json:"since,omitzero"`
}

// Stander is an adapter whose lines can register. Standing tells how a line that this process uses stands; false for one
// that does not register, or that was not used yet. It does not block.
type Stander interface {
	Standing(line string) (Standing, bool)
}

// registrations is their order, the best first.
var registrations = []Registration{Registered, Registering, Refused, Unanswered}

// StandingOf is how a line stands with its gateways.
func StandingOf(gateways []GatewayStanding) Standing {
	out := Standing{Gateways: gateways}
	for _, state := range registrations {
		for _, g := range gateways {
			if g.State == state {
				out.State, out.Status, out.Since = g.State, g.Status, g.Since
				return out
			}
		}
	}
	return out
}
