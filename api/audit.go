package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/intake"
	"campanario/internal/locale"
)

// EventView is one thing that was done.
type EventView struct {
	At          time.Time        `json:"at"`
	ActorKind   access.ActorKind `json:"actor_kind" enum:"key,user,program"`
	Actor       string           `json:"actor" doc:"Id of the key or of the user; empty for the program itself"`
	ActorName   string           `json:"actor_name" doc:"As it was then"`
	Operation   string           `json:"operation" doc:"Id of the operation of this API, or a name of the program's own"`
	SubjectKind string           `json:"subject_kind" doc:"What it was done to: campaign, line, contact, …"`
	Subject     string           `json:"subject" doc:"Its id; empty where there is only one"`
	Request     string           `json:"request" doc:"X-Request-Id of the request"`
	Details     map[string]any   `json:"details" doc:"changes: the fields that changed, with their values before and after unless these are personal, secret, words to people, or large. made: the id of what came of it"`
	Text        string           `json:"text,omitempty" doc:"What the engine did to a campaign by itself, and why, in the reader's language"`
}

func eventView(e access.Event) EventView {
	v := EventView{
		At: e.At, ActorKind: e.Actor.Kind, Actor: e.Actor.ID, ActorName: e.Actor.Name, Operation: e.Operation, SubjectKind: e.Subject.Kind,
		Subject: e.Subject.ID, Request: e.Request, Details: e.Details,
	}
	if v.Details == nil {
		v.Details = map[string]any{}
	}
	return v
}

// deedText tells what the engine did by itself; empty for what anybody else did.
func deedText(l locale.Language, e access.Event) string {
	if e.Actor.Kind != access.ActorProgram || !slices.Contains(campaign.Deeds(), campaign.Deed(e.Operation)) {
		return ""
	}
	if why, _ := e.Details["reason"].(string); why != "" {
		params, _ := e.Details["params"].(map[string]any)
		return locale.Text(l, "pause."+why, params)
	}
	values := maps.Clone(e.Details)
	if counts, _ := values["counts"].(map[string]any); counts != nil {
		maps.Copy(values, counts)
		maps.DeleteFunc(values, func(name string, n any) bool { return n == 0.0 && name != "added" }) // there is nothing to tell of nobody
	}
	return locale.Text(l, "deed."+e.Operation, values)
}

func (s *Server) auditRoutes() {
	handle(s, route{
		id: "list-audit", method: http.MethodGet, path: "/audit", tag: "workspace", scope: access.Manage,
		summary: "List who changed what", about: "The newest first. Every change through this API is there as soon as it is answered, what the engine does to campaigns by itself " +
			"(begin-campaign, pause-campaign, end-lap, open-lap, supply-campaign, complete-campaign), and what the program deletes by itself.",
	}, s.listEvents)
}

func (s *Server) listEvents(ctx context.Context, by access.Principal, in *struct {
	Paging
	SubjectKind string    `query:"subject_kind" maxLength:"40" doc:"Only what was done to such things: campaign, line, contact, …"`
	Subject     string    `query:"subject" maxLength:"100" doc:"Only what was done to the one with this id"`
	Actor       string    `query:"actor" maxLength:"100" doc:"Only what was done by the key or the user with this id"`
	Operation   string    `query:"operation" maxLength:"100" doc:"Only this operation"`
	From        time.Time `query:"from" doc:"Only from then on"`
	To          time.Time `query:"to" doc:"Only what was before"`
},
) (*body[Page[EventView]], error) {
	q := access.EventQuery{
		Subject: access.Subject{Kind: in.SubjectKind, ID: in.Subject}, Actor: in.Actor, Operation: in.Operation,
		From: in.From.UTC(), To: in.To.UTC(), Limit: in.Limit + 1,
	}
	if err := resume("audit", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Audit.Events(ctx, by.Workspace, q)
	show := func(e access.Event) EventView {
		v := eventView(e)
		v.Text = deedText(of(ctx).language, e)
		return v
	}
	return answer(page("audit", rows, in.Limit, show, func(e access.Event) any { return e.No })), err
}

// changes tells whether an operation is one that the audit keeps: whatever needs more than looking, and what is told to.
// Of what is open to everybody that is what lets somebody in.
func (r route) changes() bool {
	return r.audited || !r.looks && r.method != http.MethodGet && r.scope != access.Read && r.scope != access.Open
}

// auditFor is how long noting an operation down may take, though its reader is gone.
const auditFor = 10 * time.Second

// audited notes an operation down that succeeded, or that broke off in the middle of what it did.
func (s *Server) audited(ctx context.Context, r route, before, out any, err error) error {
	var broken *partial
	switch {
	case err == nil:
		return s.audit(ctx, r, before, out)
	case errors.As(err, &broken) && broken.done.Added > 0:
		tell(ctx, "broken_off", true)
		_ = s.audit(ctx, r, before, nil) // changes are never refused by it
	}
	return err
}

// audit notes an operation down that has been done. One that changed nothing is refused when it cannot be noted; what is
// done cannot be refused any more.
func (s *Server) audit(ctx context.Context, r route, before, out any) error {
	q := of(ctx)
	if q.principal.Workspace == "" { // somebody who is in none, about themselves
		return nil
	}
	subject, details := q.subject(r), q.told
	if details == nil {
		details = map[string]any{}
	}
	for name, value := range q.path {
		if name != subject.Kind {
			details[name] = value
		}
	}
	if made := idOf(out); made != "" && made != subject.ID {
		if details["made"] = made; subject.ID == "" {
			subject.ID = made
			delete(details, "made")
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditFor)
	defer cancel()
	// Who lets themselves in was nobody before: that is not a change of all that they are.
	if w, watched := s.watched()[subject.Kind]; watched && r.method != http.MethodGet && r.scope != access.Open {
		after := s.look(ctx, subject)
		if changes := access.Compare(before, after, w.quiet); len(changes) > 0 {
			details["changes"] = changes
		}
	}
	err := s.o.Audit.Record(ctx, access.Event{
		Workspace: q.principal.Workspace, At: s.o.Now().UTC(), Actor: q.principal.Actor(), Operation: r.id, Subject: subject, Request: q.id, Details: details,
	})
	if err != nil && r.method != http.MethodGet {
		s.log.Error("audit_not_written", "request", q.id, "operation", r.id, "error", err)
		err = nil
	}
	return err
}

// tell adds to what the audit keeps of the request. It must hold no personal data but ids.
func tell(ctx context.Context, name string, value any) {
	q := of(ctx)
	if q.told == nil {
		q.told = map[string]any{}
	}
	q.told[name] = value
}

// subject is what a request is about: what its path names first, else what its path is about.
func (q *request) subject(r route) access.Subject {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
	kind := strings.TrimSuffix(first, "s")
	if stem, plural := strings.CutSuffix(first, "ies"); plural {
		kind = stem + "y"
	}
	switch kind {
	case "rule": // of which there is one for all
		return access.Subject{Kind: first}
	case "workspace", "security":
		return access.Subject{Kind: kind, ID: q.principal.Workspace}
	case "session", "me", "link": // one's own
		return access.Subject{Kind: "user", ID: q.principal.User}
	}
	return access.Subject{Kind: kind, ID: q.path[kind]}
}

// idOf is the id that an answer shows; empty when it shows none.
func idOf(out any) string {
	v := reflect.Indirect(reflect.ValueOf(out))
	for _, name := range []string{"Body", "ID"} {
		if v.Kind() != reflect.Struct {
			return ""
		}
		if v = v.FieldByName(name); !v.IsValid() {
			return ""
		}
	}
	if v.Kind() != reflect.String {
		return ""
	}
	return v.String()
}

// watching is how one kind of thing is looked at before and after it is changed.
type watching struct {
	look func(ctx context.Context, workspace, id string) (any, error)
	// quiet tells of which fields the audit keeps no values: what is personal, and what is said to people.
	quiet func(field string) bool
}

func under(names ...string) func(string) bool {
	return func(field string) bool {
		first, _, _ := strings.Cut(field, ".")
		return slices.Contains(names, first)
	}
}

func everything(string) bool { return true }

// watched are the kinds of things of which the audit keeps what changed.
func (s *Server) watched() map[string]watching {
	return map[string]watching{
		"campaign": {quiet: under("call", "message", "description"), look: func(ctx context.Context, workspace, id string) (any, error) {
			c, err := s.o.Campaigns.Get(ctx, workspace, id)
			if err != nil {
				return nil, err
			}
			return struct {
				campaign.Definition
				State    campaign.State `json:"state"`
				Archived bool           `json:"archived"`
			}{c.Definition, c.State, c.Archived}, nil
		}},
		"agent": {quiet: under("script", "variables"), look: func(ctx context.Context, workspace, id string) (any, error) {
			r, err := s.o.Agents.Get(ctx, workspace, id)
			return agentView(r), err
		}},
		"template": {quiet: under("message", "description"), look: func(ctx context.Context, workspace, id string) (any, error) {
			t, err := s.o.Templates.Get(ctx, workspace, id)
			return templateView(t), err
		}},
		"line": {quiet: under(), look: func(ctx context.Context, workspace, id string) (any, error) {
			r, err := s.o.Lines.Get(ctx, workspace, id)
			if err != nil {
				return nil, err
			}
			return s.lineView(ctx, r) // with its secrets covered
		}},
		"contact": {quiet: everything, look: func(ctx context.Context, workspace, id string) (any, error) {
			c, err := s.o.Contacts.Get(ctx, workspace, id)
			return contactView(c), err
		}},
		"audience": {quiet: under("filter", "description"), look: func(ctx context.Context, workspace, id string) (any, error) {
			l, err := s.o.Lists.Get(ctx, workspace, id)
			return audienceView(l), err
		}},
		"registry": {quiet: under(), look: func(ctx context.Context, workspace, id string) (any, error) {
			r, err := s.o.Registries.Get(ctx, workspace, id)
			return s.registryView(r), err
		}},
		"import": {quiet: func(field string) bool { return field == "settings.description" }, look: func(ctx context.Context, workspace, id string) (any, error) {
			x, err := s.o.Imports.Get(ctx, workspace, id)
			return struct {
				Name     string         `json:"name"`
				State    intake.State   `json:"state"`
				Settings ImportSettings `json:"settings"`
			}{x.Name, x.State, ImportSettings(x.Settings)}, err
		}},
		"workspace": {quiet: under(), look: func(ctx context.Context, workspace, _ string) (any, error) {
			w, err := s.o.Access.Workspace(ctx, workspace)
			return workspaceView(w), err
		}},
		"security": {quiet: under(), look: func(ctx context.Context, workspace, _ string) (any, error) {
			w, err := s.o.Access.Workspace(ctx, workspace)
			return securityView(w), err
		}},
		"user": {quiet: func(field string) bool { return field != "role" }, look: func(ctx context.Context, workspace, id string) (any, error) {
			m, err := s.o.Users.Member(ctx, workspace, id)
			return memberView(m, access.Principal{}), err
		}},
		"retention": {quiet: under(), look: func(ctx context.Context, workspace, _ string) (any, error) {
			p, _, err := s.o.Office.Periods(ctx, workspace)
			return p, err
		}},
		"rules": {quiet: under(), look: func(ctx context.Context, workspace, _ string) (any, error) {
			r, err := s.rules(ctx, workspace)
			if err != nil {
				return nil, err
			}
			return r.Body, nil
		}},
	}
}

// passing are fields that change by themselves.
var passing = []string{"id", "revision", "version", "created_at", "updated_at", "running", "seen_at", "checked"}

// look gives a thing as it is, for what changed; nil for what is not there or not watched.
func (s *Server) look(ctx context.Context, subject access.Subject) any {
	w, watched := s.watched()[subject.Kind]
	if !watched || subject.ID == "" && subject.Kind != "rules" && subject.Kind != "retention" {
		return nil
	}
	v, err := w.look(ctx, of(ctx).principal.Workspace, subject.ID)
	if err != nil {
		return nil
	}
	return access.Members(v, passing...)
}
