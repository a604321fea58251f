package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/audience"
)

// AudienceView is a saved list of contacts.
type AudienceView struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Filter      audience.Filter `json:"filter"`
	Static      bool            `json:"static" doc:"Whether it holds those whom the filter fitted when it was filled, or whom it fits now"`
	FrozenAt    *time.Time      `json:"frozen_at" doc:"When a static list was last filled"`
	Revision    int64           `json:"revision"`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at"`
}

func audienceView(l audience.List) AudienceView {
	return AudienceView{l.ID, l.Name, l.Description, l.Filter, l.Static, optional(l.FrozenAt), l.Revision, l.CreatedAt, l.UpdatedAt}
}

// AudienceEdit is what can be changed about an audience.
type AudienceEdit struct {
	Name        Change[string]   `json:"name,omitzero"`
	Description Change[string]   `json:"description,omitzero"`
	Filter      *audience.Filter `json:"filter,omitempty" doc:"Whom it holds; {} is everybody"`
	Static      Change[bool]     `json:"static,omitzero" doc:"Fill it once, and not whenever it is used"`
}

// AudienceInput is a new audience.
type AudienceInput struct {
	Name string `json:"name"`
	AudienceEdit
}

func (e *AudienceEdit) edit() audience.ListEdit {
	return audience.ListEdit{Name: e.Name.to(), Description: e.Description.to(), Filter: e.Filter, Static: e.Static.to()}
}

// PreviewView is whom a filter fits.
type PreviewView struct {
	Count  int64         `json:"count"`
	Sample []ContactView `json:"sample" doc:"Up to 20 of them"`
}

func previewView(p audience.Preview) PreviewView {
	out := PreviewView{Count: p.Count, Sample: make([]ContactView, len(p.Sample))}
	for i := range p.Sample {
		out.Sample[i] = contactView(p.Sample[i])
	}
	return out
}

// ValueView is a value of a field.
type ValueView struct {
	Value string `json:"value"`
	Count int64  `json:"count" doc:"How many contacts have it"`
}

// FilterFields says what contacts can be filtered by.
type FilterFields struct {
	Attributes []string `json:"attributes" doc:"The names of the attributes that contacts have, for fields attribute.NAME"`
}

// AudiencePath names an audience in a path.
type AudiencePath struct {
	Audience string `path:"audience" doc:"Id of the audience"`
}

func audienceAnswer(l audience.List, err error) (*revisedBody[AudienceView], error) {
	if err != nil {
		return nil, err
	}
	return &revisedBody[AudienceView]{etag(l.Revision), audienceView(l)}, nil
}

func previewAnswer(p audience.Preview, err error) (*body[PreviewView], error) {
	if err != nil {
		return nil, err
	}
	return answer(previewView(p)), nil
}

func (s *Server) audienceRoutes() {
	handle(s, route{
		id: "list-audiences", method: http.MethodGet, path: "/audiences", tag: "audiences", scope: access.Read,
		summary: "List and search audiences", about: "By name.",
	}, s.listAudiences)
	handle(s, route{
		id: "create-audience", method: http.MethodPost, path: "/audiences", tag: "audiences", scope: access.Operate, status: http.StatusCreated,
		repeats: true, summary: "Save a list", about: "A static one is filled at once.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body AudienceInput }) (*revisedBody[AudienceView], error) {
		e := in.Body.edit()
		e.Name = &in.Body.Name
		return audienceAnswer(s.o.Lists.Create(ctx, by.Workspace, e))
	})
	handle(s, route{
		id: "get-audience", method: http.MethodGet, path: "/audiences/{audience}", tag: "audiences", scope: access.Read, summary: "Get an audience",
	}, func(ctx context.Context, by access.Principal, in *AudiencePath) (*revisedBody[AudienceView], error) {
		return audienceAnswer(s.o.Lists.Get(ctx, by.Workspace, in.Audience))
	})
	handle(s, route{
		id: "update-audience", method: http.MethodPatch, path: "/audiences/{audience}", tag: "audiences", scope: access.Operate,
		revised: true, conflicts: true, summary: "Change an audience", about: "A static list keeps those who are on it until it is filled anew.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		AudiencePath
		Revised
		Body AudienceEdit
	},
	) (*revisedBody[AudienceView], error) {
		revision, err := in.revision()
		if err != nil {
			return nil, err
		}
		return audienceAnswer(s.o.Lists.Edit(ctx, by.Workspace, in.Audience, revision, in.Body.edit()))
	})
	handle(s, route{
		id: "delete-audience", method: http.MethodDelete, path: "/audiences/{audience}", tag: "audiences", scope: access.Operate,
		status: http.StatusNoContent, summary: "Delete an audience", about: "The contacts stay, and so do the recipients of campaigns that it filled.",
	}, func(ctx context.Context, by access.Principal, in *AudiencePath) (*nothing, error) {
		return nil, s.o.Lists.Delete(ctx, by.Workspace, in.Audience)
	})
	handle(s, route{
		id: "freeze-audience", method: http.MethodPost, path: "/audiences/{audience}/freeze", tag: "audiences", scope: access.Operate,
		conflicts: true, summary: "Fill a static audience anew",
	}, func(ctx context.Context, by access.Principal, in *AudiencePath) (*revisedBody[AudienceView], error) {
		return audienceAnswer(s.o.Lists.Freeze(ctx, by.Workspace, in.Audience))
	})
	handle(s, route{
		id: "preview-audience", method: http.MethodGet, path: "/audiences/{audience}/preview", tag: "audiences", scope: access.Read,
		conflicts: true, summary: "Count those on an audience, and show some",
	}, func(ctx context.Context, by access.Principal, in *AudiencePath) (*body[PreviewView], error) {
		return previewAnswer(s.o.Lists.PreviewList(ctx, by.Workspace, in.Audience))
	})
	s.filterRoutes()
}

func (s *Server) filterRoutes() {
	handle(s, route{
		id: "preview-filter", method: http.MethodPost, path: "/contacts/preview", tag: "audiences", scope: access.Read, conflicts: true,
		summary: "Count the contacts that a filter fits, and show some",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body audience.Filter }) (*body[PreviewView], error) {
		if err := in.Body.Validate(); err != nil {
			return nil, err
		}
		return previewAnswer(s.o.Lists.Preview(ctx, by.Workspace, &in.Body))
	})
	handle(s, route{
		id: "list-filter-fields", method: http.MethodGet, path: "/contacts/fields", tag: "audiences", scope: access.Read,
		summary: "Tell what contacts can be filtered by",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[FilterFields], error) {
		names, err := s.o.Lists.Attributes(ctx, by.Workspace)
		return answer(FilterFields{list(names)}), err
	})
	handle(s, route{
		id: "list-filter-values", method: http.MethodGet, path: "/contacts/values", tag: "audiences", scope: access.Read,
		summary: "List the values of a field", about: "The 100 that most contacts have.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Field  audience.Field `query:"field" required:"true" maxLength:"100" doc:"tag, portfolio, segment, city, state, location, attribute.NAME, …"`
		Search string         `query:"search" maxLength:"200" doc:"A part of the value"`
	},
	) (*body[Page[ValueView]], error) {
		values, err := s.o.Lists.Values(ctx, by.Workspace, in.Field, in.Search)
		show := func(v audience.TermCount) ValueView { return ValueView(v) }
		return answer(page("values", values, max(len(values), 1), show, nil)), err
	})
}

func (s *Server) listAudiences(ctx context.Context, by access.Principal, in *struct {
	Paging
	Search string `query:"search" maxLength:"200" doc:"In names, without regard to case and accents"`
},
) (*body[Page[AudienceView]], error) {
	q := audience.ListQuery{Search: in.Search, Limit: in.Limit + 1}
	if err := resume("audiences", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Lists.List(ctx, by.Workspace, q)
	return answer(page("audiences", rows, in.Limit, audienceView, func(l audience.List) any { return l.Name })), err
}
