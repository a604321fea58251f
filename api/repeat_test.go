package api_test

import (
	"sync"
	"testing"
	"time"
)

// TestIdempotency holds that a creation under a key is done once.
func TestIdempotency(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const draft = `{"name": "Uma", "channel": "email"}`
		key := []string{"Idempotency-Key", "abc"}
		first := d.want(201, "", "POST /campaigns", draft, key...)
		if first.header.Get("Idempotency-Replayed") != "" {
			t.Error("the first answer says that it is a repetition")
		}
		second := d.want(201, "", "POST /campaigns", draft, key...)
		if second.text != first.text || second.header.Get("Etag") != first.header.Get("Etag") || second.header.Get("Idempotency-Replayed") != "true" ||
			second.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("%v %s\n%v %s", first.header, first.text, second.header, second.text)
		}
		for _, other := range [][2]string{{"POST /campaigns", `{"name": "Outra", "channel": "email"}`}, {"POST /contacts", draft}} {
			d.want(409, "idempotency_key_reused", other[0], other[1], key...)
		}

		// what failed is done again
		copied := []string{"Idempotency-Key", "copy"}
		d.want(422, "required", "POST /campaigns", `{"channel": "email"}`, copied...)
		d.want(201, "", "POST /campaigns", draft, copied...)

		// another workspace has its own keys
		if r := d.askWith(d.otherKey, "POST /campaigns", read(draft), key...); r.status != 201 || r.str("id") == first.str("id") {
			t.Errorf("another workspace: %d %s", r.status, r.text)
		}

		// a day later it is another request
		d.later(24*time.Hour + time.Second)
		if r := d.want(201, "", "POST /campaigns", draft, key...); r.str("id") == first.str("id") {
			t.Error("the answer of yesterday")
		}
		if n := len(d.want(200, "", "GET /campaigns", "").list("items")); n != 3 {
			t.Errorf("%d campaigns, want 3", n)
		}
	})
}

// TestIdempotencyAtOnce holds that of many requests that come together one is done.
func TestIdempotencyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const together = 12
		replies := make([]reply, together)
		var all sync.WaitGroup
		for i := range together {
			all.Go(func() {
				replies[i] = d.ask("POST /contacts", `{"name": "Ana", "email": "ana@example.com"}`, "Idempotency-Key", "once")
			})
		}
		all.Wait()
		made := ""
		for _, r := range replies {
			switch {
			case r.status == 201 && (made == "" || made == r.str("id")):
				made = r.str("id")
			case r.status == 409 && r.value("code") == "idempotency_busy":
			default:
				t.Errorf("%d %s", r.status, r.text)
			}
		}
		if n := len(d.want(200, "", "GET /contacts", "").list("items")); made == "" || n != 1 {
			t.Errorf("%d contacts", n)
		}
	})
}

// TestRevisions holds that nobody overwrites what they have not seen.
func TestRevisions(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line := d.line()
		for path, body := range map[string]string{
			"/lines/" + line:                 `{"name": "Nova"}`,
			"/campaigns/" + d.campaign(line): `{"name": "Nova"}`,
			"/contacts/" + d.want(201, "", "POST /contacts", `{"email": "a@example.com"}`).str("id"): `{"name": "Nova"}`,
			"/agents/" + d.want(201, "", "POST /agents", bodies["update-agent"]).str("id"):           bodies["update-agent"],
		} {
			method := "PATCH "
			if body == bodies["update-agent"] {
				method = "PUT "
			}
			tag := d.want(200, "", "GET "+path, "").header.Get("Etag")
			changed := d.want(200, "", method+path, body, "If-Match", tag)
			if changed.header.Get("Etag") == tag || tag == "" {
				t.Errorf("%s: ETag %q after %q", path, changed.header.Get("Etag"), tag)
			}
			d.want(412, "revision_stale", method+path, body, "If-Match", tag)
			d.want(200, "", method+path, body, "If-Match", changed.header.Get("Etag"))
			d.want(200, "", method+path, body)
			d.want(200, "", method+path, body, "If-Match", "*")
		}
	})
}

// TestPatchesTogether holds that patches of different parts of one draft do not undo one another.
func TestPatchesTogether(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.campaign("")
		var all sync.WaitGroup
		for _, patch := range []string{`{"name": "Nova"}`, `{"description": "Longa"}`, `{"share": 7}`} {
			all.Go(func() { d.want(200, "", "PATCH /campaigns/"+id, patch, "Content-Type", "application/merge-patch+json") })
		}
		all.Wait()
		r := d.want(200, "", "GET /campaigns/"+id, "")
		r.is("name", `"Nova"`)
		r.is("description", `"Longa"`)
		r.is("share", "7")
		r.is("message.subject", `"Oi"`)
		d.want(200, "", "PATCH /campaigns/"+id, `{"share": null, "message": {"subject": "Olá"}}`).is("share", "1")
		d.want(200, "", "GET /campaigns/"+id, "").is("message.text", `"Oi"`)
	})
}
