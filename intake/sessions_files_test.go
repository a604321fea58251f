package intake_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"campanario/audience"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// TestAllThatIsWrongWithAFileIsTold: what is wrong with R's header ends the import, and all of it can be read.
func TestAllThatIsWrongWithAFileIsTold(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		for _, strict := range []bool{false, true} {
			x := d.open("TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;NOME;COR\nTELEFONE;11987654321;Ana;azul\n")
			set := x.Settings
			if set.File.Layout != intake.LayoutR {
				t.Fatalf("it is taken for layout %q", set.File.Layout)
			}
			set.File.Strict = strict
			x, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
			d.must(err)
			_, err = d.Commit(d.ctx, "ws", x.ID)
			d.must(err)
			if x = d.work(x, nil); x.State != intake.StateFailed || !fault.Is(x.Failure, "layout_columns") || d.count(audience.Filter{}) != 0 {
				t.Errorf("%s, %v", x.State, x.Failure)
			}
			bad, err := d.Problems(d.ctx, "ws", x.ID, intake.ProblemQuery{Limit: 100})
			d.must(err)
			var codes []string
			for _, p := range bad {
				codes = append(codes, p.Column+" "+p.Error.Code)
			}
			if len(bad) != 14 || codes[0] != "1 layout_columns" || codes[1] != "C1 layout_column_missing" || !slices.Contains(codes, "D1 layout_column_unknown") {
				t.Errorf("%q", codes)
			}
		}
	})
}

// TestSheetIsChosen: who names another sheet is told of its columns, and can map them.
func TestSheetIsChosen(t *testing.T) {
	f := excelize.NewFile()
	if _, err := f.NewSheet("Base"); err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]string{"A1": "quem", "B1": "onde", "A2": "Ana", "B2": "11987654321"} {
		if err := f.SetCellValue("Base", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellValue("Sheet1", "A1", "resumo"); err != nil {
		t.Fatal(err)
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open(book.String())
		set := x.Settings
		set.File.Layout, set.File.Sheet = intake.LayoutMapped, "Base"
		set.File.Columns = []intake.Mapped{{Column: "quem", Field: intake.FieldName}, {Column: "onde", Field: intake.FieldPhone}}
		x, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
		d.must(err)
		if len(x.Found.Columns) != 2 || x.Found.Columns[0].Column != "quem" || !slices.Equal(x.Found.Sheets, []string{"Sheet1", "Base"}) {
			t.Errorf("%+v", x.Found)
		}
		set.File.Sheet = "Nada"
		if _, err := d.Edit(d.ctx, "ws", x.ID, 0, set); !fault.Is(err, "sheet_unknown") {
			t.Errorf("a sheet that is none: %v", err)
		}
		_, err = d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		if x = d.work(x, nil); x.State != intake.StateDone || x.Counts.Created != 1 {
			t.Errorf("%s %+v, %v", x.State, x.Counts, x.Failure)
		}
	})
}

// TestObjectsAreImported: JSON has no columns to be mapped before it is read, and its settings can be changed all the same.
func TestObjectsAreImported(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open(strings.Repeat(`{"name":"Ana","phones":["11987654321","1132123456"],"cpf":"529.982.247-25","cidade":"Olinda"}`+"\n", 2))
		set := x.Settings
		set.File.Tags = []string{"novo"}
		x, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
		d.must(err)
		_, err = d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		if x = d.work(x, nil); x.Counts.Rows != 2 || x.Counts.Created != 1 || d.count(audience.Filter{Field: audience.FieldTag, Is: []string{"novo"}}) != 1 {
			t.Errorf("%s %+v, %v", x.State, x.Counts, x.Failure)
		}
	})
}

// TestRefusedOfAnImport: all rows that were refused come back, also when more of them are on one line than are read at a
// time.
func TestRefusedOfAnImport(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const each, onOne = 1500, 2300
		x := d.open(strings.Repeat("1\n", each) + strings.Repeat("2,", onOne) + "\n" + strings.Repeat("11987654321\n3\n", each))
		set := x.Settings
		set.File.Layout, set.File.Columns = intake.LayoutList, nil
		x, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
		d.must(err)
		_, err = d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		if x = d.work(x, nil); x.Counts.Refused != 2*each+onOne || x.Counts.Rows != 3*each+onOne {
			t.Fatalf("%s %+v, %v", x.State, x.Counts, x.Failure)
		}
		var b bytes.Buffer
		d.must(d.Refused(d.ctx, "ws", x.ID, &b, intake.CSV, locale.English))
		got := map[string]int{}
		for line := range strings.SplitSeq(b.String(), "\n") {
			cell, _, _ := strings.Cut(line, ",")
			got[cell]++
		}
		if got["1"] != each || got["2"] != onOne || got["3"] != each {
			t.Errorf("%v", got)
		}
		if err := d.Refused(d.ctx, "other", x.ID, &b, intake.CSV, locale.English); !fault.Is(err, "import_not_found") {
			t.Errorf("seen from another workspace: %v", err)
		}
	})
}
