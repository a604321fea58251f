package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// TestCallInput is how an agent is to call.
type TestCallInput struct {
	Number       string            `json:"number" maxLength:"40" doc:"A number of the sandbox's that chooses what its far end does: see get-sandbox"`
	Variables    map[string]string `json:"variables,omitempty" doc:"Of the person; those that are missing are filled in with their names"`
	FirstMessage string            `json:"first_message,omitempty" doc:"First words, in place of the agent's own"`
}

// TestCallView is a call that tries an agent out.
type TestCallView struct {
	ID        string         `json:"id"`
	Agent     string         `json:"agent" doc:"Id of the agent"`
	Version   int            `json:"version" doc:"Version of the agent"`
	Number    string         `json:"number"`
	StartedAt time.Time      `json:"started_at"`
	Stage     channel.Stage  `json:"stage" enum:"initiated,ringing,in_progress" doc:"How far it has come, or came"`
	Step      string         `json:"step" doc:"The step of the dialogue that it is in, or ended in; empty when that is unknown"`
	Ended     *TestEndedView `json:"ended,omitempty" doc:"How it ended; absent while it goes on"`
}

// TestEndedView is how a call ended that tried an agent out.
type TestEndedView struct {
	At           time.Time         `json:"at"`
	Outcome      channel.Code      `json:"outcome"`
	Text         string            `json:"text" doc:"The outcome in the reader's language"`
	Reason       *ReasonView       `json:"reason" doc:"Explains the outcome"`
	ProviderCode string            `json:"provider_code" doc:"The carrier's answer, such as 486"`
	RingMs       int64             `json:"ring_ms"`
	TalkMs       int64             `json:"talk_ms"`
	AnsweredBy   string            `json:"answered_by" doc:"human, machine, silence, unknown; empty when nobody answered"`
	HungUpBy     string            `json:"hung_up_by" doc:"us or them; empty when there was no conversation"`
	Goal         bool              `json:"goal"`
	Collected    map[string]string `json:"collected" doc:"What the conversation found out"`
	Dialogue     []TurnView        `json:"dialogue"`
}

func testCallView(l locale.Language, t TestCall) TestCallView {
	v := TestCallView{ID: t.ID, Agent: t.Agent, Version: t.Version, Number: t.Number, StartedAt: t.StartedAt.UTC(), Stage: t.Stage, Step: t.Step}
	if o := t.Outcome; o != nil {
		v.Ended = &TestEndedView{
			At: o.At.UTC(), Outcome: o.Code, Text: locale.Word(l, "outcome", string(o.Code)), Reason: reason(l, o.Reason, "", o.Code), ProviderCode: o.ProviderCode,
			RingMs: o.Ring.Milliseconds(), TalkMs: o.Talk.Milliseconds(), AnsweredBy: o.AnsweredBy, HungUpBy: o.HungUpBy, Goal: o.Goal,
			Collected: texts(o.Collected), Dialogue: turnViews(o.Dialogue),
		}
	}
	return v
}

func (s *Server) testCallRoutes() {
	handle(s, route{
		id: "test-call", method: http.MethodPost, path: "/agents/{agent}/test-calls", tag: "agents", scope: access.Operate, conflicts: true,
		status: http.StatusAccepted, summary: "Have an agent call a number of the sandbox",
		about: "With real signalling and sound, by a line that leads to the sandbox, and no other. Nobody outside is called, and no campaign counts it. " +
			"Ask for the call until it has ended; the last ones are kept until the server stops.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		AgentPath
		Body TestCallInput
	},
	) (*body[TestCallView], error) {
		t, err := s.testCall(ctx, by.Workspace, in.Agent, in.Body)
		return answer(testCallView(of(ctx).language, t)), err
	})
	handle(s, route{
		id: "get-test-call", method: http.MethodGet, path: "/agents/{agent}/test-calls/{call}", tag: "agents", scope: access.Read,
		summary: "Get a call that tries an agent out", about: "While it goes on, and how it went.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		AgentPath
		Call string `path:"call" doc:"Id of the call"`
	},
	) (*body[TestCallView], error) {
		missing := fault.New(fault.NotFound, "test_call_not_found", nil)
		if s.o.Sandbox == nil {
			return nil, missing
		}
		t, err := s.o.Sandbox.Called(by.Workspace, in.Call)
		if err == nil && t.Agent != in.Agent {
			err = missing
		}
		return answer(testCallView(of(ctx).language, t)), err
	})
}

// testCall has an agent call by the workspace's line to the sandbox.
func (s *Server) testCall(ctx context.Context, workspace, id string, in TestCallInput) (TestCall, error) {
	a, err := s.o.Agents.Get(ctx, workspace, id)
	if err != nil {
		return TestCall{}, err
	}
	line, err := s.sandboxLine(ctx, workspace)
	if err != nil {
		return TestCall{}, err
	}
	return s.o.Sandbox.Call(ctx, line, a.Agent, TestCall{
		Workspace: workspace, Agent: id, Version: a.Version, Number: in.Number, Variables: in.Variables, FirstMessage: in.FirstMessage,
	})
}

// mostLines bounds among how many lines the sandbox's is looked for.
const mostLines = 1000

// sandboxLine is a line of the workspace that leads to the sandbox's carrier, and is switched on.
func (s *Server) sandboxLine(ctx context.Context, workspace string) (channel.Line, error) {
	missing := fault.New(fault.Conflict, "sandbox_line_missing", nil)
	if s.o.Sandbox == nil {
		return channel.Line{}, missing
	}
	lines, err := s.o.Lines.List(ctx, workspace, channel.LineQuery{Kind: channel.Voice, Limit: mostLines})
	for _, l := range lines {
		if l.Enabled && s.o.Sandbox.Leads(l.Line) {
			return l.Line, nil
		}
	}
	if err != nil {
		return channel.Line{}, err
	}
	return channel.Line{}, missing
}
