package intake

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// sheetWriter writes a workbook of one sheet, row by row. All its cells are text and shown as text, so nothing in them is
// run and no phone number becomes a quantity, neither what is written nor what somebody types into the same columns.
type sheetWriter struct {
	zip *zip.Writer
	out *bufio.Writer
	row int
	err error
}

// bookParts are the parts of a workbook beside its sheet.
var bookParts = []struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	sheetHead = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="1" max="%d" width="20" style="1" customWidth="1"/></cols><sheetData>`
	bookHead  = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`
)

// newSheetWriter begins a workbook whose sheet has the name and so many columns.
func newSheetWriter(w io.Writer, name string, columns int) (*sheetWriter, error) {
	z := zip.NewWriter(w)
	for _, p := range bookParts {
		if err := writePart(z, p.name, p.text); err != nil {
			return nil, err
		}
	}
	if err := writePart(z, "xl/workbook.xml", fmt.Sprintf(bookHead, xmlText(name))); err != nil {
		return nil, err
	}
	part, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	s := &sheetWriter{zip: z, out: bufio.NewWriterSize(part, 64<<10)}
	s.put(xmlHead)
	s.put(fmt.Sprintf(sheetHead, max(columns, 1)))
	return s, s.err
}

func writePart(z *zip.Writer, name, text string) error {
	w, err := z.Create(name)
	if err == nil {
		_, err = io.WriteString(w, xmlHead+text)
	}
	return err
}

func (s *sheetWriter) put(text string) {
	if s.err == nil {
		_, s.err = s.out.WriteString(text)
	}
}

// longestCell is what a spreadsheet holds in one cell, in characters.
const longestCell = 32_767

// Write adds a row.
func (s *sheetWriter) Write(cells ...string) error {
	s.row++
	s.put(fmt.Sprintf(`<row r="%d">`, s.row))
	for i, c := range cells {
		if c != "" {
			s.put(fmt.Sprintf(`<c r="%s%d" s="1" t="inlineStr"><is><t xml:space="preserve">`, columnLetters(i), s.row))
			s.put(xmlText(prefix(c, longestCell)))
			s.put(`</t></is></c>`)
		}
	}
	s.put(`</row>`)
	return s.err
}

// Flush ends the workbook.
func (s *sheetWriter) Flush() error {
	s.put(`</sheetData></worksheet>`)
	if s.err == nil {
		s.err = s.out.Flush()
	}
	if s.err == nil {
		s.err = s.zip.Close()
	}
	return s.err
}

// xmlText writes a text as XML: what XML cannot say is written as workbooks do, _x0007_.
func xmlText(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r < ' ' && r != '\n' && r != '\t', r == '_' && escapeLike(s[i:]), r == 0xfffe, r == 0xffff:
			fmt.Fprintf(&b, "_x%04X_", r)
		case r == utf8.RuneError:
			b.WriteRune('\ufffd')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escapeLike reports whether a text begins like what would be read as one letter: _x0041_.
func escapeLike(s string) bool { return len(s) >= 7 && s[1] == 'x' && s[6] == '_' }
