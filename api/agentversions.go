package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/agent"
)

// VersionView is an agent as somebody saved it once.
type VersionView struct {
	Version int       `json:"version"`
	Name    string    `json:"name" doc:"What the agent was called"`
	SavedAt time.Time `json:"saved_at"`
}

func versionView(v agent.Version) VersionView { return VersionView{v.Number, v.Name, v.SavedAt} }

// VersionPath names a version of an agent in a path.
type VersionPath struct {
	AgentPath
	Version int `path:"version" minimum:"1" maximum:"2000000000" doc:"Number of the version"`
}

func (s *Server) agentVersionRoutes() {
	handle(s, route{
		id: "list-agent-versions", method: http.MethodGet, path: "/agents/{agent}/versions", tag: "agents", scope: access.Read,
		summary: "List the versions of an agent", about: "The newest first, which is the agent as it is. The last 200 are kept.",
	}, s.listAgentVersions)
	handle(s, route{
		id: "get-agent-version", method: http.MethodGet, path: "/agents/{agent}/versions/{version}", tag: "agents", scope: access.Read,
		summary: "Get an agent as it was saved once", about: "updated_at is when.",
	}, func(ctx context.Context, by access.Principal, in *VersionPath) (*body[AgentView], error) {
		r, err := s.o.Agents.Version(ctx, by.Workspace, in.Agent, in.Version)
		return answer(agentView(r)), err
	})
	handle(s, route{
		id: "restore-agent", method: http.MethodPost, path: "/agents/{agent}/versions/{version}/restore", tag: "agents", scope: access.Manage,
		summary: "Save an agent anew as it was in a version", about: "That makes another version: nothing is lost by it.",
	}, func(ctx context.Context, by access.Principal, in *VersionPath) (*revisedBody[AgentView], error) {
		return agentAnswer(s.o.Agents.Restore(ctx, by.Workspace, in.Agent, in.Version))
	})
}

func (s *Server) listAgentVersions(ctx context.Context, by access.Principal, in *struct {
	AgentPath
	Paging
},
) (*body[Page[VersionView]], error) {
	q := agent.VersionQuery{Limit: in.Limit + 1}
	if err := resume("agent-versions", in.Cursor, &q.Before); err != nil {
		return nil, err
	}
	rows, err := s.o.Agents.Versions(ctx, by.Workspace, in.Agent, q)
	return answer(page("agent-versions", rows, in.Limit, versionView, func(v agent.Version) any { return v.Number })), err
}
