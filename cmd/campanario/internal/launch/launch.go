// Package launch brings a campaign that is written in a file into the product: its line, its agent, the campaign itself
// and its contacts. Doing so again finds what is there: a line and an agent by their names, the campaign by its key, and
// of the contacts those that are still missing.
package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/plan"
	"campanario/internal/fault"
)

// Into is where a campaign is brought.
type Into struct {
	Workspace string
	Lines     *channel.Lines
	Agents    *agent.Agents
	Campaigns *campaign.Service
	Lists     *audience.Lists
	// Sandbox names the line that leads to the sandbox, for campaigns that name none.
	Sandbox func(channel.Kind) string
}

// Campaign makes the campaign of a plan under a key, with its line and its agent, or finds it. What has been begun is not
// changed: a plan that says something else by now is the conflict campaign_file_changed. A campaign that was not begun yet
// is emptied of contacts that are not of this file.
func (in Into) Campaign(ctx context.Context, p *plan.Plan, key string, from Contacts) (*campaign.Campaign, error) {
	c, err := in.findOrMake(ctx, p, key)
	if err != nil {
		return nil, err
	}
	if from.File == nil {
		return c, nil
	}
	source, err := from.fingerprint(ctx)
	if err != nil {
		return nil, err
	}
	before, err := in.Campaigns.EnrolDone(ctx, in.Workspace, c.ID, source)
	if err != nil {
		return nil, err
	}
	n, err := in.Campaigns.Counts(ctx, in.Workspace, c.ID)
	if err != nil || before > 0 || n.Total == 0 || c.State != campaign.Draft {
		return c, err
	}
	if err := in.Campaigns.Delete(ctx, in.Workspace, c.ID); err != nil {
		return nil, err
	}
	return in.findOrMake(ctx, p, key)
}

func (in Into) findOrMake(ctx context.Context, p *plan.Plan, key string) (*campaign.Campaign, error) {
	d := p.Definition
	line, err := in.line(ctx, p)
	if err != nil {
		return nil, err
	}
	d.Line = line.ID
	if d.Contacts, err = in.source(ctx, d.Contacts); err != nil {
		return nil, err
	}
	have, err := in.Campaigns.ByKey(ctx, in.Workspace, key)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	if err == nil && have.State.Final() { // nobody will be spoken to: its agent may be somebody else's by now
		return have, same(have.Definition, d)
	}
	if d.Agent, err = in.agent(ctx, p); err != nil {
		return nil, err
	}
	switch {
	case have == nil:
		return in.Campaigns.Create(ctx, in.Workspace, key, d)
	case have.State == campaign.Draft:
		return in.Campaigns.Edit(ctx, in.Workspace, have.ID, have.Revision, d)
	default:
		return have, same(have.Definition, d)
	}
}

// source finds the audience that a plan names: by its id, or else by its name.
func (in Into) source(ctx context.Context, s *campaign.Source) (*campaign.Source, error) {
	if s == nil || s.Audience == "" {
		return s, nil
	}
	_, err := in.Lists.Get(ctx, in.Workspace, s.Audience)
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return s, err
	}
	lists, err := in.Lists.List(ctx, in.Workspace, audience.ListQuery{Search: s.Audience, Limit: listed})
	for i := range lists {
		if lists[i].Name == s.Audience {
			out := *s
			out.Audience = lists[i].ID
			return &out, err
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, fault.New(fault.NotFound, "audience_name_unknown", fault.Params{"name": s.Audience}).At("contacts.audience")
}

// same refuses a definition that differs from the one that was begun. Times that have passed are not in a plan any more,
// and which line and agent it is was settled when it began.
func same(begun, now campaign.Definition) error {
	now.Line, now.Agent = begun.Line, begun.Agent
	if now.StartsAt == nil {
		now.StartsAt = begun.StartsAt
	}
	if now.EndsAt == nil {
		now.EndsAt = begun.EndsAt
	}
	was, err := members(begun)
	if err != nil {
		return err
	}
	is, err := members(now)
	if err != nil {
		return err
	}
	var changed []string
	for k := range merged(was, is) {
		if !reflect.DeepEqual(was[k], is[k]) {
			changed = append(changed, k)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	slices.Sort(changed)
	return fault.New(fault.Conflict, "campaign_file_changed", fault.Params{"fields": changed})
}

func members(d campaign.Definition) (map[string]any, error) {
	b, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	err = json.Unmarshal(b, &out)
	return out, err
}

func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// line finds or makes the line of a plan.
func (in Into) line(ctx context.Context, p *plan.Plan) (channel.LineRecord, error) {
	kind := p.Definition.Channel
	name := p.LineName
	if p.Line != nil {
		name = p.Line.Name
	}
	if p.Sandbox() {
		name = in.Sandbox(kind)
	}
	have, found, err := in.findLine(ctx, kind, name)
	switch {
	case err != nil:
		return have, err
	case p.Line != nil && found:
		return in.mendLine(ctx, have, p.Line)
	case p.Line != nil:
		return in.Lines.Create(ctx, in.Workspace, edit(*p.Line))
	case !found && p.Sandbox():
		return have, fault.New(fault.Conflict, "sandbox_off", nil).At("line")
	case !found:
		return have, fault.New(fault.NotFound, "line_name_unknown", fault.Params{"name": name, "channel": string(kind)}).At("line")
	}
	return have, nil
}

// listed is how many things of one name are looked through.
const listed = 200

// findLine finds the line of a name that carries the channel.
func (in Into) findLine(ctx context.Context, kind channel.Kind, name string) (channel.LineRecord, bool, error) {
	lines, err := in.Lines.List(ctx, in.Workspace, channel.LineQuery{Kind: kind, Search: name, Limit: listed})
	for _, l := range lines {
		if l.Name == name {
			return l, true, err
		}
	}
	return channel.LineRecord{}, false, err
}

func edit(l channel.Line) channel.LineEdit {
	from := string(l.From)
	e := channel.LineEdit{Kind: l.Kind, Name: &l.Name, From: &from, Zone: &l.Zone, Enabled: &l.Enabled, Settings: l.Settings}
	if l.Limits.Concurrent != 0 {
		e.Concurrent = &l.Limits.Concurrent
	}
	if l.Limits.PerSecond != 0 {
		e.PerSecond = &l.Limits.PerSecond
	}
	e.PerDay = &l.Limits.PerDay
	return e
}

// mendLine makes of a line what a file says, unless it is that already. Settings that the file does not have go away.
func (in Into) mendLine(ctx context.Context, have channel.LineRecord, l *channel.Line) (channel.LineRecord, error) {
	e := edit(*l)
	e.Enabled = nil // who has switched it off meant it
	defaults := channel.DefaultLimits(l.Kind)
	if e.Concurrent == nil {
		e.Concurrent = &defaults.Concurrent
	}
	if e.PerSecond == nil {
		e.PerSecond = &defaults.PerSecond
	}
	if have.From == l.From && have.Zone == l.Zone && have.Limits == (channel.Limits{Concurrent: *e.Concurrent, PerSecond: *e.PerSecond, PerDay: *e.PerDay}) &&
		sameJSON(have.Settings, l.Settings) {
		return have, nil
	}
	var was, is map[string]any
	if err := errors.Join(json.Unmarshal(have.Settings, &was), json.Unmarshal(l.Settings, &is)); err != nil {
		return have, err
	}
	for k := range was {
		if _, stays := is[k]; !stays {
			is[k] = nil // RFC 7396: takes it away
		}
	}
	var err error
	if e.Settings, err = json.Marshal(is); err != nil {
		return have, err
	}
	return in.Lines.Edit(ctx, in.Workspace, have.ID, have.Revision, e)
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return bytes.Equal(a, b) || json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// agent finds or makes the agent of a plan; "" for a plan that has none.
func (in Into) agent(ctx context.Context, p *plan.Plan) (string, error) {
	name := p.AgentName
	if p.Agent != nil {
		name = p.Agent.Name
	}
	if name == "" {
		return "", nil
	}
	have, found, err := in.findAgent(ctx, name)
	switch {
	case err != nil:
		return "", err
	case p.Agent == nil && !found:
		return "", fault.New(fault.NotFound, "agent_name_unknown", fault.Params{"name": name}).At("agent")
	case p.Agent == nil:
		return have.ID, nil
	case !found:
		made, err := in.Agents.Create(ctx, in.Workspace, *p.Agent)
		return made.ID, err
	}
	wanted := *p.Agent
	wanted.ID, wanted.Workspace, wanted.Version = have.ID, have.Workspace, have.Version
	if reflect.DeepEqual(wanted.WithDefaults(), have.Agent) {
		return have.ID, nil
	}
	_, err = in.Agents.Replace(ctx, in.Workspace, have.ID, have.Version, *p.Agent)
	return have.ID, err
}

func (in Into) findAgent(ctx context.Context, name string) (agent.Record, bool, error) {
	name = strings.TrimSpace(name)
	agents, err := in.Agents.List(ctx, in.Workspace, agent.Query{Search: name, Limit: listed})
	for _, a := range agents {
		if a.Name == name {
			return a, true, err
		}
	}
	return agent.Record{}, false, err
}
