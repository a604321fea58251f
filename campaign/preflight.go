package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/rules"
)

// Problem is something that Preflight found. A warning does not keep the campaign from starting.
type Problem struct {
	*fault.Error
	Warning bool
	Place   Place  // where it is mended
	ID      string // of the line or the agent that is meant; empty elsewhere
}

// Problems is what Preflight found, in the order in which it is best mended.
type Problems []Problem

// Blocking gives those that refuse the start.
func (p Problems) Blocking() fault.List {
	var l fault.List
	for _, one := range p {
		if !one.Warning {
			l = append(l, one.Error)
		}
	}
	return l
}

// sampleSize is how many recipients the check for missing variables looks at.
const sampleSize = 200

// Preflight says everything that would keep the campaign from starting, and what should be looked at before.
func (s *Service) Preflight(ctx context.Context, workspace, id string) (Problems, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	return s.preflight(ctx, c, s.now().UTC())
}

func (s *Service) preflight(ctx context.Context, c *Campaign, now time.Time) (Problems, error) {
	var found Problems
	stop := func(field, code string, p fault.Params) {
		found = append(found, Problem{Error: fault.New(fault.Conflict, code, p).At(field)})
	}
	counts, err := s.Counts(ctx, c.Workspace, c.ID)
	if err != nil {
		return nil, err
	}
	if err := s.checkSource(ctx, c, &found); err != nil {
		return nil, err
	}
	if err := s.checkCopy(ctx, c, &found); err != nil {
		return nil, err
	}
	if counts.Total == 0 && !c.KeepOpen && c.Contacts == nil {
		stop("recipients", "no_recipients", nil)
	} else if counts.Total > 0 && counts.Settled() == counts.Total && c.State == Draft && c.Contacts == nil {
		stop("recipients", "no_recipients_waiting", nil)
	}
	line, err := s.checkLine(ctx, c, stop)
	if err != nil {
		return nil, err
	}
	if err := s.checkContent(ctx, c, line, &found); err != nil {
		return nil, err
	}
	if err := s.checkConsent(ctx, c, &found); err != nil {
		return nil, err
	}
	if err := s.checkLaw(ctx, c, now, &found); err != nil {
		return nil, err
	}
	if c.EndsAt != nil && !c.EndsAt.After(now) {
		stop("ends_at", "past_time", fault.Params{"at": c.EndsAt.Format(time.RFC3339), "now": now.Format(time.RFC3339)})
	} else if !c.opens(now) {
		stop("window", "window_never_opens", nil)
	}
	found.place(c, line.Agent)
	return found, nil
}

func (s *Service) checkLine(ctx context.Context, c *Campaign, stop func(field, code string, p fault.Params)) (channel.Line, error) {
	if c.Line == "" {
		stop("line", "no_line", nil)
		return channel.Line{}, nil
	}
	line, err := s.catalogue.Line(ctx, c.Workspace, c.Line)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		stop("line", "line_not_found", fault.Params{"id": c.Line})
	case err != nil:
		return line, err
	case !line.Enabled:
		stop("line", "line_disabled", fault.Params{"line": line.Name})
	case line.Kind != c.Channel:
		stop("line", "line_of_other_channel", fault.Params{"line": line.Name, "channel": line.Kind})
	}
	return line, nil
}

// checkContent is about what would be said: the agent of a call, the message of an e-mail, and whether recipients have
// the variables for it.
func (s *Service) checkContent(ctx context.Context, c *Campaign, line channel.Line, found *Problems) error {
	stop := func(field, code string, p fault.Params) {
		*found = append(*found, Problem{Error: fault.New(fault.Conflict, code, p).At(field)})
	}
	var needed []string
	if c.Channel == channel.Voice {
		id := c.Agent
		if c.UseLineAgent {
			id = line.Agent
		}
		if id == "" {
			stop("agent", "no_agent", nil)
			return nil
		}
		a, err := s.catalogue.Agent(ctx, c.Workspace, id)
		if err != nil {
			if fault.KindOf(err) != fault.NotFound {
				return err
			}
			stop("agent", "agent_not_found", fault.Params{"id": id})
			return nil
		}
		var call agent.Call
		if c.Call != nil {
			call = *c.Call
		}
		plan, err := agent.NewPlan(*a, call, c.Goal)
		if err != nil {
			for _, e := range fault.All(err) {
				*found = append(*found, Problem{Error: e})
			}
			return nil
		}
		needed = plan.Names()
	} else {
		if c.Message == nil {
			stop("message", "no_message", nil)
			return nil
		}
		letter, err := c.Message.Compile()
		if err != nil {
			for _, e := range fault.All(err).Under("message") {
				*found = append(*found, Problem{Error: e})
			}
			return nil
		}
		needed = letter.Names()
	}
	return s.checkVariables(ctx, c, needed, found)
}

// sample gives some of those who are to have their first turn: recipients that are there, or that will come from the
// contact base.
func (s *Service) sample(ctx context.Context, c *Campaign) ([]Recipient, error) {
	sample, err := s.store.Sample(ctx, c.Workspace, c.ID, sampleSize)
	if err != nil || len(sample) == sampleSize || c.Contacts == nil || s.base == nil {
		return sample, err
	}
	picked, err := s.picked(ctx, c)
	if err != nil {
		if fault.KindOf(err) == fault.Invalid { // which checkSource tells
			return sample, nil
		}
		return nil, err
	}
	more, err := s.base.Sample(ctx, c.Workspace, c.Channel, picked, sampleSize-len(sample))
	return append(sample, more...), err
}

// picked is whom the source of a campaign stands for: as it was evaluated, or as it would be now.
func (s *Service) picked(ctx context.Context, c *Campaign) (Picked, error) {
	if c.Contacts.At == AtNow {
		return s.store.PickedFor(ctx, c.Workspace, c.ID)
	}
	return s.base.Pick(ctx, c.Workspace, c.Contacts)
}

// checkSource refuses a source that is gone or stands for nobody. Where it will be evaluated later, or again, nobody today
// is no more than something to look at.
func (s *Service) checkSource(ctx context.Context, c *Campaign, found *Problems) error {
	if c.Contacts == nil || s.base == nil || c.Filling != nil && c.Filling.State != FillWaiting && c.Filling.State != FillFailed {
		return nil
	}
	picked, err := s.picked(ctx, c)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		for _, e := range fault.All(err) {
			*found = append(*found, Problem{Error: fault.New(fault.Conflict, e.Code, e.Params).At("contacts")})
		}
		return nil
	}
	if err != nil || !picked.All.IsEmpty() {
		return err
	}
	later := c.Contacts.At == AtStart && (c.Recurrence != "" || c.StartsAt != nil && c.StartsAt.After(s.now()))
	*found = append(*found, Problem{Error: fault.New(fault.Conflict, "contacts_nobody", nil).At("contacts"), Warning: later || c.KeepOpen})
	return nil
}

// checkVariables warns when some of the first recipients lack what is said of them: they would be stopped one by one.
func (s *Service) checkVariables(ctx context.Context, c *Campaign, needed []string, found *Problems) error {
	if len(needed) == 0 {
		return nil
	}
	sample, err := s.sample(ctx, c)
	if err != nil {
		return err
	}
	lacking := map[string]int{}
	people := 0
	for _, r := range sample {
		v := VariablesOf(r, r.Addresses[0])
		short := false
		for _, n := range needed {
			if _, ok := v.Lookup(n); !ok && !given(n) {
				lacking[n]++
				short = true
			}
		}
		if short {
			people++
		}
	}
	if people == 0 {
		return nil
	}
	names := make([]string, 0, len(lacking))
	for n := range lacking {
		names = append(names, n)
	}
	slices.Sort(names)
	e := fault.New(fault.Conflict, "variables_missing", fault.Params{"names": names, "people": people, "of": len(sample)}).At("recipients")
	*found = append(*found, Problem{Error: e, Warning: people < len(sample)})
	return nil
}

// checkConsent warns when some of the first recipients are in nobody's base, where their consent could be: they would be
// suppressed one by one.
func (s *Service) checkConsent(ctx context.Context, c *Campaign, found *Problems) error {
	if !c.Consent.Set() {
		return nil
	}
	sample, err := s.sample(ctx, c)
	if err != nil {
		return err
	}
	unknown := 0
	for _, r := range sample {
		if r.Contact == 0 {
			unknown++
		}
	}
	if unknown > 0 && c.Consent.Level == rules.Given {
		e := fault.New(fault.Conflict, "recipients_unknown", fault.Params{"people": unknown, "of": len(sample)}).At("recipients")
		*found = append(*found, Problem{Error: e, Warning: true})
	}
	return s.checkAgreed(ctx, c, sample, found)
}

// given reports whether the engine itself gives the variable to everybody.
func given(name string) bool { return name == agent.VarUnsubscribe }

// VariablesOf makes what templates may say of a recipient who is contacted at the address.
func VariablesOf(r Recipient, to channel.Address) agent.Variables {
	v := agent.Variables(r.Variables).Clone()
	if r.Name != "" {
		v[agent.VarName] = r.Name
	}
	if _, ok := v[agent.VarFirstName]; !ok {
		if first := strings.Fields(r.Name); len(first) > 0 {
			v[agent.VarFirstName] = first[0]
		}
	}
	if r.ExternalID != "" {
		v[agent.VarID] = r.ExternalID
	}
	v[agent.VarContact] = string(to)
	return v
}
