package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"campanario/internal/fault"
	"campanario/internal/locale"
)

// allOf reads a file to its end.
func allOf(t testing.TB, in io.Reader, o ContactOptions) ([]Person, []Refusal) {
	t.Helper()
	r, err := NewContactReader(in, o)
	if err != nil {
		t.Fatal(err)
	}
	var people []Person
	var refused []Refusal
	for {
		p, bad, err := r.Read()
		switch {
		case errors.Is(err, io.EOF), fault.Is(err, "file_no_rows"):
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			return people, refused
		case err != nil:
			t.Fatal(err)
		case bad != nil:
			refused = append(refused, *bad)
		default:
			people = append(people, p)
		}
	}
}

// endless is a file without end.
type endless struct {
	head string
	row  func(n int) string
	n    int
	rest string
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.rest = e.head; e.n > 0 {
			e.rest = e.row(e.n)
		}
		e.n++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	e.read += n
	return n, nil
}

// TestReadsAheadLittle: however long a file is, little of it is held, and who stops in the middle leaves nothing behind.
func TestReadsAheadLittle(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, e := range []*endless{
		{head: "nome;telefone\n", row: func(n int) string { return fmt.Sprintf("Ana %d;119876%05d\n", n, n%100_000) }},
		{head: "11987654321\n", row: func(n int) string { return fmt.Sprintf("119876%05d\n", n%100_000) }},
		{head: "{\"contact\":\"11987654321\"}\n", row: func(n int) string { return fmt.Sprintf("{\"contact\":\"119876%05d\"}\n", n%100_000) }},
		{head: "[{\"contact\":\"11987654321\"}", row: func(n int) string { return fmt.Sprintf(",{\"contact\":\"119876%05d\"}", n%100_000) }},
	} {
		r, err := NewContactReader(e, ContactOptions{Country: "BR"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2000 {
			if _, bad, err := r.Read(); bad != nil || err != nil {
				t.Fatal(bad, err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if e.read > 8<<20 {
			t.Errorf("%d bytes were read for 2,000 rows", e.read)
		}
		if _, _, err := r.Read(); err == nil {
			t.Error("a closed reader gives rows")
		}
		if err := r.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	}
}

// TestOrder: contacts are made by several goroutines, and come in the order of the file.
func TestOrder(t *testing.T) {
	var b strings.Builder
	b.WriteString("nome;telefone\n")
	const n = 20_000
	for i := range n {
		if i%7 == 3 {
			fmt.Fprintf(&b, "x;%d\n", i)
		} else {
			fmt.Fprintf(&b, "%d;119876%05d\n", i, i)
		}
	}
	r, err := NewContactReader(strings.NewReader(b.String()), ContactOptions{Country: "BR"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		p, bad, err := r.Read()
		switch {
		case err != nil:
			t.Fatal(err)
		case (bad != nil) != (i%7 == 3), bad == nil && (p.Line != i+2 || p.Contact.Name != fmt.Sprint(i)), bad != nil && (bad.Line != i+2 || bad.Cells[1] != fmt.Sprint(i)):
			t.Fatalf("row %d: %+v, %+v", i, p, bad)
		}
	}
	if _, _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestFailureOfTheFile: what fails below stays what it is, behind the rows that came before it.
func TestFailureOfTheFile(t *testing.T) {
	broken := errors.New("the disk is gone")
	long := "nome;telefone\n" + strings.Repeat("Ana;11987654321\n", 10_000)
	r, err := NewContactReader(io.MultiReader(strings.NewReader(long), failing{broken}), ContactOptions{Country: "BR"})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for err == nil {
		if _, _, err = r.Read(); err == nil {
			rows++
		}
	}
	if !errors.Is(err, broken) || rows != 10_000 {
		t.Errorf("%d rows, then %v", rows, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for _, head := range []string{"", "PK\x03\x04", "\x1f\x8b"} {
		if _, err := NewContactReader(io.MultiReader(strings.NewReader(head), failing{broken}), ContactOptions{}); !errors.Is(err, broken) {
			t.Errorf("after %q: %v", head, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestTemporaryFiles: what a workbook is kept in goes with its reader, also when it cannot be read.
func TestTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, in := range workbooks(t) {
		if _, err := Suggest(bytes.NewReader(in)); err != nil && len(fault.All(err)) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if r, err := NewContactReader(bytes.NewReader(in), ContactOptions{Country: "BR"}); err == nil {
			_, _, _ = r.Read()
			if err := r.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("%d files were left: %v", len(left), err)
	}
}

// TestSharedTextsOnDisk: more shared texts than are held in memory are found in their file.
func TestSharedTextsOnDisk(t *testing.T) {
	p := &phrases{}
	defer p.close()
	text := func(i int) string { return strings.Repeat(fmt.Sprint(i, " "), 200) }
	const n = 40_000
	for i := range n {
		p.text = append(p.text, text(i)...)
		if err := p.end(); err != nil {
			t.Fatal(err)
		}
	}
	if p.file == nil || len(p.text) > phrasesInMemory {
		t.Fatalf("%d bytes are in memory", len(p.text))
	}
	for i := 0; i < n; i += 97 {
		if got, err := p.get(i); err != nil || string(got) != text(i) {
			t.Fatalf("%d: %.20q, %v", i, got, err)
		}
	}
	if _, err := p.get(n); err == nil {
		t.Error("there is one too many")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	many := make([]string, mostTags+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, tt := range []struct {
		o         ContactOptions
		at, field string
	}{
		{ContactOptions{Layout: "x"}, "layout", "not_one_of"},
		{ContactOptions{Tags: many}, "tags", "too_many"},
		{ContactOptions{Segments: []string{strings.Repeat("x", longestTag+1)}}, "segments", "field_too_long"},
	} {
		_, err := NewContactReader(strings.NewReader("telefone\n11987654321\n"), tt.o)
		if bad := fault.All(err); len(bad) != 1 || bad[0].Field != tt.at || bad[0].Code != tt.field {
			t.Errorf("%+v: %v", tt.o, err)
		}
	}
}

// TestTemplates: what is handed out to be filled in can be read, in every language, and nothing in it is misunderstood.
func TestTemplates(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, f := range []Format{CSV, XLSX} {
			for layout, rows := range map[Layout]int{LayoutR: 4, LayoutA: 2, LayoutList: 3, LayoutMapped: 3} {
				t.Run(fmt.Sprintf("%s %s %s", l, f, layout), func(t *testing.T) {
					var b bytes.Buffer
					if err := Template(&b, layout, f, l); err != nil {
						t.Fatal(err)
					}
					in := b.Bytes()
					s, err := Suggest(bytes.NewReader(in))
					if err != nil {
						t.Fatal(err)
					}
					if (layout == LayoutR || layout == LayoutA) && s.Layout != layout {
						t.Errorf("it is taken for layout %q", s.Layout)
					}
					for _, c := range s.Columns {
						if c.Field == FieldVariable && layout != LayoutR {
							t.Errorf("column %q is not understood", c.Column)
						}
					}
					o := ContactOptions{Country: "BR", Strict: true}
					if layout != LayoutMapped && (layout != LayoutList || f == CSV) {
						o.Layout = layout
					}
					people, refused := allOf(t, bytes.NewReader(in), o)
					if len(people) != rows || len(refused) > 0 {
						t.Errorf("%d contacts, refused %v", len(people), refused)
					}
				})
			}
		}
	}
	var b bytes.Buffer
	if err := Template(&b, LayoutAuto, CSV, locale.Portuguese); !fault.Is(err, "not_one_of") {
		t.Errorf("no layout: %v", err)
	}
	if err := Template(&b, LayoutR, JSON, locale.Portuguese); !fault.Is(err, "not_one_of") {
		t.Errorf("a format that is none: %v", err)
	}
}

// TestRefusedComeBack: refused rows are written with their cells and why, nothing in them runs, and the same rows are
// refused for the same when the file comes back as it is.
func TestRefusedComeBack(t *testing.T) {
	for _, file := range []string{"r-phones.csv", "r-formula.csv", "r-documents.csv", "r-windows-1252.csv", "auto-formula.csv", "auto-words-wrong.csv", "auto-several.csv"} {
		in, err := os.ReadFile("testdata/contacts/" + file)
		if err != nil {
			t.Fatal(err)
		}
		o := optionsOf(file)
		r, err := NewContactReader(bytes.NewReader(in), o)
		if err != nil {
			t.Fatal(err)
		}
		header := r.Header()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		_, refused := allOf(t, bytes.NewReader(in), o)
		for _, l := range locale.Languages() {
			for _, f := range []Format{CSV, XLSX} {
				var b bytes.Buffer
				if err := WriteRefused(&b, f, header, seqOf(refused), l); err != nil {
					t.Fatal(err)
				}
				if f == CSV {
					for line := range strings.SplitSeq(b.String(), "\n") {
						for cell := range strings.SplitSeq(strings.TrimPrefix(line, "\ufeff"), ";") {
							if cell != "" && strings.ContainsRune("=+@", rune(cell[0])) {
								t.Errorf("%s: %q would run", file, cell)
							}
						}
					}
				}
				_, again := allOf(t, &b, o)
				if diff := cmp.Diff(codesOf(refused), codesOf(again)); diff != "" {
					t.Errorf("%s as %s in %s (-first +again):\n%s", file, f, l, diff)
				}
			}
		}
	}
}

func seqOf(list []Refusal) iter.Seq2[Refusal, error] {
	return func(yield func(Refusal, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func codesOf(list []Refusal) []string {
	out := []string{}
	for _, r := range list {
		out = append(out, r.Column+": "+r.Error.Code)
	}
	return out
}

func TestRefusedSaysWhy(t *testing.T) {
	list := []Refusal{
		{Line: 3, Column: "telefone", Error: invalid("phone_scientific", nil), Cells: []string{"Ana", "5,51199E+12", "", "", "sobra"}},
		{Line: 4, Error: invalid("quote_unclosed", nil), Cells: []string{"=1+1"}},
	}
	var b bytes.Buffer
	if err := WriteRefused(&b, CSV, []string{"nome", "telefone"}, seqOf(list), locale.Portuguese); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffnome;telefone;Linha no arquivo;Coluna recusada;Motivo da recusa\n" +
		"Ana;5,51199E+12;3;telefone;" + locale.Fault(locale.Portuguese, list[0].Error) + " [sobra]\n" +
		"'=1+1;;4;;" + locale.Fault(locale.Portuguese, list[1].Error) + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	broken := errors.New("the store is away")
	err := WriteRefused(io.Discard, CSV, nil, func(yield func(Refusal, error) bool) { yield(Refusal{}, broken) }, locale.English)
	if !errors.Is(err, broken) {
		t.Errorf("the failure of the rows: %v", err)
	}
}

// TestAFileBringsSoManyNamesAndValues: what would fill the index of a workspace is refused row by row, the rest is taken.
func TestAFileBringsSoManyNamesAndValues(t *testing.T) {
	var names, tags strings.Builder
	for i := range 12 {
		names.WriteString(`{"telefone":"11987654321"`)
		for j := range 50 {
			fmt.Fprintf(&names, `,"k%d":"x"`, i*50+j)
		}
		names.WriteString("}\n")
	}
	names.WriteString(`{"telefone":"11987654321","k0":"y"}` + "\n")
	tags.WriteString("telefone;tags\n")
	for i := range 1300 {
		tags.WriteString("11987654321;")
		for j := range 40 {
			fmt.Fprintf(&tags, "t%d,", i*40+j)
		}
		tags.WriteString("\n")
	}
	tags.WriteString("11987654321;T1\n11987654321;t1\n")
	for _, tt := range []struct {
		in, code, column string
		taken, refused   int
	}{
		{names.String(), "attributes_too_many", "", 11, 2},
		{tags.String(), "values_too_many", "tags", 1251, 51},
	} {
		r, err := NewContactReader(strings.NewReader(tt.in), ContactOptions{Country: "BR"})
		if err != nil {
			t.Fatal(err)
		}
		taken, refused := 0, 0
		for {
			_, bad, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if bad == nil {
				taken++
				continue
			}
			if refused++; bad.Error.Code != tt.code || tt.column != "" && bad.Column != tt.column || len(bad.Cells) == 0 {
				t.Fatalf("%+v", bad)
			}
		}
		if err := r.Close(); err != nil || taken != tt.taken || refused != tt.refused {
			t.Errorf("%s: %d taken, %d refused, %v", tt.code, taken, refused, err)
		}
	}
}
