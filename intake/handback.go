package intake

import (
	"context"
	"io"
	"iter"

	"campanario/internal/locale"
)

// handbackRows is how many refused rows are read at a time.
const handbackRows = 1000

// Refused gives an import's refused rows back as a file (see WriteRefused): those of its trial before it was begun, else
// its own. It writes nothing when there is no such import.
func (s *Sessions) Refused(ctx context.Context, workspace, id string, w io.Writer, f Format, l locale.Language) error {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err != nil {
		return err
	}
	header := []string{}
	if x.Found != nil {
		for _, c := range x.Found.Columns {
			header = append(header, c.Column)
		}
		if len(header) == 0 {
			header = append(header, string(x.Found.Format))
		}
	}
	return WriteRefused(w, f, header, s.refusals(ctx, &x), l)
}

// problems reads problems. What the base has against a row it tells by its own names: they become those of the file's columns.
func (s *Sessions) problems(ctx context.Context, x *Session, q ProblemQuery) ([]Problem, error) {
	list, err := s.o.Store.Problems(ctx, x, q)
	for i := range list {
		switch list[i].Column {
		case "external_id":
			list[i].Column = x.columnOf(FieldID, list[i].Column)
		case string(FieldPrimary):
			list[i].Column = x.columnOf(FieldPrimary, list[i].Column)
		}
	}
	return list, err
}

// columnOf names the file's column of a field; other when it has none.
func (x *Session) columnOf(f Field, other string) string {
	columns := x.Settings.File.Columns
	if len(columns) == 0 && x.Found != nil {
		for _, c := range x.Found.Columns {
			columns = append(columns, c.Mapped)
		}
	}
	for _, c := range columns {
		if c.Field == f {
			return c.Column
		}
	}
	return other
}

// refusals goes through an import's refused rows, page by page.
func (s *Sessions) refusals(ctx context.Context, x *Session) iter.Seq2[Refusal, error] {
	return func(yield func(Refusal, error) bool) {
		for q := (ProblemQuery{Severity: Refused, Limit: handbackRows}); ; {
			list, err := s.problems(ctx, x, q)
			if err != nil {
				yield(Refusal{}, err)
				return
			}
			for _, p := range list {
				if !yield(Refusal{Line: p.Line, Column: p.Column, Error: p.Error, Cells: p.Cells}, nil) {
					return
				}
				q.AfterLine, q.After = p.Line, p.Place
			}
			if len(list) < q.Limit {
				return
			}
		}
	}
}
