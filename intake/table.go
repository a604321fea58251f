package intake

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"campanario/agent"
	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// table reads the rows of CSV.
type table struct {
	scan     *scanner
	options  Options
	columns  []Column
	header   bool
	contacts []int // columns, in the order in which to try them
	fields   []int // columns with a place of their own in the row
	vars     []int // columns of variables
	context  int   // a column, or -1, as is area
	area     int
	lastVar  int // how many variables the row before had
	buf      []string
}

func newTable(all io.Reader, s *sample, o Options) (*table, *fault.Error) {
	if len(s.rows) == 0 && s.whole {
		if len(strings.TrimSpace(string(s.head))) == 0 {
			return nil, invalid("file_empty", nil)
		}
	}
	if _, err := io.CopyN(io.Discard, all, int64(s.skip)); err != nil {
		return nil, invalid("file_empty", nil)
	}
	t := &table{scan: newScanner(all, s.delimiter, s.lineEnd, o), options: o}
	if s.skip > 0 {
		t.scan.line++
	}
	if bad := t.begin(s); bad != nil {
		return nil, bad
	}
	t.contacts = contactsOf(t.columns)
	t.context, t.area = -1, -1
	for i, c := range t.columns {
		switch c.Field {
		case FieldContact, FieldIgnore:
		case FieldVariable:
			t.vars = append(t.vars, i)
		case FieldContext:
			t.context = i
		case FieldArea:
			t.area = i
		default:
			t.fields = append(t.fields, i)
		}
	}
	return t, nil
}

// begin settles the columns, and reads past the header when there is one.
func (t *table) begin(s *sample) *fault.Error {
	t.header = s.hasHeader()
	if !t.header {
		var bad *fault.Error
		t.columns, bad = settled(s.guess(), s)
		return bad
	}
	rec, err := t.scan.next()
	var bad *fault.Error
	switch {
	case errors.As(err, &bad) && bad.Code == "row_too_long":
		return invalid("columns_too_many", fault.Params{"max": t.options.MaxColumns})
	case err != nil:
		return invalid("file_empty", nil)
	case rec.width > t.options.MaxColumns:
		return invalid("columns_too_many", fault.Params{"max": t.options.MaxColumns, "got": rec.width})
	}
	names := make([]string, len(rec.cells))
	for i := range names {
		names[i] = clean(utf8Text(string(rec.cell(i))))
	}
	for len(names) > 1 && names[len(names)-1] == "" {
		names = names[:len(names)-1] // a delimiter too many at the end of every line is common
	}
	t.columns, bad = columnsOf(names, s)
	return bad
}

func (t *table) read() (Row, *Rejected, error) {
	rec, err := t.scan.next()
	var bad *fault.Error
	if errors.As(err, &bad) {
		return Row{}, &Rejected{Line: rec.line, Error: bad}, nil
	}
	if err != nil {
		return Row{}, nil, err
	}
	cells, rej := t.cells(rec)
	if rej != nil {
		return Row{}, rej, nil
	}
	row, rej := t.row(rec.line, cells)
	return row, rej, nil
}

// cells gives the text of a record's cells, as many as there are columns.
func (t *table) cells(rec *record) ([]string, *Rejected) {
	if rec.width > len(t.columns) {
		for i := len(t.columns); i < len(rec.cells); i++ {
			if len(strings.TrimSpace(string(rec.cell(i)))) > 0 || rec.width > t.options.MaxColumns {
				return nil, &Rejected{Line: rec.line, Error: invalid("row_too_wide", fault.Params{"got": rec.width, "want": len(t.columns)})}
			}
		}
	}
	text := string(rec.text) // once: the cells are parts of it
	if strings.IndexByte(text, 0) >= 0 {
		return nil, &Rejected{Line: rec.line, Column: t.nameAt(rec, 0), Error: invalid("nul_byte", nil)}
	}
	valid := utf8.ValidString(text)
	if t.buf == nil {
		t.buf = make([]string, len(t.columns))
	}
	cells := t.buf // good until the next row: rows keep the texts, not the slice
	clear(cells)
	for i := range min(len(cells), len(rec.cells)) {
		c := rec.cells[i]
		if c.to-c.from > t.options.MaxField {
			return nil, &Rejected{Line: rec.line, Column: t.columns[i].Name, Error: invalid("field_too_long", fault.Params{"max": t.options.MaxField, "got": c.to - c.from})}
		}
		cells[i] = text[c.from:c.to]
		if !valid {
			cells[i] = utf8Text(cells[i])
		}
		cells[i] = clean(cells[i])
	}
	return cells, nil
}

// nameAt is the name of the first column whose cell holds the byte.
func (t *table) nameAt(rec *record, c byte) string {
	for i := range min(len(rec.cells), len(t.columns)) {
		if slices.Contains(rec.cell(i), c) {
			return t.columns[i].Name
		}
	}
	return ""
}

func (t *table) row(line int, cells []string) (Row, *Rejected) {
	row := Row{Line: line, Priority: audience.PriorityNormal}
	if rej := t.addresses(&row, cells); rej != nil {
		return Row{}, rej
	}
	for _, i := range t.fields {
		if bad := setField(&row, t.columns[i].Field, cells[i]); bad != nil {
			return Row{}, &Rejected{Line: line, Column: t.columns[i].Name, Error: bad}
		}
	}
	for _, i := range t.vars {
		if cells[i] != "" {
			if row.Variables == nil {
				row.Variables = make(map[string]string, t.lastVar)
			}
			row.Variables[t.columns[i].Key] = cells[i]
		}
	}
	if t.context >= 0 {
		addContext(&row, cells[t.context])
	}
	t.lastVar = len(row.Variables)
	return row, nil
}

// addresses fills the row's addresses from its contact columns.
func (t *table) addresses(row *Row, cells []string) *Rejected {
	var first *Rejected
	area := ""
	if t.area >= 0 {
		area = cells[t.area]
	}
	for _, i := range t.contacts {
		if cells[i] == "" {
			continue
		}
		if a, bad := address(cells[i], t.options); bad == nil {
			addAddress(row, a)
			continue
		}
		found, bad := addressesIn(cells[i], area, t.options)
		for _, a := range found {
			addAddress(row, a)
		}
		if bad == nil {
			continue
		}
		rej := Rejected{Line: row.Line, Column: t.columns[i].Name, Error: bad}
		if first == nil {
			first = &rej
		}
		row.Warnings = append(row.Warnings, rej)
	}
	switch {
	case len(row.Addresses) > 0:
		return nil
	case first != nil:
		return first
	default:
		return &Rejected{Line: row.Line, Column: t.columns[t.contacts[0]].Name, Error: invalid("contact_missing", nil)}
	}
}

func addAddress(row *Row, a channel.Address) {
	if len(row.Addresses) < mostAddresses && !slices.Contains(row.Addresses, a) {
		row.Addresses = append(row.Addresses, a)
	}
}

// addressesIn reads a contact's cell: one address, or several with separators between them; a phone number without its
// area code is tried with the one beside it. The fault is of the first that is none.
func addressesIn(cell, area string, o Options) ([]channel.Address, *fault.Error) {
	if formula(cell) {
		return nil, invalid("formula", nil)
	}
	a, bad := address(cell, o)
	if bad == nil {
		return []channel.Address{a}, nil
	}
	switch bad.Code {
	case "phone_no_area":
		if area != "" {
			if a, bad2 := address(area+" "+cell, o); bad2 == nil {
				return []channel.Address{a}, nil
			}
		}
	case "phone_several", "mailbox_several":
		var out []channel.Address
		bad = nil
		for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|/\n", r) }) {
			a, e := address(part, o)
			if e == nil {
				out = append(out, a)
			} else if bad == nil {
				bad = e
			}
		}
		return out, bad
	}
	return nil, bad
}

// setField puts a cell where it belongs.
func setField(row *Row, f Field, cell string) *fault.Error {
	if cell == "" {
		return nil
	}
	switch f {
	case FieldName:
		if formula(cell) {
			return invalid("formula", nil)
		}
		row.Name = oneLine(cell)
		return bounded(row.Name, longestName)
	case FieldID:
		if formula(cell) {
			return invalid("formula", nil)
		}
		row.ExternalID = oneLine(cell)
		return bounded(row.ExternalID, longestID)
	case FieldZone:
		if _, err := schedule.LoadZone(cell); err != nil {
			return asFault(err)
		}
		row.Zone = cell
	case FieldLanguage:
		tag, ok := language(cell)
		if !ok {
			return invalid("language_unknown", fault.Params{"value": clip(cell), "example": "pt-BR"})
		}
		row.Language = tag
	case FieldPriority:
		p, err := audience.ParsePriority(cell)
		if err != nil {
			return asFault(err)
		}
		row.Priority = p
	case FieldTags:
		return addTags(row, strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|\n", r) }))
	default: // each has its own place, or is no recipient's
	}
	return nil
}

func bounded(s string, most int) *fault.Error {
	if len(s) > most {
		return invalid("field_too_long", fault.Params{"max": most, "got": len(s)})
	}
	return nil
}

func addTags(row *Row, tags []string) *fault.Error {
	for _, tag := range tags {
		tag = oneLine(tag)
		if bad := bounded(tag, longestTag); bad != nil {
			return bad
		}
		if tag != "" && !slices.Contains(row.Tags, tag) {
			row.Tags = append(row.Tags, tag)
		}
	}
	if len(row.Tags) > mostTags {
		return invalid("too_many", fault.Params{"max": mostTags, "got": len(row.Tags)})
	}
	return nil
}

// addContext makes variables of a context that is a JSON object; any other is the variable "context". A column of the
// same name wins over the object's member.
func addContext(row *Row, cell string) {
	if cell == "" {
		return
	}
	if row.Variables == nil {
		row.Variables = map[string]string{}
	}
	if cell[0] == '{' {
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(cell), &object) == nil {
			agent.Variables(row.Variables).PutObject(object)
			return
		}
	}
	if _, ok := row.Variables["context"]; !ok {
		row.Variables["context"] = cell
	}
}
