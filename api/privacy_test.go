package api_test

import (
	"archive/zip"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// TestErasure: who is forgotten is nowhere in what the API tells, is refused when they come again, and is told of in the audit without being
// named.
func TestErasure(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(1)
		ana := d.want(201, "", "POST /contacts", `{"name": "Ana Souza", "email": "ana@example.com"}`, "Idempotency-Key", "k").str("id")
		d.want(200, "", "POST /campaigns/"+id+"/recipients/contacts", `{"filter": {}}`)
		d.want(200, "", "POST /contacts/"+ana+"/opt-out", `{"channel": "email"}`)
		e := d.engine(line)
		e.claim(id, 2)
		d.want(409, "contact_in_attempt", "POST /contacts/"+ana+"/erase", `{"reason": "requested"}`)
		d.later(48 * 3600e9)
		other := d.campaign(line)
		d.want(200, "", "POST /campaigns/"+other+"/recipients", `{"contact": "ana@example.com", "name": "Ana Souza"}`, "Content-Type", "application/json")
		bia := d.want(201, "", "POST /contacts", `{"name": "Bia Souza", "email": "bia@example.com"}`).str("id")

		d.want(422, "not_one_of", "POST /contacts/"+bia+"/erase", `{"reason": "porque sim"}`)
		d.want(404, "contact_not_found", "POST /contacts/x/erase", `{"reason": "requested"}`)
		_, operator := d.newKey(`"operate"`)
		d.askWith(operator, "POST /contacts/"+bia+"/erase", strings.NewReader(`{"reason": "requested"}`)).refused(403, "scope_missing")

		r := d.want(200, "", "POST /contacts/"+bia+"/erase", `{"reason": "requested"}`)
		r.is("addresses", "1")
		d.want(404, "contact_not_found", "GET /contacts/"+bia, "")
		d.want(409, "address_erased", "POST /contacts", `{"email": "bia@example.com"}`)
		d.want(200, "", "POST /suppressions/check", `{"address": "bia@example.com"}`).is("bars.0.reason", `"erased"`)
		r = d.want(200, "", "POST /campaigns/"+other+"/recipients", `{"contact": "bia@example.com"}`, "Content-Type", "application/json")
		r.is("erased", "1")
		r.is("added", "0")
		audit := d.want(200, "", "GET /audit?operation=erase-contact", "")
		audit.is("items.0.subject", `"`+bia+`"`)
		audit.is("items.0.details.reason", `"requested"`)
		if all := d.want(200, "", "GET /audit?limit=200", "").text; strings.Contains(all, "Souza") || strings.Contains(all, "bia@") {
			t.Errorf("the audit names them: %s", all)
		}
		d.want(422, "required", "POST /contacts", `{"email": "bia@example.com", "consent": {"proof": ""}}`)
		back := d.want(201, "", "POST /contacts", `{"email": "bia@example.com", "consent": {"proof": "formulário 7", "channel": "email"}}`).str("id")
		d.want(200, "", "GET /contacts/"+back+"/consents", "").is("items.0.proof", `"formulário 7"`)
	})
}

// TestExport: the archive holds everything that is known of a person, whatever the number of moments, and the audit who took it.
func TestExport(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line := d.line()
		ana := d.want(201, "", "POST /contacts", `{"name": "Ana Souza", "email": "ana@example.com", "attributes": {"plano": "ouro"}}`).str("id")
		d.want(201, "", "POST /contacts", `{"name": "Bia", "email": "bia@example.com"}`)
		id := d.campaign(line)
		d.want(200, "", "POST /campaigns/"+id+"/recipients", `{"contact": "ana@example.com", "variables": {"valor": "99,90"}}`, "Content-Type", "application/json")
		for i := range 210 {
			d.later(1e9)
			d.want(201, "", "POST /contacts/"+ana+"/consents", `{"given": `+strconv.FormatBool(i%2 == 0)+`, "proof": "papel"}`)
		}
		r := d.want(200, "", "GET /contacts/"+ana+"/export", "")
		z, err := zip.NewReader(strings.NewReader(r.text), int64(len(r.text)))
		d.must(err)
		if len(z.File) != 1 || z.File[0].Name != "person.json" {
			t.Fatalf("%v", z.File)
		}
		f, err := z.File[0].Open()
		d.must(err)
		defer f.Close() //nolint:errcheck // only read
		text, err := io.ReadAll(f)
		d.must(err)
		d.fits("person.json", &huma.Schema{Ref: "#/components/schemas/ExportView"}, string(text))
		person := reply{t: t, what: "person.json", text: string(text)}
		person.is("format", "1")
		person.is("contact.attributes.plano", `"ouro"`)
		person.is("recipients.0.recipient.variables.valor", `"99,90"`)
		person.is("recipients.0.campaign.id", `"`+id+`"`)
		if n := len(person.list("timeline")); n != 212 || len(person.list("consents")) != 210 {
			t.Errorf("%d moments", n)
		}
		if strings.Contains(person.text, "Bia") {
			t.Error("somebody else is in it")
		}
		audit := d.want(200, "", "GET /audit?operation=export-contact", "")
		audit.is("items.0.subject", `"`+ana+`"`)
		if len(audit.list("items")) != 1 {
			t.Errorf("%s", audit.text)
		}
		d.want(404, "contact_not_found", "GET /contacts/x/export", "")
	})
}

// TestPeriods: periods are counted before they are set, and who set them is in the audit.
func TestPeriods(t *testing.T) {
	d := lone(t, nil)
	d.want(200, "", "GET /retention", "").is("attempts_days", "0")
	d.want(201, "", "POST /contacts", `{"email": "ana@example.com"}`)
	d.later(40 * 86400e9)
	periods := `{"attempts_days": 0, "imports_days": 0, "contacts_days": 30, "audit_days": 30}`
	r := d.want(200, "", "POST /retention/preview", periods)
	r.is("contacts", "1")
	d.want(422, "out_of_range", "PUT /retention", strings.Replace(periods, `"audit_days": 30`, `"audit_days": 3`, 1))
	fresh := d.want(200, "", "GET /retention", "").header.Get("ETag")
	d.want(200, "", "PUT /retention", periods, "If-Match", fresh).is("revision", "1")
	d.want(412, "revision_stale", "PUT /retention", periods, "If-Match", fresh)
	d.want(412, "revision_stale", "PUT /retention", periods, "If-Match", `"7"`)
	d.want(200, "", "GET /contacts", "").is("items.0.email", `"ana@example.com"`)
	audit := d.want(200, "", "GET /audit?operation=set-retention", "")
	audit.is("items.0.details", `{"changes":[{"after":30,"before":0,"field":"audit_days"},{"after":30,"before":0,"field":"contacts_days"}]}`)
}
