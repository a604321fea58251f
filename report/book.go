package report

import (
	"context"
	"io"
	"slices"

	"campanario/campaign"
	"campanario/internal/xlsx"
)

// Columns that are numbers and instants in a workbook. All else is text, whatever it looks like.
var (
	numberColumns  = []Column{Number, Attempts, AttemptNo, Lap, Talk, Ring}
	instantColumns = []Column{FirstAt, LastAt, NextAt, AddedAt, StartedAt, EndedAt}
)

// kinds are what the columns of a workbook are.
func (r *Report) kinds() []xlsx.Kind {
	fixed := recipientColumns
	if r.o.Form == PerAttempt {
		fixed = attemptColumns
	}
	out := make([]xlsx.Kind, len(fixed))
	for i, c := range fixed {
		switch {
		case slices.Contains(numberColumns, c):
			out[i] = xlsx.Number
		case slices.Contains(instantColumns, c):
			out[i] = xlsx.Instant
		}
	}
	return out
}

// WriteBook writes the report as a workbook and says how many rows it has. After every page it calls paged with how many
// there are and with the last recipient that was gone through; an error of paged ends it. Instants are on the campaign's
// clock, without its offset, which spreadsheets do not know.
func (r *Report) WriteBook(ctx context.Context, w io.Writer, paged func(rows int64, last campaign.Number) error) (int64, error) {
	out, err := xlsx.New(w, xlsx.Options{Name: r.campaign.Name, Header: r.header(), Kinds: r.kinds()})
	if err != nil {
		return 0, err
	}
	rows, err := r.each(ctx, func(cells []string) error { return out.Write(cells...) }, paged)
	if err != nil {
		return rows, err
	}
	return rows, out.Flush()
}
