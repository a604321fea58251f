package api_test

import (
	"slices"
	"strings"
	"testing"

	"campanario/channel"
)

// kinds are the kinds of a page's moments, in order.
func (r reply) kinds() []string {
	r.t.Helper()
	var out []string
	for _, m := range r.list("items") {
		kind, _ := m.(map[string]any)["kind"].(string)
		out = append(out, kind)
	}
	return out
}

// TestTimelineTellsEverything: what happened with a person comes in the order of time, each from where it is kept, page by page.
func TestTimelineTellsEverything(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line := d.line()
		step := func() { d.later(60e9) }
		// Somebody is added to a campaign before the base knows them, and found by their address.
		early := d.campaign(line)
		d.want(200, "", "POST /campaigns/"+early+"/recipients", `{"contact": "ana@example.com"}`, "Content-Type", "application/json")
		step()
		ana := d.want(201, "", "POST /contacts", `{"name": "Ana", "email": "ana@example.com", "phone": "11987654321"}`).str("id")
		bia := d.want(201, "", "POST /contacts", `{"name": "Bia", "email": "bia@example.com"}`).str("id")
		step()
		d.want(201, "", "POST /contacts/"+ana+"/consents", `{"given": true, "channel": "email", "proof": "papel"}`)
		step()
		late := d.campaign(line)
		d.want(200, "", "POST /campaigns/"+late+"/recipients/contacts", `{"filter": {}}`)
		d.want(200, "", "POST /campaigns/"+late+"/start", "")
		step()
		e := d.engine(line)
		flights := e.claim(late, 1)
		r := d.want(200, "", "GET /contacts/"+ana+"/timeline", "")
		if got := r.kinds(); !slices.Equal(got, []string{"open", "enrolled", "consent", "created", "enrolled"}) {
			t.Errorf("while an attempt is open: %v", got)
		}
		r.is("items.1.enrolment.status", `"in_progress"`)
		r.is("items.4.enrolment.status", `"pending"`)
		r.is("items.4.campaign.id", `"`+early+`"`)
		r.is("items.4.enrolment.waits.for", `"first"`)
		step()
		e.settle(channel.Outcome{Code: channel.Sent, Agent: "bia", AgentVersion: 3, AnsweredBy: "human", Dialogue: []channel.Turn{{Who: "agent", What: "say", Text: "Oi"}}}, flights...)
		step()
		d.want(200, "", "PATCH /contacts/"+ana, `{"city": "Recife"}`)
		step()
		d.want(200, "", "POST /contacts/"+ana+"/opt-out", `{"channel": "email", "reason": "complained"}`)
		step()
		r = d.want(200, "", "GET /contacts/"+ana+"/timeline", "")
		r.is("items.3.attempt.agent", `{"id":"bia","version":3}`)
		want := []string{"suppressed", "changed", "changed", "attempt", "enrolled", "consent", "created", "enrolled"}
		if got := r.kinds(); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		r.is("items.0.suppression.reason", `"complained"`)
		r.is("items.0.suppression.holds", `true`)
		r.is("items.1.change.operation", `"opt-out-contact"`)
		r.is("items.2.change.details", `{"changes":[{"field":"city"}]}`)
		r.is("items.3.attempt.to", `"ana@example.com"`)
		r.is("items.3.attempt.outcome", `"sent"`)
		r.is("items.3.attempt.dialogue.0.text", `"Oi"`)
		r.is("items.3.campaign.name", `"Cobrança"`)
		r.is("items.4.enrolment.status", `"completed"`)
		r.is("items.5.consent.proof", `"papel"`)

		// Page by page it is the same, and nobody else's is in it.
		var paged []string
		for cursor := ""; ; {
			p := d.want(200, "", "GET /contacts/"+ana+"/timeline?limit=2"+cursor, "")
			paged = append(paged, p.kinds()...)
			next, more := p.value("next_cursor").(string)
			if !more {
				break
			}
			cursor = "&cursor=" + next
		}
		if !slices.Equal(paged, want) {
			t.Errorf("by pages %v", paged)
		}
		if other := d.want(200, "", "GET /contacts/"+bia+"/timeline", ""); strings.Contains(other.text, "ana@") || !slices.Equal(other.kinds(), []string{"enrolled", "created"}) {
			t.Errorf("%s", other.text)
		}
		d.want(422, "cursor_invalid", "GET /contacts/"+ana+"/timeline?cursor=abc", "")

		// A campaign that is deleted is told of as long as it is kept.
		d.want(204, "", "DELETE /campaigns/"+early, "")
		d.want(200, "", "GET /contacts/"+ana+"/timeline", "").is("items.7.campaign.deleted", "true")
	})
}
