package program_test

import (
	"fmt"
	"testing"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/program"
)

// The first attempt leaves at once, while most of the recipients are still on their way into the campaign.
func TestACampaignRunsWhileItIsFilled(t *testing.T) {
	p := start(t, options(t))
	ctx := t.Context()
	const people = 20_000
	in := make([]audience.Incoming, people)
	for i := range in {
		c := &in[i].Contact
		c.Workspace, c.Name = p.Workspace, "Ana"
		c.Reaches = []audience.Reach{{Kind: audience.ByEmail, Address: channel.Address(fmt.Sprintf("p%d@ok.example", i))}}
	}
	if err := p.Store.MergeContacts(ctx, p.Workspace, in, audience.MergeOptions{Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	lines, err := p.Lines.List(ctx, p.Workspace, channel.LineQuery{Search: program.SandboxEmail, Limit: 1})
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	c, err := p.Campaigns.Create(ctx, p.Workspace, "", campaign.Definition{
		Name: "Todos", Channel: channel.Email, Line: lines[0].ID, Message: &agent.MessageTemplate{Subject: "Oi", Text: "Oi"},
		Contacts: &campaign.Source{Filter: &audience.Filter{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if _, err := p.Campaigns.Start(ctx, p.Workspace, c.ID); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var n campaign.Counts
	for n.Attempts+n.InFlight == 0 {
		<-tick.C
		if n, err = p.Campaigns.Counts(ctx, p.Workspace, c.ID); err != nil || time.Since(begin) > 10*time.Second {
			t.Fatalf("%+v, %v", n, err)
		}
	}
	t.Logf("first attempt after %v, with %d recipients", time.Since(begin), n.Total)
	if n.Total >= people {
		t.Errorf("the first attempt waited for all %d", n.Total)
	}
	if c, err = p.Campaigns.Get(ctx, p.Workspace, c.ID); err != nil || c.State != campaign.Active {
		t.Errorf("%s, %v", c.State, err)
	}
}
