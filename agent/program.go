package agent

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"campanario/internal/fault"
)

// Defaults of a question.
const (
	defaultTimeout   = 6 * time.Second
	defaultMaxSpeech = 20 * time.Second
	defaultRetries   = 2
	defaultPause     = 4 * time.Second
	maxDigits        = 32
)

// stepKind is which of its kinds a step is.
type stepKind string

const (
	kindSay    stepKind = "say"
	kindPlay   stepKind = "play"
	kindAsk    stepKind = "ask"
	kindBranch stepKind = "branch"
	kindSet    stepKind = "set"
	kindGoal   stepKind = "goal"
	kindOptOut stepKind = "opt_out"
	kindPause  stepKind = "pause"
	kindGoto   stepKind = "goto"
	kindHangUp stepKind = "hang_up"
)

// kinds lists what a step says it is; a good step is one thing.
func (s Step) kinds() []stepKind {
	var out []stepKind
	for _, k := range []struct {
		kind stepKind
		set  bool
	}{
		{kindSay, s.Say != ""},
		{kindPlay, s.Play != ""},
		{kindAsk, s.Ask != nil},
		{kindBranch, s.Branch != nil},
		{kindSet, s.Set != nil},
		{kindGoal, s.Goal},
		{kindOptOut, s.OptOut},
		{kindPause, s.Pause != 0},
		{kindGoto, s.Goto != ""},
		{kindHangUp, s.HangUp},
	} {
		if k.set {
			out = append(out, k.kind)
		}
	}
	return out
}

// program is a script made ready to run: templates parsed, defaults filled in, every name known to exist.
type program struct {
	start    string
	steps    map[string]*node
	required []string // variables that a person must bring
	optional []string // variables looked at, that a person may bring
}

// node is one step of a program.
type node struct {
	name      string
	kind      stepKind
	step      Step
	interrupt Interrupt
	text      *Template // what a say or an ask says; nil when it plays or listens only
	play      string
	ask       *Ask // with defaults
	retries   int
	takes     PostCallVariable // what an ask collects into
	settings  []setting
}

// setting is one variable that a set step gives a value.
type setting struct {
	name  string
	takes PostCallVariable
	value *Template
}

// edge is a way from one step to another.
type edge struct {
	field string   // where the script says so
	to    string   // name of the step
	sets  []string // variables that have a value on arriving this way
}

// compile makes a program of a script, or everything wrong with it at once.
func compile(s *Script, vars []PostCallVariable) (*program, fault.List) {
	c := &checker{vars: vars, p: &program{start: s.Start, steps: map[string]*node{}}}
	c.script(s)
	for _, name := range slices.Sorted(maps.Keys(s.Steps)) {
		c.step(name, s.Steps[name])
	}
	if len(c.faults) == 0 {
		// What is said about ways through a script is only right when its steps are.
		c.ways()
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return c.p, nil
}

// withDefaults is the question with everything filled in.
func (a Ask) withDefaults() *Ask {
	fill(&a.Timeout, Duration(defaultTimeout))
	fill(&a.MaxSpeech, Duration(defaultMaxSpeech))
	if a.NoInput == "" {
		a.NoInput = EndStep
	}
	if a.Collect != nil {
		c := *a.Collect
		if n := c.Format.lengths(); n > 0 {
			c.Min, c.Max = n, n
		}
		if c.Min == 0 {
			c.Min = 1
		}
		if c.Max == 0 {
			c.Max = maxDigits
		}
		if c.Format == "" {
			c.Format = EntryDigits
		}
		if c.Terminator == "" {
			c.Terminator = "#"
		}
		fill(&c.Pause, Duration(defaultPause))
		a.Collect = &c
	}
	return &a
}

// edges lists the ways out of a step, in the order people would name them.
func (n *node) edges() []edge {
	switch n.kind {
	case kindHangUp:
		return nil
	case kindGoto:
		return []edge{{field: "goto", to: n.step.Goto}}
	case kindBranch:
		var out []edge
		for i, c := range n.step.Branch {
			out = append(out, edge{field: "branch[" + strconv.Itoa(i) + "].next", to: c.Next})
		}
		return out
	case kindAsk:
		return n.answers()
	case kindSet:
		e := edge{field: "next", to: n.step.Next}
		for _, s := range n.settings {
			e.sets = append(e.sets, s.name)
		}
		return []edge{e}
	default:
		return []edge{{field: "next", to: n.step.Next}}
	}
}

// answers lists the ways out of a question.
func (n *node) answers() []edge {
	var out []edge
	for _, k := range slices.Sorted(maps.Keys(n.ask.Keys)) {
		out = append(out, edge{field: "ask.keys." + k, to: n.ask.Keys[k]})
	}
	if c := n.ask.Collect; c != nil {
		out = append(out, edge{field: "next", to: n.step.Next, sets: []string{c.Variable}})
	}
	for _, way := range []edge{
		{field: "ask.any_speech", to: n.ask.AnySpeech},
		{field: "ask.silence", to: n.ask.Silence},
		{field: "ask.invalid", to: n.ask.Invalid},
		{field: "ask.no_input", to: n.ask.NoInput},
	} {
		if way.to != "" {
			out = append(out, way)
		}
	}
	return out
}

// sounds lists the WAV files the program plays, sorted.
func (p *program) sounds() []string {
	var out []string
	for _, n := range p.steps {
		if n.play != "" {
			out = append(out, n.play)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
