package campaign

import "context"

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
	l := Live{Campaign: c}
	if l.Counts, err = s.Counts(ctx, workspace, id); err != nil {
		return Live{}, err
	}
	l.Engine, err = s.store.EngineView(ctx, workspace, id)
	return l, err
}
