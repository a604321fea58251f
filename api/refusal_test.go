package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"campanario/api"
	"campanario/report"
)

// TestRefusals is what clients get wrong, and what they are told: status, code, and the field it is about.
func TestRefusals(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.MaxBody = 20_000 })
	line, id := d.running(1)
	draft := d.campaign(line)
	json := []string{"Content-Type", "application/json"}
	for _, c := range []struct {
		what, body  string
		header      []string
		status      int
		code, field string
	}{
		// where nothing is
		{"GET /nothing", "", nil, 404, "route_unknown", ""},
		{"GET ^/api", "", nil, 404, "route_unknown", ""},
		{"GET ^/api/v2/campaigns", "", nil, 404, "route_unknown", ""},
		{"GET ^/api/v1/campaigns/", "", nil, 404, "route_unknown", ""},
		{"GET ^/api/v1//campaigns", "", nil, 404, "route_unknown", ""},
		{"GET ^/api/v1/../../etc/passwd", "", nil, 404, "route_unknown", ""},
		{"PUT /campaigns", "", nil, 405, "method_not_allowed", ""},
		{"DELETE ^/api/openapi.json", "", nil, 405, "method_not_allowed", ""},

		// bodies
		{"POST /campaigns", "", json, 400, "body_missing", ""},
		{"POST /campaigns", "{", json, 400, "body_invalid", ""},
		{"POST /campaigns", `{"name": "x"} {}`, json, 400, "body_invalid", ""},
		{"POST /campaigns", `null`, json, 422, "type_wrong", ""},
		{"POST /campaigns", `[]`, json, 422, "type_wrong", ""},
		{"POST /campaigns", strings.Repeat("[", 15_000), json, 400, "body_invalid", ""},
		{"POST /campaigns", `{"name": "` + strings.Repeat("x", 20_000) + `"}`, json, 413, "body_too_large", ""},
		{"POST /campaigns", "a: 1", []string{"Content-Type", "application/yaml"}, 415, "content_type_unsupported", ""},
		{"POST /campaigns", "{}", []string{"Content-Type", ";;"}, 415, "content_type_unsupported", ""},
		{"POST /campaigns", "{}", []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}, 415, "encoding_unsupported", ""},
		{"POST /campaigns/" + draft + "/recipients", "x", []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, "content_type_unsupported", ""},

		// members
		{"POST /campaigns", `{"name": "Um", "channel": "email", "colour": "red"}`, json, 422, "unknown_key", "colour"},
		{"POST /campaigns", `{"Name": "Um", "name": "Um", "channel": "email"}`, json, 422, "unknown_key", "Name"},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "retry": {"attempts": 2}}`, json, 422, "unknown_key", "retry.attempts"},
		{"POST /campaigns", `{"channel": "email"}`, json, 422, "required", "name"},
		{"POST /campaigns", `{"name": 1, "channel": "email"}`, json, 422, "type_wrong", "name"},
		{"POST /campaigns", `{"name": "Um", "channel": "pigeon"}`, json, 422, "not_one_of", "channel"},
		{"POST /campaigns", `{"name": "Um\u0000", "channel": "email"}`, json, 400, "text_invalid", ""},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "share": 1.5}`, json, 422, "type_wrong", "share"},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "share": 1e400}`, json, 400, "number_unusable", ""},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "starts_at": "amanhã"}`, json, 422, "time_invalid", "starts_at"},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "starts_at": "2020-01-01T00:00:00Z"}`, json, 422, "past_time", "starts_at"},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "window": {"days": {"mon": ["25:00-26:00"]}}}`, json, 422, "interval_invalid", "window.days.mon[0]"},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "line": "nenhuma"}`, json, 422, "line_not_found", "line"},
		{"POST /campaigns", `{"name": "Um", "channel": "voice", "line": "` + line + `"}`, json, 422, "line_of_other_channel", "line"},
		{"POST /campaigns", `{"name": "Um", "channel": "email", "key": "` + strings.Repeat("k", 201) + `"}`, json, 422, "too_long", "key"},
		{"PATCH /campaigns/" + draft, `{"channel": "voice"}`, json, 422, "channel_fixed", "channel"},
		{"PATCH /campaigns/" + draft, `{"key": "neu"}`, json, 422, "unknown_key", "key"},
		{"PATCH /campaigns/" + draft, `{"retry": {"max_attempts": 9}}`, json, 422, "out_of_range", "retry.max_attempts"},
		{"POST /campaigns/" + draft + "/duplicate", `{"recipients": {}}`, json, 422, "filter_empty", "recipients"},
		{"POST /campaigns/" + draft + "/duplicate", `{"recipients": {"outcomes": ["gone"]}}`, json, 422, "outcome_unknown", "recipients.outcomes[0]"},
		{"POST /campaigns/" + id + "/recipients/actions", `{"action": "remove", "filter": {}}`, json, 422, "filter_empty", "filter"},
		{"POST /campaigns/" + id + "/recipients/actions", `{"action": "remove", "filter": {"all": true, "search": "a"}}`, json, 422, "filter_contradicts", "filter.all"},
		{"POST /campaigns/" + id + "/recipients/actions", `{"action": "remove", "filter": {"numbers": [17179869185]}}`, json, 422, "recipient_not_found", "filter.numbers[0]"},
		{"POST /campaigns/" + id + "/recipients/actions", `{"action": "call", "filter": {"all": true}}`, json, 422, "not_one_of", "action"},
		{"POST /contacts", `{"name": "Ana"}`, json, 422, "contact_unreachable", ""},
		{"POST /lines", `{"kind": "voice", "name": "Tronco", "from": "1140001234", "settings": {}}`, json, 422, "required", "settings.host"},
		{"POST /keys", `{"name": "Chave", "scopes": ["everything"]}`, json, 422, "not_one_of", "scopes[0]"},

		// parameters
		{"GET /campaigns?colour=red", "", nil, 422, "unknown_parameter", "query.colour"},
		{"GET /campaigns/" + id + "?x=1", "", nil, 422, "unknown_parameter", "query.x"},
		{"GET /campaigns?limit=0", "", nil, 422, "too_small", "query.limit"},
		{"GET /campaigns?limit=201", "", nil, 422, "too_large", "query.limit"},
		{"GET /campaigns?limit=ten", "", nil, 422, "type_wrong", "query.limit"},
		{"GET /campaigns?limit=5&limit=6", "", nil, 422, "parameter_repeated", "query.limit"},
		{"GET /campaigns?search=%00", "", nil, 422, "text_invalid", "query.search"},
		{"GET /campaigns?search=%ff", "", nil, 422, "text_invalid", "query.search"},
		{"GET /campaigns?search=%zz", "", nil, 422, "query_invalid", ""},
		{"GET /campaigns?status=gone", "", nil, 422, "not_one_of", "query.status[0]"},
		{"GET /campaigns?cursor=x", "", nil, 422, "cursor_invalid", "query.cursor"},
		{"GET /campaigns/" + id + "/recipients?outcome=gone", "", nil, 422, "outcome_unknown", "query.outcome"},
		{"GET /campaigns/" + id + "/recipients/0", "", nil, 422, "too_small", "path.number"},
		{"GET /campaigns/" + id + "/recipients/3000000001", "", nil, 422, "too_large", "path.number"},
		{"GET /campaigns/" + id + "/recipients/um", "", nil, 422, "type_wrong", "path.number"},
		{"GET /campaigns/" + id + "/recipients/5", "", nil, 404, "recipient_not_found", ""},
		{"GET /campaigns/" + id + "/recipients/5/attempts", "", nil, 404, "recipient_not_found", ""},
		{"GET /campaigns/" + id + "/report?rows=calls", "", nil, 422, "not_one_of", "query.rows"},
		{"GET /presets?holidays=XX", "", nil, 422, "holidays_unknown", "query.holidays"},
		{"PATCH /campaigns/" + draft, `{}`, []string{"If-Match", "1"}, 422, "if_match_invalid", "header.if-match"},
		{"PATCH /campaigns/" + draft, `{}`, []string{"If-Match", `W/"1"`}, 422, "if_match_invalid", "header.if-match"},
		{"POST /campaigns", `{}`, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 422, "idempotency_key_invalid", "header.idempotency-key"},

		// what the state forbids
		{"DELETE /lines/" + line, "", nil, 409, "line_in_use", ""},
		{"POST /campaigns/" + draft + "/pause", "", nil, 409, "action_not_allowed", ""},
		{"POST /campaigns/" + id + "/recipients/1000000001/retry", "", nil, 409, "recipient_action_not_allowed", ""},
	} {
		r := d.ask(c.what, c.body, c.header...)
		t.Run(c.what+" "+c.code, func(t *testing.T) {
			r.t = t
			r.refused(c.status, c.code)
			if field, _ := r.value("errors.0.field").(string); field != c.field {
				t.Errorf("field %q, want %q: %s", field, c.field, r.text)
			}
		})
	}
}

// TestAllAtOnce holds that a refusal tells everything that is wrong.
func TestAllAtOnce(t *testing.T) {
	d := lone(t, nil)
	r := d.want(422, "not_one_of", "POST /campaigns", `{"channel": "pigeon", "colour": "red"}`)
	if n := len(r.list("errors")); n != 3 {
		t.Errorf("%d errors: %s", n, r.text)
	}
	r = d.ask("POST /campaigns", `{"name": "", "channel": "email", "retry": {"max_attempts": 9, "interval_minutes": 1}, "window": {"days": {"mon": ["x"]}}}`)
	if r.status != 422 || len(r.list("errors")) < 2 {
		t.Errorf("%d %s", r.status, r.text)
	}
}

// TestLanguages holds that refusals come in the reader's language.
func TestLanguages(t *testing.T) {
	d := lone(t, nil)
	for accept, want := range map[string]string{
		"": "pt-BR", "es-MX,es;q=0.9": "es", "en": "en", "de, en;q=0.5": "en", "fr": "pt-BR", "pt": "pt-BR", ";;;": "pt-BR",
	} {
		r := d.want(404, "campaign_not_found", "GET /campaigns/x", "", "Accept-Language", accept)
		if got := r.header.Get("Content-Language"); got != want {
			t.Errorf("%q is answered in %s, want %s", accept, got, want)
		}
	}
}

// broken is a source that fails or panics.
type broken struct {
	report.Source
	panics bool
}

func (b broken) LineNames(context.Context, string) (map[string]string, error) {
	if b.panics {
		panic("a defect")
	}
	return nil, errors.New("secret: the disk of db7 is full")
}

// TestDefects holds that what goes wrong inside is logged and not told.
func TestDefects(t *testing.T) {
	for _, panics := range []bool{false, true} {
		d := lone(t, func(o *api.Options) { o.Report = broken{o.Report, panics} })
		id := d.campaign("")
		r := d.want(500, "internal", "GET /campaigns/"+id+"/report", "", "X-Request-Id", "abcdefgh-1")
		if strings.Contains(r.text, "secret") || strings.Contains(r.text, "defect") || r.str("request_id") != "abcdefgh-1" {
			t.Errorf("told: %s", r.text)
		}
		d.http.Close()
		for _, want := range []string{`"request":"abcdefgh-1"`, map[bool]string{false: "db7", true: "a defect"}[panics], `"status":500`} {
			if !strings.Contains(d.log.String(), want) {
				t.Errorf("%s is not in the log: %s", want, d.log)
			}
		}
	}
}

// TestLogTellsNobody holds that the log has what a request was about, and nothing that people wrote.
func TestLogTellsNobody(t *testing.T) {
	d := lone(t, nil)
	id := d.campaign("")
	d.want(200, "", "POST /campaigns/"+id+"/recipients", `{"contact": "segredo@example.com", "name": "Segredo"}`, "Content-Type", "application/json")
	d.want(200, "", "GET /campaigns/"+id+"/recipients?search=segredo", "")
	d.want(200, "", "GET /suppressions?address=segredo@example.com", "")
	d.ask("GET /segredo", "")
	d.http.Close()
	log := d.log.String()
	for _, secret := range []string{"segredo", "Segredo", "cmp_"} {
		if strings.Contains(log, secret) {
			t.Errorf("%s is in the log: %s", secret, log)
		}
	}
	for _, want := range []string{`"operation":"list-recipients"`, `"workspace":"` + d.workspace, `"status":404`} {
		if !strings.Contains(log, want) {
			t.Errorf("%s is not in the log: %s", want, log)
		}
	}
}

// TestHealth holds what a load balancer asks.
func TestHealth(t *testing.T) {
	var away error
	d := lone(t, func(o *api.Options) { o.Ready = func(context.Context) error { return away } })
	for _, what := range []string{"GET ^/healthz", "GET ^/readyz", "HEAD ^/healthz", "GET ^/api/openapi.json"} {
		if r := d.askWith("", what, nil); r.status != http.StatusOK {
			t.Errorf("%s: %d", what, r.status)
		}
	}
	away = errors.New("no database")
	if r := d.askWith("", "GET ^/healthz", nil); r.status != http.StatusOK {
		t.Errorf("alive: %d", r.status)
	}
	if r := d.askWith("", "GET ^/readyz", nil); r.status != http.StatusServiceUnavailable || strings.Contains(r.text, "database") {
		t.Errorf("ready: %d %s", r.status, r.text)
	}
}

// TestManyProblems holds that a body with a great many mistakes is not answered with many times as much.
func TestManyProblems(t *testing.T) {
	const most = 1000
	d := lone(t, nil)
	var wrong strings.Builder
	wrong.WriteString(`{"name": "Ana", "email": "ana@example.com"`)
	for i := range 100_000 {
		fmt.Fprintf(&wrong, `, "k%d": 1`, i)
	}
	r := d.ask("POST /contacts", wrong.String()+"}")
	r.refused(422, "unknown_key")
	if n := len(r.list("errors")); n != most {
		t.Errorf("%d problems told, in %d bytes", n, len(r.text))
	}
}
