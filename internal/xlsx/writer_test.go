package xlsx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"campanario/internal/xlsx"
)

// Another library reads what is written: it holds us to the format.

func opened(t *testing.T, o xlsx.Options, rows [][]string) *excelize.File {
	t.Helper()
	var out bytes.Buffer
	w, err := xlsx.New(&out, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestCellsAreWhatTheirColumnSays(t *testing.T) {
	f := opened(t, xlsx.Options{Name: "R", Header: []string{"a", "n", "t"}, Kinds: []xlsx.Kind{xlsx.Text, xlsx.Number, xlsx.Instant}}, [][]string{
		{"=1+1", "42", "2026-11-23T09:30:15-03:00", "+5511987654321"},
		{"-2", "=1+1", "tomorrow", "@x"},
		{" a\tb\n\x07_x0041_\xff", "1234567890123456", "0001-01-01T00:00:00Z", ""},
	})
	for cell, want := range map[string]struct {
		kind excelize.CellType
		text string
	}{
		"A1": {excelize.CellTypeInlineString, "a"},
		"A2": {excelize.CellTypeInlineString, "=1+1"},
		"B2": {excelize.CellTypeUnset, "42"},
		"C2": {excelize.CellTypeUnset, "2026-11-23 09:30:15"},
		"D2": {excelize.CellTypeInlineString, "+5511987654321"},
		"A3": {excelize.CellTypeInlineString, "-2"},
		"B3": {excelize.CellTypeInlineString, "=1+1"},
		"C3": {excelize.CellTypeInlineString, "tomorrow"},
		"D3": {excelize.CellTypeInlineString, "@x"},
		"A4": {excelize.CellTypeInlineString, " a\tb\n\x07_x0041_\ufffd"},
		"B4": {excelize.CellTypeInlineString, "1234567890123456"}, // it would lose its last digit
		"C4": {excelize.CellTypeInlineString, "0001-01-01T00:00:00Z"},
	} {
		kind, err := f.GetCellType("R", cell)
		if err != nil {
			t.Fatal(err)
		}
		text, err := f.GetCellValue("R", cell)
		if err != nil {
			t.Fatal(err)
		}
		if kind != want.kind || text != want.text {
			t.Errorf("%s: %v %q, want %v %q", cell, kind, text, want.kind, want.text)
		}
		if formula, err := f.GetCellFormula("R", cell); err != nil || formula != "" {
			t.Errorf("%s runs %q, %v", cell, formula, err)
		}
	}
}

func TestWhatAFullSheetCannotHoldGoesToTheNext(t *testing.T) {
	f := opened(t, xlsx.Options{Name: "A very long name: of a [campaign]* 2026", Header: []string{"n"}, Rows: 3}, [][]string{{"1"}, {"2"}, {"3"}, {"4"}, {"5"}})
	if d := cmp.Diff([]string{"A very long name  of a  campaig", "A very long name  of a  campa 2", "A very long name  of a  campa 3"}, f.GetSheetList()); d != "" {
		t.Fatal(d)
	}
	for i, want := range [][][]string{{{"n"}, {"1"}, {"2"}}, {{"n"}, {"3"}, {"4"}}, {{"n"}, {"5"}}} {
		got, err := f.GetRows(f.GetSheetList()[i])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("sheet %d: %s", i+1, d)
		}
	}
}

func TestLetters(t *testing.T) {
	for column, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := xlsx.Letters(column); got != want {
			t.Errorf("%d: %s, want %s", column, got, want)
		}
	}
}

// full takes so many bytes.
type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestAFullDiskEndsIt(t *testing.T) {
	w, err := xlsx.New(&full{room: 8 << 10}, xlsx.Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; err == nil && i < 1_000_000; i++ {
		err = w.Write(fmt.Sprint(i * 7919))
	}
	if !errors.Is(err, errFull) || !errors.Is(w.Flush(), errFull) {
		t.Errorf("%v", err)
	}
}

func TestManyRowsTakeTheMemoryOfAFew(t *testing.T) {
	w, err := xlsx.New(io.Discard, xlsx.Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for range 200_000 {
		if err := w.Write("Pessoa", "+5511987654321", "2026-11-23T09:30:15-03:00"); err != nil {
			t.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.GC()
	if runtime.ReadMemStats(&m); m.HeapInuse > 32<<20 {
		t.Errorf("%d MB in use", m.HeapInuse>>20)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}
