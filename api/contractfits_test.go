package api_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/pquerna/otp/totp"

	"campanario/access"
	"campanario/api"
	"campanario/channel"
)

// fit is what an operation needs so that it is done, beside what its path is about and the bodies that other tests know.
type fit struct {
	before func(c *contract) // what must have happened; what it puts into the values is asked with
	query  string
	body   string // {name} stands for one of the values
	kind   string // of the body, when it is no JSON
}

// fits are all that need something. Whoever adds an operation whose request is more than its path adds to these, or to bodies.
var fits = map[string]fit{
	"create-agent":          {body: bodies["update-agent"]},
	"rehearse-draft":        {body: `{"agent": ` + bodies["update-agent"] + `}`},
	"test-call":             {before: (*contract).toy},
	"get-test-call":         {before: (*contract).called},
	"create-template":       {body: bodies["update-template"]},
	"preview-template":      {body: `{"message": {"subject": "Oi", "text": "Oi"}}`},
	"create-line":           {body: `{"kind": "email", "name": "Caixa", "from": "oi@example.com"}`},
	"check-line":            {before: (*contract).toy},
	"create-campaign":       {body: `{"name": "Cobrança", "channel": "email", "line": "{line}", "zone": "UTC", "message": {"subject": "Oi", "text": "Oi"}}`},
	"cancel-campaign":       {before: has("POST /campaigns/{campaign}/start")},
	"pause-campaign":        {before: has("POST /campaigns/{campaign}/start")},
	"archive-campaign":      {before: has("POST /campaigns/{campaign}/cancel")},
	"unarchive-campaign":    {before: has("POST /campaigns/{campaign}/cancel", "POST /campaigns/{campaign}/archive")},
	"retry-recipient":       {before: (*contract).unreached},
	"create-contact":        {body: `{"name": "Ana", "email": "nova@example.com"}`},
	"preview-filter":        {body: `{"field": "tag", "is": ["vip"]}`},
	"list-filter-values":    {query: "field=tag"},
	"merge-contacts":        {before: (*contract).twin, body: `{"others": ["{twin}"]}`},
	"preview-merge":         {before: (*contract).twin, body: `{"others": ["{twin}"]}`},
	"create-audience":       {body: `{"name": "Os de sempre {n}", "static": true}`},
	"update-audience":       {body: `{"name": "Os de agora {n}"}`},
	"freeze-audience":       {before: (*contract).filtered},
	"create-import":         {query: "name=a.csv", body: "nome;telefone\nAna;11987654321\n", kind: "text/csv"},
	"replace-entries":       {kind: "text/plain"},
	"cancel-import":         {before: has("POST /imports/{import}/check")},
	"undo-import":           {before: (*contract).imported},
	"create-registry":       {body: `{"name": "Quem pediu {n}", "kind": "block_list", "holds": "phones"}`},
	"add-suppressions":      {body: `{"addresses": ["fora@example.com"]}`},
	"check-suppression":     {body: `{"address": "fora@example.com"}`},
	"remove-suppression":    {before: hasWith("POST /suppressions", `{"addresses": ["volta@example.com"]}`), body: `{"address": "volta@example.com"}`},
	"get-sandbox-message":   {before: (*contract).mailed},
	"set-rules":             {body: `{"limits": [{"most": 2, "days": 1}]}`},
	"set-retention":         {body: `{"imports_days": 30, "attempts_days": 0, "contacts_days": 0, "audit_days": 0}`},
	"preview-retention":     {body: `{"imports_days": 30, "attempts_days": 0, "contacts_days": 0, "audit_days": 0}`},
	"update-workspace":      {body: `{"name": "Dois"}`},
	"update-security":       {body: `{"second_factor": false}`},
	"create-key":            {body: `{"name": "Chave", "scopes": ["read"]}`},
	"invite-user":           {body: `{"email": "convidada@example.com", "role": "viewer"}`},
	"get-link-purpose":      {before: (*contract).invited, body: `{"token": "{token}"}`},
	"join":                  {before: (*contract).invited, body: `{"token": "{token}", "name": "Alguém", "password": "{password}"}`},
	"reset-password":        {before: (*contract).forgotten, body: `{"token": "{token}", "password": "{password}"}`},
	"forget-password":       {body: `{"email": "vera@example.com"}`},
	"sign-in":               {before: (*contract).me, body: `{"email": "{email}", "password": "{password}"}`},
	"switch-workspace":      {body: `{"workspace": "{workspace}"}`},
	"update-me":             {body: `{"name": "Outra"}`},
	"change-password":       {body: `{"current": "{password}", "password": "Tucano & feijão 3x"}`},
	"end-own-session":       {before: (*contract).twice},
	"begin-second-factor":   {body: `{"password": "{password}"}`},
	"confirm-second-factor": {before: (*contract).factorBegun, body: `{"code": "{code}"}`},
	"renew-recovery-codes":  {before: (*contract).factor, body: `{"password": "{password}", "code": "{code}"}`},
	"end-second-factor":     {before: (*contract).factor, body: `{"password": "{password}", "code": "{code}"}`},
}

// fill puts the values into a text.
func (c *contract) fill(s string) string {
	return inBraces.ReplaceAllStringFunc(s, func(name string) string { return cmp.Or(c.values[strings.Trim(name, "{}")], name) })
}

// fitting makes one request that must be done, by somebody who may. The answer is held to the document as all others are.
func (c *contract) fitting(op operation) {
	d := c.d
	c.prepare(op)
	c.values["workspace"], c.values["password"] = d.workspace, goodPassword
	who := d.key
	if scope, _ := op.Metadata["scope"].(access.Scope); scope == access.Personal {
		c.me()
		who = c.values["me"]
	}
	x := fits[op.OperationID]
	if x.before != nil {
		x.before(c)
	}
	body := c.fill(cmp.Or(x.body, bodies[op.OperationID]))
	what := d.http.URL + api.Prefix + c.fill(op.path) + "?" + x.query
	req, err := http.NewRequestWithContext(d.ctx, op.method, what, bytes.NewReader([]byte(body)))
	d.must(err)
	if body != "" {
		req.Header.Set("Content-Type", cmp.Or(x.kind, "application/json"))
	}
	if status, text := c.send(op, req, who, op.method+" "+what+" "+body); status >= 300 {
		d.t.Errorf("%s was refused though it should fit; say in fits what it needs: %d %.600s", op.OperationID, status, text)
	}
}

// must asks for something that has to be done first.
func (c *contract) must(who, what, body string) reply {
	c.d.t.Helper()
	r := c.d.askWith(who, c.fill(what), strings.NewReader(c.fill(body)))
	if r.status >= 300 {
		c.d.t.Fatalf("%s: %d %s", r.what, r.status, r.text)
	}
	return r
}

func has(whats ...string) func(*contract) {
	return func(c *contract) {
		for _, what := range whats {
			c.must(c.d.key, what, "")
		}
	}
}

func hasWith(what, body string) func(*contract) {
	return func(c *contract) { c.must(c.d.key, what, body) }
}

// toy is a line that leads to the sandbox.
func (c *contract) toy() {
	c.values["line"] = c.must(c.d.key, "POST /lines", `{"kind": "voice", "name": "Brinquedo", "from": "+551140001235", "settings": {"host": "toy"}}`).str("id")
}

func (c *contract) called() {
	c.box.called = api.TestCall{ID: "1", Agent: c.values["agent"], Version: 1, Number: "+5511900001100", StartedAt: noon, Stage: channel.StagePlaced}
}

// mailed is a message of a campaign that the sandbox's server has taken.
func (c *contract) mailed() {
	c.box.mail = []api.FarMessage{{No: 1, At: noon, ID: "<" + c.d.campaign(c.d.line()) + ".1@example.com>", Subject: "Oi"}}
}

// unreached is a campaign that runs, whose first person was not reached.
func (c *contract) unreached() {
	d := c.d
	c.must(d.key, "POST /campaigns/{campaign}/start", "")
	e := d.engine(d.want(200, "", c.fill("GET /campaigns/{campaign}"), "").str("line"))
	e.settle(channel.Outcome{Code: channel.Failed}, e.claim(c.values["campaign"], 1)...)
}

func (c *contract) twin() {
	c.values["twin"] = c.must(c.d.key, "POST /contacts", `{"name": "Ana P.", "email": "gemea@example.com"}`).str("id")
}

// filtered is an audience whose people are those that a filter finds.
func (c *contract) filtered() {
	c.values["audience"] = c.must(c.d.key, "POST /audiences", `{"name": "Quem é VIP", "static": true, "filter": {"field": "tag", "is": ["vip"]}}`).str("id")
}

// imported is an import that is done.
func (c *contract) imported() {
	end := c.d.importing()
	defer end()
	c.must(c.d.key, "POST /imports/{import}/commit", "")
	if x := c.d.rests(c.values["import"]); x.str("state") != "done" {
		c.d.t.Fatalf("%s", x.text)
	}
}

// me is somebody who is signed in.
func (c *contract) me() {
	c.values["email"] = fmt.Sprintf("eu%d@example.com", c.asked)
	c.values["me"] = c.d.person(c.d.workspace, c.values["email"], access.Manager)
}

// twice is somebody who is signed in at two places, and asks about the other one.
func (c *contract) twice() {
	c.values["session"] = c.d.askWith(c.d.person(c.d.workspace, c.values["email"], access.Manager), "GET /me", nil).str("session")
}

func (c *contract) link(r reply) {
	_, c.values["token"], _ = strings.Cut(r.str("link"), api.AccessPath)
}

func (c *contract) invited() {
	c.link(c.must(c.d.key, "POST /invitations", fmt.Sprintf(`{"email": "vem%d@example.com", "role": "viewer"}`, c.asked)))
}

func (c *contract) forgotten() {
	c.me()
	c.values["user"] = c.d.askWith(c.values["me"], "GET /me", nil).str("user.id")
	c.link(c.must(c.d.key, "POST /users/{user}/reset", ""))
}

// factorBegun has a secret for codes, and the code of now.
func (c *contract) factorBegun() {
	secret := c.must(c.values["me"], "POST /me/second-factor", `{"password": "{password}"}`).str("secret")
	code, err := totp.GenerateCode(secret, c.d.now())
	c.d.must(err)
	c.values["code"] = code
}

// factor is set up, and there is a recovery code of it.
func (c *contract) factor() {
	c.factorBegun()
	c.values["code"], _ = c.must(c.values["me"], "PUT /me/second-factor", `{"code": "{code}"}`).list("codes")[0].(string)
}
