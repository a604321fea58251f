package intake

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	bcp47 "golang.org/x/text/language"

	"campanario/agent"
	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// personParser makes contacts of rows. It is only read once it is made, so several goroutines may use it.
type personParser struct {
	o       ContactOptions
	options Options
	layout  Layout
	format  Format
	names   []string
	wants   []want
	reaches []int // columns of addresses, in the order in which to try them
	others  []int // the other columns that are read
	area    int   // a column, or -1
	byName  map[string]want
	tags    []string // of everybody
	segs    []string
	ports   []string
}

func newPersonParser(l *looked, o ContactOptions) (*personParser, error) {
	p := &personParser{o: o, options: bounds(o.Country), layout: o.Layout, format: l.format, names: l.names, area: -1}
	if p.layout == LayoutAuto {
		p.layout = l.layout()
	}
	p.tags, _ = addWords(nil, o.Tags)
	p.segs, _ = addWords(nil, o.Segments)
	p.ports, _ = addWords(nil, o.Portfolios)
	if l.format == JSON || l.format == NDJSON {
		return p, p.planObjects()
	}
	var bad fault.List
	switch {
	case l.format == List:
		p.wants = l.wants()
	case p.layout == LayoutR:
		if p.options.Country == "" {
			p.options.Country = "BR"
		}
		p.wants, bad = wantsOfR(l.names), checkR(l, o)
	case p.layout == LayoutA:
		p.wants = wantsOfA(l)
	case len(o.Columns) > 0 || o.Layout == LayoutMapped:
		p.wants, bad = mapped(l.names, o.Columns)
	default:
		p.wants = l.wants()
	}
	if len(bad) > 0 {
		return nil, bad.Err()
	}
	p.plan()
	if len(p.reaches) == 0 {
		return nil, invalid("contact_column_missing", fault.Params{"columns": clip(strings.Join(l.names, ", ")), "example": "telefone"})
	}
	return p, nil
}

func (p *personParser) plan() {
	for i, w := range p.wants {
		switch {
		case w.field.reaches():
			p.reaches = append(p.reaches, i)
		case w.field == FieldArea:
			p.area = i
		case w.field != FieldIgnore:
			p.others = append(p.others, i)
		}
	}
	slices.SortStableFunc(p.reaches, func(a, b int) int { return cmp.Compare(p.wants[a].rank, p.wants[b].rank) })
}

// make makes contacts of rows.
func (p *personParser) make(rows *pack) []outcome {
	out := make([]outcome, len(rows.rows))
	text := string(rows.text) // once: the cells are parts of it
	spans := slices.Clone(rows.spans)
	w := &personRow{p: p}
	for i := range rows.rows {
		r := &rows.rows[i]
		out[i].person.cells = rowCells{text, spans[r.from:r.to]}
		w.read(text, spans, r, &out[i])
	}
	return out
}

// personRow is what one row is made a contact in; it is used for many, one after the other.
type personRow struct {
	p     *personParser
	row   *rough
	raw   []string // all cells, as they stand
	cells []string // those of columns, cleaned
	attrs int      // how many attributes the row before had
	out   *outcome
	c     *audience.Contact
}

func (w *personRow) read(text string, spans []span, r *rough, out *outcome) {
	w.row, w.out, w.c = r, out, &out.person.Contact
	out.person.Line = r.line
	w.raw = w.raw[:0]
	for _, s := range spans[r.from:r.to] {
		w.raw = append(w.raw, text[s.from:s.to])
	}
	if r.bad != nil {
		w.refuse("", r.bad)
		return
	}
	column, bad := "", (*fault.Error)(nil)
	switch {
	case w.p.format == JSON || w.p.format == NDJSON:
		column, bad = w.object()
	case !w.clean(&column, &bad):
	case w.p.layout == LayoutR && w.p.format != List:
		column, bad = w.rowOfR()
	default:
		column, bad = w.table()
	}
	if bad == nil {
		column, bad = w.finish()
	}
	if bad != nil {
		w.refuse(column, bad)
	}
}

// refuse makes a refusal of the row.
func (w *personRow) refuse(column string, bad *fault.Error) {
	*w.out = outcome{bad: &Refusal{Line: w.row.line, Column: column, Error: bad, Cells: w.out.person.cells.list()}}
}

// clean fills in the cells. false when one of them refuses the row.
func (w *personRow) clean(column *string, bad **fault.Error) bool {
	n := len(w.p.wants)
	if w.row.width > n {
		for i := n; i < w.row.width; i++ {
			if i < len(w.raw) && strings.TrimSpace(w.raw[i]) == "" {
				continue
			}
			*column, *bad = columnLetters(i), invalid("row_too_wide", fault.Params{"got": w.row.width, "want": n})
			if w.p.layout == LayoutR {
				*bad = invalid("layout_cell_outside", fault.Params{"column": columnLetters(i), "want": n})
			}
			return false
		}
	}
	if cap(w.cells) < n {
		w.cells = make([]string, n)
	}
	w.cells = w.cells[:n]
	clear(w.cells)
	for i := range min(n, len(w.raw)) {
		cell := w.raw[i]
		if cell == "" || w.p.wants[i].field == FieldIgnore {
			continue
		}
		switch {
		case len(cell) > w.p.options.MaxField:
			*column, *bad = w.p.wants[i].name, invalid("field_too_long", fault.Params{"max": w.p.options.MaxField, "got": len(cell)})
			return false
		case strings.IndexByte(cell, 0) >= 0:
			*column, *bad = w.p.wants[i].name, invalid("nul_byte", nil)
			return false
		}
		if !utf8.ValidString(cell) {
			cell = utf8Text(cell)
		}
		w.cells[i] = clean(cell)
	}
	return w.marked(column, bad)
}

// marked looks at cells of a workbook that are more than their text.
func (w *personRow) marked(column *string, bad **fault.Error) bool {
	for _, m := range w.row.marks {
		if m.column >= len(w.p.wants) {
			continue
		}
		f := w.p.wants[m.column].field
		switch {
		case w.p.layout == LayoutR, m.kind == markFormula && (w.p.o.Strict || f != FieldIgnore && w.cells[m.column] == ""):
			*column, *bad = w.p.wants[m.column].name, invalid("formula", nil)
			return false
		case m.kind == markError && f != FieldIgnore:
			*column, *bad = w.p.wants[m.column].name, invalid("cell_error", fault.Params{"value": clip(w.raw[m.column])})
			return false
		}
	}
	return true
}

// table reads a row of a table by its columns.
func (w *personRow) table() (string, *fault.Error) {
	var first *Refusal
	missing := ""
	for _, i := range w.p.reaches {
		if missing == "" {
			missing = w.p.wants[i].name
		}
		if w.cells[i] == "" {
			continue
		}
		area := ""
		if w.p.area >= 0 {
			area = w.cells[w.p.area]
		}
		if w.p.format == List {
			w.c.Name = displayName(w.cells[i])
		}
		if bad := w.reach(w.p.wants[i].field.kindOf(), w.cells[i], area); bad != nil {
			rej := Refusal{Line: w.row.line, Column: w.p.wants[i].name, Error: bad}
			if w.p.format == List {
				rej.Column = ""
				if w.row.number > 0 {
					rej.Column = numeral(w.row.number - 1)
				}
			}
			if first == nil {
				first = &rej
			}
			w.out.person.Warnings = append(w.out.person.Warnings, rej)
		}
	}
	switch {
	case first != nil && (w.p.o.Strict || len(w.c.Reaches) == 0):
		return first.Column, first.Error
	case len(w.c.Reaches) == 0:
		return missing, invalid("contact_missing", nil)
	}
	for _, i := range w.p.others {
		if w.cells[i] == "" {
			continue
		}
		if bad := w.set(&w.p.wants[i], w.cells[i]); bad != nil {
			return w.p.wants[i].name, bad
		}
	}
	return "", nil
}

// reach adds the addresses in a cell. The fault is of the first that is none; the others are taken.
func (w *personRow) reach(kind channel.Kind, cell, area string) *fault.Error {
	o := Options{Kind: kind, Country: w.p.options.Country}
	if a, bad := address(cell, o); bad == nil {
		w.addReach(a)
		return nil
	}
	if kind == anyKind && strings.ContainsRune(cell, '@') {
		if parts := splitOutsideQuotes(strings.ReplaceAll(cell, "\n", ",")); len(parts) > 1 {
			var first *fault.Error
			for _, part := range parts {
				if part = strings.TrimSpace(part); part == "" {
					continue
				}
				if bad := w.reach(kind, part, area); bad != nil && first == nil {
					first = bad
				}
			}
			return first
		}
	}
	found, bad := addressesIn(cell, area, o)
	for _, a := range found {
		w.addReach(a)
	}
	return bad
}

func (w *personRow) addReach(a channel.Address) {
	c := w.c
	for i := range c.Reaches {
		if strings.EqualFold(string(c.Reaches[i].Address), string(a)) {
			return
		}
	}
	if len(c.Reaches) == mostReaches {
		return
	}
	k := audience.ByPhone
	if strings.IndexByte(string(a), '@') >= 0 {
		k = audience.ByEmail
	}
	c.Reaches = append(c.Reaches, audience.Reach{Kind: k, Address: a})
}

// set puts a cell where it belongs.
func (w *personRow) set(to *want, cell string) *fault.Error {
	c := w.c
	switch to.field {
	case FieldName:
		return oneText(&c.Name, cell, longestName)
	case FieldID:
		return oneText(&c.ExternalID, cell, longestID)
	case FieldCity:
		return oneText(&c.City, cell, longestTag)
	case FieldState:
		return oneText(&c.State, cell, longestTag)
	case FieldLocation:
		return oneText(&c.Location, cell, longestTag)
	case FieldDocument:
		if formula(cell) {
			return invalid("formula", nil)
		}
		d, bad := documentOf(cell)
		c.Document = d
		return bad
	case FieldZone:
		if _, err := schedule.LoadZone(cell); err != nil {
			return asFault(err)
		}
		c.Zone = cell
	case FieldLanguage:
		tag, ok := language(cell)
		if _, err := bcp47.Parse(tag); !ok || err != nil {
			return invalid("language_unknown", fault.Params{"value": clip(cell), "example": "pt-BR"})
		}
		c.Language = tag
	case FieldPriority:
		priority, err := audience.ParsePriority(cell)
		if err != nil {
			return asFault(err)
		}
		c.Priority = priority
	case FieldTags:
		return splitWords(&c.Tags, cell)
	case FieldPortfolios:
		return splitWords(&c.Portfolios, cell)
	case FieldSegments:
		return splitWords(&c.Segments, cell)
	case FieldPrimary:
		return w.primary(cell)
	case FieldContext:
		w.context(cell)
	case FieldVariable:
		return w.attribute(to.key, cell)
	default: // addresses and area codes have been read, and what is ignored is not
	}
	return nil
}

// primary notes whom the contact stands in for. A number may be a code, a document and a phone at once: which of them is
// meant shows when somebody has it.
func (w *personRow) primary(cell string) *fault.Error {
	k := &audience.PrimaryKey{}
	if bad := oneText(&k.ExternalID, cell, longestID); bad != nil {
		return bad
	}
	k.Document, _ = documentOf(cell)
	if a, bad := address(cell, Options{Kind: anyKind, Country: w.p.options.Country}); bad == nil {
		k.Address = a
	}
	w.out.person.PrimaryKey = k
	return nil
}

// oneText writes a text of one line.
func oneText(to *string, cell string, most int) *fault.Error {
	if formula(cell) {
		return invalid("formula", nil)
	}
	*to = oneLine(cell)
	return bounded(*to, most)
}

func splitWords(to *[]string, cell string) *fault.Error {
	var bad *fault.Error
	*to, bad = addWords(*to, strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|\n", r) }))
	return bad
}

// addWords adds words that are each there once, whatever their capitals.
func addWords(to, from []string) ([]string, *fault.Error) {
	for _, word := range from {
		word = oneLine(word)
		if bad := bounded(word, longestTag); bad != nil {
			return to, bad
		}
		if word == "" || hasWord(to, word) {
			continue
		}
		if len(to) == mostTags {
			return to, invalid("too_many", fault.Params{"max": mostTags, "got": len(to) + 1})
		}
		to = append(to, word)
	}
	return to, nil
}

func hasWord(list []string, word string) bool {
	for _, s := range list {
		if s == word || audience.Fold(s) == audience.Fold(word) {
			return true
		}
	}
	return false
}

func (w *personRow) attribute(key, value string) *fault.Error {
	if w.c.Attributes == nil {
		w.c.Attributes = make(map[string]string, max(w.attrs, 2))
	}
	w.c.Attributes[key] = value
	return bounded(value, longestAttributeValue)
}

// context makes attributes of a context that is a JSON object; any other is the attribute "context".
func (w *personRow) context(cell string) {
	row := Row{Variables: map[string]string{}}
	addContext(&row, cell)
	for _, key := range sortedKeys(row.Variables) {
		w.found(key, row.Variables[key])
	}
}

// found adds an attribute that comes with a name of its own, unless a column has it; one named like what every contact
// has gets a name beside it.
func (w *personRow) found(key, value string) {
	if value == "" {
		return
	}
	if reserved(key) || len(key) > longestAttribute {
		key = attributeKey(agent.VarContext+"_"+key, 0, map[string]bool{})
	}
	if w.c.Attributes == nil {
		w.c.Attributes = map[string]string{}
	}
	if _, there := w.c.Attributes[key]; !there {
		w.c.Attributes[key] = value
	}
}

// finish adds what everybody is given, and holds the bounds of a contact.
func (w *personRow) finish() (string, *fault.Error) {
	c := w.c
	w.attrs = len(c.Attributes)
	if w.attrs > mostAttributes {
		return "", invalid("too_many", fault.Params{"max": mostAttributes, "got": w.attrs})
	}
	if w.p.format != CSV && w.p.format != XLSX {
		for _, key := range sortedKeys(c.Attributes) {
			if bad := bounded(c.Attributes[key], longestAttributeValue); bad != nil {
				return key, bad
			}
		}
	}
	for _, t := range []struct {
		to   *[]string
		from []string
	}{{&c.Tags, w.p.tags}, {&c.Segments, w.p.segs}, {&c.Portfolios, w.p.ports}} {
		switch {
		case len(t.from) == 0:
		case len(*t.to) == 0:
			*t.to = slices.Clip(t.from)
		default:
			var bad *fault.Error
			if *t.to, bad = addWords(*t.to, t.from); bad != nil {
				return "", bad
			}
		}
	}
	return "", nil
}
