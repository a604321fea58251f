package client

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/spf13/cobra"

	"campanario/internal/fault"
)

func (a *app) audiences() *cobra.Command {
	const noun, one = "audience", "/audiences/{0}"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/audiences", filters: []string{"search"},
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "static", path: "static", show: check},
				{name: "filled", path: "frozen_at", show: instant},
				{name: "updated", path: "updated_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "get AUDIENCE", method: http.MethodGet, path: one}),
		a.do(noun, doing{use: "create", method: http.MethodPost, path: "/audiences", file: true, creates: true}),
		a.do(noun, doing{use: "patch AUDIENCE", method: http.MethodPatch, path: one, file: true, revised: true}),
		a.do(noun, doing{use: "delete AUDIENCE", method: http.MethodDelete, path: one, confirm: true}),
		a.do(noun, doing{use: "freeze AUDIENCE", method: http.MethodPost, path: one + "/freeze"}),
		a.do(noun, doing{use: "preview AUDIENCE", method: http.MethodGet, path: one + "/preview", show: previewed}),
		a.do(noun, doing{use: "count", method: http.MethodPost, path: "/contacts/preview", file: true, show: previewed, reshape: filterOf}),
	)
}

// filterOf takes the filter out of a file that an audience is made of.
func filterOf(_ *call, d *document) {
	if f, is := d.value["filter"].(map[string]any); is {
		d.value, d.places = f, nil
	}
}

// previewed tells how many contacts there are, and shows some.
func previewed(k *call, _ json.RawMessage, m item) error {
	if err := k.say(k.words.Say("preview.count", "n", m.number("count"))); err != nil {
		return err
	}
	return k.table([]column{
		{name: "id", path: "id"},
		{name: "name", path: "name", cut: true},
		{name: "phone", path: "phone"},
		{name: "email", path: "email", cut: true},
		{name: "tags", path: "tags", cut: true},
	}).print(m.list("sample"))
}

// fill adds the contacts of an audience, or of a filter in a file, to a campaign.
func fill(ctx context.Context, k *call) error {
	path, err := k.path("/campaigns/{0}/recipients/contacts")
	if err != nil {
		return err
	}
	body := map[string]any{}
	if s := k.text("source"); s != "" {
		body["source"] = s
	}
	switch list, file := k.text("audience"), k.text("file"); {
	case (list == "") == (file == ""):
		return fault.New(fault.Invalid, "audience_or_filter", nil)
	case list != "":
		body["audience"] = list
	default:
		d, err := k.read(ctx)
		if err != nil {
			return err
		}
		filterOf(k, d)
		body["filter"] = d.value
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: path}, body)
	if err != nil {
		return err
	}
	return k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
		return k.say(k.words.Say("fill.done", "contacts", m.number("contacts"), "added", m.number("added"),
			"duplicates", m.number("duplicates"), "unreachable", m.number("unreachable")))
	})
}
