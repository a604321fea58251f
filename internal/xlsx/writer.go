package xlsx

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// Kind says what the cells of a column are.
type Kind int

// The kinds.
const (
	Text    Kind = iota
	Number       // decimal digits with an optional sign
	Instant      // RFC 3339; shown as the wall clock there, without the offset
)

// MostRows is the room of a sheet.
const MostRows = 1_048_576

// MostColumns is how many columns a sheet can have.
const MostColumns = 16_384

// Options for New.
type Options struct {
	Name    string   // of the first sheet; further ones are numbered
	Columns int      // how many are formatted beforehand, for what people type into them; at least as many as Header or Kinds have
	Kinds   []Kind   // of the columns; those beyond it are Text
	Header  []string // shown in bold above the rows of every sheet, and kept in sight; may be empty
	Rows    int      // room of a sheet with its header; 0 means MostRows
}

// Writer writes a workbook. It is not safe for concurrent use; the first error stays.
type Writer struct {
	o      Options
	zip    *zip.Writer
	out    *bufio.Writer
	sheets int
	row    int // of the sheet, the last one written
	buf    []byte
	err    error
}

// New begins a workbook. Nothing of it is complete before Flush.
func New(to io.Writer, o Options) (*Writer, error) {
	if o.Rows == 0 {
		o.Rows = MostRows
	}
	if o.Columns = max(o.Columns, len(o.Header), len(o.Kinds), 1); o.Columns > MostColumns {
		return nil, fmt.Errorf("xlsx: %d columns", o.Columns)
	}
	w := &Writer{o: o, zip: zip.NewWriter(to), out: bufio.NewWriterSize(nil, 64<<10)}
	w.zip.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(to, flate.BestSpeed) // of rows alike: more effort gains a fifth and costs three times as much
	})
	for _, p := range fixedParts {
		if err := writePart(w.zip, p.name, p.text); err != nil {
			return nil, err
		}
	}
	w.begin()
	return w, w.err
}

// begin begins the next sheet.
func (w *Writer) begin() {
	w.sheets, w.row = w.sheets+1, 0
	part, err := w.zip.Create(sheetPart(w.sheets))
	if err != nil {
		w.err = err
		return
	}
	w.out.Reset(part)
	b := append(w.buf[:0], xmlHead+`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`...)
	if len(w.o.Header) > 0 {
		b = append(b, `<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`...)
	}
	b = append(b, `<cols>`...)
	for i := 0; i < w.o.Columns; {
		last := i
		for last+1 < w.o.Columns && w.kind(last+1) == w.kind(i) {
			last++
		}
		b = fmt.Appendf(b, `<col min="%d" max="%d" width="20" style="%d" customWidth="1"/>`, i+1, last+1, style(w.kind(i)))
		i = last + 1
	}
	w.buf = append(b, `</cols><sheetData>`...)
	w.flushRow()
	if len(w.o.Header) > 0 {
		w.openRow()
		for i, c := range w.o.Header {
			w.text(i, c, styleHeader)
		}
		w.closeRow()
	}
}

// end ends the sheet.
func (w *Writer) end() {
	w.buf = append(w.buf[:0], `</sheetData></worksheet>`...)
	w.flushRow()
	if w.err == nil {
		w.err = w.out.Flush()
	}
}

func (w *Writer) kind(column int) Kind {
	if column < len(w.o.Kinds) {
		return w.o.Kinds[column]
	}
	return Text
}

func style(k Kind) int {
	switch k {
	case Number:
		return styleNumber
	case Instant:
		return styleInstant
	default:
		return styleText
	}
}

// Write adds a row. A text longer than a cell holds is cut off.
func (w *Writer) Write(cells ...string) error {
	if w.err == nil && w.row == w.o.Rows {
		w.end()
		if w.err == nil {
			w.begin()
		}
	}
	if w.err != nil {
		return w.err
	}
	w.openRow()
	for i, c := range cells {
		if c == "" {
			continue
		}
		switch v, ok := value(w.kind(i), c); {
		case ok:
			w.number(i, v, style(w.kind(i)))
		default:
			w.text(i, c, styleText)
		}
	}
	w.closeRow()
	return w.err
}

// Flush ends the workbook.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.end()
	}
	if w.err == nil {
		w.err = w.finish()
	}
	if w.err == nil {
		w.err = w.zip.Close()
	}
	return w.err
}

func (w *Writer) openRow() {
	w.row++
	w.buf = append(w.buf[:0], `<row r="`...)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	w.buf = append(w.buf, `">`...)
}

func (w *Writer) closeRow() {
	w.buf = append(w.buf, `</row>`...)
	w.flushRow()
}

func (w *Writer) flushRow() {
	if w.err == nil {
		_, w.err = w.out.Write(w.buf)
	}
}

func (w *Writer) cell(column, style int) {
	w.buf = append(w.buf, `<c r="`...)
	w.buf = appendLetters(w.buf, column)
	w.buf = strconv.AppendInt(w.buf, int64(w.row), 10)
	w.buf = append(w.buf, `" s="`...)
	w.buf = strconv.AppendInt(w.buf, int64(style), 10)
}

// longestCell is what a spreadsheet holds in one cell, in UTF-16 units; counted in bytes, of which there are as many or more.
const longestCell = 32_767

func (w *Writer) text(column int, s string, style int) {
	if len(s) > longestCell {
		n := longestCell
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	w.cell(column, style)
	w.buf = append(w.buf, `" t="inlineStr"><is><t xml:space="preserve">`...)
	w.buf = appendEscaped(w.buf, s)
	w.buf = append(w.buf, `</t></is></c>`...)
}

func (w *Writer) number(column int, v float64, style int) {
	w.cell(column, style)
	w.buf = append(w.buf, `"><v>`...)
	w.buf = strconv.AppendFloat(w.buf, v, 'f', -1, 64)
	w.buf = append(w.buf, `</v></c>`...)
}

// mostDigits are those that a spreadsheet keeps of a number.
const mostDigits = 15

// value is a cell as a number, for columns of numbers and of instants.
func value(k Kind, s string) (float64, bool) {
	switch k {
	case Number:
		if len(s) > mostDigits {
			return 0, false
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return float64(n), err == nil
	case Instant:
		t, err := time.Parse(time.RFC3339, s)
		if err != nil || t.Year() < 1901 || t.Year() > 9999 {
			return 0, false
		}
		_, offset := t.Zone()
		const day, epoch = 24 * 60 * 60, 25_569 // days from 30 December 1899, as spreadsheets count, to 1970
		return float64(t.Unix()+int64(offset))/day + epoch, true
	default:
		return 0, false
	}
}
