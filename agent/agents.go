package agent

import (
	"context"
	"time"

	"github.com/google/uuid"

	"campanario/internal/fault"
)

// Record is an agent with what is known about it besides.
type Record struct {
	Agent
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Store is what Agents needs kept. An agent of another workspace is not found.
type Store interface {
	AddAgent(ctx context.Context, a Agent, now time.Time) error
	// ReplaceAgent writes an agent over the version given, and raises it; a newer one is the conflict revision_stale.
	ReplaceAgent(ctx context.Context, a Agent, version int, now time.Time) error
	AgentRecord(ctx context.Context, workspace, id string) (Record, error)
	AgentRecords(ctx context.Context, workspace string, q Query) ([]Record, error)
	AgentVersions(ctx context.Context, workspace, id string, q VersionQuery) ([]Version, error)
	// AgentVersion gives an agent as it was saved once, at UpdatedAt; agent_version_not_found when it is not kept.
	AgentVersion(ctx context.Context, workspace, id string, version int) (Record, error)
	// RemoveAgent makes an agent disappear, unless lines, or campaigns that have not ended, use it (agent_in_use).
	RemoveAgent(ctx context.Context, workspace, id string, now time.Time) error
}

// Query picks agents for a list, the newest first.
type Query struct {
	Search string // in the name, without regard to case and accents
	After  string // id of the last one seen; empty begins
	Limit  int
}

// AgentsOptions are what Agents needs. Store is required.
type AgentsOptions struct {
	Store   Store
	Now     func() time.Time // time.Now when nil
	Changed func()           // called after a change, for the engine of this process; may be nil
}

// Agents guards the agents of workspaces. It is safe for concurrent use.
type Agents struct{ o AgentsOptions }

// NewAgents makes Agents.
func NewAgents(o AgentsOptions) *Agents {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Agents{o: o}
}

// Create makes an agent of version 1.
func (s *Agents) Create(ctx context.Context, workspace string, a Agent) (Record, error) {
	a = a.WithDefaults()
	if err := a.Validate().Err(); err != nil {
		return Record{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Record{}, err
	}
	now := s.o.Now().UTC()
	a.ID, a.Workspace, a.Version = id.String(), workspace, 1
	if err := s.o.Store.AddAgent(ctx, a, now); err != nil {
		return Record{}, err
	}
	return Record{Agent: a, CreatedAt: now, UpdatedAt: now}, nil
}

// Replace puts another definition in the place of an agent's. version is the one that was read, or 0 for whatever there
// is. Campaigns that use the agent speak by the new one from their next call on.
func (s *Agents) Replace(ctx context.Context, workspace, id string, version int, a Agent) (Record, error) {
	a = a.WithDefaults()
	if err := a.Validate().Err(); err != nil {
		return Record{}, err
	}
	a.ID, a.Workspace = id, workspace
	for {
		have, err := s.o.Store.AgentRecord(ctx, workspace, id)
		if err != nil {
			return Record{}, err
		}
		over := have.Version
		if version != 0 {
			over = version
		}
		err = s.o.Store.ReplaceAgent(ctx, a, over, s.o.Now().UTC())
		if version == 0 && fault.Is(err, "revision_stale") {
			continue // somebody was faster; they are written over, as was asked
		}
		if err != nil {
			return Record{}, err
		}
		s.o.Changed()
		return s.o.Store.AgentRecord(ctx, workspace, id)
	}
}

// Get gives an agent.
func (s *Agents) Get(ctx context.Context, workspace, id string) (Record, error) {
	return s.o.Store.AgentRecord(ctx, workspace, id)
}

// List gives agents, the newest first.
func (s *Agents) List(ctx context.Context, workspace string, q Query) ([]Record, error) {
	return s.o.Store.AgentRecords(ctx, workspace, q)
}

// Delete makes an agent disappear, unless it is used.
func (s *Agents) Delete(ctx context.Context, workspace, id string) error {
	if err := s.o.Store.RemoveAgent(ctx, workspace, id, s.o.Now().UTC()); err != nil {
		return err
	}
	s.o.Changed()
	return nil
}

// Trial is a script tried out in text.
type Trial struct {
	Answers   []string          // see Brief.Rehearse
	Variables map[string]string // of the person, by any spelling of their names
	Call      Call
	Goal      string
}

// Try leads a call through an agent's script. Variables that the trial lacks are filled in with their names, so that
// nobody has to give them all to hear the dialogue.
func Try(a Agent, t Trial) (Rehearsal, error) {
	plan, err := NewPlan(a, t.Call, t.Goal)
	if err != nil {
		return Rehearsal{}, err
	}
	brief, err := plan.Brief(Example(t.Variables, plan.Names()))
	if err != nil {
		return Rehearsal{}, err
	}
	return brief.Rehearse(t.Answers)
}

// Example gives an example person the variables named: those that are given, by any spelling of their names, and for those
// that are missing their names in brackets.
func Example(given map[string]string, names []string) Variables {
	v := Variables{}
	for name, value := range given {
		v[Key(name)] = value
	}
	for _, name := range names {
		if _, ok := v.Lookup(name); !ok {
			v[name] = "[" + name + "]"
		}
	}
	return v
}
