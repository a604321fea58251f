package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/api"
	"campanario/audience"
	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/intake"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/person"
	"campanario/report"
	"campanario/rules"
	"campanario/store"
)

// noon is a Monday.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// desk is the whole API over a store, with two workspaces and a client.
type desk struct {
	t     testing.TB
	ctx   context.Context
	store *store.Store
	api   *api.Server
	http  *httptest.Server
	log   *bytes.Buffer // read it when nothing is asked

	sealer *seal.Sealer
	users  *access.Users

	workspace, other string // ids
	key, otherKey    string // that may do everything in them
	clock            atomic.Int64
	token            int64

	once   sync.Once
	listed []operation
}

func (d *desk) now() time.Time         { return time.UnixMilli(d.clock.Load()).UTC() }
func (d *desk) later(by time.Duration) { d.clock.Add(by.Milliseconds()) }

// trunk is an adapter that knows settings and nothing else.
type trunk struct{ channel.Adapter }

func (trunk) Secrets() []string { return []string{"password"} }

func (trunk) Validate(settings json.RawMessage) error {
	var s map[string]any
	if err := json.Unmarshal(settings, &s); err != nil {
		return fault.New(fault.Invalid, "json_invalid", nil)
	}
	if s["host"] == nil {
		return fault.New(fault.Invalid, "required", nil).At("host")
	}
	return nil
}

func (trunk) Check(context.Context, channel.Line) error {
	return fault.New(fault.Unavailable, "line_unreachable", fault.Params{"host": "example"})
}

// toybox is a sandbox that does nothing, and has received what a test says.
type toybox struct {
	mail   []api.FarMessage
	called api.TestCall // that it knows of
}

func (toybox) Leads(l channel.Line) bool { return strings.Contains(string(l.Settings), "toy") }

func (toybox) World() api.World {
	return api.World{Speed: 2, Numbers: []api.FarNumber{{Number: "+5511900001XX", Behaviour: "person", Key: "1", Answer: "200"}}}
}

func (b toybox) Mail(f api.MailFilter) []api.FarMessage {
	var out []api.FarMessage
	for _, m := range b.mail {
		if (f.No == 0 || f.No == m.No) && (f.Before == 0 || m.No < f.Before) && (f.To == "" || f.To == m.To) {
			out = append(out, m)
		}
	}
	return out
}

func (toybox) Call(_ context.Context, l channel.Line, _ agent.Agent, t api.TestCall) (api.TestCall, error) {
	t.ID, t.Stage, t.StartedAt = "call-by-"+l.ID, channel.StagePlaced, noon
	return t, nil
}

func (b toybox) Called(workspace, id string) (api.TestCall, error) {
	if b.called.ID == id && id != "" {
		return b.called, nil
	}
	return api.TestCall{}, fault.New(fault.NotFound, "test_call_not_found", nil)
}

// each runs a test on both databases.
func each(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) { f(t, open(t, name, nil)) })
	}
}

// lone runs a test for which it does not matter where things are kept.
func lone(t testing.TB, change func(*api.Options)) *desk {
	t.Helper()
	return open(t, "sqlite", change)
}

func open(t testing.TB, database string, change func(*api.Options)) *desk {
	t.Helper()
	sealer, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, ctx: t.Context(), log: &bytes.Buffer{}, sealer: sealer}
	d.clock.Store(noon.UnixMilli())
	d.store = dbtest.Open(t, database, store.Options{Secrets: sealer, Veil: veil(t), Clock: func() int64 { return d.clock.Load() }})
	o := d.options()
	if change != nil {
		change(&o)
	}
	d.users = o.Users
	if d.api, err = api.New(o); err != nil {
		t.Fatal(err)
	}
	d.http = httptest.NewServer(d.api)
	t.Cleanup(func() {
		d.api.Close()
		d.http.Close()
	})
	d.workspace, d.key = d.newWorkspace(o.Access, "Um")
	d.other, d.otherKey = d.newWorkspace(o.Access, "Outro")
	return d
}

func (d *desk) newWorkspace(a *access.Service, name string) (id, key string) {
	d.t.Helper()
	w, key, err := a.CreateWorkspace(d.ctx, name)
	d.must(err)
	return w.ID, key
}

// options are services over the store, as the program makes them.
func (d *desk) options() api.Options {
	s := d.store
	a := access.NewService(access.Options{Store: s, Now: d.now})
	users, err := access.NewUsers(access.UsersOptions{Store: s, Secrets: d.sealer, Now: d.now, HashMemory: 64})
	if err != nil {
		d.t.Fatal(err)
	}
	country := func(ctx context.Context, workspace string) (string, error) {
		w, err := a.Workspace(ctx, workspace)
		return w.Settings.Country, err
	}
	agents := agent.NewAgents(agent.AgentsOptions{Store: s, Now: d.now})
	suppressions := audience.NewSuppressions(s, country, d.now)
	registries := audience.NewRegistries(audience.RegistriesOptions{
		Store: s, Folder: d.t.TempDir(), Country: country, Now: d.now,
		Shelf: registry.NewShelf(registry.ShelfOptions{Folder: d.t.TempDir(), Source: s}),
	})
	packs, err := rules.Shipped()
	if err != nil {
		d.t.Fatal(err)
	}
	book := rules.New(rules.Options{Store: s, Packs: packs, Now: d.now})
	campaigns := campaign.NewService(campaign.Options{Store: s, Catalogue: s, Legal: book, Now: d.now})
	contacts := audience.NewContacts(audience.ContactsOptions{Store: s, Suppressions: suppressions, Country: country, Now: d.now})
	invitations, err := audience.NewInvitations("https://example.com", make([]byte, 32))
	if err != nil {
		d.t.Fatal(err)
	}
	return api.Options{
		Access:       a,
		Users:        users,
		Answers:      s,
		Audit:        s,
		Office:       person.NewOffice(s, d.now),
		Timeline:     person.NewTimeline(s, registries),
		Agents:       agents,
		Templates:    agent.NewTemplates(s, d.now),
		Suppressions: suppressions,
		Registries:   registries,
		Report:       s,
		Board:        s,
		Now:          d.now,
		Log:          slog.New(slog.NewJSONHandler(d.log, nil)),
		Reports:      report.NewFiles(report.FilesOptions{Store: s, Now: d.now}),
		Contacts:     contacts,
		Rules:        book,
		Consents: audience.NewConsents(audience.ConsentsOptions{
			Store: s, Contacts: contacts, Links: invitations, Now: d.now, Line: func(ctx context.Context, workspace, id string) error {
				_, err := s.Line(ctx, workspace, id)
				return err
			},
		}),
		Imports:   intake.NewSessions(intake.SessionsOptions{Store: s, Country: country, Now: d.now}),
		Lists:     audience.NewLists(audience.ListsOptions{Store: s, Zone: a.Zone, Now: d.now}),
		Campaigns: campaigns,
		Filler:    intake.NewFiller(s, registries, campaigns),
		Lines: channel.NewLines(channel.LinesOptions{
			Store: s, Now: d.now, Adapters: map[channel.Kind]channel.Adapter{channel.Voice: trunk{}, channel.Email: struct{ channel.Adapter }{}},
			Address: func(_ context.Context, _ string, k channel.Kind, raw string) (channel.Address, error) {
				return audience.Origin(k, raw, "BR")
			},
			Agent: func(ctx context.Context, workspace, id string) error {
				_, err := agents.Get(ctx, workspace, id)
				return err
			},
			Zone: func(ctx context.Context, workspace string) (string, error) {
				w, err := a.Workspace(ctx, workspace)
				return w.Settings.Zone, err
			},
		}),
		Sandbox: toybox{}, LiveEvery: 5 * time.Millisecond,
	}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// reply is an answer.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	text   string
}

// value is what stands at a path of a JSON answer, such as items.0.name; nil when nothing does.
func (r reply) value(path string) any {
	r.t.Helper()
	var v any
	dec := json.NewDecoder(strings.NewReader(r.text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		r.t.Fatalf("%s: %v in %s", r.what, err, r.text)
	}
	for _, part := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i := 0
			for _, c := range part {
				i = i*10 + int(c-'0')
			}
			if i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) str(path string) string {
	r.t.Helper()
	s, ok := r.value(path).(string)
	if !ok {
		r.t.Fatalf("%s: no text at %s in %s", r.what, path, r.text)
	}
	return s
}

func (r reply) num(path string) int {
	r.t.Helper()
	n, err := strconv.Atoi(fmt.Sprint(r.value(path)))
	if err != nil {
		r.t.Fatalf("%s: no number at %s in %s", r.what, path, r.text)
	}
	return n
}

func (r reply) list(path string) []any {
	r.t.Helper()
	l, ok := r.value(path).([]any)
	if !ok {
		r.t.Fatalf("%s: no list at %s in %s", r.what, path, r.text)
	}
	return l
}

// is checks a value by its JSON.
func (r reply) is(path, want string) {
	r.t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.value(path)); err != nil || strings.TrimSpace(b.String()) != want {
		r.t.Errorf("%s: %s is %s, want %s", r.what, path, strings.TrimSpace(b.String()), want)
	}
}

// ask sends a request: "POST /campaigns" is below the prefix, "GET ^/healthz" is not. Headers come in pairs.
func (d *desk) ask(what, body string, header ...string) reply {
	d.t.Helper()
	return d.askWith(d.key, what, strings.NewReader(body), header...)
}

func (d *desk) askWith(key, what string, body io.Reader, header ...string) reply {
	d.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	url := d.http.URL + api.Prefix + path
	if rest, ok := strings.CutPrefix(path, "^"); ok {
		url = d.http.URL + rest
	}
	if body == nil {
		body = http.NoBody
	}
	ctx, enough := context.WithCancel(d.ctx)
	defer enough()
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	d.must(err)
	switch {
	case strings.HasPrefix(key, "cms_"): // a person's session
		r.AddCookie(&http.Cookie{Name: "campanario", Value: key})
	case key != "":
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := d.http.Client().Do(r)
	d.must(err)
	defer resp.Body.Close() //nolint:errcheck // read to its end
	read := io.ReadAll
	if resp.Header.Get("Content-Type") == "text/event-stream" {
		read = firstEvent
	}
	text, err := read(resp.Body)
	d.must(err)
	got := reply{d.t, what, resp.StatusCode, resp.Header, string(text)}
	d.documented(method, strings.TrimPrefix(r.URL.Path, api.Prefix), got)
	return got
}

// firstEvent reads a stream, which has no end, as far as its first event.
func firstEvent(stream io.Reader) ([]byte, error) {
	var text []byte
	lines := bufio.NewReader(stream)
	for told := false; ; {
		line, err := lines.ReadBytes('\n')
		if text = append(text, line...); err != nil {
			return text, err
		}
		told = told || bytes.HasPrefix(line, []byte("data:"))
		if told && len(bytes.TrimSpace(line)) == 0 {
			return text, nil
		}
	}
}

// want sends a request and holds its status and, of a refusal, its code.
func (d *desk) want(status int, code, what, body string, header ...string) reply {
	d.t.Helper()
	r := d.ask(what, body, header...)
	r.refused(status, code)
	return r
}

// refused holds the status and, of a refusal, the code and the form.
func (r reply) refused(status int, code string) {
	r.t.Helper()
	r.refusedAs(status)
	if status >= 400 && r.value("code") != code {
		r.t.Errorf("%s: code %v, want %s: %s", r.what, r.value("code"), code, r.text)
	}
}

// refusedAs holds the status and, of a refusal, the form.
func (r reply) refusedAs(status int) {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.text)
	}
	if status < 400 {
		return
	}
	if r.header.Get("Content-Type") != "application/problem+json" || r.num("status") != status || r.str("request_id") == "" ||
		r.str("detail") == "" || len(r.list("errors")) == 0 || r.header.Get("Content-Language") == "" {
		r.t.Errorf("%s: %v %s", r.what, r.header, r.text)
	}
}

// line makes a line for e-mail and gives its id.
func (d *desk) line() string {
	d.t.Helper()
	return d.want(201, "", "POST /lines", `{"kind": "email", "name": "Caixa", "from": "oi@example.com"}`).str("id")
}

// campaign makes a draft by e-mail that can be started, and gives its id.
func (d *desk) campaign(line string) string {
	d.t.Helper()
	return d.want(201, "", "POST /campaigns", `{"name": "Cobrança", "channel": "email", "line": "`+line+`", "zone": "America/Sao_Paulo",
		"message": {"subject": "Oi", "text": "Oi"}}`).str("id")
}

// people are n rows of NDJSON: p<from>@example.com and so on.
func people(from, n int) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for i := range n {
		if err := enc.Encode(map[string]any{"contact": mailbox(from + i), "name": "Pessoa", "variables": map[string]any{"valor": i}}); err != nil {
			panic(err)
		}
	}
	return b.String()
}

func mailbox(i int) string { return "p" + strconv.Itoa(i) + "@example.com" }

// running makes a campaign with n people and starts it.
func (d *desk) running(n int) (line, id string) {
	d.t.Helper()
	line = d.line()
	id = d.campaign(line)
	d.want(200, "", "POST /campaigns/"+id+"/recipients", people(0, n), "Content-Type", "application/x-ndjson")
	d.want(200, "", "POST /campaigns/"+id+"/start", "")
	return line, id
}

// engine is what a process of the engine does to a line, by hand.
type engine struct {
	d    *desk
	hold dispatch.Hold
}

func (d *desk) engine(line string) *engine {
	d.t.Helper()
	node, err := d.store.Join(d.ctx, "first", time.Hour)
	d.must(err)
	term, ok, err := d.store.Take(d.ctx, node, line, time.Hour)
	d.must(err)
	if !ok {
		d.t.Fatal("the line is not free")
	}
	return &engine{d, dispatch.Hold{Line: line, Node: node, Term: term}}
}

// claim begins up to n attempts.
func (e *engine) claim(id string, n int) []dispatch.Flight {
	e.d.t.Helper()
	c, err := e.d.store.Claim(e.d.ctx, dispatch.Claim{
		Hold: e.hold, Workspace: e.d.workspace, Campaign: id, Kind: channel.Email, Now: e.d.now(), Max: n, First: n, Day: 100,
	}, func(candidates []dispatch.Candidate) []dispatch.Verdict {
		out := make([]dispatch.Verdict, len(candidates))
		for i := range out {
			e.d.token++
			out[i] = dispatch.Verdict{Do: dispatch.DoPlace, Token: e.d.token, Until: e.d.now().Add(time.Hour)}
		}
		return out
	})
	e.d.must(err)
	if len(c.Flights) != n {
		e.d.t.Fatalf("claimed %d of %d", len(c.Flights), n)
	}
	return c.Flights
}

type anytime struct{}

func (anytime) NextOpen(t time.Time) (time.Time, bool) { return t, true }

// settle ends attempts.
func (e *engine) settle(o channel.Outcome, flights ...dispatch.Flight) {
	e.d.t.Helper()
	o.At = e.d.now()
	var closings []dispatch.Closing
	for _, f := range flights {
		before := f.Before
		before.Attempt, before.Lap, before.Address = f.Ordinal, f.Lap, f.Address
		next := campaign.Policy{}.Defaults().Settle(before, len(f.Candidate.Addresses), o, e.d.now(), anytime{})
		closings = append(closings, dispatch.Closing{Flight: f, Outcome: o, Next: next.Next, Kind: channel.Email, Ref: "<ref@example.com>"})
	}
	_, err := e.d.store.Settle(e.d.ctx, closings)
	e.d.must(err)
}

func read(text string) io.Reader { return strings.NewReader(text) }

func jsonOf(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// veil makes marks of people who were erased.
func veil(t testing.TB) *audience.Veil {
	t.Helper()
	v, err := audience.NewVeil(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return v
}
