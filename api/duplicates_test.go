package api_test

import "testing"

// TestDuplicatesAreMerged: what is listed as shared can be made one, and then is no more.
func TestDuplicatesAreMerged(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.want(201, "", "POST /contacts", `{"name": "Ana", "phone": "11987654321", "tags": ["vip"]}`).str("id")
		second := d.want(201, "", "POST /contacts", `{"name": "Ana Paula", "phone": "+55 11 98765-4321", "email": "ana@example.com"}`).str("id")
		groups := d.want(200, "", "GET /contacts/duplicates?by=phone", "")
		groups.is("items.0.value", `"+5511987654321"`)
		groups.is("items.0.count", "2")
		groups.is("items.0.contacts.1.id", `"`+second+`"`)
		d.want(200, "", "GET /contacts/duplicates?by=email", "").is("items", "[]")
		one := d.want(200, "", "GET /contacts/"+first+"/duplicates", "")
		one.is("items.0.contact.id", `"`+second+`"`)
		one.is("items.0.shares", `["phone"]`)
		d.askWith(d.otherKey, "GET /contacts/duplicates", nil).is("items", "[]")

		d.want(404, "contact_not_found", "POST /contacts/"+first+"/merge", `{"others": ["x"]}`)
		r := d.want(200, "", "POST /contacts/"+first+"/merge", `{"others": ["`+second+`"]}`)
		r.is("name", `"Ana"`)
		r.is("email", `"ana@example.com"`)
		d.want(200, "", "GET /contacts/"+second, "").is("id", `"`+first+`"`)
		d.want(200, "", "GET /contacts/duplicates", "").is("items", "[]")
		d.want(200, "", "GET /contacts/"+first+"/timeline", "").is("items.0.change.details.others", `["`+second+`"]`)
		// The revision that is answered is the one that is there.
		d.want(200, "", "PATCH /contacts/"+first, `{"city": "Recife"}`, "If-Match", r.header.Get("ETag"))
	})
}
