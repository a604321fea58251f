package program_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/program"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
)

// TestMain holds that nothing runs on; the tests' PostgreSQL does.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("campanario/internal/pgtemp.(*Server).run"))
}

// options are those of a program in a folder of its own, with a sandbox that is quick and silent.
func options(t *testing.T) program.Options {
	t.Helper()
	return program.Options{
		Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", SIP: "127.0.0.1:0",
		Sandbox: program.Sandbox{Speed: 100, Mute: true, Voice: "127.0.0.1:0", SMTP: "127.0.0.1:0"},
	}
}

func start(t *testing.T, o program.Options) *program.Program {
	t.Helper()
	p := program.New(o)
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, p) })
	return p
}

func stop(t *testing.T, p *program.Program) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // a test's own is over at its end
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func ready(t *testing.T, p *program.Program) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL()+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestStartAndStop(t *testing.T) {
	o := options(t)
	lasts := 0
	o.Last = func(context.Context) error { lasts++; return nil }
	p := start(t, o)
	if err := p.Start(t.Context()); err != nil {
		t.Errorf("a second start: %v", err)
	}
	if !p.First || !strings.HasPrefix(p.Token, "cmp_") || !p.Sandboxed() || ready(t, p) != http.StatusOK {
		t.Errorf("first %v, key %q, sandbox %v, ready %d", p.First, p.Token, p.Sandboxed(), ready(t, p))
	}
	stop(t, p)
	stop(t, p)
	if lasts != 1 || ready(t, p) != 0 {
		t.Errorf("last words %d times, ready %d", lasts, ready(t, p))
	}
	again := start(t, o)
	if again.First || again.Token != "" || again.Workspace != p.Workspace {
		t.Errorf("second life: first %v, key %q, workspace %s", again.First, again.Token, again.Workspace)
	}
}

func TestAFailedStartLeavesNothing(t *testing.T) {
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for _, c := range []struct {
		what string
		with func(o *program.Options)
		code string
	}{
		{"HTTP", func(o *program.Options) { o.Listen = taken }, "listen_address_unusable"},
		{"SIP", func(o *program.Options) { o.SIP = taken }, "sip_address_unusable"},
		{"the sandbox's mail", func(o *program.Options) { o.Sandbox.SMTP = taken }, "sandbox_address_taken"},
		{"the sandbox's calls", func(o *program.Options) { o.Sandbox.Voice = taken }, "sandbox_address_taken"},
		{"a public address", func(o *program.Options) { o.BaseURL = "::" }, "base_url_invalid"},
		{"a database", func(o *program.Options) { o.Database = "postgres://x@127.0.0.1:1/x" }, "database_unavailable"},
	} {
		o := options(t)
		good := o
		c.with(&o)
		p := program.New(o)
		if err := p.Start(t.Context()); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Errorf("%s: stopping what never ran: %v", c.what, err)
		}
		if c.code != "sandbox_address_taken" { // nobody's key was made
			if p := start(t, good); !p.First {
				t.Errorf("%s: the first key is lost", c.what)
			}
		}
	}
}

func TestTheSandboxRunsWhereItIsWanted(t *testing.T) {
	name, from := "Correio", "a@empresa.example"
	own := func(p *program.Program) {
		_, err := p.Lines.Create(t.Context(), p.Workspace, channel.LineEdit{
			Kind: channel.Email, Name: &name, From: &from, Settings: []byte(`{"host":"localhost","port":2525,"tls":"none"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what   string
		before program.Mode // of an earlier start; empty when there was none
		own    bool         // a line of one's own was made then
		shared bool         // PostgreSQL
		mode   program.Mode
		want   bool
	}{
		{what: "a new installation", mode: program.Auto, want: true},
		{what: "nothing said", mode: "", want: true},
		{what: "started again", before: program.Auto, mode: program.Auto, want: true},
		{what: "with a line of its own beside", before: program.Auto, own: true, mode: program.Auto, want: true},
		{what: "with lines of its own only", before: program.Off, own: true, mode: program.Auto, want: false},
		{what: "wanted though there is a line", before: program.Off, own: true, mode: program.On, want: true},
		{what: "not wanted any more", before: program.On, mode: program.Off, want: false},
		{what: "a shared database", shared: true, mode: program.Auto, want: false},
		{what: "a shared database, wanted", shared: true, mode: program.On, want: true},
	} {
		o := options(t)
		if c.shared {
			o.Database = dbtest.Postgres(t)
		}
		if c.before != "" {
			first := o
			first.Sandbox.Mode = c.before
			p := start(t, first)
			if c.own {
				own(p)
			}
			stop(t, p)
		}
		o.Sandbox.Mode = c.mode
		p := start(t, o)
		if p.Sandboxed() != c.want {
			t.Errorf("%s: sandbox %v", c.what, p.Sandboxed())
		}
		stop(t, p)
	}
}

// TestOnlyLines: a process that is kept to one line leaves the others alone.
func TestOnlyLines(t *testing.T) {
	o := options(t)
	wanted := ""
	o.OnlyLines = func(line string) bool { return line == wanted }
	p := program.New(o)
	// The lines are there before the first look at them.
	o.OnlyLines = nil
	before := start(t, o)
	lines, err := before.Lines.List(t.Context(), before.Workspace, channel.LineQuery{Limit: 10})
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	stop(t, before)
	wanted = lines[0].ID
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, p) })
	p.LookAgain()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := p.Lines.List(t.Context(), p.Workspace, channel.LineQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		running := map[string]bool{}
		for _, l := range now {
			running[l.ID] = l.Running
		}
		if running[lines[1].ID] {
			t.Fatal("a line that is not wanted runs")
		}
		if running[wanted] {
			break
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("the line that is wanted does not run")
		}
	}
}

// TestStopHangsUp: a campaign whose calls go on is stopped when patience is over, and every outcome is written.
func TestStopHangsUp(t *testing.T) {
	o := options(t)
	o.Sandbox.Speed = 1 // people talk for a while
	var counts campaign.Counts
	var c *campaign.Campaign
	var p *program.Program
	o.Last = func(ctx context.Context) error {
		if c == nil {
			return errors.New("there is no campaign")
		}
		var err error
		counts, err = p.Campaigns.Counts(ctx, p.Workspace, c.ID)
		return err
	}
	p = program.New(o)
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c = calling(t, p)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for p.Open() < 4 { // the last may still wait for its turn
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("nobody is called")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // no patience at all
	if err := p.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if counts.InFlight != 0 || counts.Attempts < 3 || counts.ByCode[channel.Unknown] > 0 {
		t.Errorf("after the end: %d open, %d attempts, %v", counts.InFlight, counts.Attempts, counts.ByCode)
	}
}
