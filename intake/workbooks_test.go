package intake

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"campanario/internal/xlsx"
)

// bookOf makes a workbook of sheets, each the XML of its rows, as the spreadsheets in use write them.
type bookOf struct {
	sheets  []string // the XML inside sheetData
	names   []string // Plan1 and so on unless they are said
	strings []string // the XML inside sst
	formats string   // the XML inside numFmts
	styles  []int    // number formats of cells, behind format 0
	from04  bool
	prefix  string // of all elements, as some programs write them
}

func (b bookOf) bytes(t testing.TB) []byte {
	t.Helper()
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var names, rels strings.Builder
	for i := range b.sheets {
		name := fmt.Sprintf("Plan%d", i+1)
		if i < len(b.names) {
			name = b.names[i]
		}
		fmt.Fprintf(&names, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, name, i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, rel, i+1)
	}
	var xfs strings.Builder
	for _, id := range append([]int{0}, b.styles...) {
		fmt.Fprintf(&xfs, `<xf numFmtId="%d" applyNumberFormat="1"/>`, id)
	}
	pr := ""
	if b.from04 {
		pr = `<workbookPr date1904="1"/>`
	}
	parts := [][2]string{
		{"_rels/.rels", `<Relationships><Relationship Id="rId1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="` + main + `" xmlns:r="` + rel + `">` + pr + `<sheets>` + names.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships>` + rels.String() + `<Relationship Id="rIdS" Type="` + rel + `/styles" Target="/xl/styles.xml"/><Relationship Id="rIdT" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		{"xl/styles.xml", `<styleSheet xmlns="` + main + `"><numFmts>` + b.formats + `</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>` + xfs.String() + `</cellXfs></styleSheet>`},
		{"xl/sharedStrings.xml", `<sst xmlns="` + main + `">` + strings.Join(b.strings, "") + `</sst>`},
	}
	for i, rows := range b.sheets {
		text := `<worksheet xmlns="` + main + `"><dimension ref="A1"/><sheetData>` + rows + `</sheetData></worksheet>`
		if b.prefix != "" {
			text = strings.NewReplacer("</", "</"+b.prefix+":", "<", "<"+b.prefix+":").Replace(text)
		}
		parts = append(parts, [2]string{fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), text})
	}
	return zipped(t, parts)
}

func zipped(t testing.TB, parts [][2]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, err := z.Create(p[0])
		if err == nil {
			_, err = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+p[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// cellsOf is a row of texts, those that begin with "<" as they stand.
func cellsOf(line int, cells ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, line)
	for i, c := range cells {
		ref := fmt.Sprintf("%s%d", columnLetters(i), line)
		switch {
		case c == "":
		case c[0] == '<':
			b.WriteString(strings.Replace(c, "<c", `<c r="`+ref+`"`, 1))
		default:
			fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, xlsx.Escape(c))
		}
	}
	b.WriteString("</row>")
	return b.String()
}

var headR = strings.Split(headerOfR(), ";")

// workbooks are the workbooks of TestContactFiles, by name.
func workbooks(t *testing.T) map[string][]byte {
	t.Helper()
	one := func(b bookOf, rows ...string) []byte {
		b.sheets = append([]string{strings.Join(rows, "")}, b.sheets...)
		return b.bytes(t)
	}
	r := cellsOf(1, headR...)
	good := cellsOf(2, "TELEFONE", "11987654321", "", "Ana Souza", "52998224725", "C-1", "vip", "a", "b", "c", "d", "e", "ALTA")
	head := cellsOf(1, "nome", "telefone", "valor")
	dates := bookOf{styles: []int{14, 22, 20, 164, 165, 11}, formats: `<numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/><numFmt numFmtId="165" formatCode="[$R$-416] #,##0.00;&quot;dívida&quot;"/>`}
	ana := cellsOf(2, "Ana", "11987654321", "1")
	files := map[string][]byte{
		"r-book.xlsx":         one(bookOf{}, r, good, cellsOf(3, "EMAIL", "ana@example.com")),
		"r-book-formula.xlsx": one(bookOf{}, r, cellsOf(2, "TELEFONE", `<c t="str"><f>"11"&amp;987654321</f><v>11987654321</v></c>`), cellsOf(3, "TELEFONE", "11987654321", "", `<c><f>A1</f></c>`), good),
		"r-book-sheets.xlsx":  one(bookOf{sheets: []string{""}}, r, good),
		"r-sheet-named.xlsx":  one(bookOf{sheets: []string{""}}, r, good),
		"r-strict-sheet.xlsx": one(bookOf{sheets: []string{""}, names: []string{"R", "nota"}}, r, good),
		"r-book-outside.xlsx": one(bookOf{}, r, cellsOf(2, append([]string{"TELEFONE", "11987654321"}, append(make([]string, 13), "nota")...)...), strings.ReplaceAll(good, `2"`, `3"`)),
		"r-book-column.xlsx":  one(bookOf{}, cellsOf(1, append(headR, "EXTRA")...), good),
		"r-book-scientific.xlsx": one(bookOf{styles: []int{11}}, r, cellsOf(2, "TELEFONE", `<c s="1"><v>5511990000000</v></c>`), cellsOf(3, "TELEFONE", `<c s="1"><v>5511987654321</v></c>`),
			cellsOf(4, "TELEFONE", "5,51199E+12")),
		"r-book-numbers.xlsx": one(bookOf{}, r, cellsOf(2, "TELEFONE", `<c><v>11987654321</v></c>`, "", "", `<c><v>1234567890</v></c>`, `<c><v>42</v></c>`),
			cellsOf(3, "TELEFONE", `<c><v>1.1987654321E10</v></c>`)),
		"book-dates.xlsx": one(dates, head, cellsOf(2, "Ana", `<c><v>11987654321</v></c>`, `<c s="1"><v>46000</v></c>`), cellsOf(3, "Bia", "11987654322", `<c s="2"><v>46000.604166666664</v></c>`),
			cellsOf(4, "Caio", "11987654323", `<c s="3"><v>0.5</v></c>`), cellsOf(5, "Dia", "11987654324", `<c s="4"><v>46000</v></c>`), cellsOf(6, "Eva", "11987654325", `<c s="5"><v>1234.5</v></c>`),
			cellsOf(7, "Fabi", "11987654326", `<c><v>0.30000000000000004</v></c>`), cellsOf(8, "Gil", "11987654327", `<c t="b"><v>1</v></c>`), cellsOf(9, "Hugo", "11987654328", `<c s="6"><v>1.5E-3</v></c>`)),
		"book-dates-1904.xlsx":    one(bookOf{from04: true, styles: []int{14}}, head, cellsOf(2, "Ana", "11987654321", `<c s="1"><v>44538</v></c>`)),
		"book-formulas.xlsx":      one(bookOf{}, head, cellsOf(2, "Ana", `<c t="str"><f>B9</f><v>11987654321</v></c>`, `<c><f>1+1</f><v>2</v></c>`), cellsOf(3, "Bia", "11987654322", `<c><f>1+1</f></c>`)),
		"strict-formulas.xlsx":    one(bookOf{}, head, cellsOf(2, "Ana", "11987654321", `<c><f>1+1</f><v>2</v></c>`), ana),
		"book-errors.xlsx":        one(bookOf{}, head, cellsOf(2, "Ana", "11987654321", `<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`), strings.ReplaceAll(ana, `2"`, `3"`)),
		"book-second-sheet.xlsx":  one(bookOf{sheets: []string{head + ana}, names: []string{"Resumo", "Base"}}, cellsOf(1, "nada")),
		"book-sheet-unknown.xlsx": one(bookOf{}, head, ana),
		"book-shared.xlsx": one(bookOf{strings: []string{`<si><t>nome</t></si>`, `<si><t xml:space="preserve"> telefone </t></si>`, `<si><r><rPr><b/></rPr><t>Ana </t></r><r><t>&amp; Bia</t></r><rPh sb="0" eb="1"><t>não</t></rPh></si>`, `<si/>`, `<si><t>_x0041__x000D_&#10;B</t></si>`}},
			`<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>4</v></c></row><row><c t="s"><v>2</v></c><c><v>11987654321</v></c><c t="s"><v>3</v></c></row>`),
		"book-prefixed.xlsx":    one(bookOf{prefix: "x"}, head, ana),
		"book-blank-rows.xlsx":  one(bookOf{}, `<row r="1"/>`, cellsOf(3, "nome", "telefone"), `<row r="4"><c r="A4" s="0"/></row>`, cellsOf(9, "Ana", "11987654321")),
		"book-no-header.xlsx":   one(bookOf{}, cellsOf(1, "Ana Souza", "11987654321", "ana@example.com"), cellsOf(2, "Bia Lima", "2132123456", "bia@example.com")),
		"book-empty.xlsx":       one(bookOf{}),
		"book-gone-string.xlsx": one(bookOf{}, head, cellsOf(2, "Ana", `<c t="s"><v>7</v></c>`)),
		"book-entities.xlsx":    zipped(t, [][2]string{{"_rels/.rels", `<!DOCTYPE x [<!ENTITY a "b">]><Relationships/>`}}),
		"book-no-sheets.zip":    zipped(t, [][2]string{{"fotos/a.xml", "<a/>"}}),
		"book-cut.xlsx":         one(bookOf{}, head, ana)[:900],
		"book-bomb.xlsx":        one(bookOf{}, head, ana, strings.Repeat(" ", freeExpansion+1)),
	}
	files["book-hidden-first.xlsx"] = one(bookOf{sheets: []string{head + ana}, names: []string{`Config" state="hidden`, "Base"}}, cellsOf(1, "chave", "valor"))
	files["book-titles.xlsx"] = one(bookOf{}, cellsOf(1, "Relatório de inadimplentes, 20/11/2026"), cellsOf(2, "", "Carteira 7"), cellsOf(4, "nome", "telefone", "valor"),
		cellsOf(5, "Ana", "11987654321", "1"), cellsOf(6, "Total", "", "1"))
	files["book-huge-text.xlsx"] = one(bookOf{}, head, cellsOf(2, "Ana", "11987654321", strings.Repeat("x", 500<<10)), ana)
	files["book-nested.zip"] = nested(t, files["r-book.xlsx"])
	files["auto-huge-columns.csv"] = []byte("nome;telefone" + strings.Repeat(";c", 10_000) + "\nAna;11987654321\n")
	files["auto-huge-row.csv"] = []byte("nome;telefone;obs\nAna;11987654321;" + strings.Repeat("x;", 1<<20) + "\nBia;11987654322;\n")
	files["auto-huge-field.csv"] = []byte("nome;telefone;obs\nAna;11987654321;" + strings.Repeat("x", 70<<10) + "\nBia;11987654322;\n")
	files["auto-huge-quote.csv"] = []byte("nome;telefone;obs\nAna;11987654321;\"nunca fecha\nBia;11987654322;" + strings.Repeat("y", 1<<20) + "\nCaio;11987654323;\n")
	files["auto-utf16-no-bom.csv"] = utf16of("nome;telefone\nJoão;11987654321\nInês;11987654322\n")
	whole := one(bookOf{}, head, `<row r="2"><c r="A2"`)
	files["book-cut-inside.xlsx"] = whole
	files["book-gzip.xlsx.gz"] = gzipped(t, files["r-book.xlsx"])
	files["gzip-bomb.csv.gz"] = gzipped(t, append([]byte("nome;telefone\nAna;11987654321\n"), bytes.Repeat([]byte{' '}, freeExpansion+1)...))
	return files
}

// nested is a ZIP that holds a workbook.
func nested(t testing.TB, book []byte) []byte {
	t.Helper()
	return zipped(t, [][2]string{{"base.xlsx", string(book)}})
}

// utf16of is a text as UTF-16, the low byte first, without a byte order mark.
func utf16of(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func gzipped(t testing.TB, in []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(in); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
