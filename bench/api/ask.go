package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"campanario/internal/rig"
)

// files are the reads that give as much as there is, and streams those that do not end: their length is not a page's.
var files = []string{
	"download-report", "download-report-file", "download-import-problems", "export-contact", "watch-campaign", "watch-workspace",
}

// asking asks one server.
type asking struct {
	c     config
	v     *rig.Served
	ids   map[string]string // of something to look at, by the name of the parameter
	reads []read
}

// read is one request; a whole one goes on until there is a page of wholePage, or the end.
type read struct {
	name, method, path, body string
	whole                    bool
}

const (
	wholePage  = 50
	wholeTimes = 10
)

// newAsking makes what is missing to be looked at, and finds out what there is to be asked.
func newAsking(ctx context.Context, c config, v *rig.Served) (*asking, error) {
	a := &asking{c: c, v: v, ids: map[string]string{"campaign": campaignID}}
	for _, made := range []struct{ param, path, body string }{
		{"audience", "/audiences", `{"name": "Recife", "filter": {"all": [{"field": "city", "is": ["Recife"]}, {"field": "tag", "is": ["t3", "t4"]}]}}`},
		{"agent", "/agents", `{"name": "Bia", "kind": "script", "script": {"start": "oi", "steps": {"oi": {"say": "Oi", "next": "end"}}}}`},
		{"", "/suppressions", `{"addresses": ["fora@example.com"]}`},
	} {
		var one struct {
			ID string `json:"id"`
		}
		if err := a.json(ctx, read{method: http.MethodPost, path: made.path, body: made.body}, &one); err != nil {
			return nil, err
		}
		if made.param != "" {
			a.ids[made.param] = one.ID
		}
	}
	middle := fmt.Sprintf("/contacts?search=%s", url.QueryEscape(mailbox(c.people/2)))
	for param, path := range map[string]string{"contact": middle, "import": "/imports", "line": "/lines"} {
		var list struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		if err := a.json(ctx, read{method: http.MethodGet, path: path}, &list); err != nil {
			return nil, err
		}
		if len(list.Items) == 0 {
			return nil, fmt.Errorf("there is no %s", param)
		}
		a.ids[param] = list.Items[0].ID
	}
	a.ids["number"] = "1000000007"
	if err := a.documented(ctx); err != nil {
		return nil, err
	}
	return a, a.asConsole(ctx)
}

// documented adds every read of the API's document for which there is something to look at.
func (a *asking) documented(ctx context.Context) error {
	var d struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Parameters []struct {
				Name, In string
				Required bool
			} `json:"parameters"`
			Security []map[string][]string `json:"security"`
		} `json:"paths"`
	}
	if err := a.json(ctx, read{method: http.MethodGet, path: "/../openapi.json"}, &d); err != nil {
		return err
	}
	for path, methods := range d.Paths {
		op, there := methods["get"]
		if !there || slices.Contains(files, op.ID) || op.Security != nil { // of a person's own, or of nobody
			continue
		}
		path, known := strings.TrimPrefix(path, "/api/v1"), true
		for _, p := range op.Parameters {
			if p.In == "path" {
				known = known && a.ids[p.Name] != ""
				path = strings.ReplaceAll(path, "{"+p.Name+"}", a.ids[p.Name])
			}
			known = known && (p.In != "query" || !p.Required)
		}
		if known {
			a.reads = append(a.reads, read{name: op.ID, method: http.MethodGet, path: path})
		}
	}
	return nil
}

// asConsole adds what the console asks for beside first pages.
func (a *asking) asConsole(ctx context.Context) error {
	of := "/campaigns/" + campaignID
	add := func(name, path string) {
		a.reads = append(a.reads, read{name: name, method: http.MethodGet, path: path})
	}
	last, middle := a.c.people-1, a.c.people/2
	for _, list := range []struct{ name, path string }{{"list-recipients", of + "/recipients"}, {"list-contacts", "/contacts"}} {
		for what, s := range map[string]string{
			"a mailbox": mailbox(last), "a name and a number": name(middle), "a first name": "beatriz", "two words": "luiza lima", "nobody": "zzzzqqq", "two letters": "an",
			"a code": fmt.Sprintf("C%d", middle),
		} {
			add(list.name+", search: "+what, list.path+"?search="+url.QueryEscape(s))
		}
	}
	add("list-contacts, search: a phone", "/contacts?search="+url.QueryEscape(fmt.Sprintf("(11) 9%04d-%04d", middle/10_000%10_000, middle%10_000)))
	for _, s := range []string{"pending", "completed", "retry_scheduled", "busy", "suppressed", "in_progress"} {
		add("list-recipients, status "+s, of+"/recipients?status="+s)
	}
	add("list-recipients, outcome deferred", of+"/recipients?outcome=deferred")
	add("list-recipients, outcome busy", of+"/recipients?outcome=busy")
	add("list-recipients, completed, search: a first name", of+"/recipients?status=completed&search=beatriz")
	add("list-recipients, failed, search: a first name", of+"/recipients?status=failed&search=beatriz")
	add("list-campaigns, search", "/campaigns?search=cobr&status=active")
	add("list-filter-values, tags", "/contacts/values?field=tag")
	add("list-filter-values, cities", "/contacts/values?field=city&search=re")
	for _, by := range []string{"phone", "email", "document"} {
		add("list-duplicates by "+by, "/contacts/duplicates?by="+by)
	}
	for what, filter := range map[string]string{
		"everybody":        `{}`,
		"a city":           `{"field": "city", "is": ["Recife"]}`,
		"a tag of a state": `{"all": [{"field": "state", "is": ["PE"]}, {"field": "tag", "is": ["t3"]}]}`,
		"not a tag":        `{"not": {"field": "tag", "is": ["t3"]}}`,
	} {
		a.reads = append(a.reads, read{name: "preview-filter, " + what, method: http.MethodPost, path: "/contacts/preview", body: filter})
	}
	a.reads = append(a.reads, read{
		name: "preview-actions, retry", method: http.MethodPost, path: of + "/recipients/actions/preview", body: `{"action": "retry", "filter": {"statuses": ["retry_scheduled"]}}`,
	})
	for name, path := range map[string]string{
		"list-recipients, search: nobody": of + "/recipients?search=zzzzqqq", "list-recipients, search: a mailbox": of + "/recipients?search=" + url.QueryEscape(mailbox(last)),
		"list-recipients, completed, search: nobody": of + "/recipients?status=completed&search=zzzzqqq", "list-contacts, search: nobody": "/contacts?search=zzzzqqq",
		"list-contacts, search: a name and a number": "/contacts?search=" + url.QueryEscape(name(middle)), "list-duplicates by phone": "/contacts/duplicates?by=phone",
	} {
		a.reads = append(a.reads, read{name: name + ", to a page or the end", method: http.MethodGet, path: path, whole: true})
	}
	for name, path := range map[string]string{
		"list-recipients": of + "/recipients?limit=100", "list-attempts": of + "/attempts?limit=100", "list-contacts": "/contacts?limit=100",
		"list-recipients, status completed": of + "/recipients?status=completed&limit=100",
	} {
		later, err := a.later(ctx, path, 20)
		if err != nil {
			return err
		}
		add(name+", a later page", later)
	}
	return nil
}

// later goes through some pages, and gives the path of the next.
func (a *asking) later(ctx context.Context, path string, pages int) (string, error) {
	next := path
	for range pages {
		var p struct {
			Next string `json:"next_cursor"`
		}
		if err := a.json(ctx, read{method: http.MethodGet, path: next}, &p); err != nil {
			return "", err
		}
		if p.Next == "" {
			return next, nil
		}
		next = path + "&cursor=" + url.QueryEscape(p.Next)
	}
	return next, nil
}

// warm is how often a read is asked for before it is timed.
const warm = 3

// all times everything, and at last what answers without the database.
func (a *asking) all(ctx context.Context) ([]timed, error) {
	var out []timed
	var err error
	for _, r := range append(a.reads, read{name: "reference, /healthz", method: http.MethodGet, path: "/../../healthz"}) {
		if !strings.Contains(r.name, a.c.only) {
			continue
		}
		t := timed{name: r.name, whole: r.whole}
		times := a.c.times
		if r.whole { // many requests each
			times = min(times, wholeTimes)
		}
		for i := range warm + times {
			began := time.Now()
			if t.requests, err = a.once(ctx, r); err != nil {
				return nil, err
			}
			took := time.Since(began)
			if i >= warm {
				t.took = append(t.took, took)
			}
			if i >= 10 && took > time.Second { // it is over by far: there is no need to wait for more
				break
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// once does a read, and says in how many requests.
func (a *asking) once(ctx context.Context, r read) (requests int, err error) {
	if !r.whole {
		return 1, a.json(ctx, r, nil)
	}
	path := r.path
	for found := 0; ; {
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next_cursor"`
		}
		if err := a.json(ctx, r, &page); err != nil {
			return requests, err
		}
		requests++
		if found += len(page.Items); page.Next == "" || found >= wholePage {
			return requests, nil
		}
		r.path = path + "&cursor=" + url.QueryEscape(page.Next)
	}
}

// json asks, and reads the whole answer into v, or throws it away.
func (a *asking) json(ctx context.Context, r read, v any) error {
	where, err := url.JoinPath(a.v.URL, "/api/v1", strings.SplitN(r.path, "?", 2)[0])
	if err != nil {
		return err
	}
	if _, query, some := strings.Cut(r.path, "?"); some {
		where += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, r.method, where, strings.NewReader(r.body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.v.Key)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	var b bytes.Buffer
	if _, err := io.Copy(&b, res.Body); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %d %s", r.method, r.path, res.StatusCode, b.String())
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(b.Bytes(), v)
}
