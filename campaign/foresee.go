package campaign

import (
	"context"
	"slices"

	"campanario/internal/fault"
)

// Foresee tells what Act would do, and changes nothing. What statuses alone pick is counted by the campaign's counters;
// everything else looks at the recipients one by one.
func (s *Service) Foresee(ctx context.Context, workspace, id string, a RecipientAction, f Filter) (ActReport, error) {
	if !a.Valid() {
		return ActReport{}, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": a, "allowed": RecipientActions()}).At("action")
	}
	if err := f.Validate(); err != nil {
		return ActReport{}, err
	}
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return ActReport{}, err
	}
	var from []Status
	if allowRecipient(a, c.State) == nil {
		from = a.From()
	}
	if len(f.Outcomes) > 0 || len(f.Numbers) > 0 || f.Search != "" {
		return s.store.CountAmong(ctx, workspace, id, f, from)
	}
	counts, err := s.Counts(ctx, workspace, id)
	if err != nil {
		return ActReport{}, err
	}
	var out ActReport
	for status, n := range counts.ByStatus {
		switch {
		case len(f.Statuses) > 0 && !slices.Contains(f.Statuses, status):
		case slices.Contains(from, status):
			out.Changed += n
		default:
			out.Skipped += n
		}
	}
	return out, nil
}
