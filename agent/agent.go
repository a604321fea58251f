package agent

import (
	"fmt"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Kind is how an agent thinks.
type Kind string

// The kinds. Only KindScript can speak yet; the others are refused with "agent_kind_unavailable".
const (
	KindScript   Kind = "script"   // a dialogue written down beforehand
	KindRealtime Kind = "realtime" // speech to speech, over a provider's WebSocket
	KindPipeline Kind = "pipeline" // speech to text, a chat model, text to speech
)

// Agent is who speaks in a call.
type Agent struct {
	ID        string             `json:"id,omitempty" yaml:"id,omitempty" doc:"Identifier"`
	Workspace string             `json:"-" yaml:"-"`
	Name      string             `json:"name" yaml:"name" doc:"What people call the agent"`
	Kind      Kind               `json:"kind" yaml:"kind,omitempty" enum:"script,realtime,pipeline" doc:"How the agent thinks; default script"`
	Language  string             `json:"language" yaml:"language,omitempty" doc:"BCP 47 tag of what it speaks; default pt-BR"`
	Zone      string             `json:"zone,omitempty" yaml:"zone,omitempty" doc:"IANA time zone, for campaigns whose hours are the agent's"`
	Voice     string             `json:"voice,omitempty" yaml:"voice,omitempty" doc:"Name of the voice; empty means the usual one of the language"`
	Speed     float64            `json:"speed,omitempty" yaml:"speed,omitempty" doc:"How fast it speaks, 0.5 to 2; default 1"`
	Script    *Script            `json:"script,omitempty" yaml:"script,omitempty" doc:"The dialogue of a script agent"`
	Variables []PostCallVariable `json:"variables,omitempty" yaml:"variables,omitempty" doc:"What is to be known after the call"`
	Version   int                `json:"version,omitempty" yaml:"version,omitempty" doc:"Rises with every change"`
}

// WithDefaults fills in what is zero.
func (a Agent) WithDefaults() Agent {
	if a.Kind == "" {
		a.Kind = KindScript
	}
	if a.Language == "" {
		a.Language = "pt-BR"
	}
	if a.Speed == 0 {
		a.Speed = 1
	}
	return a
}

// Validate gives everything wrong with the agent at once, its script included.
func (a Agent) Validate() fault.List {
	a = a.WithDefaults()
	var l fault.List
	add := func(field, code string, p fault.Params) { l = append(l, fault.New(fault.Invalid, code, p).At(field)) }
	if strings.TrimSpace(a.Name) == "" {
		add("name", "required", nil)
	}
	if len(a.Name) > 200 {
		add("name", "too_long", fault.Params{"max": 200})
	}
	l = append(l, checkLanguage(a.Language)...)
	if _, err := time.LoadLocation(a.Zone); err != nil {
		add("zone", "zone_unknown", fault.Params{"value": clip(a.Zone)})
	}
	if a.Speed < 0.5 || a.Speed > 2 {
		add("speed", "out_of_range", fault.Params{"value": a.Speed, "min": 0.5, "max": 2})
	}
	l = append(l, checkVariables(a.Variables)...)
	switch a.Kind {
	case KindScript:
		if a.Script == nil {
			add("script", "required", nil)
			break
		}
		_, bad := compile(a.Script, a.Variables)
		l = append(l, bad.Under("script")...)
	case KindRealtime, KindPipeline:
		add("kind", "agent_kind_unavailable", fault.Params{"kind": string(a.Kind)})
	default:
		p := fault.Params{"value": clip(string(a.Kind)), "allowed": "script, realtime, pipeline"}
		add("kind", "not_one_of", p)
	}
	return l
}

// VariableType is what values a post-call variable takes.
type VariableType string

// The types.
const (
	Boolean VariableType = "boolean" // "true" or "false"
	String  VariableType = "string"
	Number  VariableType = "number" // decimal point, no thousands
	Enum    VariableType = "enum"   // one of Values
)

// PostCallVariable is something that is to be known after a call: the script sets it, or whoever listens to the
// conversation extracts it.
type PostCallVariable struct {
	Name        string       `json:"name" yaml:"name" doc:"Name in lower case, digits and underscores"`
	Type        VariableType `json:"type" yaml:"type" enum:"boolean,string,number,enum" doc:"What values it takes"`
	Values      []string     `json:"values,omitempty" yaml:"values,omitempty" doc:"The values of an enum"`
	Description string       `json:"description,omitempty" yaml:"description,omitempty" doc:"What it means"`
}

// Takes reports whether the value is one of the variable's.
func (v PostCallVariable) Takes(value string) bool {
	switch v.Type {
	case Boolean:
		return value == "true" || value == "false"
	case Number:
		return number.MatchString(value)
	case Enum:
		for _, one := range v.Values {
			if one == value {
				return true
			}
		}
		return false
	default:
		return true
	}
}

// checkVariables refuses post-call variables that could not be told apart or filled.
func checkVariables(vars []PostCallVariable) fault.List {
	var l fault.List
	seen := map[string]bool{}
	for i, v := range vars {
		field := fmt.Sprintf("variables[%d]", i)
		add := func(sub, code string, p fault.Params) {
			l = append(l, fault.New(fault.Invalid, code, p).At(field+"."+sub))
		}
		switch {
		case v.Name == "":
			add("name", "required", nil)
		case v.Name != Key(v.Name) || len(v.Name) > maxName:
			add("name", "variable_name_invalid", fault.Params{"name": clip(v.Name), "instead": Key(v.Name)})
		case reserved(v.Name):
			add("name", "variable_name_reserved", fault.Params{"name": v.Name})
		case seen[v.Name]:
			add("name", "duplicate", fault.Params{"value": v.Name})
		}
		seen[v.Name] = true
		switch v.Type {
		case Boolean, String, Number:
			if len(v.Values) > 0 {
				add("values", "values_not_enum", fault.Params{"type": string(v.Type)})
			}
		case Enum:
			if len(v.Values) == 0 {
				add("values", "required", nil)
			}
		default:
			p := fault.Params{"value": clip(string(v.Type)), "allowed": "boolean, string, number, enum"}
			add("type", "not_one_of", p)
		}
	}
	return l
}

// reserved are names that belong to the recipient and not to the conversation.
func reserved(name string) bool {
	switch name {
	case VarName, VarFirstName, VarContact, VarID, VarContext, VarUnsubscribe:
		return true
	default:
		return strings.HasPrefix(name, "wildcard_")
	}
}

func find(vars []PostCallVariable, name string) (PostCallVariable, bool) {
	for _, v := range vars {
		if v.Name == name {
			return v, true
		}
	}
	return PostCallVariable{}, false
}
