package fold

import "testing"

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"  São   PAULO ":     "sao paulo",
		"Ação, Ñandú & Über": "acao, nandu & uber",
		"ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝ": "aaaaaaceeeeiiiinooooouuuuy",
		"straße ÆØ":        "strasse aeo",
		"e\u0301":          "e",
		"Łódź":             "lodz",
		"ΑΘΉΝΑ":            "αθηνα",
		"a\tb\r\nc\u00a0d": "a b c d",
		"\xff\xfeX":        "x",
		"+5511987654321":   "+5511987654321",
	} {
		if got := Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzKey holds that the short ways come to what the long one does, and that a key is its own key.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"São Paulo", " a  b ", "Ü\u0308", "\xc3", "\xc3\x28", "ß", "x\u0300", "\u00d7\u00f7", "\x00\x1f\x7f", "\u0085"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := Key(s)
		if long := general(s); key != long {
			t.Errorf("Key(%q) = %q; the long way gives %q", s, key, long)
		}
		if again := Key(key); again != key {
			t.Errorf("Key(%q) = %q", key, again)
		}
	})
}
