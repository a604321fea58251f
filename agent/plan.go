package agent

import (
	"errors"
	"slices"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Plan is an agent and a campaign's settings for its calls, made ready once; it makes the Brief of every call. It is
// immutable and safe for concurrent use.
type Plan struct {
	agent   Agent
	call    Call
	goal    string
	program *program
	first   *Template
	message *Template // for voicemail

	names []string // variables that every recipient must bring
}

// NewPlan makes a plan. goal names the boolean post-call variable that says whether the goal was reached; it may be
// empty, and a script's goal step counts in any case. The error is a fault.List of everything wrong at once, with
// fields under "agent", "call" and "goal_variable".
func NewPlan(a Agent, c Call, goal string) (*Plan, error) {
	a, c = a.WithDefaults(), c.WithDefaults()
	l := a.Validate().Under("agent")
	l = append(l, c.Validate().Under("call")...)
	if goal != "" {
		if v, ok := find(a.Variables, goal); !ok {
			l = append(l, fault.New(fault.Invalid, "variable_undeclared", fault.Params{"name": clip(goal)}).At("goal_variable"))
		} else if v.Type != Boolean {
			p := fault.Params{"name": goal, "type": string(v.Type)}
			l = append(l, fault.New(fault.Invalid, "variable_type_unfit", p).At("goal_variable"))
		}
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	p := &Plan{agent: a, call: c, goal: goal}
	p.program, _ = compile(a.Script, a.Variables)
	if c.FirstMessage != "" {
		p.first, _ = Parse(Text, c.FirstMessage)
	}
	if c.Voicemail.Leaves() && c.Voicemail.Say != "" {
		p.message, _ = Parse(Text, c.Voicemail.Say)
	}
	p.names = slices.Clone(p.program.required)
	for _, t := range []*Template{p.first, p.message} {
		if t != nil {
			p.names = append(p.names, t.Names()...)
		}
	}
	slices.Sort(p.names)
	p.names = slices.Compact(p.names)
	return p, nil
}

// Names lists the variables that every recipient must bring, sorted.
func (p *Plan) Names() []string { return slices.Clone(p.names) }

// Optional lists the variables that the dialogue looks at when a recipient brings them, sorted.
func (p *Plan) Optional() []string {
	out := slices.Clone(p.program.optional)
	for _, t := range []*Template{p.first, p.message} {
		if t != nil {
			out = append(out, t.Optional()...)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(n string) bool { return slices.Contains(p.names, n) })
}

// Sounds lists the WAV files that calls will play, sorted.
func (p *Plan) Sounds() []string {
	out := p.program.sounds()
	if p.call.Voicemail.Leaves() && p.call.Voicemail.Play != "" {
		out = append(out, p.call.Voicemail.Play)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Brief makes the brief of one person. Whoever lacks a variable that may be needed gets a *Missing that names all.
// Nothing is rendered before it is said.
func (p *Plan) Brief(v Variables) (*Brief, error) {
	var lacking []string
	for _, n := range p.names {
		if _, ok := v.Lookup(n); !ok {
			lacking = append(lacking, n)
		}
	}
	if err := missing(lacking); err != nil {
		return nil, err
	}
	return &Brief{plan: p, Agent: &p.agent, Call: p.call, Variables: v, GoalVariable: p.goal}, nil
}

// Brief is everything that one call needs. It is the channel.Content of channel.Voice, always as a pointer.
type Brief struct {
	Agent        *Agent // with its defaults; shared, not to be changed
	Call         Call   // with its defaults
	Variables    Variables
	GoalVariable string // boolean post-call variable that says whether the goal was reached; may be empty

	plan *Plan
}

var _ channel.Content = (*Brief)(nil)

// Channel is channel.Voice.
func (b *Brief) Channel() channel.Kind { return channel.Voice }

// hanging is what signalling may take at either end of a call.
const hanging = 40 * time.Second

// Longest is the ringing, the conversation and the signalling around them.
func (b *Brief) Longest() time.Duration {
	return b.Call.RingTimeout.D() + b.Call.MaxDuration.D() + hanging
}

// ErrNoScript is returned for a brief that no Plan made, or whose agent has no script.
var ErrNoScript = errors.New("agent: the brief has no script")

// Machine leads this call through the agent's script.
func (b *Brief) Machine() (*Machine, error) {
	if b.plan == nil || b.plan.program == nil {
		return nil, ErrNoScript
	}
	first, err := b.render(b.plan.first)
	if err != nil {
		return nil, err
	}
	return newMachine(b.plan.program, b.Variables, first), nil
}

// Mailbox leads this call once a machine has answered it.
func (b *Brief) Mailbox() (*Mailbox, error) {
	box := &Mailbox{leave: b.Call.Voicemail.Leaves(), file: b.Call.Voicemail.Play}
	if b.plan == nil || !box.leave {
		return box, nil
	}
	var err error
	box.text, err = b.render(b.plan.message)
	return box, err
}

func (b *Brief) render(t *Template) (string, error) {
	if t == nil {
		return "", nil
	}
	return t.Render(b.Variables)
}
