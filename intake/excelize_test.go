package intake

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"campanario/internal/locale"
	"campanario/internal/xlsx"
)

// Workbooks are read and written by code of our own; another library holds both to the format: what it writes we read, and
// what we write it reads.

func TestReadWhatExcelizeWrites(t *testing.T) {
	f := excelize.NewFile()
	set := func(cell string, v any) {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range []any{"nome", "telefone", "valor", "vencimento", "obs"} {
		set(columnLetters(i)+"1", v)
	}
	set("A2", "Ana & <Bia>\nSouza")
	set("B2", 11987654321)
	set("C2", 1234.5)
	set("D2", 46000)
	set("E2", true)
	if err := f.SetCellRichText("Sheet1", "A4", []excelize.RichTextRun{{Text: "Ca"}, {Text: "io", Font: &excelize.Font{Bold: true}}}); err != nil {
		t.Fatal(err)
	}
	set("B4", "11987654322")
	if err := f.SetCellFormula("Sheet1", "E4", "1+1"); err != nil {
		t.Fatal(err)
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", "D2", "D2", style); err != nil {
		t.Fatal(err)
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	people, refused := allOf(t, &book, ContactOptions{Country: "BR"})
	if len(people) != 1 || len(refused) != 1 {
		t.Fatalf("%v, refused %v", people, refused)
	}
	c := people[0].Contact
	want := map[string]string{"valor": "1234.5", "vencimento": "2025-12-09", "obs": "true"}
	if c.Name != "Ana & <Bia> Souza" || c.Reaches[0].Address != "+5511987654321" || !cmp.Equal(c.Attributes, want) {
		t.Errorf("%+v", c)
	}
	if r := refused[0]; r.Error.Code != "formula" || r.Line != 4 || r.Column != "obs" || r.Cells[0] != "Caio" {
		t.Errorf("%+v", r)
	}
}

func TestExcelizeReadsWhatIsWritten(t *testing.T) {
	rows := [][]string{
		{"a", "", "=1+1", "+5511987654321"},
		{"<&>\"'", "dois\nlinhas", " espaços ", "_x0041_"},
		{"\x07 sino", "", "", "último"},
	}
	var book bytes.Buffer
	w, err := xlsx.New(&book, xlsx.Options{Name: "A & B", Columns: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	in := book.Bytes()
	f, err := excelize.OpenReader(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.GetSheetList(); !cmp.Equal(got, []string{"A & B"}) {
		t.Errorf("sheets %q", got)
	}
	got, err := f.GetRows("A & B")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Errorf("it reads otherwise (-want +got):\n%s", diff)
	}
	if formula, err := f.GetCellFormula("A & B", "C1"); formula != "" || err != nil {
		t.Errorf("a formula was written: %q, %v", formula, err)
	}
	if diff := cmp.Diff(rows, sheetRows(t, in)); diff != "" {
		t.Errorf("we read it otherwise (-want +got):\n%s", diff)
	}
}

// sheetRows reads all rows of a workbook's first sheet.
func sheetRows(t *testing.T, in []byte) [][]string {
	t.Helper()
	b, err := openWorkbook(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	rows, err := b.rows("", bounds(""))
	if err != nil {
		t.Fatal(err)
	}
	var p pack
	for err == nil {
		err = rows.fill(&p)
	}
	var out [][]string
	for _, r := range p.rows {
		var row []string
		for _, s := range p.spans[r.from:r.to] {
			row = append(row, string(p.text[s.from:s.to]))
		}
		out = append(out, row)
	}
	return out
}

func TestTemplatesOpenInExcelize(t *testing.T) {
	for _, layout := range Layouts()[1:] {
		var book bytes.Buffer
		if err := Template(&book, layout, XLSX, locale.Portuguese); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&book)
		if err != nil {
			t.Fatalf("%s: %v", layout, err)
		}
		if rows, err := f.GetRows(f.GetSheetList()[0]); err != nil || len(rows) < 3 {
			t.Errorf("%s: %d rows, %v", layout, len(rows), err)
		}
	}
}
