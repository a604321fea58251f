package intake

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"campanario/audience"
	"campanario/internal/fault"
)

// XLSX is the format of workbooks.
const XLSX Format = "xlsx"

// looked is a file of contacts whose beginning has been looked at.
type looked struct {
	format   Format
	encoding Encoding
	sample   *sample
	header   bool
	above    int      // how many lines stand above the header
	names    []string // of its columns, or their numbers; empty for JSON
	sheets   []string
	rows     roughs // those behind the header
	gauge    *gauge // of what is read while rows are
	book     *workbook
}

func (l *looked) close() error {
	if l.book != nil {
		return l.book.close()
	}
	return nil
}

// bounds are those of recipients' files.
func bounds(country string) Options {
	return Options{Kind: anyKind, Country: country}.withDefaults()
}

// lookAt finds out what a file is and reads as far as its first row. A *fault.Error says that it cannot be read at all.
func lookAt(file io.Reader, o ContactOptions) (*looked, error) {
	g := &gauge{Reader: file}
	in, bad, err := unpacked(g)
	if err == nil && bad != nil {
		err = bad
	}
	if err != nil {
		return nil, err
	}
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, whole(err)
	}
	look := lookAtText
	if string(head) == "PK\x03\x04" {
		look = lookAtBook
	}
	l, err := look(in, o)
	if err == nil && l.gauge == nil {
		l.gauge = g
	}
	return l, whole(err)
}

func lookAtText(in *bufio.Reader, o ContactOptions) (*looked, error) {
	text, encoding, bad, err := decoded(in)
	if err == nil && bad != nil {
		err = bad
	}
	if err != nil {
		return nil, err
	}
	head, complete, all, err := peek(text)
	if err != nil {
		return nil, err
	}
	opt := bounds(o.Country)
	s := look(head, complete, opt)
	l := &looked{format: textFormat(s, o.Layout), encoding: encoding, sample: s, sheets: []string{}}
	switch l.format {
	case JSON:
		l.rows = &arrayRoughs{newArray(all, encoding, opt)}
	case NDJSON:
		l.rows = &objectRoughs{newScanner(all, 0, '\n', opt)}
	case List:
		if len(strings.TrimSpace(string(s.head))) == 0 {
			return nil, invalid("file_empty", nil)
		}
		l.names, l.header = []string{numeral(0)}, s.hasKnownHeader()
		l.rows = &listRoughs{newList(all, s, opt), l.header}
	default:
		if complete && len(s.rows) == 0 {
			return nil, invalid("file_empty", nil)
		}
		if _, err := io.CopyN(io.Discard, all, int64(s.skip)); err != nil {
			return nil, err
		}
		scan := newScanner(all, s.delimiter, s.lineEnd, opt)
		scan.line += s.lines
		l.above = s.titles
		l.rows = &csvRoughs{scan}
		return l, l.begin(o)
	}
	return l, nil
}

// textFormat is what a text is, given what somebody says of its layout.
func textFormat(s *sample, layout Layout) Format {
	f := s.format()
	switch {
	case f == CSV && layout == LayoutList:
		return List
	case f == List && (layout == LayoutR || layout == LayoutA || layout == LayoutMapped):
		return CSV
	case f == List && s.pairs():
		return CSV
	case f == CSV && layout == LayoutAuto && s.single() && !s.hasHeader():
		return List
	default:
		return f
	}
}

// single reports whether no row has more than one cell.
func (s *sample) single() bool {
	for _, row := range s.rows {
		if len(row) > 1 {
			return false
		}
	}
	return len(s.rows) > 0
}

// pairs reports whether each row has a phone number and a mailbox of one person, in columns of their own.
func (s *sample) pairs() bool {
	if len(s.rows) == 0 || len(s.rows[0]) < 2 {
		return false
	}
	for _, row := range s.rows {
		if len(row) != len(s.rows[0]) {
			return false
		}
	}
	mail, phone := false, false
	for i := range s.rows[0] {
		share := s.part(i, false, func(cell string) bool { return strings.ContainsRune(cell, '@') })
		mail = mail || share > clearly
		phone = phone || share == 0 && s.part(i, false, func(cell string) bool { return addressLike(cell, anyKind) }) > clearly
	}
	return mail && phone
}

// begin settles whether a table has a header, and reads past it.
func (l *looked) begin(o ContactOptions) error {
	l.header = l.sample.hasHeader()
	if o.Layout == LayoutR || hasKeysOfR(l.sample) {
		l.header = !typesFirst(l.sample)
	}
	if !l.header {
		width := 1
		for _, row := range l.sample.rows {
			width = max(width, len(row))
		}
		for i := range width {
			l.names = append(l.names, numeral(i))
		}
		return nil
	}
	var p pack
	if err := l.rows.fill(&p); err != nil {
		if errors.Is(err, io.EOF) {
			return invalid("file_empty", nil)
		}
		return err
	}
	r := &p.rows[0]
	most := l.sample.options.MaxColumns
	switch {
	case r.bad != nil && r.bad.Code == "row_too_long":
		return invalid("columns_too_many", fault.Params{"max": most})
	case r.bad != nil:
		return r.bad
	case r.width > most:
		return invalid("columns_too_many", fault.Params{"max": most, "got": r.width})
	}
	for _, c := range p.spans[r.from:r.to] {
		l.names = append(l.names, prefix(oneLine(clean(utf8Text(string(p.text[c.from:c.to])))), longestName))
	}
	for len(l.names) > 1 && l.names[len(l.names)-1] == "" {
		l.names = l.names[:len(l.names)-1] // a delimiter too many at the end of every line is common
	}
	return nil
}

// layout is what the file seems to be made like.
func (l *looked) layout() Layout {
	switch {
	case l.format == List:
		return LayoutList
	case l.format == JSON, l.format == NDJSON:
		return LayoutMapped
	case hasKeysOfR(l.sample), !l.header && typesFirst(l.sample):
		return LayoutR
	case l.header && isLayoutA(l.names):
		return LayoutA
	default:
		return LayoutMapped
	}
}

// wants says what each column seems to hold.
func (l *looked) wants() []want {
	switch {
	case l.format == List:
		return []want{{name: numeral(0), field: FieldContact}}
	case l.format == JSON, l.format == NDJSON:
		return nil
	case l.header && l.layout() == LayoutR:
		return likeR(suggested(l.names, l.sample))
	case l.header:
		return suggested(l.names, l.sample)
	default:
		return guessed(l.sample)
	}
}

// Suggest says what a file looks like: how it is written, and what its columns seem to hold. It reads as far as it must:
// the first 64 KiB of a text, all of a workbook. Its errors are those of NewContactReader.
func Suggest(file io.Reader) (Suggestion, error) { return SuggestSheet(file, "") }

// SuggestSheet is Suggest for a sheet of a workbook that is not the first; other files have none.
func SuggestSheet(file io.Reader, sheet string) (Suggestion, error) {
	l, err := lookAt(file, ContactOptions{Country: "BR", Sheet: sheet}) // the country counts in doubt about digits only
	if err != nil {
		return Suggestion{}, err
	}
	out := Suggestion{
		Format: l.format, Encoding: l.encoding, Header: l.header, Layout: l.layout(), Sheets: l.sheets, Columns: []SuggestedColumn{},
	}
	if l.format == CSV {
		out.Delimiter = string(rune(l.sample.delimiter))
	}
	if l.format == CSV || l.format == XLSX {
		out.Decimal = l.sample.decimalSign()
	}
	for i, w := range l.wants() {
		c := SuggestedColumn{Mapped: Mapped{Column: w.name, Field: w.field, Key: w.key}, Samples: []string{}}
		if l.format != List {
			c.Samples = l.sample.samples(i, l.header)
		}
		out.Columns = append(out.Columns, c)
	}
	return out, l.close()
}

// lookAtBook opens a workbook and the sheet that is asked for.
func lookAtBook(in *bufio.Reader, o ContactOptions) (*looked, error) {
	book, err := openWorkbook(in)
	if err != nil {
		return nil, err
	}
	l := &looked{format: XLSX, book: book, sheets: book.names()}
	if err := l.openSheet(o); err != nil {
		return nil, errors.Join(err, book.close())
	}
	return l, nil
}

func (l *looked) openSheet(o ContactOptions) error {
	opt := bounds(o.Country)
	head, err := l.book.rows(o.Sheet, opt)
	if err != nil {
		return err
	}
	l.sample = &sample{kind: anyKind, options: opt, whole: true}
	var p pack
	for len(p.rows) < sampleRows && err == nil {
		err = head.fill(&p)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, r := range p.rows {
		row := make([]string, 0, r.to-r.from)
		for _, c := range p.spans[r.from:r.to] {
			row = append(row, strings.TrimSpace(string(p.text[c.from:c.to])))
		}
		if r.bad == nil {
			l.sample.rows = append(l.sample.rows, row)
		}
	}
	if len(l.sample.rows) == 0 {
		return invalid("file_empty", nil)
	}
	l.above = titles(l.sample.rows)
	l.sample.rows = l.sample.rows[l.above:]
	rows, err := l.book.rows(o.Sheet, opt)
	if err != nil {
		return err
	}
	var above pack
	for len(above.rows) < l.above {
		if err := rows.fill(&above); err != nil {
			return err
		}
	}
	l.rows, l.gauge = rows, rows.gauge
	return l.begin(o)
}

// documentOf reads a CPF or CNPJ.
func documentOf(cell string) (string, *fault.Error) {
	d, err := audience.Document(cell)
	if err != nil {
		return "", asFault(err)
	}
	return d, nil
}
