package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cluster"
	"campanario/dispatch"
	"campanario/email"
	"campanario/internal/pgtemp"
	"campanario/store"
)

// engine is the whole of it: a campaign in a database, every message with a durable record before it is sent and its
// outcome after. Setting the campaign up is not timed.
func engine(database string) func(context.Context, task, func()) error {
	return func(ctx context.Context, t task, begin func()) (err error) {
		url, stop, err := fresh(ctx, database)
		if err != nil {
			return err
		}
		defer stop()
		s, err := store.Open(ctx, store.Options{URL: url})
		if err != nil {
			return err
		}
		defer s.Close() //nolint:errcheck // the database is thrown away
		if _, err := s.Migrate(ctx); err != nil {
			return err
		}
		if err := prepare(ctx, s, t); err != nil {
			return err
		}
		return send(ctx, s, begin)
	}
}

func fresh(ctx context.Context, database string) (url string, stop func(), err error) {
	if database == "postgres" {
		s, err := pgtemp.Start(ctx)
		if err != nil {
			return "", nil, err
		}
		return s.URL, s.Stop, nil
	}
	dir, err := os.MkdirTemp("", "campanario-bench-")
	return filepath.Join(dir, "campanario.db"), func() { _ = os.RemoveAll(dir) }, err
}

const workspace, campaignID = "bench", "01930000-0000-7000-8000-000000000000"

// prepare makes the line, the campaign and its recipients.
func prepare(ctx context.Context, s *store.Store, t task) error {
	now := time.Now()
	host, port, err := split(t.addr)
	if err != nil {
		return err
	}
	if err := s.CreateWorkspace(ctx, workspace, "Bench", now); err != nil {
		return err
	}
	err = s.PutLine(ctx, channel.Line{
		ID: "line", Workspace: workspace, Kind: channel.Email, Name: "line", From: from, Zone: "UTC", Enabled: true,
		Limits:   channel.Limits{Concurrent: t.connections},
		Settings: fmt.Appendf(nil, `{"host":%q,"port":%d,"tls":"none","from_name":%q,"max_per_connection":1000000}`, host, port, fromName),
	}, nil, now)
	if err != nil {
		return err
	}
	d := campaign.Definition{Name: "Faturas", Channel: channel.Email, Line: "line", Message: &agent.MessageTemplate{
		Subject: "Sua fatura, {{name}}", Text: strings.ReplaceAll(textBody, "{name}", "{{name}}"), HTML: strings.ReplaceAll(htmlBody, "{name}", "{{name}}"),
	}}.Defaults()
	if err := s.CreateCampaign(ctx, &campaign.Campaign{ID: campaignID, Workspace: workspace, Definition: d, CreatedAt: now, UpdatedAt: now}); err != nil {
		return err
	}
	for done := 0; done < t.messages; done += 2000 {
		rows := make([]campaign.Newcomer, min(2000, t.messages-done))
		for i := range rows {
			l := makeLetter(done + i)
			rows[i].Band, rows[i].Name, rows[i].Addresses = campaign.BandNormal, fmt.Sprint("Maria ", done+i), []channel.Address{channel.Address(l.to)}
		}
		if _, err := s.EnrolBatch(ctx, workspace, campaignID, rows, campaign.Progress{}, now); err != nil {
			return err
		}
	}
	return s.Replan(ctx)
}

// send runs the campaign to its end.
func send(ctx context.Context, s *store.Store, begin func()) error {
	links, err := email.NewLinks(email.LinksOptions{Base: "https://example.com", Key: make([]byte, 32)})
	if err != nil {
		return err
	}
	member, err := cluster.Join(ctx, "bench", cluster.Options{Store: s})
	if err != nil {
		return err
	}
	adapter := email.New(email.Options{Log: slog.New(slog.DiscardHandler)})
	e := dispatch.New(dispatch.Options{
		Node: member.Node(), Store: s, Settlers: s.Writers(),
		Adapters: map[channel.Kind]channel.Adapter{channel.Email: adapter},
		Unsubscribe: func(workspace, id string, n campaign.Number, to channel.Address) string {
			link, err := links.URL(email.Target{Workspace: workspace, Channel: channel.Email, Address: to, Campaign: id, Recipient: fmt.Sprint(n)})
			if err != nil { // the sink's count will be short
				return ""
			}
			return link
		},
	})
	svc := campaign.NewService(campaign.Options{Store: s, Catalogue: s, Changed: e.Nudge})
	e.Start(ctx)
	member.Start(ctx, e)
	begin()
	if _, err := svc.Start(ctx, workspace, campaignID); err != nil {
		return err
	}
	for {
		c, err := svc.Get(ctx, workspace, campaignID)
		if err != nil {
			return err
		}
		if c.State == campaign.Completed {
			break
		}
		if c.State != campaign.Active {
			return fmt.Errorf("the campaign is %s: %s", c.State, c.Paused)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	member.Hand(ctx)
	return errors.Join(e.Stop(ctx), adapter.Close(ctx))
}
