package plan_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"campanario/cmd/campanario/internal/plan"
)

const published = "../../../../docs/campaign.schema.json"

// TestThePublishedSchemaIsFresh holds the file that editors use against the types that files are read into.
func TestThePublishedSchemaIsFresh(t *testing.T) {
	want, err := plan.Schema()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(published)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/campaign.schema.json is not what the types say (%v): run make generate", err)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := plan.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(plan.SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(plan.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	b, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheSchemaTakesTheExamples(t *testing.T) {
	s := compiled(t)
	files, err := filepath.Glob("../../../../examples/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(asJSON(t, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(string(data), "# yaml-language-server: $schema=../docs/campaign.schema.json\n") {
			t.Errorf("%s does not name the schema", name)
		}
	}
}

// TestTheSchemaAndTheReaderAgree on what is right and on what is wrong in kind: what the schema refuses, the reader does.
func TestTheSchemaAndTheReaderAgree(t *testing.T) {
	s := compiled(t)
	base := "name: A\nchannel: voice\n" + agentText
	for _, c := range []struct {
		name, text string
		good       bool
	}{
		{"nothing special", base, true},
		{"an agent by name", "name: A\nchannel: voice\nagent: Voz\nline: Tronco\n", true},
		{"durations in all ways", base + "call: {ring_timeout: 20, max_duration: 3m, silence_timeout: \"30\"}\n", true},
		{"one holiday", base + "window: {days: {\"mon,wed-fri\": \"09:00-10:00\"}, holidays: BR, blackout: [\"2026-12-24\", \"2026-12-31..2027-01-02\"]}\n", true},
		{"numbers as texts", strings.Replace(base, "next: end", "next: s}, s: {set: {a: 1}, next: end", 1) + "  variables: [{name: a, type: number}]\n", true},
		{"voice settings", base + "line: {name: L, from: \"+551130001000\", settings: {gateways: [{host: a.example}]}}\n", true},
		{"mail settings", "name: A\nchannel: email\nmessage: {subject: a, text: b}\nline: {name: L, from: a@b.example, settings: {host: a.example, tls: none}}\n", true},
		{"an unknown key", base + "title: B\n", false},
		{"a text for a number", base + "share: many\n", false},
		{"an unknown outcome", base + "retry: {delays: {bussy: 5}}\n", false},
		{"no name", "channel: voice\n" + agentText, false},
		{"an unknown channel", strings.Replace(base, "voice", "fax", 1), false},
		{"hours without a colon", base + "window: {days: {mon: 9-18}}\n", false},
		{"a day of no week", base + "window: {days: {someday: \"09:00-18:00\"}}\n", false},
		{"a setting of no channel", base + "line: {name: L, from: \"+551130001000\", settings: {gateway: a.example}}\n", false},
		{"a list for a text", base + "goal: [a]\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bySchema := s.Validate(asJSON(t, []byte(c.text)))
			_, byReader := plan.Read([]byte(c.text), options())
			if (bySchema == nil) != c.good {
				t.Errorf("the schema says: %v", bySchema)
			}
			if (byReader == nil) != c.good {
				t.Errorf("the reader says: %v", byReader)
			}
		})
	}
}
