package intake

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"campanario/agent"
	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

// sample is what the head of a file shows.
type sample struct {
	head      []byte // decoded
	whole     bool   // the file ends with it
	kind      channel.Kind
	options   Options
	lineEnd   byte
	delimiter byte
	rows      [][]string // the first rows, cut by the delimiter
	skip      int        // bytes of what stands before them: a line "sep=;", or titles
	lines     int        // how many lines those are
	titles    int        // how many of them are titles
}

const sampleRows = 60

// look finds out how a text is cut into rows and cells.
func look(head []byte, whole bool, o Options) *sample {
	s := &sample{head: head, whole: whole, kind: o.Kind, options: o, lineEnd: '\n'}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		s.lineEnd = '\r'
	}
	if d, n := separatorLine(head, s.lineEnd); n > 0 {
		s.delimiter, s.skip, s.lines = d, n, 1
		s.rows, _ = s.cut(d)
		return s
	}
	if o.Kind == anyKind {
		s.skip, s.lines = titleLines(head, s.lineEnd)
		s.titles = s.lines
	}
	best := [3]float64{-1}
	for _, d := range []byte{',', ';', '\t', '|'} {
		rows, score := s.cut(d)
		if better(score, best) {
			best, s.delimiter, s.rows = score, d, rows
		}
	}
	return s
}

// separatorLine reads "sep=;", which Excel writes and obeys: the delimiter and how long the line is.
func separatorLine(head []byte, lineEnd byte) (delimiter byte, length int) {
	line, _, ok := bytes.Cut(head, []byte{lineEnd})
	text := bytes.Trim(bytes.TrimSpace(line), `"`)
	if !ok || len(text) != 5 || !strings.EqualFold(string(text[:4]), "sep=") {
		return 0, 0
	}
	return text[4], len(line) + 1
}

// cut gives the first rows by a delimiter and how good it is: whether it cuts at all, the share of rows that have as
// many cells as the first, and how many names of columns it finds in the first.
func (s *sample) cut(d byte) ([][]string, [3]float64) {
	sc := newScanner(nil, d, s.lineEnd, s.options)
	sc.buf, sc.end, sc.err = s.head[s.skip:], len(s.head)-s.skip, io.EOF // all of it is here
	var rows [][]string
	same := 0
	for len(rows) < sampleRows {
		rec, err := sc.next()
		var bad *fault.Error
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			break
		}
		if !s.whole && sc.start >= sc.end && len(rows) > 0 {
			break // the last row of the head may go on behind it
		}
		row := make([]string, len(rec.cells))
		for i := range rec.cells {
			row[i] = strings.TrimSpace(utf8Text(string(rec.cell(i))))
		}
		if rows = append(rows, row); len(row) == len(rows[0]) {
			same++
		}
	}
	if len(rows) == 0 || len(rows[0]) < 2 {
		return rows, [3]float64{0, 0, 0}
	}
	names := 0
	for _, name := range rows[0] {
		if _, _, ok := known(agent.Key(name), s.kind); ok {
			names++
		}
	}
	return rows, [3]float64{1, float64(same) / float64(len(rows)), float64(names)}
}

// better orders scores: cutting at all, then agreement to a tenth, then names of columns, then agreement.
func better(a, b [3]float64) bool {
	if a[0] != b[0] {
		return a[0] > b[0]
	}
	if x, y := int(a[1]*10), int(b[1]*10); x != y {
		return x > y
	}
	if a[2] != b[2] {
		return a[2] > b[2]
	}
	return a[1] > b[1]
}

// format says what the file is.
func (s *sample) format() Format {
	text := bytes.TrimLeft(s.head, " \t\r\n")
	switch {
	case len(text) == 0:
		return CSV
	case text[0] == '{':
		return NDJSON
	case text[0] == '[':
		if rest := bytes.TrimLeft(text[1:], " \t\r\n"); len(rest) == 0 || strings.IndexByte(`{]"`, rest[0]) >= 0 {
			return JSON
		}
	}
	if s.skip == 0 && !s.hasKnownHeader() && s.isList() {
		return List
	}
	return CSV
}

// hasKnownHeader reports whether the first row names a column we know and holds no address.
func (s *sample) hasKnownHeader() bool {
	if len(s.rows) == 0 {
		return false
	}
	found := false
	for _, name := range s.rows[0] {
		_, _, ok := known(agent.Key(name), s.kind)
		found = found || ok
		if addressLike(name, s.kind) {
			return false
		}
	}
	return found
}

// hasHeader reports whether the first row is a header.
func (s *sample) hasHeader() bool {
	if len(s.rows) == 0 {
		return false
	}
	for _, cell := range s.rows[0] {
		if addressLike(cell, s.kind) {
			return false
		}
	}
	return true
}

// isList reports whether nearly everything in the head looks like an address.
func (s *sample) isList() bool {
	all, good := 0, 0
	count := func(text string) bool {
		if text = strings.TrimSpace(text); text == "" {
			return true
		}
		if !addressLike(text, s.kind) {
			return false
		}
		all++
		good++
		return true
	}
	for line := range strings.SplitSeq(utf8Text(string(s.head)), string(s.lineEnd)) {
		if s.kind != channel.Email && count(line) {
			continue
		}
		for _, word := range splitOutsideQuotes(line) {
			if !count(word) {
				all++
			}
		}
	}
	return all > 0 && good*10 >= all*8
}

// addressLike reports whether somebody who wrote the cell meant an address of the kind, be it a right one or not.
func addressLike(cell string, kind channel.Kind) bool {
	if kind == channel.Email || kind == anyKind && strings.IndexByte(cell, '@') >= 0 {
		at := strings.IndexByte(cell, '@')
		return at > 0 && at < len(cell)-1
	}
	digits := 0
	for _, r := range cell {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune(" .-()+/'\u00a0=\"", r):
		case (r == 'e' || r == 'E' || r == ',') && digits > 0: // 5,51199E+12
		default:
			return false
		}
	}
	return digits >= 7 && digits <= 20
}

// share is how many of a column's cells that are not empty are right addresses.
func (s *sample) share(column int, header bool) float64 {
	return s.part(column, header, func(cell string) bool { _, bad := address(cell, s.options); return bad == nil })
}

// meant is how many of a column's cells that are not empty look like addresses, below a header.
func (s *sample) meant(column int) float64 {
	return s.part(column, true, func(cell string) bool { return addressLike(cell, s.kind) })
}

// empty reports whether a column has nothing in it, below a header.
func (s *sample) empty(column int) bool {
	return s.part(column, true, func(string) bool { return true }) == 0
}

func (s *sample) part(column int, header bool, is func(string) bool) float64 {
	all, good := 0, 0
	for i, row := range s.rows {
		if i == 0 && header || column >= len(row) || row[column] == "" {
			continue
		}
		if all++; is(row[column]) {
			good++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(good) / float64(all)
}

// guess names the columns of a file without header by what is in them.
func (s *sample) guess() []Column {
	width := 1
	for _, row := range s.rows {
		width = max(width, len(row))
	}
	out := make([]Column, width)
	contact, best := 0, 0.0
	for i := range out {
		out[i] = Column{Name: numeral(i), Field: FieldVariable}
		if share := s.share(i, false); share > best {
			contact, best = i, share
		}
	}
	out[contact].Field = FieldContact
	for i := range out {
		if i != contact && s.isWords(i, false) {
			out[i].Field = FieldName
			break
		}
	}
	nameVariables(out)
	return out
}

// isWords reports whether most of a column's cells are words, as names are, and no codes.
func (s *sample) isWords(column int, header bool) bool {
	return s.part(column, header, func(cell string) bool {
		return !strings.ContainsAny(cell, "0123456789{@") && audience.FirstName(cell) != ""
	}) > 0.5
}

// address reads one address of the kind of the file.
func address(cell string, o Options) (channel.Address, *fault.Error) {
	var a channel.Address
	var err error
	if o.Kind == channel.Email || o.Kind == anyKind && strings.IndexByte(cell, '@') >= 0 {
		a, err = audience.Mailbox(cell)
	} else {
		a, err = audience.Phone(cell, o.Country)
	}
	if err != nil {
		return "", asFault(err)
	}
	return a, nil
}

// asFault gives the one fault in an error of our own packages.
func asFault(err error) *fault.Error {
	if l := fault.All(err); len(l) > 0 {
		return l[0]
	}
	return fault.New(fault.Internal, "internal", nil).Because(err)
}

// peek reads the head of a decoded stream and gives it back together with the whole stream.
func peek(r io.Reader) (head []byte, whole bool, all io.Reader, err error) {
	head = make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, false, nil, err
	}
	head = head[:n]
	return head, n < headSize, io.MultiReader(bytes.NewReader(head), r), nil
}
