package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/campaign"
	"campanario/report"
	"campanario/schedule"
)

// WorkingView is a workspace at one moment: what changes by itself while its campaigns run.
type WorkingView struct {
	Home      HomeView   `json:"home"`
	Campaigns []LiveView `json:"campaigns" doc:"Up to 50 that are active, scheduled or paused, the newest first. One that was there and is no more has ended, or was put away or deleted: read it"`
}

// mostWorking is how many campaigns are told of live.
const mostWorking = 50

// working is a workspace as it is read for everybody who watches it.
type working struct {
	Zone      string
	Situation report.Situation
	Campaigns []campaign.Live
}

// working reads a workspace. What is deleted while it is read is left out.
func (s *Server) working(ctx context.Context, workspace, _ string) (working, error) {
	w, err := s.o.Access.Workspace(ctx, workspace)
	if err != nil {
		return working{}, err
	}
	v := working{Zone: w.Settings.Zone}
	zone, err := schedule.LoadZone(v.Zone)
	if err != nil {
		return v, err
	}
	if v.Situation, err = s.o.Board.Situation(ctx, workspace, report.Since(s.o.Now(), zone)); err != nil {
		return v, err
	}
	v.Campaigns, err = s.o.Campaigns.Lives(ctx, workspace, campaign.Query{States: []campaign.State{campaign.Active, campaign.Scheduled, campaign.Paused}, Limit: mostWorking})
	return v, err
}

func (s *Server) workingRoutes() {
	handle(s, route{
		id: "watch-workspace", method: http.MethodGet, path: "/events", tag: "workspace", scope: access.Read,
		answers: "text/event-stream", summary: "Watch the workspace live",
		about: "Server-sent events, for the page of what matters now and for the list of campaigns. First a snapshot, then another one whenever something is " +
			"different, every two seconds at most. Comments keep the line open. Whoever comes back begins with a snapshot and has missed nothing.",
		events: map[string]reflect.Type{"snapshot": reflect.TypeFor[WorkingView]()},
	}, s.watchWorkspace)
}

func (s *Server) watchWorkspace(ctx context.Context, by access.Principal, _ *struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"200" doc:"Taken and not needed: every stream begins with all there is"`
},
) (*huma.StreamResponse, error) {
	l, err := s.work.join(by.ID(), by.Workspace, "") //nolint:contextcheck // its reader is everybody's and outlives this request
	if err != nil {
		return nil, err
	}
	t := &stream{language: of(ctx).language, by: by}
	return events(ctx, s, s.work, l, t, func(r *reading[working]) error {
		v, err := workingView(t, &r.live, r.at)
		if err != nil {
			return err
		}
		return t.event(r.at, "snapshot", v)
	}), nil
}

func workingView(t *stream, w *working, at time.Time) (WorkingView, error) {
	zone, err := schedule.LoadZone(w.Zone)
	if err != nil {
		return WorkingView{}, err
	}
	v := WorkingView{Home: homeView(t.language, report.NewHome(&w.Situation, at, zone), at.UTC(), zone), Campaigns: []LiveView{}}
	for i := range w.Campaigns {
		v.Campaigns = append(v.Campaigns, liveView(t.language, t.by, &w.Campaigns[i], at))
	}
	return v, nil
}
