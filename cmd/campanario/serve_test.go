package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/plan"
	"campanario/cmd/campanario/internal/proctest"
	"campanario/cmd/campanario/internal/terminal"
)

// served is a server that answers.
type served struct {
	*proctest.Process
	url, key string
}

func serveIn(t *testing.T, ctx context.Context, dir string, flags ...string) served {
	t.Helper()
	p := proctest.Start(t, proctest.Command{Args: append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...), Dir: dir})
	url := p.Await(ctx, regexp.MustCompile(`^\s+Page\s+(\S+)/$`))[1]
	key := p.Await(ctx, regexp.MustCompile(`^\s+Key\s+(.+)$`))[1]
	p.Await(ctx, regexp.MustCompile(`Ctrl-C`))
	return served{p, url, key}
}

func (s served) api(key string) proctest.Server {
	return proctest.Server{URL: func() string { return s.url }, Key: func() string { return key }}
}

// page gets the page of how things are with a key; "" brings none.
func (s served) page(t *testing.T, ctx context.Context, key string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.SetBasicAuth("", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

type listed struct {
	Items []proctest.View `json:"items"`
}

// TestServeDemonstratesItselfOnce starts a server in an empty folder, as `make run` does, and again.
func TestServeDemonstratesItselfOnce(t *testing.T) {
	t.Parallel()
	ctx, dir := soon(t), t.TempDir()
	s := serveIn(t, ctx, dir, "--sandbox-speed", "60", "--sandbox-mute", "--drain", "2s", "--log-format", "json")
	key := s.key
	if !strings.HasPrefix(key, "cmp_") || strings.Contains(s.Err(), key) {
		t.Fatalf("key %q, and in the log: %v", key, strings.Contains(s.Err(), key))
	}
	for wrong, want := range map[string]int{"": 401, "cmp_wrong": 401, key: 200} {
		if code, _ := s.page(t, ctx, wrong); code != want {
			t.Errorf("the page with %q: %d, want %d", wrong, code, want)
		}
	}
	api := s.api(key)
	var list listed
	if err := api.Do(ctx, http.MethodGet, "/campaigns", nil, &list); err != nil || len(list.Items) != 2 {
		t.Fatalf("campaigns of the demonstration: %+v, %v", list, err)
	}
	people := int64(0)
	for _, c := range list.Items {
		people += c.Counts.Total
		if _, err := api.Until(ctx, c.ID, func(v proctest.View) bool {
			return v.State == campaign.Active && v.Counts.Attempts > 2 && v.Counts.Settled > 0
		}); err != nil {
			t.Error(err)
		}
	}
	if people < 200 {
		t.Errorf("the demonstration has %d people", people)
	}
	if _, body := s.page(t, ctx, key); !strings.Contains(body, "Confirmação de consultas") || !strings.Contains(body, `<rect class="completed"`) {
		t.Errorf("the page shows\n%s", body)
	}
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(ctx); code != 0 {
		t.Errorf("exit code %d\n%s", code, s.Err())
	}
	again := serveIn(t, ctx, dir, "--sandbox-speed", "60", "--sandbox-mute", "--drain", "2s")
	if strings.Contains(again.Out(), "cmp_") {
		t.Error("a key is shown again")
	}
	if err := again.api(key).Do(ctx, http.MethodGet, "/campaigns", nil, &list); err != nil || len(list.Items) != 2 {
		t.Errorf("after the second start: %d campaigns, %v", len(list.Items), err)
	}
	again.Signal(syscall.SIGINT)
	if code := again.Wait(ctx); code != 0 {
		t.Errorf("exit code %d\n%s", code, again.Err())
	}
}

// TestTheFirstOwnerComesInByALink, printed as long as there is none; who is locked out gets another one from the machine
// itself, while the server runs.
func TestTheFirstOwnerComesInByALink(t *testing.T) {
	t.Parallel()
	ctx, dir := soon(t), t.TempDir()
	link := regexp.MustCompile(`(?m)^\s+Sign in\s+(http\S+/access/cmo_\S+)$`)
	first := serveIn(t, ctx, dir, "--sandbox", "off")
	m := link.FindStringSubmatch(first.Out())
	if m == nil || strings.Contains(first.Err(), "cmo_") {
		t.Fatalf("no link in\n%s", first.Out())
	}
	come := func(at, password string) (int, string) {
		t.Helper()
		form := url.Values{"email": {"ana@example.com"}, "name": {"Ana"}, "password": {password}}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode, res.Header.Get("Set-Cookie")
	}
	if code, cookie := come(m[1], "girafa-roxa-dança-77"); code != http.StatusSeeOther || !strings.HasPrefix(cookie, "campanario=cms_") {
		t.Errorf("%d %q", code, cookie)
	}
	if code, _ := come(m[1], "girafa-roxa-dança-77"); code != http.StatusNotFound {
		t.Errorf("a second time: %d", code)
	}
	code, out, errs := proctest.Run(t, proctest.Command{Args: []string{"access", "link", "--base-url", first.url}, Dir: dir})
	if code != 0 || !strings.HasPrefix(out, first.url+"/access/cmo_") {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	if code, cookie := come(strings.TrimSpace(out), "Tucano & feijão 3x"); code != http.StatusSeeOther || cookie == "" {
		t.Errorf("locked out: %d %q", code, cookie)
	}
	first.Kill()
	if again := serveIn(t, ctx, dir, "--sandbox", "off"); link.MatchString(again.Out()) {
		t.Error("a link is printed though there is an owner")
	}
	if code, _, errs := proctest.Run(t, proctest.Command{Args: []string{"access", "link"}, Dir: t.TempDir()}); code == 0 || !strings.Contains(errs, "[secret_key_file_unusable]") {
		t.Errorf("without a key: %d %s", code, errs)
	}
}

// TestOneServerOnAFile: a second one is refused, and says who has the file.
func TestOneServerOnAFile(t *testing.T) {
	t.Parallel()
	ctx, dir := soon(t), t.TempDir()
	first := serveIn(t, ctx, dir, "--sandbox", "off")
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"migrate"}, {"rescue-key"}} {
		code, out, errs := proctest.Run(t, proctest.Command{Args: args, Dir: dir})
		if code != terminal.CodeUnavailable || !strings.Contains(errs, "[database_in_use]") || !strings.Contains(errs, fmt.Sprint(first.Pid())) || strings.Contains(out, "cmp_") {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, errs)
		}
	}
	if code, out, _ := proctest.Run(t, proctest.Command{Args: []string{"doctor", "--listen", strings.TrimPrefix(first.url, "http://")}, Dir: dir}); code != 0 || strings.Count(out, "warn") < 2 {
		t.Errorf("doctor beside a server: exit code %d\n%s", code, out)
	}
	// The kernel gives the file free when its process is killed.
	first.Kill()
	serveIn(t, ctx, dir, "--sandbox", "off")
}

// TestTheSecondSignalEndsAtOnce, however long what is open may go on.
func TestTheSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	s := serveIn(t, ctx, t.TempDir(), "--drain", "10m")
	var list listed
	if err := s.api(s.key).Do(ctx, http.MethodGet, "/campaigns", nil, &list); err != nil {
		t.Fatal(err)
	}
	calls := list.Items[0] // the newest
	if _, err := s.api(s.key).Until(ctx, calls.ID, func(v proctest.View) bool { return v.Counts.InFlight > 3 }); err != nil {
		t.Fatal(err)
	}
	s.Signal(syscall.SIGTERM)
	s.Await(ctx, regexp.MustCompile(`^Stopping`))
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(ctx); code != -1 {
		t.Errorf("exit code %d of what a signal should have ended", code)
	}
}

// TestAKeyForWhoHasLostTheirs makes one in the database, by which the API is used.
func TestAKeyForWhoHasLostTheirs(t *testing.T) {
	t.Parallel()
	ctx, dir := soon(t), t.TempDir()
	first := serveIn(t, ctx, dir, "--sandbox", "off")
	first.Signal(syscall.SIGTERM)
	first.Wait(ctx)
	code, out, _ := proctest.Run(t, proctest.Command{Args: []string{"rescue-key"}, Dir: dir})
	if code != 0 || !strings.HasPrefix(out, "cmp_") || strings.Contains(out, "\n") {
		t.Fatalf("exit code %d, %q", code, out)
	}
	s := serveIn(t, ctx, dir, "--sandbox", "off")
	if err := s.api(out).Do(ctx, http.MethodGet, "/keys", nil, nil); err != nil {
		t.Errorf("the key does not open: %v", err)
	}
}

// TestTheFirstKeyIsNotLost: what fails after it was made shows it all the same.
func TestTheFirstKeyIsNotLost(t *testing.T) {
	t.Parallel()
	ctx, dir := soon(t), t.TempDir()
	taken := serveIn(t, ctx, t.TempDir(), "--sandbox", "on", "--demo=false", "--sandbox-smtp", "127.0.0.1:0")
	var lines struct {
		Items []struct {
			Kind     string         `json:"kind"`
			Settings map[string]any `json:"settings"`
		} `json:"items"`
	}
	if err := taken.api(taken.key).Do(ctx, http.MethodGet, "/lines", nil, &lines); err != nil {
		t.Fatal(err)
	}
	port := ""
	for _, l := range lines.Items {
		if l.Kind == "email" {
			port = fmt.Sprint(l.Settings["port"])
		}
	}
	code, out, errs := proctest.Run(t, proctest.Command{Dir: dir, Args: []string{"serve", "--listen", "127.0.0.1:0", "--sandbox-smtp", "127.0.0.1:" + port}})
	key := regexp.MustCompile(`cmp_\w+`).FindString(out)
	if code != terminal.CodeUnavailable || key == "" || !strings.Contains(errs, "[sandbox_address_taken]") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	s := serveIn(t, ctx, dir, "--sandbox", "off")
	if err := s.api(key).Do(ctx, http.MethodGet, "/keys", nil, nil); err != nil {
		t.Errorf("the key does not open: %v", err)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, want := range []string{"Done: steps 0001", "Nothing to do"} {
		if code, out, errs := proctest.Run(t, proctest.Command{Args: []string{"migrate"}, Dir: dir}); code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("exit code %d\n%s%s", code, out, errs)
		}
	}
}

// TestDoctor finds what a machine lacks, and makes nothing.
func TestDoctor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		flags   []string
		env     []string
		code    int
		want    []string
	}{
		{name: "a new machine", want: []string{`(?m)^ok +folder +\S+/data will be made`, `(?m)^ok +database +SQLite`, `(?m)^ok +sip`, `(?m)^ok +http +127`, `(?m)^ok +speech`, `(?m)^(ok|warn) +clock`}},
		{name: "a file in place of the folder", code: 1, prepare: func(t *testing.T, dir string) { put(t, dir, "data", 0o600) }, want: []string{`(?m)^BAD +folder.*\[data_folder_unusable\]`}},
		{name: "a folder that others may read", prepare: func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, want: []string{`(?m)^warn +folder`}},
		{name: "a key that others may read", code: 1, prepare: func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, dir, "data/secret.key", 0o644)
		}, want: []string{`(?m)^BAD +secrets.*\[secret_key_file_open\]`}},
		{name: "a key that is none", code: 1, env: []string{"CAMPANARIO_SECRET_KEY=x"}, want: []string{`(?m)^BAD +secrets.*\[secret_key_invalid\]`}},
		{name: "no database", code: 1, flags: []string{"--database", "postgres://u:s3cret@127.0.0.1:1/x"}, want: []string{`(?m)^BAD +database.*\[database_unavailable\]`}},
		{name: "no database of ours", code: 1, prepare: func(t *testing.T, dir string) { put(t, dir, "x.db", 0o600) }, flags: []string{"--database", "x.db"}, want: []string{`(?m)^BAD +database`}},
		{name: "addresses of other machines", code: 1, flags: []string{"--sip", "192.0.2.1:5060", "--listen", "192.0.2.1:80"}, want: []string{
			`(?m)^BAD +sip.*\[sip_address_unusable\]`, `(?m)^BAD +http.*\[listen_address_unusable\]`,
		}},
		{name: "no speech", env: []string{"PATH=/nowhere"}, want: []string{`(?m)^warn +speech.*\[speech_unavailable\]`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			before := tree(t, dir)
			code, out, errs := proctest.Run(t, proctest.Command{
				Args: append([]string{"doctor", "--listen", "127.0.0.1:0"}, c.flags...), Dir: dir, Env: c.env,
			})
			if code != c.code || errs != "" || strings.Contains(out, "s3cret") {
				t.Errorf("exit code %d\n%s%s", code, out, errs)
			}
			for _, want := range c.want {
				if !regexp.MustCompile(want).MatchString(out) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if after := tree(t, dir); after != before {
				t.Errorf("files before: %s; after: %s", before, after)
			}
		})
	}
}

func put(t *testing.T, dir, name string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("this is neither a key nor a database, only some words to be read"), mode); err != nil {
		t.Fatal(err)
	}
}

// tree is every file below a folder but for locks, which stay empty.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if !strings.HasSuffix(path, ".lock") {
			all = append(all, strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func TestSchemaIsTheOneThatIsPublished(t *testing.T) {
	t.Parallel()
	_, out, _ := proctest.Run(t, proctest.Command{Args: []string{"schema"}})
	text, err := plan.Schema()
	if err != nil || out+"\n" != string(text) && out != strings.TrimSuffix(string(text), "\n") {
		t.Errorf("%d bytes printed of %d, %v", len(out), len(text), err)
	}
	published, err := os.ReadFile(filepath.Join("..", "..", "docs", "campaign.schema.json"))
	if err != nil || string(published) != string(text) {
		t.Errorf("docs/campaign.schema.json is not what `campanario schema` prints: %v", err)
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"version": "campanario ", "--version": "campanario version", "": "Exit codes:", "serve --help": "CAMPANARIO_SANDBOX_SPEED", "run --help": "--campaign-key",
		"sandbox --help": "--sandbox-mix", "campaign --help": "watch",
	} {
		code, out, errs := proctest.Run(t, proctest.Command{Args: strings.Fields(args)})
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q: exit code %d, no %q in\n%s%s", args, code, want, out, errs)
		}
	}
}

// TestSandboxAloneSaysWhereItIs and ends when it is told to.
func TestSandboxAloneSaysWhereItIs(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	p := proctest.Start(t, proctest.Command{Args: []string{"sandbox", "--sandbox-voice", "127.0.0.1:0", "--sandbox-smtp", "127.0.0.1:0"}})
	p.Await(ctx, regexp.MustCompile(`^calls +127\.0\.0\.1:\d+`))
	p.Await(ctx, regexp.MustCompile(`^e-mail +127\.0\.0\.1:\d+`))
	p.Signal(syscall.SIGTERM)
	if code := p.Wait(ctx); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
