package audience

import (
	"strings"
	"testing"
	"unicode/utf8"

	"campanario/internal/fault"
)

func TestFirstName(t *testing.T) {
	for in, want := range map[string]string{
		"Ana Paula de Souza":  "Ana",
		"ANA PAULA DE SOUZA":  "Ana",
		"ana paula":           "Ana",
		"  João\tda Silva ":   "João",
		"JOÃO":                "João",
		"Joa\u0303o da Silva": "João",
		"Dra. Márcia Lima":    "Márcia",
		"SR. JOSÉ":            "José",
		"Sr. Prof. José Lima": "José",
		"Dom":                 "Dom",
		"Souza, Ana Paula":    "Ana",
		"SOUZA, ANA":          "Ana",
		"Ana,":                "Ana",
		"ANA-ROSA LIMA":       "Ana-Rosa",
		"d'ávila maria":       "D'Ávila",
		"McDonald Souza":      "McDonald",
		`"Ana" Souza`:         "Ana",
		"李小龙":                 "李小龙",
		"":                    "",
		" \t":                 "",
		"\xff\xfe":            "",
	} {
		if got := FirstName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"ana":                     "ana",
		"  Ana \t PAULA ":         "ana paula",
		"Ação às 9h":              "acao as 9h",
		"A\u0327a\u0303o":         "aao",
		"ÁÉÍÓÚ àèìòù ãõ ç ñ Ü":    "aeiou aeiou ao c n u",
		"Straße, Øresund, Łódź":   "strasse, oresund, lodz",
		"Ｗｉｄｅ　ｔｅｘｔ":               "wide text",
		"İstanbul":                "istanbul",
		"a\u00a0b\u200bc":         "a bc",
		"a\r\nb\x00c":             "a b c",
		"\xffana":                 "ana",
		"Telefone_2":              "telefone_2",
		"Código do Cliente (ERP)": "codigo do cliente (erp)",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Ação", " A  b ", "İ", "ß", "ﬁ", "\xff", "ΑΣ", "K", "ǆ", "a\u200b "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := Fold(s)
		if !utf8.ValidString(key) || strings.TrimSpace(key) != key || strings.Contains(key, "  ") {
			t.Fatalf("%q has the key %q", s, key)
		}
		if again := Fold(key); again != key {
			t.Fatalf("%q has the key %q, which has the key %q", s, key, again)
		}
		if n := FirstName(s); !utf8.ValidString(n) || strings.ContainsAny(n, " \r\n\t") {
			t.Fatalf("%q is called %q", s, n)
		}
	})
}

func TestPriority(t *testing.T) {
	for in, want := range map[string]Priority{
		"BAIXA": PriorityLow, "baixa": PriorityLow, "Baja": PriorityLow, "low": PriorityLow,
		"MEDIA": PriorityNormal, "Média": PriorityNormal, "normal": PriorityNormal, "medium": PriorityNormal, "": PriorityNormal, " ": PriorityNormal,
		"ALTA": PriorityHigh, " alta ": PriorityHigh, "HIGH": PriorityHigh,
	} {
		got, err := ParsePriority(in)
		if err != nil || got != want || !got.Valid() {
			t.Errorf("%q: %s (%v), want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"urgente", "1", "ALTA!"} {
		if _, err := ParsePriority(in); !fault.Is(err, "priority_unknown") {
			t.Errorf("%q: %v", in, err)
		}
	}
	last := 100
	for _, p := range Priorities() {
		if p.Rank() >= last {
			t.Errorf("%s does not come after the one before", p)
		}
		last = p.Rank()
	}
	if Priority("").Rank() != PriorityNormal.Rank() || !Priority("").Valid() || Priority("urgent").Valid() {
		t.Error("the empty priority is normal, an unknown one is none")
	}
}
