package person

import (
	"cmp"
	"math"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
)

// Kind is what a moment is.
type Kind string

// The kinds.
const (
	Created    Kind = "created"    // the contact was made
	Imported   Kind = "imported"   // an import wrote them
	Changed    Kind = "changed"    // somebody did something to the contact; Event says what
	Enrolled   Kind = "enrolled"   // they were added to a campaign; Entry says where they stand in it now
	Consented  Kind = "consent"    // given or withdrawn
	Suppressed Kind = "suppressed" // an address of theirs came onto the list of who must not be contacted, or onto a register
	Attempted  Kind = "attempt"    // an attempt that has ended
	Open       Kind = "open"       // one that is going on
)

// Kinds lists the kinds, in the order of moments of the same instant.
func Kinds() []Kind {
	return []Kind{Created, Imported, Changed, Enrolled, Consented, Suppressed, Attempted, Open}
}

// Moment is one thing that happened. What it is not about is nil or empty.
type Moment struct {
	At   time.Time
	Kind Kind
	Seat Seat

	Event       *access.Event
	Import      *ImportRef
	Campaign    *CampaignRef
	Entry       *campaign.Entry   // of the campaign
	Attempt     *campaign.Attempt // of the campaign
	Flight      *campaign.Flight  // of the campaign
	Consent     *audience.Consent
	Suppression *audience.Suppression
	Registry    string // the name of the list that Suppression is of
}

// CampaignRef names a campaign. One that was deleted is told of as long as its recipients are kept.
type CampaignRef struct {
	ID, Name string
	Channel  channel.Kind
	State    campaign.State
	Deleted  bool
}

// ImportRef names an import.
type ImportRef struct {
	ID, Name string
	Made     bool // it made the contact; otherwise it only wrote them
}

// Seat is the place of a moment in the timeline: no two are the same, and later ones are larger.
type Seat struct {
	At   int64 `json:"t"` // milliseconds since 1970 UTC
	Rank int   `json:"r"` // place of the kind in Kinds
	A    int64 `json:"a"` // what tells moments of a kind and an instant apart
	B    int64 `json:"b"`
}

// End is the seat behind all others.
func End() Seat { return Seat{At: math.MaxInt64} }

// Compare orders seats by time.
func (s Seat) Compare(t Seat) int {
	return cmp.Or(cmp.Compare(s.At, t.At), cmp.Compare(s.Rank, t.Rank), cmp.Compare(s.A, t.A), cmp.Compare(s.B, t.B))
}

// Before gives the bound below which the moments of a kind lie that come before the seat, as time, A and B.
func (s Seat) Before(k Kind) (at, a, b int64) {
	switch rank := rankOf(k); {
	case rank == s.Rank:
		return s.At, s.A, s.B
	case rank < s.Rank && s.At < math.MaxInt64: // those of the same instant come before it too
		return s.At + 1, math.MinInt64, math.MinInt64
	default:
		return s.At, math.MinInt64, math.MinInt64
	}
}

func rankOf(k Kind) int {
	for i, l := range Kinds() {
		if l == k {
			return i
		}
	}
	return len(Kinds())
}

// NewMoment makes a moment with its seat.
func NewMoment(k Kind, at time.Time, a, b int64) Moment {
	return Moment{At: at.UTC(), Kind: k, Seat: Seat{at.UnixMilli(), rankOf(k), a, b}}
}
