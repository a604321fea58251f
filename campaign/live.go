package campaign

import (
	"context"

	"campanario/internal/fault"
)

// Live is what changes by itself while a campaign runs.
type Live struct {
	Campaign *Campaign
	Counts   Counts
	Engine   EngineView
}

// Live gives a campaign with its live numbers. The state is read before the numbers: those beside a state that is final
// are final too.
func (s *Service) Live(ctx context.Context, workspace, id string) (Live, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return Live{}, err
	}
	all, err := s.lives(ctx, workspace, []*Campaign{c})
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "campaign_not_found", fault.Params{"id": id})
	}
	if err != nil {
		return Live{}, err
	}
	return all[0], nil
}

// Lives gives the campaigns that a query picks with their live numbers, by as many reads for many as for one. Those that are
// deleted meanwhile are left out.
func (s *Service) Lives(ctx context.Context, workspace string, q Query) ([]Live, error) {
	list, err := s.List(ctx, workspace, q)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return s.lives(ctx, workspace, list)
}

func (s *Service) lives(ctx context.Context, workspace string, list []*Campaign) ([]Live, error) {
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	counts, err := s.store.Counts(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	views, err := s.store.EngineViews(ctx, workspace, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Live, 0, len(list))
	for _, c := range list {
		n, counted := counts[c.ID]
		if view, there := views[c.ID]; counted && there {
			out = append(out, Live{Campaign: c, Counts: n, Engine: view})
		}
	}
	return out, nil
}
