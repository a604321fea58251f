package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/email"
	"campanario/internal/rig"
)

// engine is the whole of it: a campaign in a database, every message with a durable record before it is sent and its
// outcome after. Setting the campaign up is not timed.
func engine(database string) func(context.Context, task, func()) error {
	return func(ctx context.Context, t task, begin func()) error {
		r, err := rig.New(ctx, database)
		if err != nil {
			return err
		}
		defer r.Close()
		if err := prepare(ctx, r, t); err != nil {
			return err
		}
		links, err := email.NewLinks(email.LinksOptions{Base: "https://example.com", Key: make([]byte, 32)})
		if err != nil {
			return err
		}
		adapter := email.New(email.Options{Log: slog.New(slog.DiscardHandler)})
		r.Options.Adapters = map[channel.Kind]channel.Adapter{channel.Email: adapter}
		r.Options.Unsubscribe = func(workspace, id string, n campaign.Number, to channel.Address) string {
			link, err := links.URL(email.Target{Workspace: workspace, Channel: channel.Email, Address: to, Campaign: id, Recipient: fmt.Sprint(n)})
			if err != nil { // the sink's count will be short
				return ""
			}
			return link
		}
		if err := r.Start(ctx); err != nil {
			return err
		}
		begin()
		if _, err := r.Service.Start(ctx, rig.Workspace, campaignID); err != nil {
			return err
		}
		err = r.Finished(ctx, campaignID)
		return errors.Join(err, r.Shut(ctx), adapter.Close(ctx))
	}
}

const campaignID = "01930000-0000-7000-8000-000000000000"

// prepare makes the line, the campaign and its recipients.
func prepare(ctx context.Context, r *rig.Rig, t task) error {
	host, port, err := split(t.addr)
	if err != nil {
		return err
	}
	err = r.Line(ctx, channel.Line{
		Kind: channel.Email, From: from, Limits: channel.Limits{Concurrent: t.connections},
		Settings: fmt.Appendf(nil, `{"host":%q,"port":%d,"tls":"none","from_name":%q,"max_per_connection":1000000}`, host, port, fromName),
	})
	if err != nil {
		return err
	}
	d := campaign.Definition{Channel: channel.Email, Message: &agent.MessageTemplate{
		Subject: "Sua fatura, {{name}}", Text: strings.ReplaceAll(textBody, "{name}", "{{name}}"), HTML: strings.ReplaceAll(htmlBody, "{name}", "{{name}}"),
	}}.Defaults()
	return r.Campaign(ctx, campaignID, d, t.messages, func(i int) campaign.Newcomer {
		n := campaign.Newcomer{Band: campaign.BandNormal}
		n.Name, n.Addresses = fmt.Sprint("Maria ", i), []channel.Address{channel.Address(makeLetter(i).to)}
		return n
	})
}
