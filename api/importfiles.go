package api

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/intake"
	"campanario/internal/locale"
)

// importFileRoutes are the files that imports hand out.
func (s *Server) importFileRoutes() {
	handle(s, route{
		id: "get-import-template", method: http.MethodGet, path: "/import-template", tag: "imports", scope: access.Read,
		answers: sheetFile, summary: "Download the template of a layout",
		about: "With its header and some rows of examples: CSV as the spreadsheets of the language expect it, or a workbook whose cells are text.",
	}, s.getTemplate)
	handle(s, route{
		id: "download-import-problems", method: http.MethodGet, path: "/imports/{import}/refused", tag: "imports", scope: access.Read,
		answers: sheetFile, summary: "Download the rows that were refused",
		about: "With their original columns, the line, the column and the reason in words: what has been mended can be imported as it is. " +
			"A download that breaks off has not come whole: the connection ends without the last chunk.",
	}, s.downloadRefused)
}

// sheetFile is the type of answers that are a table in the format that was asked for: to be saved, not shown.
const sheetFile = "application/octet-stream"

// SheetQuery says how a table for people is to be written.
type SheetQuery struct {
	Format intake.Format   `query:"format" enum:"csv,xlsx" default:"csv" doc:"CSV, or a workbook"`
	Words  locale.Language `query:"words" enum:"pt-BR,es,en" default:"pt-BR" doc:"The language of what is not the file's own; it also decides the delimiter of CSV"`
}

func (s *Server) getTemplate(ctx context.Context, _ access.Principal, in *struct {
	Layout intake.Layout `query:"layout" enum:"r,a,list,mapped" default:"mapped" doc:"mapped: a column for everything that a contact has"`
	SheetQuery
},
) (*huma.StreamResponse, error) {
	return s.sheet(ctx, in.SheetQuery, "campanario-"+string(in.Layout), func(w io.Writer) error {
		return intake.Template(w, in.Layout, in.Format, in.Words)
	}), nil
}

func (s *Server) downloadRefused(ctx context.Context, by access.Principal, in *struct {
	ImportPath
	SheetQuery
},
) (*huma.StreamResponse, error) {
	if _, err := s.o.Imports.Get(ctx, by.Workspace, in.Import); err != nil {
		return nil, err
	}
	return s.sheet(ctx, in.SheetQuery, in.Import, func(w io.Writer) error {
		return s.o.Imports.Refused(ctx, by.Workspace, in.Import, w, in.Format, in.Words)
	}), nil
}

// sheet answers with a file of that name, without its ending.
func (s *Server) sheet(ctx context.Context, q SheetQuery, name string, write func(io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", sheetFile)
		c.SetHeader("Content-Disposition", `attachment; filename="`+name+"."+string(q.Format)+`"`)
		if c.Method() == http.MethodHead {
			return
		}
		_, w := unwrap(c)
		if err := write(w); err != nil {
			s.log.Warn("file_broken_off", "request", of(ctx).id, "error", err)
			panic(http.ErrAbortHandler) // the only way to tell that there was more
		}
	}}
}
