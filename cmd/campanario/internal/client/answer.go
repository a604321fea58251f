package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

// shown is how people see an answer.
type shown func(k *call, raw json.RawMessage, m item) error

// answer shows an answer: as it came, or as people see it.
func (k *call) answer(raw json.RawMessage, people shown) error {
	switch {
	case raw == nil: // done, and nothing to tell
		if !k.json {
			return k.say(k.words.Say("done"))
		}
		return nil
	case k.json:
		return k.raw(raw)
	}
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	return people(k, raw, m)
}

// raw gives a program what the API said. On a terminal somebody is looking, whose cursor is not to be moved.
func (k *call) raw(doc json.RawMessage) error {
	line := strings.TrimSuffix(oneLine(doc), "\n")
	if _, _, ok := k.o.Terminal(k.out); ok {
		line = terminal.Clean(line)
	}
	return k.say(line)
}

func (k *call) say(line string) error {
	_, err := io.WriteString(k.out, line+"\n")
	return err
}

// detail shows all of a document in the form in which people write files: YAML with the names of the API.
func detail(k *call, raw json.RawMessage, _ item) error {
	text, err := yaml.JSONToYAML(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	return k.say(strings.TrimRight(cleanLines(string(text)), "\n"))
}

// doing is a command that asks for one thing and shows the answer.
type doing struct {
	use     string
	method  string
	path    string
	flags   []flag
	file    bool // it takes --file and --set
	creates bool // it takes an idempotency key
	revised bool // it takes --revision
	confirm bool // it cannot be undone
	free    bool // its arguments are no ids
	reshape func(k *call, d *document)
	body    func(k *call) (any, error)
	show    shown // detail when nil
}

func (a *app) do(noun string, d doing) *cobra.Command {
	flags := d.flags
	if d.file {
		flags = append(flags, short("file", "f"), each("set"))
	}
	if d.creates {
		flags = append(flags, text("idempotency-key"))
	}
	if d.revised {
		flags = append(flags, number("revision", 0))
	}
	if d.confirm {
		flags = append(flags, yes("yes"))
	}
	if d.show == nil {
		d.show = detail
	}
	return a.verb(noun, verb{use: d.use, flags: flags, run: func(ctx context.Context, k *call) error {
		path := d.path
		if !d.free {
			var err error
			if path, err = k.path(path); err != nil {
				return err
			}
		}
		if d.confirm {
			if err := k.confirm(ctx, k.words.Say("confirm."+noun+"."+k.cmd.Name(), "who", k.args[0])); err != nil {
				return err
			}
		}
		raw, err := d.ask(ctx, k, path)
		if err != nil {
			return err
		}
		return k.answer(raw, d.show)
	}})
}

func (d doing) ask(ctx context.Context, k *call, path string) (json.RawMessage, error) {
	a := ask{method: d.method, path: path}
	if d.file {
		doc, err := k.read(ctx)
		if err != nil {
			return nil, err
		}
		if d.reshape != nil {
			d.reshape(k, doc)
		}
		return k.send(ctx, a, doc)
	}
	if d.body == nil {
		return k.request(ctx, a, nil)
	}
	body, err := d.body(k)
	if err != nil {
		return nil, err
	}
	return k.request(ctx, a, body)
}

// confirm asks whoever sits there whether they mean it. Who does not sit there says --yes.
func (k *call) confirm(ctx context.Context, question string) error {
	if k.flag("yes") {
		return nil
	}
	in := k.cmd.InOrStdin()
	_, _, typed := k.o.Terminal(in)
	_, _, seen := k.o.Terminal(k.err)
	if !typed || !seen {
		return fault.New(fault.Invalid, "confirmation_missing", fault.Params{"flag": "--yes"})
	}
	if _, err := io.WriteString(k.err, terminal.Clean(question)+" "+k.words.Say("confirm.how")+" "); err != nil {
		return err
	}
	said, err := bufio.NewReader(io.LimitReader(leave(ctx, in), 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for yes := range strings.SplitSeq(k.words.Say("confirm.yes"), " ") {
		if strings.EqualFold(strings.TrimSpace(said), yes) {
			return nil
		}
	}
	return fault.New(fault.Denied, "confirmation_declined", nil)
}
