package channel_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/store"
)

// trunk is an adapter whose settings are a host and a password.
type trunk struct {
	channel.Adapter
	check func(ctx context.Context, l channel.Line) error
}

func (trunk) Secrets() []string { return []string{"password"} }

func (trunk) Validate(settings json.RawMessage) error {
	var s map[string]any
	if err := json.Unmarshal(settings, &s); err != nil {
		return fault.New(fault.Invalid, "json_invalid", nil)
	}
	var bad fault.List
	if s["host"] == nil {
		bad = append(bad, fault.New(fault.Invalid, "required", nil).At("host"))
	}
	if p, ok := s["password"]; ok {
		if _, text := p.(string); !text {
			bad = append(bad, fault.New(fault.Invalid, "type_wrong", fault.Params{"want": "text"}).At("password"))
		}
	}
	return bad.Err()
}

func (t trunk) Check(ctx context.Context, l channel.Line) error { return t.check(ctx, l) }

// office is the lines of a workspace.
type office struct {
	*channel.Lines
	t       *testing.T
	ctx     context.Context
	store   *store.Store
	check   func(ctx context.Context, l channel.Line) error
	changes int
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func each(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	key, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	dbtest.EachWith(t, store.Options{Secrets: key}, func(t *testing.T, s *store.Store) {
		o := &office{t: t, ctx: t.Context(), store: s}
		for _, id := range []string{"ws", "other"} {
			o.must(s.CreateWorkspace(o.ctx, id, id, noon))
		}
		o.Lines = channel.NewLines(channel.LinesOptions{
			Store: s,
			Adapters: map[channel.Kind]channel.Adapter{
				channel.Voice: trunk{check: func(ctx context.Context, l channel.Line) error { return o.check(ctx, l) }},
				channel.Email: struct{ channel.Adapter }{},
			},
			Address: func(_ context.Context, _ string, k channel.Kind, raw string) (channel.Address, error) {
				return audience.Origin(k, raw, "BR")
			},
			Agent: func(ctx context.Context, workspace, id string) error {
				_, err := s.Agent(ctx, workspace, id)
				return err
			},
			Zone: func(context.Context, string) (string, error) { return "America/Sao_Paulo", nil },
			Now:  func() time.Time { return noon }, Changed: func() { o.changes++ },
		})
		f(t, o)
	})
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func (o *office) create() channel.LineRecord {
	o.t.Helper()
	r, err := o.Create(o.ctx, "ws", channel.LineEdit{
		Kind: channel.Voice, Name: ptr(" Tronco "), From: ptr("(11) 4000-1234"), Settings: json.RawMessage(`{"host": "sip.example.com", "password": "hunter2"}`),
	})
	o.must(err)
	return r
}

func TestLine(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := o.create()
		want := channel.Line{
			ID: r.ID, Workspace: "ws", Kind: channel.Voice, Name: "Tronco", From: "+551140001234", Zone: "America/Sao_Paulo",
			Limits: channel.Limits{Concurrent: 10, PerSecond: 1}, Enabled: true,
		}
		got := r.Line
		got.Settings = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if r.Revision != 1 || r.Running || !r.CreatedAt.Equal(noon) || o.changes != 1 {
			t.Errorf("%+v, %d changes", r, o.changes)
		}
		// The password is given to adapters and shown to nobody, and is not in the database in clear.
		if !strings.Contains(string(r.Settings), "hunter2") {
			t.Errorf("adapters get %s", r.Settings)
		}
		shown, err := o.Shown(r.Line)
		o.must(err)
		if text, _ := json.Marshal(shown); string(text) != `{"host":"sip.example.com","password":{"set":true}}` {
			t.Errorf("shown as %s", text)
		}
		// Written back as it is shown, it stays; a change beside it too; null takes it away.
		for _, step := range []struct{ patch, want string }{
			{`{"host":"other.example.com","password":{"set":true}}`, `{"host":"other.example.com","password":"hunter2"}`},
			{`{"register":true}`, `{"host":"other.example.com","password":"hunter2","register":true}`},
			{`{"register":null,"password":"new"}`, `{"host":"other.example.com","password":"new"}`},
			{`{"password":null}`, `{"host":"other.example.com"}`},
		} {
			r, err := o.Edit(o.ctx, "ws", r.ID, 0, channel.LineEdit{Settings: json.RawMessage(step.patch)})
			o.must(err)
			if diff := cmp.Diff(decoded(t, step.want), decoded(t, string(r.Settings))); diff != "" {
				t.Errorf("after %s: %s", step.patch, diff)
			}
		}
		r, err = o.Edit(o.ctx, "ws", r.ID, 5, channel.LineEdit{Enabled: ptr(false), PerDay: ptr(100), Name: ptr("Dois")})
		o.must(err)
		if r.Enabled || r.Limits.PerDay != 100 || r.Limits.Concurrent != 10 || r.Name != "Dois" || r.Revision != 6 {
			t.Errorf("%+v", r)
		}
		if _, err := o.Edit(o.ctx, "ws", r.ID, 5, channel.LineEdit{Enabled: ptr(true)}); !fault.Is(err, "revision_stale") {
			t.Errorf("written over another's change: %v", err)
		}
		for _, err := range []error{
			func() error { _, err := o.Get(o.ctx, "other", r.ID); return err }(),
			func() error { _, err := o.Edit(o.ctx, "other", r.ID, 0, channel.LineEdit{}); return err }(),
			func() error { _, err := o.Check(o.ctx, "other", r.ID); return err }(),
			o.Delete(o.ctx, "other", r.ID),
		} {
			if !fault.Is(err, "line_not_found") {
				t.Errorf("seen from another workspace: %v", err)
			}
		}
	})
}

func decoded(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestLineRefuses(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		good := func(change func(*channel.LineEdit)) channel.LineEdit {
			e := channel.LineEdit{Kind: channel.Voice, Name: ptr("x"), From: ptr("+551140001234"), Settings: json.RawMessage(`{"host":"h"}`)}
			change(&e)
			return e
		}
		mail := channel.LineEdit{Kind: channel.Email, Name: ptr("x"), From: ptr("a@example.com"), Agent: ptr("a")}
		tests := []struct {
			name  string
			edit  channel.LineEdit
			code  string
			field string
		}{
			{"no channel", good(func(e *channel.LineEdit) { e.Kind = "" }), "not_one_of", "kind"},
			{"a channel of nobody's", good(func(e *channel.LineEdit) { e.Kind = "fax" }), "not_one_of", "kind"},
			{"a channel to come", good(func(e *channel.LineEdit) { e.Kind = channel.SMS }), "channel_not_available", "kind"},
			{"no name", good(func(e *channel.LineEdit) { e.Name = ptr(" ") }), "required", "name"},
			{"long name", good(func(e *channel.LineEdit) { e.Name = ptr(strings.Repeat("x", 201)) }), "too_long", "name"},
			{"no number", good(func(e *channel.LineEdit) { e.From = nil }), "required", "from"},
			{"a wrong number", good(func(e *channel.LineEdit) { e.From = ptr("123") }), "phone_too_short", "from"},
			{"zone", good(func(e *channel.LineEdit) { e.Zone = ptr("Nowhere") }), "zone_unknown", "zone"},
			{"no concurrency", good(func(e *channel.LineEdit) { e.Concurrent = ptr(0) }), "out_of_range", "limits.concurrent"},
			{"negative rate", good(func(e *channel.LineEdit) { e.PerSecond = ptr(-1.0) }), "out_of_range", "limits.per_second"},
			{"settings refused", good(func(e *channel.LineEdit) { e.Settings = json.RawMessage(`{}`) }), "required", "settings.host"},
			{"settings no object", good(func(e *channel.LineEdit) { e.Settings = json.RawMessage(`[]`) }), "json_invalid", "settings"},
			{"a secret that is none", good(func(e *channel.LineEdit) { e.Settings = json.RawMessage(`{"host":"h","password":5}`) }), "type_wrong", "settings.password"},
			{"agent", good(func(e *channel.LineEdit) { e.Agent = ptr("nobody") }), "agent_not_found", "agent"},
			{"an agent for mail", mail, "field_of_other_channel", "agent"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := o.Create(o.ctx, "ws", tt.edit)
				if bad := fault.All(err); len(bad) != 1 || bad[0].Code != tt.code || bad[0].Field != tt.field {
					t.Errorf("got %v", err)
				}
			})
		}
		_, err := o.Create(o.ctx, "ws", channel.LineEdit{Kind: channel.Voice, Zone: ptr(""), PerDay: ptr(-1)})
		if len(fault.All(err)) != 5 {
			t.Errorf("not all problems at once: %v", err)
		}
	})
}

func TestLinesList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for _, name := range []string{"Alô", "beta", "Gama"} {
			_, err := o.Create(o.ctx, "ws", channel.LineEdit{Kind: channel.Email, Name: &name, From: ptr("a@example.com")})
			o.must(err)
		}
		o.create()
		names := func(q channel.LineQuery) []string {
			t.Helper()
			list, err := o.List(o.ctx, "ws", q)
			o.must(err)
			var out []string
			for _, r := range list {
				out = append(out, r.Name)
			}
			return out
		}
		first, err := o.List(o.ctx, "ws", channel.LineQuery{Limit: 2})
		o.must(err)
		for want, q := range map[string]channel.LineQuery{
			"Tronco Gama beta Alô": {Limit: 10},
			"beta Alô":             {Limit: 10, After: first[1].ID},
			"Gama":                 {Limit: 1, Kind: channel.Email},
			"Alô":                  {Limit: 10, Search: "ALO"},
			"Tronco":               {Limit: 10, Search: "1140001234"},
			"":                     {Limit: 10, Search: "_"},
		} {
			if got := strings.Join(names(q), " "); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		if _, err := o.List(o.ctx, "ws", channel.LineQuery{Kind: "fax", Limit: 1}); !fault.Is(err, "not_one_of") {
			t.Errorf("a channel of nobody's: %v", err)
		}
	})
}

func TestLineInUseStays(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := o.create()
		d := campaign.Definition{Name: "c", Channel: channel.Voice, Line: r.ID, Message: &agent.MessageTemplate{}}.Defaults()
		o.must(o.store.CreateCampaign(o.ctx, &campaign.Campaign{ID: "c", Workspace: "ws", Definition: d, CreatedAt: noon, UpdatedAt: noon}, nil))
		move := func(a campaign.Action, from, to campaign.State) {
			o.must(o.store.Move(o.ctx, "ws", "c", campaign.Move{Action: a, From: []campaign.State{from}, To: to, At: noon}))
		}
		move(campaign.Start, campaign.Draft, campaign.Active)
		if err := o.Delete(o.ctx, "ws", r.ID); !fault.Is(err, "line_in_use") {
			t.Errorf("deleted under a campaign: %v", err)
		}
		if got, err := o.Get(o.ctx, "ws", r.ID); err != nil || !got.Enabled {
			t.Errorf("the refusal left %+v, %v", got, err)
		}
		move(campaign.Cancel, campaign.Active, campaign.Cancelled)
		o.must(o.Delete(o.ctx, "ws", r.ID))
		if _, err := o.Get(o.ctx, "ws", r.ID); !fault.Is(err, "line_not_found") {
			t.Errorf("after deleting: %v", err)
		}
		if list, _ := o.List(o.ctx, "ws", channel.LineQuery{Limit: 10}); len(list) != 0 {
			t.Errorf("still listed: %v", list)
		}
	})
}

func TestLineCheck(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := o.create()
		o.check = func(_ context.Context, l channel.Line) error {
			if !strings.Contains(string(l.Settings), "hunter2") {
				t.Error("the check has no password")
			}
			return nil
		}
		if r.Checked != nil {
			t.Errorf("a new line: %+v", r.Checked)
		}
		if bad, err := o.Check(o.ctx, "ws", r.ID); err != nil || len(bad) != 0 {
			t.Errorf("a good line: %v, %v", bad, err)
		}
		if is, _ := o.Get(o.ctx, "ws", r.ID); is.Checked == nil || len(is.Checked.Found) != 0 || !is.Checked.At.Equal(noon) || is.Checked.Revision != is.Revision || is.Revision != r.Revision {
			t.Errorf("kept of a good line: %+v", is.Checked)
		}
		o.check = func(context.Context, channel.Line) error { return fault.New(fault.Unavailable, "sip_unreachable", nil) }
		if bad, err := o.Check(o.ctx, "ws", r.ID); err != nil || len(bad) != 1 || bad[0].Code != "sip_unreachable" {
			t.Errorf("a bad line: %v, %v", bad, err)
		}
		if is, _ := o.Get(o.ctx, "ws", r.ID); len(is.Checked.Found) != 1 || is.Checked.Found[0].Code != "sip_unreachable" || is.Checked.Found[0].Kind != fault.Unavailable {
			t.Errorf("kept of a bad line: %+v", is.Checked)
		}
		o.check = func(context.Context, channel.Line) error { return errors.New("a defect") }
		if bad, err := o.Check(o.ctx, "ws", r.ID); err == nil || len(bad) != 0 {
			t.Errorf("a defect: %v, %v", bad, err)
		}
		if is, _ := o.Get(o.ctx, "ws", r.ID); len(is.Checked.Found) != 1 { // nothing was found out
			t.Errorf("kept of a defect: %+v", is.Checked)
		}
		mail, err := o.Create(o.ctx, "ws", channel.LineEdit{Kind: channel.Email, Name: ptr("m"), From: ptr("a@example.com")})
		o.must(err)
		if _, err := o.Check(o.ctx, "ws", mail.ID); !fault.Is(err, "line_check_unsupported") {
			t.Errorf("an adapter that cannot check: %v", err)
		}
	})
}

// oneLine is a store with nothing but one line.
type oneLine struct{ channel.LineStore }

func (oneLine) LineRecord(context.Context, string, string) (channel.LineRecord, error) {
	return channel.LineRecord{Line: channel.Line{Kind: channel.Voice}}, nil
}

func (oneLine) SetChecked(context.Context, string, string, channel.CheckedLine) error { return nil }

func TestLineCheckIsNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context, _ channel.Line) error { <-ctx.Done(); return ctx.Err() }
		lines := channel.NewLines(channel.LinesOptions{Store: oneLine{}, Adapters: map[channel.Kind]channel.Adapter{channel.Voice: trunk{check: hang}}})
		began := time.Now()
		bad, err := lines.Check(t.Context(), "ws", "x")
		if err != nil || len(bad) != 1 || bad[0].Code != "line_check_timeout" || time.Since(began) > time.Minute {
			t.Errorf("%v, %v after %v", bad, err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if bad, err := lines.Check(ctx, "ws", "x"); !errors.Is(err, context.Canceled) || len(bad) != 0 {
			t.Errorf("given up by who asked: %v, %v", bad, err)
		}
	})
}

func TestDefaultLimits(t *testing.T) {
	for _, k := range channel.Kinds() {
		if l := channel.DefaultLimits(k); l.Concurrent < 1 || l.PerSecond <= 0 {
			t.Errorf("%s: %+v", k, l)
		}
	}
	if !slices.Contains(channel.Kinds(), channel.Voice) {
		t.Error("no telephone")
	}
}
