package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"campanario/access"
	"campanario/agent"
	"campanario/api"
	"campanario/audience"
	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/client"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/intake"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/internal/seal"
	"campanario/person"
	"campanario/report"
	"campanario/rules"
	"campanario/store"
)

// noon is a Monday.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// desk is a person before the command line of a real server.
type desk struct {
	t     *testing.T
	url   string
	key   string
	env   map[string]string
	stdin string
	typed bool // standard input is a terminal
	width int  // of the terminal that output goes to; 0 for none
	rows  int  // its height
	o     client.Options
	known map[string]string // what stands for ids in arguments and expectations: ⟨name⟩
	store *store.Store      // behind the server
}

// trunk is an adapter that knows settings and nothing else.
type trunk struct{ channel.Adapter }

func (trunk) Secrets() []string                { return []string{"password"} }
func (trunk) Validate(_ json.RawMessage) error { return nil }
func (trunk) Check(_ context.Context, l channel.Line) error {
	if l.Name == "Boa" {
		return nil
	}
	return fault.New(fault.Unavailable, "line_unreachable", fault.Params{"host": "example"})
}

func open(t *testing.T) *desk {
	t.Helper()
	sealer, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return noon }
	s := dbtest.Open(t, "sqlite", store.Options{Secrets: sealer, Clock: noon.UnixMilli})
	a := access.NewService(access.Options{Store: s, Now: now})
	users, err := access.NewUsers(access.UsersOptions{Store: s, Secrets: sealer, Now: now, HashMemory: 64})
	if err != nil {
		t.Fatal(err)
	}
	country := func(context.Context, string) (string, error) { return "BR", nil }
	agents := agent.NewAgents(agent.AgentsOptions{Store: s, Now: now})
	suppressions := audience.NewSuppressions(s, country, now)
	registries := audience.NewRegistries(audience.RegistriesOptions{
		Store: s, Folder: t.TempDir(), Country: country, Now: now,
		Shelf: registry.NewShelf(registry.ShelfOptions{Folder: t.TempDir(), Source: s}),
	})
	campaigns := campaign.NewService(campaign.Options{Store: s, Catalogue: s, Now: now})
	contacts := audience.NewContacts(audience.ContactsOptions{Store: s, Suppressions: suppressions, Country: country, Now: now})
	invitations, err := audience.NewInvitations("https://example.com", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	packs, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	server, err := api.New(api.Options{
		Access:       a,
		Users:        users,
		Answers:      s,
		Audit:        s,
		Office:       person.NewOffice(s, now),
		Timeline:     person.NewTimeline(s, registries),
		Agents:       agents,
		Templates:    agent.NewTemplates(s, now),
		Suppressions: suppressions,
		Registries:   registries,
		Report:       s,
		Board:        s,
		Now:          now,
		LiveEvery:    5 * time.Millisecond,
		BaseURL:      "http://console.example",
		Reports:      report.NewFiles(report.FilesOptions{Store: s, Now: now}),
		Contacts:     contacts,
		Rules:        rules.New(rules.Options{Store: s, Packs: packs, Now: now}),
		Consents: audience.NewConsents(audience.ConsentsOptions{
			Store: s, Contacts: contacts, Links: invitations, Now: now, Line: func(ctx context.Context, workspace, id string) error {
				_, err := s.Line(ctx, workspace, id)
				return err
			},
		}),
		Imports:   intake.NewSessions(intake.SessionsOptions{Store: s, Country: country, Now: now}),
		Lists:     audience.NewLists(audience.ListsOptions{Store: s, Zone: a.Zone, Now: now}),
		Campaigns: campaigns,
		Filler:    intake.NewFiller(s, registries, campaigns),
		Lines: channel.NewLines(channel.LinesOptions{
			Store: s, Now: now, Adapters: map[channel.Kind]channel.Adapter{channel.Voice: trunk{}, channel.Email: trunk{}},
			Address: func(_ context.Context, _ string, k channel.Kind, raw string) (channel.Address, error) {
				return audience.Origin(k, raw, "BR")
			},
			Agent: func(ctx context.Context, workspace, id string) error {
				_, err := agents.Get(ctx, workspace, id)
				return err
			},
			Zone: func(context.Context, string) (string, error) { return "America/Sao_Paulo", nil },
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		server.Close()
		web.Close()
	})
	_, key, err := a.CreateWorkspace(t.Context(), "Um")
	if err != nil {
		t.Fatal(err)
	}
	d := sit(t, web.URL, key)
	d.store = s
	return d
}

// sit is a desk before any server.
func sit(t *testing.T, url, key string) *desk {
	return &desk{
		t: t, url: url, key: key, rows: 24, known: map[string]string{"key": key},
		env: map[string]string{"CAMPANARIO_URL": url, "CAMPANARIO_KEY": key, "LANG": "en_US.UTF-8"},
		o:   client.Options{Zone: time.UTC, Now: func() time.Time { return noon }},
	}
}

// said is what a command did.
type said struct {
	out, err string
	code     int
}

// run runs a command; ⟨name⟩ in its arguments is what is known by that name.
func (d *desk) run(args ...string) said { d.t.Helper(); return d.runIn(d.t.Context(), args...) }

func (d *desk) runIn(ctx context.Context, args ...string) said {
	d.t.Helper()
	var out, errs bytes.Buffer
	in := strings.NewReader(d.stdin)
	code := d.start(ctx, in, &out, &errs, args...)
	return said{out.String(), errs.String(), code}
}

func (d *desk) start(ctx context.Context, in any, out, errs interface{ Write([]byte) (int, error) }, args ...string) int {
	d.t.Helper()
	o := d.o
	o.Getenv = func(name string) string { return d.env[name] }
	o.Terminal = func(stream any) (int, int, bool) {
		if stream == in {
			return 80, d.rows, d.typed
		}
		return d.width, d.rows, d.width > 0
	}
	root := &cobra.Command{Use: "campanario"}
	root.AddCommand(client.Commands(o)...)
	root.SetIn(in.(interface{ Read([]byte) (int, error) }))
	root.SetOut(out)
	root.SetErr(errs)
	for i, a := range args {
		for name, id := range d.known {
			args[i] = strings.ReplaceAll(args[i], "⟨"+name+"⟩", id)
		}
		_ = a
	}
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit *terminal.Exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	default:
		d.t.Errorf("%q: an error that is no Exit: %v", args, err)
		return -1
	}
}

// must runs a command that succeeds, and gives its output.
func (d *desk) must(args ...string) string {
	d.t.Helper()
	s := d.run(args...)
	if s.code != 0 {
		d.t.Fatalf("%q: %d\n%s%s", args, s.code, s.out, s.err)
	}
	return s.out
}

// member gives a member of a JSON output.
func (d *desk) member(out, name string) string {
	d.t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		d.t.Fatalf("%v in %s", err, out)
	}
	s, _ := m[name].(string)
	return s
}

var (
	slot   = regexp.MustCompile(`⟨([^⟩]*)⟩`)
	spaces = regexp.MustCompile(`(?m)  +| +$`)
)

// like reports whether a text is as expected. In the expectation ⟨*⟩ is anything on a line, ⟨state.paused⟩ the words that
// package locale has, ⟨name⟩ what is known by that name. Several spaces are as good as two: words have lengths.
func (d *desk) like(got, want string) bool {
	var b strings.Builder
	at := 0
	squeeze := func(s string) string {
		return strings.ReplaceAll(spaces.ReplaceAllString(s, "  "), "  \n", "\n")
	}
	want = squeeze(want)
	for _, m := range slot.FindAllStringSubmatchIndex(want, -1) {
		b.WriteString(regexp.QuoteMeta(want[at:m[0]]))
		name := want[m[2]:m[3]]
		switch id, ok := d.known[name]; {
		case ok:
			b.WriteString(regexp.QuoteMeta(id))
		case name == "*":
			b.WriteString(`[^\n]*`)
		default:
			b.WriteString(regexp.QuoteMeta(locale.Text(locale.English, name, nil)))
		}
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(want[at:]))
	return regexp.MustCompile(`^` + b.String() + `$`).MatchString(squeeze(got))
}

// step is a command with what it says.
type step struct {
	args string // split at spaces, or at | when there is one
	in   string
	out  string
	err  string
	code int
	keep string // remember the id in the output by this name
}

func (d *desk) steps(steps []step) {
	d.t.Helper()
	for _, s := range steps {
		args := strings.Fields(s.args)
		if strings.Contains(s.args, "|") {
			args = strings.Split(s.args, "|")
		}
		d.stdin = s.in
		got := d.run(args...)
		if s.keep != "" && got.code == 0 {
			d.known[s.keep] = d.member(got.out, "id")
			got.out = ""
		}
		if got.code != s.code {
			d.t.Fatalf("%s: exit code %d, want %d\n%s%s", s.args, got.code, s.code, got.out, got.err)
		}
		if !d.like(got.out, s.out) {
			d.t.Errorf("%s: said\n%s\nwant\n%s", s.args, got.out, s.out)
		}
		if !d.like(got.err, s.err) {
			d.t.Errorf("%s: standard error\n%s\nwant\n%s", s.args, got.err, s.err)
		}
		if strings.Contains(got.out+got.err, d.key) {
			d.t.Errorf("%s: the key is in what was said", s.args)
		}
	}
}
