package agent

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariablesPut(t *testing.T) {
	v := Variables{}
	for _, p := range [][2]string{
		{"Nome", " Maria  da Silva "},
		{"name", "Outra"},
		{"CORINGA1", "Rua A, 10"},
		{"Coringa 2", " "},
		{"Data de Vencimento", "10/12/2026"},
		{"---", "x"},
		{"nota", "A\x00na\r\nB\u0085"},
		{strings.Repeat("x", 120), "1"},
	} {
		v.Put(p[0], p[1])
	}
	want := Variables{
		"name": "Maria  da Silva", "wildcard_1": "Rua A, 10", "data_de_vencimento": "10/12/2026", "nota": "Ana\nB", strings.Repeat("x", 100): "1",
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
}

func object(t testing.TB, text string) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestVariablesPutObject(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want Variables
	}{
		"every kind of value": {
			`{"Valor": 120.50, "pago": false, "nada": null, "dívida": {"desde": "2026-01-02", "x": {"y": 1}}, "itens": ["a", 2, {"z": 1}, [3]]}`,
			Variables{"valor": "120.50", "pago": "false", "divida_desde": "2026-01-02", "divida_x_y": "1", "itens": "a, 2"},
		},
		"what is there stays":         {`{"Before": 2, "after": 3}`, Variables{"before": "1", "after": "3"}},
		"two members with one name":   {`{"Valor": "1", "valor": "2", "VALOR": "0"}`, Variables{"valor": "0"}},
		"deeper than anybody writes":  {`{"a":{"a":{"a":{"a":{"a":1}}}}}`, Variables{}},
		"as deep as people may write": {`{"a":{"a":{"a":{"a":1}}}}`, Variables{"a_a_a_a": "1"}},
		"names that are known":        {`{"coringa3": "c", "NomeCliente": "Zé"}`, Variables{"wildcard_3": "c", "name": "Zé"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := Variables{}
			if _, ok := tt.want["before"]; ok {
				v.Put("before", "1")
			}
			v.PutObject(object(t, tt.text))
			if diff := cmp.Diff(tt.want, v); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzVariablesPutObject(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"":{"b":[1,"x",null]}}`, `{`, `{"a":"\ud800"}`, "{\"\\u0000\":1}", `{"a":{"":{"":1}}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var m map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &m) != nil {
			return
		}
		v := Variables{}
		v.PutObject(m)
		for k, value := range v {
			if k == "" || k != Key(k) {
				t.Errorf("name %q is not folded", k)
			}
			if value == "" {
				t.Errorf("%q has no value", k)
			}
		}
	})
}
