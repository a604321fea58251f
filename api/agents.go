package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/channel"
)

// AgentInput is an agent as somebody writes it.
type AgentInput struct {
	ID        string                   `json:"id,omitempty" readOnly:"true" doc:"Given by the server; ignored"`
	Workspace string                   `json:"-"`
	Name      string                   `json:"name" doc:"What people call the agent"`
	Kind      agent.Kind               `json:"kind,omitempty" enum:"script,realtime,pipeline" doc:"How the agent thinks; default script"`
	Language  string                   `json:"language,omitempty" doc:"BCP 47 tag of what it speaks; default pt-BR"`
	Zone      string                   `json:"zone,omitempty" doc:"IANA time zone, for campaigns whose hours are the agent's"`
	Voice     string                   `json:"voice,omitempty" doc:"Name of the voice; empty means the usual one of the language"`
	Speed     float64                  `json:"speed,omitempty" doc:"How fast it speaks, 0.5 to 2; default 1"`
	Script    *agent.Script            `json:"script,omitempty" doc:"The dialogue of a script agent"`
	Variables []agent.PostCallVariable `json:"variables,omitempty" doc:"What is to be known after the call"`
	Version   int                      `json:"version,omitempty" readOnly:"true" doc:"Given by the server; ignored"`
}

// AgentView is an agent.
type AgentView struct {
	ID        string                   `json:"id"`
	Name      string                   `json:"name"`
	Kind      agent.Kind               `json:"kind" enum:"script,realtime,pipeline"`
	Language  string                   `json:"language"`
	Zone      string                   `json:"zone"`
	Voice     string                   `json:"voice"`
	Speed     float64                  `json:"speed"`
	Script    *agent.Script            `json:"script,omitempty"`
	Variables []agent.PostCallVariable `json:"variables"`
	Version   int                      `json:"version" doc:"Rises with every change; also its revision"`
	CreatedAt time.Time                `json:"created_at"`
	UpdatedAt time.Time                `json:"updated_at"`
}

func agentView(r agent.Record) AgentView {
	return AgentView{
		ID: r.ID, Name: r.Name, Kind: r.Kind, Language: r.Language, Zone: r.Zone, Voice: r.Voice, Speed: r.Speed, Script: r.Script,
		Variables: list(r.Variables), Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// list is never null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// TrialInput is how an agent is to be tried out.
type TrialInput struct {
	Answers      []string          `json:"answers,omitempty" maxItems:"100" doc:"What the person does whenever it is their turn: keys such as \"1\", words, \"\" to let the time go by, \"(hangup)\""`
	Variables    map[string]string `json:"variables,omitempty" doc:"Of the person; those that are missing are filled in with their names"`
	FirstMessage string            `json:"first_message,omitempty" doc:"First words, in place of the agent's own"`
}

// DraftTrialInput tries out an agent that is not saved.
type DraftTrialInput struct {
	TrialInput
	Agent AgentInput `json:"agent"`
}

// TrialView is how a rehearsal went.
type TrialView struct {
	Dialogue  []TurnView        `json:"dialogue"`
	Collected map[string]string `json:"collected" doc:"Post-call variables that were set"`
	Goal      bool              `json:"goal"`
	OptedOut  bool              `json:"opted_out"`
	Ended     bool              `json:"ended" doc:"The agent hung up; otherwise it waits for another answer"`
	Step      string            `json:"step" doc:"Where it waits; empty when it has ended"`
	Needs     []string          `json:"needs" doc:"Variables that every person called must bring, sorted"`
	Optional  []string          `json:"optional" doc:"Variables that the dialogue uses when a person brings them, sorted"`
}

// TurnView is one thing said, pressed or done in a conversation.
type TurnView struct {
	AtMs int64  `json:"at_ms" doc:"After the answer"`
	Who  string `json:"who" enum:"agent,person,system"`
	What string `json:"what" doc:"say, play, key, speech, step, beep, barge_in, tool"`
	Text string `json:"text"`
}

func turnViews(turns []channel.Turn) []TurnView {
	out := make([]TurnView, len(turns))
	for i, t := range turns {
		out[i] = TurnView{t.At.Milliseconds(), t.Who, t.What, t.Text}
	}
	return out
}

func (in TrialInput) try(a agent.Agent) (*body[TrialView], error) {
	call := agent.Call{FirstMessage: in.FirstMessage}
	r, err := agent.Try(a, agent.Trial{Answers: in.Answers, Variables: in.Variables, Call: call})
	if err != nil {
		return nil, err
	}
	plan, err := agent.NewPlan(a, call, "")
	if err != nil {
		return nil, err
	}
	return answer(TrialView{turnViews(r.Dialogue), texts(r.Collected), r.Goal, r.OptedOut, r.Ended, r.Step, list(plan.Names()), list(plan.Optional())}), nil
}

// texts is never null.
func texts(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// AgentPath names an agent in a path.
type AgentPath struct {
	Agent string `path:"agent" doc:"Id of the agent"`
}

func agentAnswer(r agent.Record, err error) (*revisedBody[AgentView], error) {
	if err != nil {
		return nil, err
	}
	return &revisedBody[AgentView]{etag(int64(r.Version)), agentView(r)}, nil
}

func (s *Server) agentRoutes() {
	handle(s, route{
		id: "list-agents", method: http.MethodGet, path: "/agents", tag: "agents", scope: access.Read, summary: "List agents", about: "The newest first.",
	}, s.listAgents)
	handle(s, route{
		id: "create-agent", method: http.MethodPost, path: "/agents", tag: "agents", scope: access.Manage, status: http.StatusCreated, repeats: true,
		summary: "Make an agent",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body AgentInput }) (*revisedBody[AgentView], error) {
		return agentAnswer(s.o.Agents.Create(ctx, by.Workspace, agent.Agent(in.Body)))
	})
	handle(s, route{
		id: "get-agent", method: http.MethodGet, path: "/agents/{agent}", tag: "agents", scope: access.Read, summary: "Get an agent",
	}, func(ctx context.Context, by access.Principal, in *AgentPath) (*revisedBody[AgentView], error) {
		return agentAnswer(s.o.Agents.Get(ctx, by.Workspace, in.Agent))
	})
	handle(s, route{
		id: "update-agent", method: http.MethodPut, path: "/agents/{agent}", tag: "agents", scope: access.Manage, revised: true,
		summary: "Replace an agent", about: "Its version rises. Campaigns that use it speak by the new one from their next call on.",
	}, s.updateAgent)
	handle(s, route{
		id: "delete-agent", method: http.MethodDelete, path: "/agents/{agent}", tag: "agents", scope: access.Manage, conflicts: true,
		status: http.StatusNoContent, summary: "Delete an agent", about: "Refused while lines, or campaigns that have not ended, use it.",
	}, func(ctx context.Context, by access.Principal, in *AgentPath) (*nothing, error) {
		return nil, s.o.Agents.Delete(ctx, by.Workspace, in.Agent)
	})
	handle(s, route{
		id: "rehearse-agent", method: http.MethodPost, path: "/agents/{agent}/rehearse", tag: "agents", scope: access.Read,
		summary: "Try an agent out in text", about: "Leads a call through its script in no time. Nobody is called.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		AgentPath
		Body TrialInput
	},
	) (*body[TrialView], error) {
		r, err := s.o.Agents.Get(ctx, by.Workspace, in.Agent)
		if err != nil {
			return nil, err
		}
		return in.Body.try(r.Agent)
	})
	handle(s, route{
		id: "rehearse-draft", method: http.MethodPost, path: "/agents/rehearse", tag: "agents", scope: access.Read,
		summary: "Try an agent out that is not saved", about: "The same for a script that is being written.",
	}, func(_ context.Context, _ access.Principal, in *struct{ Body DraftTrialInput }) (*body[TrialView], error) {
		return in.Body.try(agent.Agent(in.Body.Agent))
	})
}

func (s *Server) updateAgent(ctx context.Context, by access.Principal, in *struct {
	AgentPath
	Revised
	Body AgentInput
},
) (*revisedBody[AgentView], error) {
	version, err := in.revision()
	if err != nil {
		return nil, err
	}
	return agentAnswer(s.o.Agents.Replace(ctx, by.Workspace, in.Agent, int(version), agent.Agent(in.Body)))
}

func (s *Server) listAgents(ctx context.Context, by access.Principal, in *struct {
	Paging
	Search string `query:"search" maxLength:"200" doc:"In the name"`
},
) (*body[Page[AgentView]], error) {
	q := agent.Query{Search: in.Search, Limit: in.Limit + 1}
	if err := resume("agents", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Agents.List(ctx, by.Workspace, q)
	return answer(page("agents", rows, in.Limit, agentView, func(r agent.Record) any { return r.ID })), err
}
