package store_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/report"
)

func TestAReportHasEverybodyOnceWithWhatHappened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 0)
		var rows []campaign.Newcomer
		for i := range 1203 {
			n := newcomer(fmt.Sprintf("p%d@example.com", i))
			n.Name, n.Band = fmt.Sprintf("Pessoa %d", i), campaign.Band(i%3)
			n.Variables = map[string]string{"valor": fmt.Sprint(i)}
			if i == 7 {
				n.Variables["só deste"] = "x"
			}
			rows = append(rows, n)
		}
		_, err := w.EnrolBatch(w.ctx, "ws", "c", rows, campaign.Progress{}, *w.now)
		w.must(err)
		claimed := w.claim("c", 700)
		closings := make([]dispatch.Closing, 600)
		for i, f := range claimed.Flights[:600] {
			closings[i] = w.closing(channel.Sent, f)
			closings[i].Outcome.Collected, closings[i].Outcome.Goal = map[string]string{"nota": fmt.Sprint(i % 10)}, i%2 == 0
		}
		_, err = w.Settle(w.ctx, closings)
		w.must(err)
		var out bytes.Buffer
		r, err := report.Open(w.ctx, w.Store, "ws", "c", report.Options{})
		w.must(err)
		n, err := r.Write(w.ctx, &out)
		w.must(err)
		all, err := csv.NewReader(&out).ReadAll()
		w.must(err)
		if n != 1203 || len(all) != 1204 {
			t.Fatalf("%d rows", n)
		}
		head := all[0]
		if !slices.Equal(head[len(head)-3:], []string{"só deste", "valor", "nota"}) {
			t.Errorf("columns: %v", head)
		}
		seen, withAttempts, open := map[string]bool{}, 0, 0
		for _, row := range all[1:] {
			cell := func(name string) string { return row[slices.Index(head, name)] }
			if seen[cell("contact")] {
				t.Errorf("%s twice", cell("contact"))
			}
			seen[cell("contact")] = true
			if want := strings.TrimSuffix(strings.TrimPrefix(cell("contact"), "p"), "@example.com"); cell("valor") != want {
				t.Errorf("%s brought %s", cell("contact"), cell("valor"))
			}
			if cell("attempts") == "1" {
				withAttempts++
				if cell("nota") == "" || cell("outcome") != "sent" || cell("status") != "completed" {
					t.Errorf("a recipient with an attempt: %v", row)
				}
			}
			if cell("status") == "in_progress" {
				open++
			}
		}
		if withAttempts != 600 || open != 100 {
			t.Errorf("%d with an attempt, %d in progress", withAttempts, open)
		}
		if c := w.counts("c"); c.Goals != 300 || c.Again != 0 || c.Attempts != 600 {
			t.Errorf("counts: %+v", c)
		}
		if _, err := report.Open(w.ctx, w.Store, "other", "c", report.Options{}); err == nil {
			t.Error("another workspace reads the report")
		}
		picked, next, err := w.ReportPage(w.ctx, "ws", "c", campaign.Filter{Statuses: []campaign.Status{campaign.StatusCompleted}}, 0, 50)
		w.must(err)
		if len(picked) != 50 || next != picked[49].Number || len(picked[49].Attempts) != 1 || picked[49].Attempts[0].Number != picked[49].Number {
			t.Errorf("a page of a filter: %d", len(picked))
		}
	})
}
