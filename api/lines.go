package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"campanario/access"
	"campanario/channel"
	"campanario/internal/locale"
)

// LineView is a line.
type LineView struct {
	ID           string            `json:"id"`
	Kind         channel.Kind      `json:"kind" enum:"voice,email,sms,whatsapp"`
	Name         string            `json:"name"`
	From         string            `json:"from" doc:"What people see: a number in E.164, or a mailbox"`
	Agent        string            `json:"agent" doc:"Id of the agent attached to it; may be empty"`
	Zone         string            `json:"zone" doc:"IANA time zone in which its day begins"`
	Limits       LimitsView        `json:"limits"`
	Settings     map[string]any    `json:"settings" doc:"Those of its channel. A secret is shown as {\"set\": true}"`
	Enabled      bool              `json:"enabled" doc:"Nothing starts on a line that is switched off"`
	Running      bool              `json:"running" doc:"Whether the engine holds it at this moment"`
	Registration *RegistrationView `json:"registration,omitempty" doc:"How its network takes it; absent for a line that does not register, has not been used yet, or is not run at this moment"`
	Sandbox      bool              `json:"sandbox" doc:"Whether it leads to the sandbox: nobody outside is contacted by it"`
	Checked      *CheckedView      `json:"checked,omitempty" doc:"How it went when somebody tried it last; absent when nobody did"`
	Revision     int64             `json:"revision"`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at"`
}

// CheckedView is how it went when a line was tried.
type CheckedView struct {
	At       time.Time `json:"at"`
	OK       bool      `json:"ok"`
	Problems []Failure `json:"problems" doc:"What was wrong"`
	Changed  bool      `json:"changed" doc:"The line was changed since, so that it may be otherwise now"`
}

// RegistrationView is how the network of a line takes it: as its best gateway does.
type RegistrationView struct {
	State    channel.Registration `json:"state" enum:"registering,registered,refused,unanswered"`
	Status   int                  `json:"status,omitempty" doc:"The network's own code of a refusal: a status of SIP"`
	Since    *time.Time           `json:"since,omitempty" doc:"Since when it is so; absent when that is not known"`
	Text     string               `json:"text" doc:"In the reader's language, and what to do"`
	Gateways []GatewayView        `json:"gateways"`
}

// GatewayView is how one gateway takes a line.
type GatewayView struct {
	Gateway string               `json:"gateway"`
	State   channel.Registration `json:"state" enum:"registering,registered,refused,unanswered"`
	Status  int                  `json:"status,omitempty"`
	Since   *time.Time           `json:"since,omitempty"`
}

func registrationView(l locale.Language, st *channel.Standing) *RegistrationView {
	v := &RegistrationView{State: st.State, Status: st.Status, Since: optional(st.Since), Gateways: []GatewayView{}}
	values := map[string]any{}
	if st.Status != 0 {
		values["status"] = st.Status
	}
	v.Text = locale.Text(l, "registration."+string(st.State), values)
	for _, g := range st.Gateways {
		v.Gateways = append(v.Gateways, GatewayView{g.Gateway, g.State, g.Status, optional(g.Since)})
	}
	return v
}

// LimitsView is how much a line or a campaign may do.
type LimitsView struct {
	Concurrent int     `json:"concurrent" doc:"Attempts in the air at once (calls) or connections open at once (messages); 0: no bound of its own"`
	PerSecond  float64 `json:"per_second" doc:"Starts in any second; 0: no bound of its own"`
	PerDay     int     `json:"per_day" doc:"Starts in a day of the line's zone; 0: no bound of its own"`
}

// LimitsEdit is what is said of limits; what is left out has the default of the channel, or stays.
type LimitsEdit struct {
	Concurrent Change[int]     `json:"concurrent,omitzero" doc:"At least 1; calls: 10 unless it is said"`
	PerSecond  Change[float64] `json:"per_second,omitzero" doc:"0: no bound; calls: 1 unless it is said"`
	PerDay     Change[int]     `json:"per_day,omitzero" doc:"0: no bound"`
}

// LineEdit is what can be changed about a line.
type LineEdit struct {
	Name     Change[string] `json:"name,omitzero"`
	From     Change[string] `json:"from,omitzero" doc:"What people see: a phone number or a mailbox, as people write them"`
	Agent    Change[string] `json:"agent,omitzero" doc:"Id of the agent for campaigns that use the line's"`
	Zone     Change[string] `json:"zone,omitzero" doc:"IANA time zone; the workspace's unless it is said"`
	Limits   LimitsEdit     `json:"limits,omitzero"`
	Settings map[string]any `json:"settings,omitempty" doc:"Those of the channel, merged; a secret sent back as {\"set\": true} stays as it is"`
	Enabled  Change[bool]   `json:"enabled,omitzero"`
}

// LineInput is a new line.
type LineInput struct {
	Kind channel.Kind `json:"kind" enum:"voice,email,sms,whatsapp"`
	Name string       `json:"name"`
	From string       `json:"from" doc:"What people see: a phone number or a mailbox, as people write them" example:"+551140001234"`
	LineEdit
}

func (e LineEdit) edit() (channel.LineEdit, error) {
	out := channel.LineEdit{
		Name: e.Name.to(), From: e.From.to(), Agent: e.Agent.to(), Zone: e.Zone.to(), Enabled: e.Enabled.to(),
		Concurrent: e.Limits.Concurrent.to(), PerSecond: e.Limits.PerSecond.to(), PerDay: e.Limits.PerDay.to(),
	}
	var err error
	if e.Settings != nil {
		out.Settings, err = json.Marshal(e.Settings)
	}
	return out, err
}

// LineCheck says whether a line works.
type LineCheck struct {
	OK       bool      `json:"ok"`
	Problems []Failure `json:"problems"`
}

// revisedBody is an answer with the revision of what it shows.
type revisedBody[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

func (s *Server) line(ctx context.Context, r channel.LineRecord, err error) (*revisedBody[LineView], error) {
	if err != nil {
		return nil, err
	}
	v, err := s.lineView(ctx, r)
	return &revisedBody[LineView]{etag(r.Revision), v}, err
}

func (s *Server) lineView(ctx context.Context, r channel.LineRecord) (LineView, error) {
	settings, err := s.o.Lines.Shown(r.Line)
	v := LineView{
		ID: r.ID, Kind: r.Kind, Name: r.Name, From: string(r.From), Agent: r.Agent, Zone: r.Zone, Limits: LimitsView(r.Limits),
		Settings: settings, Enabled: r.Enabled, Running: r.Running, Sandbox: s.o.Sandbox != nil && s.o.Sandbox.Leads(r.Line), Revision: r.Revision, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.Standing != nil {
		v.Registration = registrationView(of(ctx).language, r.Standing)
	}
	if c := r.Checked; c != nil {
		v.Checked = &CheckedView{At: c.At, OK: len(c.Found) == 0, Problems: s.failures(ctx, c.Found), Changed: c.Revision != r.Revision}
	}
	return v, err
}

// LinePath names a line in a path.
type LinePath struct {
	Line string `path:"line" doc:"Id of the line"`
}

func (s *Server) lineRoutes() {
	handle(s, route{
		id: "list-lines", method: http.MethodGet, path: "/lines", tag: "lines", scope: access.Read, summary: "List lines", about: "The newest first.",
	}, s.listLines)
	handle(s, route{
		id: "create-line", method: http.MethodPost, path: "/lines", tag: "lines", scope: access.Manage, status: http.StatusCreated, repeats: true,
		summary: "Make a line",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body LineInput }) (*revisedBody[LineView], error) {
		e, err := in.Body.edit()
		if err != nil {
			return nil, err
		}
		e.Kind, e.Name, e.From = in.Body.Kind, &in.Body.Name, &in.Body.From
		r, err := s.o.Lines.Create(ctx, by.Workspace, e)
		return s.line(ctx, r, err)
	})
	handle(s, route{
		id: "get-line", method: http.MethodGet, path: "/lines/{line}", tag: "lines", scope: access.Read, summary: "Get a line",
	}, func(ctx context.Context, by access.Principal, in *LinePath) (*revisedBody[LineView], error) {
		r, err := s.o.Lines.Get(ctx, by.Workspace, in.Line)
		return s.line(ctx, r, err)
	})
	handle(s, route{
		id: "update-line", method: http.MethodPatch, path: "/lines/{line}", tag: "lines", scope: access.Manage, revised: true, summary: "Change a line",
	}, func(ctx context.Context, by access.Principal, in *struct {
		LinePath
		Revised
		Body LineEdit
	},
	) (*revisedBody[LineView], error) {
		revision, err := in.revision()
		if err != nil {
			return nil, err
		}
		e, err := in.Body.edit()
		if err == nil {
			err = s.mayTurn(ctx, by, in.Line)
		}
		if err != nil {
			return nil, err
		}
		r, err := s.o.Lines.Edit(ctx, by.Workspace, in.Line, revision, e)
		return s.line(ctx, r, err)
	})
	handle(s, route{
		id: "delete-line", method: http.MethodDelete, path: "/lines/{line}", tag: "lines", scope: access.Manage, conflicts: true,
		status: http.StatusNoContent, summary: "Delete a line", about: "Refused while campaigns that have not ended use it.",
	}, func(ctx context.Context, by access.Principal, in *LinePath) (*nothing, error) {
		if err := s.mayTurn(ctx, by, in.Line); err != nil {
			return nil, err
		}
		return nil, s.o.Lines.Delete(ctx, by.Workspace, in.Line)
	})
	handle(s, route{
		id: "check-line", method: http.MethodPost, path: "/lines/{line}/check", tag: "lines", scope: access.Operate, conflicts: true,
		summary: "Try whether a line works", about: "Registers, signs in or asks for a sign of life, without disturbing anybody. What is wrong is in problems, and stays known as the line's last check.",
	}, func(ctx context.Context, by access.Principal, in *LinePath) (*body[LineCheck], error) {
		bad, err := s.o.Lines.Check(ctx, by.Workspace, in.Line)
		return answer(LineCheck{OK: len(bad) == 0, Problems: s.failures(ctx, bad)}), err
	})
}

// mayTurn refuses to change the line that links to come in are sent by, unless by somebody who may give access themselves:
// who can lead it elsewhere reads the links of others.
func (s *Server) mayTurn(ctx context.Context, by access.Principal, line string) error {
	w, err := s.o.Access.Workspace(ctx, by.Workspace)
	if err != nil || w.Settings.MailLine != line {
		return err
	}
	return by.Require(access.Own)
}

func (s *Server) listLines(ctx context.Context, by access.Principal, in *struct {
	Paging
	Kind   channel.Kind `query:"kind" enum:"voice,email,sms,whatsapp" doc:"Only those of a channel"`
	Search string       `query:"search" maxLength:"200" doc:"In the name and the address"`
},
) (*body[Page[LineView]], error) {
	q := channel.LineQuery{Kind: in.Kind, Search: in.Search, Limit: in.Limit + 1}
	if err := resume("lines", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Lines.List(ctx, by.Workspace, q)
	if err != nil {
		return nil, err
	}
	var failed error
	show := func(r channel.LineRecord) LineView {
		v, err := s.lineView(ctx, r)
		if err != nil {
			failed = err
		}
		return v
	}
	return answer(page("lines", rows, in.Limit, show, func(r channel.LineRecord) any { return r.ID })), failed
}
