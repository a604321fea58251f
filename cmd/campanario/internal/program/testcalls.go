package program

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"campanario/agent"
	"campanario/api"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/sandbox/carrier"
	"campanario/sandbox/mailbox"
)

// Bounds of test calls of a workspace, and of a call.
const (
	openTestCalls = 3
	keptTestCalls = 20
	testRing      = 30 * time.Second
	testLength    = 5 * time.Minute
)

// playground is the sandbox as people see it through the API. Test calls go beside the engine, from the process that was
// asked, and only ever by a line that leads to the carrier inside it.
type playground struct {
	p *Program

	mu    sync.Mutex
	calls map[string][]*testCall // by workspace, the oldest first
}

// testCall is one call; it is its own reporter.
type testCall struct {
	mu    sync.Mutex
	state api.TestCall
}

// playground is nil when no sandbox runs.
func (p *Program) playground() api.Sandbox {
	if p.sandbox == nil {
		return nil
	}
	return &playground{p: p, calls: map[string][]*testCall{}}
}

// Leads reports whether a line's first gateway or its mail server is the one inside this process.
func (g *playground) Leads(l channel.Line) bool {
	if l.Kind == channel.Email {
		return mailAddress(l.Settings) == g.p.sandbox.mailbox.Addr()
	}
	return l.Kind == channel.Voice && only(l.Settings) && voiceAddress(l.Settings) == g.p.sandbox.carrier.Addr().String()
}

// World tells what the far ends do.
func (g *playground) World() api.World {
	s := g.p.o.Sandbox
	w := api.World{Speed: max(s.Speed, 0)}
	if w.Speed == 0 {
		w.Speed = 1
	}
	for _, r := range carrier.Table() {
		w.Numbers = append(w.Numbers, api.FarNumber{Number: r.Number, Behaviour: string(r.Behaviour), Key: r.Key, Answer: r.Answer})
	}
	calls := s.Mix
	if len(calls) == 0 {
		calls = carrier.DefaultMix()
	}
	for _, c := range calls {
		w.Calls = append(w.Calls, api.FarShare{Behaviour: string(c.Behaviour), Percent: c.Percent})
	}
	for _, r := range mailbox.Behaviours() {
		w.Mailboxes = append(w.Mailboxes, api.FarMailbox{Name: string(r.Name), Answer: r.Answer, Taken: r.Taken})
	}
	mail := s.Mail
	if len(mail) == 0 {
		mail = mailbox.DefaultMix()
	}
	for _, c := range mail {
		w.Mail = append(w.Mail, api.FarShare{Behaviour: string(c.Behaviour), Percent: c.Percent})
	}
	return w
}

// Mail gives what the mail server keeps.
func (g *playground) Mail(f api.MailFilter) []api.FarMessage {
	kept := g.p.sandbox.mailbox.Messages(mailbox.Filter{No: f.No, Before: f.Before, To: f.To, Contains: f.Contains})
	out := make([]api.FarMessage, len(kept))
	for i, m := range kept {
		out[i] = api.FarMessage{
			No: m.No, At: m.At, ID: m.ID, From: m.From, To: m.To, Acted: string(m.Acted), Subject: m.Subject, Text: m.Text, HTML: m.HTML, Lack: m.Problem,
			Head: m.Head, Size: len(m.Raw),
		}
	}
	return out
}

// Call begins a call.
func (g *playground) Call(ctx context.Context, line channel.Line, a agent.Agent, t api.TestCall) (api.TestCall, error) {
	if !g.Leads(line) { // whoever chose it
		return t, fault.New(fault.Conflict, "sandbox_line_missing", nil)
	}
	if !carrier.Chooses(t.Number) {
		return t, fault.New(fault.Invalid, "sandbox_number_unknown", fault.Params{"number": shortened(t.Number)}).At("number")
	}
	plan, err := agent.NewPlan(a, agent.Call{FirstMessage: t.FirstMessage, RingTimeout: agent.Duration(testRing), MaxDuration: agent.Duration(testLength)}, "")
	if err != nil {
		return t, err
	}
	brief, err := plan.Brief(agent.Example(t.Variables, plan.Names()))
	if err != nil {
		return t, err
	}
	t.ID, t.StartedAt, t.Stage = uuid.NewString(), time.Now(), channel.StagePlaced
	c := &testCall{state: t}
	if err := g.admit(c); err != nil {
		return t, err
	}
	_, err = g.p.voice.Place(ctx, channel.Order{
		Attempt: "test." + t.ID + ".1", Thread: "test." + t.ID, Workspace: t.Workspace, Campaign: "test", Recipient: t.ID, Number: 1,
		Line: line, To: channel.Address(t.Number), Content: brief,
	}, c)
	var not *channel.NotPlaced
	switch {
	case errors.As(err, &not):
		c.Close(not.Outcome)
	case err != nil:
		c.Close(channel.Outcome{Code: channel.Unknown, At: time.Now()})
	}
	return c.now(), nil
}

// shortened bounds what somebody wrote.
func shortened(number string) string {
	if r := []rune(number); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return number
}

// admit takes a call in, unless too many of the workspace's go on, and forgets the oldest ones that have ended.
func (g *playground) admit(c *testCall) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.calls[c.state.Workspace]
	open := 0
	for _, other := range all {
		if other.now().Outcome == nil {
			open++
		}
	}
	if open >= openTestCalls {
		return fault.New(fault.Conflict, "test_calls_busy", fault.Params{"max": openTestCalls})
	}
	if len(all) >= keptTestCalls {
		oldest := slices.IndexFunc(all, func(t *testCall) bool { return t.now().Outcome != nil })
		all = slices.Delete(all, oldest, oldest+1)
	}
	g.calls[c.state.Workspace] = append(all, c)
	return nil
}

// Called gives a call of the workspace's.
func (g *playground) Called(workspace, id string) (api.TestCall, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.calls[workspace] {
		if t := c.now(); t.ID == id {
			return t, nil
		}
	}
	return api.TestCall{}, fault.New(fault.NotFound, "test_call_not_found", nil)
}

func (c *testCall) now() api.TestCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Signal notes how far the call has come.
func (c *testCall) Signal(s channel.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Stage = s.Stage
	if s.Step != "" {
		c.state.Step = s.Step
	}
}

// Close notes how it ended. Only the first end counts.
func (c *testCall) Close(o channel.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Outcome == nil {
		c.state.Outcome = &o
	}
}
