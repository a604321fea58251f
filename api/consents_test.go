package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"campanario/api"
	"campanario/audience"
)

// TestConsents is what a contact agrees to and takes back.
func TestConsents(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.want(201, "", "POST /contacts", `{"name": "Ana", "phone": "11 98765-4321", "email": "ana@example.com"}`).str("id")
		line := d.line()
		at := "/contacts/" + who + "/consents"
		d.want(200, "", "GET "+at, "").is("channels.0", `{"answer":"none","channel":"voice"}`)
		r := d.want(201, "", "POST "+at, `{"given": true, "channel": "voice", "line": "`+line+`", "basis": "contract", "source": "call", "proof": "{\"call\":1}", "at": "2026-11-20T10:00:00Z"}`)
		r.is("basis", `"contract"`)
		r.is("at", `"2026-11-20T10:00:00Z"`)
		d.later(time.Second)
		d.want(201, "", "POST "+at, `{"given": true, "channel": "email", "address": "ANA@example.com"}`).is("address", `"ana@example.com"`)
		d.later(time.Second)
		d.want(201, "", "POST "+at, `{"given": false}`)
		r = d.want(200, "", "GET "+at, "")
		if n := len(r.list("items")); n != 3 {
			t.Errorf("%d entries", n)
		}
		r.is("items.0.given", "false")
		r.is("items.2.line", `"`+line+`"`)
		r.is("items.2.proof", `"{\"call\":1}"`)
		r.is("channels.3.answer", `"withdrawn"`)
		d.want(200, "", "POST /contacts/preview", `{"field": "consent", "channel": "email"}`).is("count", "0")
		d.later(time.Second)
		d.want(201, "", "POST "+at, `{"given": true, "channel": "email"}`)
		d.want(200, "", "POST /contacts/preview", `{"field": "consent", "channel": "email"}`).is("count", "1")

		d.want(422, "address_of_another", "POST "+at, `{"given": true, "address": "bia@example.com"}`)
		d.want(422, "line_not_found", "POST "+at, `{"given": true, "line": "nowhere"}`)
		d.want(422, "future_time", "POST "+at, `{"given": true, "at": "2027-01-01T00:00:00Z"}`)
		d.want(422, "too_long", "POST "+at, `{"given": true, "proof": "`+strings.Repeat("x", audience.MaxProof+1)+`"}`)
		d.want(404, "contact_not_found", "GET /contacts/nobody/consents", "")
		d.want(404, "contact_not_found", "POST /contacts/nobody/consents", `{"given": true}`)
	})
}

// page asks for the page of consent.
func (d *desk) page(method, link, language string, form url.Values) (int, http.Header, string) {
	d.t.Helper()
	path := strings.TrimPrefix(link, "https://example.com")
	r, err := http.NewRequestWithContext(d.ctx, method, d.http.URL+path, strings.NewReader(form.Encode()))
	d.must(err)
	r.Header.Set("Accept-Language", language)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := http.DefaultClient.Do(r)
	d.must(err)
	defer got.Body.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(got.Body)
	d.must(err)
	return got.StatusCode, got.Header, string(b)
}

func TestThePageOfConsent(t *testing.T) {
	d := lone(t, func(o *api.Options) {
		links, err := audience.NewInvitations("https://example.com", make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		o.Extra = map[string]http.Handler{audience.InvitationPath: api.NewConsentPage(api.ConsentPageOptions{Links: links, Consents: o.Consents})}
	})
	who := d.want(201, "", "POST /contacts", `{"name": "Ana", "phone": "11 98765-4321"}`).str("id")
	link := d.want(200, "", "POST /contacts/"+who+"/consent-link", `{"channel": "voice"}`).str("url")
	history := "GET /contacts/" + who + "/consents"

	for language, words := range map[string]string{"pt-BR": "Você autoriza", "es": "¿Autoriza", "en": "Do you agree"} {
		status, header, text := d.page(http.MethodGet, link, language, nil)
		if status != 200 || !strings.Contains(text, words) || header.Get("Content-Language") != language {
			t.Errorf("%s: %d %s", language, status, text)
		}
		policy := header.Get("Content-Security-Policy")
		if strings.Contains(text, "<script") || !strings.Contains(policy, "default-src 'none'") || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("the page may run something: %s", policy)
		}
	}
	if n := len(d.want(200, "", history, "").list("items")); n != 0 {
		t.Errorf("looking at the page took %d consents down", n)
	}
	if status, _, _ := d.page(http.MethodPost, link, "en", url.Values{"answer": {"perhaps"}}); status != 400 {
		t.Errorf("an answer that is none: %d", status)
	}
	status, _, text := d.page(http.MethodPost, link, "en", url.Values{"answer": {"yes"}})
	if status != 200 || !strings.Contains(text, "You agreed") || strings.Contains(text, `value="yes"`) {
		t.Errorf("yes: %d %s", status, text)
	}
	r := d.want(200, "", history, "")
	r.is("channels.0.answer", `"given"`)
	r.is("items.0.source", `"form"`)
	r.is("items.0.recorded_by", `""`)
	if proof := r.str("items.0.proof"); !strings.Contains(proof, "Do you agree to be contacted") || !strings.Contains(proof, "127.0.0.1") {
		t.Errorf("proof %s", proof)
	}
	d.later(time.Second)
	if status, _, text := d.page(http.MethodPost, link, "es", url.Values{"answer": {"no"}}); status != 200 || !strings.Contains(text, "no autorizado") {
		t.Errorf("no: %d %s", status, text)
	}
	d.want(200, "", history, "").is("channels.0.answer", `"withdrawn"`)

	for name, bad := range map[string]string{
		"a sign changed": link[:len(link)-1] + "_", "cut short": link[:len(link)-10], "nothing": "https://example.com/c/", "long": link + strings.Repeat("x", 3000),
	} {
		if bad == link {
			bad = link[:len(link)-1] + "-"
		}
		if status, _, text := d.page(http.MethodPost, bad, "en", url.Values{"answer": {"yes"}}); status != 404 || strings.Contains(text, "<form") {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, header, _ := d.page(http.MethodDelete, link, "en", nil); status != 405 || header.Get("Allow") == "" {
		t.Errorf("DELETE: %d", status)
	}
	d.want(204, "", "DELETE /contacts/"+who, "")
	if status, _, _ := d.page(http.MethodGet, link, "en", nil); status != 404 {
		t.Errorf("a contact that is gone: %d", status)
	}
}

func TestRules(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.want(200, "", "GET /rules", "").is("revision", "0")
		d.want(200, "", "PUT /rules", `{}`, "If-Match", d.want(200, "", "GET /rules", "").header.Get("ETag")).is("revision", "1")
		d.want(412, "revision_stale", "PUT /rules", `{}`, "If-Match", `"0"`)
		set := `{"limits": [{"most": 2, "days": 1}, {"most": 1, "hours": 4, "counts": "answered", "channel": "voice"}], "packs": [{"pack": "CO", "on": ["one_channel_a_week"]}]}`
		r := d.want(200, "", "PUT /rules", set)
		r.is("revision", "2")
		r.is("limits.1", `{"channel":"voice","counts":"answered","hours":4,"most":1}`)
		d.want(412, "revision_stale", "PUT /rules", `{}`, "If-Match", `"7"`)
		d.want(200, "", "PUT /rules", set, "If-Match", `"2"`).is("revision", "3")
		d.want(200, "", "GET /rules", "").is("packs.0.on", `["one_channel_a_week"]`)
		d.want(422, "not_one_of", "PUT /rules", `{"packs": [{"pack": "ATLANTIS"}]}`)
		d.want(422, "rule_unknown", "PUT /rules", `{"packs": [{"pack": "CO", "off": ["hour"]}]}`)
		d.want(422, "limit_two_periods", "PUT /rules", `{"limits": [{"most": 1, "hours": 1, "days": 1}]}`)
		d.want(200, "", "PUT /rules", `{"closed": {"holidays": ["BR"], "dates": ["2026-12-24", "2026-12-31..2027-01-02"]}}`)
		d.want(200, "", "GET /rules", "").is("closed", `{"dates":["2026-12-24","2026-12-31..2027-01-02"],"holidays":["BR"]}`)
		d.want(422, "dates_reversed", "PUT /rules", `{"closed": {"dates": ["2026-12-24..2026-12-01"]}}`)
		packs := d.want(200, "", "GET /rule-packs", "")
		packs.is("items.0.name", `"BR"`)
		packs.is("items.6.rules.0.hours.days.sun", `["08:00-21:00"]`)
		c := d.want(201, "", "POST /campaigns", `{"name": "x", "channel": "voice", "purpose": "collection", "consent": {"level": "given", "on": "line"}, "contact_limits": [{"most": 1, "days": 7}]}`)
		c.is("consent", `{"level":"given","on":"line"}`)
		c.is("contact_limits", `[{"days":7,"most":1}]`)
		d.want(422, "out_of_range", "POST /campaigns", `{"name": "x", "channel": "voice", "contact_limits": [{"most": 1}]}`)
	})
}

func TestPreflightWarnsOfPeopleWhoseConsentNobodyKnows(t *testing.T) {
	d := lone(t, nil)
	d.want(201, "", "POST /contacts", `{"name": "Ana", "phone": "11 98765-4321"}`)
	id := d.want(201, "", "POST /campaigns", `{"name": "x", "channel": "voice", "consent": {"level": "given"}}`).str("id")
	for _, number := range []string{"+5511987654321", "+5511987654322"} {
		d.want(200, "", "POST /campaigns/"+id+"/recipients", `{"contact": "`+number+`"}`)
	}
	for i, p := range d.want(200, "", "GET /campaigns/"+id+"/preflight", "").list("problems") {
		m, ok := p.(map[string]any)
		if !ok || m["code"] != "recipients_unknown" {
			continue
		}
		r := d.want(200, "", "GET /campaigns/"+id+"/preflight", "")
		r.is(fmt.Sprintf("problems.%d.params", i), `{"of":2,"people":1}`)
		r.is(fmt.Sprintf("problems.%d.warning", i), "true")
		return
	}
	t.Errorf("nothing is said of who is not in the base: %s", d.want(200, "", "GET /campaigns/"+id+"/preflight", "").text)
}
