package api_test

import (
	"fmt"
	"testing"
)

// TestAudiences is the life of a saved list, live and static.
func TestAudiences(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for i := range 30 {
			city := []string{"São Paulo", "Recife"}[i%2]
			d.want(201, "", "POST /contacts", fmt.Sprintf(`{"name": "P%d", "email": "p%d@example.com", "city": %q, "tags": ["T%d"], "attributes": {"Plano": "%d"}}`, i, i, city, i%3, i%5))
		}
		recife := `{"all": [{"field": "city", "is": ["RECIFE"]}, {"not": {"field": "tag", "is": ["t0"]}}]}`
		r := d.want(200, "", "POST /contacts/preview", recife)
		r.is("count", "10")
		if n := len(r.list("sample")); n != 10 {
			t.Errorf("a sample of %d", n)
		}
		live := d.want(201, "", "POST /audiences", `{"name": "Recife sem T0", "filter": `+recife+`}`).str("id")
		fixed := d.want(201, "", "POST /audiences", `{"name": "Recife hoje", "static": true, "filter": `+recife+`}`).str("id")
		d.want(409, "audience_name_taken", "POST /audiences", `{"name": "recife HOJE"}`)
		d.want(201, "", "POST /contacts", `{"name": "Nova", "email": "nova@example.com", "city": "recife"}`)
		d.want(200, "", "GET /audiences/"+live+"/preview", "").is("count", "11")
		d.want(200, "", "GET /audiences/"+fixed+"/preview", "").is("count", "10")
		d.want(200, "", "POST /contacts/preview", fmt.Sprintf(`{"any": [{"field": "audience", "is": [%q, %q]}, {"field": "tag", "is": ["T0"]}]}`, live, fixed)).is("count", "21")
		d.want(200, "", "POST /audiences/"+fixed+"/freeze", "")
		d.want(200, "", "GET /audiences/"+fixed+"/preview", "").is("count", "11")
		d.want(409, "audience_not_static", "POST /audiences/"+live+"/freeze", "")
		d.want(200, "", "PATCH /audiences/"+live, fmt.Sprintf(`{"filter": {"field": "audience", "is": [%q]}}`, live))
		d.want(409, "audience_circle", "GET /audiences/"+live+"/preview", "")
		d.want(200, "", "GET /audiences?search=hoje", "").is("items.0.name", `"Recife hoje"`)
		d.want(200, "", "GET /contacts/fields", "").is("attributes", `["plano"]`)
		d.want(200, "", "GET /contacts/values?field=city", "").is("items.0", `{"count":16,"value":"Recife"}`)
		d.want(422, "filter_field", "GET /contacts/values?field=created", "")
		d.want(422, "filter_field", "POST /contacts/preview", `{"field": "colour", "is": ["red"]}`)
		d.want(422, "filter_condition", "POST /audiences", `{"name": "x", "filter": {"field": "tag"}}`)
		d.want(204, "", "DELETE /audiences/"+fixed, "")
		d.want(422, "audience_not_found", "POST /contacts/preview", fmt.Sprintf(`{"field": "audience", "is": [%q]}`, fixed))
	})
}
