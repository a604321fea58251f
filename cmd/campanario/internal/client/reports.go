package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/report"
)

func (a *app) reports() *cobra.Command {
	const noun, one = "report", "/reports/{0}"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list CAMPAIGN", path: "/campaigns/{0}/reports",
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "state", path: "state", show: enum("report")},
				{name: "rows", path: "written", right: true},
				{name: "created", path: "created_at", show: instant},
				{name: "expires", path: "expires_at", show: instant},
			},
		}),
		a.verb(noun, verb{
			use: "prepare CAMPAIGN", run: prepareReport,
			flags: append([]flag{text("rows"), yes("converted"), text("words"), short("output", "o"), yes("wait")}, picking()...),
		}),
		a.do(noun, doing{use: "get REPORT", method: http.MethodGet, path: one, show: reportShown}),
		a.do(noun, doing{use: "cancel REPORT", method: http.MethodPost, path: one + "/cancel", show: reportShown}),
		a.do(noun, doing{use: "delete REPORT", method: http.MethodDelete, path: one, confirm: true}),
		a.verb(noun, verb{use: "download REPORT", flags: []flag{short("output", "o")}, run: func(ctx context.Context, k *call) error {
			return k.book(ctx, k.args[0])
		}}),
	)
}

// prepareReport asks for a workbook; with --wait it waits for it, and with --output it saves it then.
func prepareReport(ctx context.Context, k *call) error {
	path, err := k.path("/campaigns/{0}/reports")
	if err != nil {
		return err
	}
	body := map[string]any{}
	for _, name := range []string{"rows", "words"} {
		if v := k.text(name); v != "" {
			body[name] = v
		}
	}
	if k.flag("converted") {
		body["converted"] = true
	}
	if f := k.filter(nil); len(f) > 0 {
		body["filter"] = f
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: path}, body)
	if err != nil {
		return err
	}
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusAccepted)
	}
	id := m.text("id")
	if k.flag("wait") || k.text("output") != "" {
		raw, err = k.rested(ctx, "/reports/"+id, raw, awaited{
			works: func(m item) bool { return !report.State(m.text("state")).Ended() }, line: k.reported, goesOn: k.words.Say("report.goes_on"), cancel: "report cancel",
		})
		if err != nil {
			return err
		}
		if m, err = decode(raw); err != nil {
			return k.server.strange(http.StatusOK)
		}
		if report.State(m.text("state")) != report.StateDone {
			_ = k.answer(raw, reportShown) // it has ended all the same
			return &terminal.Exit{Code: terminal.CodeFailed}
		}
		if k.text("output") != "" {
			return k.book(ctx, id)
		}
	}
	return k.answer(raw, reportShown)
}

// book downloads a workbook.
func (k *call) book(ctx context.Context, id string) error {
	if !idShaped.MatchString(id) {
		return fault.New(fault.NotFound, "report_not_found", fault.Params{"id": terminal.Clean(id)})
	}
	if _, _, seen := k.o.Terminal(k.out); seen && k.text("output") == "" {
		return fault.New(fault.Invalid, "required", nil).At("--output") // nobody reads a workbook on a terminal
	}
	return k.download(ctx, ask{
		method: http.MethodGet, path: "/reports/" + id + "/file", accept: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	})
}

// reportShown shows how far a report is, and what can be done next.
func reportShown(k *call, _ json.RawMessage, m item) error {
	id := terminal.Clean(m.text("id"))
	text := k.words.Say("report.head", "id", id, "name", terminal.Clean(m.text("name")), "state", k.word("report", m.text("state")), "rows", m.number("written"))
	if why := m.text("failure.text"); why != "" {
		text += "\n✗ " + terminal.Clean(why)
	}
	if report.State(m.text("state")) == report.StateDone {
		text += fmt.Sprintf("\n  campanario report download -o %s %s  # %s", terminal.Clean(m.text("name")), id, k.words.Say("does.report.download"))
	}
	return k.say(text)
}

// reported is a report under way, on one line.
func (k *call) reported(m item) string {
	return fmt.Sprintf("%s %3d%%  %s", bar(m.number("progress"), 1000, 30), m.number("progress")/10, k.word("report", m.text("state")))
}
