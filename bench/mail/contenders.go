package main

import (
	"context"
	"fmt"
	"strings"
)

// task is what a contender has to do.
type task struct {
	addr        string
	messages    int
	connections int
}

// contender sends all messages of the task and returns when the server has taken every one.
type contender struct {
	does      string
	reference bool
	// run does the task; what it does before it calls begin is not timed, if it calls it.
	run func(ctx context.Context, t task, begin func()) error
}

// contenders are all that can take part, by name.
func contenders() map[string]contender {
	return map[string]contender{
		"gomail": {"go-mail's Client.Send in a loop, as it comes (NOOP and RSET around every message)", true, untimed(gomail())},
		"lean":   {"the same without NOOP and RSET", true, untimed(gomail(lean()...))},
		"smtp":   {"go-mail's smtp.Client in a loop with one ready-made message: the floor, nothing is composed", false, untimed(floor)},
		"adapter": {
			"email.Adapter, driven as the dispatcher does: as many open orders as Depth says", false, untimed(adapter),
		},
		"engine-sqlite":   {"the whole engine, every message with durable records in SQLite", false, engine("sqlite")},
		"engine-postgres": {"the whole engine, every message with durable records in PostgreSQL (whose CPU is counted too)", false, engine("postgres")},
	}
}

// untimed is a contender that has nothing to set up.
func untimed(run func(context.Context, task) error) func(context.Context, task, func()) error {
	return func(ctx context.Context, t task, _ func()) error { return run(ctx, t) }
}

// letter is the n-th message. Every contender makes it anew, as a campaign does for every person.
type letter struct {
	to, thread, subject, text, html, unsubscribe string
}

const (
	from     = "campaigns@example.com"
	fromName = "Cobrança Exemplo"
)

var (
	textBody = strings.Repeat("Olá, {name}. Sua fatura de novembro já está disponível e vence no dia 30.\n", 12)
	htmlBody = "<html><body>" + strings.Repeat("<p style=\"margin:0 0 12px\">Olá, <b>{name}</b>. Sua fatura de novembro já está disponível.</p>\n", 30) + "</body></html>"
)

func makeLetter(n int) letter {
	name := fmt.Sprintf("Maria %d", n)
	return letter{
		to: fmt.Sprintf("ok.maria%d@example.net", n), thread: fmt.Sprintf("01930000-0000-7000-8000-%012d", n),
		subject:     "Sua fatura, " + name,
		text:        strings.ReplaceAll(textBody, "{name}", name),
		html:        strings.ReplaceAll(htmlBody, "{name}", name),
		unsubscribe: fmt.Sprintf("https://example.com/u/AfIBkwAAAABwAIAA%012dAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", n),
	}
}
