package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"campanario/agent"
	"campanario/audience"
	"campanario/internal/fault"
)

// A row in JSON is an object with these keys and no others; contact is the only one that must be there:
//
//	{
//	  "name": "Ana Souza", "contact": "+5511987654321", "secondary_contacts": ["1132123456"],
//	  "id": "C-42", "variables": {"amount": 120.5}, "context": {"due": "2026-12-01"},
//	  "zone": "America/Sao_Paulo", "language": "pt-BR", "priority": "high", "tags": ["vip"]
//	}
//
// id may be a number and may be called external_id; context may be text, as in a CSV file; tags may be one text with
// commas. The members of variables and context become variables: text as it is, numbers and booleans as they are
// written, objects and arrays as JSON. A member that is null is left out.

// jsonText is a text, or a number where people write one.
type jsonText string

func (t *jsonText) UnmarshalJSON(b []byte) error {
	s, ok := scalar(b)
	if !ok {
		return errNotText
	}
	*t = jsonText(s)
	return nil
}

var errNotText = errors.New("intake: not a text")

// scalar is the text of a JSON string, number or boolean; empty for null.
func scalar(b []byte) (string, bool) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return "", false
	}
	switch b[0] {
	case '"':
		var s string
		err := json.Unmarshal(b, &s)
		return tidy(s), err == nil
	case '{', '[':
		return "", false
	case 'n':
		return "", true
	default:
		return string(b), true
	}
}

var jsonKeys = []string{
	"contact", "context", "external_id", "id", "language", "name", "priority", "secondary_contacts", "tags", "variables", "zone",
}

// objectRow makes a row of one object.
func objectRow(line int, b []byte, o Options) (Row, *Rejected) {
	row := Row{Line: line, Priority: audience.PriorityNormal}
	reject := func(column string, bad *fault.Error) (Row, *Rejected) {
		return Row{}, &Rejected{Line: line, Column: column, Error: bad}
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return reject("", invalid("type_wrong", fault.Params{"want": "object"}))
		}
		return reject("", invalid("json_invalid", nil).Because(err))
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(jsonKeys, key) {
			return reject(clip(key), invalid("key_unknown", fault.Params{"value": clip(key), "allowed": strings.Join(jsonKeys, ", ")}))
		}
	}
	if rej := objectAddresses(&row, members, o); rej != nil {
		return Row{}, rej
	}
	texts := map[string]Field{
		"name": FieldName, "id": FieldID, "external_id": FieldID, "zone": FieldZone, "language": FieldLanguage, "priority": FieldPriority,
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		b, ok := members[key]
		if !ok {
			continue
		}
		s, ok := scalar(b)
		if !ok {
			return reject(key, invalid("type_wrong", fault.Params{"want": "text"}))
		}
		if bad := setField(&row, texts[key], s); bad != nil {
			return reject(key, bad)
		}
	}
	for _, part := range []struct {
		key string
		set func(*Row, json.RawMessage) *fault.Error
	}{{"tags", setTags}, {"variables", setVariables}, {"context", setContext}} {
		if b, ok := members[part.key]; ok {
			if bad := part.set(&row, b); bad != nil {
				return reject(part.key, bad)
			}
		}
	}
	if bad := tooMuch(&row, o); bad != nil {
		return reject("", bad)
	}
	return row, nil
}

func objectAddresses(row *Row, members map[string]json.RawMessage, o Options) *Rejected {
	primary, ok := scalar(members["contact"])
	if !ok && members["contact"] != nil {
		return &Rejected{Line: row.Line, Column: "contact", Error: invalid("type_wrong", fault.Params{"want": "text"})}
	}
	var more []jsonText
	if b, ok := members["secondary_contacts"]; ok {
		if err := json.Unmarshal(b, &more); err != nil {
			return &Rejected{Line: row.Line, Column: "secondary_contacts", Error: invalid("type_wrong", fault.Params{"want": "list"})}
		}
	}
	if primary == "" {
		return &Rejected{Line: row.Line, Column: "contact", Error: invalid("contact_missing", nil)}
	}
	if len(more) >= mostAddresses {
		return &Rejected{Line: row.Line, Column: "secondary_contacts", Error: invalid("too_many", fault.Params{"max": mostAddresses - 1, "got": len(more)})}
	}
	for i, text := range append([]jsonText{jsonText(primary)}, more...) {
		column := "contact"
		if i > 0 {
			column = fmt.Sprintf("secondary_contacts[%d]", i-1)
		}
		if text == "" {
			continue
		}
		if formula(string(text)) {
			return &Rejected{Line: row.Line, Column: column, Error: invalid("formula", nil)}
		}
		a, bad := address(string(text), o)
		if bad != nil {
			return &Rejected{Line: row.Line, Column: column, Error: bad} // who writes JSON can write it right
		}
		if !slices.Contains(row.Addresses, a) {
			row.Addresses = append(row.Addresses, a)
		}
	}
	return nil
}

func setTags(row *Row, b json.RawMessage) *fault.Error {
	var tags []jsonText
	if json.Unmarshal(b, &tags) == nil {
		out := make([]string, len(tags))
		for i, t := range tags {
			out[i] = string(t)
		}
		return addTags(row, out)
	}
	s, ok := scalar(b)
	if !ok {
		return invalid("type_wrong", fault.Params{"want": "list"})
	}
	return setField(row, FieldTags, s)
}

func setVariables(row *Row, b json.RawMessage) *fault.Error {
	var object map[string]json.RawMessage
	if json.Unmarshal(b, &object) != nil {
		return invalid("type_wrong", fault.Params{"want": "object"})
	}
	if row.Variables == nil && len(object) > 0 {
		row.Variables = map[string]string{}
	}
	agent.Variables(row.Variables).PutObject(object)
	return nil
}

func setContext(row *Row, b json.RawMessage) *fault.Error {
	if s, ok := scalar(b); ok {
		addContext(row, s)
		return nil
	}
	return setVariables(row, b)
}

// tooMuch holds the bounds that CSV has by its columns and cells.
func tooMuch(row *Row, o Options) *fault.Error {
	if len(row.Variables) > mostVariables {
		return invalid("too_many", fault.Params{"max": mostVariables, "got": len(row.Variables)})
	}
	for _, v := range row.Variables {
		if bad := bounded(v, o.MaxField); bad != nil {
			return bad
		}
	}
	return nil
}

// objects reads NDJSON: an object on each line. A line that is none is refused by itself.
type objects struct {
	scan    *scanner
	options Options
}

func newObjects(all io.Reader, o Options) *objects {
	return &objects{scan: newScanner(all, 0, '\n', o), options: o}
}

func (s *objects) read() (Row, *Rejected, error) {
	for {
		line := s.scan.line
		end, err := s.scan.lineEndFrom(0)
		if errors.Is(err, errTooLong) {
			var bad *fault.Error
			if err = s.scan.skipLine(); errors.As(err, &bad) {
				return Row{}, &Rejected{Line: line, Error: bad}, nil
			}
		}
		if err != nil {
			return Row{}, nil, err
		}
		text := bytes.TrimSpace(s.scan.view(0, end))
		if len(text) == 0 {
			s.scan.advance(end)
			continue
		}
		row, rej := objectRow(line, []byte(utf8Text(string(text))), s.options)
		s.scan.advance(end)
		return row, rej, nil
	}
}

// array reads a JSON array of objects. Rows are numbered in place of lines. What is wrong with the JSON itself ends the
// file there, because nobody can say where the next object begins.
type array struct {
	in      *meter
	dec     *json.Decoder
	options Options
	number  int
	opened  bool
}

func newArray(all io.Reader, e Encoding, o Options) *array {
	if e == Windows1252 {
		all = charmap.Windows1252.NewDecoder().Reader(all)
	}
	m := &meter{in: all, most: o.MaxRow}
	return &array{in: m, dec: json.NewDecoder(m), options: o}
}

func (a *array) read() (Row, *Rejected, error) {
	b, err := a.next()
	if err != nil {
		return Row{}, nil, err
	}
	row, rej := objectRow(a.number, b, a.options)
	return row, rej, nil
}

// next is the next element as it stands; number is its number.
func (a *array) next() (json.RawMessage, error) {
	if !a.opened {
		if tok, err := a.dec.Token(); err != nil || tok != json.Delim('[') {
			return nil, a.broken(err)
		}
		a.opened = true
	}
	a.in.used = 0
	if !a.dec.More() {
		if _, err := a.dec.Token(); err != nil {
			return nil, a.broken(err)
		}
		if _, err := a.dec.Token(); !errors.Is(err, io.EOF) {
			return nil, a.broken(err)
		}
		return nil, io.EOF
	}
	a.number++
	var b json.RawMessage
	if err := a.dec.Decode(&b); err != nil {
		return nil, a.broken(err)
	}
	return b, nil
}

// broken says why an array cannot be read on. Errors of the underlying reader stay what they are.
func (a *array) broken(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, errTooLong):
		return invalid("row_too_long", fault.Params{"max": a.options.MaxRow}).At(fmt.Sprintf("[%d]", a.number))
	case err == nil, errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return invalid("json_invalid", nil).At(fmt.Sprintf("[%d]", a.number)).Because(err)
	default:
		return err
	}
}

// meter lets a decoder read only so much for one value.
type meter struct {
	in         io.Reader
	used, most int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.used > m.most {
		return 0, errTooLong
	}
	n, err := m.in.Read(p[:min(len(p), m.most+1)])
	m.used += n
	return n, err
}
