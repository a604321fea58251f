package api

import (
	"context"
	"net/http"
	"slices"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fault"
	"campanario/schedule"
)

// CampaignPath names a campaign in a path.
type CampaignPath struct {
	Campaign string `path:"campaign" doc:"Id of the campaign"`
}

// SummaryView is what stands above the list of campaigns.
type SummaryView = campaign.Summary

// PresetView is a ready-made schedule: parts of a campaign.
type PresetView struct {
	Name   schedule.PresetName `json:"name" enum:"sales_follow_up,collection,satisfaction_survey,appointment_reminder"`
	Window schedule.Window     `json:"window"`
	Retry  campaign.Policy     `json:"retry"`
}

// DuplicateInput says what a copy is to have.
type DuplicateInput struct {
	Name       string       `json:"name,omitempty" maxLength:"200" doc:"Of the copy; the same name unless it is said"`
	Recipients *FilterInput `json:"recipients,omitempty" doc:"Which recipients come along; absent: none. {\"all\": true} takes everybody"`
}

// campaign answers with a campaign and its numbers.
func (s *Server) campaign(ctx context.Context, by access.Principal, c *campaign.Campaign, err error) (*revisedBody[CampaignView], error) {
	if err != nil {
		return nil, err
	}
	n, err := s.o.Campaigns.Counts(ctx, c.Workspace, c.ID)
	if err != nil {
		return nil, err
	}
	v := campaignView(ctx, c, n)
	if c.State == campaign.Draft {
		e, err := s.o.Campaigns.Copying(ctx, c.Workspace, c.ID)
		if err != nil {
			return nil, err
		}
		if e != nil {
			v.Copying = new(s.errandView(ctx, by, *e))
		}
	}
	return &revisedBody[CampaignView]{etag(c.Revision), v}, nil
}

func (s *Server) campaignRoutes() {
	handle(s, route{
		id: "list-campaigns", method: http.MethodGet, path: "/campaigns", tag: "campaigns", scope: access.Read,
		summary: "List and search campaigns", about: "The newest first, each with its live numbers.",
	}, s.listCampaigns)
	handle(s, route{
		id: "get-campaign-summary", method: http.MethodGet, path: "/campaigns/summary", tag: "campaigns", scope: access.Read,
		summary: "Get the figures above the list", about: "Of the campaigns that are not archived.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[SummaryView], error) {
		v, err := s.o.Campaigns.Summary(ctx, by.Workspace)
		return answer(v), err
	})
	handle(s, route{
		id: "list-presets", method: http.MethodGet, path: "/presets", tag: "campaigns", scope: access.Read,
		summary: "List ready-made schedules",
	}, listPresets)
	handle(s, route{
		id: "create-campaign", method: http.MethodPost, path: "/campaigns", tag: "campaigns", scope: access.Operate,
		status: http.StatusCreated, repeats: true, conflicts: true, summary: "Make a campaign", about: "A draft: nobody is contacted before it is started.",
	}, s.createCampaign)
	handle(s, route{
		id: "get-campaign", method: http.MethodGet, path: "/campaigns/{campaign}", tag: "campaigns", scope: access.Read,
		summary: "Get a campaign with its live numbers",
	}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*revisedBody[CampaignView], error) {
		c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
		return s.campaign(ctx, by, c, err)
	})
	handle(s, route{
		id: "update-campaign", method: http.MethodPatch, path: "/campaigns/{campaign}", tag: "campaigns", scope: access.Operate,
		revised: true, conflicts: true, summary: "Change a campaign", about: "A merge patch: what is not named stays, null takes away. Of one that runs, waits or is paused only some can be changed (editable), and counts from then on.",
	}, s.updateCampaign)
	handle(s, route{
		id: "delete-campaign", method: http.MethodDelete, path: "/campaigns/{campaign}", tag: "campaigns", scope: access.Operate,
		conflicts: true, status: http.StatusNoContent, summary: "Delete a campaign", about: "With its recipients and what happened to them. Not while it runs, waits or is paused.",
	}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*nothing, error) {
		return nil, s.o.Campaigns.Delete(ctx, by.Workspace, in.Campaign)
	})
	handle(s, route{
		id: "duplicate-campaign", method: http.MethodPost, path: "/campaigns/{campaign}/duplicate", tag: "campaigns", scope: access.Operate,
		status: http.StatusCreated, repeats: true, summary: "Copy a campaign", about: "A draft with the same definition, without times that have passed; with the recipients that the filter picks. Many are copied in the background: copying says how far, and until then the copy does not start.",
	}, s.duplicateCampaign)
	s.moveRoutes()
	s.explainRoutes()
}

// moveRoutes are the actions that change where a campaign is in its life.
func (s *Server) moveRoutes() {
	archive := func(archived bool) func(ctx context.Context, workspace, id string) (*campaign.Campaign, error) {
		return func(ctx context.Context, workspace, id string) (*campaign.Campaign, error) {
			return s.o.Campaigns.Archive(ctx, workspace, id, archived)
		}
	}
	for _, m := range []struct {
		name, summary, about string
		do                   func(ctx context.Context, workspace, id string) (*campaign.Campaign, error)
	}{
		{"start", "Start or resume a campaign", "A draft with a time in the future is scheduled for it. What stands in the way is told all at once.", s.o.Campaigns.Start},
		{"pause", "Pause a campaign", "Nobody is contacted any more; calls that are going on end by themselves. Nothing is lost.", s.o.Campaigns.Pause},
		{"cancel", "Cancel a campaign", "For good.", s.o.Campaigns.Cancel},
		{"archive", "Put a campaign away", "One that has ended.", archive(true)},
		{"unarchive", "Take a campaign out of the archive", "", archive(false)},
	} {
		handle(s, route{
			id: m.name + "-campaign", method: http.MethodPost, path: "/campaigns/{campaign}/" + m.name, tag: "campaigns", scope: access.Operate,
			conflicts: true, summary: m.summary, about: m.about,
		}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*revisedBody[CampaignView], error) {
			c, err := m.do(ctx, by.Workspace, in.Campaign)
			return s.campaign(ctx, by, c, err)
		})
	}
}

func (s *Server) createCampaign(ctx context.Context, by access.Principal, in *struct{ Body Document[CampaignInput] }) (*revisedBody[CampaignView], error) {
	d, key, err := readDefinition(in.Body.raw, s.o.Now().UTC())
	if err != nil {
		return nil, err
	}
	c, err := s.o.Campaigns.Create(ctx, by.Workspace, key, d)
	return s.campaign(ctx, by, c, err)
}

func (s *Server) updateCampaign(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Revised
	Body Document[CampaignEdit]
},
) (*revisedBody[CampaignView], error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		d, read, err := s.patched(ctx, by, in.Campaign, in.Body.raw)
		if err != nil {
			return nil, err
		}
		if revision != 0 {
			read = revision
		}
		c, err := s.o.Campaigns.Edit(ctx, by.Workspace, in.Campaign, read, d)
		if revision == 0 && try < 5 && fault.Is(err, "revision_stale") {
			continue // what is patched is not what was read: patch it anew
		}
		return s.campaign(ctx, by, c, err)
	}
}

// patched gives the definition of a campaign with a patch in it, and the revision that was patched.
func (s *Server) patched(ctx context.Context, by access.Principal, id string, patch []byte) (campaign.Definition, int64, error) {
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, id)
	if err != nil {
		return campaign.Definition{}, 0, err
	}
	d, err := mergeDefinition(c.Definition, patch, s.o.Now().UTC())
	return d, c.Revision, err
}

func (s *Server) duplicateCampaign(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Body DuplicateInput `required:"false"`
},
) (*revisedBody[CampaignView], error) {
	var f *campaign.Filter
	if in.Body.Recipients != nil {
		picked, err := s.picks(ctx, by, *in.Body.Recipients, "recipients")
		if err != nil {
			return nil, err
		}
		f = &picked
	}
	c, err := s.o.Campaigns.Duplicate(ctx, by.Workspace, in.Campaign, in.Body.Name, f, by.ID())
	return s.campaign(ctx, by, c, err)
}

func (s *Server) listCampaigns(ctx context.Context, by access.Principal, in *struct {
	Paging
	Status   []campaign.State `query:"status,explode" enum:"draft,scheduled,active,paused,completed,cancelled" doc:"Only those in one of the states"`
	Search   string           `query:"search" maxLength:"200" doc:"In the name of the campaign and of its agent"`
	Archived bool             `query:"archived" doc:"The archived ones instead of the others"`
	Key      string           `query:"key" maxLength:"200" doc:"Only the one that its maker knows by this key"`
	Agent    string           `query:"agent" maxLength:"200" doc:"Only those that this agent speaks in, also as the line's"`
	Line     string           `query:"line" maxLength:"200" doc:"Only those that go out by this line"`
},
) (*body[Page[CampaignView]], error) {
	q := campaign.Query{States: in.Status, Search: in.Search, Archived: in.Archived, Agent: in.Agent, Line: in.Line, Limit: in.Limit + 1}
	if err := resume("campaigns", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.pick(ctx, by.Workspace, in.Key, q)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, c := range rows {
		ids[i] = c.ID
	}
	counts, err := s.o.Campaigns.CountsOf(ctx, by.Workspace, ids)
	if err != nil {
		return nil, err
	}
	show := func(c *campaign.Campaign) CampaignView { return campaignView(ctx, c, counts[c.ID]) }
	return answer(page("campaigns", rows, in.Limit, show, func(c *campaign.Campaign) any { return c.ID })), nil
}

// pick gives the campaigns of a query, or the one of a key.
func (s *Server) pick(ctx context.Context, workspace, key string, q campaign.Query) ([]*campaign.Campaign, error) {
	if key == "" {
		return s.o.Campaigns.List(ctx, workspace, q)
	}
	c, err := s.o.Campaigns.ByKey(ctx, workspace, key)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil || len(q.States) > 0 && !slices.Contains(q.States, c.State) {
		return nil, err
	}
	return []*campaign.Campaign{c}, nil
}

func listPresets(_ context.Context, _ access.Principal, in *struct {
	Holidays []schedule.Calendar `query:"holidays,explode" doc:"Calendars on whose holidays their windows are closed: BR, MX, …"`
},
) (*body[Page[PresetView]], error) {
	for _, c := range in.Holidays {
		w := schedule.Window{Holidays: []schedule.Calendar{c}}
		if err := w.Validate(); err != nil {
			return nil, fault.All(err)[0].At("query.holidays")
		}
	}
	out := Page[PresetView]{Items: []PresetView{}}
	for _, p := range schedule.Presets(in.Holidays...) {
		retry := campaign.Policy{MaxAttempts: p.MaxAttempts, IntervalMinutes: int(p.Interval.Minutes())}.Defaults()
		out.Items = append(out.Items, PresetView{p.Name, p.Window, retry})
	}
	return answer(out), nil
}
