package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"Ana":                 "Ana",
		"a=b":                 "a=b",
		"=1+1":                "'=1+1",
		"+5511987654321":      "'+5511987654321",
		"+1+cmd|' /C calc'!A": "'+1+cmd|' /C calc'!A",
		"@SUM(A1)":            "'@SUM(A1)",
		"-1+1":                "'-1+1",
		"-12.5":               "-12.5",
		"-12,50":              "-12,50",
		"-5":                  "-5",
		"-":                   "'-",
		"--5":                 "'--5",
		"-1.2.3":              "'-1.2.3",
		"-123456789012345678": "'-123456789012345678",
		"12":                  "12",
		"\t=1":                "'\t=1",
		"\tx":                 "'\tx",
		"\r=1":                "'\r=1",
		"\n@x":                "'\n@x",
		" =1":                 "' =1",
		"\u00a0=1":            "'\u00a0=1",
		"\u200b=1":            "'\u200b=1",
		"＝1+1":                "'＝1+1",
		"＋55":                 "'＋55",
		"'Ana":                "'Ana",
		"'=1":                 "''=1",
		"''=1":                "'''=1",
		"ana@example.com":     "ana@example.com",
		"\x00=1":              "'\x00=1",
	} {
		if got := Safe(in); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
		if got := Unsafe(want); got != in {
			t.Errorf("%q is read %q, want %q", want, got, in)
		}
	}
}

// runs reports whether a spreadsheet may run a cell: the plain rule of those who look for it.
func runs(cell string) bool {
	trimmed := strings.TrimLeft(cell, " \t\r\n\x00\u00a0\u200b\ufeff")
	if strings.HasPrefix(trimmed, "-") {
		return trimmed != cell || strings.Trim(cell[1:], "0123456789.,") != "" || cell == "-"
	}
	return strings.HasPrefix(trimmed, "=") || strings.HasPrefix(trimmed, "+") || strings.HasPrefix(trimmed, "@") ||
		cell != "" && strings.Contains("\t\r", cell[:1])
}

func FuzzSafe(f *testing.F) {
	for _, s := range []string{"=1", "'=1", "-5", "- 5", "\t", "\ufeff=1", "ａ", "\xff=", "'", "''", "＝", "-.5", "-5."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := Safe(s)
		if runs(cell) {
			t.Fatalf("%q is written %q, which runs", s, cell)
		}
		if got := Unsafe(cell); got != s {
			t.Fatalf("%q is written %q and read %q", s, cell, got)
		}
	})
}

// TestReportReadsBack writes rows as a report does and reads them with encoding/csv and as an import: the values are the
// same.
func TestReportReadsBack(t *testing.T) {
	value := rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune("ab=+-@'\"\t\n ,;çã０＝1.")), 0, 10, -1),
		rapid.SampledFrom([]string{"=1+1", "+5511987654321", "-12.5", "-a", "@x", "'=x", "", "R$ 1.234,56", `="x"`}),
	)
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ';'}).Draw(t, "delimiter")
		var b bytes.Buffer
		w, err := NewWriter(&b, delimiter)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write("contact", "name", "one", "two"); err != nil {
			t.Fatal(err)
		}
		var want [][]string
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			row := []string{"+5511987654321", "Ana", value.Draw(t, "one"), value.Draw(t, "two")}
			want = append(want, row)
			if err := w.Write(row...); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimPrefix(b.String(), "\ufeff")
		plain := csv.NewReader(strings.NewReader(text))
		plain.Comma = delimiter
		records, err := plain.ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for i, row := range want {
			var got []string
			for _, cell := range records[i+1] {
				if runs(cell) {
					t.Fatalf("%q runs", cell)
				}
				got = append(got, Unsafe(cell))
			}
			if !slices.Equal(got, row) {
				t.Fatalf("%q, want %q", got, row)
			}
		}
		r, err := NewReader(&b, voice)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range want {
			got, bad, err := r.Read()
			if err != nil || bad != nil {
				t.Fatalf("%v %v", bad, err)
			}
			if string(got.Addresses[0]) != row[0] || got.Name != row[1] || got.Variables["one"] != tidy(row[2]) || got.Variables["two"] != tidy(row[3]) {
				t.Fatalf("%+v, want %q", got, row)
			}
		}
		if _, _, err := r.Read(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
}

func BenchmarkSafe(b *testing.B) {
	for b.Loop() {
		Safe("Ana Paula de Souza")
		Safe("+5511987654321")
	}
}
