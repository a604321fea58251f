package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/terminal"
)

func (a *app) errands() *cobra.Command {
	const noun, one = "errand", "/errands/{0}"
	return a.noun(noun,
		a.list(noun, listing{use: "list CAMPAIGN", path: "/campaigns/{0}/errands", columns: []column{
			{name: "id", path: "id"},
			{name: "action", path: "action", show: enum("action")},
			{name: "state", path: "state", show: enum("errand")},
			{name: "changed", path: "changed", right: true},
			{name: "skipped", path: "skipped", right: true},
			{name: "created", path: "created_at", show: instant},
		}}),
		a.do(noun, doing{use: "get ERRAND", method: http.MethodGet, path: one, show: errandShown}),
		a.do(noun, doing{use: "cancel ERRAND", method: http.MethodPost, path: one + "/cancel", show: errandShown}),
	)
}

// errandShown shows how far an errand is.
func errandShown(k *call, _ json.RawMessage, m item) error {
	text := fmt.Sprintf("%s: %s. %s", k.word("action", m.text("action")), k.word("errand", m.text("state")),
		k.words.Say("act.done", "changed", m.number("changed"), "skipped", m.number("skipped")))
	if why := m.text("failure.text"); why != "" {
		text += "\n✗ " + terminal.Clean(why)
	}
	return k.say(text)
}

// errandEnded waits for an errand that goes on, and shows how it has ended.
func (k *call) errandEnded(ctx context.Context, raw json.RawMessage) error {
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	works := func(m item) bool { return m.text("state") == string(campaign.ErrandRunning) }
	if works(m) {
		raw, err = k.rested(ctx, "/errands/"+m.text("id"), raw, awaited{
			works: works, goesOn: k.words.Say("errand.goes_on"), cancel: "errand cancel", line: func(m item) string {
				return fmt.Sprintf("%s %3d%%  %s", bar(m.number("progress"), 1000, 30), m.number("progress")/10, k.word("action", m.text("action")))
			},
		})
		if err != nil {
			return err
		}
		if m, err = decode(raw); err != nil {
			return k.server.strange(http.StatusOK)
		}
	}
	if m.text("state") != string(campaign.ErrandDone) {
		_ = k.answer(raw, errandShown) // it has ended all the same
		return &terminal.Exit{Code: terminal.CodeFailed}
	}
	return k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
		return k.say(k.words.Say("act.done", "changed", m.number("changed"), "skipped", m.number("skipped")))
	})
}
