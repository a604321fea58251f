package client

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

// versions are what was saved of an agent, and what brings it back.
func (a *app) versions(noun, one string) []*cobra.Command {
	return []*cobra.Command{
		a.list(noun, listing{
			use: "versions AGENT", path: one + "/versions",
			columns: []column{
				{name: "version", path: "version", right: true},
				{name: "name", path: "name", cut: true},
				{name: "updated", path: "saved_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "version AGENT VERSION", method: http.MethodGet, path: one + "/versions/{1}"}),
		a.do(noun, doing{use: "restore AGENT VERSION", method: http.MethodPost, path: one + "/versions/{1}/restore"}),
		a.verb(noun, verb{use: "test-call AGENT NUMBER", flags: []flag{each("var"), text("first-message")}, run: testCall}),
	}
}

// valuesOf reads flags that say name=value.
func (k *call) valuesOf(flag string) (map[string]string, error) {
	values := map[string]string{}
	for _, v := range k.each(flag) {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, fault.New(fault.Invalid, "set_wrong", fault.Params{"value": fit(terminal.Clean(v), 40), "example": "name=Ana"})
		}
		values[name] = value
	}
	return values, nil
}

// callEvery is how often a call that goes on is asked for.
const callEvery = 500 * time.Millisecond

// testCall has an agent call the sandbox, and waits for the end of the call.
func testCall(ctx context.Context, k *call) error {
	number := k.args[1] // which is no id
	k.args = k.args[:1]
	path, err := k.path("/agents/{0}/test-calls")
	if err != nil {
		return err
	}
	values, err := k.valuesOf("var")
	if err != nil {
		return err
	}
	body := map[string]any{"number": number, "variables": values}
	if s := k.text("first-message"); s != "" {
		body["first_message"] = s
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: path}, body)
	for err == nil {
		m, wrong := decode(raw)
		if wrong != nil {
			return k.server.strange(http.StatusOK)
		}
		if m.at("ended") != nil {
			return k.answer(raw, callEnded)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-k.o.After(callEvery):
		}
		raw, err = k.request(ctx, ask{method: http.MethodGet, path: path + "/" + m.text("id")}, nil)
	}
	return err
}

func callEnded(k *call, raw json.RawMessage, m item) error {
	end, _ := m.at("ended").(map[string]any)
	if err := k.say(terminal.Clean(item(end).text("text"))); err != nil {
		return err
	}
	return dialogue(k, raw, item(end))
}

func (a *app) templates() *cobra.Command {
	const noun, one = "template", "/templates/{0}"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/templates", filters: []string{"channel", "search"},
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "channel", path: "channel", show: enum("channel")},
				{name: "title", path: "message.subject", cut: true},
				{name: "updated", path: "updated_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "get TEMPLATE", method: http.MethodGet, path: one}),
		a.do(noun, doing{use: "create", method: http.MethodPost, path: "/templates", file: true, creates: true}),
		a.do(noun, doing{use: "replace TEMPLATE", method: http.MethodPut, path: one, file: true, revised: true}),
		a.do(noun, doing{use: "delete TEMPLATE", method: http.MethodDelete, path: one, confirm: true}),
		a.do(noun, doing{use: "preview", method: http.MethodPost, path: "/templates/preview", file: true, reshape: specimenOf}),
	)
}

// specimenOf lets the file of a template stand for its message, which is all that is looked at.
func specimenOf(_ *call, d *document) {
	for _, name := range []string{"channel", "name", "description"} {
		delete(d.value, name)
	}
}

// playground is the sandbox of the server: `campanario sandbox` runs one by itself.
func (a *app) playground() *cobra.Command {
	const noun = "playground"
	return a.noun(noun,
		a.do(noun, doing{use: "show", method: http.MethodGet, path: "/sandbox"}),
		a.list(noun, listing{
			use: "messages", path: "/sandbox/messages", filters: []string{"search"},
			columns: []column{
				{name: "id", path: "id", right: true},
				{name: "at", path: "at", show: instant},
				{name: "contact", path: "to", cut: true},
				{name: "title", path: "subject", cut: true},
				{name: "kind", path: "behaviour"},
			},
		}),
		a.do(noun, doing{use: "message MESSAGE", method: http.MethodGet, path: "/sandbox/messages/{0}"}),
	)
}
