package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/intake"
	"campanario/internal/fault"
)

func (a *app) imports() *cobra.Command {
	const noun, one = "import", "/imports/{0}"
	step := func(name string, confirm bool) *cobra.Command {
		flags := []flag{yes("wait")}
		if confirm {
			flags = append(flags, yes("yes"))
		}
		return a.verb(noun, verb{use: name + " IMPORT", flags: flags, run: func(ctx context.Context, k *call) error {
			return stepImport(ctx, k, name, confirm)
		}})
	}
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/imports",
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "state", path: "state", show: enum("import")},
				{name: "rows", path: "counts.rows", right: true},
				{name: "refused", path: "counts.refused", right: true},
				{name: "warnings", path: "counts.warnings", right: true},
				{name: "made", path: "counts.created", right: true},
				{name: "changed", path: "counts.updated", right: true},
				{name: "created", path: "created_at", show: instant},
			},
		}),
		a.verb(noun, verb{use: "template", flags: []flag{text("layout"), text("format"), text("words"), short("output", "o")}, run: template}),
		a.verb(noun, verb{use: "upload FILE", flags: append(deciding(), text("name")), run: uploadContacts}),
		a.do(noun, doing{use: "get IMPORT", method: http.MethodGet, path: one}),
		a.verb(noun, verb{use: "settings IMPORT", flags: append(deciding(), short("file", "f"), each("set"), number("revision", 0)), run: settle}),
		step("check", false), step("commit", false), step("cancel", false), step("undo", true),
		a.do(noun, doing{use: "delete IMPORT", method: http.MethodDelete, path: one, confirm: true}),
		a.list(noun, listing{
			use: "problems IMPORT", path: one + "/problems", filters: []string{"severity"},
			columns: []column{
				{name: "line", path: "line", right: true},
				{name: "severity", path: "severity", show: enum("severity")},
				{name: "field", path: "column", cut: true},
				{name: "reason", path: "text", cut: true},
			},
		}),
		a.verb(noun, verb{use: "refused IMPORT", flags: []flag{text("format"), text("words"), short("output", "o")}, run: refusedRows}),
	)
}

// template saves the file of a layout, for people to fill in.
func template(ctx context.Context, k *call) error {
	q := url.Values{}
	if l := k.text("layout"); l != "" {
		q.Set("layout", l)
	}
	return k.sheet(ctx, "/import-template", q)
}

// refusedRows saves the rows that were refused, to be mended and imported.
func refusedRows(ctx context.Context, k *call) error {
	path, err := k.path("/imports/{0}/refused")
	if err != nil {
		return err
	}
	return k.sheet(ctx, path, url.Values{})
}

// sheet downloads a table in the format that --format or the name of the file says, in the reader's language.
func (k *call) sheet(ctx context.Context, path string, q url.Values) error {
	format, words := k.text("format"), k.text("words")
	if format == "" && strings.EqualFold(filepath.Ext(k.text("output")), ".xlsx") {
		format = string(intake.XLSX)
	}
	if format != "" {
		q.Set("format", format)
	}
	if words == "" {
		words = string(k.lang)
	}
	q.Set("words", words)
	if _, _, seen := k.o.Terminal(k.out); seen && format == string(intake.XLSX) && k.text("output") == "" {
		return fault.New(fault.Invalid, "required", nil).At("--output") // nobody reads a workbook on a terminal
	}
	return k.download(ctx, ask{method: http.MethodGet, path: path, query: q, accept: "application/octet-stream"})
}

// uploadContacts streams a file of contacts to the server, decides what flags say, and tells what it looks like.
func uploadContacts(ctx context.Context, k *call) error {
	file, name := k.args[0], k.text("name")
	if name == "" {
		name = filepath.Base(file)
	}
	if name == "-" {
		name = k.words.Say("import.pasted")
	}
	raw, err := k.upload(ctx, file, ask{method: http.MethodPost, path: "/imports", query: url.Values{"name": {name}}, kind: "application/octet-stream"})
	if err != nil {
		return err
	}
	if k.decides() {
		m, err := decode(raw)
		if err != nil {
			return k.server.strange(http.StatusCreated)
		}
		k.args = []string{m.text("id")}
		if raw, err = k.decide(ctx, m); err != nil {
			_ = k.told(m) // it is there all the same
			return err
		}
	}
	return k.answer(raw, importShown)
}

// told says on standard error which import a refusal is about.
func (k *call) told(m item) error {
	_, err := fmt.Fprintln(k.err, k.words.Say("import.made", "id", terminal.Clean(m.text("id"))))
	return err
}

// importShown shows what a file looks like, how far it has come, and what can be done next.
func importShown(k *call, _ json.RawMessage, m item) error {
	if err := k.say(k.words.Say("import.head", "id", terminal.Clean(m.text("id")), "name", terminal.Clean(m.text("name")), "state", k.word("import", m.text("state")))); err != nil {
		return err
	}
	if f := m.item("found"); f != nil && m.number("counts.rows") == 0 {
		if err := k.found(f, m); err != nil {
			return err
		}
	}
	if m.number("counts.rows")+m.number("counts.refused") > 0 {
		if err := k.say(k.counted(m)); err != nil {
			return err
		}
	}
	if why := m.text("failure.text"); why != "" {
		if err := k.say("✗ " + terminal.Clean(why)); err != nil {
			return err
		}
	}
	return k.next(m)
}

// found tells what a file is and what each column is read as.
func (k *call) found(f, m item) error {
	text := k.words.Say("import.found", "format", terminal.Clean(f.text("format")), "layout", k.layout(m), "size", size(m.number("size")))
	if s := plain(k, f.at("sheets")); strings.Contains(s, ", ") {
		text = k.words.Say("import.sheets", "names", terminal.Clean(s)) + "\n" + text
	}
	if err := k.say(text); err != nil {
		return err
	}
	mapped := map[string]item{}
	for _, c := range m.list("settings.file.columns") {
		mapped[c.text("column")] = c
	}
	var rows []item
	for _, c := range f.list("columns") {
		if len(mapped) > 0 {
			now := mapped[c.text("column")]
			if now == nil {
				now = item{"field": string(intake.FieldIgnore)}
			}
			c["field"], c["key"] = now.text("field"), now.text("key")
		}
		if c["shown"] = k.word("field", c.text("field")); c.text("key") != "" {
			c["shown"] = c.text("shown") + " " + c.text("key")
		}
		rows = append(rows, c)
	}
	if layoutOf(m) != string(intake.LayoutMapped) || len(rows) == 0 {
		return nil
	}
	return k.table([]column{
		{name: "column", path: "column", cut: true},
		{name: "read_as", path: "shown"},
		{name: "samples", path: "samples", cut: true},
	}).print(rows)
}

// layout is the layout that an import is read by, in words.
func (k *call) layout(m item) string {
	switch layoutOf(m) {
	case string(intake.LayoutR):
		return k.words.Say("import.layout_r")
	case string(intake.LayoutA):
		return k.words.Say("import.layout_a")
	case string(intake.LayoutList):
		return k.words.Say("import.layout_list")
	default:
		return k.words.Say("import.layout_mapped")
	}
}

// layoutOf is the layout that an import is read by.
func layoutOf(m item) string {
	for _, path := range []string{"settings.file.layout", "found.layout"} {
		switch l := m.text(path); l {
		case string(intake.LayoutR), string(intake.LayoutA), string(intake.LayoutList), string(intake.LayoutMapped):
			return l
		}
	}
	return string(intake.LayoutMapped)
}

// counted is what has become of the rows so far.
func (k *call) counted(m item) string {
	n := func(name string) int64 { return m.number("counts." + name) }
	numbers := []any{"rows", n("rows"), "created", n("created"), "updated", n("updated"), "unchanged", n("unchanged"), "refused", n("refused")}
	text := k.words.Say("import.counts", numbers...)
	if s := m.text("state"); s == string(intake.StateChecking) || s == string(intake.StateChecked) {
		text = k.words.Say("import.would", numbers...)
	}
	for _, part := range []struct{ count, word string }{
		{"warnings", k.words.Say("import.warnings", "n", n("warnings"))},
		{"dropped", k.words.Say("import.dropped", "n", n("dropped"))},
		{"screened", k.words.Say("import.screened", "n", n("screened"))},
		{"undone", k.words.Say("import.undone", "n", n("undone"))},
		{"kept", k.words.Say("import.kept", "n", n("kept"))},
	} {
		if n(part.count) > 0 {
			text += " " + part.word
		}
	}
	return text
}

// next lists the commands by which people go on.
func (k *call) next(m item) error {
	id := terminal.Clean(m.text("id"))
	var b strings.Builder
	add := func(command, why string) { fmt.Fprintf(&b, "  campanario import %s %s  # %s\n", command, id, why) }
	refused := m.number("counts.refused") > 0
	if refused || m.number("counts.warnings") > 0 || m.text("state") == string(intake.StateFailed) {
		add("problems", k.words.Say("does.import.problems"))
	}
	if refused {
		add("refused -o refused.xlsx", k.words.Say("does.import.refused"))
	}
	can, _ := m.at("can").([]any)
	for _, step := range can {
		switch step {
		case string(intake.StepCheck):
			add("check --wait", k.words.Say("does.import.check"))
		case string(intake.StepCommit):
			add("commit --wait", k.words.Say("does.import.commit"))
		case string(intake.StepCancel):
			add("cancel", k.words.Say("does.import.cancel"))
		case string(intake.StepUndo):
			add("undo --wait", k.words.Say("does.import.undo"))
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return k.say(strings.TrimRight(b.String(), "\n"))
}

// stepImport asks for a step, and waits for its end when it is told to.
func stepImport(ctx context.Context, k *call, name string, confirm bool) error {
	path, err := k.path("/imports/{0}")
	if err != nil {
		return err
	}
	if confirm {
		if err := k.confirm(ctx, k.words.Say("confirm.import."+name, "who", k.args[0])); err != nil {
			return err
		}
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: path + "/" + name}, nil)
	if err == nil && k.flag("wait") {
		raw, err = k.rested(ctx, path, raw, awaited{
			works: func(m item) bool { return intake.State(m.text("state")).Works() }, line: k.imported, goesOn: k.words.Say("import.goes_on"), cancel: "import cancel",
		})
	}
	if err != nil {
		return err
	}
	if err := k.answer(raw, importShown); err != nil {
		return err
	}
	m, err := decode(raw)
	if s := intake.State(m.text("state")); err == nil && k.flag("wait") && (s == intake.StateFailed || s == intake.StateCancelled && name != "cancel") {
		return &terminal.Exit{Code: terminal.CodeFailed}
	}
	return err
}

// imported is an import under way, on one line.
func (k *call) imported(m item) string {
	done, of := m.number("counts.progress"), int64(1000)
	if m.text("state") == string(intake.StateUndoing) {
		done, of = m.number("counts.undone")+m.number("counts.kept"), max(1, m.number("counts.created")+m.number("counts.updated"))
	}
	return fmt.Sprintf("%s %3d%%  %s", bar(done, of, 30), min(100, 100*done/of), k.counted(m))
}
