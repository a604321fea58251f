package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fault"
)

// ErrandView is work on everybody whom a filter picks.
type ErrandView struct {
	ID        string                   `json:"id,omitempty" doc:"Nothing when it was done at once: then it is not kept"`
	Campaign  string                   `json:"campaign" doc:"Id of the campaign"`
	Into      string                   `json:"into,omitempty" doc:"Id of the campaign that they are copied to"`
	Action    campaign.RecipientAction `json:"action" enum:"retry,remove,set_pending,set_completed,copy"`
	State     campaign.ErrandState     `json:"state" enum:"running,done,cancelled,failed"`
	Can       []string                 `json:"can" enum:"cancel" doc:"What can be asked of it now"`
	Changed   int64                    `json:"changed" doc:"Whom it has changed so far, or who were copied"`
	Skipped   int64                    `json:"skipped" doc:"Whose status does not take the action, or who were not copied: there already, or erased"`
	Progress  int64                    `json:"progress" minimum:"0" maximum:"1000" doc:"How much of the campaign has been gone through, in thousandths"`
	Failure   *Failure                 `json:"failure,omitempty" doc:"Why it failed, when it has"`
	CreatedAt time.Time                `json:"created_at"`
	EndedAt   *time.Time               `json:"ended_at"`
}

func (s *Server) errandView(ctx context.Context, by access.Principal, e campaign.Errand) ErrandView {
	v := ErrandView{
		ID: e.ID, Campaign: e.Campaign, Into: e.Into, Action: e.Action, State: e.State, Can: []string{}, Changed: e.Changed, Skipped: e.Skipped,
		Progress: e.Progress, CreatedAt: e.CreatedAt, EndedAt: optional(e.EndedAt),
	}
	if e.State == campaign.ErrandRunning && by.Scopes.Allow(access.Operate) {
		v.Can = append(v.Can, "cancel")
	}
	if e.Failure != nil {
		v.Failure = &s.failures(ctx, fault.List{e.Failure})[0]
	}
	return v
}

func (s *Server) errandAnswer(ctx context.Context, by access.Principal, e campaign.Errand, err error) (*body[ErrandView], error) {
	if err != nil {
		return nil, err
	}
	return answer(s.errandView(ctx, by, e)), nil
}

// ErrandPath names an errand in a path.
type ErrandPath struct {
	Errand string `path:"errand" doc:"Id of the errand"`
}

func (s *Server) errandRoutes() {
	handle(s, route{
		id: "list-errands", method: http.MethodGet, path: "/campaigns/{campaign}/errands", tag: "recipients", scope: access.Read,
		summary: "List the errands of a campaign",
		about:   "Actions on many recipients, and copies from it and to it, that took more than a moment; the newest first, for thirty days.",
	}, s.listErrands)
	handle(s, route{
		id: "get-errand", method: http.MethodGet, path: "/errands/{errand}", tag: "recipients", scope: access.Read, summary: "Get how far an errand is",
	}, func(ctx context.Context, by access.Principal, in *ErrandPath) (*body[ErrandView], error) {
		e, err := s.o.Campaigns.Errand(ctx, by.Workspace, in.Errand)
		return s.errandAnswer(ctx, by, e, err)
	})
	handle(s, route{
		id: "cancel-errand", method: http.MethodPost, path: "/errands/{errand}/cancel", tag: "recipients", scope: access.Operate, conflicts: true,
		summary: "Stop an errand", about: "What it has done until then stays.",
	}, func(ctx context.Context, by access.Principal, in *ErrandPath) (*body[ErrandView], error) {
		e, err := s.o.Campaigns.CancelErrand(ctx, by.Workspace, in.Errand)
		return s.errandAnswer(ctx, by, e, err)
	})
}

func (s *Server) listErrands(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Paging
},
) (*body[Page[ErrandView]], error) {
	var after int64
	if err := resume("errands", in.Cursor, &after); err != nil {
		return nil, err
	}
	rows, err := s.o.Campaigns.Errands(ctx, by.Workspace, in.Campaign, after, in.Limit+1)
	show := func(e campaign.Errand) ErrandView { return s.errandView(ctx, by, e) }
	return answer(page("errands", rows, in.Limit, show, func(e campaign.Errand) any { return e.No })), err
}
