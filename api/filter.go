package api

import (
	"context"
	"fmt"
	"slices"

	"campanario/access"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
)

// FilterInput picks recipients of a campaign. Its parts are joined by "and", the values of one part by "or".
type FilterInput struct {
	All      bool              `json:"all,omitempty" doc:"Everybody. Without it, a filter that says nothing is refused"`
	Statuses []campaign.Status `json:"statuses,omitempty" maxItems:"50" enum:"pending,queued,in_progress,retry_scheduled,completed,no_answer,busy,failed,exhausted,cancelled,suppressed"`
	Missed   bool              `json:"not_reached,omitempty" doc:"Who had all their turns without being reached: those with the statuses no_answer, busy, failed and exhausted, beside the statuses that are named"`
	Outcomes []channel.Code    `json:"outcomes,omitempty" maxItems:"50" doc:"Of the last attempt"`
	Numbers  []campaign.Number `json:"numbers,omitempty" maxItems:"10000" doc:"Those with these numbers"`
	Search   string            `json:"search,omitempty" maxLength:"200" doc:"In names, external ids and addresses, without regard to case and accents. A whole phone number or mailbox that somebody has picks only who has it, at once"`
}

// whole says of a search which addresses it is as a whole, in the workspace's country.
func (s *Server) whole(ctx context.Context, by access.Principal, f *campaign.Filter) error {
	if f.Search == "" {
		return nil
	}
	w, err := s.o.Access.Workspace(ctx, by.Workspace)
	if err != nil {
		return err
	}
	for _, k := range []channel.Kind{channel.Voice, channel.Email} {
		if a, err := audience.Address(k, f.Search, w.Settings.Country); err == nil {
			f.Whole = append(f.Whole, a)
		}
	}
	return nil
}

// missed adds to statuses those of who was not reached, if they are asked for.
func missed(statuses []campaign.Status, also bool) []campaign.Status {
	if !also {
		return statuses
	}
	return append(slices.Clone(statuses), campaign.NotReached()...)
}

// maxNumber is the last number that a recipient can have.
const maxNumber = campaign.Number(campaign.Bands) * campaign.BandSize

// picks makes a filter, and says where it is wrong by paths under the field. One that picks everybody by saying nothing
// is taken for a mistake.
func (s *Server) picks(ctx context.Context, by access.Principal, in FilterInput, field string) (campaign.Filter, error) {
	f, err := in.filter(field)
	if err == nil {
		err = s.whole(ctx, by, &f)
	}
	return f, err
}

func (in FilterInput) filter(field string) (campaign.Filter, error) {
	f := campaign.Filter{Statuses: missed(in.Statuses, in.Missed), Outcomes: in.Outcomes, Numbers: in.Numbers, Search: in.Search}
	some := len(f.Statuses) > 0 || len(f.Outcomes) > 0 || len(f.Numbers) > 0 || f.Search != ""
	switch {
	case !some && !in.All:
		return f, fault.New(fault.Invalid, "filter_empty", nil).At(field)
	case some && in.All:
		return f, fault.New(fault.Invalid, "filter_contradicts", nil).At(field + ".all")
	}
	bad := fault.All(f.Validate()).Under(field)
	for i, n := range f.Numbers {
		if !known(n) {
			bad = append(bad, fault.New(fault.Invalid, "recipient_not_found", fault.Params{"id": n}).At(fmt.Sprintf("%s.numbers[%d]", field, i)))
			break
		}
	}
	return f, bad.Err()
}

// known reports whether a recipient can have the number at all.
func known(n campaign.Number) bool { return n >= 1 && n <= maxNumber }

// Picking are the parameters of lists that a filter picks.
type Picking struct {
	Status  []campaign.Status `query:"status,explode" maxItems:"50" enum:"pending,queued,in_progress,retry_scheduled,completed,no_answer,busy,failed,exhausted,cancelled,suppressed" doc:"Only those with one of the statuses"`
	Missed  bool              `query:"not_reached" doc:"Only who had all their turns without being reached: the statuses no_answer, busy, failed and exhausted, beside those that are named"`
	Outcome []channel.Code    `query:"outcome,explode" maxItems:"50" doc:"Only those whose last attempt ended so"`
	Search  string            `query:"search" maxLength:"200" doc:"In names, external ids and addresses, without regard to case and accents. A whole phone number or mailbox that somebody has picks only who has it, at once"`
}

func (s *Server) picking(ctx context.Context, by access.Principal, p Picking) (campaign.Filter, error) {
	for _, c := range p.Outcome {
		if !c.Valid() {
			return campaign.Filter{}, fault.New(fault.Invalid, "outcome_unknown", fault.Params{"value": clip(string(c))}).At("query.outcome")
		}
	}
	f := campaign.Filter{Statuses: missed(p.Status, p.Missed), Outcomes: p.Outcome, Search: p.Search}
	return f, s.whole(ctx, by, &f)
}
