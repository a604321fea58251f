package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"campanario/agent"
	"campanario/internal/fault"
)

// A contact in JSON is an object whose members are named like the columns of a table, in any of the three languages, or
// as the mapping says. Addresses, tags, portfolios and segments may be lists; objects and lists under names of their own
// become attributes, those of "attributes", "variables" and "context" under the names of their members:
//
//	{
//	  "name": "Ana Souza", "phones": ["+5511987654321", "1132123456"], "email": "ana@example.com", "document": "529.982.247-25",
//	  "external_id": "C-42", "city": "São Paulo", "tags": ["vip"], "attributes": {"due": "2026-12-01"}
//	}

// listWords are names of members that hold lists of addresses.
var listWords = map[string]Field{
	"phones": FieldPhone, "telefones": FieldPhone, "telefonos": FieldPhone, "emails": FieldEmail, "e_mails": FieldEmail, "correos": FieldEmail,
	"contacts": FieldContact, "contatos": FieldContact, "contactos": FieldContact, "addresses": FieldContact, "secondary_contacts": FieldContact, //nolint:misspell // Spanish
}

// planObjects makes of the mapping what each member is read as.
func (p *personParser) planObjects() error {
	if len(p.o.Columns) == 0 {
		return nil
	}
	p.byName = map[string]want{}
	var bad fault.List
	reaches := false
	for _, m := range p.o.Columns {
		w := want{name: m.Column, field: m.Field}
		if m.Field == FieldVariable {
			w.key = attributeKey(agent.Key(firstOf(m.Key, m.Column)), 0, map[string]bool{})
		}
		if !slices.Contains(contactFields(), m.Field) {
			bad = append(bad, invalid("not_one_of", fault.Params{"value": clip(string(m.Field)), "allowed": fieldNames()}).At("columns"))
		}
		reaches = reaches || m.Field.reaches()
		p.byName[m.Column] = w
	}
	if !reaches && len(bad) == 0 {
		bad = append(bad, invalid("contact_column_missing", fault.Params{"columns": clip(strings.Join(slices.Sorted(maps.Keys(p.byName)), ", ")), "example": "telefone"}))
	}
	return bad.Err()
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// member says what a member of an object is read as.
func (p *personParser) member(name string) want {
	if p.byName != nil {
		if w, ok := p.byName[name]; ok {
			return w
		}
		return want{name: name, field: FieldIgnore}
	}
	key := agent.Key(name)
	f, rank, ok := knownOfContact(key)
	if list, is := listWords[key]; is {
		f, rank, ok = list, 500, true
	}
	switch {
	case !ok && (key == "attributes" || key == "variables" || key == "atributos" || key == "variaveis"):
		f = FieldContext
	case !ok:
		key = attributeKey(key, 0, map[string]bool{})
	}
	return want{name: name, field: f, key: key, rank: rank}
}

// object reads a row that is a JSON object.
func (w *personRow) object() (string, *fault.Error) {
	w.raw[0] = utf8Text(w.raw[0])
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(w.raw[0]), &members); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return "", invalid("type_wrong", fault.Params{"want": "object"})
		}
		return "", invalid("json_invalid", nil).Because(err)
	}
	if members == nil {
		return "", invalid("type_wrong", fault.Params{"want": "object"})
	}
	var reaches, others []want
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch m := w.p.member(name); {
		case m.field.reaches():
			reaches = append(reaches, m)
		case m.field != FieldIgnore && m.field != FieldArea:
			others = append(others, m)
		}
	}
	slices.SortStableFunc(reaches, func(a, b want) int { return a.rank - b.rank })
	for _, m := range reaches {
		if bad := w.listed(members[m.name], func(cell string) *fault.Error { return w.reach(m.field.kindOf(), cell, "") }); bad != nil {
			return clip(m.name), bad // who writes JSON can write it right
		}
	}
	if len(w.c.Reaches) == 0 {
		return "", invalid("contact_missing", nil)
	}
	for _, m := range others {
		if bad := w.setMember(&m, members[m.name]); bad != nil {
			return clip(m.name), bad
		}
	}
	return "", nil
}

// listed calls add with a text, or with each text of a list.
func (w *personRow) listed(b json.RawMessage, add func(string) *fault.Error) *fault.Error {
	var list []json.RawMessage
	if json.Unmarshal(b, &list) != nil {
		list = []json.RawMessage{b}
	}
	for _, one := range list {
		s, ok := scalar(one)
		switch {
		case !ok:
			return invalid("type_wrong", fault.Params{"want": "text"})
		case strings.IndexByte(s, 0) >= 0:
			return invalid("nul_byte", nil)
		case s == "":
			continue
		}
		if bad := add(s); bad != nil {
			return bad
		}
	}
	return nil
}

func (w *personRow) setMember(m *want, b json.RawMessage) *fault.Error {
	b = bytes.TrimSpace(b)
	single := b[0] != '{' && b[0] != '['
	switch {
	case m.field == FieldVariable && !single, m.field == FieldContext && b[0] == '{':
		vars := agent.Variables{}
		if m.field == FieldVariable {
			vars.PutObject(map[string]json.RawMessage{m.key: b})
		} else {
			var object map[string]json.RawMessage
			if json.Unmarshal(b, &object) != nil {
				return invalid("type_wrong", fault.Params{"want": "object"})
			}
			vars.PutObject(object)
		}
		for _, key := range sortedKeys(vars) {
			w.found(key, strings.ReplaceAll(vars[key], "\x00", ""))
		}
		return nil
	default:
		return w.listed(b, func(cell string) *fault.Error { return w.set(m, cell) })
	}
}
