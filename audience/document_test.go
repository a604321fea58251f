package audience

import (
	"testing"

	"campanario/internal/fault"
)

func TestDocument(t *testing.T) {
	for _, tt := range []struct{ in, want, code string }{
		{"529.982.247-25", "52998224725", ""},
		{"52998224725", "52998224725", ""},
		{" 529 982 247 25 ", "52998224725", ""},
		{"111.444.777-35", "11144477735", ""},
		{"11.222.333/0001-81", "11222333000181", ""},
		{"12.ABC.345/01DE-35", "12ABC34501DE35", ""},
		{"12abc34501de35", "12ABC34501DE35", ""},
		{"1222333000181", "", "document_check"},
		{"191", "", "document_length"},
		{"000.000.001-91", "00000000191", ""},
		{"000000191", "00000000191", ""}, // Excel dropped two zeros
		{"0000000191", "00000000191", ""},
		{"191000000000100", "", "document_length"},
		{"529.982.247-26", "", "document_check"},
		{"529.982.247-15", "", "document_check"},
		{"111.111.111-11", "", "document_check"},
		{"00000000000000", "", "document_check"},
		{"11.222.333/0001-82", "", "document_check"},
		{"12ABC34501DE36", "", "document_check"},
		{"12ABC34501DEAB", "", "document_check"},
		{"5299822472X", "", "document_length"},
		{"", "", "document_empty"},
		{" - ", "", "document_empty"},
		{"529,982.247-25", "", "document_symbol"},
		{"5,29982E+10", "", "document_symbol"},
		{"ção", "", "document_symbol"},
	} {
		got, err := Document(tt.in)
		if got != tt.want || (tt.code != "") != fault.Is(err, tt.code) {
			t.Errorf("Document(%q) = %q, %v; want %q %s", tt.in, got, err, tt.want, tt.code)
		}
	}
}

// TestChecksFindMistakes: one wrong digit is found. (A letter and a digit eleven apart count the same.)
func TestChecksFindMistakes(t *testing.T) {
	for _, good := range []string{"52998224725", "11144477735", "11222333000181", "12ABC34501DE35"} {
		for i := range good {
			for _, c := range []byte("0123456789") {
				slip := good[:i] + string(c) + good[i+1:]
				if good[i] <= '9' && slip != good && checks(slip) {
					t.Errorf("%s passes beside %s", slip, good)
				}
			}
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range []string{"529.982.247-25", "12.ABC.345/01DE-35", "191", "ç", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Document(s)
		if err != nil {
			if _, ok := asFault(err); !ok {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := Document(d)
		if err != nil || again != d {
			t.Errorf("Document(%q) = %q, %v", d, again, err)
		}
	})
}
