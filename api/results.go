package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fold"
	"campanario/internal/locale"
	"campanario/report"
)

// ResultsView says what came of a campaign so far.
type ResultsView struct {
	Counts   CountsView    `json:"counts"`
	Rates    report.Rates  `json:"rates"`
	Findings []FindingView `json:"findings" doc:"How the rates compare with what is usual"`
	// People are counted once, whatever they were called; attempts as often as they were made.
	Outcomes []report.Ended  `json:"outcomes" doc:"How attempts ended, the most frequent first"`
	Funnel   []report.Passed `json:"funnel" doc:"How far people came: everybody, those who were tried, those who were reached, …; what the channel does not tell has no stage"`
	Hours    AnswerHoursView `json:"hours" doc:"When people answer"`
	Series   SeriesView      `json:"series" doc:"What happened over time"`
	Cost     CostView        `json:"cost"`
}

// AnswerHoursView is a week of hours, with what became of the attempts that were placed in each.
type AnswerHoursView struct {
	Zone  string           `json:"zone" doc:"IANA time zone of the campaign's clock"`
	Cells []AnswerHourView `json:"cells" doc:"Hours with attempts, from Monday on"`
}

// AnswerHourView is one hour of one day of the week, over all weeks.
type AnswerHourView struct {
	Weekday string   `json:"weekday" enum:"mon,tue,wed,thu,fri,sat,sun"`
	Hour    int      `json:"hour" minimum:"0" maximum:"23"`
	Tried   int64    `json:"attempts" doc:"Attempts that could have reached a person"`
	Reached int64    `json:"answered" doc:"Of them, those that did"`
	Rate    *float64 `json:"answer_rate,omitempty" doc:"0 to 1; absent when there is nothing to divide"`
}

// SeriesView is what happened over time, up to a year back.
type SeriesView struct {
	Every  report.Step `json:"every" enum:"hour,day" doc:"How long each span is: an hour for what lasted two days at most"`
	Zone   string      `json:"zone" doc:"IANA time zone of the clock on which days begin"`
	Points []PointView `json:"points" doc:"Without gaps from the first to the last; attempts count when they were placed"`
}

// PointView is what happened in one span of time.
type PointView struct {
	At       time.Time `json:"at" doc:"When the span begins"`
	Attempts int64     `json:"attempts"`
	People   int64     `json:"first_turns" doc:"Of them, those that were their recipient's first"`
	Answered int64     `json:"answered" doc:"Of them, those that reached the person"`
	Failed   int64     `json:"failed" doc:"Of them, those that failed technically"`
	Refused  int64     `json:"refused" doc:"Of them, those in which the person said stop"`
	Goals    int64     `json:"goals" doc:"Of them, those that reached the goal"`
	TalkMs   int64     `json:"talk_ms"`
}

// CostView says what a campaign costs; while there are no prices it says that.
type CostView struct {
	Code string `json:"code" enum:"no_prices" doc:"Why there is no sum"`
	Text string `json:"text" doc:"In the reader's language"`
}

func costView(l locale.Language) CostView {
	return CostView{"no_prices", locale.Word(l, "cost", "no_prices")}
}

// FindingView is what is to be said of one rate.
type FindingView struct {
	report.Finding
	Text string `json:"text" doc:"What to do, in the reader's language; empty for what is healthy"`
}

func (s *Server) resultRoutes() {
	handle(s, route{
		id: "get-results", method: http.MethodGet, path: "/campaigns/{campaign}/results", tag: "campaigns", scope: access.Read,
		summary: "Get the numbers of a campaign and what they mean",
		about:   "Its counters and rates, how it compares with what is usual, and what charts are made of. Nothing of it is counted while you wait: it costs the same whatever the campaign's size.",
	}, s.getResults)
	handle(s, route{
		id: "download-report", method: http.MethodGet, path: "/campaigns/{campaign}/report", tag: "campaigns", scope: access.Read,
		answers: "text/csv", audited: true, summary: "Download the report of a campaign",
		about: "CSV with a row per recipient or per attempt, of any size. Cells are safe to open in a spreadsheet. " +
			"A download that breaks off has not come whole: the connection ends without the last chunk.",
	}, s.downloadReport)
	s.reportFileRoutes()
	s.liveRoutes()
}

func (s *Server) getResults(ctx context.Context, by access.Principal, in *CampaignPath) (*body[ResultsView], error) {
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	n, err := s.o.Campaigns.Counts(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	list, err := s.o.Board.Slices(ctx, by.Workspace, in.Campaign, report.TrendSince(s.o.Now()))
	if err != nil {
		return nil, err
	}
	l, clock := of(ctx).language, clockOf(c)
	v := ResultsView{
		Counts: countsView(n), Rates: report.Of(n), Findings: []FindingView{}, Outcomes: report.Outcomes(n), Cost: costView(l),
		Funnel: report.Funnel(c.Channel, n, c.Goal != "" || n.Goals > 0), Hours: answerHours(list, clock), Series: seriesView(list, clock),
	}
	for _, f := range report.Assess(c.Channel, n) {
		text := ""
		if f.Hint != "" {
			text = locale.Word(l, "hint", f.Hint)
		}
		v.Findings = append(v.Findings, FindingView{f, text})
	}
	return answer(v), nil
}

func answerHours(list []campaign.Slice, clock *time.Location) AnswerHoursView {
	v := AnswerHoursView{Zone: clock.String(), Cells: []AnswerHourView{}}
	for _, h := range report.ByHour(list, clock) {
		day := strings.ToLower(h.Weekday.String()[:3])
		v.Cells = append(v.Cells, AnswerHourView{day, h.Hour, h.Carried(), h.Answered, part(h.Answered, h.Carried())})
	}
	return v
}

func seriesView(list []campaign.Slice, clock *time.Location) SeriesView {
	every, points := report.Series(list, clock)
	v := SeriesView{Every: every, Zone: clock.String(), Points: make([]PointView, len(points))}
	for i := range points {
		p := &points[i]
		v.Points[i] = PointView{p.At.UTC(), p.Attempts, p.FirstTurns, p.Answered, p.Technical, p.Refused, p.Goals, p.Talk.Milliseconds()}
	}
	return v
}

// ReportQuery says what a report is to be like.
type ReportQuery struct {
	CampaignPath
	Picking
	Rows      report.Form `query:"rows" enum:"recipients,attempts" default:"recipients" doc:"What a row is"`
	Converted bool        `query:"converted" doc:"Only those who reached the goal, or the attempts that did"`
	Words     string      `query:"words" enum:"codes,pt-BR,es,en" default:"codes" doc:"codes: headings and values that never change, for programs; else the language for people"`
	Delimiter string      `query:"delimiter" enum:"comma,semicolon,tab,pipe" default:"comma" doc:"Excel expects semicolon in Portuguese and Spanish"`
	Mark      bool        `query:"bom" doc:"Begin with a byte order mark, without which Excel takes UTF-8 for Windows-1252"`
}

func (s *Server) downloadReport(ctx context.Context, by access.Principal, in *ReportQuery) (*huma.StreamResponse, error) {
	f, err := s.picking(ctx, by, in.Picking)
	if err != nil {
		return nil, err
	}
	o := report.Options{Form: in.Rows, Filter: f, Converted: in.Converted, Mark: in.Mark, Delimiter: delimiters(in.Delimiter)}
	if in.Words != "codes" {
		o.Words = report.In(locale.Language(in.Words))
	}
	r, err := report.Open(ctx, s.o.Report, by.Workspace, in.Campaign, o)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "text/csv; charset=utf-8")
		c.SetHeader("Content-Disposition", `attachment; filename="`+fileName(r.Campaign(), in.Rows, "csv")+`"`)
		if c.Method() == http.MethodHead {
			return
		}
		_, w := unwrap(c)
		if _, err := r.Write(ctx, w); err != nil {
			s.log.Warn("report_broken_off", "request", of(ctx).id, "campaign", in.Campaign, "error", err)
			panic(http.ErrAbortHandler) // the only way to tell that there was more
		}
	}}, nil
}

func delimiters(name string) rune {
	switch name {
	case "semicolon":
		return ';'
	case "tab":
		return '\t'
	case "pipe":
		return '|'
	default:
		return ','
	}
}

// fileName is what a report is saved as: the campaign's name in letters that every system takes.
func fileName(c *campaign.Campaign, rows report.Form, ending string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		default:
			return '-'
		}
	}, fold.Key(c.Name))
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name = strings.Trim(name, "-"); len(name) > 60 {
		name = name[:60]
	}
	if name == "" {
		name = c.ID
	}
	return name + "-" + string(rows) + "." + ending
}
