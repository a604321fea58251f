package plan

import (
	"encoding/json"
	"reflect"
	"strings"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/email"
	"campanario/schedule"
	"campanario/voice"
)

// SchemaID names the schema.
const SchemaID = "urn:campanario:campaign-file"

// object is a part of a JSON Schema. Its keys are written sorted, so that the same types make the same text.
type object = map[string]any

// Schema is the JSON Schema (2020-12) of campaign files, made from the types they are read into.
func Schema() ([]byte, error) {
	s := schema{defs: object{}}
	root := s.structure(reflect.TypeFor[File]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = SchemaID
	root["title"] = "Campanário campaign file"
	root["$defs"] = s.defs
	b, err := json.MarshalIndent(root, "", "  ")
	return append(b, '\n'), err
}

// schema turns types into definitions.
type schema struct{ defs object }

// of is the schema of a type.
func (s *schema) of(t reflect.Type) object {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known := s.special(t); known != nil {
		return known
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.ref(t, func() object { return s.structure(t) })
	case reflect.Map:
		values := s.of(t.Elem())
		if t.Elem().Kind() == reflect.String { // YAML writes numbers and yes and no without quotes
			values = object{"type": []string{"string", "number", "boolean"}}
		}
		o := object{"type": "object", "additionalProperties": values}
		if t.Key() == reflect.TypeFor[channel.Code]() {
			o["propertyNames"] = s.of(t.Key())
		}
		return o
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	default:
		return object{"type": "string"}
	}
}

// ref is a reference to a named type, which is described once.
func (s *schema) ref(t reflect.Type, describe func() object) object {
	name := nameOf(t)
	if s.defs[name] == nil {
		s.defs[name] = object{} // a type that holds itself ends here
		s.defs[name] = describe()
	}
	return object{"$ref": "#/$defs/" + name}
}

// nameOf tells types of one name in two packages apart.
func nameOf(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	return path[len(path)-1] + t.Name()
}

// special are the types that are written differently from how they are made.
func (s *schema) special(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[agent.Duration]():
		return s.ref(t, func() object {
			return object{
				"description": `A length of time such as "800ms", "6s" or "1m30s"; a number is seconds`,
				"anyOf":       []object{{"type": "number"}, {"type": "string", "pattern": `^[0-9.]+$|^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}},
			}
		})
	case reflect.TypeFor[Window]():
		return s.ref(t, window)
	case reflect.TypeFor[Line]():
		return object{"anyOf": []object{{"type": "string", "minLength": 1}, s.of(reflect.TypeFor[LineDefinition]())}}
	case reflect.TypeFor[Agent]():
		return object{"anyOf": []object{{"type": "string", "minLength": 1}, s.of(reflect.TypeFor[agent.Agent]())}}
	case reflect.TypeFor[Tree]():
		return object{"anyOf": []object{s.of(reflect.TypeFor[voice.Settings]()), s.of(reflect.TypeFor[email.Settings]())}}
	case reflect.TypeFor[channel.Code]():
		return s.ref(t, func() object { return object{"type": "string", "enum": channel.Codes()} })
	case reflect.TypeFor[campaign.VoicemailRetry]():
		return object{"type": "string", "enum": []campaign.VoicemailRetry{campaign.RetryVoicemail, campaign.AcceptVoicemail}}
	default:
		return nil
	}
}

// window is what package schedule reads.
func window() object {
	interval := object{"type": "string", "pattern": `^ *[0-2]?[0-9]:[0-5][0-9] *- *[0-2]?[0-9]:[0-5][0-9] *$`, "examples": []string{"09:00-18:00"}}
	date := `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	texts := func(item object) object { return object{"anyOf": []object{item, {"type": "array", "items": item}}} }
	return object{
		"type": "object", "additionalProperties": false,
		"properties": object{
			"days": object{
				"type": "object", "minProperties": 1, "additionalProperties": texts(interval),
				"propertyNames": object{"pattern": `^(mon|tue|wed|thu|fri|sat|sun)([-,](mon|tue|wed|thu|fri|sat|sun))*$`},
				"description":   "Hours by day: mon-fri, sat, or several with commas; a day that is not named is closed",
			},
			"zone": object{
				"type": "string", "enum": []schedule.Whose{schedule.ZoneCampaign, schedule.ZoneAgent, schedule.ZoneContact},
				"description": "Whose clock the hours are read on; default campaign",
			},
			"holidays": merge(texts(object{"type": "string", "enum": schedule.Calendars()}), object{"description": "No contact on these holidays"}),
			"blackout": merge(texts(object{"type": "string", "pattern": "^" + date + `( *\.\. *` + date + ")?$"}),
				object{"description": "Nor on these dates: 2026-12-24, or 2026-12-31..2027-01-02"}),
		},
	}
}

func merge(a, b object) object {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// structure is the schema of a struct by its tags: `yaml` (or `json`) names a field, and makes it needed unless it says
// omitempty; `doc` describes it; `enum` lists its values.
func (s *schema) structure(t reflect.Type) object {
	properties := object{}
	var required []string
	for f := range t.Fields() {
		tag, documented := f.Tag.Lookup("yaml")
		if !documented {
			tag = f.Tag.Get("json")
		}
		name, rest, _ := strings.Cut(tag, ",")
		if name == "" || name == "-" {
			continue
		}
		p := s.of(f.Type)
		if values := f.Tag.Get("enum"); values != "" {
			p = object{"type": "string", "enum": strings.Split(values, ",")}
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			p = merge(p, object{"description": doc})
		}
		properties[name] = p
		if documented && !strings.Contains(rest, "omitempty") {
			required = append(required, name)
		}
	}
	o := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}
