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

// refusals goes through an import's problems. A page may end inside a line that has several: what is left of it begins the
// next page.
func (s *Sessions) refusals(ctx context.Context, x *Session) iter.Seq2[Refusal, error] {
	trial := x.State == StateChecking || x.State == StateChecked
	return func(yield func(Refusal, error) bool) {
		for after, limit := 0, handbackRows; ; {
			list, err := s.o.Store.Problems(ctx, x, trial, after, limit)
			if err != nil {
				yield(Refusal{}, err)
				return
			}
			whole := len(list)
			for last := whole == limit; last && whole > 0 && list[whole-1].Line == list[len(list)-1].Line; {
				whole--
			}
			for _, p := range list[:whole] {
				if !yield(Refusal(p), nil) {
					return
				}
			}
			switch {
			case len(list) < limit:
				return
			case whole == 0:
				limit *= 2 // all of the page is one line
			default:
				after, limit = list[whole-1].Line, handbackRows
			}
		}
	}
}
