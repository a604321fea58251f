package campaign

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
)

// Store is what Service needs kept. Every method is scoped to a workspace, and a campaign of another one is not found.
// Changes of state are atomic with respect to claims: once one returns, no attempt is placed that it forbids.
type Store interface {
	// CreateCampaign makes a draft. picked is whom its source stood for, if it is evaluated now; nil otherwise.
	CreateCampaign(ctx context.Context, c *Campaign, picked *Picked) error
	Campaign(ctx context.Context, workspace, id string) (*Campaign, error)
	CampaignByKey(ctx context.Context, workspace, key string) (*Campaign, error)
	Campaigns(ctx context.Context, workspace string, q Query) ([]*Campaign, error)
	Summary(ctx context.Context, workspace string) (Summary, error)
	// EditCampaign replaces the definition, and whom a draft's source stood for, while the state is one of Campaign.From; a
	// revision that is not the stored one is a conflict. Once it returns, nobody is claimed by the definition of before.
	EditCampaign(ctx context.Context, c *Campaign, picked *Picked, now time.Time) error
	Move(ctx context.Context, workspace, id string, m Move) error
	SetArchived(ctx context.Context, workspace, id string, archived bool, now time.Time) error
	DeleteCampaign(ctx context.Context, workspace, id string, now time.Time) error

	// EnrolBatch adds newcomers and counts as duplicates those whose address is there already. from, unless empty, is
	// remembered with how many rows of it are done, in the same transaction.
	EnrolBatch(ctx context.Context, workspace, id string, rows []Newcomer, from Progress, now time.Time) (EnrolReport, error)
	EnrolDone(ctx context.Context, workspace, id, source string) (int64, error)
	// PickedFor gives whom the source of a campaign stood for when it was evaluated last.
	PickedFor(ctx context.Context, workspace, id string) (Picked, error)

	// Look gives a page of those whom the filter picks behind the given one, in order, after having looked at a bounded number of
	// recipients: next goes on, and is 0 at the end; before that, a page may be shorter than limit, or empty.
	Look(ctx context.Context, workspace, id string, f Filter, after Number, limit int) (page []Entry, next Number, err error)
	Entry(ctx context.Context, workspace, id string, n Number) (Entry, error)
	ErrandStore
	// CountAmong counts whom the filter picks: as changed who has one of the statuses, as skipped who has another.
	CountAmong(ctx context.Context, workspace, id string, f Filter, among []Status) (ActReport, error)
	Attempts(ctx context.Context, workspace, id string, q AttemptQuery) ([]Attempt, error)
	Flights(ctx context.Context, workspace, id string) ([]Flight, error)
	EngineView(ctx context.Context, workspace, id string) (EngineView, error)
	// EngineViews gives those of several campaigns by their ids, without those that are not there.
	EngineViews(ctx context.Context, workspace string, ids []string) (map[string]EngineView, error)
	Counts(ctx context.Context, workspace string, ids []string) (map[string]Counts, error)
	// Late sums what became of the workspace's attempts on a channel that were placed from an instant on.
	Late(ctx context.Context, workspace string, kind channel.Kind, from time.Time) (Slice, error)
	// Sample gives up to n recipients that have not had their first turn.
	Sample(ctx context.Context, workspace, id string, n int) ([]Recipient, error)
}

// Catalogue is where lines and agents are looked up.
type Catalogue interface {
	Line(ctx context.Context, workspace, id string) (channel.Line, error)
	Agent(ctx context.Context, workspace, id string) (*agent.Agent, error)
}

// Query picks campaigns for a list, newest first.
type Query struct {
	States   []State
	Search   string // in the name of the campaign and of its agent
	Archived bool   // the archived ones instead of the others
	Agent    string // id of the agent that speaks, or of the line's when the campaign has none; empty for all
	Line     string // id of the line; empty for all
	After    string // id of the last one seen; empty begins
	Limit    int    // 1 to 200
}

// Summary is what stands above the list.
type Summary struct {
	Total     int64   `json:"total"`
	Active    int64   `json:"active"`
	Completed int64   `json:"completed"`
	Success   float64 `json:"average_success_rate"` // mean over campaigns with attempts of answered per attempt that could be, 0 to 1
}

// AttemptQuery picks closed attempts: of one recipient in order, or of the campaign, newest first.
type AttemptQuery struct {
	Number Number        // 0 for the whole campaign
	After  AttemptCursor // the last one seen, by which of one recipient only the ordinal counts; zero begins
	Limit  int
}

// AttemptCursor is where a list of attempts goes on.
type AttemptCursor struct {
	Closed  time.Time
	Number  Number
	Ordinal int
}

// Move is a change of state.
type Move struct {
	Action Action
	From   []State // leaving any other is a conflict that names the present one
	To     State
	Reason PauseReason
	Params map[string]string
	At     time.Time
	Begins time.Time // for Scheduled
}

// Progress names a source of newcomers and how many of its rows are behind this batch.
type Progress struct {
	Source string
	Rows   int64
}

// ActReport says what an action on many comes to.
type ActReport struct {
	Changed int64 `json:"changed"`
	Skipped int64 `json:"skipped"` // their status does not take the action
}

// Service guards campaigns: every change goes through it. It is safe for concurrent use.
type Service struct {
	store     Store
	catalogue Catalogue
	base      Base
	legal     Legal
	evidence  Evidence
	now       func() time.Time
	// notify is called after anything that the engine of this process should notice at once.
	notify func()
}

// Options for NewService.
type Options struct {
	Store     Store
	Catalogue Catalogue
	Base      Base             // may be nil: then no campaign draws from the contact base
	Legal     Legal            // may be nil: then nothing binds campaigns but they themselves
	Evidence  Evidence         // may be nil: then it is not looked for before the start
	Now       func() time.Time // time.Now when nil
	Changed   func()           // may be nil
}

// NewService makes a Service.
func NewService(o Options) *Service {
	s := &Service{store: o.Store, catalogue: o.Catalogue, base: o.Base, legal: o.Legal, evidence: o.Evidence, now: o.Now, notify: o.Changed}
	if s.now == nil {
		s.now = time.Now
	}
	if s.notify == nil {
		s.notify = func() {}
	}
	return s
}

// Create makes a draft. key, unless empty, is unique in the workspace.
func (s *Service) Create(ctx context.Context, workspace, key string, d Definition) (*Campaign, error) {
	now := s.now().UTC()
	d = d.Defaults()
	if err := d.Validate(now); err != nil {
		return nil, err
	}
	if err := s.refers(ctx, workspace, d); err != nil {
		return nil, err
	}
	picked, err := s.freeze(ctx, workspace, &d)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	c := &Campaign{
		ID: id.String(), Workspace: workspace, Key: key, Definition: d, State: Draft,
		CreatedAt: now, UpdatedAt: now, Revision: 1,
	}
	if err := s.store.CreateCampaign(ctx, c, picked); err != nil {
		return nil, err
	}
	if d.Contacts != nil { // with how it stands
		return s.store.Campaign(ctx, workspace, c.ID)
	}
	return c, nil
}

// refers checks that the line and the agent that a definition names exist in the workspace.
func (s *Service) refers(ctx context.Context, workspace string, d Definition) error {
	var bad fault.List
	if d.Line != "" {
		l, err := s.catalogue.Line(ctx, workspace, d.Line)
		if err != nil {
			if fault.KindOf(err) != fault.NotFound {
				return err
			}
			bad = append(bad, fault.New(fault.Invalid, "line_not_found", fault.Params{"id": d.Line}).At("line"))
		} else if l.Kind != d.Channel {
			bad = append(bad, fault.New(fault.Invalid, "line_of_other_channel", fault.Params{"line": l.Name, "channel": l.Kind}).At("line"))
		}
	}
	if d.Agent != "" {
		if _, err := s.catalogue.Agent(ctx, workspace, d.Agent); err != nil {
			if fault.KindOf(err) != fault.NotFound {
				return err
			}
			bad = append(bad, fault.New(fault.Invalid, "agent_not_found", fault.Params{"id": d.Agent}).At("agent"))
		}
	}
	return bad.Err()
}

// Get gives a campaign.
func (s *Service) Get(ctx context.Context, workspace, id string) (*Campaign, error) {
	return s.store.Campaign(ctx, workspace, id)
}

// ByKey gives the campaign of a key.
func (s *Service) ByKey(ctx context.Context, workspace, key string) (*Campaign, error) {
	return s.store.CampaignByKey(ctx, workspace, key)
}

// List gives campaigns, newest first.
func (s *Service) List(ctx context.Context, workspace string, q Query) ([]*Campaign, error) {
	for _, st := range q.States {
		if !st.Valid() {
			return nil, fault.New(fault.Invalid, "state_unknown", fault.Params{"value": st}).At("status")
		}
	}
	return s.store.Campaigns(ctx, workspace, q)
}

// Summary gives the figures above the list.
func (s *Service) Summary(ctx context.Context, workspace string) (Summary, error) {
	return s.store.Summary(ctx, workspace)
}

// Edit replaces the definition of a draft, or what of it can still be changed of one that runs (Campaign.Editable): once it
// returns, nobody is claimed by the definition of before. revision is the one that was read.
func (s *Service) Edit(ctx context.Context, workspace, id string, revision int64, d Definition) (*Campaign, error) {
	now := s.now().UTC()
	c, picked, err := s.changed(ctx, workspace, id, d, now)
	if err != nil {
		return nil, err
	}
	c.Revision = revision
	if err := s.store.EditCampaign(ctx, c, picked, now); err != nil {
		return nil, err
	}
	if c.State != Draft {
		s.notify()
	}
	return s.store.Campaign(ctx, workspace, id)
}

// changed gives a campaign as it would be with another definition, and whom its source would stand for.
func (s *Service) changed(ctx context.Context, workspace, id string, d Definition, now time.Time) (*Campaign, *Picked, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return nil, nil, err
	}
	d = d.Defaults()
	if d.Channel != c.Channel {
		return nil, nil, fault.New(fault.Invalid, "channel_fixed", nil).At("channel")
	}
	if c.State != Draft {
		c, err = s.retune(ctx, c, d, now)
		return c, nil, err
	}
	if err := d.Validate(now); err != nil {
		return nil, nil, err
	}
	if err := s.refers(ctx, workspace, d); err != nil {
		return nil, nil, err
	}
	picked, err := s.freeze(ctx, workspace, &d)
	c.Definition = d
	return c, picked, err
}

// Start begins a draft, or resumes a paused campaign, or brings a scheduled one forward; one that has not begun yet and
// names a time in the future is scheduled for it, unless it is. What stands in the way is refused all at once (Preflight).
func (s *Service) Start(ctx context.Context, workspace, id string) (*Campaign, error) {
	now := s.now().UTC()
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	if err := Allow(Start, c.State); err != nil {
		return nil, err
	}
	problems, err := s.preflight(ctx, c, now)
	if err != nil {
		return nil, err
	}
	if err := problems.Blocking().Err(); err != nil {
		return nil, err
	}
	m := Move{Action: Start, From: []State{c.State}, To: Active, At: now}
	if c.State != Scheduled && c.StartedAt.IsZero() && c.StartsAt != nil && c.StartsAt.After(now) {
		m.To, m.Begins = Scheduled, *c.StartsAt
	}
	return s.move(ctx, workspace, id, m)
}

// Pause stops contacting people. Calls that are going on end by themselves.
func (s *Service) Pause(ctx context.Context, workspace, id string) (*Campaign, error) {
	return s.move(ctx, workspace, id, Move{
		Action: Pause, From: []State{Active, Scheduled}, To: Paused, Reason: ByOperator, At: s.now().UTC(),
	})
}

// Cancel ends a campaign for good.
func (s *Service) Cancel(ctx context.Context, workspace, id string) (*Campaign, error) {
	return s.move(ctx, workspace, id, Move{
		Action: Cancel, From: []State{Draft, Scheduled, Active, Paused}, To: Cancelled, At: s.now().UTC(),
	})
}

func (s *Service) move(ctx context.Context, workspace, id string, m Move) (*Campaign, error) {
	if err := s.store.Move(ctx, workspace, id, m); err != nil {
		return nil, err
	}
	s.notify()
	return s.store.Campaign(ctx, workspace, id)
}

// Delete removes a campaign that is not running, with its recipients.
func (s *Service) Delete(ctx context.Context, workspace, id string) error {
	return s.store.DeleteCampaign(ctx, workspace, id, s.now().UTC())
}

// Archive puts a campaign that has ended away, or takes it out again.
func (s *Service) Archive(ctx context.Context, workspace, id string, archived bool) (*Campaign, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	if archived {
		if err := Allow(Archive, c.State); err != nil {
			return nil, err
		}
	}
	if err := s.store.SetArchived(ctx, workspace, id, archived, s.now().UTC()); err != nil {
		return nil, err
	}
	return s.store.Campaign(ctx, workspace, id)
}

// Duplicate makes a draft with the same definition, without times that have passed. With a filter, the recipients it
// picks come along ("again for those not reached"), in the background when they are many; nil takes none.
func (s *Service) Duplicate(ctx context.Context, workspace, id, name string, f *Filter, by string) (*Campaign, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	if f != nil {
		if err := f.Validate(); err != nil {
			return nil, err
		}
	}
	d := c.Definition
	if f != nil { // instead of whom it was for
		d.Contacts = nil
	}
	if name != "" {
		d.Name = name
	}
	now := s.now().UTC()
	if d.StartsAt != nil && !d.StartsAt.After(now) {
		d.StartsAt = nil
	}
	if d.EndsAt != nil && !d.EndsAt.After(now) {
		d.EndsAt = nil
	}
	copied, err := s.Create(ctx, workspace, "", d)
	if err != nil || f == nil {
		return copied, err
	}
	_, err = s.begin(ctx, Errand{Workspace: workspace, Campaign: id, Into: copied.ID, Action: Copy, Filter: *f, By: by})
	if err != nil { // a campaign without its recipients would be taken for one that has none
		return nil, errors.Join(err, s.store.DeleteCampaign(context.WithoutCancel(ctx), workspace, copied.ID, now))
	}
	return copied, nil
}

// Enrol adds newcomers, all of them checked; the first that cannot be held refuses the batch.
func (s *Service) Enrol(ctx context.Context, workspace, id string, rows []Newcomer, from Progress) (EnrolReport, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return EnrolReport{}, err
	}
	if err := Allow(Enrol, c.State); err != nil {
		return EnrolReport{}, err
	}
	for i := range rows {
		if bad := rows[i].Validate(); len(bad) > 0 {
			return EnrolReport{}, bad.Err()
		}
	}
	r, err := s.store.EnrolBatch(ctx, workspace, id, rows, from, s.now().UTC())
	if err == nil && r.Added > 0 && c.State == Active {
		s.notify()
	}
	return r, err
}

// EnrolDone is how many rows of a source are already in the campaign.
func (s *Service) EnrolDone(ctx context.Context, workspace, id, source string) (int64, error) {
	return s.store.EnrolDone(ctx, workspace, id, source)
}

// Look gives a page of recipients in the order of contact. next goes on, and is 0 at the end; before that, a page may be
// shorter than limit, or empty: it ends with how many were looked at.
func (s *Service) Look(ctx context.Context, workspace, id string, f Filter, after Number, limit int) (page []Entry, next Number, err error) {
	if err := f.Validate(); err != nil {
		return nil, 0, err
	}
	return s.store.Look(ctx, workspace, id, f, max(after, 0), limit)
}

// Entry gives one recipient.
func (s *Service) Entry(ctx context.Context, workspace, id string, n Number) (Entry, error) {
	return s.store.Entry(ctx, workspace, id, n)
}

// Attempts gives closed attempts.
func (s *Service) Attempts(ctx context.Context, workspace, id string, q AttemptQuery) ([]Attempt, error) {
	return s.store.Attempts(ctx, workspace, id, q)
}

// Flights gives the open attempts.
func (s *Service) Flights(ctx context.Context, workspace, id string) ([]Flight, error) {
	return s.store.Flights(ctx, workspace, id)
}

// Counts gives the live numbers of one campaign.
func (s *Service) Counts(ctx context.Context, workspace, id string) (Counts, error) {
	m, err := s.store.Counts(ctx, workspace, []string{id})
	if err != nil {
		return Counts{}, err
	}
	c, ok := m[id]
	if !ok {
		return Counts{}, fault.New(fault.NotFound, "campaign_not_found", fault.Params{"id": id})
	}
	return c, nil
}

// CountsOf gives the live numbers of several campaigns.
func (s *Service) CountsOf(ctx context.Context, workspace string, ids []string) (map[string]Counts, error) {
	return s.store.Counts(ctx, workspace, ids)
}
