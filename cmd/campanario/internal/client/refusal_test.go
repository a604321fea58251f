package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const secret = "cmp_aaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

// TestMistakes are found before anything is sent.
func TestMistakes(t *testing.T) {
	folder := t.TempDir()
	asked := false
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer web.Close()
	d := sit(t, web.URL, secret)
	d.steps([]step{
		{args: "campaign frobnicate", err: refused("command_unknown"), code: 2},
		{args: "campaign list extra", err: refused("arguments_wrong"), code: 2},
		{args: "campaign get", err: refused("arguments_wrong"), code: 2},
		{args: "campaign get a b", err: refused("arguments_wrong"), code: 2},
		{args: "campaign list --colour", err: refused("flag_wrong"), code: 2},
		{args: "campaign list --limit many", err: refused("flag_wrong"), code: 2},
		{args: "campaign get ../keys", err: refused("id_wrong"), code: 2},
		{args: "campaign|get|", err: refused("id_wrong"), code: 2},
		{args: "campaign get " + secret, err: refused("id_is_key"), code: 2},
		{args: "key revoke " + secret + " --yes", err: refused("id_is_key"), code: 2},
		{args: "campaign list -k" + secret, err: refused("flag_wrong"), code: 2},
		{args: "recipient retry c 0", err: refused("id_wrong"), code: 2},
		{args: "recipient retry c 1 x", err: refused("id_wrong"), code: 2},
		{args: "recipient retry c 12345678901", err: refused("id_wrong"), code: 2},
		{args: "recipient add c", err: refused("file_missing"), code: 2},
		{args: "recipient add c -f " + folder, err: refused("file_unreadable"), code: 2},
		{args: "recipient add c -f " + filepath.Join(folder, "none.csv"), err: refused("file_unreadable"), code: 2},
		{args: "recipient add c -f - --format pdf", err: "campanario: --format: ⟨*⟩ [not_one_of]\n", code: 2},
		{args: "campaign create", err: refused("document_missing"), code: 2},
		{args: "campaign create -f -", in: "", err: refused("yaml_empty"), code: 2},
		{args: "campaign create -f -", in: "- a\n- b\n", err: refused("yaml_wrong_type"), code: 2},
		{args: "campaign create -f -", in: "a: [1\n", err: refused("yaml_syntax"), code: 2},
		{args: "campaign create -f -", in: "a: &x 1\nb: *x\n", err: "⟨*⟩[yaml_reference]\n⟨*⟩[yaml_reference]\n", code: 2},
		{args: "campaign create -f -", in: strings.Repeat("# long\n", 1<<19), err: "campanario: -: ⟨*⟩ [too_long]\n", code: 2},
		{args: "campaign create --set name", err: refused("set_wrong"), code: 2},
		{args: "campaign create --set a..b=1", err: refused("set_wrong"), code: 2},
		{args: "campaign create --set a=1 --set a.b=1", err: refused("set_wrong"), code: 2},
		{args: "agent rehearse x --var =1", err: refused("set_wrong"), code: 2},
		{args: "campaign list --server ftp://x", err: refused("server_address_invalid"), code: 2},
		{args: "campaign list --server http://ana:s3cret@x", err: refused("server_address_invalid"), code: 2},
		{args: "campaign list --server http://x/?key=1", err: refused("server_address_invalid"), code: 2},
		{args: "campaign|list|--key|two words", err: refused("client_key_unusable"), code: 2},
	})
	d.env["CAMPANARIO_KEY"] = " \n"
	d.steps([]step{{args: "campaign list", err: refused("client_key_missing"), code: 2}})
	if asked {
		t.Error("the server was asked")
	}
}

// TestStrangeServers are told from refusals.
func TestStrangeServers(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	say := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Location", "http://"+closed.Addr().String()+"/")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		play http.HandlerFunc
		code int
		err  string
	}{
		"a page":                   {say(200, "text/html", "<html>"), 3, refused("server_strange")},
		"half a document":          {say(200, "application/json", `{"items": [`), 3, refused("server_strange")},
		"another document":         {say(200, "application/json", `{"items": 7}`), 3, refused("server_strange")},
		"other items":              {say(200, "application/json", `{"items": [7]}`), 3, refused("server_strange")},
		"a redirection":            {say(302, "text/html", ""), 3, refused("server_strange")},
		"a proxy's refusal":        {say(502, "text/html", "<h1>Bad gateway"), 3, refused("server_strange")},
		"a problem without a code": {say(400, "application/problem+json", `{}`), 3, refused("server_strange")},
		"breaks off":               {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 3, "campanario: ⟨*⟩ (EOF) [server_unreachable]\n"},
		"says nothing":             {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 3, "campanario: ⟨*⟩ (timeout) [server_unreachable]\n"},
		"cannot now":               {problem(503, "database_unavailable"), 3, "campanario: no [database_unavailable]\n  request: r-1\n"},
		"a defect":                 {problem(500, "internal"), 1, "campanario: no [internal]\n  request: r-1\n"},
		"repeats the key":          {say(422, "application/problem+json", `{"code": "odd", "detail": "not \u001b[2J`+secret+`"}`), 1, "campanario: not ·[2Jcmp_… [odd]\n"},
		"the same cursor for ever": {say(200, "application/json", `{"items": [], "next_cursor": "x"}`), 0, "Nothing to show.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			web := httptest.NewServer(c.play)
			defer web.Close()
			d := sit(t, web.URL, secret)
			d.o.Patience = 50 * time.Millisecond
			d.steps([]step{{args: "campaign list --all", err: c.err, code: c.code}})
		})
	}
	d := sit(t, "http://"+closed.Addr().String(), secret)
	d.steps([]step{
		{args: "campaign list", err: "campanario: ⟨*⟩ (connection refused) [server_unreachable]\n", code: 3},
		{args: "campaign watch c", err: refused("server_unreachable"), code: 3},
		{args: "campaign list --json", err: `{"code":"server_unreachable","detail":⟨*⟩,"errors":[⟨*⟩]}` + "\n", code: 3},
	})
}

// TestShortPages: a list goes on while it is told to, however little is on a page, and says so to who waits.
func TestShortPages(t *testing.T) {
	pages := map[string]string{
		"": `{"items": [], "next_cursor": "a"}`, "a": `{"items": [{"id": "1", "name": "Ana"}], "next_cursor": "b"}`,
		"b": `{"items": [], "next_cursor": "c"}`, "c": `{"items": [{"id": "2", "name": "Bia"}]}`,
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, pages[r.URL.Query().Get("cursor")])
	}))
	defer web.Close()
	d := sit(t, web.URL, "cmp_key")
	for _, args := range [][]string{{"--all"}, {"--limit", "2"}} {
		got := d.run(append([]string{"contact", "list", "--search", "a"}, args...)...)
		if got.code != 0 || got.err != "" || !strings.Contains(got.out, "Ana") || !strings.Contains(got.out, "Bia") {
			t.Errorf("%v: %d %q %q", args, got.code, got.out, got.err)
		}
	}
	d.width = 80
	const looking = "Still looking…\r\x1b[K"
	if got := d.run("contact", "list", "--search", "a", "--limit", "1"); got.err != looking+"1 shown; there are more: use --limit or --all.\n" || strings.Contains(got.out, "Bia") {
		t.Errorf("on a terminal: %q %q", got.out, got.err)
	}
}

// TestConfirmation: on a terminal somebody is asked, in their language.
func TestConfirmation(t *testing.T) {
	for _, c := range []struct {
		lang, in string
		done     bool
	}{
		{"en", "y\n", true},
		{"en", "YES\n", true},
		{"en", "\n", false},
		{"en", "s\n", false},
		{"en", "", false},
		{"pt-BR", "sim\n", true},
		{"es", "sí\n", true},
		{"es", "nada\n", false},
	} {
		var asked []string
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Method+" "+r.URL.Path)
			w.WriteHeader(http.StatusNoContent)
		}))
		d := sit(t, web.URL, secret)
		d.typed, d.width, d.stdin = true, 80, c.in
		got := d.run("campaign", "delete", "c-1", "--lang", c.lang)
		if c.done != (got.code == 0) || c.done != (len(asked) == 1) || !strings.Contains(got.err, "c-1") {
			t.Errorf("%s %q: %+v %v", c.lang, c.in, got, asked)
		}
		if !c.done && !strings.HasSuffix(got.err, "[confirmation_declined]\n") {
			t.Errorf("%s %q: %+v", c.lang, c.in, got)
		}
		web.Close()
	}
}

// TestUpload: a file goes through as a stream, and what became of it is told.
func TestUpload(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	var rows strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&rows, "nobody%d,x\n", i)
	}
	bad := filepath.Join(t.TempDir(), "bad.csv")
	if err := os.WriteFile(bad, []byte("contact,name\n"+rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	got := d.run("recipient", "add", "⟨campaign⟩", "-f", bad)
	if got.code != 1 || strings.Count(got.out, "\n") != 1003 || !strings.Contains(got.out, "and 500 more refused") || !strings.Contains(got.out, "mailbox_no_at: 1500\n") {
		t.Errorf("%d: %d lines, the last: %s %s", got.code, strings.Count(got.out, "\n"), got.out[max(0, len(got.out)-300):], got.err)
	}
	d.steps([]step{
		{args: "recipient add nowhere -f " + bad, err: refused("campaign_not_found"), code: 1},
		{args: "recipient add ⟨campaign⟩ -f - --format csv", in: "", err: refused("file_empty"), code: 1},
		{
			args: "recipient add ⟨campaign⟩ -f - --format ndjson", in: `{"contact": "d@example.com"}` + "\n{broken\n",
			out: "  ✗ line 2: ⟨*⟩\nRows read: 2. Added: 1. Duplicates: 0. Refused: 1.\n",
		},
		{args: "recipient add ⟨campaign⟩ -f - --json", in: "e@example.com\n", out: `{"rows":1,"added":1,⟨*⟩}` + "\n"},
	})
	d.width = 80
	painted := d.run("recipient", "add", "⟨campaign⟩", "-f", bad)
	if !strings.Contains(painted.err, "\r\x1b[K[##############################] 100%") || !strings.HasSuffix(painted.err, "\r\x1b[K") {
		t.Errorf("progress: %q", painted.err)
	}
}

// broken is a file that cannot be read on.
type broken struct{ text io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.text.Read(p)
	if err != nil {
		err = errors.New("the disk has died")
	}
	return n, err
}

func TestUploadOfAFileThatBreaksOff(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	var out, errs strings.Builder
	code := d.start(t.Context(), broken{strings.NewReader("contact\nz@example.com\n")}, &out, &errs, "recipient", "add", d.known["campaign"], "-f", "-")
	if code != 2 || !d.like(errs.String(), refused("file_unreadable")) {
		t.Errorf("%d %s%s", code, out.String(), errs.String())
	}
	if list := d.must("recipient", "list", "⟨campaign⟩"); strings.Contains(list, "z@") {
		t.Error("half a file was taken for a whole one")
	}
}

// TestStoppedUpload tells what had been done.
func TestStoppedUpload(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code": "database_unavailable", "detail": "away", "enrolled": {"rows": 700, "added": 500, "refused": 1,
			"refusals": [{"line": 3, "column": "fone", "code": "phone_letters", "text": "letters"}]}}`)
	}))
	defer web.Close()
	sit(t, web.URL, secret).steps([]step{{
		args: "recipient add c -f -", in: "x", code: 3,
		err: "  ✗ line 3, fone: letters [phone_letters]\nRows read: 700. Added: 500. Duplicates: 0. Refused: 1.\ncampanario: away [database_unavailable]\n",
	}})
}

// TestDownloadThatBreaksOff leaves no file, and the former one as it was.
func TestDownloadThatBreaksOff(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(w, "number,name\n1,Ana\n")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer web.Close()
	folder := t.TempDir()
	former := filepath.Join(folder, "former.csv")
	if err := os.WriteFile(former, []byte("former"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := sit(t, web.URL, secret)
	d.steps([]step{
		{args: "campaign report c -o " + filepath.Join(folder, "new.csv"), err: refused("server_unreachable"), code: 3},
		{args: "campaign report c -o " + former, err: refused("server_unreachable"), code: 3},
		{args: "campaign report c", out: "number,name\n1,Ana\n", err: refused("server_unreachable"), code: 3},
	})
	left, err := os.ReadDir(folder)
	text, _ := os.ReadFile(former)
	if err != nil || len(left) != 1 || string(text) != "former" {
		t.Errorf("%v %q %v", left, text, err)
	}
}

// waits is a standard input on which nothing comes.
type waits struct{ until chan struct{} }

func (w waits) Read([]byte) (int, error) {
	<-w.until
	return 0, io.EOF
}

// TestUploadIsRefusedBeforeItGoes: nobody sends a gigabyte to hear that the campaign is not there.
func TestUploadIsRefusedBeforeItGoes(t *testing.T) {
	d := open(t)
	in := waits{make(chan struct{})}
	defer close(in.until)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out, errs strings.Builder
	if code := d.start(ctx, in, &out, &errs, "recipient", "add", "nowhere", "-f", "-"); code != 1 || !d.like(errs.String(), refused("campaign_not_found")) {
		t.Errorf("%d %s", code, errs.String())
	}
}

// TestUploadInterrupted: somebody who typed a command with -f - by mistake gets out of it.
func TestUploadInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		_, _ = io.Copy(io.Discard, r.Body)
		close(gone)
	}))
	defer web.Close()
	in := waits{make(chan struct{})}
	defer close(in.until)
	var out, errs strings.Builder
	if code := sit(t, web.URL, secret).start(ctx, in, &out, &errs, "recipient", "add", "c", "-f", "-"); code != 130 || errs.String() != "" {
		t.Errorf("%d %s", code, errs.String())
	}
	<-gone
}

// TestTerminalIsSafe: what comes out of other people's files moves nobody's cursor, in no form.
func TestTerminalIsSafe(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"items": [{"id": "1", "name": "a\u001b[2Jb`+"\u009b2J"+`"}], "name": "a`+"\u009b2J"+`\u001b[2J", "text": "\u001b[2J", "rows": 1,
			"refusals": [{"line": 1, "text": "\u001b[2J"}], "dialogue": [{"who": "agent", "text": "\u001b[2J"}]}`)
	}))
	defer web.Close()
	d := sit(t, web.URL, secret)
	d.width, d.stdin = 80, "x"
	for _, args := range []string{
		"campaign list", "campaign list --json", "campaign get c", "campaign get c --json", "campaign diagnose c", "campaign preflight c", "campaign report c",
		"recipient add c -f -", "agent rehearse c", "agent get c",
	} {
		got := d.run(strings.Fields(args)...)
		if text := strings.NewReplacer("\r\x1b[K", "").Replace(got.out + got.err); strings.ContainsAny(text, "\x1b\u009b") || text == "" {
			t.Errorf("%s: %q", args, text)
		}
	}
}
