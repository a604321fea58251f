package client

import (
	"encoding/json"
	"net/http"

	"github.com/spf13/cobra"
)

func (a *app) consents() *cobra.Command {
	const noun, all = "consent", "/contacts/{0}/consents"
	record := func(verb string, given, confirm bool) *cobra.Command {
		return a.do(noun, doing{
			use: verb + " CONTACT", method: http.MethodPost, path: all, confirm: confirm,
			flags: []flag{text("channel"), text("line"), text("address"), text("basis"), text("origin"), text("proof"), text("at")},
			body:  func(k *call) (any, error) { return consenting(k, given), nil },
		})
	}
	return a.noun(noun,
		a.list(noun, listing{
			use: "list CONTACT", path: all, whole: true,
			columns: []column{
				{name: "at", path: "at", show: instant},
				{name: "given", path: "given", show: check},
				{name: "channel", path: "channel", show: enum("channel")},
				{name: "line", path: "line", cut: true},
				{name: "address", path: "address", cut: true},
				{name: "basis", path: "basis"},
				{name: "source", path: "source"},
			},
		}),
		record("give", true, false),
		record("withdraw", false, true),
		a.do(noun, doing{
			use: "link CONTACT", method: http.MethodPost, path: "/contacts/{0}/consent-link", flags: []flag{text("channel"), text("line")},
			body: func(k *call) (any, error) {
				return k.given(map[string]string{"channel": "channel", "line": "line"}), nil
			},
			show: func(k *call, _ json.RawMessage, m item) error { return k.say(m.text("url")) },
		}),
	)
}

// consenting is what a person agreed to or took back, as the API takes it.
func consenting(k *call, given bool) map[string]any {
	body := k.given(map[string]string{
		"channel": "channel", "line": "line", "address": "address", "basis": "basis", "source": "origin", "proof": "proof", "at": "at",
	})
	body["given"] = given
	return body
}

// given is what flags say, by the names of the API.
func (k *call) given(flags map[string]string) map[string]any {
	body := map[string]any{}
	for name, flag := range flags {
		if v := k.text(flag); v != "" {
			body[name] = v
		}
	}
	return body
}

func (a *app) rules() *cobra.Command {
	const noun = "rules"
	return a.noun(noun,
		a.do(noun, doing{use: "show", method: http.MethodGet, path: "/rules"}),
		a.do(noun, doing{use: "set", method: http.MethodPut, path: "/rules", file: true, revised: true}),
		a.list(noun, listing{
			use: "packs", path: "/rule-packs", whole: true,
			columns: []column{
				{name: "name", path: "name"},
				{name: "title", path: "title"},
				{name: "version", path: "version", right: true},
				{name: "date", path: "date"},
			},
		}),
	)
}
