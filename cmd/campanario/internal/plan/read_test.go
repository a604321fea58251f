package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"campanario/channel"
	"campanario/cmd/campanario/internal/plan"
	"campanario/email"
	"campanario/internal/fault"
	"campanario/voice"
)

var noon = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // a Monday, noon in São Paulo

func options() plan.Options {
	return plan.Options{
		// To check settings an adapter need not be made whole.
		Now: noon, Lines: map[channel.Kind]channel.Validator{channel.Voice: &voice.Adapter{}, channel.Email: &email.Adapter{}},
		Env: func(name string) (string, bool) {
			v, ok := map[string]string{"SIP_PASSWORD": "s3cret", "EMPTY": ""}[name]
			return v, ok
		},
	}
}

const agentText = `
agent:
  name: Voz
  script: {start: hi, steps: {hi: {say: "Oi {{name}}", next: end}}}
`

func TestReadTakesTheExamples(t *testing.T) {
	files, err := filepath.Glob("../../../../examples/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Read(data, options())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !p.Sandbox() || p.Key == "" || p.Definition.Name == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestReadTakesAllThatADefinitionHas(t *testing.T) {
	data := `
key: k-1
name: Tudo
description: de tudo
channel: voice
line:
  name: Tronco
  from: "(11) 98765-4321"
  zone: America/Manaus
  limits: {concurrent: 5, per_second: 2.5, per_day: 100}
  settings:
    gateways: [{host: sip.example.com, transport: tls}]
    username: u
    password: ${SIP_PASSWORD}
zone: America/Bahia
country: BR
call: {ring_timeout: 20s}
starts_at: 2026-11-24 09:00
ends_at: "2026-12-24T18:00:00-03:00"
window: {days: {mon-fri: "09:00-18:00"}, holidays: [BR]}
pace: {concurrent: 3}
release: {percent: 20, every_minutes: 30}
share: 2
retry: {max_attempts: 2, interval_minutes: 30, delays: {busy: 5}}
laps: {max_total: 2, cooldown_minutes: 60}
goal: ok
contacts: {filter: {all: [{field: tag, is: [vip]}, {field: contacted, within_days: 30}]}, at: now}
purpose: survey
consent: {level: given, on: line}
contact_limits: [{most: 1, days: 1}]
allow_duplicates: true
failure_pause_percent: 50
agent:
  name: Voz
  variables: [{name: ok, type: boolean}]
  script: {start: hi, steps: {hi: {say: "Oi", next: end}}}
`
	p, err := plan.Read([]byte(data), options())
	if err != nil {
		t.Fatal(err)
	}
	if p.Line.From != "+5511987654321" || p.Line.Zone != "America/Manaus" || p.Line.Limits.PerDay != 100 || !strings.Contains(string(p.Line.Settings), `"s3cret"`) {
		t.Errorf("line: %+v %s", p.Line, p.Line.Settings)
	}
	d := p.Definition
	if got := d.StartsAt.UTC(); !got.Equal(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("starts at %v", got)
	}
	// Whatever a definition can hold has come from the file. Whoever adds a field to it adds it here too.
	v := reflect.ValueOf(d)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch f.Name {
		case "Line", "Agent": // ids, which a file has no business with
		case "UseLineAgent", "Message", "Recurrence": // against the agent, the channel and the laps
		case "KeepOpen": // a run would never end
		default:
			if v.Field(i).IsZero() {
				t.Errorf("%s is not in the file", f.Name)
			}
		}
	}
}

func TestReadTellsEverythingAtOnceWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			"unknown keys, an impossible window and past times",
			"name: A\nchanel: voice\nchannel: voice\nwindow:\n  days: {mon: \"18:00-09:00\", someday: \"09:00-10:00\"}\nstarts_at: 2020-01-01 10:00\nretry: {tries: 3}\n" + agentText,
			`unknown_key at chanel 2:1
unknown_key at retry.tries 7:9
interval_across_midnight at window.days.mon 5:10
day_unknown at window.days.someday 5:30
past_time at starts_at 6:1`,
		},
		{"values of another kind", "name: [1]\nchannel: voice\nshare: many\n", "yaml_wrong_type at name 1:7\nyaml_wrong_type at share 3:8"},
		{"nothing needed is there", "description: x\nchannel: voice\n", "required at name 0:0\nrequired at agent 0:0"},
		{"another channel's fields", "name: A\nchannel: email\ncall: {ring_timeout: 20s}\n" + agentText, "field_of_other_channel at call 3:1\nfield_of_other_channel at agent 5:1\nrequired at message 0:0"},
		{"a channel to come", "name: A\nchannel: sms\n", "channel_not_available at channel 2:1"},
		{
			"a secret in the file", "name: A\nchannel: voice\nline:\n  name: L\n  from: \"+551130001000\"\n  settings:\n    gateways: [{host: a.example}]\n    password: hunter2\n" + agentText,
			"secret_in_file at line.settings.password 8:5",
		},
		{
			"a variable that is not set", "name: A\nchannel: voice\nline:\n  name: L\n  from: \"+551130001000\"\n  settings:\n    gateways: [{host: \"${NOT_THERE}\"}]\n" + agentText,
			"variable_not_set at line.settings.gateways[0].host 7:17",
		},
		{
			"wrong settings", "name: A\nchannel: voice\nline:\n  name: L\n  from: not a number\n  settings:\n    gateways: [{host: a.example, transprt: tls}]\n" + agentText,
			"phone_letters at line.from 5:3\nunknown_key at line.settings.gateways[0].transprt 7:34",
		},
		{"mail settings", "name: A\nchannel: email\nmessage: {subject: a, text: b}\nline:\n  name: L\n  from: a@example.com\n  settings:\n    port: 99999\n", "required at line.settings.host 7:3\nout_of_range at line.settings.port 8:5"},
		{"a goal that nobody sets", "name: A\nchannel: voice\ngoal: won\n" + agentText, "variable_undeclared at goal 3:1"},
		{"a step that is not there", "name: A\nchannel: voice\nagent:\n  name: V\n  script: {start: hi, steps: {hi: {say: a, next: nowhere}}}\n", "step_unknown at agent.script.steps.hi.next 5:44"},
		{"a preset of another world", "name: A\nchannel: voice\npreset: mondays\n" + agentText, "not_one_of at preset 3:1"},
		{"a zone of no country", "name: A\nchannel: voice\nzone: Mars/Base\nstarts_at: 2026-12-01 09:00\n" + agentText, "zone_unknown at zone 3:1"},
		{"not YAML at all", "name: [\n", "yaml_syntax at  1:7"},
		{"nothing", "", "yaml_empty at  0:0"},
		{"a window that never opens", "name: A\nchannel: voice\nends_at: 2026-11-24 10:00\nwindow: {days: {sun: \"09:00-10:00\"}}\n" + agentText, "window_never_opens at window 4:1"},
		{"an agent without a name and without a script", "name: A\nchannel: voice\nagent: {kind: script}\n", "required at agent.name 3:1\nrequired at agent.script 3:1"},
		{"agents twice", "name: A\nchannel: voice\nline: L\nuse_line_agent: true\n" + agentText, "agent_twice at use_line_agent 4:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := plan.Read([]byte(c.text), options())
			var got []string
			for _, e := range fault.All(err) {
				line, _ := e.Params["line"].(int)
				column, _ := e.Params["column"].(int)
				got = append(got, fmt.Sprintf("%s at %s %d:%d", e.Code, e.Field, line, column))
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestReadLetsABegunCampaignGoOn(t *testing.T) {
	text := "name: A\nchannel: voice\nstarts_at: 2026-11-20 09:00\nends_at: 2026-11-21 09:00\n" + agentText
	if _, err := plan.Read([]byte(text), options()); !fault.Is(err, "past_time") {
		t.Errorf("a new campaign in the past: %v", err)
	}
	o := options()
	o.Begun = true
	p, err := plan.Read([]byte(text), o)
	if err != nil || p.Definition.StartsAt != nil {
		t.Errorf("a campaign that began: %v", err)
	}
}

func TestPresetsFillWhatTheFileLeavesOpen(t *testing.T) {
	text := "name: A\nchannel: voice\npreset: collection\nretry: {interval_minutes: 90}\n" + agentText
	p, err := plan.Read([]byte(text), options())
	if err != nil {
		t.Fatal(err)
	}
	if r := p.Definition.Retry; r.MaxAttempts != 2 || r.IntervalMinutes != 90 {
		t.Errorf("retry: %+v", r)
	}
	if w := p.Definition.Window; len(w.Holidays) != 1 || w.Open(time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC), time.UTC) {
		t.Errorf("window: %+v", w)
	}
}

func TestIdentityNeedsOnlyItsOwnFields(t *testing.T) {
	if key, name := plan.Identity([]byte("key: k\nname: n\nwhatever: 1\n")); key != "k" || name != "n" {
		t.Errorf("%q %q", key, name)
	}
	if key, name := plan.Identity([]byte("[")); key != "" || name != "" {
		t.Errorf("%q %q", key, name)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"collection", "survey", "email"} {
		data, err := os.ReadFile("../../../../examples/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"name":"a","channel":"voice","line":{"settings":{"gateways":[]}},"agent":"x"}`))
	o := options()
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := plan.Read(data, o)
		if (p == nil) == (err == nil) {
			t.Errorf("%v, %v", p, err)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("kind %s: %v", fault.KindOf(err), err)
		}
		if p != nil && p.Definition.Channel != channel.Voice && p.Definition.Channel != channel.Email {
			t.Errorf("channel %s", p.Definition.Channel)
		}
	})
}
