package api

import (
	"context"
	"net/http"
	"strings"

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
	}, s.getResults)
	handle(s, route{
		id: "download-report", method: http.MethodGet, path: "/campaigns/{campaign}/report", tag: "campaigns", scope: access.Read,
		answers: "text/csv", summary: "Download the report of a campaign",
		about: "CSV with a row per recipient or per attempt, of any size. Cells are safe to open in a spreadsheet. " +
			"A download that breaks off has not come whole: the connection ends without the last chunk.",
	}, s.downloadReport)
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
	v := ResultsView{Counts: countsView(n), Rates: report.Of(n), Findings: []FindingView{}}
	for _, f := range report.Assess(c.Channel, n) {
		text := ""
		if f.Hint != "" {
			text = locale.Word(of(ctx).language, "hint", f.Hint)
		}
		v.Findings = append(v.Findings, FindingView{f, text})
	}
	return answer(v), nil
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
	f, err := in.filter()
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
		c.SetHeader("Content-Disposition", `attachment; filename="`+fileName(r.Campaign(), in.Rows)+`"`)
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
func fileName(c *campaign.Campaign, rows report.Form) string {
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
	return name + "-" + string(rows) + ".csv"
}
