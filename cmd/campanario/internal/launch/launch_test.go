package launch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/launch"
	"campanario/cmd/campanario/internal/plan"
	"campanario/email"
	"campanario/intake"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
	"campanario/voice"
)

// place is where campaigns are brought in these tests.
type place struct {
	launch.Into
	t     *testing.T
	store *store.Store
}

const workspace = "01930000-0000-7000-8000-000000000001"

func each(t *testing.T, f func(p *place)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.CreateWorkspace(t.Context(), workspace, "W", time.Now()); err != nil {
			t.Fatal(err)
		}
		// To check settings an adapter need not be made whole.
		adapters := map[channel.Kind]channel.Adapter{channel.Voice: &voice.Adapter{}, channel.Email: &email.Adapter{}}
		agents := agent.NewAgents(agent.AgentsOptions{Store: s})
		lists := audience.NewLists(audience.ListsOptions{Store: s})
		p := &place{t: t, store: s, Into: launch.Into{
			Workspace: workspace, Agents: agents, Lists: lists,
			Campaigns: campaign.NewService(campaign.Options{Store: s, Catalogue: s, Base: intake.NewBase(s, lists, nil)}),
			Lines: channel.NewLines(channel.LinesOptions{
				Store: s, Adapters: adapters, Zone: func(context.Context, string) (string, error) { return "UTC", nil },
				Address: func(_ context.Context, _ string, k channel.Kind, raw string) (channel.Address, error) {
					return audience.Origin(k, raw, "BR")
				},
			}),
			Sandbox: func(k channel.Kind) string { return "Sandbox " + string(k) },
		}}
		f(p)
	})
}

func (p *place) plan(text string) *plan.Plan {
	p.t.Helper()
	out, err := plan.Read([]byte(text), plan.Options{
		Now: time.Now(), Begun: true, Lines: map[channel.Kind]channel.Validator{channel.Voice: &voice.Adapter{}, channel.Email: &email.Adapter{}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

func contacts(text string) launch.Contacts {
	return launch.Contacts{File: strings.NewReader(text), Kind: channel.Email, Country: "BR"}
}

const people = "contact\na@exemplo.example\nb@exemplo.example\n"

const base = `name: Convite
channel: email
message: {subject: Olá, text: Bom dia}
`

const withLine = base + `line: {name: Correio, from: a@empresa.example, limits: {per_second: 5}, settings: {host: smtp.empresa.example, port: 2525, tls: none}}
`

// bring is a campaign brought in with its contacts.
func (p *place) bring(text, file string) (*campaign.Campaign, launch.Enrolled, error) {
	p.t.Helper()
	plan := p.plan(text)
	c, err := p.Campaign(p.t.Context(), plan, "k", contacts(file))
	if err != nil {
		return nil, launch.Enrolled{}, err
	}
	n, err := p.Enrol(p.t.Context(), c, contacts(file))
	return c, n, err
}

func (p *place) must(text, file string) (*campaign.Campaign, launch.Enrolled) {
	p.t.Helper()
	c, n, err := p.bring(text, file)
	if err != nil {
		p.t.Fatal(err)
	}
	return c, n
}

func (p *place) refused(text, file, code string) *fault.Error {
	p.t.Helper()
	_, _, err := p.bring(text, file)
	if !fault.Is(err, code) {
		p.t.Fatalf("error %v, want %s", err, code)
	}
	return fault.All(err)[0]
}

func TestAgainFindsWhatIsThere(t *testing.T) {
	each(t, func(p *place) {
		first, n := p.must(withLine, people)
		if n != (launch.Enrolled{Added: 2}) {
			t.Errorf("enrolled %+v", n)
		}
		again, n := p.must(withLine, people)
		if again.ID != first.ID || n != (launch.Enrolled{Before: 2}) {
			t.Errorf("again: campaign %s, %+v", again.ID, n)
		}
		lines, err := p.Lines.List(t.Context(), workspace, channel.LineQuery{Limit: 10})
		if err != nil || len(lines) != 1 || lines[0].Revision != 1 {
			t.Errorf("lines %+v, %v", lines, err)
		}
	})
}

func TestALineIsMadeWhatTheFileSays(t *testing.T) {
	each(t, func(p *place) {
		c, _ := p.must(withLine, people)
		off := false
		if _, err := p.Lines.Edit(t.Context(), workspace, c.Line, 0, channel.LineEdit{Enabled: &off}); err != nil {
			t.Fatal(err)
		}
		p.must(strings.NewReplacer("port: 2525, tls: none", "from_name: Empresa", "per_second: 5", "per_day: 7").Replace(withLine), people)
		l, err := p.Lines.Get(t.Context(), workspace, c.Line)
		if err != nil {
			t.Fatal(err)
		}
		var settings map[string]any
		if err := json.Unmarshal(l.Settings, &settings); err != nil {
			t.Fatal(err)
		}
		if len(settings) != 2 || settings["from_name"] != "Empresa" || settings["host"] != "smtp.empresa.example" {
			t.Errorf("settings %v", settings)
		}
		if d := channel.DefaultLimits(channel.Email); l.Limits != (channel.Limits{Concurrent: d.Concurrent, PerSecond: d.PerSecond, PerDay: 7}) {
			t.Errorf("limits %+v", l.Limits)
		}
		if l.Enabled {
			t.Error("a line that somebody has switched off is on again")
		}
	})
}

func TestNames(t *testing.T) {
	each(t, func(p *place) {
		p.refused(base+"line: Correio\n", people, "line_name_unknown")
		p.refused(base, people, "sandbox_off")
		p.must(withLine, people)
		if c, _ := p.must(base+"line: Correio\n", people); c.Line == "" {
			t.Error("a line that exists was not found by its name")
		}
		call := "name: Ligar\nchannel: voice\nline: {name: Tronco, from: \"+551130000000\", settings: {gateways: [{host: sip.empresa.example}]}}\n"
		p.refused(call+"agent: Voz\n", "+5511987654321\n", "agent_name_unknown")
	})
}

func TestAnAgentIsReplacedWhenItSaysSomethingElse(t *testing.T) {
	each(t, func(p *place) {
		text := `name: Ligar
channel: voice
line: {name: Tronco, from: "+551130000000", settings: {gateways: [{host: sip.empresa.example}]}}
agent: {name: Voz, script: {start: hi, steps: {hi: {say: "Bom dia.", next: end}}}}
`
		version := func() int {
			c, err := p.Campaign(t.Context(), p.plan(text), "k", contacts(people))
			if err != nil {
				t.Fatal(err)
			}
			a, err := p.Agents.Get(t.Context(), workspace, c.Agent)
			if err != nil {
				t.Fatal(err)
			}
			return a.Version
		}
		if first, second := version(), version(); first != 1 || second != 1 {
			t.Errorf("versions %d and %d of the same agent", first, second)
		}
		text = strings.Replace(text, "Bom dia.", "Boa tarde.", 1)
		if v := version(); v != 2 {
			t.Errorf("version %d of another agent", v)
		}
	})
}

// move puts a campaign into a state without starting it for real.
func (p *place) move(c *campaign.Campaign, to campaign.State) {
	p.t.Helper()
	err := p.store.Move(p.t.Context(), workspace, c.ID, campaign.Move{Action: campaign.Start, From: campaign.States(), To: to, At: time.Now()})
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestWhatHasBegunIsNotChanged(t *testing.T) {
	each(t, func(p *place) {
		c, _ := p.must(withLine, people)
		changed := strings.Replace(withLine, "name: Convite", "name: Convite de novembro", 1)
		if c, _ := p.must(changed, people); c.Name != "Convite de novembro" {
			t.Errorf("a draft did not change: %q", c.Name)
		}
		p.move(c, campaign.Active)
		p.must(changed, people)
		e := p.refused(withLine+"share: 3\nwindow: {days: {mon: \"09:00-10:00\"}}\n", people, "campaign_file_changed")
		if got := fmt.Sprint(e.Params["fields"]); got != "[name share window]" {
			t.Errorf("changed fields %s", got)
		}
		// New people may come while it runs, and nobody comes twice.
		if _, n := p.must(changed, people+"c@exemplo.example\n"); n != (launch.Enrolled{Added: 1, Duplicates: 2}) {
			t.Errorf("newcomers: %+v", n)
		}
	})
}

func TestADraftHasTheContactsOfItsFileAlone(t *testing.T) {
	each(t, func(p *place) {
		old, _ := p.must(withLine, "contact\nx@exemplo.example\n")
		c, n := p.must(withLine, people)
		if c.ID == old.ID || n != (launch.Enrolled{Added: 2}) {
			t.Errorf("campaign %s after %s, %+v", c.ID, old.ID, n)
		}
		if n, err := p.Campaigns.Counts(t.Context(), workspace, c.ID); err != nil || n.Total != 2 {
			t.Errorf("%d recipients, %v", n.Total, err)
		}
	})
}

func TestDuplicatesAreNotAddedAgainFromAnotherFile(t *testing.T) {
	each(t, func(p *place) {
		text := withLine + "allow_duplicates: true\n"
		c, n := p.must(text, people+"a@exemplo.example\n")
		if n.Added != 3 {
			t.Fatalf("%+v", n)
		}
		p.move(c, campaign.Active)
		p.refused(text, people, "contacts_changed")
		if _, n := p.must(text, people+"a@exemplo.example\n"); n.Added != 0 || n.Before != 3 {
			t.Errorf("the same file: %+v", n)
		}
	})
}

// TestEnrollingGoesOn interrupts the reading of a file at every few thousand bytes: in the end everybody is there once.
func TestEnrollingGoesOn(t *testing.T) {
	each(t, func(p *place) {
		const rows = 3500
		var file bytes.Buffer
		file.WriteString("contact\n")
		for i := range rows {
			if i%100 == 7 {
				file.WriteString("ninguém\n")
				continue
			}
			fmt.Fprintf(&file, "p%d@exemplo.example\n", i)
		}
		c, err := p.Campaign(t.Context(), p.plan(withLine), "k", contacts(file.String()))
		if err != nil {
			t.Fatal(err)
		}
		added, interrupted := int64(0), 0
		for stop := int64(30_000); ; stop += 30_000 {
			ctx, cancel := context.WithCancel(t.Context())
			from := contacts(file.String())
			rejected := 0
			from.Rejected = func(r intake.Rejected, left bool) {
				if r.Error.Code == "mailbox_no_at" && !left {
					rejected++
				}
			}
			from.Progress = func(read int64) {
				if read >= stop {
					cancel()
				}
			}
			n, err := p.Enrol(ctx, c, from)
			cancel()
			added += n.Added
			if err == nil {
				if rejected != rows/100 || n.Rejected != int64(rejected) {
					t.Errorf("%d rows were told as rejected, %d counted, of %d", rejected, n.Rejected, rows/100)
				}
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			interrupted++
		}
		n, err := p.Campaigns.Counts(t.Context(), workspace, c.ID)
		if want := int64(rows - rows/100); err != nil || n.Total != want || added != want || interrupted == 0 {
			t.Errorf("%d recipients, %d added over %d interruptions, of %d; %v", n.Total, added, interrupted, want, err)
		}
	})
}

func TestAnAudienceIsFoundByItsName(t *testing.T) {
	each(t, func(p *place) {
		text := withLine + "contacts: {audience: Devedores}\n"
		none := launch.Contacts{}
		if _, err := p.Campaign(t.Context(), p.plan(text), "k", none); !fault.Is(err, "audience_name_unknown") {
			t.Fatalf("error %v", err)
		}
		for _, name := range []string{"Devedores antigos", "Devedores"} {
			if _, err := p.Lists.Create(t.Context(), workspace, audience.ListEdit{Name: &name, Filter: &audience.Filter{}}); err != nil {
				t.Fatal(err)
			}
		}
		c, err := p.Campaign(t.Context(), p.plan(text), "k", none)
		if err != nil {
			t.Fatal(err)
		}
		l, err := p.Lists.Get(t.Context(), workspace, c.Contacts.Audience)
		if err != nil || l.Name != "Devedores" || c.Filling == nil || c.Filling.State != campaign.FillWaiting {
			t.Errorf("draws from %q, filling %+v, %v", l.Name, c.Filling, err)
		}
		again, err := p.Campaign(t.Context(), p.plan(withLine+"contacts: {audience: "+l.ID+"}\n"), "k", none)
		if err != nil || again.ID != c.ID {
			t.Errorf("by its id: %v", err)
		}
	})
}
