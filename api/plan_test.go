package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// sentences are what a plan says, and their codes.
func sentences(r reply) (codes []string, text string) {
	r.t.Helper()
	var p struct {
		Sentences []struct{ Code, Text string }
	}
	if err := json.Unmarshal([]byte(r.text), &p); err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, s := range p.Sentences {
		codes, all = append(codes, s.Code), append(all, s.Text)
	}
	return codes, strings.Join(all, " ")
}

// TestPlan: what a campaign would do, in words and in numbers, while it is being made.
func TestPlan(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.want(201, "", "POST /campaigns", `{"name": "Vazia", "channel": "email", "zone": "America/Sao_Paulo"}`).str("id")
		empty := d.want(200, "", "GET /campaigns/"+id+"/plan", "")
		if codes, _ := sentences(empty); !slices.Equal(codes, []string{"people_none", "line_none", "hours_always", "tries", "begins_now"}) {
			t.Errorf("of an empty campaign %q", codes)
		}
		empty.is("estimate", "null")
		empty.is("sentences.1.mend", `{"place":"basics"}`)

		line := d.want(201, "", "POST /lines", `{"kind": "email", "name": "Caixa", "from": "oi@example.com", "limits": {"concurrent": 2, "per_second": 1, "per_day": 100}}`).str("id")
		id = d.want(201, "", "POST /campaigns", `{"name": "Cobrança", "channel": "email", "line": "`+line+`", "zone": "America/Sao_Paulo",
			"message": {"subject": "Oi", "text": "Oi"}, "pace": {"per_second": 0.5}, "retry": {"max_attempts": 2, "interval_minutes": 60},
			"window": {"days": {"mon-thu": ["09:00-12:00", "13:00-18:00"], "sat,sun": ["10:00-12:00"]}, "zone": "contact", "holidays": ["BR"], "blackout": ["2026-12-24..2026-12-26"]},
			"release": {"percent": 50, "every_minutes": 30}}`).str("id")
		d.want(200, "", "POST /campaigns/"+id+"/recipients", people(0, 120), "Content-Type", "application/x-ndjson")
		for language, want := range map[string]string{
			"pt-BR": "120 pessoas. Mensagens pela linha Caixa. Horários: seg–qui 09:00–12:00, 13:00–18:00; sáb, dom 10:00–12:00, no fuso de cada pessoa. " +
				"Ninguém é contatado nos feriados: Brasil. Nem em 3 dias bloqueados. Até 2 tentativas, com 1 h entre elas. No máximo 2 ao mesmo tempo. " +
				"No máximo 0,5 por segundo. No máximo 100 por dia. 50% das pessoas são liberadas a cada 30 min. Começa assim que for iniciada. " +
				"Deve levar cerca de 25 h e terminar por volta de 24/11/2026 às 10:00 (UTC-03:00).",
			"es": "120 personas. Mensajes por la línea Caixa. Horarios: lun–jue 09:00–12:00, 13:00–18:00; sáb, dom 10:00–12:00, en la zona de cada persona. ",
			"en": "120 people. Messages on the line Caixa. Hours: Mon–Thu 09:00–12:00, 13:00–18:00; Sat, Sun 10:00–12:00, in each person's own time zone. ",
		} {
			if _, text := sentences(d.want(200, "", "GET /campaigns/"+id+"/plan", "", "Accept-Language", language)); !strings.HasPrefix(text, want) {
				t.Errorf("%s: %s", language, text)
			}
		}
		p := d.want(200, "", "GET /campaigns/"+id+"/plan", "")
		p.is("people", "120")
		p.is("limits", `{"concurrent":2,"per_day":100,"per_second":0.5}`)
		p.is("estimate.attempts", "124")
		p.is("estimate.measured", "false")
		p.is("cost.code", `"no_prices"`)
		d.askWith(d.otherKey, "GET /campaigns/"+id+"/plan", strings.NewReader("")).is("code", `"campaign_not_found"`)

		// With a date in the future, an end before it is done, and another campaign on the line.
		busy := d.campaign(line)
		d.want(200, "", "POST /campaigns/"+busy+"/recipients", people(0, 1), "Content-Type", "application/x-ndjson")
		d.want(200, "", "POST /campaigns/"+busy+"/start", "")
		d.want(200, "", "PATCH /campaigns/"+id, `{"starts_at": "2026-11-28T03:00:00Z", "ends_at": "2026-11-28T13:01:00Z", "window": {"days": {"mon-thu": null, "sat-sun": null, "sat": ["10:00-12:00"]}, "zone": "campaign"}, "release": null}`)
		codes, text := sentences(d.want(200, "", "GET /campaigns/"+id+"/plan", ""))
		for _, want := range []string{"shared", "hours_campaign", "begins_open", "lasts_days", "ends", "ends_early"} {
			if !slices.Contains(codes, want) {
				t.Errorf("%s is missing: %s", want, text)
			}
		}
		// On a day on which the workspace contacts nobody nothing begins: the next Saturday it is.
		d.want(200, "", "PATCH /campaigns/"+id, `{"ends_at": null}`)
		d.want(200, "", "PUT /rules", `{"closed": {"dates": ["2026-11-28"]}}`)
		p = d.want(200, "", "GET /campaigns/"+id+"/plan", "")
		p.is("begins_at", `"2026-12-05T13:00:00Z"`)
		if _, text = sentences(p); !strings.Contains(text, "05/12/2026 às 10:00") {
			t.Errorf("with a day without contact: %s", text)
		}
		found := d.want(200, "", "GET /campaigns/"+busy+"/preflight", "")
		found.is("problems", "[]")
		d.want(200, "", "PATCH /lines/"+line, `{"enabled": false}`)
		d.want(200, "", "GET /campaigns/"+id+"/preflight", "").is("problems.0.mend", `{"id":"`+line+`","place":"line"}`)
	})
}
