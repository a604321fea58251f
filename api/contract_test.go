package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"campanario/access"
	"campanario/api"
	"campanario/campaign"
)

// More cases, and others: go test ./api -run Contract -cases 500 -seed 7
var (
	cases = flag.Int("cases", 10, "requests of chance that TestContract makes of each operation")
	seed  = flag.Uint64("seed", 1, "which ones")
)

// TestContract asks for every operation of the document with values that fit it and values that do not, as several people and
// programs. Whatever is asked, the answer has a status that the document knows, none of them a fault of ours, and a body that
// is as it says: kin-openapi, which knows nothing of ours, reads the document and holds answers to it.
func TestContract(t *testing.T) {
	box := &toybox{}
	d := lone(t, func(o *api.Options) { o.Sandbox = box })
	c := newContract(d, box)
	for _, op := range d.operations() {
		h := fnv.New64a()
		_, _ = h.Write([]byte(op.OperationID)) // a new operation changes nothing about the others
		r := random{rand.New(rand.NewPCG(*seed, h.Sum64()))}
		c.prepare(op)
		for range *cases {
			c.ask(op, r)
		}
		c.fitting(op)
		d.want(200, "", "PATCH /security", `{"second_factor": false}`) // somebody may have come upon it
	}
	if c.done < len(d.operations())*2 {
		t.Errorf("only %d of %d requests were done: most that is asked must fit", c.done, c.asked)
	}
	t.Logf("%d requests, of which %d were done", c.asked, c.done)
}

// contract is the document as another library reads it, and what there is to be asked about.
type contract struct {
	d           *desk
	box         *toybox
	document    map[string]any
	spec        *openapi3.T
	values      map[string]string // of parameters of paths
	asked, done int
}

func newContract(d *desk, box *toybox) *contract {
	d.t.Helper()
	c := &contract{d: d, box: box, values: map[string]string{}}
	text := []byte(d.askWith("", "GET ^/api/openapi.json", nil).text)
	d.must(json.Unmarshal(text, &c.document))
	var err error
	c.spec, err = openapi3.NewLoader().LoadFromData(text)
	d.must(err)
	d.must(c.spec.Validate(d.ctx))
	for _, file := range []string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip", "text/csv", "text/event-stream"} {
		openapi3filter.RegisterBodyDecoder(file, openapi3filter.FileBodyDecoder)
	}
	// Who takes everything would find nothing.
	at := slices.IndexFunc(d.operations(), func(op operation) bool { return op.OperationID == "get-campaign" })
	res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}}
	for _, wrong := range []string{`{"id": 5}`, `{}`, ``, `[`} {
		if c.holds(d.operations()[at], &http.Request{Method: http.MethodGet}, res, []byte(wrong)) == nil {
			d.t.Fatalf("an answer of %q is taken", wrong)
		}
	}
	return c
}

// prepare makes what the path of an operation is about.
func (c *contract) prepare(op operation) {
	d := c.d
	made := func(what, body string, header ...string) string {
		r := d.ask(what, body, header...)
		if r.status >= 300 {
			d.t.Fatalf("%s: %d %s", what, r.status, r.text)
		}
		return r.str("id")
	}
	c.values = map[string]string{"number": fmt.Sprint(campaign.BandNormal.First() + 1), "version": "1", "message": "1", "call": "1", "n": strconv.Itoa(c.asked)}
	if op.OperationID == "create-campaign" {
		c.values["line"] = d.line()
	}
	for _, name := range inBraces.FindAllString(op.path, -1) {
		switch name = strings.Trim(name, "{}"); name {
		case "campaign", "report":
			id := d.campaign(d.line())
			d.want(200, "", "POST /campaigns/"+id+"/recipients", `{"contact": "joao@example.com"}`)
			if c.values["campaign"] = id; name == "report" {
				c.written()
				if c.values["report"] = made("POST /campaigns/"+id+"/reports", `{}`); op.OperationID != "cancel-report" {
					c.written()
				}
			}
		case "line":
			c.values[name] = d.line()
		case "agent":
			c.values[name] = made("POST /agents", bodies["update-agent"])
		case "template":
			c.values[name] = made("POST /templates", bodies["update-template"])
		case "contact":
			c.values[name] = made("POST /contacts", fmt.Sprintf(`{"name": "Ana", "email": "ana%d@example.com"}`, c.asked))
		case "audience":
			c.values[name] = made("POST /audiences", fmt.Sprintf(`{"name": "Todos %d", "static": true}`, c.asked))
		case "import":
			c.values[name] = made("POST /imports?name=a.csv", "nome;telefone\nAna;11987654321\n", "Content-Type", "text/csv")
		case "registry":
			c.values[name] = made("POST /registries", fmt.Sprintf(`{"name": "Lista %d", "kind": "block_list", "holds": "phones"}`, c.asked))
		case "invitation":
			c.values[name] = made("POST /invitations", fmt.Sprintf(`{"email": "p%d@example.com", "role": "viewer"}`, c.asked))
		case "errand":
			id := d.campaign("")
			d.want(200, "", "POST /campaigns/"+id+"/recipients", crowd(1001), "Content-Type", "text/plain")
			c.values[name] = made("POST /campaigns/"+id+"/recipients/actions", `{"action": "set_completed", "filter": {"all": true}}`)
		case "key":
			c.values[name], _ = d.newKey(`"read"`)
		case "user", "session":
			me := d.askWith(d.person(d.workspace, fmt.Sprintf("q%d@example.com", c.asked), access.Operator), "GET /me", nil)
			c.values["user"], c.values["session"] = me.str("user.id"), me.str("session")
		}
	}
}

// written has all reports written that are asked for.
func (c *contract) written() {
	for w := c.d.reporter(); w.Step(c.d.ctx); {
	}
}

// ask makes one request.
func (c *contract) ask(op operation, r random) {
	d := c.d
	scope, _ := op.Metadata["scope"].(access.Scope)
	req, said := c.request(op, r)
	who := d.key
	if scope == access.Personal {
		who = d.person(d.workspace, fmt.Sprintf("c%d@example.com", c.asked), access.Manager)
	}
	if r.one(8) {
		who = []string{"", "cmp_nobody", d.otherKey, d.person(d.workspace, "vera@example.com", access.Viewer), d.person(d.workspace, "olga@example.com", access.Owner)}[r.IntN(5)]
	}
	c.send(op, req, who, said)
}

// send makes a request as somebody, and holds its answer to the document. It gives the status, none when there was no answer, and the text.
func (c *contract) send(op operation, req *http.Request, who, said string) (status int, text []byte) {
	d := c.d
	c.asked++
	switch {
	case strings.HasPrefix(who, "cms_"):
		req.AddCookie(&http.Cookie{Name: "campanario", Value: who})
	case who != "":
		req.Header.Set("Authorization", "Bearer "+who)
	}
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel() // streams do not end
	res, err := d.http.Client().Do(req.WithContext(ctx))
	if err != nil {
		d.t.Errorf("%s: %v: %s", op.OperationID, err, said)
		return 0, nil
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if media != "text/event-stream" {
		if text, err = io.ReadAll(res.Body); err != nil {
			d.t.Errorf("%s: %v: %s", op.OperationID, err, said)
		}
	}
	if res.StatusCode < 300 {
		c.done++
	}
	if err := c.holds(op, req, res, text); err != nil {
		d.t.Errorf("%s: %v\n  asked: %s\n  answer: %d %.600s", op.OperationID, err, said, res.StatusCode, text)
	}
	return res.StatusCode, text
}

// holds tells what of an answer is not as the document says.
func (c *contract) holds(op operation, req *http.Request, res *http.Response, text []byte) error {
	if res.StatusCode >= 500 {
		return errors.New("a fault of ours")
	}
	var problem struct{ Code string }
	if json.Unmarshal(text, &problem) == nil && problem.Code == "route_unknown" { // the path was none of the operation's
		return nil
	}
	path := api.Prefix + op.path
	item := c.spec.Paths.Value(path)
	route := &routers.Route{Spec: c.spec, Path: path, PathItem: item, Method: op.method, Operation: item.GetOperation(op.method)}
	if known := route.Operation.Responses.Status(res.StatusCode); known != nil && len(known.Value.Content) == 0 && len(text) > 0 {
		return errors.New("a body that the document does not know")
	}
	return openapi3filter.ValidateResponse(c.d.ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route},
		Status:                 res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(text)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

func (c *contract) at(path []string) any {
	at := any(c.document)
	for _, p := range path {
		m, _ := at.(map[string]any)
		at = m[p]
	}
	return at
}

// request makes a request that mostly fits the operation, and says what it is.
func (c *contract) request(op operation, r random) (*http.Request, string) {
	broken := r.one(3) // one part of it, at least, does not fit
	path := inBraces.ReplaceAllStringFunc(op.path, func(name string) string {
		if broken && r.one(4) {
			return url.PathEscape(r.text())
		}
		return c.values[strings.Trim(name, "{}")]
	})
	query := url.Values{}
	header := http.Header{}
	for _, p := range op.Parameters {
		schema, _ := c.parameter(op, p.Name)["schema"].(map[string]any)
		if p.In == "path" || !p.Required && !r.one(3) || schema == nil {
			continue
		}
		value := r.words(c.value(schema, r, 0))
		if broken && r.one(2) {
			value = r.text()
		}
		switch p.In {
		case "query":
			query.Set(p.Name, value)
		case "header":
			if p.Name == "If-Match" && r.one(2) {
				value = `"1"`
			}
			header.Set(p.Name, printable(value))
		}
	}
	if broken && r.one(6) {
		query.Add(r.text(), r.text())
	}
	body, kind := c.body(op, r, broken)
	where := c.d.http.URL + "/api/v1" + path
	if len(query) > 0 {
		where += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(c.d.ctx, op.method, where, bytes.NewReader(body))
	c.d.must(err)
	req.Header = header
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, fmt.Sprintf("%s %s %v %.800q", op.method, strings.TrimPrefix(where, c.d.http.URL), header, body)
}

func (c *contract) parameter(op operation, name string) map[string]any {
	list, _ := c.at([]string{"paths", "/api/v1" + op.path, strings.ToLower(op.method), "parameters"}).([]any)
	for _, p := range list {
		if m, _ := p.(map[string]any); m["name"] == name {
			return m
		}
	}
	return nil
}

// body is one for the operation, with its type; none when it takes none.
func (c *contract) body(op operation, r random, broken bool) (body []byte, kind string) {
	content, _ := c.at([]string{"paths", "/api/v1" + op.path, strings.ToLower(op.method), "requestBody", "content"}).(map[string]any)
	if len(content) == 0 {
		if broken && r.one(6) {
			return []byte(r.text()), "text/plain"
		}
		return nil, ""
	}
	kinds := make([]string, 0, len(content))
	for k := range content {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	kind = kinds[r.IntN(len(kinds))]
	media, _ := content[kind].(map[string]any)
	schema, _ := media["schema"].(map[string]any)
	if !strings.HasSuffix(kind, "json") || schema["format"] == "binary" {
		return []byte("nome;telefone\n" + r.text() + ";11987654321\n" + r.text()), kind
	}
	v := c.value(schema, r, 0)
	if known := cmp.Or(fits[op.OperationID].body, bodies[op.OperationID]); known != "" && r.one(3) { // what is known to be done
		known = c.fill(known)
		v = nil
		c.d.must(json.Unmarshal([]byte(known), &v))
	}
	if broken {
		v = r.damage(v)
	}
	body, err := json.Marshal(v)
	c.d.must(err)
	if broken && r.one(4) {
		return r.spoil(body), kind
	}
	if broken && r.one(12) {
		kind = []string{"", "text/html", "application/xml", "application/json; charset=\"x", "\t"}[r.IntN(5)]
	}
	return body, kind
}
