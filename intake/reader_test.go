package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"campanario/agent"
	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

var voice = Options{Kind: channel.Voice, Country: "BR"}

// collect reads a file to its end and gives its rows, its refusals as "line code", and what ended it.
func collect(t testing.TB, in io.Reader, o Options) (rows []Row, bad []string, end error) {
	t.Helper()
	r, err := NewReader(in, o)
	if err != nil {
		return nil, nil, err
	}
	for {
		row, rej, err := r.Read()
		switch {
		case err != nil:
			if _, _, again := r.Read(); !errors.Is(again, err) {
				t.Errorf("after %v comes %v", err, again)
			}
			return rows, bad, err
		case rej != nil:
			bad = append(bad, fmt.Sprintf("%d %s", rej.Line, rej.Error.Code))
		default:
			rows = append(rows, row)
		}
	}
}

func TestBounds(t *testing.T) {
	const head = "nome,telefone\n"
	const good = "Ana,11987654321\n"
	tests := []struct {
		name, in string
		rows     int
		bad      []string
		end      string
	}{
		{"a header of a million columns", strings.Repeat("x,", 1_000_000) + "\n" + good, 0, nil, "columns_too_many"},
		{"a header of a thousand columns", "telefone," + strings.Repeat("x,", 1000) + "y\n" + good, 0, nil, "columns_too_many"},
		{"a row of a million columns", head + good + strings.Repeat("x,", 1_000_000) + "\n" + good, 2, []string{"3 row_too_long"}, ""},
		{"a row of a million empty columns", head + good + "Bia,11987654322" + strings.Repeat(",", 1_000_000) + "\n" + good, 2, []string{"3 row_too_wide"}, ""},
		{"a row of ten thousand columns", head + strings.Repeat("x,", 10_000) + "\n" + good, 1, []string{"2 row_too_wide"}, ""},
		{"a row without end", head + good + strings.Repeat("x", 3<<20), 1, []string{"3 row_too_long"}, ""},
		{"a cell too long", head + strings.Repeat("x", 70_000) + ",11987654321\n" + good, 1, []string{"2 field_too_long"}, ""},
		{"a quoted cell too long", head + `"` + strings.Repeat("x\n", 40_000) + "\",11987654321\n" + good, 1, []string{"2 field_too_long"}, ""},
		{"a quote before a megabyte", head + "\"Ana,11987654321\n" + strings.Repeat(good, 100_000), 100_000, []string{"2 quote_unclosed"}, ""},
		{"a quote on every line", head + strings.Repeat("\"Ana,11987654321\n", 50_000), 0, slices.Repeat([]string{"quote_unclosed"}, 50_000), ""},
		{"an address too long in a list", "11987654321\n" + strings.Repeat("1", 200_000) + "\n11987654322\n", 2, []string{"2 field_too_long"}, ""},
		{"a list in one line without end", strings.Repeat("11987654321,", 50_000), 50_000, nil, ""},
		{"an object too long", `{"contact":"11987654321"}` + "\n" + `{"contact":"` + strings.Repeat("1", 2<<20) + "\"}\n" + `{"contact":"11987654321"}` + "\n", 2, []string{"2 row_too_long"}, ""},
		{"an object too long in an array", `[{"contact":"11987654321"},{"contact":"` + strings.Repeat("1", 4<<20) + `"}]`, 1, nil, "row_too_long"},
		{"objects as deep as a well", `{"contact":"11987654321","context":` + strings.Repeat("[", 400_000) + "}\n", 0, []string{"1 json_invalid"}, ""},
		{"too many variables", `{"contact":"11987654321","variables":{` + manyMembers(600) + "}}\n", 0, []string{"1 too_many"}, ""},
		{"too many contacts", `{"contact":"11987654321","secondary_contacts":[` + strings.Repeat(`"11987654321",`, 20) + `"x"]}`, 0, []string{"1 too_many"}, ""},
		{"too many tags", "telefone,tags\n11987654321,\"" + manyTags(60) + "\"\n", 0, []string{"2 too_many"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, bad, err := collect(t, strings.NewReader(tt.in), voice)
			if len(rows) != tt.rows {
				t.Errorf("%d rows, want %d", len(rows), tt.rows)
			}
			if len(bad) != len(tt.bad) {
				t.Fatalf("%d refused, want %d: %.200v", len(bad), len(tt.bad), bad)
			}
			for i := range bad {
				if !strings.HasSuffix(bad[i], tt.bad[i]) {
					t.Fatalf("refused %s, want %s", bad[i], tt.bad[i])
				}
			}
			if tt.end == "" && !errors.Is(err, io.EOF) || tt.end != "" && !fault.Is(err, tt.end) {
				t.Errorf("ended by %v, want %q", err, tt.end)
			}
		})
	}
}

func manyMembers(n int) string {
	var m []string
	for i := range n {
		m = append(m, fmt.Sprintf(`"v%d":1`, i))
	}
	return strings.Join(m, ",")
}

func manyTags(n int) string {
	var m []string
	for i := range n {
		m = append(m, fmt.Sprintf("tag %d", i))
	}
	return strings.Join(m, ";")
}

func TestKindMustBeGiven(t *testing.T) {
	if _, err := NewReader(strings.NewReader("11987654321"), Options{}); fault.KindOf(err) != fault.Internal {
		t.Errorf("without a kind: %v", err)
	}
}

// TestReaderFails holds that an error of the stream comes out as it is, wherever it happens, after the rows before it.
func TestReaderFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, in := range map[string]string{
		"csv": "nome,telefone\nAna,11987654321\n", "list": "11987654321\n11987654322\n", "ndjson": `{"contact":"11987654321"}` + "\n", "json": `[{"contact":"11987654321"},`,
	} {
		for _, size := range []int{len(in), 3 * headSize} {
			t.Run(fmt.Sprintf("%s after %d bytes", name, size), func(t *testing.T) {
				body := strings.Repeat("\n", max(0, size-len(in)))
				_, _, err := collect(t, io.MultiReader(strings.NewReader(in+body), iotest.ErrReader(broken)), voice)
				if !errors.Is(err, broken) {
					t.Errorf("ended by %v", err)
				}
			})
		}
	}
}

// generated is a stream of rows that is never in memory as a whole.
type generated struct {
	row, rows int
	rest      []byte
}

func (g *generated) Read(p []byte) (int, error) {
	if len(g.rest) == 0 {
		if g.row == g.rows {
			return 0, io.EOF
		}
		g.rest = fmt.Appendf(g.rest[:0], "Ana Paula de Souza %d;11 9%04d-%04d;\"uma observação que é longa; e tem ponto e vírgula\";C-%d\r\n", g.row, g.row/10000%10000, g.row%10000, g.row)
		if g.row == 0 {
			g.rest = []byte("nome;telefone;obs;codigo\r\n")
		}
		g.row++
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// TestConstantMemory reads 35 MB of CSV and holds that the heap stays as it is after the first rows.
func TestConstantMemory(t *testing.T) {
	const rows = 300_000
	r, err := NewReader(&generated{rows: rows + 1}, voice)
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var first, most uint64
	for i := range rows {
		row, bad, err := r.Read()
		if err != nil || bad != nil || row.Line != i+2 {
			t.Fatalf("row %d: %+v %v %v", i, row, bad, err)
		}
		if i == 1000 {
			first = heap()
		} else if i%60_000 == 0 {
			most = max(most, heap())
		}
	}
	if _, _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if most > first+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", first, most)
	}
}

// TestScannerAgainstLibrary writes records with encoding/csv and holds that the scanner reads what was written, in
// whatever pieces it comes.
func TestScannerAgainstLibrary(t *testing.T) {
	cell := rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom([]rune("ab\" ,;\n\tçã'=")), 0, 12, -1),
		rapid.SampledFrom([]string{"", "x", `"`, `""`, "\n", "a\nb", `a"b`, " "}),
	)
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "delimiter")
		width := rapid.IntRange(1, 4).Draw(t, "width")
		var want [][]string
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = delimiter
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			row := rapid.SliceOfN(cell, width, width).Draw(t, "row")
			if strings.TrimSpace(strings.Join(row, "")) == "" {
				row[0] = "z" // rows without anything are passed over
			}
			if strings.HasPrefix(row[0], " ") || strings.ContainsAny(row[0], "\t") {
				row[0] = "z"
			}
			for i := range row {
				// A quote after spaces opens a quoted cell for us and not for the library, which quotes what begins with a
				// space anyway; a tab before it does not.
				row[i] = strings.TrimLeft(row[i], "\t")
			}
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
			want = append(want, slices.Clone(row))
		}
		w.Flush()
		text := b.Bytes()
		for _, step := range []int{len(text), 1, 3} {
			s := newScanner(&slow{in: text, step: step}, byte(delimiter), '\n', Options{}.withDefaults())
			for i, row := range want {
				rec, err := s.next()
				if err != nil {
					t.Fatalf("%q: row %d: %v", text, i, err)
				}
				var got []string
				for j := range rec.cells {
					got = append(got, string(rec.cell(j)))
				}
				if !slices.Equal(got, row) {
					t.Fatalf("%q in steps of %d: row %d is %q, want %q", text, step, i, got, row)
				}
			}
			if rec, err := s.next(); !errors.Is(err, io.EOF) {
				t.Fatalf("%q: one more: %v %v", text, rec, err)
			}
		}
	})
}

// TestOneBadRowCostsOneRow puts one row with a stray quote among good ones, and holds that the good ones are all read.
func TestOneBadRowCostsOneRow(t *testing.T) {
	bad := rapid.SampledFrom([]string{
		`"Zé,11987654320,x`, `Zé,"11987654320,x`, `Zé,11987654320,"x`, `"Zé" x,11987654320,x"`, `Zé,11987654320,"x""`, `"`, `"",",`,
		`"Zé",11987654320,"x" y`,
	})
	good := []string{`Ana,11987654321,obs`, `"Bia, a outra",11987654322,"com ""aspas"""`, "Caio,11987654323,\"duas\nlinhas\"", `Davi "o" Davi,11987654324,`}
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfN(rapid.SampledFrom(good), 1, 5).Draw(t, "before")
		after := rapid.SliceOfN(rapid.SampledFrom(good[:2]), 1, 5).Draw(t, "after")
		rows := slices.Concat([]string{"nome,telefone,obs"}, before, []string{bad.Draw(t, "bad")}, after)
		r, err := NewReader(strings.NewReader(strings.Join(rows, "\n")), voice)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for {
			row, _, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.Name != "" && row.Addresses[0] != "+5511987654320" {
				n++
			}
		}
		if n != len(before)+len(after) {
			t.Fatalf("%d good rows read of %d:\n%s", n, len(before)+len(after), strings.Join(rows, "\n"))
		}
	})
}

func TestSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, want := newSeen(), map[channel.Address]int{}
		for i := range rapid.IntRange(0, 3000).Draw(t, "n") {
			a := channel.Address(fmt.Sprintf("+55119%08d", rapid.IntRange(0, 4000).Draw(t, "number")))
			if i%3 == 0 {
				a = channel.Address(fmt.Sprintf("a%d@example.com", rapid.IntRange(0, 500).Draw(t, "mailbox")))
			}
			if got := s.before(a, i+1); got != want[a] {
				t.Fatalf("%s: line %d, want %d", a, got, want[a])
			}
			if want[a] == 0 {
				want[a] = i + 1
			}
		}
	})
	s := newSeen()
	s.before("Ana@example.com", 1)
	if s.before("ana@example.com", 2) != 1 || s.before("+1", 3) != 0 || s.before("+10", 4) != 0 {
		t.Error("capitals make a mailbox another, or two numbers are one")
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"pt-BR": "pt-BR", "pt_br": "pt-BR", "PT": "pt", "es-419": "es-419", "zh-hans-cn": "zh-Hans-CN", "english": "", "p": "", "pt--BR": "", "pt BR": "", "12": "", "pt-BR-x-" + strings.Repeat("a", 40): "",
	} {
		if got, ok := language(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q (%v), want %q", in, got, ok, want)
		}
	}
}

// checkRow holds what is true of every row, whatever the file.
func checkRow(t *testing.T, row Row, o Options) {
	t.Helper()
	if len(row.Addresses) == 0 || len(row.Addresses) > mostAddresses || !row.Priority.Valid() || row.Priority == "" {
		t.Fatalf("row %+v", row)
	}
	for i, a := range row.Addresses {
		again, err := audience.Phone(string(a), "")
		if o.Kind == channel.Email {
			again, err = audience.Mailbox(string(a))
		}
		if err != nil || again != a || slices.Index(row.Addresses, a) != i {
			t.Fatalf("address %q: %q (%v)", a, again, err)
		}
	}
	texts := slices.Concat([]string{row.Name, row.ExternalID}, row.Tags)
	for key, v := range row.Variables {
		if key == "" || agent.Key(key) != key || v == "" {
			t.Fatalf("variable %q = %q", key, v)
		}
		texts = append(texts, v)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Fatalf("text %q", s)
		}
	}
	if formula(row.Name) || formula(row.ExternalID) || len(row.Name) > longestName || len(row.ExternalID) > longestID {
		t.Fatalf("name %q, id %q", row.Name, row.ExternalID)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"nome,telefone\nAna,11987654321\n", "11987654321;11987654322", `{"contact":"11987654321"}`, `[{"contact":"11987654321"}]`, "\ufeffnome;telefone\r\n",
		"\xff\xfen\x00o\x00m\x00e\x00", "a\"b,\"c\n", "sep=;\nx;y\n", "telefone\n\"11987654321\n\"", "nome,telefone\r\"a\rb\",1\r", "=1+1,11987654321,{\"a\":1}", "\x00\x00\x00",
		"PK\x03\x04", "\x1f\x8b\x08", "ana@example.com, \"Bia, x\" <bia@example.com>", "nome,ddd,telefone\nA,11,987654321", "[", "{", "\"", "'=x,'+5511987654321",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, mail bool) {
		o := Options{Kind: channel.Voice, Country: "BR", Duplicates: true, MaxColumns: 20, MaxField: 200, MaxRow: 1000}
		if mail {
			o.Kind = channel.Email
		}
		r, err := NewReader(bytes.NewReader(in), o)
		if err != nil {
			if len(fault.All(err)) != 1 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		line := 0
		for n := 0; ; n++ {
			row, bad, err := r.Read()
			if err != nil {
				if !errors.Is(err, io.EOF) && len(fault.All(err)) != 1 {
					t.Fatalf("ended by %v", err)
				}
				break
			}
			at := row.Line
			if bad != nil {
				at = bad.Line
				if bad.Error == nil || bad.Error.Kind != fault.Invalid {
					t.Fatalf("refused by %v", bad.Error)
				}
			} else {
				checkRow(t, row, o)
			}
			packed := bytes.HasPrefix(in, []byte("\x1f\x8b")) || bytes.HasPrefix(in, []byte("PK"))
			if at < line || at < 1 || n > len(in) && !packed {
				t.Fatalf("line %d after line %d, row %d of %d bytes", at, line, n, len(in))
			}
			line = at
		}
		if got, again := describe(bytes.NewReader(in), o), describe(&slow{in: in, step: 3}, o); got != again {
			t.Fatalf("at once:\n%s\nin pieces:\n%s", got, again)
		}
	})
}

func FuzzObject(f *testing.F) {
	for _, s := range []string{
		`{"contact":"11987654321","name":"Ana","tags":["a"],"variables":{"x":1.50,"y":[{}]},"context":"t"}`, `{"contact":11987654321}`, `{"contact":"1","contact":"2"}`,
		`{"contact":"11987654321","context":{"A b":null,"a_b":2}}`, `{}`, `null`, `[]`, `"x"`, `{"contact":"11987654321","id":1e5}`, `{"contact":"11987654321","tags":{}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		row, bad := objectRow(1, b, voice.withDefaults())
		if bad == nil {
			checkRow(t, row, voice)
		} else if bad.Error == nil || bad.Error.Kind != fault.Invalid || bad.Line != 1 {
			t.Fatalf("refused with %+v", bad)
		}
	})
}
