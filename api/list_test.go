package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/api"
	"campanario/campaign"
	"campanario/channel"
)

// all follows a list to its end and gives a value of each item.
func (d *desk) all(what, value string) []string {
	d.t.Helper()
	var out []string
	for cursor := ""; ; {
		r := d.want(200, "", what+cursor, "")
		for i := range r.list("items") {
			out = append(out, fmt.Sprint(r.value(fmt.Sprintf("items.%d.%s", i, value))))
		}
		next, more := r.value("next_cursor").(string)
		if !more {
			return out
		}
		if len(out) > 1000 {
			d.t.Fatalf("%s has no end", what)
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// TestPages holds that every list can be followed to its end, each item once, in order.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(7)
		for i := range 6 {
			d.want(201, "", "POST /contacts", fmt.Sprintf(`{"name": "Pessoa %d", "email": "c%d@example.com"}`, i, i))
			d.want(201, "", "POST /agents", strings.Replace(bodies["update-agent"], "Outra", fmt.Sprint("Agente ", i), 1))
			d.line()
			d.campaign(line)
			d.want(200, "", "POST /suppressions", fmt.Sprintf(`{"addresses": ["s%d@example.com"]}`, i))
		}
		e := d.engine(line)
		for _, f := range e.claim(id, 7) {
			d.later(time.Second)
			e.settle(channel.Outcome{Code: channel.Failed}, f)
		}
		for what, value := range map[string]string{
			"GET /campaigns?": "id", "GET /lines?": "id", "GET /agents?": "id", "GET /contacts?": "id", "GET /suppressions?": "address",
			"GET /campaigns/" + id + "/recipients?": "number", "GET /campaigns/" + id + "/attempts?": "id",
			"GET /campaigns/" + id + "/recipients?status=retry_scheduled&": "number",
		} {
			whole := d.all(what+"limit=200", value)
			if len(whole) < 6 {
				t.Fatalf("%s: %d items", what, len(whole))
			}
			for _, limit := range []string{"1", "2", "5"} {
				if got := d.all(what+"limit="+limit, value); !slices.Equal(got, whole) {
					t.Errorf("%s by %s: %v, want %v", what, limit, got, whole)
				}
			}
		}
	})
}

// TestPagesMove holds that a list that changes between its pages gives nothing twice.
func TestPagesMove(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for i := range 4 {
			d.want(201, "", "POST /contacts", fmt.Sprintf(`{"name": "P%d", "email": "c%d@example.com"}`, i, i))
		}
		first := d.want(200, "", "GET /contacts?limit=2", "")
		d.want(201, "", "POST /contacts", `{"name": "Nova", "email": "nova@example.com"}`)
		d.want(204, "", "DELETE /contacts/"+first.str("items.1.id"), "") // the one that the cursor stands on
		rest := d.want(200, "", "GET /contacts?limit=2&cursor="+first.str("next_cursor"), "")
		rest.is("items.0.name", `"P1"`)
		rest.is("items.1.name", `"P0"`)
		rest.is("next_cursor", "null")
	})
}

// TestFilters holds what lists are searched by.
func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(4)
		d.want(200, "", "PATCH /campaigns/"+d.campaign(line), `{"name": "Pesquisa de satisfação"}`)
		e := d.engine(line)
		flights := e.claim(id, 2)
		e.settle(channel.Outcome{Code: channel.Sent}, flights[0])
		numbers := func(query string, want ...int) {
			t.Helper()
			var text []string
			for _, n := range want {
				text = append(text, fmt.Sprint(campaign.BandNormal.First()+campaign.Number(n)))
			}
			if got := d.all("GET /campaigns/"+id+"/recipients?limit=1&"+query, "number"); !slices.Equal(got, text) {
				t.Errorf("%s gives %v, want %v", query, got, text)
			}
		}
		numbers("status=completed", 1)
		numbers("status=in_progress", 2)
		numbers("status=pending", 3, 4)
		numbers("status=completed&status=pending", 1, 3, 4)
		numbers("outcome=sent", 1)
		numbers("search=P2@EXAMPLE", 3)
		numbers("search=p2&status=completed")
		names := func(query string, want ...string) {
			t.Helper()
			if got := d.all("GET /campaigns?limit=1&"+query, "name"); !slices.Equal(got, want) {
				t.Errorf("%s gives %v, want %v", query, got, want)
			}
		}
		names("status=active", "Cobrança")
		names("status=draft", "Pesquisa de satisfação")
		names("status=draft&status=active", "Pesquisa de satisfação", "Cobrança")
		names("search=SATISFACAO", "Pesquisa de satisfação")
		names("key=nenhuma")
		d.want(200, "", "GET /campaigns/summary", "").is("active", "1")
	})
}

// FuzzCursor holds that a cursor that is not ours is refused, or shows nothing but what is the caller's own.
func FuzzCursor(f *testing.F) {
	d := lone(f, nil)
	others := d.askWith(d.otherKey, "POST /campaigns", read(`{"name": "Alheia", "channel": "email"}`)).str("id")
	d.askWith(d.otherKey, "POST /campaigns/"+others+"/recipients", read(people(50, 3)), "Content-Type", "application/x-ndjson").refusedAs(200)
	_, id := d.running(3)
	lists := []string{
		"/campaigns", "/lines", "/agents", "/contacts", "/suppressions", "/campaigns/" + id + "/recipients", "/campaigns/" + id + "/attempts",
		"/campaigns/" + id + "/recipients/1000000001/attempts",
	}
	names := []string{"campaigns", "lines", "agents", "contacts", "suppressions", "recipients", "attempts", "recipient-attempts"}
	for _, seed := range []string{
		"", "0", "-1", "-17179869184", "9223372036854775807", "-9223372036854775808", "1.5", "null", `""`, `"x"`, `"\u0000"`, `"\ud800"`, "[]", "{}",
		`{"Address":"a","Channel":"email"}`, `{"Closed":"9999-12-31T23:59:59Z","Number":-1,"Ordinal":-1}`, `{"Closed":"0001-01-01T00:00:00Z"}`, "\xff",
	} {
		for i := range lists {
			f.Add(i, seed, true)
		}
		f.Add(0, seed, false)
	}
	f.Fuzz(func(t *testing.T, list int, at string, named bool) {
		i := int(uint(list) % uint(len(lists)))
		if named {
			at = base64.RawURLEncoding.EncodeToString([]byte(names[i] + "\n" + at))
		}
		r := httptest.NewRequestWithContext(d.ctx, http.MethodGet, api.Prefix+lists[i]+"?cursor="+url.QueryEscape(at), nil)
		r.Header.Set("Authorization", "Bearer "+d.key)
		w := httptest.NewRecorder()
		d.api.ServeHTTP(w, r)
		got := reply{t, r.URL.String(), w.Code, w.Header(), w.Body.String()}
		switch {
		case w.Code == http.StatusOK && !strings.Contains(got.text, "Alheia") && !strings.Contains(got.text, mailbox(50)):
		case w.Code == http.StatusUnprocessableEntity:
		default:
			t.Errorf("%q: %d %s", at, w.Code, got.text)
		}
	})
}

// TestAWholeAddressIsLookedUp: as people write it, in lists, counts, actions and copies; the same people everywhere.
func TestAWholeAddressIsLookedUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.want(201, "", "POST /campaigns", `{"name": "Ligações", "channel": "voice"}`).str("id")
		d.want(200, "", "POST /campaigns/"+id+"/recipients", "nome;telefone\nAna;11987654321\nBia;11987654322\nCid 987654321;11987654323\n", "Content-Type", "text/csv")
		for search, want := range map[string]int{"(11)+98765-4321": 1, "%2B55+11+98765+4321": 1, "987654321": 2, "98765432": 3} {
			if n := len(d.want(200, "", "GET /campaigns/"+id+"/recipients?search="+search, "").list("items")); n != want {
				t.Errorf("%s finds %d, want %d", search, n, want)
			}
		}
		const filter = `{"search": "(11) 98765-4321"}`
		d.want(200, "", "POST /campaigns/"+id+"/recipients/actions/preview", `{"action": "remove", "filter": `+filter+`}`).is("changed", "1")
		d.want(201, "", "POST /campaigns/"+id+"/duplicate", `{"recipients": `+filter+`}`).is("counts.total", "1")
		d.want(202, "", "POST /campaigns/"+id+"/reports", `{"filter": `+filter+`}`).is("filter.search", `"(11) 98765-4321"`)
		d.want(200, "", "POST /campaigns/"+id+"/recipients/actions", `{"action": "remove", "filter": `+filter+`}`).is("changed", "1")
	})
}
