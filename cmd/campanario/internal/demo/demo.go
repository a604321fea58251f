// Package demo fills a fresh installation with something to look at: a clinic that confirms appointments by telephone and
// invites to vaccination by e-mail, on the sandbox. Its numbers are no telephone's and its mailboxes are nobody's, so that
// nothing of it could reach a person even over a real line.
package demo

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"time"

	"campanario/access"
	"campanario/cmd/campanario/internal/launch"
	"campanario/cmd/campanario/internal/plan"
	"campanario/cmd/campanario/internal/program"
)

//go:embed *.yaml *.csv
var files embed.FS

// campaigns are the names of the files, in the order in which their campaigns begin.
var campaigns = [...]string{"vaccination", "appointments"}

// Make fills the first workspace and starts its campaigns, and says how many there are.
func Make(ctx context.Context, p *program.Program) (int, error) {
	w, err := p.Access.Workspace(ctx, p.Workspace)
	if err != nil {
		return 0, err
	}
	w.Name = "Clínica Sol (demonstração)"
	if _, err := p.Access.SetWorkspace(ctx, w); err != nil {
		return 0, err
	}
	for i, name := range campaigns {
		if err := start(ctx, p, w, name); err != nil {
			return i, fmt.Errorf("demonstration %s: %w", name, err)
		}
	}
	return len(campaigns), nil
}

func start(ctx context.Context, p *program.Program, w access.Workspace, name string) error {
	text, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return err
	}
	contacts, err := files.ReadFile(name + ".csv")
	if err != nil {
		return err
	}
	planned, err := plan.Read(text, plan.Options{Now: time.Now(), Lines: program.Validators()})
	if err != nil {
		return err
	}
	into := launch.Into{
		Workspace: w.ID, Lines: p.Lines, Agents: p.Agents, Campaigns: p.Campaigns, Sandbox: program.SandboxLine,
	}
	people := launch.Contacts{File: bytes.NewReader(contacts), Kind: planned.Definition.Channel, Country: planned.Country}
	c, err := into.Campaign(ctx, planned, planned.Key, people)
	if err != nil {
		return err
	}
	if _, err := into.Enrol(ctx, c, people); err != nil {
		return err
	}
	_, err = p.Campaigns.Start(ctx, w.ID, c.ID)
	return err
}
