package api

import (
	"context"
	"net/http"

	"campanario/access"
	"campanario/channel"
	"campanario/internal/locale"
	"campanario/rules"
	"campanario/schedule"
)

// RulesView is what a workspace is bound by.
type RulesView struct {
	Limits   []rules.Limit  `json:"limits" doc:"How often one person may be contacted, by all campaigns together"`
	Packs    []rules.Chosen `json:"packs" doc:"The packs of law that apply"`
	Closed   ClosedDays     `json:"closed" doc:"Days on which nobody is contacted, by whichever campaign, on the clock of whom is contacted"`
	Revision int64          `json:"revision" doc:"0: nothing was ever set"`
}

// ClosedDays are days on which a workspace contacts nobody.
type ClosedDays struct {
	Holidays []schedule.Calendar `json:"holidays" doc:"The holidays of these calendars"`
	Dates    []string            `json:"dates" doc:"Dates and runs of dates: 2026-12-24, 2026-12-31..2027-01-02"`
}

// RulePackView is what the law of one place says.
type RulePackView struct {
	Name    string         `json:"name"`
	Title   string         `json:"title" doc:"In the reader's language"`
	Version int            `json:"version"`
	Date    string         `json:"date" doc:"When it was last looked at"`
	Rules   []PackRuleView `json:"rules"`
}

// PackRuleView is one thing that it says.
type PackRuleView struct {
	ID       string          `json:"id"`
	Text     string          `json:"text" doc:"What it says, in the reader's language"`
	Source   string          `json:"source"`
	Status   rules.Status    `json:"status" enum:"verified,secondary" doc:"verified: applies unless it is switched off; secondary: only when it is switched on"`
	Note     string          `json:"note"`
	Purposes []rules.Purpose `json:"purposes" doc:"Only for these; empty: for all"`
	Channels []channel.Kind  `json:"channels" doc:"Only on these; empty: on all"`
	Hours    *Window         `json:"hours,omitempty" doc:"On the clock of whom is contacted"`
	Limits   []rules.Limit   `json:"limits"`
	Registry string          `json:"registry" doc:"A do-not-call register that must be kept to: load it as a suppression list"`
}

func packView(p *rules.Pack, l locale.Language) RulePackView {
	in := string(l)
	v := RulePackView{p.Name, p.Titles.In(in, p.Title), p.Version, p.Date, []PackRuleView{}}
	for _, r := range p.Rules {
		v.Rules = append(v.Rules, PackRuleView{
			r.ID, r.Texts.In(in, r.Text), r.Source, r.Status, r.Notes.In(in, r.Note), list(r.Purposes), list(r.Channels), hoursView(r.Hours), list(r.Limits), r.Registry,
		})
	}
	return v
}

func hoursView(w *schedule.Window) *Window {
	if w == nil {
		return nil
	}
	v := Window{Days: map[string][]string{}, Zone: w.Zone, Holidays: w.Holidays}
	for d, name := range [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		for _, i := range w.Days[d] {
			v.Days[name] = append(v.Days[name], i.String())
		}
	}
	for _, s := range w.Blackout {
		v.Blackout = append(v.Blackout, s.String())
	}
	return &v
}

func (s *Server) ruleRoutes() {
	handle(s, route{
		id: "get-rules", method: http.MethodGet, path: "/rules", tag: "workspace", scope: access.Read,
		summary: "Get the rules of the workspace", about: "Limits of how often one person may be contacted, the packs of law that apply, and days on which nobody is contacted.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*revisedBody[RulesView], error) {
		return s.rules(ctx, by.Workspace)
	})
	handle(s, route{
		id: "set-rules", method: http.MethodPut, path: "/rules", tag: "workspace", scope: access.Manage, revised: true,
		summary: "Replace the rules of the workspace",
		about: "Running campaigns keep to them within a second. Attempts made while nothing counted them are not counted by a limit that is set later. " +
			"Who is over a limit waits until it allows.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Revised
		Body rules.Settings `nameHint:"RulesInput"`
	},
	) (*revisedBody[RulesView], error) {
		revision, err := in.revisionOfSettings()
		if err != nil {
			return nil, err
		}
		if _, err := s.o.Rules.Set(ctx, by.Workspace, in.Body, revision); err != nil {
			return nil, err
		}
		return s.rules(ctx, by.Workspace)
	})
	handle(s, route{
		id: "list-rule-packs", method: http.MethodGet, path: "/rule-packs", tag: "workspace", scope: access.Read,
		summary: "List the packs of law", about: "What each says, from where that is known, and how surely. They are no legal advice.",
	}, func(ctx context.Context, _ access.Principal, _ *nothing) (*body[Page[RulePackView]], error) {
		packs := s.o.Rules.Packs()
		rows := make([]*rules.Pack, 0, len(packs))
		for _, name := range packs.Names() {
			rows = append(rows, packs[name])
		}
		show := func(p *rules.Pack) RulePackView { return packView(p, of(ctx).language) }
		return answer(page("rule-packs", rows, len(rows), show, nil)), nil
	})
}

func (s *Server) rules(ctx context.Context, workspace string) (*revisedBody[RulesView], error) {
	settings, revision, err := s.o.Rules.Settings(ctx, workspace)
	return &revisedBody[RulesView]{etag(revision), RulesView{
		list(settings.Limits), list(settings.Packs), ClosedDays{list(settings.Closed.Holidays), list(settings.Closed.Dates)}, revision,
	}}, err
}
