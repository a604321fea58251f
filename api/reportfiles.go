package api

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/internal/fault"
	"campanario/report"
)

// bookFile is the type of a workbook.
const bookFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// ReportInput says what a report is to be like.
type ReportInput struct {
	Rows      report.Form  `json:"rows,omitempty" enum:"recipients,attempts" default:"recipients" doc:"What a row is"`
	Words     string       `json:"words,omitempty" enum:"codes,pt-BR,es,en" default:"codes" doc:"codes: headings and values that never change, for programs; else the language for people"`
	Converted bool         `json:"converted,omitempty" doc:"Only those who reached the goal, or the attempts that did"`
	Filter    *FilterInput `json:"filter,omitempty" doc:"Whose rows; everybody's unless it is said"`
}

// ReportView is a report as a workbook, from when it was asked for until it expires.
type ReportView struct {
	ID        string            `json:"id"`
	Campaign  string            `json:"campaign" doc:"Id of the campaign"`
	State     report.State      `json:"state" enum:"waiting,writing,done,cancelled,failed"`
	Can       []report.FileStep `json:"can" enum:"cancel,download,delete" doc:"What can be asked of it now"`
	Name      string            `json:"name" doc:"Of the file"`
	Rows      report.Form       `json:"rows" enum:"recipients,attempts" doc:"What a row is"`
	Words     string            `json:"words" enum:"codes,pt-BR,es,en"`
	Converted bool              `json:"converted"`
	Filter    FilterInput       `json:"filter"`
	Written   int64             `json:"written" doc:"Rows so far"`
	Progress  int64             `json:"progress" minimum:"0" maximum:"1000" doc:"How much of the campaign has been gone through, in thousandths"`
	Size      int64             `json:"size" doc:"Bytes so far"`
	Failure   *Failure          `json:"failure,omitempty" doc:"Why it failed, when it has"`
	CreatedAt time.Time         `json:"created_at"`
	EndedAt   *time.Time        `json:"ended_at"`
	ExpiresAt *time.Time        `json:"expires_at" doc:"When it goes, once it has ended"`
}

func (s *Server) reportView(ctx context.Context, by access.Principal, f report.File) ReportView {
	v := ReportView{
		ID: f.ID, Campaign: f.Campaign, State: f.State, Can: stepsOf(by, f), Name: f.Name, Rows: f.Options.Form, Words: f.Options.Language,
		Converted: f.Options.Converted, Written: f.Rows, Progress: f.Progress, Size: f.Size,
		Filter: FilterInput{
			Statuses: f.Options.Filter.Statuses, Outcomes: f.Options.Filter.Outcomes, Numbers: f.Options.Filter.Numbers, Search: f.Options.Filter.Search,
		},
		CreatedAt: f.CreatedAt, EndedAt: optional(f.EndedAt), ExpiresAt: optional(f.ExpiresAt),
	}
	if v.Words == "" {
		v.Words = "codes"
	}
	if v.Filter.Search == "" && len(v.Filter.Statuses)+len(v.Filter.Outcomes)+len(v.Filter.Numbers) == 0 {
		v.Filter.All = true
	}
	if f.Failure != nil {
		v.Failure = &s.failures(ctx, fault.List{f.Failure})[0]
	}
	return v
}

func (s *Server) reportAnswer(ctx context.Context, by access.Principal, f report.File, err error) (*body[ReportView], error) {
	if err != nil {
		return nil, err
	}
	return answer(s.reportView(ctx, by, f)), nil
}

// ReportPath names a report in a path.
type ReportPath struct {
	Report string `path:"report" doc:"Id of the report"`
}

func (s *Server) reportFileRoutes() {
	handle(s, route{
		id: "prepare-report", method: http.MethodPost, path: "/campaigns/{campaign}/reports", tag: "campaigns", scope: access.Read, status: http.StatusAccepted,
		conflicts: true, audited: true, summary: "Have the report of a campaign written as a workbook",
		about: "XLSX of any size, written in the background: look at state and progress, then download it. It goes on whatever becomes of this node, " +
			"and is kept for seven days. More rows than a sheet holds go to further sheets. All text is text: nothing in it is run.",
	}, s.prepareReport)
	handle(s, route{
		id: "list-reports", method: http.MethodGet, path: "/campaigns/{campaign}/reports", tag: "campaigns", scope: access.Read,
		summary: "List the workbooks of a campaign's report", about: "The newest first, until they expire.",
	}, s.listReports)
	handle(s, route{
		id: "get-report", method: http.MethodGet, path: "/reports/{report}", tag: "campaigns", scope: access.Read, summary: "Get how far a report is",
	}, func(ctx context.Context, by access.Principal, in *ReportPath) (*body[ReportView], error) {
		f, err := s.o.Reports.Get(ctx, by.Workspace, in.Report)
		return s.reportAnswer(ctx, by, f, err)
	})
	handle(s, route{
		id: "cancel-report", method: http.MethodPost, path: "/reports/{report}/cancel", tag: "campaigns", scope: access.Read, conflicts: true, audited: true,
		summary: "Stop writing a report", about: "Of somebody else it takes the permission to operate.",
	}, func(ctx context.Context, by access.Principal, in *ReportPath) (*body[ReportView], error) {
		if err := s.ownReport(ctx, by, in.Report); err != nil {
			return nil, err
		}
		f, err := s.o.Reports.Cancel(ctx, by.Workspace, in.Report)
		return s.reportAnswer(ctx, by, f, err)
	})
	handle(s, route{
		id: "delete-report", method: http.MethodDelete, path: "/reports/{report}", tag: "campaigns", scope: access.Read, conflicts: true, audited: true,
		status: http.StatusNoContent, summary: "Delete a report before it expires", about: "Of somebody else it takes the permission to operate.",
	}, func(ctx context.Context, by access.Principal, in *ReportPath) (*nothing, error) {
		if err := s.ownReport(ctx, by, in.Report); err != nil {
			return nil, err
		}
		return nil, s.o.Reports.Delete(ctx, by.Workspace, in.Report)
	})
	handle(s, route{
		id: "download-report-file", method: http.MethodGet, path: "/reports/{report}/file", tag: "campaigns", scope: access.Read, conflicts: true, audited: true,
		answers: bookFile, summary: "Download a report that has been written",
		about: "A workbook (XLSX). A download that breaks off has not come whole: the connection ends before the length that was announced.",
	}, s.downloadReportFile)
}

// others reports whether a report is somebody else's business than that of who may only look.
func others(by access.Principal, f report.File) bool {
	return f.By != by.ID() && !by.Scopes.Allow(access.Operate)
}

func stepsOf(by access.Principal, f report.File) []report.FileStep {
	return slices.DeleteFunc(f.State.Steps(), func(s report.FileStep) bool { return s != report.StepDownload && others(by, f) })
}

// ownReport refuses what viewers may not do to the reports of others.
func (s *Server) ownReport(ctx context.Context, by access.Principal, id string) error {
	f, err := s.o.Reports.Get(ctx, by.Workspace, id)
	if err != nil || !others(by, f) {
		return err
	}
	return by.Require(access.Operate)
}

func (s *Server) prepareReport(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Body ReportInput
},
) (*body[ReportView], error) {
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	o := report.FileOptions{Form: in.Body.Rows, Converted: in.Body.Converted}
	if in.Body.Words != "codes" {
		o.Language = in.Body.Words
	}
	if in.Body.Filter != nil {
		if o.Filter, err = s.picks(ctx, by, *in.Body.Filter, "filter"); err != nil {
			return nil, err
		}
	}
	f, err := s.o.Reports.Prepare(ctx, by.Workspace, in.Campaign, by.ID(), fileName(c, in.Body.Rows, "xlsx"), o)
	return s.reportAnswer(ctx, by, f, err)
}

func (s *Server) listReports(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Paging
},
) (*body[Page[ReportView]], error) {
	q := report.FileQuery{Campaign: in.Campaign, Limit: in.Limit + 1}
	if err := resume("reports", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Reports.List(ctx, by.Workspace, q)
	show := func(f report.File) ReportView { return s.reportView(ctx, by, f) }
	return answer(page("reports", rows, in.Limit, show, func(f report.File) any { return f.No })), err
}

func (s *Server) downloadReportFile(ctx context.Context, by access.Principal, in *ReportPath) (*huma.StreamResponse, error) {
	f, from, err := s.o.Reports.Open(ctx, by.Workspace, in.Report)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", bookFile)
		c.SetHeader("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(f.Name, `"`, "")+`"`)
		c.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
		if c.Method() == http.MethodHead {
			return
		}
		_, w := unwrap(c)
		if _, err := io.Copy(w, from); err != nil {
			s.log.Warn("report_broken_off", "request", of(ctx).id, "report", f.ID, "error", err)
			panic(http.ErrAbortHandler) // the only way to tell that there was more
		}
	}}, nil
}
