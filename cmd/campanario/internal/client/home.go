package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
)

func (a *app) home() *cobra.Command {
	const noun = "home"
	return a.noun(noun, a.do(noun, doing{use: "show", method: http.MethodGet, path: "/home", show: home}), a.verb(noun, verb{use: "watch", run: watchHome}))
}

// watchHome shows what matters again whenever it is different, until somebody ends it or the connection breaks.
func watchHome(ctx context.Context, k *call) error {
	server, err := k.conn()
	if err != nil {
		return err
	}
	res, err := server.do(ctx, ask{method: http.MethodGet, path: "/events", accept: "text/event-stream", wait: k.o.Silence})
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	for in := newEvents(res.Body); ; {
		e, err := in.next()
		if err != nil {
			return server.unreachable(ctx, err)
		}
		var now struct {
			Home json.RawMessage `json:"home"`
		}
		if e.name != "snapshot" || json.Unmarshal([]byte(e.data), &now) != nil {
			continue
		}
		if err := k.answer(now.Home, home); err != nil {
			return err
		}
	}
}

// home shows what matters now.
func home(k *call, _ json.RawMessage, m item) error {
	var lines []string
	for _, a := range m.list("attention") {
		sign := "✗"
		if a.text("urgency") != "broken" {
			sign = "!"
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s [%s]", sign, terminal.Clean(a.text("name")), terminal.Clean(a.text("text")), terminal.Clean(a.text("code"))))
	}
	if n := m.number("attention_more"); n > 0 {
		lines = append(lines, k.words.Say("home.more", "n", n))
	}
	if len(lines) == 0 {
		lines = append(lines, k.words.Say("home.calm"))
	}
	lines = append(lines, "", k.words.Say("home.live", "calls", m.number("live.calls"), "messages", m.number("live.messages")))
	day := func(d item, head string) string {
		return head + " " + k.words.Say("home.figures", "attempts", d.number("attempts"), "reached", d.number("reached"),
			"success", k.percent(d.share("success_rate")), "goals", d.number("goals"), "refused", d.number("refused"))
	}
	until := func(d item) string { return terminal.Clean(instant(k, d.text("until"))) }
	today, yesterday := m.item("today"), m.item("yesterday")
	lines = append(lines, day(today, k.words.Say("home.today", "at", until(today))), day(yesterday, k.words.Say("home.yesterday", "at", until(yesterday))))
	return k.say(strings.Join(lines, "\n"))
}
