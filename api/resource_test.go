package api_test

import (
	"strings"
	"testing"
	"time"

	"campanario/api"
)

// TestLines is the life of a line. Its secrets are never shown.
func TestLines(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		made := d.want(201, "", "POST /lines", `{"kind": "voice", "name": "Tronco", "from": "(11) 4000-1234",
			"settings": {"host": "sip.example.com", "password": "segredo"}, "limits": {"concurrent": 5}}`)
		id := made.str("id")
		made.is("from", `"+551140001234"`)
		made.is("limits", `{"concurrent":5,"per_day":0,"per_second":1}`)
		made.is("settings", `{"host":"sip.example.com","password":{"set":true}}`)
		made.is("zone", `"America/Sao_Paulo"`)
		made.is("running", "false")
		changed := d.want(200, "", "PATCH /lines/"+id, `{"enabled": false, "limits": {"per_day": 100}, "settings": {"host": "b.example.com", "password": {"set": true}}}`)
		changed.is("limits", `{"concurrent":5,"per_day":100,"per_second":1}`)
		changed.is("settings.password", `{"set":true}`)
		changed.is("enabled", "false")
		check := d.want(200, "", "POST /lines/"+id+"/check", "")
		check.is("ok", "false")
		check.is("problems.0.code", `"line_unreachable"`)
		d.line()
		d.want(200, "", "GET /lines?kind=voice", "").is("items.1", "null")
		d.want(200, "", "GET /lines?search=TRONCO", "").is("items.0.id", `"`+id+`"`)
		for _, what := range []string{"GET /lines/" + id, "GET /lines"} {
			if r := d.want(200, "", what, ""); strings.Contains(r.text, "segredo") {
				t.Errorf("the secret is shown: %s", r.text)
			}
		}
		d.want(204, "", "DELETE /lines/"+id, "")
		d.want(404, "line_not_found", "GET /lines/"+id, "")
	})
}

// TestAgents is the life of an agent, and a rehearsal.
func TestAgents(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const script = `"script": {"start": "pergunta", "steps": {
			"pergunta": {"ask": {"say": "Olá {{name}}, tecle 1.", "keys": {"1": "obrigado"}}}, "obrigado": {"say": "Obrigado.", "next": "end"}}}`
		r := d.want(201, "", "POST /agents", `{"name": "Cobrança", `+script+`}`)
		id := r.str("id")
		r.is("version", "1")
		r.is("kind", `"script"`)
		rehearsed := d.want(200, "", "POST /agents/"+id+"/rehearse", `{"variables": {"name": "Ana"}, "answers": ["1"]}`)
		rehearsed.is("ended", "true")
		rehearsed.is("needs", `["name"]`)
		for _, want := range []string{"Olá Ana, tecle 1.", "Obrigado."} {
			if !strings.Contains(rehearsed.text, want) {
				t.Errorf("%q was not said: %s", want, rehearsed.text)
			}
		}
		d.want(200, "", "POST /agents/rehearse", `{"agent": {"name": "Rascunho", `+script+`}}`)
		d.want(422, "required", "POST /agents/rehearse", `{"agent": {"name": "Rascunho", "kind": "script"}}`)
		d.want(200, "", "PUT /agents/"+id, `{"name": "Outro nome", `+script+`}`).is("version", "2")
		d.want(200, "", "GET /agents?search=outro", "").is("items.0.name", `"Outro nome"`)
		d.want(204, "", "DELETE /agents/"+id, "")
		d.want(404, "agent_not_found", "GET /agents/"+id, "")
	})
}

// TestAgentVersions: what was saved is kept, and comes back.
func TestAgentVersions(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		script := func(words string) string {
			return `{"name": "Voz ` + words + `", "script": {"start": "oi", "steps": {"oi": {"say": "` + words + `", "next": "end"}}}}`
		}
		id := d.want(201, "", "POST /agents", script("um")).str("id")
		d.want(200, "", "PUT /agents/"+id, script("dois"))
		versions := d.want(200, "", "GET /agents/"+id+"/versions?limit=1", "")
		versions.is("items", `[{"name":"Voz dois","saved_at":"2026-11-23T12:00:00Z","version":2}]`)
		d.want(200, "", "GET /agents/"+id+"/versions?cursor="+versions.str("next_cursor"), "").is("items.0.name", `"Voz um"`)
		d.want(200, "", "GET /agents/"+id+"/versions/1", "").is("script.steps.oi.say", `"um"`)
		d.want(404, "agent_version_not_found", "GET /agents/"+id+"/versions/3", "")
		back := d.want(200, "", "POST /agents/"+id+"/versions/1/restore", "")
		back.is("version", "3")
		back.is("name", `"Voz um"`)
	})
}

// TestWhoUsesWhat: campaigns are found by their agent and their line.
func TestWhoUsesWhat(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		agent := d.want(201, "", "POST /agents", bodies["update-agent"]).str("id")
		line := d.want(201, "", "POST /lines", `{"kind": "voice", "name": "Tronco", "from": "(11) 4000-1234", "agent": "`+agent+`", "settings": {"host": "a"}}`).str("id")
		own := d.want(201, "", "POST /campaigns", `{"name": "Própria", "channel": "voice", "agent": "`+agent+`"}`).str("id")
		lines := d.want(201, "", "POST /campaigns", `{"name": "Da linha", "channel": "voice", "line": "`+line+`", "use_line_agent": true}`).str("id")
		d.campaign(d.line())
		r := d.want(200, "", "GET /campaigns?agent="+agent, "")
		r.is("items.0.id", `"`+lines+`"`)
		r.is("items.1.id", `"`+own+`"`)
		r.is("items.2", "null")
		r = d.want(200, "", "GET /campaigns?line="+line, "")
		r.is("items.0.id", `"`+lines+`"`)
		r.is("items.1", "null")
	})
}

// TestTemplates is the life of a template, and how a message looks.
func TestTemplates(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		made := d.want(201, "", "POST /templates", `{"channel": "email", "name": "Boas-vindas", "message": {"subject": "Oi {{name}}", "html": "<p>Oi</p>"}}`)
		id := made.str("id")
		made.is("message", `{"html":"<p>Oi</p>","subject":"Oi {{name}}"}`)
		d.want(412, "revision_stale", "PUT /templates/"+id, bodies["update-template"], "If-Match", `"7"`)
		d.want(200, "", "PUT /templates/"+id, bodies["update-template"], "If-Match", `"1"`).is("revision", "2")
		d.want(422, "channel_not_available", "POST /templates", `{"channel": "sms", "name": "Curta"}`)
		d.want(200, "", "GET /templates?search=roubado", "").is("items.0.id", `"`+id+`"`)
		d.want(200, "", "GET /templates?channel=sms", "").is("items", "[]")
		seen := d.want(200, "", "POST /templates/preview", `{"message": {"subject": "Oi {{name}}", "html": "<p>{{valor}}</p>"}, "variables": {"name": "Ana"}}`)
		seen.is("subject", `"Oi Ana"`)
		seen.is("html", `"<p>[valor]</p>"`)
		seen.is("variables", `[{"name":"name","required":true,"value":"Ana"},{"name":"valor","required":true,"value":"[valor]"}]`)
		d.want(422, "template_unclosed", "POST /templates/preview", `{"message": {"subject": "Oi {{", "text": "a"}}`).is("errors.0.field", `"message.subject"`)
		d.want(204, "", "DELETE /templates/"+id, "")
		d.want(404, "template_not_found", "GET /templates/"+id, "")
	})
}

// TestSandboxMail: the e-mails of a workspace's campaigns are read by it alone, and links to come in by nobody.
func TestSandboxMail(t *testing.T) {
	var box toybox
	d := lone(t, func(o *api.Options) { o.Sandbox = &box })
	id := d.campaign("")
	for i, of := range []string{id, "access", "nobody", id} {
		box.mail = append([]api.FarMessage{{
			No: int64(i + 1), At: noon, ID: "<" + of + ".1.1@example.com>", To: "ana@example.com", Subject: of, Text: "Oi", Acted: "ok",
			Head: map[string][]string{"Subject": {of}, "Received": {"a", "b"}},
		}}, box.mail...)
	}
	r := d.want(200, "", "GET /sandbox/messages?limit=1", "")
	r.is("items.0.id", `"4"`)
	r.is("items.0.campaign", `"`+id+`"`)
	r = d.want(200, "", "GET /sandbox/messages?limit=1&cursor="+r.str("next_cursor"), "")
	r.is("items.0.id", `"1"`)
	r.is("next_cursor", "null")
	d.want(200, "", "GET /sandbox/messages/1", "").is("headers", `[{"name":"Received","value":"a"},{"name":"Received","value":"b"},{"name":"Subject","value":"`+id+`"}]`)
	for _, hidden := range []string{"2", "3", "9", "0", "-1", "x"} {
		d.want(404, "sandbox_message_not_found", "GET /sandbox/messages/"+hidden, "")
	}
	d.askWith(d.otherKey, "GET /sandbox/messages", nil).is("items", "[]")
	d.askWith(d.otherKey, "GET /sandbox/messages/1", nil).refused(404, "sandbox_message_not_found")
	d.want(200, "", "GET /sandbox", "", "Accept-Language", "es").is("numbers", `[{"answer":"200","behaviour":"person","example":"+551190000100","key":"1","number":"+5511900001XX","text":"una persona que pulsa 1"}]`)
}

// TestContacts is the life of a contact, to the day they opt out.
func TestContacts(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		made := d.want(201, "", "POST /contacts", `{"name": "João", "phone": "(11) 98765-4321", "email": "joao@Example.com", "external_id": "7",
			"tags": ["vip"], "attributes": {"cidade": "Recife", "uf": "PE"}}`)
		id := made.str("id")
		made.is("phone", `"+5511987654321"`)
		changed := d.want(200, "", "PATCH /contacts/"+id, `{"attributes": {"uf": null, "bairro": "Boa Vista"}, "tags": null}`)
		changed.is("attributes", `{"bairro":"Boa Vista","cidade":"Recife"}`)
		changed.is("tags", "[]")
		changed.is("name", `"João"`)
		d.want(409, "external_id_taken", "POST /contacts", `{"phone": "11912345678", "external_id": "7"}`)
		d.want(200, "", "GET /contacts?search=joao", "").is("items.0.id", `"`+id+`"`)

		out := d.want(200, "", "POST /contacts/"+id+"/opt-out", `{"channel": "email", "source": "telefonema"}`)
		out.is("added", "1")
		listed := d.want(200, "", "GET /suppressions?channel=email", "")
		listed.is("items.0.address", `"joao@example.com"`)
		listed.is("items.0.reason", `"opted_out"`)
		d.want(204, "", "DELETE /contacts/"+id, "")
		d.want(404, "contact_not_found", "GET /contacts/"+id, "")
		d.want(200, "", "GET /suppressions", "").is("items.0.address", `"joao@example.com"`)
	})
}

// TestSuppressions is the list of who must not be contacted.
func TestSuppressions(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.want(200, "", "POST /suppressions", `{"addresses": ["(11) 98765-4321", "ana@example.com", "nada"], "reason": "do_not_call"}`)
		r.is("added", "2")
		if n := len(r.list("rejected")); n != 1 || r.str("rejected.0.code") == "" {
			t.Errorf("%s", r.text)
		}
		d.want(200, "", "POST /suppressions", `{"addresses": ["+5511987654321"], "reason": "do_not_call"}`).is("already", "1")
		d.want(200, "", "GET /suppressions?address=11987654321", "").is("items.0.channel", `""`)
		d.want(200, "", "GET /suppressions?channel=voice", "").is("items", "[]")
		d.want(204, "", "POST /suppressions/remove", `{"address": "11987654321"}`)
		d.want(404, "suppression_not_found", "POST /suppressions/remove", `{"address": "11987654321"}`)
		if r := d.askWith(d.otherKey, "GET /suppressions", nil); len(r.list("items")) != 0 {
			t.Errorf("another workspace sees %s", r.text)
		}
	})
}

// TestWorkspace is the workspace and its keys.
func TestWorkspace(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		me := d.want(200, "", "GET /whoami", "")
		me.is("workspace.name", `"Um"`)
		me.is("scopes", `["own"]`)
		d.want(200, "", "PATCH /workspace", `{"name": "Loja", "country": "MX", "zone": "America/Mexico_City"}`).is("country", `"MX"`)
		d.want(200, "", "PATCH /workspace", `{"country": null}`).is("country", `"BR"`)
		d.want(200, "", "GET /workspace", "").is("zone", `"America/Mexico_City"`)
		d.want(422, "zone_unknown", "PATCH /workspace", `{"zone": "Mars/Olympus"}`)
		d.want(422, "required", "PATCH /workspace", `{"name": null}`)

		d.later(time.Second)
		id, token := d.newKey(`"read", "operate"`)
		keys := d.want(200, "", "GET /keys", "")
		keys.is("items.0.id", `"`+id+`"`)
		keys.is("items.0.current", "false")
		keys.is("items.1.current", "true")
		if strings.Contains(keys.text, token) {
			t.Error("the key is shown again")
		}
		if r := d.askWith(token, "GET /whoami", nil); r.status != 200 || r.str("key") != id {
			t.Errorf("%d %s", r.status, r.text)
		}
		d.want(204, "", "DELETE /keys/"+id, "")
		d.want(409, "key_last", "DELETE /keys/"+me.str("key"), "")
		d.want(200, "", "GET /keys", "").is("items.0.id", `"`+id+`"`)
	})
}

// TestPresets holds that ready-made schedules are parts of a campaign that can be made of them.
func TestPresets(t *testing.T) {
	d := lone(t, nil)
	r := d.want(200, "", "GET /presets?holidays=BR&holidays=MX", "")
	if n := len(r.list("items")); n != 4 {
		t.Fatalf("%d presets", n)
	}
	r.is("items.1.retry.max_attempts", "2")
	for i := range 4 {
		part := r.list("items")[i].(map[string]any)
		body, err := jsonOf(map[string]any{"name": "Feita", "channel": "voice", "window": part["window"], "retry": part["retry"]})
		d.must(err)
		made := d.want(201, "", "POST /campaigns", body)
		want, err := jsonOf(part["window"])
		d.must(err)
		made.is("window", want)
	}
}
