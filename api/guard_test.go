package api_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/campaign"
)

// operation is one of the document, with its place.
type operation struct {
	method, path string // the path below the prefix
	*huma.Operation
}

// operations lists all of the document.
func (d *desk) operations() []operation {
	d.t.Helper()
	d.once.Do(func() { d.listed = d.list() })
	return d.listed
}

func (d *desk) list() []operation {
	d.t.Helper()
	var out []operation
	for path, item := range d.api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if op != nil {
				out = append(out, operation{method, strings.TrimPrefix(path, "/api/v1"), op})
			}
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(out) < 50 {
		d.t.Fatalf("only %d operations", len(out))
	}
	return out
}

var inBraces = regexp.MustCompile(`{[a-z]+}`)

// at fills in a path.
func (o operation) at(values map[string]string) string {
	return o.method + " " + inBraces.ReplaceAllStringFunc(o.path, func(name string) string {
		if v, ok := values[strings.Trim(name, "{}")]; ok {
			return v
		}
		return "1"
	})
}

// newKey makes a key with the scopes.
func (d *desk) newKey(scopes string) (id, token string) {
	d.t.Helper()
	r := d.want(201, "", "POST /keys", `{"name": "Chave", "scopes": [`+scopes+`]}`)
	return r.str("id"), r.str("token")
}

// confidential are operations that look at what not everybody may know who may look at the rest.
var confidential = map[string]access.Scope{
	"list-keys": access.Manage, "list-users": access.Manage, "list-invitations": access.Manage, "list-user-sessions": access.Own,
	"list-audit":     access.Manage,
	"export-contact": access.Operate,
}

// harmless are operations that change nothing though they are not GET, or only what those who may read have read for them.
func harmless(op operation) bool {
	return strings.HasSuffix(op.OperationID, "-report") || strings.Contains(op.path, "/rehearse") || strings.HasSuffix(op.path, "/preview") || strings.HasSuffix(op.path, "/check")
}

// TestEveryOperationIsGuarded holds that each operation names a scope, and lets nobody in without it: no key, no role.
func TestEveryOperationIsGuarded(t *testing.T) {
	d := lone(t, nil)
	held := map[access.Scope][]string{}
	for _, scope := range access.AllScopes() {
		_, key := d.newKey(`"` + string(scope) + `"`)
		held[scope] = []string{key}
	}
	for _, role := range access.Roles() {
		scope := role.Scopes()[0]
		held[scope] = append(held[scope], d.person(d.workspace, string(role)+"@example.com", role))
	}
	gone, revoked := d.newKey(`"manage"`)
	d.want(204, "", "DELETE /keys/"+gone, "")
	for _, op := range d.operations() {
		t.Run(op.OperationID, func(t *testing.T) {
			scope, _ := op.Metadata["scope"].(access.Scope)
			what := op.at(nil)
			if op.Extensions["x-scope"] != string(scope) {
				t.Errorf("scope %v, published as %v", scope, op.Extensions["x-scope"])
			}
			switch {
			case scope == access.Open:
				for _, nobody := range []string{"", "cmp_nobody_knows", "cms_nobody_knows"} {
					if r := d.askWith(nobody, what, strings.NewReader(`{"nonsense": true}`)); r.status != 200 && r.status != 422 {
						t.Errorf("%q: %d %s", nobody, r.status, r.text)
					}
				}
				return
			case scope == access.Personal:
				for _, keys := range held {
					d.askWith(keys[0], what, strings.NewReader(`{"nonsense": true}`)).refused(403, "person_only")
				}
			case !scope.Valid():
				t.Fatalf("scope %q", scope)
			case op.method == http.MethodGet && scope != access.Read && confidential[op.OperationID] != scope:
				t.Errorf("scope %s for something that is only looked at", scope)
			case op.method != http.MethodGet && scope == access.Read && !harmless(op):
				t.Errorf("scope %s for a change", scope)
			}
			d.refusesStrangers(what, revoked)
			for _, lesser := range access.AllScopes() {
				if lesser == scope || scope == access.Personal {
					break
				}
				for _, who := range held[lesser] {
					d.askWith(who, what, strings.NewReader(`{"nonsense": true}`)).refused(403, "scope_missing")
				}
			}
		})
	}
}

func (d *desk) refusesStrangers(what, revoked string) {
	d.t.Helper()
	d.askWith("", what, nil).refused(401, "key_missing")
	if got := d.askWith("", what, nil).header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
		d.t.Errorf("WWW-Authenticate %q", got)
	}
	for _, bad := range []string{"cmp_nobody_knows", "x", revoked, d.key + "x", d.key[:len(d.key)-1]} {
		d.askWith(bad, what, nil).refused(401, "key_invalid")
	}
	d.askWith("cms_nobody_knows", what, nil).refused(401, "session_invalid")
}

// bodies are good bodies of the operations whose path names something.
var bodies = map[string]string{
	"update-agent":            `{"name": "Outra", "kind": "script", "script": {"start": "oi", "steps": {"oi": {"say": "Oi", "next": "end"}}}}`,
	"rehearse-agent":          `{}`,
	"test-call":               `{"number": "+5511900001100"}`,
	"update-template":         `{"channel": "email", "name": "Roubado", "message": {"subject": "Oi", "text": "Oi"}}`,
	"update-campaign":         `{"name": "Roubada"}`,
	"preview-campaign-change": `{"name": "Roubada"}`,
	"duplicate-campaign":      `{"recipients": {"all": true}}`,
	"act-on-recipients":       `{"action": "remove", "filter": {"all": true}}`,
	"preview-actions":         `{"action": "remove", "filter": {"all": true}}`,
	"prepare-report":          `{}`,
	"add-recipients":          `{"contact": "ladrao@example.com"}`,
	"preview-recipients":      `{"contact": "ladrao@example.com"}`,
	"record-consent":          `{"given": true}`,
	"replace-entries":         "+5511987654321",
	"create-consent-link":     `{}`,
	"fill-campaign":           `{"filter": {}}`,
	"update-contact":          `{"name": "Roubado"}`,
	"erase-contact":           `{"reason": "requested"}`,
	"merge-contacts":          `{"others": ["nobody"]}`,
	"preview-merge":           `{"others": ["nobody"]}`,
	"opt-out-contact":         `{}`,
	"update-audience":         `{"name": "Roubado"}`,
	"update-line":             `{"name": "Roubada"}`,
	"update-import":           `{"file": {}}`,
	"update-user":             `{"role": "owner"}`,
}

// realm is a workspace with one of everything in it.
func (d *desk) realm() (ours map[string]string) {
	d.t.Helper()
	line, id := d.running(3)
	session := d.person(d.workspace, "ana@example.com", access.Owner)
	me := d.askWith(session, "GET /me", nil)
	key, _ := d.newKey(`"read"`)
	return map[string]string{
		"line": line, "campaign": id,
		"agent":      d.want(201, "", "POST /agents", bodies["update-agent"]).str("id"),
		"template":   d.want(201, "", "POST /templates", bodies["update-template"]).str("id"),
		"version":    "1",
		"contact":    d.want(201, "", "POST /contacts", `{"name": "Ana", "email": "ana@example.com"}`).str("id"),
		"audience":   d.want(201, "", "POST /audiences", `{"name": "Todos", "static": true}`).str("id"),
		"key":        key,
		"report":     d.want(202, "", "POST /campaigns/"+id+"/reports", `{}`).str("id"),
		"number":     fmt.Sprint(campaign.BandNormal.First() + 1),
		"user":       me.str("user.id"),
		"session":    me.str("session"),
		"invitation": d.want(201, "", "POST /invitations", `{"email": "bia@example.com", "role": "viewer"}`).str("id"),
	}
}

// TestOthersDoNotExist holds that what belongs to another workspace is not there, by any operation, for a program or a
// person.
func TestOthersDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ours := d.realm()
		id, spare := ours["campaign"], d.campaign("") // one that runs, and one that can be edited and deleted
		stranger := d.person(d.other, "eva@example.com", access.Owner)
		before := d.everything(ours)
		for _, op := range d.operations() {
			scope, _ := op.Metadata["scope"].(access.Scope)
			body, ok := bodies[op.OperationID]
			if op.RequestBody != nil && !ok && strings.Contains(op.path, "{") {
				t.Errorf("%s has a body: give this test a good one", op.OperationID)
			}
			if scope != access.Open { // nor by naming our workspace
				d.askWith(stranger, op.at(ours), strings.NewReader(body), "Campanario-Workspace", d.workspace).refused(403, "workspace_not_yours")
			}
			if scope.Valid() {
				d.askWith(d.otherKey, op.at(ours), strings.NewReader(body), "Campanario-Workspace", d.workspace).refused(403, "workspace_not_yours")
			}
			if op.method == http.MethodGet && !strings.Contains(op.path, "{") {
				d.showsNothing(op, ours, stranger)
			}
			if !strings.Contains(op.path, "{") {
				continue
			}
			who := []string{stranger}
			if scope != access.Personal {
				who = append(who, d.otherKey)
			}
			for _, campaign := range []string{id, spare} {
				ours["campaign"] = campaign
				for _, other := range who {
					d.askWith(other, op.at(ours), strings.NewReader(body)).refusedAs(404)
				}
			}
			d.takesNothingStrange(op, ours, body)
		}
		ours["campaign"] = id
		d.refersToNothing(ours, stranger)
		if after := d.everything(ours); after != before {
			t.Errorf("something was changed:\n%s\n%s", before, after)
		}
	})
}

// showsNothing holds that a list of another workspace has nothing of ours in it.
func (d *desk) showsNothing(op operation, ours map[string]string, stranger string) {
	d.t.Helper()
	for _, other := range []string{stranger, d.otherKey} {
		r := d.askWith(other, op.at(nil), nil)
		for name, value := range ours {
			if name != "number" && name != "version" && strings.Contains(r.text, value) {
				d.t.Errorf("%s shows our %s: %s", r.what, name, r.text)
			}
		}
		if strings.Contains(r.text, d.workspace) {
			d.t.Errorf("%s shows our workspace: %s", r.what, r.text)
		}
	}
}

// takesNothingStrange holds that ids that are none are not there, even for those whose workspace it is.
func (d *desk) takesNothingStrange(op operation, ours map[string]string, body string) {
	d.t.Helper()
	who := d.key
	if op.Metadata["scope"] == access.Personal {
		who = d.person(d.workspace, "ana@example.com", access.Owner)
	}
	for _, strange := range []string{"01a1fe29-1472-7714-b928-fbd1aff47ecc", "x", "%27", "a%20b", "%C3%A9", "..%2F..", strings.Repeat("9", 300), "-1", "%00", "%ff"} {
		values := map[string]string{}
		for name := range ours {
			values[name] = strange
		}
		r := d.askWith(who, op.at(values), strings.NewReader(body))
		if r.status != 404 && (r.status != 422 || !strings.Contains(op.path, "{number}") && !strings.Contains(op.path, "{version}")) {
			d.t.Errorf("%s: status %d: %s", r.what, r.status, r.text)
		}
	}
}

// refersToNothing holds that what somebody makes in their own workspace cannot lead to ours.
func (d *desk) refersToNothing(ours map[string]string, stranger string) {
	d.t.Helper()
	for what, body := range map[string]string{
		"POST /campaigns": `{"name": "Um", "channel": "email", "line": "` + ours["line"] + `"}`,
		"POST /lines":     `{"kind": "email", "name": "Caixa", "from": "oi@example.com", "agent": "` + ours["agent"] + `"}`,
		"PATCH /security": `{"mail_line": "` + ours["line"] + `"}`,
		"POST /audiences": `{"name": "Deles", "filter": {"audience": "` + ours["audience"] + `"}}`,
		"PATCH /session":  `{"workspace": "` + d.workspace + `"}`,
	} {
		want := 422
		if what == "PATCH /session" {
			want = 403
		}
		d.askWith(stranger, what, strings.NewReader(body)).refusedAs(want)
	}
}

// everything is all that somebody else could have changed.
func (d *desk) everything(ours map[string]string) string {
	d.t.Helper()
	var all strings.Builder
	for _, what := range []string{
		"GET /campaigns", "GET /campaigns?archived=true", "GET /lines", "GET /agents", "GET /templates", "GET /contacts", "GET /suppressions", "GET /audiences", "GET /audiences/" + ours["audience"] + "/preview",
		"GET /campaigns/" + ours["campaign"] + "/recipients", "GET /users", "GET /invitations", "GET /keys", "GET /security", "GET /workspace",
	} {
		all.WriteString(d.want(200, "", what, "").text)
	}
	return all.String()
}
