package api

import (
	"context"
	"maps"
	"net/http"
	"time"

	"campanario/access"
	"campanario/internal/locale"
	"campanario/report"
	"campanario/schedule"
)

// HomeView is what the people of a workspace look at first.
type HomeView struct {
	At        time.Time       `json:"at"`
	Zone      string          `json:"zone" doc:"IANA time zone of the workspace, on whose clock days begin"`
	Attention []AttentionView `json:"attention" doc:"What somebody should look at, the most urgent first; up to 50"`
	More      int             `json:"attention_more" doc:"How many there are beyond those"`
	Live      HomeLiveView    `json:"live"`
	Today     FiguresView     `json:"today" doc:"Since midnight"`
	Yesterday FiguresView     `json:"yesterday" doc:"The day before, to the quarter of an hour that began at this time of day"`
}

// HomeLiveView is what is going on over all campaigns.
type HomeLiveView struct {
	Calls    int64 `json:"calls" doc:"Calls that are open"`
	Answered int64 `json:"calls_answered" doc:"Of them, those in which somebody has answered"`
	Messages int64 `json:"messages" doc:"Messages that are being handed over"`
}

// AttentionView is one thing that somebody should look at.
type AttentionView struct {
	Code    report.Concern `json:"code" enum:"campaign_paused,campaign_waiting,line_disabled,line_idle,line_unregistered,line_resting,line_failing,import_failed,import_refused,import_waiting"`
	Urgency report.Urgency `json:"urgency" enum:"broken,decision,notice" doc:"broken: people are not contacted who should be; decision: it goes on when somebody says so; notice: good to know"`
	Cause   string         `json:"cause,omitempty" doc:"Of campaign_paused: the reason of the pause; of campaign_waiting: the code of the wait"`
	Kind    string         `json:"kind" enum:"campaign,line,import" doc:"What it is about, and where it is mended"`
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Params  map[string]any `json:"params"`
	Since   *time.Time     `json:"since,omitempty" doc:"Absent when it is not known"`
	Until   *time.Time     `json:"until,omitempty" doc:"When it changes by itself; absent when that is unknown, or never"`
	Text    string         `json:"text" doc:"What is the matter and what to do, in the reader's language"`
}

// FiguresView is what happened in a span of time, by when attempts were placed.
type FiguresView struct {
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Attempts int64     `json:"attempts" doc:"Attempts that have ended: calls and messages"`
	People   int64     `json:"first_turns" doc:"Of them, those that were their recipient's first"`
	Reached  int64     `json:"reached" doc:"Of them, those that reached the person"`
	Success  *float64  `json:"success_rate,omitempty" doc:"Those that reached the person, of those that could; absent when there were none"`
	Calls    int64     `json:"calls"`
	Answered int64     `json:"calls_answered" doc:"Calls that a person answered"`
	TalkMs   int64     `json:"talk_ms" doc:"Of all answered calls together"`
	Messages int64     `json:"messages"`
	Taken    int64     `json:"messages_sent" doc:"Messages that the far end took"`
	Goals    int64     `json:"goals" doc:"Attempts that reached the goal"`
	Refused  int64     `json:"refused" doc:"Attempts in which the person said stop, or complained"`
	Failed   int64     `json:"failed" doc:"Attempts that failed technically"`
}

// mostAttention is how much is shown of what should be looked at.
const mostAttention = 50

func figuresView(f *report.Figures) FiguresView {
	all := f.All()
	return FiguresView{
		From: f.From, Until: f.Until, Attempts: all.Attempts, People: all.FirstTurns, Reached: all.Answered, Success: part(all.Answered, all.Carried()),
		Calls: f.Calls.Attempts, Answered: f.Calls.Answered, TalkMs: f.Calls.Talk.Milliseconds(), Messages: f.Messages.Attempts, Taken: f.Messages.Answered,
		Goals: all.Goals, Refused: all.Refused, Failed: all.Technical,
	}
}

// part is a share from 0 to 1; nil where there is nothing to divide.
func part(of, whole int64) *float64 {
	if whole <= 0 {
		return nil
	}
	v := float64(of) / float64(whole)
	return &v
}

func attentionView(l locale.Language, a *report.Attention, clock *time.Location) AttentionView {
	v := AttentionView{
		Code: a.Concern, Urgency: a.Urgency, Cause: a.Cause, Kind: a.Kind, ID: a.ID, Name: a.Name, Params: a.Params, Since: optional(a.Since), Until: optional(a.Until),
	}
	if zone, err := schedule.LoadZone(a.Zone); err == nil && a.Zone != "" {
		clock = zone
	}
	values := until(a.Until, clock, maps.Clone(a.Params))
	switch a.Concern {
	case report.CampaignPaused:
		v.Text = locale.Text(l, "pause."+a.Cause, values)
	case report.CampaignWaiting:
		v.Text = locale.Text(l, "waiting."+a.Cause, values)
	default:
		v.Text = locale.Text(l, "attention."+string(a.Concern), values)
	}
	if a.Failure != nil {
		v.Text += " " + locale.Fault(l, a.Failure)
	}
	return v
}

func (s *Server) homeRoutes() {
	handle(s, route{
		id: "get-home", method: http.MethodGet, path: "/home", tag: "workspace", scope: access.Read,
		summary: "Tell what matters now",
		about:   "What somebody should look at, what is going on over all campaigns, and the numbers of today beside those of yesterday at this time.",
	}, s.getHome)
	s.workingRoutes()
}

func (s *Server) getHome(ctx context.Context, by access.Principal, _ *nothing) (*body[HomeView], error) {
	w, err := s.o.Access.Workspace(ctx, by.Workspace)
	if err != nil {
		return nil, err
	}
	zone, err := schedule.LoadZone(w.Settings.Zone)
	if err != nil {
		return nil, err
	}
	now := s.o.Now().UTC()
	found, err := s.o.Board.Situation(ctx, by.Workspace, report.Since(now, zone))
	if err != nil {
		return nil, err
	}
	return answer(homeView(of(ctx).language, report.NewHome(&found, now, zone), now, zone)), nil
}

func homeView(l locale.Language, h report.Home, now time.Time, zone *time.Location) HomeView {
	v := HomeView{
		At: now, Zone: zone.String(), Attention: []AttentionView{}, Today: figuresView(&h.Today), Yesterday: figuresView(&h.Yesterday),
		Live: HomeLiveView{h.Calls.Open, h.Calls.Answered, h.Messages},
	}
	for i := range h.Attention {
		if i == mostAttention {
			v.More = len(h.Attention) - i
			break
		}
		v.Attention = append(v.Attention, attentionView(l, &h.Attention[i], zone))
	}
	return v
}
