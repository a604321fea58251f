package api

import (
	"context"
	"net/http"

	"campanario/access"
	"campanario/person"
)

// PeriodsView are the periods of a workspace.
type PeriodsView struct {
	person.Periods
	Revision int64 `json:"revision" doc:"0: nothing was ever set"`
}

func (s *Server) retentionRoutes() {
	handle(s, route{
		id: "get-retention", method: http.MethodGet, path: "/retention", tag: "workspace", scope: access.Read,
		summary: "Get how long data of people are kept", about: "In days; 0, which is how it begins, is for ever.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*revisedBody[PeriodsView], error) {
		return s.periods(ctx, by.Workspace)
	})
	handle(s, route{
		id: "set-retention", method: http.MethodPut, path: "/retention", tag: "workspace", scope: access.Manage, revised: true,
		summary: "Decide how long data of people are kept",
		about: "What has expired is removed within the hour, and cannot be brought back: look at it first (preview-retention). Who must not be contacted stays known, and counters keep their values. " +
			"Every removal is in the audit.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Revised
		Body person.Periods `nameHint:"PeriodsInput"`
	},
	) (*revisedBody[PeriodsView], error) {
		revision, err := in.revisionOfSettings()
		if err != nil {
			return nil, err
		}
		if _, err := s.o.Office.SetPeriods(ctx, by.Workspace, in.Body, revision); err != nil {
			return nil, err
		}
		return s.periods(ctx, by.Workspace)
	})
	handle(s, route{
		id: "preview-retention", method: http.MethodPost, path: "/retention/preview", tag: "workspace", scope: access.Read,
		summary: "Count what periods would remove now", about: "Nothing is removed.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Body person.Periods `nameHint:"PeriodsInput"`
	},
	) (*body[person.Expired], error) {
		n, err := s.o.Office.Expired(ctx, by.Workspace, in.Body)
		return answer(n), err
	})
}

func (s *Server) periods(ctx context.Context, workspace string) (*revisedBody[PeriodsView], error) {
	p, revision, err := s.o.Office.Periods(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return &revisedBody[PeriodsView]{etag(revision), PeriodsView{p, revision}}, nil
}
