package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/schedule"
)

// ProblemView is something that stands in a campaign's way, or should be looked at.
type ProblemView struct {
	Failure
	Warning bool     `json:"warning" doc:"It does not keep the campaign from starting"`
	Mend    MendView `json:"mend" doc:"Where it is mended"`
}

// MendView is where something about a campaign is decided.
type MendView struct {
	Place campaign.Place `json:"place" enum:"basics,contacts,schedule,line,agent,rules,registries" doc:"basics, contacts, schedule: the campaign itself; line, agent: that one; rules: the workspace's; registries: the lists of whom nobody may contact"`
	ID    string         `json:"id,omitempty" doc:"Of the line or the agent"`
}

// PreflightView says whether a campaign can start.
type PreflightView struct {
	OK       bool          `json:"ok" doc:"Nothing keeps it from starting"`
	Problems []ProblemView `json:"problems" doc:"In the order in which they are best mended"`
}

// DiagnosisView explains what a campaign is doing at this moment and why.
type DiagnosisView struct {
	Code     campaign.DiagnosisCode `json:"code" enum:"not_started,scheduled_for,paused,ended,no_engine,line_disabled,waiting,working,starting"`
	State    campaign.State         `json:"state" enum:"draft,scheduled,active,paused,completed,cancelled"`
	Text     string                 `json:"text" doc:"What it does and why, in the reader's language"`
	Paused   *PausedView            `json:"paused,omitempty" doc:"Why it is paused, while it is"`
	Waiting  *WaitingView           `json:"waiting,omitempty" doc:"What it waits for, while it does"`
	Until    *time.Time             `json:"until,omitempty" doc:"When it changes by itself; absent when that is unknown, or never"`
	InFlight int64                  `json:"in_flight" doc:"Attempts that are open"`
	Problems []ProblemView          `json:"problems" doc:"What would keep it from starting, or should be looked at"`
}

// WaitingView says what an active campaign waits for.
type WaitingView struct {
	Code   campaign.WaitCode `json:"code" enum:"outside_window,outside_own_hours,retries_due_later,contact_limits,lap_cooldown,release_step,daily_limit,campaign_daily_limit,line_busy,campaign_busy,pace,line_resting,line_disabled,lists_away,being_filled,no_recipients_left,attempts_open"`
	Params map[string]string `json:"params"`
	Since  time.Time         `json:"since"`
	Until  *time.Time        `json:"until,omitempty" doc:"Absent when that cannot be known"`
	Text   string            `json:"text" doc:"In the reader's language"`
}

// clockOf is the clock that people read the times of a campaign on.
func clockOf(c *campaign.Campaign) *time.Location {
	zone, err := schedule.LoadZone(c.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// until adds to the values of a sentence how long something lasts.
func until(t time.Time, clock *time.Location, values map[string]any) map[string]any {
	if !t.IsZero() {
		values["until"] = t.In(clock).Format(time.RFC3339)
	}
	return values
}

func waitingView(l locale.Language, clock *time.Location, w *campaign.Waiting) *WaitingView {
	if w == nil {
		return nil
	}
	values := until(w.Until, clock, anyOf(w.Params))
	return &WaitingView{w.Code, texts(w.Params), w.Since.UTC(), optional(w.Until), locale.Text(l, "waiting."+string(w.Code), values)}
}

func (s *Server) problemViews(ctx context.Context, found campaign.Problems) []ProblemView {
	out := make([]ProblemView, len(found))
	for i, p := range found {
		out[i] = ProblemView{s.failures(ctx, fault.List{p.Error})[0], p.Warning, MendView{p.Place, p.ID}}
	}
	return out
}

func (s *Server) explainRoutes() {
	handle(s, route{
		id: "check-campaign", method: http.MethodGet, path: "/campaigns/{campaign}/preflight", tag: "campaigns", scope: access.Read,
		summary: "Tell whether a campaign can start", about: "Everything that would keep it from starting, at once, and what should be looked at before.",
	}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*body[PreflightView], error) {
		found, err := s.o.Campaigns.Preflight(ctx, by.Workspace, in.Campaign)
		return answer(PreflightView{len(found.Blocking()) == 0, s.problemViews(ctx, found)}), err
	})
	handle(s, route{
		id: "diagnose-campaign", method: http.MethodGet, path: "/campaigns/{campaign}/diagnosis", tag: "campaigns", scope: access.Read,
		summary: "Tell what a campaign is doing and why", about: "Why nothing is being sent, or something is, and until when.",
	}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*body[DiagnosisView], error) {
		c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
		if err != nil {
			return nil, err
		}
		d, err := s.o.Campaigns.Diagnose(ctx, by.Workspace, in.Campaign)
		return answer(s.diagnosisView(ctx, clockOf(c), d)), err
	})
}

func (s *Server) diagnosisView(ctx context.Context, clock *time.Location, d campaign.Diagnosis) DiagnosisView {
	l := of(ctx).language
	v := DiagnosisView{
		Code: d.Code, State: d.State, Waiting: waitingView(l, clock, d.Waiting), Until: optional(d.Until), InFlight: d.InFlight,
		Problems: s.problemViews(ctx, d.Problems),
	}
	v.Text = locale.Text(l, "diagnosis."+string(d.Code), until(d.Until, clock, anyOf(d.Params)))
	switch {
	case d.Code == campaign.DiagPaused:
		v.Paused = pausedView(l, d.Paused, d.Params)
		v.Text = v.Paused.Text
	case v.Waiting != nil:
		v.Text = v.Waiting.Text
	}
	return v
}
