package agent_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// studio is the agents of a workspace.
type studio struct {
	*agent.Agents
	t       *testing.T
	ctx     context.Context
	store   *store.Store
	changes int
}

func eachStore(t *testing.T, f func(t *testing.T, s *studio)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *store.Store) {
		s := &studio{t: t, ctx: t.Context(), store: db}
		for _, id := range []string{"ws", "other"} {
			s.must(db.CreateWorkspace(s.ctx, id, id, noon))
		}
		s.Agents = agent.NewAgents(agent.AgentsOptions{Store: db, Now: func() time.Time { return noon }, Changed: func() { s.changes++ }})
		f(t, s)
	})
}

func (s *studio) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func greeter(name string) agent.Agent {
	return agent.Agent{Name: name, Script: &agent.Script{Start: "hello", Steps: map[string]agent.Step{
		"hello": {Ask: &agent.Ask{Say: "Olá, {{first_name}}. Tecle 1.", Keys: map[string]string{"1": "won"}}},
		"won":   {Goal: true, Next: "end"},
	}}}
}

func TestAgents(t *testing.T) {
	eachStore(t, func(t *testing.T, s *studio) {
		a, err := s.Create(s.ctx, "ws", greeter("Bia"))
		s.must(err)
		if a.Version != 1 || a.Workspace != "ws" || a.Kind != agent.KindScript || a.Language != "pt-BR" || !a.CreatedAt.Equal(noon) {
			t.Errorf("%+v", a)
		}
		got, err := s.Get(s.ctx, "ws", a.ID)
		s.must(err)
		if got.Name != "Bia" || got.Script == nil || got.Script.Start != "hello" || got.Version != 1 {
			t.Errorf("read back %+v", got)
		}
		got, err = s.Replace(s.ctx, "ws", a.ID, 1, greeter("Bia 2"))
		s.must(err)
		if got.Version != 2 || got.Name != "Bia 2" || got.ID != a.ID || s.changes != 1 {
			t.Errorf("%+v, %d changes", got, s.changes)
		}
		if _, err := s.Replace(s.ctx, "ws", a.ID, 1, greeter("x")); !fault.Is(err, "revision_stale") {
			t.Errorf("written over another's change: %v", err)
		}
		got, err = s.Replace(s.ctx, "ws", a.ID, 0, greeter("Bia 3"))
		s.must(err)
		if got.Version != 3 {
			t.Errorf("version %d", got.Version)
		}
		if _, err := s.Create(s.ctx, "ws", agent.Agent{Speed: 9}); len(fault.All(err)) != 3 {
			t.Errorf("not all problems at once: %v", err)
		}
		if _, err := s.Replace(s.ctx, "ws", a.ID, 0, agent.Agent{Name: "x"}); !fault.Is(err, "required") {
			t.Errorf("an agent without a script: %v", err)
		}
		for _, err := range []error{
			func() error { _, err := s.Get(s.ctx, "other", a.ID); return err }(),
			func() error { _, err := s.Replace(s.ctx, "other", a.ID, 0, greeter("x")); return err }(),
			s.Delete(s.ctx, "other", a.ID),
		} {
			if !fault.Is(err, "agent_not_found") {
				t.Errorf("seen from another workspace: %v", err)
			}
		}
	})
}

func TestAgentsList(t *testing.T) {
	eachStore(t, func(t *testing.T, s *studio) {
		for _, name := range []string{"Ágata", "Bia", "Caio"} {
			_, err := s.Create(s.ctx, "ws", greeter(name))
			s.must(err)
		}
		first, err := s.List(s.ctx, "ws", agent.Query{Limit: 1})
		s.must(err)
		for want, q := range map[string]agent.Query{
			"Caio Bia Ágata": {Limit: 9}, "Bia Ágata": {Limit: 9, After: first[0].ID}, "Ágata": {Limit: 9, Search: "agata"}, "": {Limit: 9, Search: "%"},
		} {
			list, err := s.List(s.ctx, "ws", q)
			s.must(err)
			var names []string
			for _, a := range list {
				names = append(names, a.Name)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
	})
}

func TestAgentInUseStays(t *testing.T) {
	eachStore(t, func(t *testing.T, s *studio) {
		a, err := s.Create(s.ctx, "ws", greeter("Bia"))
		s.must(err)
		line := channel.Line{ID: "line", Workspace: "ws", Kind: channel.Voice, Name: "l", From: "+551140001234", Zone: "UTC", Agent: a.ID, Enabled: true}
		s.must(s.store.PutLine(s.ctx, line, nil, noon))
		if err := s.Delete(s.ctx, "ws", a.ID); !fault.Is(err, "agent_in_use") {
			t.Errorf("deleted under a line: %v", err)
		}
		line.Agent = ""
		s.must(s.store.PutLine(s.ctx, line, nil, noon))
		d := campaign.Definition{Name: "c", Channel: channel.Voice, Line: "line", Agent: a.ID}.Defaults()
		s.must(s.store.CreateCampaign(s.ctx, &campaign.Campaign{ID: "c", Workspace: "ws", Definition: d, CreatedAt: noon, UpdatedAt: noon}, nil))
		move := func(act campaign.Action, from, to campaign.State) {
			s.must(s.store.Move(s.ctx, "ws", "c", campaign.Move{Action: act, From: []campaign.State{from}, To: to, At: noon}))
		}
		move(campaign.Start, campaign.Draft, campaign.Active)
		if err := s.Delete(s.ctx, "ws", a.ID); !fault.Is(err, "agent_in_use") {
			t.Errorf("deleted under a campaign: %v", err)
		}
		if _, err := s.Get(s.ctx, "ws", a.ID); err != nil {
			t.Errorf("the refusal left nothing: %v", err)
		}
		move(campaign.Cancel, campaign.Active, campaign.Cancelled)
		s.must(s.Delete(s.ctx, "ws", a.ID))
		if _, err := s.Get(s.ctx, "ws", a.ID); !fault.Is(err, "agent_not_found") {
			t.Errorf("after deleting: %v", err)
		}
	})
}

func TestTry(t *testing.T) {
	r, err := agent.Try(greeter("Bia"), agent.Trial{Answers: []string{"1"}})
	if err != nil || !r.Goal || !r.Ended || r.Dialogue[0].Text == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	said := func(r agent.Rehearsal) string {
		for _, turn := range r.Dialogue {
			if turn.Who == "agent" {
				return turn.Text
			}
		}
		return ""
	}
	if got := said(r); got != "Olá, [first_name]. Tecle 1." {
		t.Errorf("said %q without the name", got)
	}
	r, err = agent.Try(greeter("Bia"), agent.Trial{Variables: map[string]string{"Primeiro Nome": "Ana"}})
	if err != nil || said(r) != "Olá, Ana. Tecle 1." || r.Step != "hello" || r.Ended {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := agent.Try(agent.Agent{Name: "x"}, agent.Trial{}); !fault.Is(err, "required") {
		t.Errorf("without a script: %v", err)
	}
}
