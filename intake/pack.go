package intake

import (
	"bytes"
	"errors"
	"strings"

	"campanario/internal/fault"
)

// rough is one row as a file has it, before anything is made of its cells.
type rough struct {
	line     int
	from, to int // its cells among the pack's
	width    int // how many cells it has, also beyond those kept
	number   int // which of several addresses on its line; 0 when it is the only one, or a row of cells
	bad      *fault.Error
	marks    []mark
}

// mark is something about a cell that its text does not say.
type mark struct {
	column int
	kind   markKind
}

type markKind byte

const (
	markFormula markKind = iota + 1 // of a workbook: what it came to is the text, if it was kept
	markError                       // a formula that failed; the text is "#N/A" or the like
)

// rowCells are the cells of one row as the file has them.
type rowCells struct {
	text  string // of the whole pack
	spans []span
}

// size is how many bytes they have.
func (c rowCells) size() int {
	if len(c.spans) == 0 {
		return 0
	}
	return c.spans[len(c.spans)-1].to - c.spans[0].from
}

// list makes texts that hold on to nothing else.
func (c rowCells) list() []string {
	out := make([]string, len(c.spans))
	for i, s := range c.spans {
		out[i] = strings.Clone(utf8Text(c.text[s.from:s.to]))
	}
	return out
}

// pack is some rows one after the other, so that many are handed on at once and their texts are one.
type pack struct {
	text  []byte
	spans []span
	rows  []rough
}

// A pack is full with so many rows, or so many bytes.
const (
	packRows  = 512
	packBytes = 256 << 10
)

func (p *pack) full() bool { return len(p.rows) >= packRows || len(p.text) >= packBytes }

func (p *pack) reset() {
	clear(p.rows)
	p.text, p.spans, p.rows = p.text[:0], p.spans[:0], p.rows[:0]
}

// begin starts a row, end ends it.
func (p *pack) begin(line int) { p.rows = append(p.rows, rough{line: line, from: len(p.spans)}) }

func (p *pack) cell(text []byte) {
	from := len(p.text)
	p.text = append(p.text, text...)
	p.spans = append(p.spans, span{from, len(p.text)})
}

func (p *pack) end(width int) *rough {
	r := &p.rows[len(p.rows)-1]
	r.to, r.width = len(p.spans), width
	return r
}

// drop takes the last row back.
func (p *pack) drop() {
	r := p.rows[len(p.rows)-1]
	if r.from < len(p.spans) {
		p.text = p.text[:p.spans[r.from].from]
	}
	p.spans, p.rows = p.spans[:r.from], p.rows[:len(p.rows)-1]
}

// roughs gives the rows of a file: each call adds one or more to the pack, or gives an error, io.EOF at the end.
type roughs interface {
	fill(p *pack) error
}

// csvRoughs are the rows of CSV.
type csvRoughs struct{ scan *scanner }

func (c *csvRoughs) fill(p *pack) error {
	rec, err := c.scan.next()
	var bad *fault.Error
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	if bad != nil && bad.Code != "quote_unclosed" {
		rec.text, rec.cells = nil, nil // of the row before
	}
	p.begin(rec.line)
	base := len(p.text)
	p.text = append(p.text, rec.text...)
	for _, s := range rec.cells {
		p.spans = append(p.spans, span{base + s.from, base + s.to})
	}
	p.end(rec.width).bad = bad
	return nil
}

// listRoughs are the addresses of a list, each a row of one cell.
type listRoughs struct {
	list   *list
	header bool // whether the first line is one
}

func (l *listRoughs) fill(p *pack) error {
	for len(l.list.pending) == 0 {
		rej, err := l.list.fill()
		if err != nil {
			return err
		}
		if l.header && len(l.list.pending) > 0 {
			l.header, l.list.pending = false, l.list.pending[:0]
		}
		if rej != nil {
			p.begin(rej.Line)
			p.end(0).bad = rej.Error
			return nil
		}
	}
	for _, e := range l.list.pending {
		p.begin(e.line)
		p.cell([]byte(e.text))
		p.end(1).number = e.number
	}
	l.list.pending = l.list.pending[:0]
	return nil
}

// objectRoughs are the lines of NDJSON, each a row of one cell.
type objectRoughs struct{ scan *scanner }

func (o *objectRoughs) fill(p *pack) error {
	for {
		line := o.scan.line
		end, err := o.scan.lineEndFrom(0)
		if errors.Is(err, errTooLong) {
			var bad *fault.Error
			if err = o.scan.skipLine(); errors.As(err, &bad) {
				p.begin(line)
				p.end(0).bad = bad
				return nil
			}
		}
		if err != nil {
			return err
		}
		text := bytes.TrimSpace(o.scan.view(0, end))
		if len(text) > 0 {
			p.begin(line)
			p.cell(text)
			p.end(1)
		}
		o.scan.advance(end)
		if len(text) > 0 {
			return nil
		}
	}
}

// arrayRoughs are the objects of a JSON array.
type arrayRoughs struct{ array *array }

func (a *arrayRoughs) fill(p *pack) error {
	b, err := a.array.next()
	if err != nil {
		return err
	}
	p.begin(a.array.number)
	p.cell(b)
	p.end(1)
	return nil
}
