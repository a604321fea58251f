package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPersonVariables(t *testing.T) {
	tests := []struct {
		name   string
		person Person
		want   Variables
	}{
		{"nobody", Person{}, Variables{}},
		{
			"everything",
			Person{
				Name: " Maria  da Silva ", Contact: "+5511987654321", ID: "77", Context: "cliente antiga",
				Wildcards: [5]string{"Rua A, 10", "", " ", "d", "e"},
				Extra:     map[string]string{"Data de Vencimento": "10/12/2026", "vazia": "  "},
			},
			Variables{
				"name": "Maria  da Silva", "first_name": "Maria", "contact": "+5511987654321", "id": "77",
				"context": "cliente antiga", "wildcard_1": "Rua A, 10", "wildcard_4": "d", "wildcard_5": "e",
				"data_de_vencimento": "10/12/2026",
			},
		},
		{
			"context of JSON",
			Person{
				Name:    "Ana",
				Context: ` {"Valor": 120.50, "pago": false, "nada": null, "dívida": {"desde": "2026-01-02", "x": {"y": 1}}, "itens": ["a", 2, {"z": 1}, [3]], "name": "Outra"}`,
			},
			Variables{
				"name": "Ana", "first_name": "Ana", "valor": "120.50", "pago": "false", "divida_desde": "2026-01-02",
				"divida_x_y": "1", "itens": "a, 2",
				"context": `{"Valor": 120.50, "pago": false, "nada": null, "dívida": {"desde": "2026-01-02", "x": {"y": 1}}, "itens": ["a", 2, {"z": 1}, [3]], "name": "Outra"}`,
			},
		},
		{"broken JSON is text", Person{Context: `{"a": 1`}, Variables{"context": `{"a": 1`}},
		{"an array is text", Person{Context: `["a"]`}, Variables{"context": `["a"]`}},
		{
			"extra columns win over the context, own fields over both",
			Person{ID: "1", Extra: map[string]string{"id": "2", "valor": "column"}, Context: `{"valor":"context","id":"3","só":"context"}`},
			Variables{"id": "1", "valor": "column", "so": "context", "context": `{"valor":"context","id":"3","só":"context"}`},
		},
		{
			"the first of two columns with one name",
			Person{Extra: map[string]string{"Valor": "1", "valor": "2", "VALOR": "0"}},
			Variables{"valor": "0"},
		},
		{"a column called Nome is the name", Person{Extra: map[string]string{"Nome": "Zé Lima"}}, Variables{"name": "Zé Lima", "first_name": "Zé"}},
		{"a first name of its own", Person{Name: "Dr. Zé", Extra: map[string]string{"Primeiro Nome": "Zé"}}, Variables{"name": "Dr. Zé", "first_name": "Zé"}},
		{"control characters", Person{Name: "A\x00na\r\nB\u0085"}, Variables{"name": "Ana\nB", "first_name": "Ana"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.person.Variables()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestContextIsBounded holds that a context made to be expensive is not.
func TestContextIsBounded(t *testing.T) {
	deep := ""
	for range 2000 {
		deep += `{"a":`
	}
	p := Person{Context: deep}
	if v := p.Variables(); len(v) != 1 {
		t.Errorf("broken nesting gave %d variables", len(v))
	}
	p.Context = `{"a":{"a":{"a":{"a":{"a":1}}}}}`
	if v := p.Variables(); len(v) != 1 {
		t.Errorf("nesting deeper than %d gave variables: %v", depth, v)
	}
}

func FuzzContext(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"":{"b":[1,"x",null]}}`, `{`, `{"a":"\ud800"}`, "{\"\\u0000\":1}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for k, v := range (Person{Context: s}).Variables() {
			if k == "" || k != Key(k) {
				t.Errorf("name %q is not folded", k)
			}
			if v == "" {
				t.Errorf("%q has no value", k)
			}
		}
	})
}
