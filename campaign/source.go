package campaign

import (
	"context"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

// Source is whom of the contact base a campaign is for: those on a saved list, or those whom a filter fits.
type Source struct {
	Audience string           `json:"audience,omitempty" yaml:"audience,omitempty" doc:"Id of a saved list"`
	Filter   *audience.Filter `json:"filter,omitempty" yaml:"filter,omitempty" doc:"Or a filter; {} is everybody"`
	At       Moment           `json:"at,omitempty" yaml:"at,omitempty" enum:"start,now" doc:"When it is evaluated: start, whenever the campaign begins or recurs (the default), or now, once, when the draft is saved"`
}

// Moment is when a source is evaluated.
type Moment string

// The moments.
const (
	AtStart Moment = "start" // when the campaign begins, and anew whenever it recurs
	AtNow   Moment = "now"   // once, when the draft is saved
)

// Defaults fills what the operator left out.
func (s Source) Defaults() Source {
	if s.At == "" {
		s.At = AtStart
	}
	s.Audience = strings.TrimSpace(s.Audience)
	return s
}

// Validate gives all that is wrong with a source, whatever it refers to.
func (s *Source) Validate() fault.List {
	var bad fault.List
	if (s.Audience == "") == (s.Filter == nil) {
		bad = append(bad, fault.New(fault.Invalid, "audience_or_filter", nil))
	}
	if s.Filter != nil {
		bad = append(bad, fault.All(s.Filter.Validate()).Under("filter")...)
	}
	if s.At != AtStart && s.At != AtNow {
		bad = append(bad, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": s.At, "allowed": "start, now"}).At("at"))
	}
	return bad
}

// Picks is the filter that the source comes to.
func (s *Source) Picks() *audience.Filter {
	if s.Audience != "" {
		return &audience.Filter{Field: audience.FieldAudience, Is: []string{s.Audience}}
	}
	return s.Filter
}

// Base is the contact base, as far as campaigns draw from it.
type Base interface {
	// Pick gives whom a source stands for now. What it names and is not there is an invalid fault.
	Pick(ctx context.Context, workspace string, s *Source) (Picked, error)
	// Sample makes recipients of some of those who were picked; who cannot be reached on the channel is left out.
	Sample(ctx context.Context, workspace string, k channel.Kind, p Picked, n int) ([]Recipient, error)
}

// Picked is whom a source stood for at a moment. Those of high and of low priority are among All.
type Picked struct {
	All, High, Low *roaring.Bitmap // numbers of contacts
	At             time.Time
}

// FillState is how far a campaign has been filled from its source.
type FillState string

// The states of filling.
const (
	FillWaiting FillState = "waiting" // the campaign has not begun
	FillDue     FillState = "due"     // its source is to be evaluated
	FillRunning FillState = "filling" // those who were picked are being added
	FillDone    FillState = "filled"
	FillFailed  FillState = "failed" // its source could not be evaluated, or stands for nobody; resuming tries again
)

// Open reports whether more recipients may come by themselves in the pass that is running.
func (s FillState) Open() bool { return s == FillDue || s == FillRunning }

// Filling is how far a campaign has been filled from its source, for the pass it is in.
type Filling struct {
	State    FillState
	Pass     int       // the pass that it was filled for last; 0 before the first
	PickedAt time.Time // when its source was evaluated last; zero before
	Lease    time.Time // until when the node that works on it has it; zero for nobody
	FillCounts
}

// FillCounts say what became of contacts who were to be added to a campaign.
type FillCounts struct {
	Picked      int64 `json:"picked" doc:"Contacts whom the source stood for"`
	Done        int64 `json:"done" doc:"Of those who were not in the campaign yet, how many have been dealt with"`
	Added       int64 `json:"added"`
	Duplicates  int64 `json:"duplicates" doc:"Whose address was in the campaign already"`
	NoAddress   int64 `json:"no_address" doc:"Who have no address for the campaign's channel"`
	Unreachable int64 `json:"unreachable" doc:"All of whose addresses for the channel are known not to work"`
	StandIns    int64 `json:"stand_ins" doc:"Who stand in for somebody: they are reached in that one's place, not for themselves"`
	Suppressed  int64 `json:"suppressed" doc:"Of those added, who must not be contacted as things are: unless that ends before their turn, they are not"`
	Unusable    int64 `json:"unusable" doc:"Whom no campaign can hold, such as for their number of attributes"`
	Left        int64 `json:"left_out" doc:"Who were in the campaign and fit no more: they are not contacted in this pass"`
}

// Add adds what became of some more.
func (c *FillCounts) Add(o FillCounts) {
	c.Done += o.Done
	c.Added += o.Added
	c.Duplicates += o.Duplicates
	c.NoAddress += o.NoAddress
	c.Unreachable += o.Unreachable
	c.StandIns += o.StandIns
	c.Suppressed += o.Suppressed
	c.Unusable += o.Unusable
}

// renewed reports whether the source is evaluated anew at each occurrence.
func (d *Definition) renewed() bool {
	return d.Contacts != nil && d.Contacts.At == AtStart && d.Recurrence != ""
}

// NeedsRefill reports whether the source has to be evaluated before the given pass is opened.
func (c *Campaign) NeedsRefill(pass int) bool {
	return c.renewed() && c.Filling != nil && (c.Filling.Pass < pass || c.Filling.State == FillDue)
}

// freeze evaluates the source of a definition that is to be evaluated now; nil for one that is evaluated later.
func (s *Service) freeze(ctx context.Context, workspace string, d *Definition) (*Picked, error) {
	if d.Contacts == nil {
		return nil, nil
	}
	if s.base == nil {
		return nil, fault.New(fault.Invalid, "contacts_not_available", nil).At("contacts")
	}
	picked, err := s.base.Pick(ctx, workspace, d.Contacts)
	if err != nil {
		return nil, underContacts(err)
	}
	if d.Contacts.At != AtNow {
		return nil, nil // it was only tried, so that what is gone is told at once
	}
	return &picked, nil
}

// underContacts says of which part of the definition a fault of its source is.
func underContacts(err error) error {
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	var bad fault.List
	for _, e := range fault.All(err) {
		bad = append(bad, fault.New(e.Kind, e.Code, e.Params).At("contacts"))
	}
	return bad.Err()
}
