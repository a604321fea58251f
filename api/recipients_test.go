package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// TestRecipientActions is what a person may do to recipients, one by one and many at once.
func TestRecipientActions(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(8)
		e := d.engine(line)
		flights := e.claim(id, 4)
		e.settle(channel.Outcome{Code: channel.Failed}, flights[0])
		e.settle(channel.Outcome{Code: channel.Bounced}, flights[1])
		e.settle(channel.Outcome{Code: channel.Sent}, flights[2])
		one := func(number, action string) string {
			return "POST /campaigns/" + id + "/recipients/100000000" + number + "/" + action
		}

		failed := d.want(200, "", "GET /campaigns/"+id+"/recipients/1000000001", "")
		failed.is("status", `"retry_scheduled"`)
		failed.is("waits.for", `"retry"`)
		failed.is("waits.until", `"2026-11-23T13:00:00Z"`)
		failed.is("last_outcome", `"failed"`)
		failed.is("reason.code", `"failed"`)
		failed.is("tries", "1")
		retried := d.want(200, "", one("1", "retry"), "")
		retried.is("status", `"queued"`)
		retried.is("tries", "0")
		retried.is("attempts", "1")
		d.want(200, "", one("2", "set-pending"), "").is("status", `"pending"`)
		r := d.want(409, "recipient_action_not_allowed", one("3", "retry"), "")
		r.is("params.status", `"completed"`)
		d.want(409, "recipient_action_not_allowed", one("4", "remove"), "") // in progress
		d.want(200, "", one("5", "remove"), "").is("status", `"cancelled"`)
		d.want(200, "", one("6", "set-completed"), "").is("result", `"stopped"`)
		d.want(404, "recipient_not_found", one("9", "remove"), "")

		act := func(body, want string) {
			t.Helper()
			r := d.want(200, "", "POST /campaigns/"+id+"/recipients/actions", body)
			if got := fmt.Sprintf(`{"changed":%v,"skipped":%v}`, r.value("changed"), r.value("skipped")); got != want || r.value("state") != "done" || r.value("id") != nil {
				t.Errorf("%s: %s, want %s", body, r.text, want)
			}
		}
		act(`{"action": "remove", "filter": {"numbers": [1000000007]}}`, `{"changed":1,"skipped":0}`)
		act(`{"action": "remove", "filter": {"all": true}}`, `{"changed":5,"skipped":3}`) // not 3, 4 and 6
		act(`{"action": "set_pending", "filter": {"statuses": ["cancelled"]}}`, `{"changed":5,"skipped":0}`)
		act(`{"action": "retry", "filter": {"outcomes": ["sent"]}}`, `{"changed":0,"skipped":1}`)
		act(`{"action": "set_completed", "filter": {"search": "P7@"}}`, `{"changed":1,"skipped":0}`)
		d.want(200, "", "GET /campaigns/"+id, "").is("counts.by_status.pending", "4")
		d.want(200, "", "POST /campaigns/"+id+"/cancel", "")
		d.want(409, "recipient_action_not_allowed", one("1", "retry"), "")
		d.want(200, "", "GET /campaigns/"+id+"/recipients/1000000001", "").is("can", "[]")
	})
}

// TestAttemptsOfRecipient holds the history of one person, page by page.
func TestAttemptsOfRecipient(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(2)
		e := d.engine(line)
		for i := range 3 {
			f := e.claim(id, 1)[0]
			d.later(time.Second)
			e.settle(channel.Outcome{Code: channel.Failed, Ring: 1500 * time.Millisecond, Dialogue: []channel.Turn{{At: time.Second, Who: "agent", What: "say", Text: "Oi"}}}, f)
			if i < 2 {
				d.want(200, "", "POST /campaigns/"+id+"/recipients/1000000001/retry", "")
			}
		}
		path := "GET /campaigns/" + id + "/recipients/1000000001/attempts"
		r := d.want(200, "", path, "")
		if n := len(r.list("items")); n != 3 {
			t.Fatalf("%d attempts: %s", n, r.text)
		}
		r.is("items.0.attempt", "1")
		r.is("items.2.attempt", "3")
		r.is("items.0.ring_ms", "1500")
		r.is("items.0.ref", `"<ref@example.com>"`)
		r.is("items.0.to", `"p0@example.com"`)
		r.is("items.0.dialogue", `[{"at_ms":1000,"text":"Oi","what":"say","who":"agent"}]`)
		if got := d.all(path+"?limit=1", "attempt"); strings.Join(got, " ") != "1 2 3" {
			t.Errorf("page by page: %v", got)
		}
		d.want(200, "", "GET /campaigns/"+id+"/attempts", "").is("items.0.dialogue", "null")
	})
}

// TestWhoWasNotReached: one word picks them for a list, for an action and for a copy.
func TestWhoWasNotReached(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line := d.line()
		id := d.want(201, "", "POST /campaigns", `{"name": "Uma vez", "channel": "email", "line": "`+line+`", "message": {"subject": "Oi", "text": "Oi"}, "retry": {"max_attempts": 1}}`).str("id")
		d.want(200, "", "POST /campaigns/"+id+"/recipients", people(0, 5), "Content-Type", "application/x-ndjson")
		d.want(200, "", "POST /campaigns/"+id+"/start", "")
		e := d.engine(line)
		flights := e.claim(id, 4)
		e.settle(channel.Outcome{Code: channel.Sent}, flights[0])
		e.settle(channel.Outcome{Code: channel.Bounced}, flights[1])
		e.settle(channel.Outcome{Code: channel.Bounced}, flights[2])
		list := d.want(200, "", "GET /campaigns/"+id+"/recipients?not_reached=true", "")
		list.is("items.0.contact", `"p1@example.com"`)
		list.is("items.1.contact", `"p2@example.com"`)
		list.is("items.2", "null")
		d.want(200, "", "GET /campaigns/"+id+"/recipients?not_reached=true&status=completed", "").is("items.3", "null")
		d.want(200, "", "POST /campaigns/"+id+"/recipients/actions/preview", `{"action": "retry", "filter": {"not_reached": true}}`).is("changed", "2")
		d.want(422, "filter_contradicts", "POST /campaigns/"+id+"/duplicate", `{"recipients": {"not_reached": true, "all": true}}`)
		d.want(201, "", "POST /campaigns/"+id+"/duplicate", `{"recipients": {"not_reached": true}}`).is("counts.total", "2")
	})
}

// TestWhoMayOnlyLookCanDoNothing: what may be done is what whoever asks may do, wherever it is told.
func TestWhoMayOnlyLookCanDoNothing(t *testing.T) {
	d := lone(t, nil)
	_, id := d.running(1)
	file := d.want(201, "", "POST /imports?name=base.csv", "nome;telefone\nAna;(11) 91234-5678\n", "Content-Type", "text/csv").str("id")
	_, viewer := d.newKey(`"read"`)
	for what, path := range map[string]string{
		"GET /campaigns/" + id: "can", "GET /campaigns": "items.0.can", "GET /campaigns/" + id + "/recipients": "items.0.can",
		"GET /campaigns/" + id + "/recipients/1000000001": "can", "GET /imports": "items.0.can", "GET /imports/" + file: "can",
	} {
		if d.want(200, "", what, "").str(path+".0") == "" {
			t.Errorf("%s: nobody can do anything", what)
		}
		d.askWith(viewer, what, strings.NewReader("")).is(path, "[]")
	}
}

// TestErrands: what is about more people than one moment takes is told of while it goes on, and can be stopped.
func TestErrands(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.campaign("")
		d.want(200, "", "POST /campaigns/"+id+"/recipients", crowd(1500), "Content-Type", "text/plain")
		r := d.want(200, "", "POST /campaigns/"+id+"/recipients/actions", `{"action": "set_completed", "filter": {"search": "example.org"}}`)
		for path, want := range map[string]string{"state": `"running"`, "changed": "1000", "progress": "666", "can": `["cancel"]`, "ended_at": "null"} {
			r.is(path, want)
		}
		errand := r.str("id")
		worker := campaign.NewErrander(campaign.ErranderOptions{Store: d.store, Node: 1, Now: d.now})
		if !worker.Step(t.Context()) {
			t.Fatal("nobody goes on with it")
		}
		r = d.want(200, "", "GET /errands/"+errand, "")
		for path, want := range map[string]string{"state": `"done"`, "changed": "1500", "progress": "1000", "can": `[]`} {
			r.is(path, want)
		}
		d.want(409, "errand_ended", "POST /errands/"+errand+"/cancel", "")
		audit := d.want(200, "", "GET /audit?limit=1", "")
		audit.is("items.0.operation", `"end-errand"`)
		audit.is("items.0.details.changed", "1500")

		copied := d.want(201, "", "POST /campaigns/"+id+"/duplicate", `{"recipients": {"all": true}}`)
		copied.is("copying.progress", "666")
		into := copied.str("id")
		d.want(409, "copy_unfinished", "POST /campaigns/"+into+"/start", "")
		d.want(200, "", "POST /errands/"+copied.str("copying.id")+"/cancel", "").is("state", `"cancelled"`)
		d.want(200, "", "GET /campaigns/"+into, "").is("counts.total", "1000")
		d.want(409, "no_line", "POST /campaigns/"+into+"/start", "") // which is all that is left
		list := d.want(200, "", "GET /campaigns/"+id+"/errands?limit=1", "")
		list.is("items.0.action", `"copy"`)
		d.want(200, "", "GET /campaigns/"+id+"/errands?limit=1&cursor="+list.str("next_cursor"), "").is("items.0.id", `"`+errand+`"`)
		d.want(200, "", "GET /campaigns/"+into+"/errands", "").is("items.0.into", `"`+into+`"`)
		d.want(404, "errand_not_found", "GET /errands/none", "")
	})
}
