package agent

import (
	"maps"
	"slices"
	"strings"

	"campanario/internal/fault"
)

// ways checks how steps hang together: that each can be reached, that the agent never talks in a circle without giving
// the person a turn, that every way can end, and that what is said is known by then. It also works out which variables
// a person must bring.
func (c *checker) ways() {
	reached := c.reach()
	for _, name := range c.names() {
		if !reached[name] {
			c.add("steps."+name, "step_unreachable", fault.Params{"step": name})
		}
	}
	ends := c.ending()
	for _, name := range c.names() {
		if reached[name] && !ends[name] {
			c.add("steps."+name, "script_never_ends", fault.Params{"step": name})
		}
	}
	if circle := c.circle(); circle != nil {
		p := fault.Params{"steps": strings.Join(circle, " → ")}
		c.add("steps."+circle[0], "script_loop_without_question", p)
	}
	c.values()
}

func (c *checker) names() []string { return slices.Sorted(maps.Keys(c.p.steps)) }

// reach marks the steps that can be reached from the start.
func (c *checker) reach() map[string]bool {
	seen := map[string]bool{EndStep: true}
	todo := []string{c.p.start}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, e := range c.p.steps[name].edges() {
			todo = append(todo, e.to)
		}
	}
	return seen
}

// ending marks the steps from which some way leads to the end of the call.
func (c *checker) ending() map[string]bool {
	ends := map[string]bool{EndStep: true}
	for again := true; again; {
		again = false
		for name, n := range c.p.steps {
			if !ends[name] && (n.kind == kindHangUp || slices.ContainsFunc(n.edges(), func(e edge) bool { return ends[e.to] })) {
				ends[name], again = true, true
			}
		}
	}
	return ends
}

// circle finds steps that lead back to themselves without a question among them; nil when there are none.
func (c *checker) circle() []string {
	const open, done = 1, 2
	state := map[string]int{}
	var path []string
	var visit func(name string) []string
	visit = func(name string) []string {
		n := c.p.steps[name]
		if name == EndStep || n.kind == kindAsk || state[name] == done {
			return nil
		}
		path = append(path, name)
		if state[name] == open {
			return path[slices.Index(path, name):]
		}
		state[name] = open
		for _, e := range n.edges() {
			if found := visit(e.to); found != nil {
				return found
			}
		}
		path = path[:len(path)-1]
		state[name] = done
		return nil
	}
	for _, name := range c.names() {
		if found := visit(name); found != nil {
			return found
		}
	}
	return nil
}

// use is a template that stands somewhere in the script.
type use struct {
	field string
	text  *Template
}

func (n *node) uses() []use {
	var out []use
	switch {
	case n.kind == kindAsk && n.text != nil:
		out = append(out, use{"ask.say", n.text})
	case n.text != nil:
		out = append(out, use{"say", n.text})
	}
	for _, s := range n.settings {
		out = append(out, use{"set." + s.name, s.value})
	}
	return out
}

// values checks that a variable which the script itself sets has been set on every way to where it is said, and lists
// what a person must bring and may bring.
func (c *checker) values() {
	given := map[string]bool{} // variables that some step sets
	for _, n := range c.p.steps {
		for _, e := range n.edges() {
			for _, v := range e.sets {
				given[v] = true
			}
		}
	}
	known := c.known(given)
	need, look := map[string]bool{}, map[string]bool{}
	for _, name := range c.names() {
		n := c.p.steps[name]
		for _, u := range n.uses() {
			for _, v := range u.text.Names() {
				switch {
				case !given[v]:
					need[v] = true
				case known[name] != nil && !known[name][v]:
					c.add("steps."+name+"."+u.field, "variable_not_set_yet", fault.Params{"name": v})
				}
			}
			for _, v := range u.text.Optional() {
				look[v] = true
			}
		}
		for _, one := range n.step.Branch {
			if v := Key(one.Variable); v != "" && !given[v] {
				look[v] = true
			}
		}
	}
	for v := range need {
		delete(look, v)
	}
	c.p.required, c.p.optional = slices.Sorted(maps.Keys(need)), slices.Sorted(maps.Keys(look))
}

// known works out, for every step that can be reached, which of the given variables have a value on every way to it.
func (c *checker) known(given map[string]bool) map[string]map[string]bool {
	at := map[string]map[string]bool{c.p.start: {}}
	for again := true; again; {
		again = false
		for name, n := range c.p.steps {
			if at[name] == nil {
				continue
			}
			for _, e := range n.edges() {
				arriving := maps.Clone(at[name])
				for _, v := range e.sets {
					arriving[v] = true
				}
				old := at[e.to]
				if old == nil {
					at[e.to], again = arriving, true
					continue
				}
				for v := range given {
					if old[v] && !arriving[v] {
						delete(old, v)
						again = true
					}
				}
			}
		}
	}
	return at
}
