package intake

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
)

// Picker evaluates filters; audience.Lists does.
type Picker interface {
	Pick(ctx context.Context, workspace string, f *audience.Filter) (*roaring.Bitmap, error)
}

// Base is the contact base as campaigns draw from it. It is safe for concurrent use.
type Base struct {
	store FillStore
	lists Picker
	now   func() time.Time
}

var _ campaign.Base = (*Base)(nil)

// NewBase makes a Base; now is time.Now when nil.
func NewBase(store FillStore, lists Picker, now func() time.Time) *Base {
	if now == nil {
		now = time.Now
	}
	return &Base{store, lists, now}
}

// Pick gives whom a source stands for now.
func (b *Base) Pick(ctx context.Context, workspace string, s *campaign.Source) (campaign.Picked, error) {
	p := campaign.Picked{At: b.now().UTC()}
	var err error
	if p.All, err = b.lists.Pick(ctx, workspace, s.Picks()); err != nil {
		return p, err
	}
	for _, of := range []struct {
		priority audience.Priority
		to       **roaring.Bitmap
	}{{audience.PriorityHigh, &p.High}, {audience.PriorityLow, &p.Low}} {
		f := audience.Filter{Field: audience.FieldPriority, Is: []string{string(of.priority)}}
		if *of.to, err = b.lists.Pick(ctx, workspace, &f); err != nil {
			return p, err
		}
		(*of.to).And(p.All)
	}
	return p, nil
}

// Sample makes recipients of some of those who were picked.
func (b *Base) Sample(ctx context.Context, workspace string, k channel.Kind, p campaign.Picked, n int) ([]campaign.Recipient, error) {
	numbers := make([]int64, 0, n)
	for it := p.All.Iterator(); it.HasNext() && len(numbers) < n; {
		numbers = append(numbers, int64(it.Next()))
	}
	rows, _, err := newcomers(ctx, b.store, nil, &campaign.Campaign{Workspace: workspace, Definition: campaign.Definition{Channel: k}}, numbers, b.now())
	out := make([]campaign.Recipient, len(rows))
	for i := range rows {
		out[i] = rows[i].Recipient
	}
	return out, err
}
