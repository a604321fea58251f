package program_test

import (
	"testing"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/program"
)

// calling is a campaign that calls people who let it ring.
func calling(t *testing.T, p *program.Program) *campaign.Campaign {
	t.Helper()
	lines, err := p.Lines.List(t.Context(), p.Workspace, channel.LineQuery{Kind: channel.Voice, Limit: 1})
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	a, err := p.Agents.Create(t.Context(), p.Workspace, agent.Agent{
		Name: "Voz", Script: &agent.Script{Start: "hi", Steps: map[string]agent.Step{"hi": {Say: "Bom dia.", Next: "end"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Campaigns.Create(t.Context(), p.Workspace, "", campaign.Definition{
		Name: "Ligar", Channel: channel.Voice, Line: lines[0].ID, Agent: a.ID, Call: &agent.Call{RingTimeout: agent.Duration(time.Minute)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var people []campaign.Newcomer
	for _, number := range []channel.Address{"+5511900004101", "+5511900004102", "+5511900004103", "+5511900004104"} { // they ring
		people = append(people, campaign.Newcomer{Recipient: campaign.Recipient{Addresses: []channel.Address{number}}, Band: campaign.BandNormal})
	}
	if _, err := p.Campaigns.Enrol(t.Context(), p.Workspace, c.ID, people, campaign.Progress{}); err != nil {
		t.Fatal(err)
	}
	if c, err = p.Campaigns.Start(t.Context(), p.Workspace, c.ID); err != nil {
		t.Fatal(err)
	}
	return c
}
