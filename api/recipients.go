package api

import (
	"context"
	"net/http"
	"strings"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fault"
)

// ActInput is an action on everybody whom a filter picks.
type ActInput struct {
	Action campaign.RecipientAction `json:"action" enum:"retry,remove,set_pending,set_completed"`
	Filter FilterInput              `json:"filter"`
}

// ActView says what would become of it.
type ActView = campaign.ActReport

// RecipientPath names a recipient of a campaign in a path.
type RecipientPath struct {
	CampaignPath
	Number campaign.Number `path:"number" minimum:"1" maximum:"3000000000" doc:"Number of the recipient in the campaign"`
}

func (s *Server) recipientRoutes() {
	handle(s, route{
		id: "list-recipients", method: http.MethodGet, path: "/campaigns/{campaign}/recipients", tag: "recipients", scope: access.Read,
		summary: "List and search recipients", about: "In the order of contact. " + shortPages,
	}, s.listRecipients)
	handle(s, route{
		id: "add-recipients", method: http.MethodPost, path: "/campaigns/{campaign}/recipients", tag: "recipients", scope: access.Operate,
		conflicts: true, bodies: uploads, summary: "Add recipients",
		about: "A file of any size, in any of the types, also while the campaign runs. JSON is an array of rows, or one row; what a row has is in RecipientInput. " +
			"text/plain and application/octet-stream are looked at and taken for what they are: CSV, a workbook (XLSX, the first sheet), NDJSON, JSON, or a plain list. " +
			"Good rows are taken; each bad one is told with its line and the reason, and stops no other. " +
			"With a source, the same file can be sent again after an interruption: rows that were done are passed over.",
	}, s.addRecipients)
	handle(s, route{
		id: "preview-recipients", method: http.MethodPost, path: "/campaigns/{campaign}/recipients/preview", tag: "recipients", scope: access.Operate,
		looks: true, conflicts: true, bodies: uploads, summary: "Look at a file of recipients",
		about: "What its columns are taken for, and what its first thousand rows come to. Nothing is added. A part of a large file is enough.",
	}, s.previewRecipients)
	handle(s, route{
		id: "act-on-recipients", method: http.MethodPost, path: "/campaigns/{campaign}/recipients/actions", tag: "recipients", scope: access.Operate,
		conflicts: true, summary: "Retry, remove, reset or end many recipients",
		about: "Those whose status does not take the action are skipped and counted. What is about more people than one moment takes goes on in the background, " +
			"whatever becomes of this node: state says running, and the errand how far it is. A campaign goes on meanwhile; whom the filter fits is " +
			"decided for each of them when their turn comes, and once.",
	}, s.actOnRecipients)
	handle(s, route{
		id: "preview-actions", method: http.MethodPost, path: "/campaigns/{campaign}/recipients/actions/preview", tag: "recipients", scope: access.Read,
		summary: "Count what an action would do", about: "How many recipients it would change, and how many it would skip. Nothing is changed.",
	}, s.previewActions)
	handle(s, route{
		id: "get-recipient", method: http.MethodGet, path: "/campaigns/{campaign}/recipients/{number}", tag: "recipients", scope: access.Read,
		summary: "Get a recipient",
	}, func(ctx context.Context, by access.Principal, in *RecipientPath) (*body[RecipientView], error) {
		c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
		if err != nil {
			return nil, err
		}
		e, err := s.o.Campaigns.Entry(ctx, by.Workspace, in.Campaign, in.Number)
		return answer(recipientView(of(ctx).language, by, c.State, e)), err
	})
	for _, m := range []struct {
		action         campaign.RecipientAction
		summary, about string
	}{
		{campaign.RetryNow, "Retry a recipient now", "All their turns again, from now on. For who was not reached."},
		{campaign.RemoveThem, "Remove a recipient", "Out of the campaign. For who has not had their turn, or waits for another."},
		{campaign.SetPending, "Set a recipient to pending", "They start over, as if never tried."},
		{campaign.SetCompleted, "Set a recipient to completed", "They are done; nobody contacts them any more."},
	} {
		name := strings.ReplaceAll(string(m.action), "_", "-")
		handle(s, route{
			id: name + "-recipient", method: http.MethodPost, path: "/campaigns/{campaign}/recipients/{number}/" + name, tag: "recipients",
			scope: access.Operate, conflicts: true, summary: m.summary, about: m.about,
		}, func(ctx context.Context, by access.Principal, in *RecipientPath) (*body[RecipientView], error) {
			return s.actOnRecipient(ctx, by, in, m.action)
		})
	}
}

func (s *Server) listRecipients(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Paging
	Picking
},
) (*body[Page[RecipientView]], error) {
	f, err := s.picking(ctx, by, in.Picking)
	if err != nil {
		return nil, err
	}
	var after campaign.Number
	if err := resume("recipients", in.Cursor, &after); err != nil {
		return nil, err
	}
	if after != 0 && !known(after) {
		return nil, fault.New(fault.Invalid, "cursor_invalid", nil).At("query.cursor")
	}
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.o.Campaigns.Look(ctx, by.Workspace, in.Campaign, f, after, in.Limit)
	if err != nil {
		return nil, err
	}
	show := func(e campaign.Entry) RecipientView { return recipientView(of(ctx).language, by, c.State, e) }
	return answer(windowed("recipients", rows, next, show)), nil
}

func (s *Server) actOnRecipients(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Body ActInput
},
) (*body[ErrandView], error) {
	f, err := s.picks(ctx, by, in.Body.Filter, "filter")
	if err != nil {
		return nil, err
	}
	e, err := s.o.Campaigns.Act(ctx, by.Workspace, in.Campaign, in.Body.Action, f, by.ID())
	tell(ctx, "action", in.Body.Action)
	if e.No == 0 {
		tell(ctx, "changed", e.Changed)
	} else {
		tell(ctx, "errand", e.ID)
	}
	return s.errandAnswer(ctx, by, e, err)
}

func (s *Server) previewActions(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Body ActInput
},
) (*body[ActView], error) {
	f, err := s.picks(ctx, by, in.Body.Filter, "filter")
	if err != nil {
		return nil, err
	}
	r, err := s.o.Campaigns.Foresee(ctx, by.Workspace, in.Campaign, in.Body.Action, f)
	return answer(r), err
}

func (s *Server) actOnRecipient(ctx context.Context, by access.Principal, in *RecipientPath, a campaign.RecipientAction) (*body[RecipientView], error) {
	e, err := s.o.Campaigns.ActOne(ctx, by.Workspace, in.Campaign, in.Number, a, by.ID())
	if err != nil {
		return nil, err
	}
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	return answer(recipientView(of(ctx).language, by, c.State, e)), nil
}
