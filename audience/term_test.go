package audience

import (
	"hash/fnv"
	"testing"
)

// The numbers of terms and the marks of addresses are stored: they are FNV-1a for ever.
func TestNumbersAreFNV(t *testing.T) {
	sum := func(s string) int64 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(s))
		return int64(h.Sum64())
	}
	for _, c := range []struct {
		got  int64
		text string
	}{
		{NewTerm(FieldCity, "São Paulo").No("ws"), "ws\x00city\x00sao paulo"},
		{NewTerm(FieldAll, "").No(""), "\x00all\x00"},
		{Mark("ws", "Ana@Example.com"), "ws\x00ana@example.com"},
		{Mark("ws", "+5511987654321"), "ws\x00+5511987654321"},
	} {
		if want := sum(c.text); c.got != want {
			t.Errorf("%q: %d, want %d", c.text, c.got, want)
		}
	}
}
