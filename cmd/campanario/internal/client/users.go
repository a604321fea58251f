package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

// users are the people of the workspace: a key with the scope "own" says who they are.
func (a *app) users() *cobra.Command {
	const noun, one = "user", "/users/{0}"
	return a.noun(noun,
		a.list(noun, listing{
			use: "list", path: "/users", whole: true,
			columns: []column{
				{name: "id", path: "id"},
				{name: "name", path: "name", cut: true},
				{name: "email", path: "email", cut: true},
				{name: "role", path: "role", show: enum("role")},
				{name: "second_factor", path: "second_factor", show: check},
				{name: "used", path: "seen_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "invite EMAIL", method: http.MethodPost, path: "/invitations", flags: []flag{text("role")}, free: true, show: newInvitation, body: func(k *call) (any, error) {
			if k.text("role") == "" {
				return nil, fault.New(fault.Invalid, "required", nil).At("--role")
			}
			return map[string]any{"email": k.args[0], "role": k.text("role")}, nil
		}}),
		a.list(noun, listing{
			use: "invitations", path: "/invitations", whole: true,
			columns: []column{
				{name: "id", path: "id"},
				{name: "email", path: "email", cut: true},
				{name: "role", path: "role", show: enum("role")},
				{name: "created", path: "created_at", show: instant},
				{name: "expires", path: "ends_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "uninvite INVITATION", method: http.MethodDelete, path: "/invitations/{0}"}),
		a.do(noun, doing{use: "role USER ROLE", method: http.MethodPatch, path: one, free: true, body: func(k *call) (any, error) {
			return map[string]any{"role": k.args[1]}, nil
		}}),
		a.do(noun, doing{use: "remove USER", method: http.MethodDelete, path: one, confirm: true}),
		a.list(noun, listing{
			use: "sessions USER", path: one + "/sessions", whole: true,
			columns: []column{
				{name: "id", path: "id"},
				{name: "from", path: "from"},
				{name: "browser", path: "browser", cut: true},
				{name: "created", path: "created_at", show: instant},
				{name: "used", path: "seen_at", show: instant},
			},
		}),
		a.do(noun, doing{use: "sign-out USER", method: http.MethodDelete, path: one + "/sessions", confirm: true}),
		a.do(noun, doing{use: "reset USER", method: http.MethodPost, path: one + "/reset", show: oneLink}),
		a.do(noun, doing{use: "drop-second-factor USER", method: http.MethodDelete, path: one + "/second-factor", confirm: true}),
		a.do(noun, doing{use: "security", method: http.MethodGet, path: "/security"}),
		a.do(noun, doing{
			use: "secure", method: http.MethodPatch, path: "/security", flags: []flag{text("second-factor"), text("mail-line")}, body: securityEdit,
		}),
	)
}

func securityEdit(k *call) (any, error) {
	body := map[string]any{}
	if v := k.text("second-factor"); v != "" {
		on, err := strconv.ParseBool(v)
		if err != nil {
			return nil, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": fit(terminal.Clean(v), 40), "allowed": "true, false"}).At("--second-factor")
		}
		body["second_factor"] = on
	}
	switch v := k.text("mail-line"); v {
	case "":
	case "none":
		body["mail_line"] = nil
	default:
		body["mail_line"] = v
	}
	return body, nil
}

// newInvitation shows the link alone on standard output, where it is to be handed over.
func newInvitation(k *call, _ json.RawMessage, m item) error {
	if m.text("link") == "" {
		return k.say(k.words.Say("invitation.sent", "email", terminal.Clean(m.text("email"))))
	}
	_, _ = fmt.Fprintln(k.err, k.words.Say("invitation.made", "email", terminal.Clean(m.text("email"))))
	return k.say(terminal.Clean(m.text("link")))
}

func oneLink(k *call, _ json.RawMessage, m item) error {
	_, _ = fmt.Fprintln(k.err, k.words.Say("link.once"))
	return k.say(terminal.Clean(m.text("link")))
}
