package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"campanario/internal/fault"
)

// Errand is work on all recipients whom a filter picks: an action, or copying them to another campaign. It is done in the
// order of contact, a bounded number of them at a time. What takes more than one batch goes on in the background, on any node;
// how far it has come is written with each batch, so that nobody is dealt with twice or passed over, whenever a process dies.
//
// A campaign goes on while there is an errand in it. Whom the filter fits is decided for each of them when their batch comes,
// and once: who changes behind it is left as they are.
type Errand struct {
	No        int64  // 0 when it was done at once, and is not kept
	ID        string // UUIDv7
	Workspace string
	Campaign  string // its id
	Into      string // id of the campaign that they are copied to; empty for an action
	Action    RecipientAction
	Filter    Filter // picks nobody once the errand has ended: what it said is forgotten
	State     ErrandState
	After     Number // the last recipient that was looked at
	Changed   int64  // whom the action changed, or who were copied
	Skipped   int64  // whose status did not take the action, or who were not copied: twice there, or erased
	Progress  int64  // how much of the campaign was gone through, in thousandths
	Failure   *fault.Error
	By        string // who asked for it: the id of a key or a user
	CreatedAt time.Time
	EndedAt   time.Time
}

// Copy is the action of an errand that copies recipients.
const Copy RecipientAction = "copy"

// ErrandState is how far an errand has come.
type ErrandState string

// The states.
const (
	ErrandRunning   ErrandState = "running"
	ErrandDone      ErrandState = "done"
	ErrandCancelled ErrandState = "cancelled" // what was done until then stays
	ErrandFailed    ErrandState = "failed"
)

// Bounds of errands.
const (
	errandBatch = 1000 // how many recipients one transaction changes
	mostErrands = 20   // of a workspace that run
	// ErrandKept is how long it is told how an errand ended.
	ErrandKept = 30 * 24 * time.Hour
)

// Hold names the node that does an errand and until when nobody else may.
type Hold struct {
	Node  int64
	Until time.Time
}

// ErrandStore is what errands need kept. An errand of another workspace is not found (errand_not_found).
type ErrandStore interface {
	// BeginErrand does the first batch, of at most so many recipients, and keeps the errand if that was not all. It is refused
	// when so many of the workspace's run (errands_many), before anything is done.
	BeginErrand(ctx context.Context, e Errand, batch, most int) (Errand, error)
	Errand(ctx context.Context, workspace, id string) (Errand, error)
	// Errands gives those in a campaign or into it, the newest first; after is the number of the last one seen, 0 begins.
	Errands(ctx context.Context, workspace, campaign string, after int64, limit int) ([]Errand, error)
	// CopyInto gives the errand that copies recipients into a campaign, unless it is done or was cancelled; nil for none.
	CopyInto(ctx context.Context, workspace, campaign string) (*Errand, error)
	// CancelErrand ends one that runs; another is left as it is.
	CancelErrand(ctx context.Context, workspace, id string, now time.Time) error
	// TakeErrand gives the oldest that runs and that nobody does; false when there is none.
	TakeErrand(ctx context.Context, h Hold, now time.Time) (Errand, bool, error)
	// StepErrand does the next batch and lengthens the lease; false when the errand is not the holder's any more. With the last
	// batch it ends.
	StepErrand(ctx context.Context, e *Errand, h Hold, batch int, now time.Time) (ours bool, err error)
	// FailErrand ends one that cannot be gone on with, unless it is not the holder's any more.
	FailErrand(ctx context.Context, e *Errand, h Hold, why *fault.Error, now time.Time) error
}

// Covered is how much of a campaign, whose bands end with tails, lies up to a recipient, in thousandths.
func Covered(tails [Bands]Number, last Number) int64 {
	var all, done int64
	for b := range Bands {
		n := int64(tails[b] - b.First())
		all += n
		done += min(max(int64(last-b.First()), 0), n)
	}
	if all == 0 {
		return 1000
	}
	return done * 1000 / all
}

// Act applies an action to all recipients that the filter picks; those whose status does not take it are skipped. What is more
// than a batch goes on in the background.
func (s *Service) Act(ctx context.Context, workspace, id string, a RecipientAction, f Filter, by string) (Errand, error) {
	if !a.Valid() {
		return Errand{}, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": a, "allowed": RecipientActions()}).At("action")
	}
	if err := f.Validate(); err != nil {
		return Errand{}, err
	}
	return s.begin(ctx, Errand{Workspace: workspace, Campaign: id, Action: a, Filter: f, By: by})
}

func (s *Service) begin(ctx context.Context, e Errand) (Errand, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return e, err
	}
	e.ID, e.State, e.CreatedAt = id.String(), ErrandRunning, s.now().UTC()
	if e, err = s.store.BeginErrand(ctx, e, errandBatch, mostErrands); err == nil {
		s.notify()
	}
	return e, err
}

// ActOne applies an action to one recipient, and refuses it with the reason.
func (s *Service) ActOne(ctx context.Context, workspace, id string, n Number, a RecipientAction, by string) (Entry, error) {
	r, err := s.Act(ctx, workspace, id, a, Filter{Numbers: []Number{n}}, by)
	if err != nil {
		return Entry{}, err
	}
	e, err := s.store.Entry(ctx, workspace, id, n)
	if err != nil {
		return Entry{}, err
	}
	if r.Changed == 0 {
		return e, fault.New(fault.Conflict, "recipient_action_not_allowed",
			fault.Params{"action": a, "status": e.Status, "allowed_in": a.From()})
	}
	return e, nil
}

// Errand gives an errand that is kept.
func (s *Service) Errand(ctx context.Context, workspace, id string) (Errand, error) {
	return s.store.Errand(ctx, workspace, id)
}

// Errands gives those in a campaign or into it, the newest first.
func (s *Service) Errands(ctx context.Context, workspace, id string, after int64, limit int) ([]Errand, error) {
	if _, err := s.store.Campaign(ctx, workspace, id); err != nil {
		return nil, err
	}
	return s.store.Errands(ctx, workspace, id, after, limit)
}

// CancelErrand ends an errand that runs. What it has done stays.
func (s *Service) CancelErrand(ctx context.Context, workspace, id string) (Errand, error) {
	e, err := s.store.Errand(ctx, workspace, id)
	if err != nil {
		return e, err
	}
	if e.State != ErrandRunning {
		return e, fault.New(fault.Conflict, "errand_ended", fault.Params{"state": string(e.State)})
	}
	if err := s.store.CancelErrand(ctx, workspace, id, s.now().UTC()); err != nil {
		return e, err
	}
	return s.store.Errand(ctx, workspace, id)
}

// Copying gives the errand that copies recipients into a campaign, unless it is done or was cancelled; nil for none.
func (s *Service) Copying(ctx context.Context, workspace, id string) (*Errand, error) {
	return s.store.CopyInto(ctx, workspace, id)
}

// checkCopy keeps a campaign from starting with half of its recipients.
func (s *Service) checkCopy(ctx context.Context, c *Campaign, found *Problems) error {
	if c.State != Draft {
		return nil
	}
	e, err := s.store.CopyInto(ctx, c.Workspace, c.ID)
	if err != nil || e == nil {
		return err
	}
	code, p := "copy_unfinished", fault.Params{"percent": e.Progress / 10}
	if e.State == ErrandFailed {
		code, p = "copy_failed", nil
	}
	*found = append(*found, Problem{Error: fault.New(fault.Conflict, code, p).At("recipients")})
	return nil
}

// ErrandStates lists the states.
func ErrandStates() []ErrandState {
	return []ErrandState{ErrandRunning, ErrandDone, ErrandCancelled, ErrandFailed}
}

// Valid reports whether s is one of the states.
func (s ErrandState) Valid() bool { return slices.Contains(ErrandStates(), s) }
