package intake

import (
	"errors"
	"io"
	"strconv"

	"campanario/internal/fault"
)

// sheetRoughs reads the rows of a sheet. Cells that hold a formula, or the error that one came to, are marked.
type sheetRoughs struct {
	book    *workbook
	in      *markup
	options Options
	gauge   *gauge
	line    int // of the row before
	began   bool
	column  int // of the cell being read
	value   []byte
}

// fill adds the next row that is not empty.
func (s *sheetRoughs) fill(p *pack) error {
	for {
		err := s.in.next()
		switch {
		case errors.Is(err, io.EOF) && s.began:
			return io.EOF
		case errors.Is(err, io.EOF):
			return invalid("workbook_broken", nil)
		case err != nil:
			return asBroken(err)
		}
		switch s.in.name {
		case "sheetData":
			s.began = true
			if s.in.closing || s.in.empty {
				return io.EOF
			}
		case "row":
			if s.in.closing || !s.began {
				continue
			}
			if err := s.row(p); err != nil {
				return asBroken(err)
			}
			if len(p.rows) > 0 && p.rows[len(p.rows)-1].line == s.line {
				return nil
			}
		}
	}
}

// row reads a row, and takes it back when there is nothing in it.
func (s *sheetRoughs) row(p *pack) error {
	s.line++
	if n, err := strconv.Atoi(string(s.in.attr("r"))); err == nil && n >= s.line && n <= 10_000_000 {
		s.line = n
	}
	p.begin(s.line)
	if s.in.empty {
		p.drop()
		return nil
	}
	r := &p.rows[len(p.rows)-1]
	base, width, filled := len(p.text), 0, false
	s.column = -1
	for {
		if err := s.in.next(); err != nil {
			return broken(err)
		}
		switch {
		case s.in.name == "row" && s.in.closing:
			if !filled {
				p.drop()
				return nil
			}
			p.end(width)
			return nil
		case s.in.name != "c" || s.in.closing:
			continue
		}
		m, err := s.cell()
		if err != nil {
			return err
		}
		if len(s.value) == 0 && m == 0 {
			continue
		}
		filled = true
		s.place(p, r, m)
		if width = max(width, s.column+1); len(p.text)-base > s.options.MaxRow && r.bad == nil {
			r.bad = invalid("row_too_long", fault.Params{"max": s.options.MaxRow})
		}
	}
}

// place puts a cell at its column. What is far to the right only counts; what is too much is not kept.
func (s *sheetRoughs) place(p *pack, r *rough, m markKind) {
	if s.column > s.options.MaxColumns || r.bad != nil {
		return
	}
	for len(p.spans)-r.from < s.column {
		p.cell(nil)
	}
	if len(p.spans)-r.from > s.column {
		return // the same cell twice
	}
	p.cell(s.value)
	if m != 0 {
		r.marks = append(r.marks, mark{s.column, m})
	}
}

// cell reads a cell: its column, its value as text, and what is to be known of it.
func (s *sheetRoughs) cell() (markKind, error) {
	s.column++
	if at, ok := columnOf(s.in.attr("r")); ok {
		s.column = at
	}
	kind := string(s.in.attr("t"))
	style, _ := strconv.Atoi(string(s.in.attr("s")))
	s.value = s.value[:0]
	if s.in.empty {
		return 0, nil
	}
	var m markKind
	ruby := false
	for {
		s.in.keep = s.in.name == "v" || s.in.name == "t"
		if s.in.closing || s.in.empty {
			s.in.keep = false
		}
		if err := s.in.next(); err != nil {
			return 0, broken(err)
		}
		switch s.in.name {
		case "c":
			s.in.keep = false
			if kind == "e" && len(s.value) > 0 {
				m = markError
			}
			return m, nil
		case "f":
			if !s.in.closing {
				m = markFormula
			}
		case "rPh":
			ruby = !s.in.closing && !s.in.empty
		case "v":
			if s.in.closing {
				if err := s.take(kind, style); err != nil {
					return 0, err
				}
			}
		case "t":
			if s.in.closing && !ruby {
				s.value = unescaped(s.value, s.in.text)
			}
		case "row", "sheetData":
			return 0, errMarkup
		}
	}
}

// take makes text of a value.
func (s *sheetRoughs) take(kind string, style int) error {
	switch kind {
	case "s":
		i, err := strconv.Atoi(string(s.in.text))
		if err != nil {
			return errMarkup
		}
		text, err := s.book.strings.get(i)
		s.value = append(s.value, text...)
		return err
	case "str", "e", "d", "inlineStr":
		s.value = unescaped(s.value, s.in.text)
	case "b":
		s.value = strconv.AppendBool(s.value, string(s.in.text) == "1")
	default:
		shown := styleNumber
		if style >= 0 && style < len(s.book.styles) {
			shown = s.book.styles[style]
		}
		s.value = numberText(s.value, s.in.text, shown, s.book.from04)
	}
	return nil
}

// columnOf reads the letters of "AB12"; the first column is 0.
func columnOf(ref []byte) (int, bool) {
	n := 0
	for i, c := range ref {
		if c < 'A' || c > 'Z' {
			return n - 1, i > 0
		}
		if n = n*26 + int(c-'A') + 1; n > 1<<20 {
			return 0, false
		}
	}
	return 0, false
}
