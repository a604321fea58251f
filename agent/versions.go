package agent

import (
	"context"
	"time"
)

// KeptVersions is how many versions of an agent are kept, the newest ones.
const KeptVersions = 200

// Version is an agent as somebody saved it once.
type Version struct {
	Number  int
	Name    string
	SavedAt time.Time
}

// VersionQuery picks versions of an agent for a list, the newest first.
type VersionQuery struct {
	Before int // the last one seen; 0 begins
	Limit  int
}

// Versions lists the versions of an agent that are kept, the newest first. The first of all is the agent as it is.
func (s *Agents) Versions(ctx context.Context, workspace, id string, q VersionQuery) ([]Version, error) {
	if _, err := s.o.Store.AgentRecord(ctx, workspace, id); err != nil {
		return nil, err
	}
	return s.o.Store.AgentVersions(ctx, workspace, id, q)
}

// Version gives an agent as it was saved once: UpdatedAt is when. One that is not kept is not found
// (agent_version_not_found).
func (s *Agents) Version(ctx context.Context, workspace, id string, version int) (Record, error) {
	return s.o.Store.AgentVersion(ctx, workspace, id, version)
}

// Restore saves an agent anew as it was in a version. That makes another version: nothing is lost by it.
func (s *Agents) Restore(ctx context.Context, workspace, id string, version int) (Record, error) {
	old, err := s.o.Store.AgentVersion(ctx, workspace, id, version)
	if err != nil {
		return Record{}, err
	}
	return s.Replace(ctx, workspace, id, 0, old.Agent)
}
