package api_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"campanario/access"
	"campanario/channel"
	"campanario/report"
)

// reporter is what a node's worker does, by hand.
func (d *desk) reporter() *report.Worker {
	return report.NewWorker(report.WorkerOptions{Store: d.store, Node: 1, Now: d.now, PartBytes: 1 << 10})
}

// TestReportAsAWorkbook is one from its asking to its end.
func TestReportAsAWorkbook(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(300)
		e := d.engine(line)
		e.settle(channel.Outcome{Code: channel.Sent, Collected: map[string]string{"nota": "=1+1"}}, e.claim(id, 1)...)
		asked := d.want(202, "", "POST /campaigns/"+id+"/reports", `{"words": "en"}`)
		asked.is("state", `"waiting"`)
		asked.is("can", `["cancel"]`)
		asked.is("name", `"cobranca-recipients.xlsx"`)
		one := "/reports/" + asked.str("id")
		d.want(409, "report_step", "GET "+one+"/file", "")
		d.want(409, "report_step", "DELETE "+one, "")
		if !d.reporter().Step(d.ctx) {
			t.Fatal("there was nothing to do")
		}
		done := d.want(200, "", "GET "+one, "")
		done.is("state", `"done"`)
		done.is("can", `["download","delete"]`)
		done.is("written", "300")
		done.is("progress", "1000")
		file := d.want(200, "", "GET "+one+"/file", "")
		if got, want := file.header.Get("Content-Disposition"), `attachment; filename="cobranca-recipients.xlsx"`; got != want {
			t.Errorf("%s", got)
		}
		book, err := excelize.OpenReader(bytes.NewReader([]byte(file.text)))
		d.must(err)
		defer book.Close() //nolint:errcheck // it was read from memory
		rows, err := book.GetRows("Cobrança")
		d.must(err)
		if len(rows) != 301 || rows[0][0] != "No." || rows[1][len(rows[0])-1] != "=1+1" {
			t.Fatalf("%d rows, %q, %q", len(rows), rows[0], rows[1])
		}
		d.want(200, "", "GET /campaigns/"+id+"/reports", "").is("items.0.id", `"`+asked.str("id")+`"`)
		d.want(204, "", "DELETE "+one, "")
		d.want(404, "report_not_found", "GET "+one, "")
		d.want(404, "report_not_found", "GET "+one+"/file", "")
	})
}

// TestWhatIsWrongWithAReportIsSaidAtOnce: and a worker meets none of it.
func TestWhatIsWrongWithAReportIsSaidAtOnce(t *testing.T) {
	d := lone(t, nil)
	_, id := d.running(1)
	reports := "POST /campaigns/" + id + "/reports"
	for body, code := range map[string]string{
		`{"rows": "letters"}`:                      "not_one_of",
		`{"words": "fr"}`:                          "not_one_of",
		`{"filter": {}}`:                           "filter_empty",
		`{"filter": {"outcomes": ["happy"]}}`:      "outcome_unknown",
		`{"filter": {"numbers": [-1]}}`:            "recipient_not_found",
		`{"filter": {"all": true, "search": "x"}}`: "filter_contradicts",
	} {
		d.want(422, code, reports, body)
	}
	d.want(404, "campaign_not_found", "POST /campaigns/nobody/reports", `{}`)
	for range report.MostOpen {
		d.want(202, "", reports, `{"filter": {"statuses": ["pending"]}}`)
	}
	d.want(409, "report_many", reports, `{}`)
}

// TestViewersHaveReportsOfTheirOwn: and leave those of others alone.
func TestViewersHaveReportsOfTheirOwn(t *testing.T) {
	d := lone(t, nil)
	_, id := d.running(1)
	viewer := d.person(d.workspace, "vera@example.com", access.Viewer)
	others := d.want(202, "", "POST /campaigns/"+id+"/reports", `{}`).str("id")
	own := d.askWith(viewer, "POST /campaigns/"+id+"/reports", bytes.NewReader([]byte(`{}`)), "Content-Type", "application/json")
	own.is("can", `["cancel"]`)
	d.askWith(viewer, "GET /reports/"+others, nil).is("can", `[]`)
	d.askWith(viewer, "POST /reports/"+others+"/cancel", nil).refused(403, "scope_missing")
	d.askWith(viewer, "DELETE /reports/"+others, nil).refused(403, "scope_missing")
	d.askWith(viewer, "POST /reports/"+own.str("id")+"/cancel", nil).is("state", `"cancelled"`)
	d.want(200, "", "POST /reports/"+others+"/cancel", "").is("state", `"cancelled"`)
}
