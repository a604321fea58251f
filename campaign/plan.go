package campaign

import (
	"context"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Plan is what a campaign would do if it were started now, for whoever decides about it.
type Plan struct {
	*Campaign
	People int64 // who are to have their first turn
	Later  bool  // they are picked from the contact base when it begins: People is whom that would be now
	OnLine channel.Line
	Speaks string // the name of the agent; empty where nobody speaks, or that is not known
	Others int    // active campaigns besides on the same line
	// Limits are those of the line and of the campaign together; what is 0 is not bounded.
	Limits   channel.Limits
	Typical  Typical
	Estimate *Estimate // nil when nothing can be said
}

// mostOthers is how many active campaigns are looked through for those on the same line.
const mostOthers = 200

// Plan tells what a campaign would do.
func (s *Service) Plan(ctx context.Context, workspace, id string) (Plan, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return Plan{}, err
	}
	return s.plan(ctx, c)
}

// PlanChange tells what a campaign would do with another definition, which is refused as Edit would. Nothing is changed.
func (s *Service) PlanChange(ctx context.Context, workspace, id string, d Definition) (Plan, error) {
	c, _, err := s.changed(ctx, workspace, id, d, s.now().UTC())
	if err != nil {
		return Plan{}, err
	}
	return s.plan(ctx, c)
}

func (s *Service) plan(ctx context.Context, c *Campaign) (Plan, error) {
	p := Plan{Campaign: c}
	if err := s.planPeople(ctx, &p); err != nil {
		return p, err
	}
	zone, err := s.planLine(ctx, &p)
	if err != nil {
		return p, err
	}
	share, err := s.planShare(ctx, &p)
	if err != nil {
		return p, err
	}
	now := s.now().UTC()
	late, err := s.store.Late(ctx, c.Workspace, c.Channel, now.Add(-TypicalFor))
	if err != nil {
		return p, err
	}
	p.Typical = TypicalOf(c.Channel, late)
	p.Limits = channel.Limits{
		Concurrent: lesser(p.OnLine.Limits.Concurrent, c.Pace.Concurrent), PerDay: lesser(p.OnLine.Limits.PerDay, c.Pace.PerDay),
		PerSecond: lesser(p.OnLine.Limits.PerSecond, c.Pace.PerSecond),
	}
	if p.OnLine.ID == "" {
		return p, nil
	}
	law, err := s.lawOf(ctx, c)
	if err != nil {
		return p, err
	}
	clock := c.ClockFor(zone, nil).Zones[0]
	if e, ok := c.closedBy(law).Estimate(now, Workload{People: p.People, Line: p.OnLine.Limits, Share: share, Typical: p.Typical, Clock: clock}); ok {
		p.Estimate = &e
	}
	return p, nil
}

// lesser is the tighter of two bounds, of which 0 is none.
func lesser[T int | float64](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (s *Service) planPeople(ctx context.Context, p *Plan) error {
	counts, err := s.Counts(ctx, p.Workspace, p.ID)
	if err != nil {
		return err
	}
	p.People = counts.ByStatus[StatusPending] + counts.ByStatus[StatusQueued]
	if p.Contacts == nil || s.base == nil || p.Filling != nil && p.Filling.State != FillWaiting {
		return nil
	}
	picked, err := s.picked(ctx, p.Campaign)
	if err != nil {
		if fault.KindOf(err) == fault.Invalid { // which the preflight tells
			return nil
		}
		return err
	}
	p.Later = true
	p.People += int64(picked.All.GetCardinality()) //nolint:gosec // contacts, of which there are no 2⁶³
	return nil
}

// planLine looks the line and the agent up, and gives the agent's zone. What is not there is not there.
func (s *Service) planLine(ctx context.Context, p *Plan) (zone string, err error) {
	if p.Line != "" {
		p.OnLine, err = s.catalogue.Line(ctx, p.Workspace, p.Line)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return "", err
		}
	}
	id := p.Agent
	if p.UseLineAgent {
		id = p.OnLine.Agent
	}
	if id == "" || p.Channel != channel.Voice {
		return "", nil
	}
	a, err := s.catalogue.Agent(ctx, p.Workspace, id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return "", nil
		}
		return "", err
	}
	p.Speaks = a.Name
	return a.Zone, nil
}

// planShare counts the other active campaigns on the line, and gives the campaign's part of it.
func (s *Service) planShare(ctx context.Context, p *Plan) (float64, error) {
	if p.Line == "" {
		return 1, nil
	}
	active, err := s.store.Campaigns(ctx, p.Workspace, Query{States: []State{Active}, Limit: mostOthers})
	if err != nil {
		return 1, err
	}
	own := max(p.Share, 1)
	all := own
	for _, c := range active {
		if c.Line == p.Line && c.ID != p.ID {
			p.Others++
			all += max(c.Share, 1)
		}
	}
	return float64(own) / float64(all), nil
}

// Begins is when it would begin: at once, at its time, or when its window opens, which is true of window.
func (p *Plan) Begins(now time.Time) (at time.Time, window bool) {
	from := now
	if p.StartsAt != nil && p.StartsAt.After(now) {
		from = *p.StartsAt
	}
	if p.Estimate == nil || !p.Estimate.Begins.After(from) {
		return from, false
	}
	return p.Estimate.Begins, true
}
