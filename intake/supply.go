package intake

import (
	"context"
	"log/slog"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/campaign"
	"campanario/internal/chore"
	"campanario/internal/fault"
)

// Supply is a campaign that is to be filled from its source, taken by a node.
type Supply struct {
	No       int64 // of the campaign
	Campaign *campaign.Campaign
	Picked   campaign.Picked // once its source is evaluated
	Members  *roaring.Bitmap // whom it was filled with in earlier passes
}

// SupplyStore is what a Supplier needs kept. A campaign is held by one node at a time, under a Hold that every step renews;
// what is done for one that another has taken meanwhile is refused with false.
type SupplyStore interface {
	FillStore
	// TakeFilling takes an active campaign that is to be filled and that nobody holds; false when there is none.
	TakeFilling(ctx context.Context, h Hold, now time.Time) (Supply, bool, error)
	// SetPicked writes whom the source of a campaign stands for.
	SetPicked(ctx context.Context, x *Supply, h Hold, p campaign.Picked) (bool, error)
	// SupplyBatch adds newcomers, and adds more to what is counted; last ends the filling.
	SupplyBatch(ctx context.Context, x *Supply, h Hold, rows []campaign.Newcomer, more campaign.FillCounts, last bool, now time.Time) (bool, error)
	// FailFilling pauses a campaign whose source cannot be used.
	FailFilling(ctx context.Context, x *Supply, h Hold, why *fault.Error, now time.Time) error
}

// SupplierOptions are what a Supplier needs. Store and Base are required.
type SupplierOptions struct {
	Store SupplyStore
	Base  campaign.Base
	Lists FillLists // nil for none
	Node  int64
	// Changed is called when recipients have come, so that the engine of this process looks at once; may be nil.
	Changed func()
	// Poll is how often to look for campaigns that others have begun; 0 means a quarter of a second.
	Poll time.Duration
	Log  *slog.Logger
	Now  func() time.Time // time.Now when nil
}

// Supplier fills campaigns that draw from the contact base, when they begin and when they recur, while they already run.
// Several nodes have one each: a campaign is filled by whoever holds it, and gone on with when that node is gone.
type Supplier struct {
	o     SupplierOptions
	loop  *chore.Loop
	pause time.Duration    // before it is tried again to take one; 0 while that succeeds
	told  map[int64]string // the last error with each campaign that has one; 0 for taking them
}

// The first rows are few, so that the first attempt leaves at once.
const (
	supplyFirst = 500
	supplyRows  = 2000
	supplyPoll  = 250 * time.Millisecond
	// What fails is tried again after so long, twice as long each time, and so long at most. A campaign that fails by itself is
	// left until its lease ends, and the others are gone on with.
	supplyPause, supplyLongest = 500 * time.Millisecond, 20 * time.Second
)

// NewSupplier makes a Supplier; Run it.
func NewSupplier(o SupplierOptions) *Supplier {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll == 0 {
		o.Poll = supplyPoll
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Supplier{o: o, loop: chore.New(o.Poll), told: map[int64]string{}}
}

// Nudge makes it look for work at once.
func (s *Supplier) Nudge() { s.loop.Nudge() }

// Run works until ctx ends. What it was doing then is gone on with by the next one.
func (s *Supplier) Run(ctx context.Context) { s.loop.Run(ctx, s.step) }

func (s *Supplier) step(ctx context.Context) bool {
	now := s.o.Now()
	x, ok, err := s.o.Store.TakeFilling(ctx, s.hold(now), now)
	s.tell(ctx, 0, "", err)
	if err != nil {
		s.pause = min(max(2*s.pause, supplyPause), supplyLongest)
		chore.Pause(ctx, s.pause)
		return false
	}
	if s.pause = 0; ok {
		s.tell(ctx, x.No, x.Campaign.ID, s.fill(ctx, &x))
	}
	return ok
}

// tell logs an error, once for as long as it stays the same.
func (s *Supplier) tell(ctx context.Context, no int64, campaign string, err error) {
	if err == nil {
		delete(s.told, no)
		return
	}
	if text := err.Error(); ctx.Err() == nil && s.told[no] != text {
		s.told[no] = text
		s.o.Log.Error("filling_failed", "campaign", campaign, "error", err)
	}
}

func (s *Supplier) hold(now time.Time) Hold { return Hold{Node: s.o.Node, Until: now.Add(leaseFor)} }

// fill carries one campaign as far as it goes.
func (s *Supplier) fill(ctx context.Context, x *Supply) error {
	began, c := s.o.Now(), x.Campaign
	if c.Filling.State == campaign.FillDue {
		if ours, err := s.pick(ctx, x); err != nil || !ours {
			return err
		}
	}
	ours, err := s.add(ctx, x)
	if err != nil || !ours {
		return err
	}
	n := c.Filling.FillCounts
	s.o.Log.Info("campaign_filled", "campaign", c.ID, "pass", c.Filling.Pass, "picked", n.Picked, "added", n.Added, "duplicates", n.Duplicates,
		"no_address", n.NoAddress, "unreachable", n.Unreachable, "left_out", n.Left, "took", s.o.Now().Sub(began))
	return nil
}

// pick evaluates the source. A campaign that does not recur and has nobody to contact is paused: whoever started it meant
// somebody.
func (s *Supplier) pick(ctx context.Context, x *Supply) (bool, error) {
	c := x.Campaign
	picked, err := s.o.Base.Pick(ctx, c.Workspace, c.Contacts)
	now := s.o.Now()
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return false, s.o.Store.FailFilling(ctx, x, s.hold(now), fault.All(err)[0], now.UTC())
	}
	if err != nil {
		return false, err
	}
	if picked.All.IsEmpty() && c.Recurrence == "" && !c.KeepOpen {
		none := fault.New(fault.Invalid, "contacts_nobody", nil)
		return false, s.o.Store.FailFilling(ctx, x, s.hold(now), none, now.UTC())
	}
	return s.o.Store.SetPicked(ctx, x, s.hold(now), picked)
}

// add adds those who are not in the campaign yet, high priority first.
func (s *Supplier) add(ctx context.Context, x *Supply) (bool, error) {
	fresh := roaring.AndNot(x.Picked.All, x.Members)
	high, low := roaring.And(fresh, x.Picked.High), roaring.And(fresh, x.Picked.Low)
	normal := roaring.AndNot(roaring.AndNot(fresh, high), low)
	done, at := x.Campaign.Filling.Done, int64(0)
	size := supplyFirst
	if done > 0 {
		size = supplyRows
	}
	numbers := make([]int64, 0, supplyRows)
	for _, part := range []*roaring.Bitmap{high, normal, low} {
		for it := part.Iterator(); it.HasNext(); {
			no := int64(it.Next())
			if at++; at <= done {
				continue
			}
			if numbers = append(numbers, no); len(numbers) < size {
				continue
			}
			if ours, err := s.batch(ctx, x, numbers, false); err != nil || !ours {
				return ours, err
			}
			numbers, size = numbers[:0], supplyRows
		}
	}
	return s.batch(ctx, x, numbers, true)
}

func (s *Supplier) batch(ctx context.Context, x *Supply, numbers []int64, last bool) (bool, error) {
	now := s.o.Now()
	rows, counts, err := newcomers(ctx, s.o.Store, s.o.Lists, x.Campaign, numbers, now)
	if err != nil {
		return false, err
	}
	ours, err := s.o.Store.SupplyBatch(ctx, x, s.hold(now), rows, counts, last, now.UTC())
	if ours && err == nil && (len(rows) > 0 || last) {
		s.o.Changed()
	}
	return ours, err
}
