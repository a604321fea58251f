package api_test

import (
	"strings"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// TestHome: what needs attention with its sentence, what is going on, and today's numbers beside yesterday's.
func TestHome(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		quiet := d.want(200, "", "GET /home", "")
		quiet.is("attention", `[]`)
		quiet.is("today.attempts", "0")
		quiet.is("zone", `"America/Sao_Paulo"`)
		if strings.Contains(quiet.text, "success_rate") {
			t.Errorf("a rate of nothing: %s", quiet.text)
		}

		line, id := d.running(9)
		d.want(200, "", "GET /home", "").is("attention.0.code", `"line_idle"`)
		e := d.engine(line)
		e.settle(channel.Outcome{Code: channel.Sent, Goal: true}, e.claim(id, 2)...)
		d.later(24 * time.Hour)
		e = d.engine(line)
		flights := e.claim(id, 5)
		e.settle(channel.Outcome{Code: channel.Sent}, flights[:1]...)
		e.settle(channel.Outcome{Code: channel.Bounced}, flights[1:3]...)
		e.settle(channel.Outcome{Code: channel.LineFailed}, flights[3])
		now := d.want(200, "", "GET /home", "")
		now.is("attention", `[]`)
		now.is("live", `{"calls":0,"calls_answered":0,"messages":1}`)
		now.is("today.from", `"2026-11-24T03:00:00Z"`)
		now.is("today.attempts", "4")
		now.is("today.messages", "4")
		now.is("today.messages_sent", "1")
		now.is("today.failed", "1")
		now.is("today.success_rate", "0.3333333333333333")
		now.is("yesterday.attempts", "0") // they were placed in this very quarter of an hour
		d.later(15 * time.Minute)
		later := d.want(200, "", "GET /home", "")
		later.is("yesterday.attempts", "2")
		later.is("yesterday.goals", "2")
		later.is("yesterday.until", `"2026-11-23T12:15:00Z"`)

		d.must(d.store.PauseFor(d.ctx, id, campaign.LineDown, map[string]string{"line": "Caixa", "outcome": "line_failed"}, d.now()))
		file := d.want(201, "", "POST /imports?name=base.csv", "nome;telefone\nAna;(11) 91234-5678\n", "Content-Type", "text/csv").str("id")
		for language, text := range map[string]string{
			"pt-BR": "A linha Caixa recusou tudo por algum tempo. Último resultado: Falha na linha.",
			"es":    "La línea Caixa rechazó todo",
			"en":    "The line Caixa refused everything",
		} {
			r := d.want(200, "", "GET /home", "", "Accept-Language", language)
			r.is("attention.0.code", `"campaign_paused"`)
			r.is("attention.0.cause", `"line_down"`)
			r.is("attention.0.id", `"`+id+`"`)
			if !strings.HasPrefix(r.str("attention.0.text"), text) {
				t.Errorf("%s: %s", language, r.str("attention.0.text"))
			}
			r.is("attention.1.code", `"import_waiting"`)
			r.is("attention.1.id", `"`+file+`"`)
			if !strings.Contains(r.str("attention.1.text"), "base.csv") {
				t.Errorf("%s: %s", language, r.str("attention.1.text"))
			}
		}
		d.askWith(d.otherKey, "GET /home", strings.NewReader("")).is("attention", `[]`)
	})
}
