package voice

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"campanario/agent"
)

// ToolName is something a conversation can ask of its call.
type ToolName string

// The tools.
const (
	ToolHangUp      ToolName = "hang_up"      // ends the call when everything said has been heard; {"now": true} at once
	ToolTransfer    ToolName = "transfer"     // {"to": "+55…"}; refused as unsupported for now
	ToolSetVariable ToolName = "set_variable" // {"name": "…", "value": "…"}: a post-call variable of the agent
	ToolGoal        ToolName = "goal_reached" // the goal of the campaign is reached
	ToolOptOut      ToolName = "opt_out"      // the person wants no more contacts
	ToolSendKeys    ToolName = "send_keys"    // {"keys": "12#"}: presses telephone keys, for menus of machines
)

// Tool is a tool as a model is told of it.
type Tool struct {
	Name        ToolName
	Description string
	Parameters  json.RawMessage // JSON Schema of the arguments
}

// Tools are the tools that a conversation of this agent has. Post-call variables are described one by one, so that a
// model knows what there is to find out.
func Tools(a *agent.Agent) []Tool {
	return []Tool{
		{ToolHangUp, "End the call, once everything you have said has been heard. Say goodbye first.", object(map[string]any{
			"now": map[string]any{"type": "boolean", "description": "End it at once, without waiting"},
		})},
		{ToolTransfer, "Hand the call over to another telephone number.", object(map[string]any{
			"to": map[string]any{"type": "string", "description": "E.164 number"},
		}, "to")},
		{ToolSetVariable, "Write down something you have learnt.", variables(a)},
		{ToolGoal, "Tell that the goal of this call is reached.", object(nil)},
		{ToolOptOut, "The person wants no more calls or messages. Confirm it and end the call.", object(nil)},
		{ToolSendKeys, "Press telephone keys, to get through a menu.", object(map[string]any{
			"keys": map[string]any{"type": "string", "pattern": "^[0-9*#A-D,]{1,32}$"},
		}, "keys")},
	}
}

func object(properties map[string]any, required ...string) json.RawMessage {
	if properties == nil {
		properties = map[string]any{}
	}
	o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return mustJSON(o)
}

// variables is the schema of set_variable.
func variables(a *agent.Agent) json.RawMessage {
	var names, about []string
	for _, v := range a.Variables {
		names = append(names, v.Name)
		line := v.Name + " (" + string(v.Type)
		if len(v.Values) > 0 {
			line += ": " + strings.Join(v.Values, ", ")
		}
		about = append(about, line+"): "+v.Description)
	}
	name := map[string]any{"type": "string", "description": strings.Join(about, "\n")}
	if len(names) > 0 {
		name["enum"] = names
	}
	return object(map[string]any{"name": name, "value": map[string]any{"type": "string"}}, "name", "value")
}

// mustJSON writes what can always be written.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// arguments of all tools.
type arguments struct {
	Now   bool   `json:"now"`
	To    string `json:"to"`
	Name  string `json:"name"`
	Value any    `json:"value"`
	Keys  string `json:"keys"`
}

var errArguments = errors.New("voice: arguments are no JSON object of the tool's")

// read takes the arguments of a tool call. Models write numbers and booleans where a string was asked for: the value is
// taken as it is written.
func (t ToolCall) read() (arguments, error) {
	var a arguments
	if len(bytes.TrimSpace(t.Arguments)) == 0 {
		return a, nil
	}
	d := json.NewDecoder(bytes.NewReader(t.Arguments))
	d.UseNumber()
	if err := d.Decode(&a); err != nil {
		return a, errArguments
	}
	return a, nil
}

// text is the value of set_variable as a variable holds it.
func (a arguments) text() string {
	switch v := a.Value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	default:
		return ""
	}
}

// result is what a tool answers. A model that is refused is told why in words, because it acts on them.
func result(err string) json.RawMessage {
	if err == "" {
		return json.RawMessage(`{"ok":true}`)
	}
	return mustJSON(map[string]any{"ok": false, "error": err})
}
