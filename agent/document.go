package agent

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"campanario/internal/fault"
)

// maxDocument bounds a file of YAML, in bytes.
const maxDocument = 1 << 19

// Places says where in a file the value of each field stands, by field path.
type Places map[string]token.Position

// ReadYAML reads one document of YAML, or JSON, strictly into a struct: keys that the struct does not know, values of
// another kind, anchors and further documents are refused, all at once, as faults with the field's path and "line" and
// "column". The places let a caller say where the mistakes are that it finds itself; when nothing but unknown keys is
// wrong, the rest has been read into the struct, and the places come with the error.
//
// A type with an UnmarshalYAML of its own is left to read itself. A struct with a field tagged ",scalar" and one tagged
// ",mapping" may be either; it, too, needs an UnmarshalYAML.
func ReadYAML(data []byte, into any) (Places, error) {
	if len(data) > maxDocument {
		return nil, fault.New(fault.Invalid, "too_long", fault.Params{"max": maxDocument})
	}
	if tangled(data) {
		return nil, fault.New(fault.Invalid, "yaml_too_deep", fault.Params{"max": maxDepth})
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntax(err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, fault.New(fault.Invalid, "yaml_empty", nil)
	}
	r := reader{places: Places{}}
	if len(file.Docs) > 1 {
		r.add(file.Docs[1], "", "yaml_several_documents", nil)
	}
	r.value(file.Docs[0].Body, "", reflect.TypeOf(into).Elem(), 0)
	if slices.ContainsFunc(r.faults, func(e *fault.Error) bool { return e.Code != codeUnknownKey }) {
		return nil, r.faults.Err()
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, into); err != nil {
		return nil, append(r.faults, syntax(err)).Err()
	}
	return r.places, r.faults.Err()
}

const codeUnknownKey = "unknown_key"

// tangled finds nesting that no file of ours has before the parser sees it, whose time grows with the square of the
// depth: a hundred thousand open brackets keep it busy for a minute. Brackets in texts count too; they close again.
func tangled(data []byte) bool {
	open, indent, marks, start := 0, 0, 0, true
	for i, c := range data {
		switch {
		case c == '\n':
			indent, marks, start = 0, 0, true
		case c == '[' || c == '{':
			open++
			start = false
		case c == ']' || c == '}':
			open = max(open-1, 0)
		case start && (c == '-' || c == '?' || c == ':') && i+1 < len(data) && data[i+1] == ' ':
			marks++
		case start && c == ' ':
			indent++
		default:
			start = false
		}
		if open > 4*maxDepth || marks > maxDepth || indent > 16*maxDepth {
			return true
		}
	}
	return false
}

// syntax says where a file stops being YAML.
func syntax(err error) *fault.Error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return fault.New(fault.Invalid, "yaml_syntax", fault.Params{"line": 1, "column": 1, "detail": "unreadable"}).Because(err)
	}
	at := y.GetToken().Position
	return fault.New(fault.Invalid, "yaml_syntax", fault.Params{"line": at.Line, "column": at.Column, "detail": y.GetMessage()})
}

// Locate adds "line" and "column" to faults found in what was read; a field that is not in the file is placed where
// its nearest parent is.
func (p Places) Locate(l fault.List) fault.List {
	out := make(fault.List, len(l))
	for i, e := range l {
		c := *e
		out[i] = &c
		if _, has := e.Params["line"]; has && (e.Code == codeUnknownKey || strings.HasPrefix(e.Code, "yaml_")) {
			continue
		}
		for path := e.Field; ; {
			if at, ok := p[path]; ok {
				c.Params = maps.Clone(e.Params)
				if c.Params == nil {
					c.Params = fault.Params{}
				}
				c.Params["line"], c.Params["column"] = at.Line, at.Column
				break
			}
			cut := strings.LastIndexAny(path, ".[")
			if cut < 0 {
				break
			}
			path = path[:cut]
		}
	}
	return out
}

// reader walks a document beside the type it is read into.
type reader struct {
	places Places
	faults fault.List
}

func (r *reader) add(n ast.Node, path, code string, p fault.Params) {
	if p == nil {
		p = fault.Params{}
	}
	at := position(n)
	p["line"], p["column"] = at.Line, at.Column
	r.faults = append(r.faults, fault.New(fault.Invalid, code, p).At(path))
}

func position(n ast.Node) token.Position {
	if d, ok := n.(*ast.DocumentNode); ok && d.Start != nil {
		return *d.Start.Position
	}
	if n != nil && n.GetToken() != nil && n.GetToken().Position != nil {
		return *n.GetToken().Position
	}
	return token.Position{Line: 1, Column: 1}
}

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	yamlUnmarshaler = reflect.TypeFor[yaml.InterfaceUnmarshaler]()
)

// maxDepth is deeper than anything of ours nests.
const maxDepth = 32

// value checks one value against the type it is for.
func (r *reader) value(n ast.Node, path string, t reflect.Type, depth int) {
	if _, there := r.places[path]; !there {
		r.places[path] = position(n)
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		r.add(n, path, "yaml_reference", nil)
		return
	case *ast.NullNode:
		return
	default:
	}
	scalar, mapping, either := eitherOf(t)
	_, bare := scalarText(n)
	switch {
	case depth > maxDepth:
		r.add(n, path, "yaml_too_deep", fault.Params{"max": maxDepth})
	case either && bare:
		r.value(n, path, scalar, depth)
	case either:
		r.value(n, path, mapping, depth)
	case reflect.PointerTo(t).Implements(yamlUnmarshaler):
		r.walk(n, path, depth)
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		v := reflect.New(t).Interface().(encoding.TextUnmarshaler)
		if s, ok := scalarText(n); !ok || v.UnmarshalText([]byte(s)) != nil {
			r.wrong(n, path, "duration")
		}
	case t.Kind() == reflect.Struct:
		r.fields(n, path, t, depth)
	case t.Kind() == reflect.Map:
		r.members(n, path, t, depth)
	case t.Kind() == reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			r.wrong(n, path, "list")
			return
		}
		for i, e := range list.Values {
			r.value(e, path+"["+strconv.Itoa(i)+"]", t.Elem(), depth+1)
		}
	default:
		r.scalar(n, path, t)
	}
}

// eitherOf gives the two types of a value that may be written as one word or as a mapping.
func eitherOf(t reflect.Type) (scalar, mapping reflect.Type, ok bool) {
	if t.Kind() != reflect.Struct {
		return nil, nil, false
	}
	for f := range t.Fields() {
		switch f.Tag.Get("yaml") {
		case ",scalar":
			scalar = f.Type
		case ",mapping":
			mapping = f.Type
		}
	}
	return scalar, mapping, scalar != nil && mapping != nil
}

// walk notes the places of a value that reads itself.
func (r *reader) walk(n ast.Node, path string, depth int) {
	if depth > maxDepth {
		r.add(n, path, "yaml_too_deep", fault.Params{"max": maxDepth})
		return
	}
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		r.add(n, path, "yaml_reference", nil)
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, pair := range r.pairs(n, path) {
			key, ok := scalarText(pair.Key)
			if !ok {
				r.wrong(pair.Key, path, "key")
				continue
			}
			r.places[join(path, key)] = position(pair.Key)
			r.walk(pair.Value, join(path, key), depth+1)
		}
	case *ast.SequenceNode:
		for i, e := range n.Values {
			at := path + "[" + strconv.Itoa(i) + "]"
			r.places[at] = position(e)
			r.walk(e, at, depth+1)
		}
	default:
	}
}

func (r *reader) wrong(n ast.Node, path, want string) {
	r.add(n, path, "yaml_wrong_type", fault.Params{"want": want})
}

// pairs gives the members of a mapping.
func (r *reader) pairs(n ast.Node, path string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	default:
		r.wrong(n, path, "mapping")
		return nil
	}
}

// fields checks a mapping against a struct.
func (r *reader) fields(n ast.Node, path string, t reflect.Type, depth int) {
	known := map[string]reflect.Type{}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "-" && name != "" {
			known[name] = f.Type
		}
	}
	for _, pair := range r.pairs(n, path) {
		key, ok := scalarText(pair.Key)
		ft, there := known[key]
		if !ok || !there {
			r.add(pair.Key, join(path, clip(key)), codeUnknownKey, fault.Params{"key": clip(key)})
			continue
		}
		r.places[join(path, key)] = position(pair.Key)
		r.value(pair.Value, join(path, key), ft, depth+1)
	}
}

// members checks a mapping whose keys are free.
func (r *reader) members(n ast.Node, path string, t reflect.Type, depth int) {
	for _, pair := range r.pairs(n, path) {
		key, ok := scalarText(pair.Key)
		if !ok {
			r.wrong(pair.Key, path, "key")
			continue
		}
		r.places[join(path, key)] = position(pair.Key)
		r.value(pair.Value, join(path, key), t.Elem(), depth+1)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// scalar checks a single value.
func (r *reader) scalar(n ast.Node, path string, t reflect.Type) {
	s, ok := scalarText(n)
	switch k := t.Kind(); {
	case !ok:
		r.wrong(n, path, "single")
	case k == reflect.Bool:
		if _, is := n.(*ast.BoolNode); !is {
			r.wrong(n, path, "boolean")
		}
	case k == reflect.Int:
		if _, err := strconv.ParseInt(s, 10, 32); err != nil {
			r.wrong(n, path, "integer")
		}
	case k == reflect.Float64:
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			r.wrong(n, path, "number")
		}
	}
}

// scalarText is a single value as it is written.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.InfinityNode, *ast.NanNode:
		return fmt.Sprint(n), true
	default:
		return "", false
	}
}

// ParseAgent reads an agent with its script from YAML or JSON, strictly, and validates it. The error is a fault.List of
// everything wrong at once, with lines and columns.
func ParseAgent(data []byte) (Agent, error) {
	var a Agent
	places, err := ReadYAML(data, &a)
	if err != nil {
		return Agent{}, err
	}
	if err := places.Locate(a.Validate()).Err(); err != nil {
		return Agent{}, err
	}
	return a.WithDefaults(), nil
}
