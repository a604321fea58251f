package agent

import "testing"

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"Data de Vencimento":  "data_de_vencimento",
		"data_de_vencimento":  "data_de_vencimento",
		"  Nº do Contrato  ":  "no_do_contrato",
		"VALOR (R$)":          "valor_r",
		"Ação/Situação":       "acao_situacao",
		"ÑANDÚ":               "nandu",
		"__x__y__":            "x_y",
		"2ª via":              "2a_via",
		"Nome":                "name",
		"NOMBRE":              "name",
		"NomeCliente":         "name",
		"PrimeiroNome":        "first_name",
		"Primeiro Nome":       "first_name",
		"CORINGA 3":           "wildcard_3",
		"Coringa5":            "wildcard_5",
		"coringa6":            "coringa6",
		"CODCLIENTE":          "id",
		"日付":                  "日付",
		"":                    "",
		" -_- ":               "",
		"a\xffb":              "a_b",
		"fi":                  "fi",
		"Straße":              "straße",
		"x_":                  "x",
		"wildcard_1":          "wildcard_1",
		"Data de\nVencimento": "data_de_vencimento",
	} {
		if got := Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"Data de Vencimento", "__x__", "Ação", "\xff", "İ", "\xf5Ѷ", "CORINGA 1", "a_1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := Key(s)
		if again := Key(k); again != k {
			t.Errorf("Key(%q) = %q, but Key of that is %q", s, k, again)
		}
	})
}
