package intake

import (
	"bytes"
	"errors"
	"io"

	"campanario/internal/fault"
)

// record is one row of a CSV file as it stands: its bytes and where its cells are in them. It is valid until the next
// one is read.
type record struct {
	line  int    // where it begins
	text  []byte // of all cells
	cells []span // as many as Options.MaxColumns and one
	width int    // how many cells there are, also beyond those kept
}

type span struct{ from, to int }

func (r *record) cell(i int) []byte { return r.text[r.cells[i].from:r.cells[i].to] }

// scanner cuts a stream into records. See the package comment for what it does about quotes.
type scanner struct {
	in         io.Reader
	err        error // why in gives no more
	buf        []byte
	start, end int // of what has been read and not yet used
	line       int // number of the line at start
	delimiter  byte
	lineEnd    byte
	maxRow     int
	maxCells   int

	rec     record
	scratch []byte // a record whose quotes have been taken off
}

func newScanner(in io.Reader, delimiter, lineEnd byte, o Options) *scanner {
	return &scanner{in: in, line: 1, delimiter: delimiter, lineEnd: lineEnd, maxRow: o.MaxRow, maxCells: o.MaxColumns + 1}
}

// next is the next record that is not empty. A *fault.Error is about the one row, whose line is that of the record;
// any other error ends the file.
func (s *scanner) next() (*record, error) {
	for {
		end, err := s.lineEndFrom(0)
		if errors.Is(err, errTooLong) {
			s.rec.line = s.line
			return &s.rec, s.skipLine()
		}
		if err != nil {
			return nil, err
		}
		line := s.view(0, end)
		s.rec = record{line: s.line, cells: s.rec.cells[:0]}
		if bytes.IndexByte(line, '"') >= 0 {
			if bad := s.quoted(end); bad != nil {
				return &s.rec, bad
			}
		} else {
			s.plain(bytes.TrimSuffix(line, []byte{'\r'}))
			s.advance(end)
		}
		if !s.rec.blank() {
			return &s.rec, nil
		}
	}
}

// view is a part of what is to be read. Positions count from where the record begins: the buffer may move under them.
func (s *scanner) view(from, to int) []byte { return s.buf[s.start+from : s.start+to] }

// blank reports whether all cells are empty.
func (r *record) blank() bool {
	for _, c := range r.cells {
		if len(bytes.TrimSpace(r.text[c.from:c.to])) > 0 {
			return false
		}
	}
	return true
}

// plain splits a line without quotes.
func (s *scanner) plain(line []byte) {
	r := &s.rec
	r.text = line
	for from := 0; ; {
		i := bytes.IndexByte(line[from:], s.delimiter)
		to := from + i
		if i < 0 {
			to = len(line)
		}
		r.keep(span{from, to}, s.maxCells)
		if i < 0 {
			return
		}
		from = to + 1
	}
}

func (r *record) keep(c span, most int) {
	if r.width++; len(r.cells) < most {
		r.cells = append(r.cells, c)
	}
}

// quoted reads a record with quotes in its first line, which ends at end.
func (s *scanner) quoted(end int) *fault.Error {
	s.scratch = s.scratch[:0]
	pos, lines := 0, 0
	for {
		from := len(s.scratch)
		line := s.view(pos, end)
		if skip := leadingSpaces(line); skip < len(line) && line[skip] == '"' {
			c, ok := s.unquote(pos+skip+1, end)
			if !ok {
				s.line += lines
				s.scratch = append(s.scratch[:0], bytes.TrimSuffix(s.view(0, end), []byte{'\r'})...) // to be shown as it stands
				s.rec.text, s.rec.cells, s.rec.width = s.scratch, append(s.rec.cells[:0], span{0, len(s.scratch)}), 1
				s.advance(end) // go on after the line in which the quote was opened
				return invalid("quote_unclosed", nil)
			}
			pos, end = c.pos, c.end
			lines += c.lines
		} else {
			to := bytes.IndexByte(line, s.delimiter)
			if to < 0 {
				to = len(bytes.TrimSuffix(line, []byte{'\r'}))
			}
			s.scratch = append(s.scratch, line[:to]...)
			if pos += to; pos < end && line[to] != s.delimiter {
				pos = end // past the carriage return
			}
		}
		s.rec.keep(span{from, len(s.scratch)}, s.maxCells)
		if pos < end {
			pos++ // past the delimiter
			continue
		}
		s.rec.text = s.scratch
		s.line += lines
		s.advance(end)
		return nil
	}
}

func leadingSpaces(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// closing is where a quoted cell ends.
type closing struct {
	pos   int // of the delimiter behind it, or end
	end   int // of the line it ends in
	lines int // how many line ends are inside it
}

// unquote appends a quoted cell, whose text begins at pos in the line that ends at end, to the scratch. false when its
// quote is never closed; the scratch is then of no use.
func (s *scanner) unquote(pos, end int) (closing, bool) {
	lines := 0
	for {
		i := bytes.IndexByte(s.view(pos, end), '"')
		if i < 0 { // the line ends inside the quotes
			next, err := s.lineEndFrom(end + 1)
			if err != nil {
				return closing{}, false
			}
			s.scratch = append(s.scratch, s.view(pos, end)...)
			s.scratch = append(bytes.TrimSuffix(s.scratch, []byte{'\r'}), '\n')
			pos, end = end+1, next
			lines++
			continue
		}
		s.scratch = append(s.scratch, s.view(pos, pos+i)...)
		pos += i + 1
		after := bytes.TrimLeft(s.view(pos, end), " ")
		switch {
		case len(after) == 0 || len(after) == 1 && after[0] == '\r':
			return closing{end, end, lines}, true
		case after[0] == s.delimiter:
			return closing{end - len(after), end, lines}, true
		case s.view(pos, end)[0] == '"':
			s.scratch = append(s.scratch, '"')
			pos++
		case lines > 0 || !s.closes(pos, end):
			return closing{}, false
		default:
			s.scratch = append(s.scratch, '"')
		}
	}
}

// closes reports whether a quote before a delimiter or the line end is still to come in the line.
func (s *scanner) closes(pos, end int) bool {
	line := bytes.TrimRight(s.view(pos, end), " \r")
	return bytes.HasSuffix(line, []byte{'"'}) || bytes.Contains(line, []byte{'"', s.delimiter})
}

// advance makes what follows the line end at end the next to be read.
func (s *scanner) advance(end int) {
	s.start = min(s.start+end+1, s.end)
	s.line++
}

var errTooLong = errors.New("intake: a row too long")

// lineEndFrom is where the line at pos ends, which is read for it; io.EOF when there is no line.
func (s *scanner) lineEndFrom(pos int) (int, error) {
	seen := pos
	for {
		have := s.end - s.start
		if seen < have {
			// However much has come in, a row is too long by the same measure.
			if i := bytes.IndexByte(s.view(min(seen, s.maxRow+1), min(have, s.maxRow+1)), s.lineEnd); i >= 0 {
				return seen + i, nil
			}
			seen = have
		}
		if seen > s.maxRow {
			return 0, errTooLong
		}
		if s.err != nil {
			if pos < have && errors.Is(s.err, io.EOF) {
				return have, nil
			}
			return 0, s.err
		}
		s.fill()
	}
}

// fill reads more into the buffer, which it may move to its front or make larger.
func (s *scanner) fill() {
	const least = 32 << 10
	if len(s.buf)-s.end < least {
		buf := s.buf
		if have := s.end - s.start; have+least > len(buf) {
			buf = make([]byte, max(2*len(buf), 4*least))
		}
		s.end = copy(buf, s.buf[s.start:s.end])
		s.buf, s.start = buf, 0
	}
	for range 100 { // a reader may give nothing now and then
		n, err := s.in.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.err = err
			return
		}
		if n > 0 {
			return
		}
	}
	s.err = io.ErrNoProgress
}

// skipLine drops a line that is too long to be kept.
func (s *scanner) skipLine() error {
	for {
		have := s.end - s.start
		if i := bytes.IndexByte(s.view(0, have), s.lineEnd); i >= 0 {
			s.advance(i)
			return invalid("row_too_long", fault.Params{"max": s.maxRow})
		}
		s.start = s.end
		if errors.Is(s.err, io.EOF) {
			s.line++
			return invalid("row_too_long", fault.Params{"max": s.maxRow})
		}
		if s.err != nil {
			return s.err
		}
		s.fill()
	}
}
