package intake

import (
	"maps"
	"slices"
	"strings"

	"campanario/agent"
	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

// columnsOfR are the columns of R's layout, in their order. One row is one address of a person; rows with the same CPF,
// CNPJ or client code are the same person.
var columnsOfR = []struct {
	name string
	want want
}{
	{typeOfR, want{}},
	{valueOfR, want{field: FieldContact}},
	{"MENSAGEM", want{field: FieldVariable, key: "message"}},
	{"NOME_CLIENTE", want{field: FieldName}},
	{"CPFCNPJ", want{field: FieldDocument}},
	{"CODCLIENTE", want{field: FieldID}},
	{"TAG", want{field: FieldTags}},
	{"CORINGA1", want{field: FieldVariable, key: "wildcard_1"}},
	{"CORINGA2", want{field: FieldVariable, key: "wildcard_2"}},
	{"CORINGA3", want{field: FieldVariable, key: "wildcard_3"}},
	{"CORINGA4", want{field: FieldVariable, key: "wildcard_4"}},
	{"CORINGA5", want{field: FieldVariable, key: "wildcard_5"}},
	{"PRIORIDADE", want{field: FieldPriority}},
}

const (
	typeOfR  = "TIPO_DE_REGISTRO"
	valueOfR = "VALOR_DO_REGISTRO"

	phoneOfR = "TELEFONE"
	mailOfR  = "EMAIL"
)

// wantsOfR names R's columns, and behind them those that WriteRefused has added to the file.
func wantsOfR(names []string) []want {
	out := make([]want, len(columnsOfR))
	for i, c := range columnsOfR {
		out[i] = c.want
		out[i].name = c.name
	}
	for i := len(out); i < len(names); i++ {
		out = append(out, want{name: names[i], field: FieldIgnore})
	}
	return out
}

// likeR names those columns that are R's as R means them, wherever they stand.
func likeR(out []want) []want {
	for i := range out {
		for _, c := range columnsOfR {
			if sameColumn(out[i].name, c.name) {
				out[i].field, out[i].key = c.want.field, c.want.key
			}
		}
		if sameColumn(out[i].name, typeOfR) {
			out[i].field, out[i].key = FieldIgnore, "" // an address shows what it is
		}
	}
	return settle(out)
}

// hasKeysOfR reports whether the first row names R's key columns, wherever they stand.
func hasKeysOfR(s *sample) bool {
	if len(s.rows) == 0 {
		return false
	}
	named := func(name string) bool {
		return slices.ContainsFunc(s.rows[0], func(cell string) bool { return sameColumn(cell, name) })
	}
	return named(typeOfR) || named(valueOfR)
}

// typesFirst reports whether the first row is of R's layout and no header.
func typesFirst(s *sample) bool {
	if len(s.rows) == 0 || len(s.rows[0]) < 2 {
		return false
	}
	_, ok := kindOfR(s.rows[0][0])
	return ok && addressLike(s.rows[0][1], anyKind)
}

// sameColumn compares names of columns without regard to capitals and spaces around them.
func sameColumn(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), b) }

// kindOfR reads a row's type.
func kindOfR(cell string) (channel.Kind, bool) {
	switch strings.ReplaceAll(audience.Fold(cell), "-", "") {
	case "telefone":
		return channel.Voice, true
	case "email":
		return channel.Email, true
	default:
		return anyKind, false
	}
}

// checkR says all that a file's header and sheets have against R's layout.
func checkR(l *looked, o ContactOptions) fault.List {
	var bad fault.List
	if len(l.sheets) > 1 && (o.Strict || o.Sheet == "") {
		bad = append(bad, invalid("layout_sheets", fault.Params{"got": len(l.sheets), "names": clip(strings.Join(l.sheets, ", "))}))
	}
	if !l.header || l.above > 0 {
		return append(bad, invalid("layout_header_missing", fault.Params{"want": headerOfR()}).At("1"))
	}
	names := l.names
	for len(names) > len(columnsOfR) && ownColumn(agent.Key(names[len(names)-1])) {
		names = names[:len(names)-1]
	}
	if len(names) != len(columnsOfR) {
		bad = append(bad, invalid("layout_columns", fault.Params{"got": len(names), "want": len(columnsOfR)}).At("1"))
	}
	for i, c := range columnsOfR {
		at := slices.IndexFunc(names, func(name string) bool { return sameColumn(name, c.name) })
		switch {
		case at < 0:
			bad = append(bad, invalid("layout_column_missing", fault.Params{"column": c.name, "letter": columnLetters(i)}).At(columnLetters(i)+"1"))
		case at != i && len(names) == len(columnsOfR):
			bad = append(bad, invalid("layout_column_moved", fault.Params{"column": c.name, "got": columnLetters(at), "want": columnLetters(i)}).At(columnLetters(at)+"1"))
		}
	}
	for i, name := range names {
		if len(bad) >= mostHeaderFaults {
			break
		}
		if !isColumnOfR(name) {
			bad = append(bad, invalid("layout_column_unknown", fault.Params{"column": clip(name), "letter": columnLetters(i)}).At(columnLetters(i)+"1"))
		}
	}
	return bad
}

func isColumnOfR(name string) bool {
	for _, c := range columnsOfR {
		if sameColumn(name, c.name) {
			return true
		}
	}
	return false
}

// mostHeaderFaults bounds what is said of one header.
const mostHeaderFaults = 40

func headerOfR() string {
	names := make([]string, len(columnsOfR))
	for i, c := range columnsOfR {
		names[i] = c.name
	}
	return strings.Join(names, ";")
}

// rowOfR reads a row of R's layout: its type says how its value is read, and nothing in it may be a formula.
func (w *personRow) rowOfR() (string, *fault.Error) {
	for i, cell := range w.cells {
		if i != 1 && runsInSheet(cell) || formula(cell) {
			return w.p.wants[i].name, invalid("formula", nil)
		}
	}
	for i, name := range []string{typeOfR, valueOfR} {
		if w.cells[i] == "" {
			return name, invalid("layout_key_empty", fault.Params{"column": name})
		}
	}
	kind, ok := kindOfR(w.cells[0])
	if !ok {
		return typeOfR, invalid("record_type_unknown", fault.Params{"value": clip(w.cells[0]), "allowed": phoneOfR + ", " + mailOfR})
	}
	value := w.cells[1]
	if strings.ContainsRune(value, '@') != (kind == channel.Email) {
		other := addressLike(value, anyKind)
		if kind == channel.Email && other || kind == channel.Voice {
			return valueOfR, invalid("record_value_mismatch", fault.Params{"type": strings.ToUpper(w.cells[0])})
		}
	}
	a, bad := address(value, Options{Kind: kind, Country: w.p.options.Country})
	if bad != nil {
		return valueOfR, bad
	}
	w.addReach(a)
	for _, i := range w.p.others {
		if i == 0 || w.cells[i] == "" {
			continue
		}
		if bad := w.set(&w.p.wants[i], w.cells[i]); bad != nil {
			return w.p.wants[i].name, bad
		}
	}
	return "", nil
}

// runsInSheet recognises what a spreadsheet runs beside what begins with "=": +SUM(…), @INDEX(…), -2+3+cmd|'…'!A0.
func runsInSheet(cell string) bool {
	if cell == "" || strings.IndexByte("+-@", cell[0]) < 0 {
		return false
	}
	if strings.Contains(cell, "|'") && strings.ContainsRune(cell, '!') {
		return true
	}
	name, _, call := strings.Cut(cell[1:], "(")
	return call && name != "" && strings.Trim(strings.ToUpper(name), "ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789_") == ""
}

// isLayoutA reports whether the columns are those of A's layout, in any order: contact, and of name, context and id
// whichever there are.
func isLayoutA(names []string) bool {
	seen := map[string]bool{}
	for _, name := range names {
		key := strings.ToLower(strings.TrimSpace(name))
		if _, ok := columnsOfA[key]; !ok || seen[key] {
			return false
		}
		seen[key] = true
	}
	return seen["contact"] && len(seen) > 1
}

// columnsOfA are the columns of A's layout.
var columnsOfA = map[string]Field{"name": FieldName, "contact": FieldContact, "context": FieldContext, "id": FieldID}

// wantsOfA names the columns of A's layout: those that are none of its own are attributes, and a file without a header has
// them in A's order.
func wantsOfA(l *looked) []want {
	if !l.header {
		out := guessed(l.sample)
		if len(out) == 4 {
			for i, f := range []Field{FieldName, FieldContact, FieldContext, FieldID} {
				out[i].field, out[i].key = f, ""
			}
		}
		return out
	}
	out := suggested(l.names, l.sample)
	for i, name := range l.names {
		if f, ok := columnsOfA[strings.ToLower(strings.TrimSpace(name))]; ok {
			out[i].field, out[i].key = f, ""
		}
	}
	return settle(out)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
