package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

func (a *app) lines() *cobra.Command {
	const noun, one = "line", "/lines/{0}"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/lines", filters: []string{"kind", "search"},
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "channel", path: "kind", show: enum("channel")},
				{name: "from", path: "from", cut: true},
				{name: "concurrent", path: "limits.concurrent", right: true},
				{name: "per_second", path: "limits.per_second", right: true},
				{name: "per_day", path: "limits.per_day", right: true},
				{name: "enabled", path: "enabled", show: check},
				{name: "running", path: "running", show: check},
				{name: "works", path: "checked.ok", show: checkKnown},
				{name: "tested", path: "checked.at", show: instant},
			},
		}),
		a.do(noun, doing{use: "get LINE", method: http.MethodGet, path: one}),
		a.do(noun, doing{use: "create", method: http.MethodPost, path: "/lines", file: true, creates: true}),
		a.do(noun, doing{use: "patch LINE", method: http.MethodPatch, path: one, file: true, revised: true}),
		a.do(noun, doing{use: "delete LINE", method: http.MethodDelete, path: one, confirm: true}),
		a.verb(noun, verb{use: "check LINE", run: checkLine}),
	)
}

// checkLine ends with 1 when the line does not work.
func checkLine(ctx context.Context, k *call) error {
	path, err := k.path("/lines/{0}/check")
	if err != nil {
		return err
	}
	raw, err := k.request(ctx, ask{method: http.MethodPost, path: path}, nil)
	if err != nil {
		return err
	}
	return k.verdict(raw, "check")
}

// verdict shows whether something is right and what is wrong with it; what is not right ends with 1.
func (k *call) verdict(raw json.RawMessage, words string) error {
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	ok, _ := m.at("ok").(bool)
	err = k.answer(raw, func(k *call, _ json.RawMessage, m item) error {
		head := k.words.Say(words + ".no")
		if ok {
			head = k.words.Say(words + ".yes")
		}
		return k.say(strings.TrimRight(head+"\n"+k.problems(m.list("problems")), "\n"))
	})
	if err == nil && !ok {
		return &terminal.Exit{Code: terminal.CodeFailed}
	}
	return err
}

func (a *app) agents() *cobra.Command {
	const noun, one = "agent", "/agents/{0}"
	return a.noun(noun, append([]*cobra.Command{
		a.list(noun, listing{
			use: "list", path: "/agents", filters: []string{"search"},
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "kind", path: "kind"},
				{name: "language", path: "language"},
				{name: "version", path: "version", right: true},
				{name: "updated", path: "updated_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "get AGENT", method: http.MethodGet, path: one}),
		a.do(noun, doing{use: "create", method: http.MethodPost, path: "/agents", file: true, creates: true, reshape: agentOf}),
		a.do(noun, doing{use: "replace AGENT", method: http.MethodPut, path: one, file: true, revised: true, reshape: agentOf}),
		a.do(noun, doing{use: "delete AGENT", method: http.MethodDelete, path: one, confirm: true}),
		a.verb(noun, verb{use: "rehearse [AGENT]", run: rehearse, flags: []flag{
			short("file", "f"), each("set"), each("answer"), each("var"), text("first-message"),
		}}),
	}, a.versions(noun, one)...)...)
}

// agentOf makes an agent of a file that is a script and nothing else; its name is then that of the file.
func agentOf(k *call, d *document) {
	if d.value["steps"] == nil || d.value["script"] != nil {
		return
	}
	script := map[string]any{"start": d.value["start"], "steps": d.value["steps"]}
	delete(d.value, "start")
	delete(d.value, "steps")
	d.value["script"], d.inside = script, "script."
	if d.value["name"] == nil {
		base := filepath.Base(k.text("file"))
		d.value["name"] = strings.TrimSuffix(base, filepath.Ext(base))
	}
}

// rehearse leads an agent that is there, or one in a file, through a call in text.
func rehearse(ctx context.Context, k *call) error {
	path, err := k.path("/agents/{0}/rehearse")
	if err != nil {
		return err
	}
	trial := map[string]any{}
	if l := k.each("answer"); len(l) > 0 {
		trial["answers"] = l
	}
	if s := k.text("first-message"); s != "" {
		trial["first_message"] = s
	}
	values, err := k.valuesOf("var")
	if err != nil {
		return err
	}
	if len(values) > 0 {
		trial["variables"] = values
	}
	var raw json.RawMessage
	switch draft := k.text("file") != ""; {
	case draft == (len(k.args) > 0):
		return fault.New(fault.Invalid, "arguments_wrong", fault.Params{"usage": k.cmd.UseLine() + " | -f FILE"})
	case draft:
		d, err := k.read(ctx)
		if err != nil {
			return err
		}
		agentOf(k, d)
		trial["agent"], d.value, d.within = d.value, trial, "agent."
		raw, err = k.send(ctx, ask{method: http.MethodPost, path: "/agents/rehearse"}, d)
		if err != nil {
			return err
		}
	default:
		if raw, err = k.request(ctx, ask{method: http.MethodPost, path: path}, trial); err != nil {
			return err
		}
	}
	return k.answer(raw, dialogue)
}

func dialogue(k *call, _ json.RawMessage, m item) error {
	var b strings.Builder
	for _, t := range m.list("dialogue") {
		at := clock(time.Duration(t.number("at_ms")) * time.Millisecond)
		fmt.Fprintf(&b, "%s  %-6s  %-8s  %s\n", at, k.words.Say("who."+t.text("who")), terminal.Clean(t.text("what")), terminal.Clean(t.text("text")))
	}
	collected, _ := m.at("collected").(map[string]any)
	for _, name := range sorted(collected) {
		fmt.Fprintf(&b, "%s = %s\n", terminal.Clean(name), terminal.Clean(plain(k, collected[name])))
	}
	for _, what := range []string{"goal", "opted_out", "ended"} {
		if is, _ := m.at(what).(bool); is {
			b.WriteString(k.words.Say("rehearsal."+what) + "\n")
		}
	}
	if step := m.text("step"); step != "" {
		b.WriteString(k.words.Say("rehearsal.waits", "step", terminal.Clean(step)) + "\n")
	}
	return k.say(strings.TrimRight(b.String(), "\n"))
}

func (a *app) contacts() *cobra.Command {
	const noun, one = "contact", "/contacts/{0}"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/contacts", filters: []string{"search"},
			columns: []column{
				{name: "id", path: "id"},
				{name: "external_id", path: "external_id", cut: true},
				{name: "name", path: "name", cut: true},
				{name: "phone", path: "phone"},
				{name: "email", path: "email", cut: true},
				{name: "tags", path: "tags", cut: true},
			},
		}),
		a.do(noun, doing{use: "get CONTACT", method: http.MethodGet, path: one}),
		a.do(noun, doing{use: "create", method: http.MethodPost, path: "/contacts", file: true, creates: true}),
		a.do(noun, doing{use: "patch CONTACT", method: http.MethodPatch, path: one, file: true, revised: true}),
		a.do(noun, doing{use: "delete CONTACT", method: http.MethodDelete, path: one, confirm: true}),
		a.do(noun, doing{
			use: "opt-out CONTACT", method: http.MethodPost, path: one + "/opt-out", confirm: true, show: suppressed,
			flags: optingOut(), body: func(k *call) (any, error) { return optOut(k), nil },
		}),
		a.timeline(noun, one), a.duplicates(noun, one), a.merge(noun, one), a.export(noun, one),
		a.do(noun, doing{
			use: "erase CONTACT", method: http.MethodPost, path: one + "/erase", confirm: true, flags: []flag{text("reason")},
			body: func(k *call) (any, error) { return k.given(map[string]string{"reason": "reason"}), nil },
		}),
	)
}

func optingOut() []flag { return []flag{text("channel"), text("reason"), text("origin")} }

func optOut(k *call) map[string]any {
	body := map[string]any{}
	for name, flag := range map[string]string{"channel": "channel", "reason": "reason", "source": "origin"} {
		if v := k.text(flag); v != "" {
			body[name] = v
		}
	}
	return body
}

// suppressed tells how many addresses were suppressed, and which are none.
func suppressed(k *call, _ json.RawMessage, m item) error {
	text := k.words.Say("suppress.done", "added", m.number("added"), "already", m.number("already"))
	for _, f := range m.list("rejected") {
		text += "\n  ✗ " + (&refusal{}).line(failure{f.text("code"), f.text("field"), f.text("text")})
	}
	return k.say(text)
}

func (a *app) suppressions() *cobra.Command {
	const noun, all = "suppression", "/suppressions"
	verbs := []*cobra.Command{
		a.list(noun, listing{
			use: "list", path: all, filters: []string{"channel", "address"},
			columns: []column{
				{name: "contact", path: "address"},
				{name: "channel", path: "channel", show: enum("channel")},
				{name: "why", path: "reason"},
				{name: "source", path: "source", cut: true},
				{name: "created", path: "created_at", show: instant},
				{name: "expires", path: "expires_at", show: instant},
			},
		}),
		a.verb(noun, verb{use: "add ADDRESS…", flags: append(optingOut(), text("expires")), run: func(ctx context.Context, k *call) error {
			body := optOut(k)
			body["addresses"] = k.args
			if v := k.text("expires"); v != "" {
				body["expires_at"] = v
			}
			raw, err := k.request(ctx, ask{method: http.MethodPost, path: all}, body)
			if err != nil {
				return err
			}
			return k.answer(raw, suppressed)
		}}),
		a.verb(noun, verb{use: "remove ADDRESS", flags: []flag{text("channel"), yes("yes")}, run: func(ctx context.Context, k *call) error {
			if err := k.confirm(ctx, k.words.Say("confirm.suppression.remove", "who", k.args[0])); err != nil {
				return err
			}
			body := map[string]any{"address": k.args[0]}
			if c := k.text("channel"); c != "" {
				body["channel"] = c
			}
			raw, err := k.request(ctx, ask{method: http.MethodPost, path: all + "/remove"}, body)
			if err != nil {
				return err
			}
			return k.answer(raw, detail)
		}}),
	}
	return a.noun(noun, append(verbs, a.registries()...)...)
}

func (a *app) keys() *cobra.Command {
	const noun = "key"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/keys", whole: true,
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "scopes", path: "scopes"},
				{name: "created", path: "created_at", show: instant},
				{name: "used", path: "last_used_at", show: instant},
				{name: "expires", path: "ends_at", show: instant},
				{name: "revoked", path: "revoked_at", show: instant},
				{name: "current", path: "current", show: check},
			},
		}),
		a.do(noun, doing{
			use: "create NAME", method: http.MethodPost, path: "/keys", flags: []flag{many("scope"), text("expires")}, show: newKey, free: true,
			body: func(k *call) (any, error) {
				scopes := k.list("scope")
				if len(scopes) == 0 {
					return nil, fault.New(fault.Invalid, "required", nil).At("--scope")
				}
				body := map[string]any{"name": k.args[0], "scopes": scopes}
				if v := k.text("expires"); v != "" {
					body["ends_at"] = v
				}
				return body, nil
			},
		}),
		a.do(noun, doing{use: "revoke KEY", method: http.MethodDelete, path: "/keys/{0}", confirm: true}),
		a.do(noun, doing{use: "whoami", method: http.MethodGet, path: "/whoami"}),
	)
}

// newKey shows the key itself alone on standard output, for pipes, and what is to be said about it beside.
func newKey(k *call, _ json.RawMessage, m item) error {
	_, _ = fmt.Fprintln(k.err, k.words.Say("key.made", "name", terminal.Clean(m.text("name")), "id", terminal.Clean(m.text("id"))))
	return k.say(terminal.Clean(m.text("token")))
}
