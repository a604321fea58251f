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

// guarded are what is only looked at, and not by everybody.
var guarded = map[string]bool{"/keys": true, "/audit": true}

// TestEveryOperationIsGuarded holds that each operation names a scope, and lets nobody in without it.
func TestEveryOperationIsGuarded(t *testing.T) {
	d := lone(t, nil)
	_, reader := d.newKey(`"read"`)
	_, operator := d.newKey(`"operate"`)
	gone, revoked := d.newKey(`"manage"`)
	d.want(204, "", "DELETE /keys/"+gone, "")
	lesser := map[access.Scope][]string{access.Read: nil, access.Operate: {reader}, access.Manage: {reader, operator}}
	for _, op := range d.operations() {
		t.Run(op.OperationID, func(t *testing.T) {
			scope, ok := op.Metadata["scope"].(access.Scope)
			if !ok || !scope.Valid() || op.Extensions["x-scope"] != string(scope) {
				t.Fatalf("scope %v, published as %v", op.Metadata["scope"], op.Extensions["x-scope"])
			}
			if want := access.Read; op.method == http.MethodGet && !guarded[op.path] && scope != want {
				t.Errorf("scope %s for something that is only looked at", scope)
			}
			if op.method != http.MethodGet && scope == access.Read && !strings.Contains(op.path, "/rehearse") && !strings.HasSuffix(op.path, "/preview") && !strings.HasSuffix(op.path, "/check") {
				t.Errorf("scope %s for a change", scope)
			}
			what := op.at(nil)
			d.askWith("", what, nil).refused(401, "key_missing")
			if got := d.askWith("", what, nil).header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
				t.Errorf("WWW-Authenticate %q", got)
			}
			for _, bad := range []string{"cmp_nobody_knows", "x", revoked, d.key + "x", d.key[:len(d.key)-1]} {
				d.askWith(bad, what, nil).refused(401, "key_invalid")
			}
			for _, key := range lesser[scope] {
				d.askWith(key, what, strings.NewReader(`{"nonsense": true}`)).refused(403, "scope_missing")
			}
		})
	}
}

// bodies are good bodies of the operations whose path names something.
var bodies = map[string]string{
	"update-agent":        `{"name": "Outra", "kind": "script", "script": {"start": "oi", "steps": {"oi": {"say": "Oi", "next": "end"}}}}`,
	"rehearse-agent":      `{}`,
	"update-campaign":     `{"name": "Roubada"}`,
	"duplicate-campaign":  `{"recipients": {"all": true}}`,
	"act-on-recipients":   `{"action": "remove", "filter": {"all": true}}`,
	"add-recipients":      `{"contact": "ladrao@example.com"}`,
	"record-consent":      `{"given": true}`,
	"replace-entries":     "+5511987654321",
	"create-consent-link": `{}`,
	"fill-campaign":       `{"filter": {}}`,
	"update-contact":      `{"name": "Roubado"}`,
	"merge-contacts":      `{"others": ["nobody"]}`,
	"opt-out-contact":     `{}`,
	"update-audience":     `{"name": "Roubado"}`,
	"update-line":         `{"name": "Roubada"}`,
	"update-import":       `{"file": {}}`,
}

// TestOthersDoNotExist holds that what belongs to another workspace is not there, by any operation.
func TestOthersDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(3)
		agent := d.want(201, "", "POST /agents", bodies["update-agent"]).str("id")
		contact := d.want(201, "", "POST /contacts", `{"name": "Ana", "email": "ana@example.com"}`).str("id")
		audience := d.want(201, "", "POST /audiences", `{"name": "Todos", "static": true}`).str("id")
		key, _ := d.newKey(`"read"`)
		spare := d.campaign("") // can be edited and deleted
		number := fmt.Sprint(campaign.BandNormal.First() + 1)
		ours := map[string]string{"line": line, "campaign": id, "agent": agent, "contact": contact, "key": key, "number": number, "audience": audience}
		before := d.everything(ours)
		for _, op := range d.operations() {
			if !strings.Contains(op.path, "{") {
				continue
			}
			body, ok := bodies[op.OperationID]
			if op.RequestBody != nil && !ok {
				t.Errorf("%s has a body: give this test a good one", op.OperationID)
			}
			for _, campaign := range []string{id, spare} {
				ours["campaign"] = campaign
				d.askWith(d.otherKey, op.at(ours), strings.NewReader(body)).refusedAs(404)
			}
			for _, strange := range []string{"01a1fe29-1472-7714-b928-fbd1aff47ecc", "x", "%27", "a%20b", "%C3%A9", "..%2F..", strings.Repeat("9", 300), "-1", "%00", "%ff"} {
				values := map[string]string{}
				for name := range ours {
					values[name] = strange
				}
				r := d.askWith(d.key, op.at(values), strings.NewReader(body))
				if r.status != 404 && (r.status != 422 || !strings.Contains(op.path, "{number}")) {
					t.Errorf("%s: status %d: %s", r.what, r.status, r.text)
				}
			}
		}
		ours["campaign"] = id
		if after := d.everything(ours); after != before {
			t.Errorf("something was changed:\n%s\n%s", before, after)
		}
	})
}

// everything is all that somebody else could have changed.
func (d *desk) everything(ours map[string]string) string {
	d.t.Helper()
	var all strings.Builder
	for _, what := range []string{
		"GET /campaigns", "GET /campaigns?archived=true", "GET /lines", "GET /agents", "GET /contacts", "GET /suppressions", "GET /audiences", "GET /audiences/" + ours["audience"] + "/preview",
		"GET /campaigns/" + ours["campaign"] + "/recipients",
	} {
		all.WriteString(d.want(200, "", what, "").text)
	}
	return all.String()
}
