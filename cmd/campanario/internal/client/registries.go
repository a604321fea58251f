package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

// registries are the commands about lists of who must not be contacted.
func (a *app) registries() []*cobra.Command {
	const noun, all, one = "suppression", "/registries", "/registries/{0}"
	return []*cobra.Command{
		a.list(noun, listing{
			use: "lists", path: all, whole: true,
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "kind", path: "kind"},
				{name: "state", path: "state"},
				{name: "entries", path: "entries", right: true},
				{name: "replaced", path: "replaced_at", show: instant},
				{name: "expires", path: "expires_at", show: instant},
			},
		}),
		a.do(noun, doing{
			use: "create NAME", method: http.MethodPost, path: all, free: true,
			flags: []flag{yes("register"), yes("mailboxes"), many("channels"), text("expires")}, body: newRegistry,
		}),
		a.verb(noun, verb{use: "upload LIST FILE", run: func(ctx context.Context, k *call) error {
			return k.replaceFromFile(ctx, k.args[0], k.args[1])
		}}),
		a.verb(noun, verb{use: "sync LIST", flags: []flag{text("url"), text("file")}, run: syncRegistry}),
		a.do(noun, doing{use: "delete LIST", method: http.MethodDelete, path: one, confirm: true}),
		a.verb(noun, verb{use: "check ADDRESS", flags: []flag{text("channel")}, run: checkAddress}),
	}
}

func newRegistry(k *call) (any, error) {
	body := map[string]any{"name": k.args[0], "kind": "block_list"}
	if k.flag("register") {
		body["kind"] = "do_not_call"
	}
	if k.flag("mailboxes") {
		body["holds"] = "mailboxes"
	}
	if v := k.text("expires"); v != "" {
		body["expires_at"] = v
	}
	if l := k.list("channels"); len(l) > 0 {
		body["channels"] = l
	}
	return body, nil
}

// checkAddress ends with 1 when the address must not be contacted.
func checkAddress(ctx context.Context, k *call) error {
	body := map[string]any{"address": k.args[0]}
	if c := k.text("channel"); c != "" {
		body["channel"] = c
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: "/suppressions/check"}, body)
	if err != nil {
		return err
	}
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	err = k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
		bars := m.list("bars")
		if len(bars) == 0 {
			return k.say(k.words.Say("bar.none"))
		}
		return k.table([]column{
			{name: "why", path: "text"},
			{name: "name", path: "name", cut: true},
			{name: "channel", path: "channel", show: enum("channel")},
			{name: "source", path: "source", cut: true},
			{name: "created", path: "at", show: instant},
			{name: "expires", path: "expires_at", show: instant},
		}).print(bars)
	})
	if is, _ := m.at("suppressed").(bool); err == nil && is {
		return &terminal.Exit{Code: terminal.CodeFailed}
	}
	return err
}

// syncRegistry brings a list up to date with a file, or with what an address serves when that has changed.
func syncRegistry(ctx context.Context, k *call) error {
	from, file := k.text("url"), k.text("file")
	switch {
	case (from == "") == (file == ""):
		return fault.New(fault.Invalid, "arguments_wrong", fault.Params{"usage": k.cmd.CommandPath() + " LIST --url URL | --file FILE"})
	case file != "":
		return k.replaceFromFile(ctx, k.args[0], file)
	}
	path, err := k.path("/registries/{0}")
	if err != nil {
		return err
	}
	raw, err := k.get(ctx, path)
	if err != nil {
		return err
	}
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	res, err := k.fetch(ctx, from, m)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if res.StatusCode == http.StatusNotModified {
		return k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
			return k.say(k.words.Say("sync.same", "entries", m.number("entries")))
		})
	}
	q := url.Values{"url": {from}}
	for name, header := range map[string]string{"etag": "ETag", "modified": "Last-Modified"} {
		if v := res.Header.Get(header); v != "" {
			q.Set(name, v)
		}
	}
	return k.replace(ctx, path, q, &told{res.Body, func(err error) error {
		return fault.New(fault.Unavailable, "sync_failed", fault.Params{"url": from}).Because(err)
	}})
}

// fetchPatience is how long a server may take to begin its answer.
const fetchPatience = 2 * time.Minute

// fetch asks for a file, unless it is the one that the list has.
func (k *call) fetch(ctx context.Context, from string, have item) (*http.Response, error) {
	u, err := url.Parse(from)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, "sync_url_wrong", nil).At("--url")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "sync_url_wrong", nil).At("--url")
	}
	req.Header.Set("User-Agent", "campanario-cli")
	if have.text("origin.url") == from && have.number("version") > 0 {
		if v := have.text("origin.etag"); v != "" {
			req.Header.Set("If-None-Match", v)
		}
		if v := have.text("origin.modified"); v != "" {
			req.Header.Set("If-Modified-Since", v)
		}
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = fetchPatience
	t.DisableKeepAlives = true
	res, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.New(fault.Unavailable, "sync_failed", fault.Params{"url": from}).Because(errors.New(cause(err)))
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNotModified {
		_ = res.Body.Close()
		return nil, fault.New(fault.Unavailable, "sync_refused", fault.Params{"url": from, "status": res.StatusCode})
	}
	return res, nil
}

// replaceFromFile puts the addresses of a file in the place of those of a list.
func (k *call) replaceFromFile(ctx context.Context, list, name string) error {
	k.args = []string{list}
	path, err := k.path("/registries/{0}")
	if err != nil {
		return err
	}
	raw, err := k.upload(ctx, name, replacing(path, nil))
	if err != nil {
		return err
	}
	return k.replaced(raw)
}

// uploadPatience is how long the server may take to make the list when the file has gone: it sorts some hundred million
// numbers.
const uploadPatience = 30 * time.Minute

func (k *call) replace(ctx context.Context, path string, q url.Values, body io.Reader) error {
	server, err := k.conn()
	if err != nil {
		return err
	}
	what := replacing(path, q)
	what.body, what.header = body, expecting
	raw, err := server.document(ctx, what)
	if err != nil {
		return err
	}
	return k.replaced(raw)
}

// replacing is the request that puts addresses in the place of those of a list.
func replacing(path string, q url.Values) ask {
	return ask{method: http.MethodPut, path: path + "/entries", query: q, kind: "application/octet-stream", wait: uploadPatience}
}

// replaced tells what the list has become.
func (k *call) replaced(raw json.RawMessage) error {
	return k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
		text := k.words.Say("sync.done", "entries", m.number("registry.entries"), "rows", m.number("rows"), "rejected", m.number("registry.rejected"))
		for _, p := range m.list("problems") {
			text += "\n  ✗ " + k.words.Say("add.line", "n", p.number("line")) + ": " + terminal.Clean(p.text("text"))
		}
		return k.say(text)
	})
}
