package api

import (
	"context"
	"net/http"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/access"
	"campanario/audience"
	"campanario/intake"
	"campanario/internal/fault"
)

// FillInput says which contacts are to be added to a campaign.
type FillInput struct {
	Audience string           `json:"audience,omitempty" doc:"Id of a saved list"`
	Filter   *audience.Filter `json:"filter,omitempty" doc:"Or a filter; {} is everybody"`
	Source   string           `json:"source,omitempty" maxLength:"200" doc:"Names the request: sent again under its name, it goes on where it stopped"`
}

func (s *Server) fillRoutes() {
	handle(s, route{
		id: "fill-campaign", method: http.MethodPost, path: "/campaigns/{campaign}/recipients/contacts", tag: "recipients", scope: access.Operate,
		conflicts: true, summary: "Add contacts of an audience or a filter",
		about: "Evaluated now, also while the campaign runs. A contact's own addresses for the campaign's channel come first, then those of the contacts who stand in for them.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		CampaignPath
		Body FillInput
	},
	) (*body[intake.Filled], error) {
		if _, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign); err != nil {
			return nil, err
		}
		picked, err := s.picked(ctx, by.Workspace, &in.Body)
		if err != nil {
			return nil, err
		}
		out, err := s.o.Filler.Fill(ctx, by.Workspace, in.Campaign, in.Body.Source, picked)
		tell(ctx, "audience", in.Body.Audience)
		tell(ctx, "added", out.Added)
		return answer(out), err
	})
}

func (s *Server) picked(ctx context.Context, workspace string, in *FillInput) (*roaring.Bitmap, error) {
	switch {
	case (in.Audience == "") == (in.Filter == nil):
		return nil, fault.New(fault.Invalid, "audience_or_filter", nil)
	case in.Audience != "":
		in.Filter = &audience.Filter{Field: audience.FieldAudience, Is: []string{in.Audience}}
	}
	if err := in.Filter.Validate(); err != nil {
		return nil, fault.All(err).Under("filter").Err()
	}
	return s.o.Lists.Pick(ctx, workspace, in.Filter)
}
