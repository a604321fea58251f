package agent

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"campanario/internal/fault"
)

func confirm(t testing.TB) Agent {
	t.Helper()
	data, err := os.ReadFile("testdata/confirm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAgent(data)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestScriptNames(t *testing.T) {
	p, err := NewPlan(confirm(t), Call{FirstMessage: "Oi, {{apelido | você}} de {{cidade}}"}, "confirmed")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cidade", "data_da_consulta", "first_name"}, p.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"apelido", "clinic"}, p.Optional()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"obrigado.wav"}, p.Sounds()); diff != "" {
		t.Error(diff)
	}
}

// TestAgentRoundTrips holds that an agent is the same after JSON and after YAML.
func TestAgentRoundTrips(t *testing.T) {
	a := confirm(t)
	j, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := ParseAgent(j)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, fromJSON); diff != "" {
		t.Errorf("after JSON: %s", diff)
	}
	y, err := yaml.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	fromYAML, err := ParseAgent(y)
	if err != nil {
		t.Fatalf("%v\n%s", err, y)
	}
	if diff := cmp.Diff(a, fromYAML); diff != "" {
		t.Errorf("after YAML: %s", diff)
	}
	var unquoted Duration
	if err := json.Unmarshal([]byte(`2.5`), &unquoted); err != nil || unquoted.D().Milliseconds() != 2500 {
		t.Errorf("2.5 in JSON is %v, %v", unquoted.D(), err)
	}
}

// TestScriptFaults gives one broken script per rule, each with everything that must be said of it.
func TestScriptFaults(t *testing.T) {
	tests := []struct{ name, steps, want string }{
		{"good", "a: {say: x, next: end}", ""},
		{"start missing", "b: {say: x, next: end}", "step_unknown at script.start name=a"},
		{"unknown step", "a: {say: x, next: b}", "step_unknown at script.steps.a.next name=b"},
		{"no way on", "a: {say: x}", "step_without_next at script.steps.a.next"},
		{"nothing", "a: {next: end}", "step_kind_missing at script.steps.a"},
		{"two things", "a: {say: x, goal: true, next: end}", "step_kind_several at script.steps.a kinds=say, goal"},
		{"name of a step", "a: {goto: 'b c'}\n'b c': {hang_up: true}", "step_name_invalid at script.steps.b c name=b c"},
		{"reserved name", "a: {goto: end}\nend: {hang_up: true}", "step_name_reserved at script.steps.end name=end"},
		{"unreachable", "a: {hang_up: true}\nb: {say: x, next: c}\nc: {hang_up: true}", "step_unreachable at script.steps.b step=b; step_unreachable at script.steps.c step=c"},
		{"talks for ever", "a: {say: x, next: b}\nb: {branch: [{variable: v, equals: '1', next: end}, {else: true, next: a}]}", "script_loop_without_question at script.steps.a steps=a → b → a"},
		{"goes to itself", "a: {goto: a}", "script_never_ends at script.steps.a step=a; script_loop_without_question at script.steps.a steps=a → a"},
		{"asks for ever", "a: {ask: {say: x, keys: {'1': a}, no_input: a}}", "script_never_ends at script.steps.a step=a"},
		{"a circle through a question", "a: {ask: {say: x, keys: {'1': b}}}\nb: {say: x, next: a}", ""},
		{"bad template", "a: {say: 'x {{b', next: end}", "template_unclosed at script.steps.a.say column=3 line=1"},
		{"blank text", "a: {say: ' ', next: end}", "required at script.steps.a.say"},
		{"long text", "a: {say: '" + strings.Repeat("x", maxSpoken+1) + "', next: end}", "too_long at script.steps.a.say max=5000"},
		{"a path for a sound", "a: {play: ../x.wav, next: end}", "sound_name_invalid at script.steps.a.play name=../x.wav"},
		{"interrupt", "a: {say: x, interrupt: always, next: end}", "not_one_of at script.steps.a.interrupt allowed=keys, speech, never value=always"},
		{"interrupt of nothing", "a: {hang_up: true, interrupt: keys}", "step_field_unused at script.steps.a.interrupt kind=hang_up name=interrupt"},
		{"next after the end", "a: {hang_up: true, next: end}", "step_field_unused at script.steps.a.next kind=hang_up name=next"},
		{"long pause", "a: {pause: 31s, next: end}", "out_of_range at script.steps.a.pause max=30s min=10ms value=31s"},

		{"no answers", "a: {ask: {say: x}}", "ask_without_answers at script.steps.a.ask"},
		{"bad keys", "a: {ask: {say: x, keys: {A: end, '12': end}}}", "keypad_key_invalid at script.steps.a.ask.keys.12 key=12; keypad_key_invalid at script.steps.a.ask.keys.A key=A"},
		{"two questions", "a: {ask: {say: x, play: y, keys: {'1': end}}}", "one_of_required at script.steps.a.ask names=say, play"},
		{"retries", "a: {ask: {say: x, keys: {'1': end}, retries: 6}}", "out_of_range at script.steps.a.ask.retries max=5 min=0 value=6"},
		{"timeout", "a: {ask: {say: x, keys: {'1': end}, timeout: 61, max_speech: 500ms}}", "out_of_range at script.steps.a.ask.timeout max=1m0s min=1s value=1m1s; out_of_range at script.steps.a.ask.max_speech max=2m0s min=1s value=500ms"},
		{"ways of a question", "a: {ask: {say: x, keys: {'1': b}, any_speech: c, silence: d, invalid: e, no_input: f}}", "step_unknown at script.steps.a.ask.keys.1 name=b; step_unknown at script.steps.a.ask.any_speech name=c; step_unknown at script.steps.a.ask.silence name=d; step_unknown at script.steps.a.ask.invalid name=e; step_unknown at script.steps.a.ask.no_input name=f"},
		{"next of keys only", "a: {ask: {say: x, keys: {'1': end}}, next: end}", "step_field_unused at script.steps.a.next kind=ask name=next"},
		{"entry without next", "a: {ask: {say: x, collect: {variable: s}}}", "step_without_next at script.steps.a.next"},
		{"entry into nothing", "a: {ask: {say: x, collect: {}}, next: end}", "required at script.steps.a.ask.collect.variable"},
		{"entry undeclared", "a: {ask: {say: x, collect: {variable: z}}, next: end}", "variable_undeclared at script.steps.a.ask.collect.variable name=z"},
		{"entry into a boolean", "a: {ask: {say: x, collect: {variable: b}}, next: end}", "variable_type_unfit at script.steps.a.ask.collect.variable name=b type=boolean"},
		{"entry lengths", "a: {ask: {say: x, collect: {variable: s, min: 5, max: 4}}, next: end}", "out_of_range at script.steps.a.ask.collect.min max=4 min=1 value=5"},
		{"entry too long", "a: {ask: {say: x, collect: {variable: s, max: 33}}, next: end}", "out_of_range at script.steps.a.ask.collect.max max=32 min=1 value=33"},
		{"entry of fixed length", "a: {ask: {say: x, collect: {variable: s, format: cpf, max: 12}}, next: end}", "collect_length_fixed at script.steps.a.ask.collect format=cpf length=11"},
		{"entry format", "a: {ask: {say: x, collect: {variable: s, format: rg, terminator: '1'}}, next: end}", "not_one_of at script.steps.a.ask.collect.format allowed=digits, number, cpf, cnpj, date value=rg; not_one_of at script.steps.a.ask.collect.terminator allowed=#, *, none value=1"},
		{"entry bounds", "a: {ask: {say: x, collect: {variable: s, least: 1}}, next: end}", "step_field_unused at script.steps.a.ask.collect kind=digits name=least, most"},
		{"entry bounds crossed", "a: {ask: {say: x, collect: {variable: n, format: number, least: 5, most: 1}}, next: end}", "out_of_range at script.steps.a.ask.collect.least max=1 min=0 value=5"},
		{"key and entry", "a: {ask: {say: x, keys: {'1': end, '#': end, '*': end}, collect: {variable: s}}, next: end}", "key_collected at script.steps.a.ask.keys.# key=#; key_collected at script.steps.a.ask.keys.1 key=1"},

		{"set undeclared", "a: {set: {z: '1'}, next: end}", "variable_undeclared at script.steps.a.set.z name=z"},
		{"set nothing", "a: {set: {}, next: end}", "required at script.steps.a.set"},
		{"set to no boolean", "a: {set: {b: sim}, next: end}", "variable_value_invalid at script.steps.a.set.b name=b type=boolean value=sim"},
		{"set to no number", "a: {set: {n: '1,5'}, next: end}", "variable_value_invalid at script.steps.a.set.n name=n type=number value=1,5"},
		{"set to no member", "a: {set: {e: z}, next: end}", "variable_value_invalid at script.steps.a.set.e name=e type=enum value=z"},
		{"set from a person", "a: {set: {e: '{{x}}', n: '1.5', b: 'false'}, next: end}", ""},

		{"branch without else", "a: {branch: [{variable: x, equals: '1', next: end}]}", "branch_without_else at script.steps.a.branch"},
		{"empty branch", "a: {branch: []}", "branch_without_else at script.steps.a.branch"},
		{"else first", "a: {branch: [{else: true, next: end}, {else: true, next: end}]}", "case_after_else at script.steps.a.branch[0]"},
		{"else of something", "a: {branch: [{else: true, variable: x, next: end}]}", "case_else_alone at script.steps.a.branch[0]"},
		{"case of nothing", "a: {branch: [{variable: x, next: end}, {equals: '1', next: end}, {else: true}]}", "one_of_required at script.steps.a.branch[0] names=equals, one_of, exists; required at script.steps.a.branch[1].variable; step_without_next at script.steps.a.branch[2].next"},

		{
			"said before it is known", "a: {ask: {say: x, keys: {'*': b}, collect: {variable: s}}, next: b}\nb: {say: '{{s}}', next: end}",
			"variable_not_set_yet at script.steps.b.say name=s",
		},
		{
			"known on every way", "a: {ask: {say: x, keys: {'*': c}, collect: {variable: s}}, next: b}\nb: {say: '{{s}} {{x}}', next: end}\nc: {set: {s: '1'}, next: b}",
			"",
		},
		{"its own answer", "a: {ask: {say: 'x {{s}}', collect: {variable: s}}, next: end}", "variable_not_set_yet at script.steps.a.ask.say name=s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := "name: x\nvariables: [{name: b, type: boolean}, {name: n, type: number}, {name: s, type: string}, {name: e, type: enum, values: [p, q]}]\n" +
				"script:\n  start: a\n  steps:\n    " + strings.ReplaceAll(tt.steps, "\n", "\n    ") + "\n"
			var a Agent
			if _, err := ReadYAML([]byte(file), &a); err != nil {
				t.Fatal(err)
			}
			got := ""
			if l := a.Validate(); len(l) > 0 {
				got = l.Error()
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAgentFaults(t *testing.T) {
	a := Agent{
		Kind: "dream", Language: "português", Zone: "Brasilia", Speed: 3,
		Variables: []PostCallVariable{
			{Name: "a", Type: Boolean},
			{Name: "a", Type: Enum},
			{Name: "Não Sei", Type: String, Values: []string{"x"}},
			{Name: "wildcard_1", Type: "date"},
			{},
		},
	}
	want := "required at name; language_invalid at language value=português; zone_unknown at zone value=Brasilia; " +
		"out_of_range at speed max=2 min=0.5 value=3; duplicate at variables[1].name value=a; required at variables[1].values; " +
		"variable_name_invalid at variables[2].name instead=nao_sei name=Não Sei; values_not_enum at variables[2].values type=string; " +
		"variable_name_reserved at variables[3].name name=wildcard_1; not_one_of at variables[3].type allowed=boolean, string, number, enum value=date; " +
		"required at variables[4].name; not_one_of at variables[4].type allowed=boolean, string, number, enum value=; " +
		"not_one_of at kind allowed=script, realtime, pipeline value=dream"
	if got := a.Validate().Error(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	for _, k := range []Kind{KindRealtime, KindPipeline} {
		if got := (Agent{Name: "x", Kind: k}).Validate(); !fault.Is(got.Err(), "agent_kind_unavailable") {
			t.Errorf("%s: %v", k, got)
		}
	}
	if got := (Agent{Name: "x"}).Validate(); !fault.Is(got.Err(), "required") {
		t.Errorf("without a script: %v", got)
	}
}

// TestReadYAML holds that mistakes are told with their places, all at once.
func TestReadYAML(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"nothing", "", "yaml_empty"},
		{"only a comment", "# x\n", "yaml_empty"},
		{"not YAML", "name: [1", "yaml_syntax column=7 detail=sequence end token ']' not found line=1"},
		{"a key twice", "name: a\nname: b\n", `yaml_syntax column=1 detail=mapping key "name" already defined at [1:1] line=2`},
		{"not a mapping", "- 1\n", "yaml_wrong_type column=1 line=1 want=mapping"},
		{
			"unknown keys", "nome: x\nscript:\n  begin: a\n  steps:\n    a: {sayy: 1}\n",
			"unknown_key at nome column=1 key=nome line=1; unknown_key at script.begin column=3 key=begin line=3; unknown_key at script.steps.a.sayy column=9 key=sayy line=5",
		},
		{
			"wrong types", "name: [1]\nspeed: fast\nversion: 1.5\nscript:\n  steps:\n    a: {goal: maybe, pause: long}\n    b: 7\nvariables: {a: 1}\n",
			"yaml_wrong_type at name column=7 line=1 want=single; yaml_wrong_type at speed column=8 line=2 want=number; " +
				"yaml_wrong_type at version column=10 line=3 want=integer; yaml_wrong_type at script.steps.a.goal column=15 line=6 want=boolean; " +
				"yaml_wrong_type at script.steps.a.pause column=29 line=6 want=duration; yaml_wrong_type at script.steps.b column=8 line=7 want=mapping; " +
				"yaml_wrong_type at variables column=12 line=8 want=list",
		},
		{"references", "name: &x y\nvoice: *x\n", "yaml_reference at name column=7 line=1; yaml_reference at voice column=8 line=2"},
		{"two documents", "name: a\n---\nname: b\n", "yaml_several_documents column=1 line=2"},
		{"brackets without end", strings.Repeat("[", 1000), "yaml_too_deep max=32"},
		{"a list of lists of lists", strings.Repeat("- ", 1000), "yaml_too_deep max=32"},
		{"indented beyond reason", strings.Repeat(" ", 1000) + "a: 1", "yaml_too_deep max=32"},
		{"fine", "name: a\nversion: 2\nspeed: 1\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a Agent
			_, err := ReadYAML([]byte(tt.file), &a)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
	_, err := ParseAgent([]byte("name: a\nscript:\n  start: a\n  steps:\n    a:\n      say: x\n      next: nowhere\n    b: {ask: {say: '{{'}}\n"))
	want := "step_unknown at script.steps.a.next column=7 line=7 name=nowhere; template_unclosed at script.steps.b.ask.say column=15 line=8; ask_without_answers at script.steps.b.ask column=9 line=8"
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
	if _, err := ReadYAML([]byte(strings.Repeat("a: ", maxDocument)), &Agent{}); !fault.Is(err, "too_long") {
		t.Errorf("a very long file: %v", err)
	}
}

// FuzzParseAgent holds that any file gives an agent that runs, or faults.
func FuzzParseAgent(f *testing.F) {
	whole, err := os.ReadFile("testdata/confirm.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, "1")
	f.Add([]byte("name: a\nscript: {start: a, steps: {a: {ask: {keys: {1: a}}}}}"), "1")
	f.Add([]byte(`{"name": "a", "script": {"start": "a", "steps": {"a": {"hang_up": true}}}}`), "")
	f.Add([]byte("a: &a [*a]\n? - x\n"), "x")
	f.Fuzz(func(t *testing.T, data []byte, answer string) {
		a, err := ParseAgent(data)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		p, err := NewPlan(a, Call{}, "")
		if err != nil {
			t.Fatalf("parsed, but makes no plan: %v", err)
		}
		v := Variables{}
		for _, n := range p.Names() {
			v[n] = "x"
		}
		b, err := p.Brief(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Rehearse([]string{answer, "", "1", "talk", "12345678901", "#"}); err != nil {
			t.Fatal(err)
		}
	})
}
