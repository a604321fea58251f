package intake

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
)

// TestColumnsAsSaid holds that somebody's word about a column comes before what it looks like.
func TestColumnsAsSaid(t *testing.T) {
	const file = "Cliente;Celular;Recado;Obs\nAna;11987654321;1133334444;deve 10\n"
	type columns = []Mapped
	for name, c := range map[string]struct {
		file string
		said columns
		want string // what the columns are, and the row
		code string
	}{
		"nothing": {file, nil, "Cliente=name Celular=contact Recado=contact Obs=variable:obs |Ana|+5511987654321 +551133334444|obs=deve 10", ""},
		"codes below the word for people": {
			"Cliente;Celular\nC-104;11987654321\n", nil, "Cliente=variable:cliente Celular=contact ||+5511987654321|cliente=C-104", "",
		},
		"people beside their names": {
			"Paciente;Nome;Celular\nRex;Ana;11987654321\n", nil, "Paciente=variable:paciente Nome=name Celular=contact |Ana|+5511987654321|paciente=Rex", "",
		},
		"a name, and nothing of a column": {
			"Apelido" + file[len("Cliente"):],
			columns{{Column: "Apelido", Field: FieldName}, {Column: "Recado", Field: FieldIgnore}},
			"Apelido=name Celular=contact Recado=ignore Obs=variable:obs |Ana|+5511987654321|obs=deve 10", "",
		},
		"another key": {
			file,
			columns{{Column: "Obs", Field: FieldVariable, Key: "Dívida"}},
			"Cliente=name Celular=contact Recado=contact Obs=variable:divida |Ana|+5511987654321 +551133334444|divida=deve 10", "",
		},
		"what is named twice is the last one's": {
			"nome;apelido;telefone\nAna Maria;Aninha;11987654321\n",
			columns{{Column: "apelido", Field: FieldName}},
			"nome=variable:name apelido=name telefone=contact |Aninha|+5511987654321|name=Ana Maria", "",
		},
		"without a header": {
			"Ana;11987654321;x\nBia;11987654322;y\n",
			columns{{Column: "3", Field: FieldName}, {Column: "1", Field: FieldID}},
			"1=id 2=contact 3=name |x|+5511987654321|", "",
		},
		"no such column": {file, columns{{Column: "Nome", Field: FieldName}}, "", "column_unknown"},
		"no such field":  {file, columns{{Column: "Obs", Field: FieldCity}}, "", "not_one_of"},
		"a field twice":  {file, columns{{Column: "Obs", Field: FieldName}, {Column: "Cliente", Field: FieldName}}, "", "column_repeated"},
		"nobody to reach": {
			file, columns{{Column: "Celular", Field: FieldIgnore}, {Column: "Recado", Field: FieldVariable}}, "", "contact_column_missing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(strings.NewReader(c.file), Options{Kind: channel.Voice, Country: "BR", Columns: c.said})
			if c.code != "" {
				if !fault.Is(err, c.code) {
					t.Errorf("%v, not %s", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, columnsTold(t, r)); diff != "" {
				t.Errorf("(-want +got) %s", diff)
			}
		})
	}
}

// columnsTold writes down the columns and the first row.
func columnsTold(t *testing.T, r *Reader) string {
	t.Helper()
	var b strings.Builder
	for _, c := range r.Columns() {
		b.WriteString(c.Column + "=" + string(c.Field))
		if c.Key != "" {
			b.WriteString(":" + c.Key)
		}
		b.WriteByte(' ')
	}
	row, bad, err := r.Read()
	if err != nil || bad != nil {
		t.Fatal(err, bad)
	}
	n, bad := row.Newcomer(channel.Voice)
	if bad != nil {
		t.Fatal(bad)
	}
	b.WriteString("|" + n.Name + "|")
	b.WriteString(strings.Join(addressTexts(n), " ") + "|")
	for _, c := range r.Columns() {
		if v, ok := n.Variables[c.Key]; ok && c.Key != "" {
			b.WriteString(c.Key + "=" + v + " ")
		}
	}
	return strings.TrimSpace(b.String())
}

func addressTexts(n campaign.Newcomer) []string {
	out := make([]string, 0, len(n.Addresses))
	for _, a := range n.Addresses {
		out = append(out, string(a))
	}
	return out
}

// TestRecipientsOfAWorkbook holds that a sheet is read as text is, with the lines of the sheet, and that nothing is left of it.
func TestRecipientsOfAWorkbook(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	book := excelize.NewFile()
	for at, row := range map[string][]any{
		"A1": {"Carteira de novembro"},
		"A3": {"nome", "telefone", "obs"},
		"A4": {"Ana \"Aninha\"", 11987654321, "deve;\nmuito"},
		"A6": {"Bia", "123", ""},
		"A7": {"Célia", "(11) 98765-4322", ""},
	} {
		if err := book.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&file, Options{Kind: channel.Voice, Country: "BR"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		row, bad, err := r.Read()
		if err != nil {
			break
		}
		if bad != nil {
			got = append(got, bad.Column+" "+bad.Error.Code)
			continue
		}
		got = append(got, row.Name+" "+string(row.Addresses[0])+" "+row.Variables["obs"])
		if want := map[string]int{"Célia": 7}[row.Name]; want != 0 && row.Line != want {
			t.Errorf("%s is on line %d", row.Name, row.Line)
		}
	}
	want := []string{`Ana "Aninha" +5511987654321 deve; muito`, "telefone phone_too_short", "Célia +5511987654322 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got) %s", diff)
	}
	if r.Info().Format != XLSX {
		t.Errorf("it is %s", r.Info().Format)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files were left: %v", len(left), err)
	}
}
