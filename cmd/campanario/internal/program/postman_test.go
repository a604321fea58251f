package program_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/channel"
	"campanario/cmd/campanario/internal/program"
	"campanario/sandbox/mailbox"
)

// TestLettersGoByTheWorkspacesLine sends an invitation and a link for a new password, which work; nobody else is written to.
func TestLettersGoByTheWorkspacesLine(t *testing.T) {
	p := start(t, options(t))
	ctx := t.Context()
	lines, err := p.Lines.List(ctx, p.Workspace, channel.LineQuery{Search: program.SandboxEmail, Limit: 1})
	if err != nil || len(lines) != 1 {
		t.Fatalf("%+v, %v", lines, err)
	}
	ask := func(status int, key, method, path, body string) map[string]any {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, method, p.URL()+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", "es")
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != status {
			t.Fatalf("%s %s: %d %s, %v", method, path, res.StatusCode, text, err)
		}
		var out map[string]any
		if len(bytes.TrimSpace(text)) > 0 {
			if err := json.Unmarshal(text, &out); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	invite := `{"email": "ok.bia@example.com", "role": "operator"}`
	if got := ask(201, p.Token, "POST", "/invitations", invite); got["sent"] != false || got["link"] == nil {
		t.Errorf("without a line: %v", got)
	}
	ask(200, p.Token, "PATCH", "/security", `{"mail_line": "`+lines[0].ID+`"}`)
	if got := ask(201, p.Token, "POST", "/invitations", invite); got["sent"] != true || got["link"] != nil {
		t.Errorf("with a line: %v", got)
	}
	token := func(subject, role string) string {
		t.Helper()
		m := letter(t, p, subject)
		link := regexp.MustCompile(regexp.QuoteMeta(p.URL()+"/access/") + `(cml_[0-9a-z_]+)`).FindStringSubmatch(m.Text)
		if link == nil || !strings.Contains(m.Text, role) || m.To != "ok.bia@example.com" || m.From != string(lines[0].From) {
			t.Fatalf("%+v", m)
		}
		return link[1]
	}
	const password = "girafa-roxa-dança-77"
	ask(201, "", "POST", "/links/join", `{"token": "`+token("Convite para Campanário", "como operador")+`", "name": "Bia", "password": "`+password+`"}`)
	for _, email := range []string{"ok.nobody@example.com", "x", "ok.bia@example.com"} { // in order: the last one ends the waiting
		if got := ask(202, "", "POST", "/session/forgotten", `{"email": "`+email+`"}`); len(got) != 0 {
			t.Errorf("%s is told %v", email, got)
		}
	}
	ask(204, "", "POST", "/links/reset", `{"token": "`+token("Nueva contraseña", "enlace")+`", "password": "Tucano & feijão 3x"}`)
	if got := ask(200, p.Token, "GET", "/sandbox/messages", ""); len(got["items"].([]any)) != 0 {
		t.Errorf("others can read the links: %v", got)
	}
	if all := p.Mail().Messages(mailbox.Filter{}); len(all) != 2 {
		t.Errorf("%d messages", len(all))
	}
	// Who may not give access may not lead the letters elsewhere.
	_, manager, err := p.Access.CreateKey(ctx, access.Principal{Workspace: p.Workspace, Scopes: access.AllScopes()}, "m", access.Scopes{access.Manage}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	ask(403, manager, "PATCH", "/lines/"+lines[0].ID, `{"name": "Minha"}`)
	ask(403, manager, "DELETE", "/lines/"+lines[0].ID, "")
	ask(200, p.Token, "PATCH", "/lines/"+lines[0].ID, `{"name": "Nossa"}`)
}

// letter waits for a message.
func letter(t *testing.T, p *program.Program, subject string) mailbox.Message {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for {
		if found := p.Mail().Messages(mailbox.Filter{Contains: subject}); len(found) > 0 {
			return found[0]
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("no letter %q", subject)
		}
	}
}
