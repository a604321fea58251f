package report_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"campanario/campaign"
	"campanario/internal/locale"
	"campanario/report"
)

func TestAWorkbookHasWhatTheFileHas(t *testing.T) {
	for _, c := range []struct {
		o    report.Options
		want [][]string
	}{
		{report.Options{Form: report.PerAttempt, Words: report.In(locale.English)}, [][]string{
			{"No.", "External ID", "Name", "Contact", "Attempt", "Lap", "Line", "Started at", "Ended at", "Outcome"},
			{"1000000001", "=1+1", "Ana", "+5511987654321", "1", "1", "Tronco", "2026-11-23 09:30:00", "2026-11-23 09:30:04", "Busy"},
			{"1000000001", "=1+1", "Ana", "+551133334444", "2", "1", "gone", "2026-11-23 10:30:00", "2026-11-23 10:31:10", "Completed"},
			{"1000000002", "", "Bia", "+5511987650000", "1", "1", "Tronco", "2026-11-23 09:30:00", "2026-11-23 09:30:30", "No answer"},
		}},
		{report.Options{Converted: true}, [][]string{
			{"number", "id", "name", "contact", "other_contacts", "status", "outcome", "reason", "attempts", "lap"},
			{"1000000001", "=1+1", "Ana", "+5511987654321", "+551133334444", "completed", "completed", "", "2", "1"},
		}},
	} {
		r, err := report.Open(t.Context(), three(), "ws", "c", c.o)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		var last campaign.Number
		n, err := r.WriteBook(t.Context(), &out, func(_ int64, at campaign.Number) error {
			last = at
			return nil
		})
		if err != nil || n != int64(len(c.want)-1) || last != campaign.BandLow.First()+1 {
			t.Fatalf("%d rows up to %d, %v", n, last, err)
		}
		book, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows("Teste")
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			rows[i] = rows[i][:10]
		}
		if d := cmp.Diff(c.want, rows); d != "" {
			t.Error(d)
		}
		// What can be counted is a number, and what looks like a formula is none.
		for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeUnset, "B2": excelize.CellTypeInlineString, "D2": excelize.CellTypeInlineString} {
			if got, err := book.GetCellType("Teste", cell); err != nil || got != want {
				t.Errorf("%s: %v, %v", cell, got, err)
			}
		}
	}
}
