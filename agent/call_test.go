package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/channel"
	"campanario/internal/fault"
)

func TestCallFaults(t *testing.T) {
	sec := func(n int) Duration { return Duration(time.Duration(n) * time.Second) }
	tests := []struct {
		name string
		call Call
		want string
	}{
		{"defaults", Call{}, ""},
		{"filled in", Call{}.WithDefaults(), ""},
		{"lowest", Call{RingTimeout: sec(10), MaxDuration: sec(30), SilenceTimeout: sec(5)}, ""},
		{"highest", Call{RingTimeout: sec(120), MaxDuration: sec(3600), SilenceTimeout: sec(120)}, ""},
		{
			"too low",
			Call{RingTimeout: sec(9), MaxDuration: sec(29), SilenceTimeout: sec(4)},
			"out_of_range at ring_timeout max=2m0s min=10s value=9s; out_of_range at max_duration max=1h0m0s min=30s value=29s; " +
				"out_of_range at silence_timeout max=2m0s min=5s value=4s",
		},
		{
			"too high",
			Call{RingTimeout: sec(121), MaxDuration: sec(3601), SilenceTimeout: -1},
			"out_of_range at ring_timeout max=2m0s min=10s value=2m1s; out_of_range at max_duration max=1h0m0s min=30s value=1h0m1s; " +
				"out_of_range at silence_timeout max=2m0s min=5s value=-1ns",
		},
		{"first message", Call{FirstMessage: "{{"}, "template_unclosed at first_message column=1 line=1"},
		{"voicemail action", Call{Voicemail: Voicemail{Action: "sing"}}, "not_one_of at voicemail.action allowed=hang_up, leave_message value=sing"},
		{"nothing to leave", Call{Voicemail: Voicemail{Action: VoicemailLeaveMessage}}, "one_of_required at voicemail names=say, play"},
		{"two to leave", Call{Voicemail: Voicemail{Action: VoicemailLeaveMessage, Say: "x", Play: "y"}}, "one_of_required at voicemail names=say, play"},
		{"leaves", Call{Voicemail: Voicemail{Action: VoicemailLeaveMessage, Say: "x {{name}}"}}, ""},
		{"detection", Call{Detection: Detection{Greeting: sec(11), Level: -1}}, "out_of_range at detection.greeting max=10s min=500ms value=11s; out_of_range at detection.level max=2000 min=1 value=-1; detection_total_short at detection.total"},
		{"detection too short", Call{Detection: Detection{Total: sec(3)}}, "detection_total_short at detection.total"},
	}
	for _, tt := range tests {
		got := ""
		if l := tt.call.Validate(); len(l) > 0 {
			got = l.Error()
		}
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestPlanFaults(t *testing.T) {
	a := confirm(t)
	for goal, code := range map[string]string{"nada": "variable_undeclared", "grade": "variable_type_unfit"} {
		if _, err := NewPlan(a, Call{}, goal); !fault.Is(err, code) {
			t.Errorf("goal %s: %v", goal, err)
		}
	}
	_, err := NewPlan(Agent{Name: "x"}, Call{RingTimeout: 1}, "y")
	want := "required at agent.script; out_of_range at call.ring_timeout max=2m0s min=10s value=1ns; variable_undeclared at goal_variable name=y"
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

func TestBrief(t *testing.T) {
	p, err := NewPlan(confirm(t), Call{
		FirstMessage: "Oi, {{apelido}}",
		RingTimeout:  Duration(20 * time.Second),
		Voicemail:    Voicemail{Action: VoicemailLeaveMessage, Say: "{{recado}}"},
	}, "confirmed")
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Brief(Variables{"first_name": "Maria", "recado": " "})
	var lack *Missing
	if !errors.As(err, &lack) {
		t.Fatalf("a person who lacks variables: %v", err)
	}
	if diff := cmp.Diff([]string{"apelido", "data_da_consulta", "recado"}, lack.Names); diff != "" {
		t.Error(diff)
	}
	vars := Variables{"first_name": "Maria", "recado": "x", "apelido": "Má", "data_da_consulta": "hoje"}
	b, err := p.Brief(vars)
	if err != nil {
		t.Fatal(err)
	}
	if b.Channel() != channel.Voice {
		t.Errorf("channel %s", b.Channel())
	}
	if got, want := b.Longest(), 20*time.Second+10*time.Minute; got <= want || got > want+2*time.Minute {
		t.Errorf("Longest is %v, want a little over %v", got, want)
	}
	m, err := b.Machine()
	if err != nil {
		t.Fatal(err)
	}
	if got := short(m.Start(), false)[2]; got != "say 1 Oi, Má" {
		t.Errorf("first words: %s", got)
	}
	for range 2 { // leaving a variable set is the machine's, not the plan's
		m.Handle(KeyPressed{"1"}, time.Second)
	}
	if len(vars) != 4 {
		t.Errorf("the machine wrote into the variables of the brief: %v", vars)
	}
	if _, err := (&Brief{}).Machine(); !errors.Is(err, ErrNoScript) {
		t.Errorf("a brief that no plan made: %v", err)
	}
}

func TestDuration(t *testing.T) {
	tests := map[string]time.Duration{
		"800ms": 800 * time.Millisecond, "1m30s": 90 * time.Second, " 5 ": 5 * time.Second, "0.5": time.Second / 2, "1.000001": 1000001 * time.Microsecond,
	}
	for s, want := range tests {
		var d Duration
		if err := d.UnmarshalText([]byte(s)); err != nil || d.D() != want {
			t.Errorf("%q is %v, %v", s, d.D(), err)
		}
		text, err := d.MarshalText()
		var again Duration
		if err != nil || again.UnmarshalText(text) != nil || again != d {
			t.Errorf("%q is written %q and read %v", s, text, again.D())
		}
	}
	for _, s := range []string{"", "x", "5 seconds", "NaN", "1e12", "Inf", "-Inf"} {
		var d Duration
		if err := d.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q is taken for %v", s, d.D())
		}
	}
}
