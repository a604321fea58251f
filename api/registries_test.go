package api_test

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// TestRegistries is a list of who must not be contacted from its making to its end.
func TestRegistries(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		made := d.want(201, "", "POST /registries", `{"name": "Não Me Perturbe", "kind": "do_not_call", "channels": ["voice"]}`)
		made.is("state", `"empty"`)
		one := "/registries/" + made.str("id")
		d.want(409, "registry_name_taken", "POST /registries", `{"name": "não me perturbe", "kind": "block_list"}`)
		d.want(422, "not_one_of", "POST /registries", `{"name": "E-mails", "kind": "block_list", "holds": "mailboxes", "channels": ["voice"]}`)
		d.want(422, "past_time", "POST /registries", `{"name": "Velha", "kind": "block_list", "expires_at": "2020-01-01T00:00:00Z"}`)

		put := func(path, text string, status int, code string) reply {
			t.Helper()
			return d.want(status, code, "PUT "+path, text, "Content-Type", "text/csv")
		}
		r := put(one+"/entries?url=https://example.com/l.csv&etag=%22a%22", "telefone;nome\n(11) 98765-4321;Ana\n11987654322;Bia\nnada;Caio\n", 200, "")
		r.is("registry.entries", "2")
		r.is("registry.state", `"ready"`)
		r.is("registry.origin.etag", `"\"a\""`)
		r.is("problems.0.line", "4")
		put(one+"/entries", "<html>\n<p>Not found</p>\n", 422, "contact_column_missing")
		put("/registries/none/entries", "11987654322\n", 404, "registry_not_found")

		check := d.want(200, "", "POST /suppressions/check", `{"address": "+55 11 98765-4321"}`)
		check.is("suppressed", "true")
		check.is("bars.0.name", `"Não Me Perturbe"`)
		d.want(200, "", "POST /suppressions/check", `{"address": "11987654321", "channel": "sms"}`).is("suppressed", "false")
		d.want(200, "", "POST /suppressions/check", `{"address": "11987654329"}`).is("bars", "[]")

		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, err := w.Write([]byte("+5511987654329\n+5511987654329\n"))
		d.must(err)
		d.must(w.Close())
		d.want(200, "", "PUT "+one+"/entries", z.String(), "Content-Type", "application/gzip").is("registry.entries", "1")
		d.want(422, "file_type_unsupported", "PUT "+one+"/entries", z.String()[:z.Len()-6], "Content-Type", "application/gzip")
		d.want(200, "", "POST /suppressions/check", `{"address": "11987654329"}`).is("suppressed", "true")
		d.want(200, "", "POST /suppressions/check", `{"address": "11987654321"}`).is("suppressed", "false")
		d.want(200, "", "GET "+one, "").is("version", "2")

		// Who is filled into a campaign is looked for on them at once.
		d.want(201, "", "POST /contacts", `{"name": "Ana", "phone": "11987654329"}`)
		d.want(201, "", "POST /contacts", `{"name": "Bia", "phone": "11987654321"}`)
		calls := d.want(201, "", "POST /campaigns", `{"name": "Aviso", "channel": "voice"}`).str("id")
		filled := d.want(200, "", "POST /campaigns/"+calls+"/recipients/contacts", `{"filter": {}}`)
		filled.is("added", "2")
		filled.is("suppressed", "1")
		d.want(200, "", "GET /registries", "").is("items.0.entries", "1")
		if r := d.askWith(d.otherKey, "GET /registries", nil); len(r.list("items")) != 0 {
			t.Errorf("another workspace sees %s", r.text)
		}
		d.want(204, "", "DELETE "+one, "")
		d.want(404, "registry_not_found", "GET "+one, "")
		d.want(200, "", "POST /suppressions/check", `{"address": "11987654329"}`).is("suppressed", "false")
	})
}

// A suppression with an end is shown with it, and can only be put off.
func TestSuppressionsWithAnEnd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.want(200, "", "POST /suppressions", `{"addresses": ["11987654321"], "expires_at": "2027-01-31T00:00:00Z"}`).is("added", "1")
		d.want(200, "", "GET /suppressions", "").is("items.0.expires_at", `"2027-01-31T00:00:00Z"`)
		d.want(200, "", "POST /suppressions", `{"addresses": ["11987654321"], "expires_at": "2027-01-01T00:00:00Z"}`).is("already", "1")
		d.want(200, "", "POST /suppressions", `{"addresses": ["11987654321"]}`).is("added", "1")
		d.want(200, "", "GET /suppressions", "").is("items.0.expires_at", "null")
		d.want(422, "past_time", "POST /suppressions", `{"addresses": ["11987654321"], "expires_at": "2020-01-31T00:00:00Z"}`)
	})
}
