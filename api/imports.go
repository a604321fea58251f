package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/audience"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// ImportView is a file of contacts on its way in.
type ImportView struct {
	ID        string             `json:"id"`
	State     intake.State       `json:"state" enum:"open,ready,checking,checked,running,done,cancelled,failed,undoing,undone"`
	Can       []intake.Step      `json:"can" enum:"edit,check,commit,cancel,undo,delete" doc:"What can be asked of it now"`
	Name      string             `json:"name" doc:"Of the file"`
	Size      int64              `json:"size" doc:"Bytes of the file"`
	Settings  ImportSettings     `json:"settings"`
	Found     *intake.Suggestion `json:"found,omitempty" doc:"What the file looks like, once it is there"`
	Counts    intake.Counts      `json:"counts" doc:"Of the trial, the import, or its undoing, so far"`
	Failure   *Failure           `json:"failure,omitempty" doc:"Why it failed, when it has"`
	Revision  int64              `json:"revision"`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
	EndedAt   *time.Time         `json:"ended_at"`
}

// ImportSettings are what is decided about an import.
type ImportSettings struct {
	Description   string                `json:"description,omitempty" maxLength:"2000"`
	File          intake.ContactOptions `json:"file" doc:"How the file is read; as it was found out unless it is said"`
	By            []audience.MergeKey   `json:"by,omitempty" enum:"document,external_id,phone,email" doc:"What contacts are recognised by: the first that finds somebody decides. Absent: all of them; empty: everybody is new"`
	Fill          bool                  `json:"fill,omitempty" doc:"Only add what is missing to contacts that are there, and replace nothing"`
	OnlySegments  bool                  `json:"only_segments,omitempty" doc:"Take contacts out of the segments that they were in before"`
	ClearLocation bool                  `json:"clear_location,omitempty" doc:"Take location tags away that contacts had before"`
	Verify        bool                  `json:"verify,omitempty" doc:"Drop who was contacted or heard from before and comes with nothing new"`
	Basis         audience.Basis        `json:"basis,omitempty" enum:"consent,contract,legitimate_interest,legal_obligation,credit_protection,exercise_of_rights,protection_of_life,health,public_policy,research" doc:"The legal basis on which the data are processed (LGPD, article 7)"`
	Screen        bool                  `json:"screen,omitempty" doc:"Leave out addresses that are on a do-not-call register, and whoever has no other"`
}

func (s *Server) importView(ctx context.Context, x intake.Session) ImportView {
	v := ImportView{
		ID: x.ID, State: x.State, Can: doable(of(ctx).principal, x.Steps()), Name: x.Name, Size: x.Size, Settings: ImportSettings(x.Settings), Found: x.Found,
		Counts: x.Counts, Revision: x.Revision, CreatedAt: x.CreatedAt, UpdatedAt: x.UpdatedAt, EndedAt: optional(x.EndedAt),
	}
	if x.Failure != nil {
		v.Failure = &s.failures(ctx, fault.List{x.Failure})[0]
	}
	return v
}

func (s *Server) importAnswer(ctx context.Context, x intake.Session, err error) (*revisedBody[ImportView], error) {
	if err != nil {
		return nil, err
	}
	return &revisedBody[ImportView]{etag(x.Revision), s.importView(ctx, x)}, nil
}

// ImportPath names an import in a path.
type ImportPath struct {
	Import string `path:"import" doc:"Id of the import"`
}

// contactFiles describes files of contacts.
func contactFiles(huma.Registry) map[string]*huma.MediaType {
	out := map[string]*huma.MediaType{}
	for _, media := range []string{
		"text/csv", "text/plain", "application/json", "application/x-ndjson", "application/gzip", "application/octet-stream",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	} {
		out[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return out
}

func (s *Server) importRoutes() {
	handle(s, route{
		id: "list-imports", method: http.MethodGet, path: "/imports", tag: "imports", scope: access.Read, summary: "List imports", about: "The newest first.",
	}, s.listImports)
	handle(s, route{
		id: "create-import", method: http.MethodPost, path: "/imports", tag: "imports", scope: access.Operate, status: http.StatusCreated,
		bodies: contactFiles, summary: "Upload a file of contacts",
		about: "CSV, a workbook (XLSX), JSON, NDJSON or a plain list, also compressed with gzip, of up to 4 GiB. What it is is found out, whatever its type says, " +
			"and nothing is written yet: look at found, change settings, check, and commit.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Name string `query:"name" required:"true" maxLength:"200" doc:"Of the file"`
	},
	) (*revisedBody[ImportView], error) {
		file := newUpload(of(ctx).body, "application/octet-stream")
		x, err := s.o.Imports.Open(ctx, by.Workspace, by.ID(), in.Name, file)
		if err != nil {
			return nil, file.why(err)
		}
		return s.importAnswer(ctx, x, nil)
	})
	handle(s, route{
		id: "get-import", method: http.MethodGet, path: "/imports/{import}", tag: "imports", scope: access.Read, summary: "Get an import",
	}, func(ctx context.Context, by access.Principal, in *ImportPath) (*revisedBody[ImportView], error) {
		x, err := s.o.Imports.Get(ctx, by.Workspace, in.Import)
		return s.importAnswer(ctx, x, err)
	})
	handle(s, route{
		id: "update-import", method: http.MethodPut, path: "/imports/{import}/settings", tag: "imports", scope: access.Operate, revised: true,
		conflicts: true, summary: "Decide about an import", about: "Replaces all settings. What a trial found is forgotten.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ImportPath
		Revised
		Body ImportSettings
	},
	) (*revisedBody[ImportView], error) {
		revision, err := in.revision()
		if err != nil {
			return nil, err
		}
		x, err := s.o.Imports.Edit(ctx, by.Workspace, in.Import, revision, intake.Settings(in.Body))
		return s.importAnswer(ctx, x, err)
	})
	for _, a := range []struct {
		id, path, summary, about string
		do                       func(ctx context.Context, workspace, id string) (intake.Session, error)
	}{
		{"check-import", "check", "Try an import", "Goes through the whole file, counts what would become of its rows and keeps the first 1000 problems. Nothing is written.", s.o.Imports.Check},
		{"commit-import", "commit", "Begin an import", "It goes on whatever becomes of this node; look at state and counts.", s.o.Imports.Commit},
		{"cancel-import", "cancel", "Stop an import or its trial", "What was written stays until it is undone.", s.o.Imports.Cancel},
		{"undo-import", "undo", "Take an import back", "Contacts that it made go, others are as they were before. Who has changed since or was contacted stays.", s.o.Imports.Undo},
	} {
		handle(s, route{
			id: a.id, method: http.MethodPost, path: "/imports/{import}/" + a.path, tag: "imports", scope: access.Operate, conflicts: true,
			status: http.StatusAccepted, summary: a.summary, about: a.about,
		}, func(ctx context.Context, by access.Principal, in *ImportPath) (*revisedBody[ImportView], error) {
			x, err := a.do(ctx, by.Workspace, in.Import)
			return s.importAnswer(ctx, x, err)
		})
	}
	handle(s, route{
		id: "delete-import", method: http.MethodDelete, path: "/imports/{import}", tag: "imports", scope: access.Operate, conflicts: true,
		status: http.StatusNoContent, summary: "Delete an import", about: "The file and its problems go; the contacts stay, and the import cannot be undone any more.",
	}, func(ctx context.Context, by access.Principal, in *ImportPath) (*nothing, error) {
		return nil, s.o.Imports.Delete(ctx, by.Workspace, in.Import)
	})
	handle(s, route{
		id: "list-import-problems", method: http.MethodGet, path: "/imports/{import}/problems", tag: "imports", scope: access.Read,
		summary: "List what is wrong with a file",
		about: "The rows that were refused, and what was left out of others: of the trial before the import is begun, else of the import. In the order of the file. " +
			"A trial keeps the first 1000 of each.",
	}, s.listProblems)
	s.importFileRoutes()
}

func (s *Server) listImports(ctx context.Context, by access.Principal, in *struct{ Paging }) (*body[Page[ImportView]], error) {
	q := intake.SessionQuery{Limit: in.Limit + 1}
	if err := resume("imports", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Imports.List(ctx, by.Workspace, q)
	show := func(x intake.Session) ImportView { return s.importView(ctx, x) }
	return answer(page("imports", rows, in.Limit, show, func(x intake.Session) any { return x.No })), err
}

// ImportProblemView is a row that was refused, or something that was left out of one that was taken.
type ImportProblemView struct {
	RowFailure
	Severity intake.Severity `json:"severity" enum:"refused,warning" doc:"warning: the row was taken without what is wrong"`
	Cells    []string        `json:"cells" doc:"Of a refused row, as the file has them"`
}

// problemAt is where a page of problems ends.
type problemAt struct {
	Line  int   `json:"line"`
	Place int64 `json:"place"`
}

func (s *Server) listProblems(ctx context.Context, by access.Principal, in *struct {
	ImportPath
	Severity intake.Severity `query:"severity" enum:"refused,warning" doc:"Only these"`
	Paging
},
) (*body[Page[ImportProblemView]], error) {
	var after problemAt
	if err := resume("problems", in.Cursor, &after); err != nil {
		return nil, err
	}
	rows, err := s.o.Imports.Problems(ctx, by.Workspace, in.Import, intake.ProblemQuery{
		Severity: in.Severity, AfterLine: after.Line, After: after.Place, Limit: in.Limit + 1,
	})
	show := func(p intake.Problem) ImportProblemView {
		why := RowFailure{p.Line, p.Column, p.Error.Code, p.Error.Params, locale.Fault(of(ctx).language, p.Error)}
		return ImportProblemView{why, p.Severity, list(p.Cells)}
	}
	return answer(page("problems", rows, in.Limit, show, func(p intake.Problem) any { return problemAt{p.Line, p.Place} })), err
}
