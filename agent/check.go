package agent

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Bounds of a script.
const (
	maxSteps = 500
	maxCases = 100
)

// telephoneKeys are the keys that RFC 4733 events 0 to 11 stand for.
const telephoneKeys = "0123456789*#"

var stepName = regexp.MustCompile(`^[\pL\pN_-]{1,64}$`)

// checker collects what is wrong with a script while it makes a program of it.
type checker struct {
	vars   []PostCallVariable
	p      *program
	faults fault.List
}

func (c *checker) add(field, code string, p fault.Params) {
	c.faults = append(c.faults, fault.New(fault.Invalid, code, p).At(field))
}

// script checks what is not about one step.
func (c *checker) script(s *Script) {
	switch _, there := s.Steps[s.Start]; {
	case s.Start == "":
		c.add("start", "required", nil)
	case !there:
		c.add("start", "step_unknown", fault.Params{"name": clip(s.Start)})
	}
	if len(s.Steps) == 0 {
		c.add("steps", "required", nil)
	}
	if len(s.Steps) > maxSteps {
		c.add("steps", "too_many", fault.Params{"max": maxSteps})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Steps)) {
		if !stepName.MatchString(name) {
			c.add("steps."+clip(name), "step_name_invalid", fault.Params{"name": clip(name)})
		}
		if name == EndStep {
			c.add("steps.end", "step_name_reserved", fault.Params{"name": name})
		}
		// The names are needed before the first step is checked.
		c.p.steps[name] = nil
	}
}

// step checks one step and puts it into the program.
func (c *checker) step(name string, s Step) {
	field := "steps." + name
	kinds := s.kinds()
	if len(kinds) == 0 {
		c.add(field, "step_kind_missing", nil)
		return
	}
	if len(kinds) > 1 {
		words := make([]string, len(kinds))
		for i, k := range kinds {
			words[i] = string(k)
		}
		c.add(field, "step_kind_several", fault.Params{"kinds": strings.Join(words, ", ")})
		return
	}
	n := &node{name: name, kind: kinds[0], step: s, interrupt: s.Interrupt, play: s.Play}
	c.p.steps[name] = n
	c.interrupt(field+".interrupt", &n.interrupt)
	if n.kind != kindSay && n.kind != kindPlay && s.Interrupt != "" {
		c.add(field+".interrupt", "step_field_unused", fault.Params{"name": "interrupt", "kind": string(n.kind)})
	}
	switch n.kind {
	case kindSay:
		n.text = c.text(field+".say", s.Say)
	case kindPlay:
		c.faults = append(c.faults, checkSound(field+".play", s.Play)...)
	case kindAsk:
		c.ask(field, n)
	case kindBranch:
		c.branch(field, s.Branch)
	case kindSet:
		n.settings = c.settings(field+".set", s.Set)
	case kindPause:
		c.faults = append(c.faults, within(field+".pause", s.Pause, 10*time.Millisecond, 30*time.Second)...)
	default:
	}
	c.next(field, n)
}

// next checks that there is a way on, and that every way leads to a step.
func (c *checker) next(field string, n *node) {
	wants := true
	switch n.kind {
	case kindHangUp, kindGoto, kindBranch:
		wants = false
	case kindAsk:
		wants = n.ask.Collect != nil
	default:
	}
	if !wants && n.step.Next != "" {
		c.add(field+".next", "step_field_unused", fault.Params{"name": "next", "kind": string(n.kind)})
	}
	for _, e := range n.edges() {
		switch _, there := c.p.steps[e.to]; {
		case e.to == "":
			c.add(field+"."+e.field, "step_without_next", nil)
		case !there && e.to != EndStep:
			c.add(field+"."+e.field, "step_unknown", fault.Params{"name": clip(e.to)})
		}
	}
}

func (c *checker) interrupt(field string, i *Interrupt) {
	switch *i {
	case "":
		*i = InterruptKeys
	case InterruptKeys, InterruptSpeech, InterruptNever:
	default:
		p := fault.Params{"value": clip(string(*i)), "allowed": "keys, speech, never"}
		c.add(field, "not_one_of", p)
	}
}

func (c *checker) text(field, source string) *Template {
	t, _ := Parse(Text, source)
	c.faults = append(c.faults, checkText(field, source)...)
	if strings.TrimSpace(source) == "" {
		c.add(field, "required", nil)
	}
	return t
}

// ask checks a question.
func (c *checker) ask(field string, n *node) {
	a := n.step.Ask
	field += ".ask"
	n.ask, n.play, n.interrupt, n.retries = a.withDefaults(), a.Play, a.Interrupt, defaultRetries
	c.interrupt(field+".interrupt", &n.interrupt)
	if a.Say != "" {
		n.text = c.text(field+".say", a.Say)
	}
	if a.Say != "" && a.Play != "" {
		c.add(field, "one_of_required", fault.Params{"names": "say, play"})
	}
	c.faults = append(c.faults, checkSound(field+".play", a.Play)...)
	c.faults = append(c.faults, within(field+".timeout", a.Timeout, time.Second, time.Minute)...)
	c.faults = append(c.faults, within(field+".max_speech", a.MaxSpeech, time.Second, 2*time.Minute)...)
	if a.Retries != nil {
		n.retries = *a.Retries
		if n.retries < 0 || n.retries > 5 {
			c.add(field+".retries", "out_of_range", fault.Params{"value": n.retries, "min": 0, "max": 5})
		}
	}
	if len(a.Keys) == 0 && a.Collect == nil && a.AnySpeech == "" {
		c.add(field, "ask_without_answers", nil)
	}
	for _, k := range slices.Sorted(maps.Keys(a.Keys)) {
		if len(k) != 1 || !strings.Contains(telephoneKeys, k) {
			c.add(field+".keys."+clip(k), "keypad_key_invalid", fault.Params{"key": clip(k)})
		} else if a.Collect != nil && (k >= "0" && k <= "9" || k == n.ask.Collect.Terminator) {
			c.add(field+".keys."+k, "key_collected", fault.Params{"key": k})
		}
	}
	if a.Collect != nil {
		n.takes, _ = find(c.vars, a.Collect.Variable)
		c.collect(field+".collect", a.Collect, n.ask.Collect)
	}
}

// collect checks an entry as written and as filled in.
func (c *checker) collect(field string, as, full *Collect) {
	if v, ok := c.declared(field+".variable", as.Variable); ok && v.Type != String && v.Type != Number && v.Type != Enum {
		p := fault.Params{"name": v.Name, "type": string(v.Type)}
		c.add(field+".variable", "variable_type_unfit", p)
	}
	switch as.Format {
	case "", EntryDigits, EntryNumber:
	case EntryCPF, EntryCNPJ, EntryDate:
		if n := as.Format.lengths(); as.Min != 0 && as.Min != n || as.Max != 0 && as.Max != n {
			c.add(field, "collect_length_fixed", fault.Params{"format": string(as.Format), "length": n})
		}
	default:
		p := fault.Params{"value": clip(string(as.Format)), "allowed": "digits, number, cpf, cnpj, date"}
		c.add(field+".format", "not_one_of", p)
	}
	if full.Min < 1 || full.Min > full.Max {
		c.add(field+".min", "out_of_range", fault.Params{"value": full.Min, "min": 1, "max": full.Max})
	}
	if full.Max > maxDigits {
		c.add(field+".max", "out_of_range", fault.Params{"value": full.Max, "min": 1, "max": maxDigits})
	}
	if as.Format != EntryNumber && (as.Least != nil || as.Most != nil) {
		c.add(field, "step_field_unused", fault.Params{"name": "least, most", "kind": string(full.Format)})
	}
	if as.Least != nil && as.Most != nil && *as.Least > *as.Most {
		c.add(field+".least", "out_of_range", fault.Params{"value": *as.Least, "min": 0, "max": *as.Most})
	}
	if t := full.Terminator; t != "#" && t != "*" && t != "none" {
		c.add(field+".terminator", "not_one_of", fault.Params{"value": clip(t), "allowed": "#, *, none"})
	}
	c.faults = append(c.faults, within(field+".pause", as.Pause, time.Second, 20*time.Second)...)
}

// declared finds the post-call variable that a step gives a value.
func (c *checker) declared(field, name string) (PostCallVariable, bool) {
	if name == "" {
		c.add(field, "required", nil)
		return PostCallVariable{}, false
	}
	v, ok := find(c.vars, name)
	if !ok {
		c.add(field, "variable_undeclared", fault.Params{"name": clip(name)})
	}
	return v, ok
}

func (c *checker) settings(field string, set map[string]string) []setting {
	if len(set) == 0 {
		c.add(field, "required", nil)
	}
	var out []setting
	for _, name := range slices.Sorted(maps.Keys(set)) {
		at := field + "." + clip(name)
		v, ok := c.declared(at, name)
		t, err := Parse(Text, set[name])
		if err != nil {
			c.faults = append(c.faults, fault.All(err).Under(at)...)
			continue
		}
		if ok && len(t.Names()) == 0 && len(t.Optional()) == 0 && !v.Takes(set[name]) {
			p := fault.Params{"name": name, "type": string(v.Type), "value": clip(set[name])}
			c.add(at, "variable_value_invalid", p)
		}
		out = append(out, setting{name: name, takes: v, value: t})
	}
	return out
}

// branch checks the cases: each says something, and the last one catches the rest.
func (c *checker) branch(field string, cases []Case) {
	if len(cases) > maxCases {
		c.add(field+".branch", "too_many", fault.Params{"max": maxCases})
	}
	for i, one := range cases {
		at := fmt.Sprintf("%s.branch[%d]", field, i)
		says := one.Equals != nil || len(one.OneOf) > 0 || one.Exists != nil
		switch {
		case one.Else && (says || one.Variable != ""):
			c.add(at, "case_else_alone", nil)
		case one.Else && i < len(cases)-1:
			c.add(at, "case_after_else", nil)
		case one.Else:
		case one.Variable == "":
			c.add(at+".variable", "required", nil)
		case Key(one.Variable) == "":
			c.add(at+".variable", "template_name_invalid", fault.Params{"name": clip(one.Variable)})
		case !says:
			c.add(at, "one_of_required", fault.Params{"names": "equals, one_of, exists"})
		}
	}
	if len(cases) == 0 || !cases[len(cases)-1].Else {
		c.add(field+".branch", "branch_without_else", nil)
	}
}
