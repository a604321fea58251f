package locale_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/internal/locale"
)

func TestValues(t *testing.T) {
	zone := time.FixedZone("", -3*60*60)
	for _, c := range []struct {
		text       string
		value      any
		pt, es, en string
	}{
		{"{v}", 7, "7", "7", "7"},
		{"{v}", 1234, "1.234", "1234", "1,234"},
		{"{v}", int64(1234567), "1.234.567", "1.234.567", "1,234,567"},
		{"{v}", uint8(200), "200", "200", "200"},
		{"{v}", -12345, "-12.345", "-12.345", "-12,345"},
		{"{v}", 0.5, "0,5", "0,5", "0.5"},
		{"{v}", 12345.678, "12.345,678", "12.345,678", "12,345.678"},
		{"{v}", float64(3), "3", "3", "3"},
		{"{v}", math.NaN(), "…", "…", "…"},
		{"{v}", math.Inf(1), "…", "…", "…"},
		{"{v}", true, "true", "true", "true"},
		{"{v}", "texto, com vírgula", "texto, com vírgula", "texto, com vírgula", "texto, com vírgula"},
		{"{v}", []string{"nome", "valor"}, "nome, valor", "nome, valor", "nome, valor"},
		{"{v}", []any{"a", 1500.5}, "a, 1.500,5", "a, 1500,5", "a, 1,500.5"},
		{"{v}", 90 * time.Second, "1 min 30 s", "1 min 30 s", "1 min 30 s"},
		{"{v}", nil, "…", "…", "…"},
		{"{v}", "", "…", "…", "…"},
		{"{v}", 0, "0", "0", "0"},

		{"{v@amount}", "1m30s", "1 min 30 s", "1 min 30 s", "1 min 30 s"},
		{"{v@amount}", "2h0m0s", "2 h", "2 h", "2 h"},
		{"{v@amount}", "36h5m0s", "36 h 5 min", "36 h 5 min", "36 h 5 min"},
		{"{v@amount}", "1.5s", "1,5 s", "1,5 s", "1.5 s"},
		{"{v@amount}", "250ms", "250 ms", "250 ms", "250 ms"},
		{"{v@amount}", "0s", "0 s", "0 s", "0 s"},
		{"{v@amount}", "-1m0s", "-1 min", "-1 min", "-1 min"},
		{"{v@amount}", "2000", "2.000", "2000", "2,000"},
		{"{v@amount}", "0.5", "0,5", "0,5", "0.5"},
		{"{v@amount}", 5, "5", "5", "5"},
		{"{v@amount}", "logo", "logo", "logo", "logo"},
		{"{v@amount}", time.Duration(math.MinInt64), "-2.562.047 h 47 min 16,854775807 s", "-2.562.047 h 47 min 16,854775807 s", "-2,562,047 h 47 min 16.854775807 s"},

		{"{v@size}", 800, "800 bytes", "800 bytes", "800 bytes"},
		{"{v@size}", 1 << 20, "1 MB", "1 MB", "1 MB"},
		{"{v@size}", 70000, "68,4 kB", "68,4 kB", "68.4 kB"},
		{"{v@size}", "muito", "muito", "muito", "muito"},

		{"{v@id}", 65535, "65535", "65535", "65535"},

		{"{v@time}", "2026-11-24T09:00:00-03:00", "24/11/2026 às 09:00 (UTC-03:00)", "24/11/2026 a las 09:00 (UTC-03:00)", "24 Nov 2026 at 09:00 (UTC-03:00)"},
		{"{v@time}", time.Date(2026, 1, 2, 1, 5, 0, 0, zone), "02/01/2026 à 01:05 (UTC-03:00)", "02/01/2026 a la 01:05 (UTC-03:00)", "2 Jan 2026 at 01:05 (UTC-03:00)"},
		{"{v@time}", "2026-11-24T12:00:00Z", "24/11/2026 às 12:00 (UTC)", "24/11/2026 a las 12:00 (UTC)", "24 Nov 2026 at 12:00 (UTC)"},
		{"{v@time}", "amanhã", "amanhã", "amanhã", "amanhã"},

		{"{v@state}", campaign.Paused, "Pausada", "Pausada", "Paused"},
		{"{v@state}", []campaign.State{campaign.Draft, campaign.Active}, "Rascunho, Ativa", "Borrador, Activa", "Draft, Active"},
		{"{v@channel}", "voice, email", "Telefone, E-mail", "Teléfono, Correo electrónico", "Telephone, E-mail"},
		{"{v@country}", "BR", "Brasil", "Brasil", "Brazil"},
		{"{v@country}", "FR", "FR", "FR", "FR"}, // no text: its code
		{"{v@state}", campaign.State(""), "…", "…", "…"},
		{"{v@state}", 3, "3", "3", "3"},

		{"{v|um|vários}", 1, "um", "um", "um"},
		{"{v|um|vários}", 2, "vários", "vários", "vários"},
		{"{v|um|vários}", 0, "um", "vários", "vários"},
		{"{v|um|vários}", 1.5, "um", "vários", "vários"},
		{"{v|um|vários}", "1", "um", "um", "um"},
		{"{v|um|vários}", "muitos", "vários", "vários", "vários"},

		{"a[ e {v}]", "b", "a e b", "a e b", "a e b"},
		{"a[ e {v}]", 0, "a e 0", "a e 0", "a e 0"},
		{"a[ e {v}]", nil, "a", "a", "a"},
		{"a[ e {v}]", "", "a", "a", "a"},
		{"a[ e {v}]", []string{}, "a", "a", "a"},
		{"a[ e {v}]", campaign.State(""), "a", "a", "a"},
		{"a[ e {v}, {other}]", 1, "a", "a", "a"},
		{"{{{{{v}}}}} [[x]]", "v", "{{v}} [x]", "{{v}} [x]", "{{v}} [x]"},
	} {
		for l, want := range map[locale.Language]string{locale.Portuguese: c.pt, locale.Spanish: c.es, locale.English: c.en} {
			got, err := locale.Render(l, c.text, map[string]any{"v": c.value})
			if err != nil || got != want {
				t.Errorf("%s: %s of %v (%T) is %q, %v, want %q", l, c.text, c.value, c.value, got, err, want)
			}
		}
	}
}

func TestTextsThatAreWrong(t *testing.T) {
	for _, text := range []string{"{", "}", "[", "]", "{v", "v}", "[{v}", "{v}]", "[a[b]]", "{}", "{v|one}", "{v|a|b|c}", "{V}", "{a b}", "{@state}", "{|a|b}"} {
		if got, err := locale.Render(locale.English, text, nil); err == nil {
			t.Errorf("%q was taken, as %q", text, got)
		}
	}
}

// FuzzRender: a text that is taken says something of whatever it is given, and loses no words.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{"a {v} b", "[{v@time}]{n|a|b}", "{{}}[[]]", "{v@amount}{v@size}{v@state}", "[", "{v|"} {
		f.Add(seed, "2026-11-24T09:00:00-03:00", 1.5)
	}
	f.Fuzz(func(t *testing.T, text, v string, n float64) {
		for _, l := range locale.Languages() {
			got, err := locale.Render(l, text, map[string]any{"v": v, "n": n})
			if err == nil && !strings.ContainsAny(text, "{}[]") && got != text {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}
