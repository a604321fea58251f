package intake

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
)

// Field is what a column holds.
type Field string

// The fields.
const (
	FieldContact  Field = "contact" // an address: the first such column the primary one
	FieldName     Field = "name"
	FieldID       Field = "id"
	FieldContext  Field = "context" // text or a JSON object
	FieldZone     Field = "zone"
	FieldLanguage Field = "language"
	FieldPriority Field = "priority"
	FieldTags     Field = "tags"
	FieldArea     Field = "area" // the area code, when phone numbers come without
	FieldVariable Field = "variable"
)

// anyKind is that of files whose contacts may be phone numbers and mailboxes: those of the contact base.
const anyKind channel.Kind = ""

// Column is one column of a file and what it was taken for.
type Column struct {
	Name  string // as in the file; its number in a file without header
	Field Field
	Key   string // of the variable, for FieldVariable

	rank int // among contact columns
}

// words are the names of columns, as keys.
var words = map[Field][]string{
	FieldName: {
		"name", "nome", "nombre", "full_name", "nome_completo", "nombre_completo", "nome_cliente", "nome_do_cliente", "nombre_cliente",
		"nombre_del_cliente", "customer_name", "nome_contato", "nome_do_contato", "contact_name",
	},
	FieldID: {
		"id", "external_id", "id_externo", "codigo", "code", "cod", "codcliente", "cod_cliente", "codigo_cliente", "codigo_do_cliente", "codigo_externo",
		"customer_id", "id_cliente", "client_id", "identificador",
	},
	FieldContext:  {"context", "contexto"},
	FieldZone:     {"zone", "timezone", "time_zone", "tz", "zona", "zona_horaria", "fuso", "fuso_horario"},
	FieldLanguage: {"language", "lang", "idioma", "lingua", "lengua", "locale"},
	FieldPriority: {"priority", "prioridade", "prioridad"},
	FieldTags:     {"tags", "tag", "etiqueta", "etiquetas", "labels", "marcadores"},
	FieldArea:     {"ddd", "area_code", "codigo_de_area", "codigo_area"},
}

// people is what those are called whom a business serves: below such a head stand their names, or codes.
var people = []string{
	"cliente", "client", "customer", "titular", "pessoa", "person", "persona", "aluno", "alumno", "estudante", "estudiante", "student", "paciente", "patient",
	"devedor", "deudor", "debtor", "associado", "asociado", "socio", "beneficiario", "segurado", "asegurado", "assinante", "suscriptor", "subscriber",
	"lead", "razao_social", "razon_social",
}

// anyContact are names of a column that holds a contact of whatever kind; some files call the person so.
var anyContact = []string{"contact", "contato", "contacto", "destino", "destinatario", "to", "address", "endereco_de_contato"}

// contactWords are the names for one kind of address. With a number behind them (telefone_2) they are secondary.
var contactWords = map[bool][]string{ // whether it is a mailbox
	false: {
		"phone", "phone_number", "telephone", "telefone", "telefono", "tel", "fone", "celular", "cel", "cell", "cellphone", "mobile", "mobile_phone", "movil",
		"whatsapp", "numero", "number", "numero_de_telefone", "numero_telefone", "numero_de_telefono", "numero_celular", "telefone_celular",
		"telefono_celular", "telefone_contato", "telefone_de_contato", "telefone_residencial", "telefone_comercial", "fone_celular", "msisdn", "ddd_telefone", //nolint:misspell // Portuguese
	},
	true: {
		"email", "e_mail", "mail", "mailbox", "correo", "correo_electronico", "email_address", "endereco_de_email", "endereco_de_e_mail",
		"direccion_de_correo", "email_contato",
	},
}

// secondary are names, or beginnings of names, of further addresses of the person or of somebody near.
var secondary = []string{
	"secondary_contact", "contato_secundario", "contacto_secundario", "secondary", "secundario", "contato_alternativo", "alternative_contact",
	"recado", "contato_recado",
}

var secondaryKinds = map[bool][]string{
	false: {"secondary_phone", "telefone_secundario", "telefono_secundario", "telefone_alternativo", "telefono_alternativo", "telefone_recado", "alternative_phone", "segundo_telefone"},
	true:  {"secondary_email", "email_secundario", "correo_secundario", "email_alternativo", "alternative_email"},
}

// unnumbered takes a number off the end of a key: telefone_2 and telefone2 are telefone. n is 0 when there is none.
func unnumbered(key string) (base string, n int) {
	base = strings.TrimRight(key, "0123456789")
	if base == key || base == "" {
		return key, 0
	}
	n, err := strconv.Atoi(key[len(base):])
	if err != nil || n > 99 {
		return key, 0
	}
	return strings.TrimRight(base, "_"), n
}

// known gives the field that a column's key names, and for a contact its rank: the lower the earlier it is tried.
func known(key string, kind channel.Kind) (Field, int, bool) {
	if kind == anyKind {
		return knownOfContact(key)
	}
	mail := kind == channel.Email
	base, n := unnumbered(key)
	switch {
	case slices.Contains(anyContact, base):
		return FieldContact, 10 * n, true
	case slices.Contains(contactWords[mail], base):
		return FieldContact, 1 + 10*n, true
	case slices.Contains(secondary, base), slices.Contains(secondaryKinds[mail], base):
		return FieldContact, 1000 + n, true
	}
	for f, names := range words {
		if slices.Contains(names, key) {
			return f, 0, true
		}
	}
	return FieldVariable, 0, false
}

// columnsOf gives each name of a header its field; the sample's cells decide where a name alone does not.
func columnsOf(names []string, s *sample) ([]Column, *fault.Error) {
	out := make([]Column, len(names))
	for i, name := range names {
		key := agent.Key(name)
		f, rank, _ := known(key, s.kind)
		out[i] = Column{Name: name, Field: f, Key: key, rank: rank}
		if name == "" {
			out[i].Name = numeral(i)
		}
	}
	settleContacts(out, s)
	if !slices.ContainsFunc(out, func(c Column) bool { return c.Field == FieldName }) {
		if i := slices.IndexFunc(out, func(c Column) bool { return c.Field == FieldVariable && slices.Contains(people, c.Key) }); i >= 0 && s.isWords(i, true) {
			out[i].Field = FieldName
		}
	}
	return settled(out, s)
}

// mappable are the fields that somebody may say a column of recipients holds.
var mappable = []Field{
	FieldContact, FieldName, FieldID, FieldContext, FieldZone, FieldLanguage, FieldPriority, FieldTags, FieldArea, FieldVariable, FieldIgnore,
}

// assign gives columns the fields that somebody says they hold; what only looked like one of these is a variable then.
func assign(out []Column, said []Mapped) *fault.Error {
	for _, m := range said {
		i := slices.IndexFunc(out, func(c Column) bool { return c.Name == m.Column })
		switch {
		case i < 0:
			return invalid("column_unknown", fault.Params{"column": clip(m.Column)}).At("columns")
		case !slices.Contains(mappable, m.Field):
			return invalid("not_one_of", fault.Params{"value": clip(string(m.Field)), "allowed": wordList(mappable)}).At("columns")
		}
		for k := range out {
			named := slices.ContainsFunc(said, func(o Mapped) bool { return o.Column == out[k].Name })
			if !named && out[k].Field == m.Field && m.Field != FieldContact {
				out[k].Field = FieldVariable
			}
		}
		if m.Field == FieldContact && out[i].Field != FieldContact {
			out[i].rank = 500 + i // behind those whose names say so
		}
		out[i].Field = m.Field
		if m.Key != "" {
			out[i].Key = agent.Key(m.Key)
		} else if out[i].Key == "" {
			out[i].Key = agent.Key(out[i].Name)
		}
	}
	return nil
}

// settled gives columns what Options say of them, and finds what is wrong with the whole.
func settled(out []Column, s *sample) ([]Column, *fault.Error) {
	if bad := assign(out, s.options.Columns); bad != nil {
		return nil, bad
	}
	first := map[Field]int{}
	for i, c := range out {
		if c.Field == FieldContact || c.Field == FieldVariable || c.Field == FieldIgnore {
			continue
		}
		if at, twice := first[c.Field]; twice {
			return nil, invalid("column_repeated", fault.Params{"column": clip(c.Name), "field": string(c.Field), "first": at + 1, "second": i + 1})
		}
		first[c.Field] = i
	}
	nameVariables(out)
	if len(contactsOf(out)) == 0 {
		names := make([]string, len(out))
		for i := range out {
			names[i] = out[i].Name
		}
		return nil, invalid("contact_column_missing", fault.Params{"columns": clip(strings.Join(names, ", ")), "example": example(s.kind)})
	}
	return out, nil
}

// numeral is what a column without a name is called.
func numeral(i int) string { return strconv.Itoa(i + 1) }

func example(kind channel.Kind) string {
	if kind == channel.Email {
		return "email"
	}
	return "telefone"
}

// settleContacts decides about columns whose name may mean a contact: beside one whose cells look like addresses, one
// whose cells do not is something else ("contato" is the person's name in many files, "numero" that of the house). When
// no name means a contact, the first column with right addresses is taken.
func settleContacts(out []Column, s *sample) {
	named := slices.ContainsFunc(out, func(c Column) bool { return c.Field == FieldName })
	contacts := contactsOf(out)
	sure := slices.ContainsFunc(contacts, func(i int) bool { return s.meant(i) > 0.5 })
	for _, i := range contacts {
		if !sure || s.meant(i) > 0.5 || s.empty(i) {
			continue
		}
		base, _ := unnumbered(out[i].Key)
		if out[i].Field = FieldVariable; !named && slices.Contains(anyContact, base) {
			out[i].Field, named = FieldName, true
		}
	}
	if len(contacts) > 0 {
		return
	}
	for i, c := range out {
		if (c.Field == FieldVariable || c.Field == FieldID) && s.share(i, true) > 0.5 {
			out[i].Field = FieldContact
			return
		}
	}
}

// nameVariables makes the keys of variables distinct: obs, obs_2, and column_7 for a column without a name.
func nameVariables(out []Column) {
	used := map[string]bool{}
	for i, c := range out {
		if c.Field != FieldVariable {
			continue
		}
		if c.Key == "" {
			c.Key = "column_" + numeral(i)
		}
		key := c.Key
		for n := 2; used[key]; n++ {
			key = c.Key + "_" + strconv.Itoa(n)
		}
		used[key] = true
		out[i].Key = key
	}
}

// contactsOf lists the contact columns in the order in which to try them.
func contactsOf(columns []Column) []int {
	var out []int
	for i, c := range columns {
		if c.Field == FieldContact {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(columns[a].rank, columns[b].rank) })
	return out
}
