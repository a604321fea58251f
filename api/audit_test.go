package api_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
)

// deed is a change that succeeds, and what the audit says that it was done to. {name} stands for an id made before.
type deed struct {
	what, body, header string
	makes              string // the name of what its answer has the id of
	subject            string // kind and id
}

// deeds are all changes that the API can make, in an order in which each succeeds.
var deeds = []deed{
	{"PATCH /workspace", `{"name": "Dois"}`, "", "", "workspace {workspace}"},
	{"POST /keys", `{"name": "Outra", "scopes": ["read"]}`, "", "key", "key {key}"},
	{"DELETE /keys/{key}", "", "", "", "key {key}"},
	{"PUT /rules", `{"limits": [{"most": 2, "days": 1}]}`, "", "", "rules"},
	{"PATCH /security", `{"second_factor": false}`, "", "", "security {workspace}"},
	{"POST /invitations", `{"email": "caio@example.com", "role": "viewer"}`, "", "invitation", "invitation {invitation}"},
	{"DELETE /invitations/{invitation}", "", "", "", "invitation {invitation}"},
	{"POST /links/join", `{"token": "{invited}", "name": "Alguém", "password": "` + goodPassword + `"}`, "", "user.id", "user {user.id}"},
	{"PATCH /users/{user}", `{"role": "operator"}`, "", "", "user {user}"},
	{"DELETE /users/{user}/sessions", "", "", "", "user {user}"},
	{"DELETE /users/{user}/second-factor", "", "", "", "user {user}"},
	{"POST /users/{user}/reset", "", "", "", "user {user}"},
	{"POST /links/reset", `{"token": "{forgotten}", "password": "` + goodPassword + `"}`, "", "", "user {user}"},
	{"DELETE /users/{user}", "", "", "", "user {user}"},
	{"POST /session", `{"email": "eva@example.com", "password": "` + goodPassword + `"}`, "", "", "user {me}"},
	{"PATCH /session", `{"workspace": "{workspace}"}`, "", "", "user {me}"},
	{"PATCH /me", `{"name": "Outra"}`, "", "", "user {me}"},
	{"DELETE /me/sessions/{session}", "", "", "", "user {me}"},
	{"DELETE /me/sessions", "", "", "", "user {me}"},
	{"POST /me/second-factor", `{"password": "` + goodPassword + `"}`, "", "", "user {me}"},
	{"PUT /me/password", `{"current": "` + goodPassword + `", "password": "Tucano & feijão 3x"}`, "", "", "user {me}"},
	{"DELETE /session", "", "", "", "user {me}"},
	{"POST /agents", `{"name": "Bia", "kind": "script", "script": {"start": "oi", "steps": {"oi": {"say": "Oi", "next": "end"}}}}`, "", "agent", "agent {agent}"},
	{"PUT /agents/{agent}", bodies["update-agent"], "", "", "agent {agent}"},
	{"POST /agents/{agent}/versions/1/restore", "", "", "", "agent {agent}"},
	{"POST /lines", `{"kind": "voice", "name": "Brinquedo", "from": "+551140001235", "settings": {"host": "toy"}}`, "", "toy", "line {toy}"},
	{"POST /agents/{agent}/test-calls", `{"number": "+5511900001100"}`, "", "", "agent {agent}"},
	{"DELETE /agents/{agent}", "", "", "", "agent {agent}"},
	{"POST /templates", `{"channel": "email", "name": "Boas-vindas", "message": {"subject": "Oi", "text": "Segredo"}}`, "", "template", "template {template}"},
	{"PUT /templates/{template}", `{"channel": "email", "name": "Cobrar", "message": {"subject": "Oi", "text": "Outro segredo"}}`, "", "", "template {template}"},
	{"DELETE /templates/{template}", "", "", "", "template {template}"},
	{"POST /lines", `{"kind": "email", "name": "Caixa", "from": "oi@example.com"}`, "", "line", "line {line}"},
	{"PATCH /lines/{line}", `{"limits": {"per_day": 7}}`, "", "", "line {line}"},
	{"POST /lines", `{"kind": "voice", "name": "Tronco", "from": "+551140001234", "settings": {"host": "h", "password": "segredo"}}`, "", "trunk", "line {trunk}"},
	{"POST /lines/{trunk}/check", "", "", "", "line {trunk}"},
	{"DELETE /lines/{trunk}", "", "", "", "line {trunk}"},
	{"POST /contacts", `{"name": "Ana", "email": "ana@example.com"}`, "", "contact", "contact {contact}"},
	{"PATCH /contacts/{contact}", `{"name": "Ana Paula", "city": "Recife"}`, "", "", "contact {contact}"},
	{"POST /contacts/{contact}/consents", `{"given": true, "proof": "gravação"}`, "", "", "contact {contact}"},
	{"POST /contacts/{contact}/consent-link", `{}`, "", "", "contact {contact}"},
	{"POST /contacts/{contact}/opt-out", `{"channel": "sms"}`, "", "", "contact {contact}"},
	{"POST /audiences", `{"name": "Todos", "static": true}`, "", "audience", "audience {audience}"},
	{"PATCH /audiences/{audience}", `{"name": "Todas"}`, "", "", "audience {audience}"},
	{"POST /audiences/{audience}/freeze", "", "", "", "audience {audience}"},
	{"POST /suppressions", `{"addresses": ["fora@example.com"]}`, "", "", "suppression"},
	{"POST /suppressions/remove", `{"address": "fora@example.com"}`, "", "", "suppression"},
	{"POST /registries", `{"name": "Bloqueio", "kind": "block_list", "holds": "phones"}`, "", "registry", "registry {registry}"},
	{"PUT /registries/{registry}/entries", "+5511987654321", "text/plain", "", "registry {registry}"},
	{"DELETE /registries/{registry}", "", "", "", "registry {registry}"},
	{"POST /campaigns", `{"name": "Cobrança", "channel": "email", "line": "{line}", "zone": "UTC", "message": {"subject": "Oi", "text": "Segredo"}}`, "", "campaign", "campaign {campaign}"},
	{"PATCH /campaigns/{campaign}", `{"share": 3, "message": {"subject": "Oi", "text": "Outro segredo"}}`, "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients", `{"contact": "joao@example.com", "name": "João"}`, "application/json", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients/contacts", `{"filter": {}}`, "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/duplicate", `{}`, "", "copy", "campaign {campaign}"},
	{"DELETE /campaigns/{copy}", "", "", "", "campaign {copy}"},
	{"POST /campaigns/{campaign}/start", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/pause", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients/{number}/remove", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients/{number}/set-pending", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients/{number}/set-completed", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients", crowd(1001), "text/plain", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/recipients/actions", `{"action": "remove", "filter": {"all": true}}`, "", "errand", "campaign {campaign}"},
	{"POST /errands/{errand}/cancel", "", "", "", "errand {errand}"},
	{"GET /campaigns/{campaign}/report", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/reports", `{}`, "", "report", "campaign {campaign}"},
	{"POST /reports/{report}/cancel", "", "", "", "report {report}"},
	{"DELETE /reports/{report}", "", "", "", "report {report}"},
	{"POST /campaigns/{campaign}/cancel", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/archive", "", "", "", "campaign {campaign}"},
	{"POST /campaigns/{campaign}/unarchive", "", "", "", "campaign {campaign}"},
	{"POST /imports?name=a.csv", "nome;telefone\nAna;11987654321\n", "text/csv", "import", "import {import}"},
	{"PUT /imports/{import}/settings", `{"file": {}}`, "", "", "import {import}"},
	{"POST /imports/{import}/check", "", "", "", "import {import}"},
	{"POST /imports/{import}/cancel", "", "", "", "import {import}"},
	{"DELETE /audiences/{audience}", "", "", "", "audience {audience}"},
	{"POST /contacts", `{"name": "Ana", "email": "ana@example.com"}`, "", "twin", "contact {twin}"},
	{"POST /contacts/{contact}/merge", `{"others": ["{twin}"]}`, "", "", "contact {contact}"},
	{"PUT /retention", `{"imports_days": 30, "attempts_days": 0, "contacts_days": 0, "audit_days": 0}`, "", "", "retention"},
	{"GET /contacts/{contact}/export", "", "", "", "contact {contact}"},
	{"DELETE /contacts/{contact}", "", "", "", "contact {contact}"},
	{"POST /contacts", `{"name": "Ana", "email": "ana.paula@example.com"}`, "", "gone", "contact {gone}"},
	{"POST /contacts/{gone}/erase", `{"reason": "requested"}`, "", "", "contact {gone}"},
}

// crowd is a list of so many people.
func crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d@example.org\n", i)
	}
	return b.String()
}

// TestEveryChangeIsAudited: whatever changes something is in the audit when it is answered, with who did it and to what,
// and without anything that belongs to a person or is secret. A new operation must be added to the deeds, and nowhere else.
func TestEveryChangeIsAudited(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		made := map[string]string{"workspace": d.workspace, "number": fmt.Sprint(campaign.BandNormal.First() + 1)}
		eva := d.withPeople(made)
		fill := func(s string) string {
			for name, id := range made {
				s = strings.ReplaceAll(s, "{"+name+"}", id)
			}
			return s
		}
		done := map[string]bool{}
		var operators string
		for _, x := range deeds {
			d.later(1e9)
			kind := x.header
			if kind == "" && x.body != "" {
				kind = "application/json"
			}
			what := fill(x.what)
			method, path, _ := strings.Cut(what, " ")
			path, _, _ = strings.Cut(path, "?")
			op := d.operationAt(method, path)
			who, actor := d.key, `"key"`
			if s := op.Metadata["scope"]; s == access.Personal || s == access.Open {
				who, actor = eva, `"user"`
			}
			r := d.askWith(who, what, strings.NewReader(fill(x.body)), "Content-Type", kind)
			if r.status >= 300 {
				t.Errorf("%s: %d %s", what, r.status, r.text)
				continue
			}
			if x.makes != "" {
				made[x.makes] = r.str(cmp.Or(map[bool]string{true: x.makes}[strings.Contains(x.makes, ".")], "id"))
			}
			done[op.OperationID] = true
			audit := d.want(200, "", "GET /audit?limit=1", "")
			audit.is("items.0.operation", `"`+op.OperationID+`"`)
			audit.is("items.0.actor_kind", actor)
			audit.is("items.0.request", `"`+r.header.Get("X-Request-Id")+`"`)
			if got := strings.TrimSpace(audit.str("items.0.subject_kind") + " " + audit.str("items.0.subject")); got != fill(x.subject) {
				t.Errorf("%s was done to %q, want %q", what, got, fill(x.subject))
			}
			operators = audit.str("items.0.actor")
		}
		for _, op := range d.operations() {
			if audited, _ := op.Metadata["audited"].(bool); audited != done[op.OperationID] && !unreached[op.OperationID] {
				t.Errorf("%s: audited %v, among the deeds %v", op.OperationID, audited, done[op.OperationID])
			}
			if looks := op.method == "GET" || op.Metadata["scope"] == access.Read || looking[op.OperationID]; !looks && op.Metadata["audited"] != true {
				t.Errorf("%s is not audited", op.OperationID)
			}
		}
		if r := d.want(200, "", "GET /whoami", ""); r.str("key") != operators {
			t.Errorf("done by %s", operators)
		}
		all := d.want(200, "", "GET /audit?limit=200", "").text
		for _, private := range []string{"ana@example.com", "Ana", "joao", "João", "Recife", "segredo", "Segredo", "fora@", "gravação", "98765"} {
			if strings.Contains(all, private) {
				t.Errorf("the audit holds %q", private)
			}
		}
		d.askWith(d.otherKey, "GET /audit", nil).is("items", "[]")
	})
}

// unreached are operations that need an engine at work, or a clock for codes, before they can succeed; they go through the same gate.
var unreached = map[string]bool{"retry-recipient": true, "commit-import": true, "undo-import": true, "delete-import": true, "download-report-file": true, "confirm-second-factor": true, "renew-recovery-codes": true, "end-second-factor": true}

// looking are operations open to everybody that change nothing that belongs to a workspace.
var looking = map[string]bool{"get-link-purpose": true, "forget-password": true, "preview-recipients": true}

// withPeople puts people into a workspace, and gives the session of one of them.
func (d *desk) withPeople(made map[string]string) string {
	d.t.Helper()
	by := access.Principal{Workspace: d.workspace, Key: "k", Scopes: access.Scopes{access.Own}}
	_, invited, err := d.users.Invite(d.ctx, by, "bia@example.com", access.Viewer)
	d.must(err)
	made["invited"] = invited
	bia := d.askWith(d.person(d.workspace, "dora@example.com", access.Viewer), "GET /me", nil).str("user.id")
	_, made["forgotten"], err = d.users.ResetMember(d.ctx, by, bia)
	d.must(err)
	lost := d.askWith(d.person(d.workspace, "eva@example.com", access.Owner), "GET /me", nil)
	made["user"], made["me"], made["session"] = bia, lost.str("user.id"), lost.str("session")
	return d.person(d.workspace, "eva@example.com", access.Owner)
}

// TestAuditTellsWhatChanged: values of settings before and after, names alone of what is personal.
func TestAuditTellsWhatChanged(t *testing.T) {
	d := lone(t, nil)
	line := d.line()
	d.want(200, "", "PATCH /lines/"+line, `{"limits": {"per_day": 7}, "name": "Outra"}`)
	r := d.want(200, "", "GET /audit?limit=1&subject_kind=line&subject="+line, "")
	r.is("items.0.details", `{"changes":[{"after":7,"before":0,"field":"limits.per_day"},{"after":"Outra","before":"Caixa","field":"name"}]}`)
	contact := d.want(201, "", "POST /contacts", `{"name": "Ana", "email": "ana@example.com"}`).str("id")
	d.want(200, "", "PATCH /contacts/"+contact, `{"name": "Bia", "tags": ["vip"]}`)
	d.want(200, "", "GET /audit?operation=update-contact", "").is("items.0.details", `{"changes":[{"field":"name"},{"field":"tags"}]}`)
	id := d.campaign(line)
	d.want(200, "", "PATCH /campaigns/"+id, `{"share": 3, "message": {"subject": "Oi", "text": "Novo"}}`)
	r = d.want(200, "", "GET /audit?operation=update-campaign", "")
	r.is("items.0.details", `{"changes":[{"field":"message.text"},{"after":3,"before":1,"field":"share"}]}`)

	// What is refused is not there, and what is repeated is there once.
	before := len(d.want(200, "", "GET /audit?limit=200", "").list("items"))
	d.want(404, "line_not_found", "PATCH /lines/x", `{"name": "Nada"}`)
	for range 2 {
		d.want(201, "", "POST /contacts", `{"email": "bia@example.com"}`, "Idempotency-Key", "uma")
	}
	if after := len(d.want(200, "", "GET /audit?limit=200", "").list("items")); after != before+1 {
		t.Errorf("%d events, then %d", before, after)
	}
	first := d.want(200, "", "GET /audit?limit=3", "")
	second := d.want(200, "", "GET /audit?limit=3&cursor="+first.str("next_cursor"), "")
	if first.text == second.text || len(second.list("items")) != 3 {
		t.Errorf("%s\n%s", first.text, second.text)
	}
	_, operator := d.newKey(`"operate"`)
	d.askWith(operator, "GET /audit", nil).refused(403, "scope_missing")
}

// TestAuditTellsWhatTheEngineDid: laps, pauses with their reason in the reader's language, and the end.
func TestAuditTellsWhatTheEngineDid(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(1)
		e := d.engine(line)
		e.settle(channel.Outcome{Code: channel.Sent}, e.claim(id, 1)...)
		next := d.now().Add(time.Hour)
		if done, err := d.store.Finish(d.ctx, id, next.In(time.FixedZone("", -3*60*60)), d.now()); err != nil || !done {
			t.Fatal(done, err)
		}
		again := func(s campaign.Standing, _ []string, addresses int) (campaign.Standing, bool) {
			return campaign.Renew(s, campaign.WhyLap, addresses, 2, next), true
		}
		if done, err := d.store.OpenLap(d.ctx, id, campaign.LapState{Lap: 2, Opened: next, Today: 1}, again, next); err != nil || !done {
			t.Fatal(done, err)
		}
		d.must(d.store.PauseFor(d.ctx, id, campaign.LineDown, map[string]string{"line": "Caixa"}, next))
		d.must(d.store.PauseFor(d.ctx, id, campaign.LineDown, nil, next)) // it is no more active: nothing is done
		r := d.want(200, "", "GET /audit?limit=4&subject_kind=campaign&subject="+id, "", "Accept-Language", "en")
		for i, want := range []struct{ operation, text string }{
			{"pause-campaign", "The line Caixa refused everything for a while. Test the line, then start the campaign again."},
			{"open-lap", "Lap 2 began."},
			{"end-lap", "Lap 1 is over. The next one begins on 23 Nov 2026 at 10:00 (UTC-03:00)."},
			{"start-campaign", ""},
		} {
			at := fmt.Sprintf("items.%d.", i)
			r.is(at+"operation", `"`+want.operation+`"`)
			kind := access.ActorProgram
			if want.text == "" {
				kind = access.ActorKey
			} else if got := r.str(at + "text"); got != want.text {
				t.Errorf("%s: %s", want.operation, got)
			}
			r.is(at+"actor_kind", `"`+string(kind)+`"`)
		}
	})
}

// TestAuditTellsWhoseSuppressionWasLifted: by the contacts that have the address, and not by the address.
func TestAuditTellsWhoseSuppressionWasLifted(t *testing.T) {
	d := lone(t, nil)
	ana := d.want(201, "", "POST /contacts", `{"phone": "11987654321"}`).str("id")
	d.want(200, "", "POST /suppressions", `{"addresses": ["+5511987654321"], "channel": "voice"}`)
	d.want(204, "", "POST /suppressions/remove", `{"address": "(11) 98765-4321", "channel": "voice"}`)
	d.want(200, "", "GET /audit?operation=remove-suppression", "").is("items.0.details", `{"channel":"voice","contacts":["`+ana+`"]}`)
}
