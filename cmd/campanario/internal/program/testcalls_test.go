package program_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"campanario/channel"
	"campanario/cmd/campanario/internal/program"
)

// asking sends requests with the program's first key, and holds their status.
func asking(t *testing.T, p *program.Program) func(status int, what, body string) map[string]any {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return func(status int, what, body string) map[string]any {
		t.Helper()
		method, path, _ := strings.Cut(what, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, p.URL()+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", "en")
		r.Header.Set("Authorization", "Bearer "+p.Token)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != status {
			t.Fatalf("%s: %d %s, %v", what, res.StatusCode, text, err)
		}
		var out map[string]any
		if len(bytes.TrimSpace(text)) > 0 {
			if err := json.Unmarshal(text, &out); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
}

// TestAgentsCallTheSandbox, and nobody else: by the line that leads there, with what comes of it.
func TestAgentsCallTheSandbox(t *testing.T) {
	p := start(t, options(t))
	ask := asking(t, p)
	lines := ask(200, "GET /lines?kind=voice", "")["items"].([]any)
	if line := lines[0].(map[string]any); line["sandbox"] != true {
		t.Fatalf("the sandbox's line does not lead to it: %v", line)
	}
	// Another trunk is none of the sandbox's, and so is one that calls could leave the sandbox by.
	other := ask(201, "POST /lines", `{"kind": "voice", "name": "Tronco", "from": "(11) 4000-1234", "settings": {"gateways": [{"host": "127.0.0.1", "port": 1}]}}`)
	if other["sandbox"] != false {
		t.Errorf("%v", other)
	}
	agent := ask(201, "POST /agents", `{"name": "Voz", "script": {"start": "oi", "steps": {"oi": {"say": "Bom dia, {{name}}.", "next": "end"}}}}`)["id"].(string)
	calls := "/agents/" + agent + "/test-calls"
	wait := func(number string) map[string]any {
		t.Helper()
		call := ask(202, "POST "+calls, `{"number": "`+number+`"}`)
		for call["ended"] == nil {
			if t.Context().Err() != nil {
				t.Fatal("the call does not end")
			}
			call = ask(200, "GET "+calls+"/"+call["id"].(string), "")
		}
		return call["ended"].(map[string]any)
	}
	if end := wait("+5511900004000"); end["outcome"] != "busy" || end["provider_code"] != "486" || end["text"] != "Busy" {
		t.Errorf("%v", end)
	}
	end := wait("+5511900001000")
	if said, err := json.Marshal(end["dialogue"]); err != nil || end["provider_code"] != "200" || !strings.Contains(string(said), "Bom dia, [name].") {
		t.Errorf("%v, %v", end, err)
	}
	for _, number := range []string{"+5511987654321", "+551190000", "", "x"} {
		if r := ask(422, "POST "+calls, `{"number": "`+number+`"}`); r["code"] != "sandbox_number_unknown" {
			t.Errorf("%q: %v", number, r)
		}
	}
	ask(404, "GET "+calls+"/nobody", "")

	id := lines[0].(map[string]any)["id"].(string)
	ask(200, "PATCH /lines/"+id, `{"settings": {"outbound_proxy": "sip:127.0.0.1:1"}}`)
	if r := ask(409, "POST "+calls, `{"number": "+5511900004000"}`); r["code"] != "sandbox_line_missing" {
		t.Errorf("by a proxy: %v", r)
	}
	if l := ask(200, "GET /lines/"+id, ""); l["sandbox"] != false {
		t.Errorf("by a proxy: %v", l)
	}
}

// TestTheSandboxTellsWhatItDoes: all that a page needs to show it, in the reader's language.
func TestTheSandboxTellsWhatItDoes(t *testing.T) {
	p := start(t, options(t))
	box := asking(t, p)(200, "GET /sandbox", "")
	numbers, mailboxes := box["numbers"].([]any), box["mailboxes"].([]any)
	if box["running"] != true || box["speed"] != 100.0 || len(numbers) < 30 || len(mailboxes) < 10 || len(box["calls"].([]any)) == 0 || len(box["mail"].([]any)) == 0 {
		t.Fatalf("%v", box)
	}
	for _, n := range numbers {
		n := n.(map[string]any)
		if n["text"] == "" || strings.Contains(n["text"].(string), "_") || !strings.HasPrefix(n["example"].(string), "+551190000") || strings.Contains(n["example"].(string), "X") {
			t.Errorf("%v", n)
		}
	}
	if key := numbers[1].(map[string]any); key["text"] != "a person who presses 1" {
		t.Errorf("%v", key)
	}
	none := options(t)
	none.Sandbox.Mode = program.Off
	q := start(t, none)
	if box := asking(t, q)(200, "GET /sandbox", ""); box["running"] != false || len(box["numbers"].([]any)) != 0 {
		t.Errorf("without a sandbox: %v", box)
	}
	if lines, err := q.Lines.List(t.Context(), q.Workspace, channel.LineQuery{Limit: 1}); err != nil || len(lines) != 0 {
		t.Errorf("%v, %v", lines, err)
	}
}
