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
	o    SupplierOptions
	loop *chore.Loop
}

// The first rows are few, so that the first attempt leaves at once.
const (
	supplyFirst = 500
	supplyRows  = 2000
	supplyPoll  = 250 * time.Millisecond
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
	return &Supplier{o: o, loop: chore.New(o.Poll)}
}

// Nudge makes it look for work at once.
func (s *Supplier) Nudge() { s.loop.Nudge() }

// Run works until ctx ends. What it was doing then is gone on with by the next one.
func (s *Supplier) Run(ctx context.Context) { s.loop.Run(ctx, s.step) }

func (s *Supplier) step(ctx context.Context) bool {
	now := s.o.Now()
	x, ok, err := s.o.Store.TakeFilling(ctx, s.hold(now), now)
	if err == nil && ok {
		err = s.fill(ctx, &x)
	}
	if err != nil && ctx.Err() == nil {
		s.o.Log.Error("filling_failed", "error", err)
	}
	return ok && err == nil
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
