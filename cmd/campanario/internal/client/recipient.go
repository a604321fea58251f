package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

func (a *app) recipients() *cobra.Command {
	const noun, all = "recipient", "/campaigns/{0}/recipients"
	act := func(name, action string, confirm bool) *cobra.Command {
		return a.verb(noun, verb{
			use: name + " CAMPAIGN [NUMBER…]", flags: append(picking(), yes("yes"), yes("preview")),
			run: func(ctx context.Context, k *call) error { return act(ctx, k, action, confirm) },
		})
	}
	return a.noun(noun,
		a.verb(noun, verb{use: "add CAMPAIGN", flags: []flag{short("file", "f"), text("format"), text("source"), text("columns"), yes("preview")}, run: add}),
		a.verb(noun, verb{use: "fill CAMPAIGN", flags: []flag{text("audience"), short("file", "f"), text("source")}, run: fill}),
		a.list(noun, listing{
			use: "list CAMPAIGN", path: all, filters: []string{"search"}, many: []string{"status", "outcome"}, yes: []string{"not-reached"},
			columns: people(),
		}),
		a.do(noun, doing{use: "get CAMPAIGN NUMBER", method: http.MethodGet, path: all + "/{1}"}),
		a.list(noun, listing{use: "attempts CAMPAIGN [NUMBER]", path: "/campaigns/{0}/attempts", longer: all + "/{1}/attempts", columns: []column{
			{name: "number", path: "recipient", right: true},
			{name: "attempt", path: "attempt", right: true},
			{name: "contact", path: "to"},
			{name: "placed", path: "placed_at", show: instant},
			{name: "outcome", path: "outcome", show: enum("outcome")},
			{name: "talk", path: "talk_ms", show: seconds, right: true},
			{name: "network", path: "provider_code", cut: true},
			{name: "reason", path: "reason.text", cut: true},
		}}),
		act("retry", "retry", false), act("remove", "remove", true),
		act("set-pending", "set_pending", false), act("set-completed", "set_completed", true),
	)
}

// people are the columns of recipients.
func people() []column {
	return []column{
		{name: "number", path: "number", right: true},
		{name: "id", path: "id", cut: true},
		{name: "name", path: "name", cut: true},
		{name: "contact", path: "contact"},
		{name: "status", path: "status", show: enum("status")},
		{name: "outcome", path: "last_outcome", show: enum("outcome")},
		{name: "attempts", path: "attempts", right: true},
		{name: "next", path: "waits.until", show: instant},
		{name: "reason", path: "reason.text", cut: true},
	}
}

// picking are the flags of a filter.
func picking() []flag {
	return []flag{many("status"), yes("not-reached"), many("outcome"), text("search"), yes("everybody")}
}

// filter is what picking says, as the API takes it; empty when it says nothing.
func (k *call) filter(numbers []string) map[string]any {
	f := map[string]any{}
	if l := k.list("status"); len(l) > 0 {
		f["statuses"] = l
	}
	if k.flag("not-reached") {
		f["not_reached"] = true
	}
	if l := k.list("outcome"); len(l) > 0 {
		f["outcomes"] = l
	}
	if s := k.text("search"); s != "" {
		f["search"] = s
	}
	if k.flag("everybody") {
		f["all"] = true
	}
	if len(numbers) > 0 {
		list := make([]json.Number, len(numbers))
		for i, n := range numbers {
			list[i] = json.Number(n)
		}
		f["numbers"] = list
	}
	return f
}

// act does something to one recipient, or to those whom numbers and a filter pick.
func act(ctx context.Context, k *call, action string, confirm bool) error {
	numbers := k.args[1:]
	for _, n := range numbers {
		if strings.Trim(n, "0123456789") != "" || n[0] == '0' || len(n) > 10 {
			return fault.New(fault.Invalid, "id_wrong", fault.Params{"value": fit(terminal.Clean(n), 40)})
		}
	}
	path, err := k.path("/campaigns/{0}/recipients")
	if err != nil {
		return err
	}
	f := k.filter(numbers)
	some := len(k.filter(nil)) > 0 // a filter beside the numbers
	if len(f) == 0 {
		return fault.New(fault.Invalid, "filter_missing", fault.Params{"flags": "--status, --outcome, --search, --everybody"})
	}
	if k.flag("preview") {
		raw, err := k.request(ctx, ask{method: http.MethodPost, path: path + "/actions/preview"}, map[string]any{"action": action, "filter": f})
		if err != nil {
			return err
		}
		return k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
			return k.say(k.words.Say("act.foreseen", "changed", m.number("changed"), "skipped", m.number("skipped")))
		})
	}
	question := k.words.Say("confirm.recipients."+action, "who", strings.Join(numbers, ", "))
	if some {
		question = k.words.Say("confirm.filter." + action)
	}
	if confirm || some {
		if err := k.confirm(ctx, question); err != nil {
			return err
		}
	}
	if !some && len(numbers) == 1 { // refused with the reason when it cannot be
		raw, err := k.request(ctx, ask{method: http.MethodPost, path: path + "/" + numbers[0] + "/" + strings.ReplaceAll(action, "_", "-")}, nil)
		if err != nil {
			return err
		}
		return k.answer(raw, func(k *call, _ json.RawMessage, m item) error { return k.table(people()).print([]item{m}) })
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: path + "/actions"}, map[string]any{"action": action, "filter": f})
	if err != nil {
		return err
	}
	return k.errandEnded(ctx, raw)
}

// formats are what a file of recipients can be; "" lets the server look.
var formats = map[string]string{
	"": "application/octet-stream", "csv": "text/csv", "txt": "text/plain", "list": "text/plain",
	"ndjson": "application/x-ndjson", "jsonl": "application/x-ndjson", "json": "application/json",
}

// add streams a file of recipients to the server.
func add(ctx context.Context, k *call) error {
	path, err := k.path("/campaigns/{0}/recipients")
	if err != nil {
		return err
	}
	name := k.text("file")
	if name == "" {
		return fault.New(fault.Invalid, "file_missing", nil)
	}
	kind, known := formats[k.text("format")]
	if !known {
		return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": fit(terminal.Clean(k.text("format")), 40), "allowed": "csv, ndjson, json, list"}).At("--format")
	}
	if k.text("format") == "" {
		if by, ok := formats[strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))]; ok {
			kind = by
		}
	}
	q := url.Values{}
	if s := k.text("source"); s != "" {
		q.Set("source", s)
	}
	if s := k.text("columns"); s != "" {
		q.Set("columns", s)
	}
	if k.flag("preview") {
		raw, err := k.upload(ctx, name, ask{method: http.MethodPost, path: path + "/preview", query: q, kind: kind})
		if err != nil {
			return err
		}
		return k.answer(raw, (*call).foreseen)
	}
	raw, err := k.upload(ctx, name, ask{method: http.MethodPost, path: path, query: q, kind: kind})
	if err != nil {
		return k.stopped(err)
	}
	return k.enrolled(raw)
}

// upload sends a file, or the standard input, and shows how far it has come.
func (k *call) upload(ctx context.Context, name string, what ask) (json.RawMessage, error) {
	f, err := k.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var whole int64
	if file, ok := f.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			whole = info.Size()
		}
	}
	server, err := k.conn()
	if err != nil {
		return nil, err
	}
	shown := k.progress(f, whole)
	defer shown.stop()
	what.body, what.header = &told{shown, func(err error) error { return unreadable(name, err) }}, expecting
	return server.document(ctx, what)
}

// expecting lets a refusal come before a file goes.
var expecting = map[string]string{"Expect": "100-continue"}

// stopped tells what had been done before an upload was refused.
func (k *call) stopped(err error) error {
	var r *refusal
	if !errors.As(err, &r) || len(r.Enrolled) == 0 || k.json {
		return err
	}
	if m, failed := decode(r.Enrolled); failed == nil && m.number("rows") > 0 {
		_ = k.rows(k.err, m)
	}
	return err
}

// enrolled tells what became of the rows. When not one of them could be taken, that is a refusal.
func (k *call) enrolled(raw json.RawMessage) error {
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	if err := k.answer(raw, func(k *call, _ json.RawMessage, m item) error { return k.rows(k.out, m) }); err != nil {
		return err
	}
	if m.number("refused") > 0 && m.number("refused") == m.number("rows") {
		return &terminal.Exit{Code: terminal.CodeFailed}
	}
	return nil
}

// foreseen tells what a file's columns are taken for, and which rows would be refused.
func (k *call) foreseen(_ json.RawMessage, m item) error {
	var b strings.Builder
	for _, c := range m.list("columns") {
		fmt.Fprintf(&b, "  %s: %s", terminal.Clean(c.text("column")), c.text("field"))
		if key := c.text("key"); key != "" {
			b.WriteString(" " + terminal.Clean(key))
		}
		b.WriteByte('\n')
	}
	k.failures(&b, "✗", m.list("refusals"))
	b.WriteString(k.words.Say("add.foreseen", "rows", m.number("rows"), "refused", m.number("refused")) + "\n")
	_, err := io.WriteString(k.out, b.String())
	return err
}

// failures lists rows, and what is wrong with each.
func (k *call) failures(b *strings.Builder, sign string, list []item) {
	for _, f := range list {
		where := k.words.Say("add.line", "n", f.number("line"))
		if c := f.text("column"); c != "" {
			where += ", " + terminal.Clean(c)
		}
		fmt.Fprintf(b, "  %s %s: %s [%s]\n", sign, where, terminal.Clean(f.text("text")), terminal.Clean(f.text("code")))
	}
}

func (k *call) rows(w io.Writer, m item) error {
	var b strings.Builder
	k.failures(&b, "✗", m.list("refusals"))
	if more := m.number("refused") - int64(len(m.list("refusals"))); more > 0 {
		fmt.Fprintf(&b, "  ✗ %s\n", k.words.Say("add.more", "n", more))
		by, _ := m.at("refused_by").(map[string]any)
		for _, code := range sorted(by) {
			fmt.Fprintf(&b, "    %s: %v\n", terminal.Clean(code), by[code])
		}
	}
	k.failures(&b, "!", m.list("warnings"))
	b.WriteString(k.words.Say("add.done", "rows", m.number("rows"), "added", m.number("added"), "duplicates", m.number("duplicates"), "refused", m.number("refused")) + "\n")
	if n := m.number("done_before"); n > 0 {
		b.WriteString(k.words.Say("add.before", "n", n) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sorted(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
