package api_test

import (
	"strings"
	"testing"
	"time"

	"campanario/channel"
)

// TestJourney is a campaign from nothing to its report, as a client sees it.
func TestJourney(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line := d.line()
		made := d.want(201, "", "POST /campaigns", `{"name": "Pesquisa de satisfação", "key": "nps", "channel": "email", "line": "`+line+`",
			"zone": "America/Sao_Paulo", "message": {"subject": "Olá {{name}}", "text": "Valor {{valor}}"}, "retry": {"max_attempts": 2}}`)
		id := made.str("id")
		made.is("state", `"draft"`)
		made.is("can", `["start","cancel","delete","edit","duplicate","add_recipients"]`)
		made.is("counts.by_status.pending", "0")
		if made.header.Get("Etag") != `"1"` {
			t.Errorf("ETag %q", made.header.Get("Etag"))
		}

		d.want(409, "no_recipients", "POST /campaigns/"+id+"/start", "")
		check := d.want(200, "", "GET /campaigns/"+id+"/preflight", "")
		check.is("ok", "false")
		check.is("problems.0.code", `"no_recipients"`)
		check.is("problems.0.warning", "false")
		d.want(200, "", "GET /campaigns/"+id+"/diagnosis", "").is("code", `"not_started"`)

		patched := d.want(200, "", "PATCH /campaigns/"+id, `{"description": "Do mês", "retry": {"interval_minutes": 30}}`, "If-Match", `"1"`)
		patched.is("description", `"Do mês"`)
		patched.is("retry.max_attempts", "2")
		patched.is("retry.interval_minutes", "30")
		patched.is("revision", "2")

		added := d.want(200, "", "POST /campaigns/"+id+"/recipients", people(0, 5), "Content-Type", "application/x-ndjson")
		added.is("added", "5")
		d.want(200, "", "GET /campaigns/"+id+"/preflight", "").is("ok", "true")
		d.want(200, "", "POST /campaigns/"+id+"/start", "").is("state", `"active"`)
		d.want(409, "action_not_allowed", "POST /campaigns/"+id+"/start", "")
		d.want(409, "field_fixed", "PATCH /campaigns/"+id, `{"message": {"subject": "Outro"}}`)
		d.want(409, "action_not_allowed", "DELETE /campaigns/"+id, "")
		d.want(200, "", "GET /campaigns/"+id+"/diagnosis", "").is("code", `"no_engine"`)

		e := d.engine(line)
		flights := e.claim(id, 3)
		d.want(200, "", "GET /campaigns/"+id+"/diagnosis", "").is("code", `"working"`)
		open := d.want(200, "", "GET /campaigns/"+id+"/attempts/open", "")
		open.is("items.0.stage", `"initiated"`)
		open.is("items.0.id", `"`+id+".1000000001.1\"")
		open.is("items.0.line", `"`+line+`"`)
		open.is("items.0.name", `"Pessoa"`)
		open.is("items.0.to", `"p0@example.com"`)
		d.want(200, "", "GET /campaigns/"+id+"/recipients/1000000001", "").is("status", `"in_progress"`)
		d.later(time.Second)
		e.settle(channel.Outcome{Code: channel.Sent, Talk: time.Second, Collected: map[string]string{"nota": "9"}, Goal: true}, flights[0])
		d.later(time.Second)
		e.settle(channel.Outcome{Code: channel.Bounced, ProviderCode: "550 5.1.1", ProviderText: "no such user", Reason: "smtp_no_mailbox"}, flights[1])
		d.later(time.Second)
		e.settle(channel.Outcome{Code: channel.Failed}, flights[2])

		got := d.want(200, "", "GET /campaigns/"+id, "")
		got.is("counts.attempts", "3")
		got.is("counts.answered", "1")
		got.is("counts.by_status.completed", "1")
		got.is("counts.by_status.failed", "1")
		got.is("counts.by_status.retry_scheduled", "1")
		got.is("rates.progress", "0.4")
		results := d.want(200, "", "GET /campaigns/"+id+"/results", "")
		results.is("counts.attempts", "3")
		results.is("findings.0.rate", `"success_rate"`)
		results.is("findings.0.health", `"too_few"`)

		attempts := d.want(200, "", "GET /campaigns/"+id+"/attempts?limit=2", "")
		attempts.is("items.0.outcome", `"failed"`)
		attempts.is("items.1.provider_code", `"550 5.1.1"`)
		attempts.is("items.1.class", `"bad_address"`)
		attempts.is("items.1.reason.code", `"smtp_no_mailbox"`)
		rest := d.want(200, "", "GET /campaigns/"+id+"/attempts?limit=2&cursor="+attempts.str("next_cursor"), "")
		rest.is("items.0.outcome", `"sent"`)
		rest.is("items.0.collected", `{"nota":"9"}`)
		rest.is("items.1", "null")
		rest.is("next_cursor", "null")

		d.want(200, "", "POST /campaigns/"+id+"/pause", "").is("paused.reason", `"operator"`)
		d.want(200, "", "GET /campaigns/"+id+"/diagnosis", "").is("code", `"paused"`)
		d.want(200, "", "POST /campaigns/"+id+"/start", "").is("state", `"active"`)

		report := d.want(200, "", "GET /campaigns/"+id+"/report", "")
		if lines := strings.Split(strings.TrimSpace(report.text), "\n"); len(lines) != 6 || !strings.HasPrefix(lines[0], "number,id,name,contact,") {
			t.Errorf("report: %s", report.text)
		}
		d.want(200, "", "POST /campaigns/"+id+"/cancel", "").is("state", `"cancelled"`)
		d.want(200, "", "GET /campaigns/"+id, "").is("counts.by_status.cancelled", "3")
		d.want(200, "", "POST /campaigns/"+id+"/archive", "").is("archived", "true")
		d.want(200, "", "GET /campaigns", "").is("items", "[]")
		d.want(200, "", "GET /campaigns?archived=true&search=satisfacao", "").is("items.0.id", `"`+id+`"`)
		d.want(200, "", "POST /campaigns/"+id+"/unarchive", "").is("archived", "false")
		again := d.want(201, "", "POST /campaigns/"+id+"/duplicate", `{"name": "De novo", "recipients": {"statuses": ["failed", "cancelled"]}}`)
		again.is("state", `"draft"`)
		again.is("counts.total", "4")
		d.want(204, "", "DELETE /campaigns/"+id, "")
		d.want(404, "campaign_not_found", "GET /campaigns/"+id, "")
	})
}
