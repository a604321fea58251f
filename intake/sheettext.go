package intake

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"
)

// sheetText writes a sheet of a workbook as CSV while it is read: each row on the line that it has in the sheet, every
// cell in quotes, so that what reads text reads workbooks too.
type sheetText struct {
	rows roughs
	pack pack
	text bytes.Buffer
	line int // the next one to be written
	err  error
}

// textOfSheet gives the first sheet of a workbook as text, without titles above its table. The workbook must be closed.
func textOfSheet(in *bufio.Reader, country string) (*sheetText, *workbook, error) {
	l, err := lookAtBook(in, ContactOptions{Country: country})
	if err != nil {
		return nil, nil, err
	}
	rows, err := l.book.rows("", bounds(country))
	if err != nil {
		return nil, nil, errors.Join(err, l.book.close())
	}
	s := &sheetText{rows: rows, line: 1}
	for len(s.pack.rows) < l.above {
		if err := rows.fill(&s.pack); err != nil {
			return nil, nil, errors.Join(err, l.book.close())
		}
	}
	s.pack.reset()
	return s, l.book, nil
}

func (s *sheetText) Read(p []byte) (int, error) {
	for s.text.Len() == 0 && s.err == nil {
		s.err = s.rows.fill(&s.pack)
		for i := range s.pack.rows {
			if err := s.write(&s.pack.rows[i]); err != nil {
				s.err = err
				break
			}
		}
		s.pack.reset()
	}
	if s.text.Len() > 0 {
		return s.text.Read(p)
	}
	return 0, s.err
}

// inCell is how a cell keeps to its line and its quotes.
var inCell = strings.NewReplacer(`"`, `""`, "\r\n", " ", "\n", " ", "\r", " ")

func (s *sheetText) write(r *rough) error {
	if r.bad != nil {
		return r.bad
	}
	for ; s.line < r.line; s.line++ {
		s.text.WriteByte('\n')
	}
	for i, c := range s.pack.spans[r.from:r.to] {
		if i > 0 {
			s.text.WriteByte(';')
		}
		if slices.Contains(r.marks, mark{i, markError}) {
			continue // "#N/A" is nobody's debt
		}
		s.text.WriteByte('"')
		_, _ = inCell.WriteString(&s.text, string(s.pack.text[c.from:c.to]))
		s.text.WriteByte('"')
	}
	s.text.WriteByte('\n')
	s.line++
	return nil
}
