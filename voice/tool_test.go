package voice

import (
	"encoding/json"
	"strings"
	"testing"

	"campanario/agent"
)

func TestTools(t *testing.T) {
	tools := Tools(&agent.Agent{Variables: []agent.PostCallVariable{
		{Name: "paid", Type: agent.Boolean, Description: "Has paid"},
		{Name: "mood", Type: agent.Enum, Values: []string{"good", "bad"}, Description: "How they sounded"},
	}})
	seen := map[ToolName]bool{}
	for _, tool := range tools {
		seen[tool.Name] = true
		var schema struct {
			Type       string
			Properties map[string]struct {
				Enum        []string
				Description string
			}
			Required []string
		}
		if err := json.Unmarshal(tool.Parameters, &schema); err != nil || schema.Type != "object" || schema.Properties == nil {
			t.Errorf("%s: %s: %v", tool.Name, tool.Parameters, err)
		}
		for _, r := range schema.Required {
			if _, ok := schema.Properties[r]; !ok {
				t.Errorf("%s requires %s, which it does not have", tool.Name, r)
			}
		}
		if tool.Name == ToolSetVariable {
			p := schema.Properties["name"]
			if strings.Join(p.Enum, " ") != "paid mood" || !strings.Contains(p.Description, "mood (enum: good, bad): How they sounded") {
				t.Errorf("variables: %+v", p)
			}
		}
	}
	for _, name := range []ToolName{ToolHangUp, ToolTransfer, ToolSetVariable, ToolGoal, ToolOptOut, ToolSendKeys} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
	if len(tools) != len(seen) || seen[toolLeft] {
		t.Errorf("%d tools", len(tools))
	}
}

// FuzzToolCall holds that whatever a model writes as arguments is taken or refused in words.
func FuzzToolCall(f *testing.F) {
	f.Add("set_variable", []byte(`{"name":"n","value":1e400}`))
	f.Add("send_keys", []byte(`{"keys":["1"]}`))
	f.Add("hang_up", []byte(`{"now":"yes"}`))
	f.Add("transfer", []byte(`null`))
	f.Add("opt_out", []byte(`{} {}`))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		a, err := ToolCall{Name: ToolName(name), Arguments: raw}.read()
		if err != nil {
			var r struct {
				OK    *bool
				Error string
			}
			if json.Unmarshal(result(err.Error()), &r) != nil || r.OK == nil || *r.OK || r.Error == "" {
				t.Fatalf("refused as %s", result(err.Error()))
			}
			return
		}
		a.text()
	})
}
