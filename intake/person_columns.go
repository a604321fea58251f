package intake

import (
	"slices"
	"strings"
	"unicode/utf8"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/xlsx"
)

// contactFields are what a column of contacts can be mapped to, in the order in which people are shown them.
func contactFields() []Field {
	return []Field{
		FieldName, FieldContact, FieldPhone, FieldEmail, FieldArea, FieldDocument, FieldID, FieldCity, FieldState, FieldLocation, FieldPriority,
		FieldTags, FieldPortfolios, FieldSegments, FieldZone, FieldLanguage, FieldPrimary, FieldContext, FieldVariable, FieldIgnore,
	}
}

// personWords are the names of columns that only contacts have, as keys.
var personWords = map[Field][]string{
	FieldDocument: {
		"document", "documento", "doc", "cpf", "cnpj", "cpfcnpj", "cpf_cnpj", "cpf_ou_cnpj", "cnpj_cpf", "cnpj_ou_cpf", "cpf_cliente", "cpf_do_cliente",
		"cnpj_cliente", "numero_documento", "numero_do_documento", "num_documento", "nr_documento", "nro_documento", "n_documento", "tax_id", "taxpayer_id",
	},
	FieldCity:       {"city", "cidade", "ciudad", "municipio", "localidade", "localidad", "town"},
	FieldState:      {"state", "estado", "uf", "estado_uf", "uf_estado", "sigla_uf", "sigla_estado", "provincia", "departamento", "province", "region"},
	FieldLocation:   {"location", "location_tag", "localizacao", "tag_de_localizacao", "tag_localizacao", "ubicacion", "etiqueta_de_ubicacion", "tag_de_ubicacion"},
	FieldPortfolios: {"portfolio", "portfolios", "carteira", "carteiras", "cartera", "carteras"},
	FieldSegments:   {"segment", "segments", "segmento", "segmentos"},
	FieldPrimary: {
		"primary", "primary_id", "primary_external_id", "primary_document", "primary_phone", "id_principal", "codigo_principal", "avalista_de", "responsavel_por",
		"responsable_de", "stands_in_for", "stand_in_for", //nolint:misspell // Spanish
	},
}

// ofHolder are names of columns about the holder of a contract. Beside a column of the same kind of their own, somebody else
// is meant by them, for whom the row's person stands in; in a file without one, the holder is the row's person.
var ofHolder = map[Field][]string{
	FieldDocument: {"cpf_titular", "cpf_do_titular", "cpf_cnpj_titular", "documento_titular", "documento_do_titular", "documento_del_titular"},
	FieldID:       {"codigo_titular", "codigo_do_titular", "codigo_del_titular", "id_titular", "id_do_titular", "id_del_titular"},
}

// holders settles what columns about the holder mean.
func holders(out []want, s *sample) {
	for f, names := range ofHolder {
		own := slices.ContainsFunc(out, func(w want) bool { return w.field == f })
		for i := range out {
			if out[i].field != FieldVariable || !slices.Contains(names, out[i].key) {
				continue
			}
			if out[i].field = f; own {
				out[i].field = FieldPrimary
			}
		}
	}
	names := []string{"nome_titular", "nome_do_titular", "nombre_titular", "nombre_del_titular"}
	if !slices.ContainsFunc(out, func(w want) bool { return w.field == FieldName }) {
		if i := slices.IndexFunc(out, func(w want) bool { return w.field == FieldVariable && slices.Contains(names, w.key) }); i >= 0 {
			out[i].field = FieldName
			return
		}
		if i := slices.IndexFunc(out, func(w want) bool { return w.field == FieldVariable && slices.Contains(people, w.key) }); i >= 0 && s.isWords(i, true) {
			out[i].field = FieldName
		}
	}
}

// many reports whether several columns of a file may hold the field.
func (f Field) many() bool {
	switch f {
	case FieldContact, FieldPhone, FieldEmail, FieldTags, FieldPortfolios, FieldSegments, FieldVariable, FieldIgnore:
		return true
	default:
		return false
	}
}

// reaches reports whether the field is an address.
func (f Field) reaches() bool { return f == FieldContact || f == FieldPhone || f == FieldEmail }

// ownColumns are the keys of the columns that WriteRefused adds, which a mended file may still have.
func ownColumn(key string) bool { return slices.Contains(refusedKeys(), key) }

// knownOfContact is known for contacts, whose addresses may be of either kind.
func knownOfContact(key string) (Field, int, bool) {
	base, n := unnumbered(key)
	for _, t := range []struct {
		field Field
		mail  bool
	}{{FieldPhone, false}, {FieldEmail, true}} {
		switch {
		case slices.Contains(contactWords[t.mail], base):
			return t.field, 1 + 10*n, true
		case slices.Contains(secondaryKinds[t.mail], base):
			return t.field, 1000 + n, true
		}
	}
	switch {
	case slices.Contains(anyContact, base):
		return FieldContact, 10 * n, true
	case slices.Contains(secondary, base):
		return FieldContact, 1000 + n, true
	case ownColumn(key):
		return FieldIgnore, 0, true
	}
	for _, names := range []map[Field][]string{personWords, words} {
		for f, list := range names {
			if slices.Contains(list, key) || f.many() && slices.Contains(list, base) {
				return f, 0, true
			}
		}
	}
	return FieldVariable, 0, false
}

// want is what a column of a file is read as.
type want struct {
	name  string // as the file has it, or its number
	field Field
	key   string // of the attribute
	rank  int    // among addresses: the lower the earlier it is tried
}

// suggested names the columns of a table with a header by their names, and by what is in them where a name alone does not
// tell. Fields that a contact has once are given to the first column of that name.
func suggested(names []string, s *sample) []want {
	out := make([]want, len(names))
	for i, name := range names {
		f, rank, _ := knownOfContact(agent.Key(name))
		out[i] = want{name: name, field: f, key: agent.Key(name), rank: rank}
		if name == "" {
			out[i].name = numeral(i)
		}
	}
	doubtAddresses(out, s)
	holders(out, s)
	named := slices.ContainsFunc(out, func(w want) bool { return w.field == FieldName })
	for i := range out {
		switch {
		case out[i].field == FieldVariable && out[i].key == agent.VarFirstName:
			if out[i].field = FieldIgnore; !named { // it is made of the name
				out[i].field, named = FieldName, true
			}
		case out[i].field == FieldVariable:
			out[i].field = s.byContent(i, out)
		}
	}
	return settle(out)
}

// doubtAddresses takes for something else what is called an address and holds none: "contato" is the person's name in
// many files, "numero" that of the house.
func doubtAddresses(out []want, s *sample) {
	named := slices.ContainsFunc(out, func(w want) bool { return w.field == FieldName })
	for i := range out {
		if !out[i].field.reaches() || s.meant(i) > 0.5 || s.empty(i) {
			continue
		}
		base, _ := unnumbered(out[i].key)
		general := slices.Contains(anyContact, base) || slices.Contains([]string{"numero", "number"}, base)
		if !general {
			continue // a column of phones with nothing right in it is still one
		}
		if out[i].field = FieldVariable; !named && slices.Contains(anyContact, base) {
			out[i].field, named = FieldName, true
		}
	}
}

// settle leaves each field that a contact has once to its first column, and makes the keys of attributes distinct and
// free of the names of what every contact has.
func settle(out []want) []want {
	once, used := map[Field]bool{}, map[string]bool{}
	for i := range out {
		w := &out[i]
		if !w.field.many() && once[w.field] {
			w.field = FieldVariable
		}
		if once[w.field] = true; w.field != FieldVariable {
			w.key = ""
			continue
		}
		w.key = attributeKey(w.key, i, used)
	}
	return out
}

// attributeKey makes a key that an attribute may have and no other has.
func attributeKey(key string, column int, used map[string]bool) string {
	if len(key) > longestAttribute {
		key = strings.TrimRight(strings.ToValidUTF8(key[:longestAttribute], ""), "_")
	}
	if key == "" {
		key = "column_" + numeral(column)
	}
	base := key
	for n := 2; used[key] || reserved(key); n++ {
		tail := "_" + numeral(n-1)
		cut := base[:min(len(base), longestAttribute-len(tail))]
		key = strings.ToValidUTF8(cut, "") + tail
	}
	used[key] = true
	return key
}

// Bounds of a contact's attributes, in bytes where it is not said.
const (
	longestAttribute      = 64
	longestAttributeValue = 4000
	mostAttributes        = 200
	mostReaches           = 20
)

// reserved reports whether the name is that of something every contact has of its own.
func reserved(key string) bool {
	switch key {
	case agent.VarName, agent.VarFirstName, agent.VarContact, agent.VarID, agent.VarUnsubscribe:
		return true
	default:
		return false
	}
}

// mapped names the columns as somebody has decided. Columns of the same name are meant in their order.
func mapped(names []string, m []Mapped) ([]want, fault.List) {
	out := make([]want, len(names))
	for i, name := range names {
		if out[i] = (want{name: name, field: FieldIgnore}); name == "" {
			out[i].name = numeral(i)
		}
	}
	var bad fault.List
	taken := make([]bool, len(names))
	used, once := map[string]bool{}, map[Field]int{}
	for _, one := range m {
		i := columnNamed(out, taken, one.Column)
		if i < 0 {
			bad = append(bad, invalid("column_unknown", fault.Params{"column": clip(one.Column)}).At("columns"))
			continue
		}
		taken[i] = true
		w := &out[i]
		if w.field = one.Field; w.field == FieldVariable {
			key := one.Key
			if key == "" {
				key = w.name
			}
			w.key = attributeKey(agent.Key(key), i, used)
		}
		if first, twice := once[w.field]; twice && !w.field.many() {
			bad = append(bad, invalid("column_repeated", fault.Params{"column": clip(w.name), "field": string(w.field), "first": first + 1, "second": i + 1}).At("columns"))
		}
		once[w.field] = i
		if _, w.rank, _ = knownOfContact(agent.Key(w.name)); !slices.Contains(contactFields(), w.field) {
			bad = append(bad, invalid("not_one_of", fault.Params{"value": clip(string(one.Field)), "allowed": fieldNames()}).At("columns"))
		}
	}
	return out, bad
}

func columnNamed(out []want, taken []bool, name string) int {
	for i := range out {
		if !taken[i] && out[i].name == name {
			return i
		}
	}
	return -1
}

func fieldNames() string {
	var names []string
	for _, f := range contactFields() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// columnLetters is what spreadsheets call a column: A, B, … Z, AA.
func columnLetters(i int) string {
	return xlsx.Letters(i)
}

// kindOf is the kind of channel that an address in a column of the field is read for.
func (f Field) kindOf() channel.Kind {
	switch f {
	case FieldPhone:
		return channel.Voice
	case FieldEmail:
		return channel.Email
	default:
		return anyKind
	}
}

// prefix gives no more of a text than so many bytes, and no half letter.
func prefix(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
