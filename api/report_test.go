package api_test

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/api"
	"campanario/campaign"
	"campanario/channel"
	"campanario/report"
)

// TestReportDownload holds the forms of the report.
func TestReportDownload(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(3)
		e := d.engine(line)
		flights := e.claim(id, 2)
		e.settle(channel.Outcome{Code: channel.Sent, Goal: true, Collected: map[string]string{"nota": "=1+1"}}, flights[0])
		e.settle(channel.Outcome{Code: channel.Failed}, flights[1])
		for _, c := range []struct {
			query       string
			rows        int
			delimiter   rune
			head, cells []string // some of the first row and of the second
		}{
			{"", 3, ',', []string{"number", "status", "valor", "nota"}, []string{"1000000001", "completed", "'=1+1", "2026-11-23T09:00:00-03:00"}},
			{"?rows=attempts", 2, ',', []string{"attempt", "line", "attempt_id"}, []string{"Caixa", "sent", id + ".1000000001.1"}},
			{"?rows=attempts&converted=true", 1, ',', nil, []string{"sent"}},
			{"?status=retry_scheduled", 1, ',', nil, []string{"failed"}},
			{"?outcome=failed&outcome=sent", 2, ',', nil, []string{"completed"}},
			{"?search=p2@", 1, ',', nil, []string{"pending"}},
			{"?delimiter=semicolon&bom=true&words=pt-BR", 3, ';', nil, []string{"1000000001"}},
		} {
			r := d.want(200, "", "GET /campaigns/"+id+"/report"+c.query, "")
			if got := r.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
				t.Errorf("%s: %s", c.query, got)
			}
			text := r.text
			if strings.Contains(c.query, "bom") {
				text = strings.TrimPrefix(text, "\ufeff")
				if text == r.text {
					t.Errorf("%s: no byte order mark", c.query)
				}
			}
			in := csv.NewReader(strings.NewReader(text))
			in.Comma = c.delimiter
			table, err := in.ReadAll()
			d.must(err)
			if len(table) != c.rows+1 {
				t.Fatalf("%s: %d rows: %s", c.query, len(table), r.text)
			}
			for i, want := range [][]string{c.head, c.cells} {
				for _, cell := range want {
					if !slices.Contains(table[i], cell) {
						t.Errorf("%s: no %q in %q", c.query, cell, table[i])
					}
				}
			}
		}
		got := d.want(200, "", "GET /campaigns/"+id+"/report?rows=attempts", "").header.Get("Content-Disposition")
		if got != `attachment; filename="cobranca-attempts.csv"` {
			t.Errorf("%s", got)
		}
		if r := d.ask("HEAD /campaigns/"+id+"/report", ""); r.status != 200 || r.text != "" {
			t.Errorf("HEAD: %d %q", r.status, r.text)
		}
	})
}

// failing is a source whose second page does not come.
type failing struct{ report.Source }

func (f failing) ReportPage(ctx context.Context, workspace, id string, filter campaign.Filter, after campaign.Number, limit int) ([]report.Person, campaign.Number, error) {
	if after > 0 {
		return nil, 0, errors.New("the disk is full")
	}
	return f.Source.ReportPage(ctx, workspace, id, filter, after, limit)
}

// TestReportBreaksOff holds that a report that could not be written to its end does not look whole.
func TestReportBreaksOff(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.Report = failing{o.Report} })
	_, id := d.running(501)
	r, err := http.NewRequestWithContext(d.ctx, http.MethodGet, d.http.URL+api.Prefix+"/campaigns/"+id+"/report", nil)
	d.must(err)
	r.Header.Set("Authorization", "Bearer "+d.key)
	resp, err := d.http.Client().Do(r)
	d.must(err)
	defer resp.Body.Close() //nolint:errcheck // broken anyway
	text, err := io.ReadAll(resp.Body)
	if n := strings.Count(string(text), "\n"); !errors.Is(err, io.ErrUnexpectedEOF) || n == 0 {
		t.Errorf("%d lines, %v", n, err)
	}
	d.http.Close()
	if !strings.Contains(d.log.String(), "report_broken_off") || !strings.Contains(d.log.String(), `"operation":"download-report"`) {
		t.Errorf("log: %s", d.log)
	}
}

// TestResults holds the numbers and what is said of them.
func TestResults(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(60)
		e := d.engine(line)
		flights := e.claim(id, 60)
		e.settle(channel.Outcome{Code: channel.Sent}, flights[:20]...)
		e.settle(channel.Outcome{Code: channel.Failed}, flights[20:]...)
		d.later(time.Minute)
		r := d.want(200, "", "GET /campaigns/"+id+"/results", "")
		r.is("counts.attempts", "60")
		r.is("counts.by_outcome", `{"failed":40,"sent":20}`)
		r.is("rates.progress", "0.3333333333333333")
		r.is("findings.0.rate", `"success_rate"`)
		r.is("findings.0.health", `"low"`)
		r.is("findings.0.hint", `"delivery_low"`)
		r.is("findings.1.hint", `"failures_many"`)
		if r.str("findings.0.text") == "" {
			t.Error("a finding without words")
		}
		r.is("counts.reached", "20")
		r.is("outcomes.0", `{"class":"unreached","n":40,"outcome":"failed","share":0.6666666666666666}`)
		r.is("funnel", `[{"n":60,"stage":"people"},{"n":60,"stage":"attempted"},{"n":20,"stage":"reached"}]`)
		r.is("hours", `{"cells":[{"answer_rate":0.3333333333333333,"answered":20,"attempts":60,"hour":9,"weekday":"mon"}],"zone":"America/Sao_Paulo"}`)
		r.is("series", `{"every":"hour","points":[{"answered":20,"at":"2026-11-23T12:00:00Z","attempts":60,"failed":40,"first_turns":60,"goals":0,"refused":0,"talk_ms":0}],"zone":"America/Sao_Paulo"}`)
		r.is("cost.code", `"no_prices"`)
	})
}
