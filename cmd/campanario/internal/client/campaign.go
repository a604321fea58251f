package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

func (a *app) campaigns() *cobra.Command {
	const noun, one = "campaign", "/campaigns/{0}"
	move := func(name string, confirm bool) *cobra.Command {
		return a.do(noun, doing{use: name + " CAMPAIGN", method: http.MethodPost, path: one + "/" + name, confirm: confirm, show: card})
	}
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/campaigns", filters: []string{"search", "with-key", "agent", "line"}, many: []string{"status"}, yes: []string{"archived"},
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "channel", path: "channel", show: enum("channel")},
				{name: "state", path: "state", show: enum("state")},
				{name: "settled", path: "counts.settled", right: true},
				{name: "total", path: "counts.total", right: true},
				{name: "success", path: "rates.success_rate", show: percent, right: true},
				{name: "created", path: "created_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "get CAMPAIGN", method: http.MethodGet, path: one, show: definition}),
		a.do(noun, doing{use: "create", method: http.MethodPost, path: "/campaigns", file: true, creates: true, show: card}),
		a.do(noun, doing{use: "patch CAMPAIGN", method: http.MethodPatch, path: one, file: true, revised: true, show: card}),
		a.do(noun, doing{use: "delete CAMPAIGN", method: http.MethodDelete, path: one, confirm: true}),
		a.do(noun, doing{
			use: "duplicate CAMPAIGN", method: http.MethodPost, path: one + "/duplicate", creates: true, show: card,
			flags: append([]flag{text("name")}, picking()...), body: duplicate,
		}),
		move("start", false), move("pause", false), move("cancel", true), move("archive", false), move("unarchive", false),
		a.do(noun, doing{use: "diagnose CAMPAIGN", method: http.MethodGet, path: one + "/diagnosis", show: diagnosis}),
		a.verb(noun, verb{use: "preflight CAMPAIGN", run: preflight}),
		a.do(noun, doing{use: "plan CAMPAIGN", method: http.MethodGet, path: one + "/plan", show: plan}),
		a.do(noun, doing{use: "plan-change CAMPAIGN", method: http.MethodPost, path: one + "/plan/preview", file: true, show: planChange}),
		a.do(noun, doing{use: "results CAMPAIGN", method: http.MethodGet, path: one + "/results", show: results}),
		a.do(noun, doing{use: "summary", method: http.MethodGet, path: "/campaigns/summary"}),
		a.verb(noun, verb{use: "watch CAMPAIGN", run: watch}),
		a.verb(noun, verb{
			use: "report CAMPAIGN", run: downloadReport,
			flags: []flag{
				short("output", "o"), text("rows"), yes("converted"), text("words"), text("delimiter"), yes("bom"), many("status"), many("outcome"), text("search"),
			},
		}),
	)
}

// card shows where a campaign stands.
func card(k *call, _ json.RawMessage, m item) error {
	f := frame{k: k, id: m.text("id"), name: m.text("name"), now: m}
	return k.say(strings.Join(f.lines(0), "\n"))
}

// definition shows where a campaign stands, and all that the API says of it.
func definition(k *call, raw json.RawMessage, m item) error {
	if err := card(k, raw, m); err != nil {
		return err
	}
	if err := k.say(""); err != nil {
		return err
	}
	return detail(k, raw, m)
}

func duplicate(k *call) (any, error) {
	body := map[string]any{}
	if name := k.text("name"); name != "" {
		body["name"] = name
	}
	if f := k.filter(nil); len(f) > 0 {
		body["recipients"] = f
	}
	return body, nil
}

// problems shows what stands in a campaign's way.
func (k *call) problems(list []item) string {
	var b strings.Builder
	for _, p := range list {
		sign := "✗"
		if w, _ := p.at("warning").(bool); w {
			sign = "!"
		}
		fmt.Fprintf(&b, "  %s %s\n", sign, (&refusal{}).line(failure{p.text("code"), p.text("field"), p.text("text")}))
	}
	return b.String()
}

func diagnosis(k *call, _ json.RawMessage, m item) error {
	line := fmt.Sprintf("%s: %s [%s]", k.word("state", m.text("state")), terminal.Clean(m.text("text")), terminal.Clean(m.text("code")))
	if until := m.text("until"); until != "" {
		line += "\n  " + k.words.Say("frame.until", "at", terminal.Clean(instant(k, until)))
	}
	if n := m.number("in_flight"); n > 0 {
		line += "\n  " + k.words.Say("frame.flight", "n", n)
	}
	return k.say(strings.TrimRight(line+"\n"+k.problems(m.list("problems")), "\n"))
}

// preflight ends with 1 when the campaign could not start.
func preflight(ctx context.Context, k *call) error {
	path, err := k.path("/campaigns/{0}/preflight")
	if err != nil {
		return err
	}
	raw, err := k.get(ctx, path)
	if err != nil {
		return err
	}
	return k.verdict(raw, "preflight")
}

// plan says what a campaign would do.
func plan(k *call, _ json.RawMessage, m item) error {
	var lines []string
	for _, s := range m.list("sentences") {
		lines = append(lines, terminal.Clean(s.text("text")))
	}
	return k.say(strings.Join(append(lines, terminal.Clean(m.text("cost.text"))), "\n"))
}

// planChange says what a change would make of a plan.
func planChange(k *call, _ json.RawMessage, m item) error {
	var lines []string
	for _, part := range []struct{ name, sign string }{{"before", "-"}, {"after", "+"}} {
		for _, s := range m.list(part.name) {
			lines = append(lines, part.sign+" "+terminal.Clean(s.text("text")))
		}
	}
	if len(lines) == 0 {
		return k.say(k.words.Say("plan.same"))
	}
	return k.say(strings.Join(lines, "\n"))
}

func results(k *call, _ json.RawMessage, m item) error {
	f := frame{k: k, now: m}
	lines := f.numbers(0)
	for _, finding := range m.list("findings") {
		if text := finding.text("text"); text != "" {
			lines = append(lines, "  ! "+terminal.Clean(text))
		}
	}
	return k.say(strings.Join(lines, "\n"))
}

// downloadReport downloads a report as CSV, to a file that is there whole or not at all, or to standard output.
func downloadReport(ctx context.Context, k *call) error {
	path, err := k.path("/campaigns/{0}/report")
	if err != nil {
		return err
	}
	q := url.Values{}
	for _, name := range []string{"rows", "words", "delimiter", "search"} {
		if v := k.text(name); v != "" {
			q.Set(name, v)
		}
	}
	for _, name := range []string{"status", "outcome"} {
		q[name] = k.list(name)
	}
	for _, name := range []string{"converted", "bom"} {
		if k.flag(name) {
			q.Set(name, "true")
		}
	}
	return k.download(ctx, ask{method: http.MethodGet, path: path, query: q, accept: "text/csv"})
}

// download saves an answer under the name that --output says, or gives it to standard output.
func (k *call) download(ctx context.Context, a ask) error {
	server, err := k.conn()
	if err != nil {
		return err
	}
	res, err := server.do(ctx, a)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if name := k.text("output"); name != "" && name != "-" {
		return k.save(ctx, res.Body, name)
	}
	from := &told{res.Body, func(err error) error { return server.unreachable(ctx, err) }}
	if _, _, ok := k.o.Terminal(k.out); ok { // somebody is looking, whose cursor is not to be moved
		for lines := bufio.NewReader(from); err == nil; {
			var line string
			if line, err = lines.ReadString('\n'); line != "" {
				_, _ = io.WriteString(k.out, cleanLines(line))
			}
		}
		if err != io.EOF { //nolint:errorlint // bufio's contract is the value itself
			return err
		}
		return nil
	}
	if _, err := io.Copy(k.out, from); err != nil {
		return written("-", err)
	}
	return nil
}

// save writes a download beside its place, and puts it there when it has come whole. Only its owner may read it.
func (k *call) save(ctx context.Context, from io.Reader, name string) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return written(name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // nothing is there any more when all went well
	shown := k.progress(from, 0)
	n, err := io.Copy(f, &told{shown, func(err error) error { return k.server.unreachable(ctx, err) }})
	shown.stop()
	if closed := f.Close(); err == nil && closed != nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return written(name, err)
	}
	_, _ = fmt.Fprintln(k.err, k.words.Say("report.saved", "path", terminal.Clean(name), "size", size(n)))
	return nil
}

// told turns the errors of a reader into ours, so that they can be told from those of the writer.
type told struct {
	io.Reader
	turn func(error) error
}

func (t *told) Read(b []byte) (int, error) {
	n, err := t.Reader.Read(b)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's contract is the value itself
		err = t.turn(err)
	}
	return n, err
}

// written is why something could not be written, unless it could not be read.
func written(name string, err error) error {
	if fault.KindOf(err) != fault.Internal || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Invalid, "file_unwritable", fault.Params{"path": terminal.Clean(name)}).Because(err)
}
