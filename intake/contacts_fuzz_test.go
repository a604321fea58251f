package intake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"campanario/agent"
	"campanario/audience"
	"campanario/internal/fault"
	"campanario/internal/xlsx"
)

// sound holds what is true of every contact and refusal that a reader gives.
func sound(t *testing.T, p Person, bad *Refusal) {
	t.Helper()
	if bad != nil {
		if bad.Error == nil || bad.Error.Kind != fault.Invalid || bad.Line < 1 {
			t.Fatalf("a refusal of line %d: %v", bad.Line, bad.Error)
		}
		for _, c := range append(bad.Cells, bad.Column) {
			if !utf8.ValidString(c) {
				t.Fatalf("a refusal says %q", c)
			}
		}
		return
	}
	c := p.Contact
	if p.Line < 1 || len(c.Reaches) == 0 || len(c.Reaches) > mostReaches || len(c.Attributes) > mostAttributes {
		t.Fatalf("line %d: %d addresses, %d attributes", p.Line, len(c.Reaches), len(c.Attributes))
	}
	texts := append([]string{c.Name, c.ExternalID, c.City, c.State, c.Location, c.Zone, c.Language}, slices.Concat(c.Tags, c.Segments, c.Portfolios)...)
	for name, value := range c.Attributes {
		if name != agent.Key(name) || reserved(name) || len(name) > longestAttribute || len(value) > longestAttributeValue {
			t.Fatalf("attribute %q with %d bytes", name, len(value))
		}
		texts = append(texts, value)
	}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > longestAttributeValue {
			t.Fatalf("a text %q cannot be stored", s)
		}
	}
	for _, r := range c.Reaches {
		again, bad := address(string(r.Address), Options{Kind: anyKind})
		if bad != nil || again != r.Address || strings.ContainsRune(string(r.Address), '@') != (r.Kind == audience.ByEmail) {
			t.Fatalf("%s %s is read as %s (%v)", r.Kind, r.Address, again, bad)
		}
	}
	if c.Document != "" {
		if d, err := audience.Document(c.Document); err != nil || d != c.Document {
			t.Fatalf("document %s is read as %s (%v)", c.Document, d, err)
		}
	}
}

// readSound reads a file whole and says what came of it.
func readSound(t *testing.T, in []byte, o ContactOptions) (told []string) {
	t.Helper()
	r, err := NewContactReader(bytes.NewReader(in), o)
	if err != nil {
		if len(fault.All(err)) == 0 {
			t.Fatalf("not a fault: %v", err)
		}
		return []string{err.Error()}
	}
	line := 0
	for {
		p, bad, err := r.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) && len(fault.All(err)) == 0 {
				t.Fatalf("not a fault: %v", err)
			}
			break
		}
		sound(t, p, bad)
		at := p.Line
		if bad != nil {
			at = bad.Line
		}
		if at < line {
			t.Fatalf("line %d after line %d", at, line)
		}
		line = at
		row := toldOf(p, bad)
		told = append(told, marshal(t, row))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return told
}

// FuzzContacts holds that whatever a text is, contacts are sound, and that what Suggest says of its columns, given back as
// the mapping, gives the same.
func FuzzContacts(f *testing.F) {
	paths, err := filepath.Glob("testdata/contacts/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		if in, err := os.ReadFile(path); err == nil && strings.Count(filepath.Base(path), ".") == 1 {
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, layout := range Layouts()[:4] {
			readSound(t, in, ContactOptions{Country: "BR", Layout: layout, Strict: len(in)%2 == 0})
		}
		s, err := Suggest(bytes.NewReader(in))
		if err != nil || s.Layout != LayoutMapped || s.Format != CSV {
			return
		}
		o := ContactOptions{Country: "BR", Layout: LayoutMapped}
		for _, c := range s.Columns {
			o.Columns = append(o.Columns, c.Mapped)
		}
		found := readSound(t, in, ContactOptions{Country: "BR"})
		if given := readSound(t, in, o); !cmp.Equal(found, given) {
			t.Fatalf("as it is found:\n%s\nas it is mapped:\n%s", found, given)
		}
	})
}

// FuzzWorkbook puts rows of any XML into a workbook, and reads any bytes as one.
func FuzzWorkbook(f *testing.F) {
	f.Add(cellsOf(1, "nome", "telefone")+cellsOf(2, "Ana", "11987654321"), "<si><t>a</t></si>", "dd/mm/yyyy", []byte("PK\x03\x04"))
	f.Add(`<row><c r="XFD1" t="s"><v>0</v></c><c><v>1E400</v></c></row>`, "<si><r><t>a</t></r></si><si/>", "0.00E+00", []byte("PK\x05\x06"))
	f.Add(`<row r="9999999"><c r="A1" s="1"><f>A1</f><v>5511990000000</v></c></row><row r="1"/>`, "<![CDATA[x]]>", `[$-416]d" de "mmmm`, []byte{})
	f.Add(`<row><c t="inlineStr"><is><t>_x0000_&#0;&#x41;&bad;</t></is></c><c t="e"><v>#N/A</v></c>`, "<!--", "", []byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, rows, phrases, format string, raw []byte) {
		b := bookOf{sheets: []string{rows}, strings: []string{phrases}, styles: []int{164, 14, 20}, formats: `<numFmt numFmtId="164" formatCode="` + xlsx.Escape(format) + `"/>`}
		in := b.bytes(t)
		for _, layout := range []Layout{LayoutAuto, LayoutR} {
			readSound(t, in, ContactOptions{Country: "BR", Layout: layout})
		}
		readSound(t, append([]byte("PK\x03\x04"), raw...), ContactOptions{})
		if n := len(raw); n > 1 { // the same workbook with a few bytes changed
			for i, c := range raw[:n-1] {
				in[(int(raw[n-1])*256+i*7)%len(in)] ^= c
			}
			readSound(t, in, ContactOptions{Country: "BR"})
		}
	})
}

// FuzzMarkup holds that we cut XML into the elements that encoding/xml finds, where that takes it.
func FuzzMarkup(f *testing.F) {
	for _, s := range []string{
		`<a b="c>d">e</a>`, `<x:a><!-- <b> --><![CDATA[<c>]]></x:a>`, `<?xml version="1.0"?><a/>`, "<a\n b='\"'/>", `<a>&amp;&#65;</a>`, `<a b = "1" c= '2'></a >`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want []string
		d := xml.NewDecoder(strings.NewReader(s))
		for {
			tok, err := d.RawToken()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				want = nil
				break
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				want = append(want, tok.Name.Local)
			case xml.EndElement:
				want = append(want, "/"+tok.Name.Local)
			case xml.Directive:
				return // refused
			}
		}
		var got []string
		m := newMarkup(strings.NewReader(s), 1<<16)
		m.keep = true
		for {
			err := m.next()
			if err != nil {
				if want != nil && !errors.Is(err, io.EOF) {
					t.Fatalf("%q: %v", s, err)
				}
				break
			}
			_ = unescaped(nil, m.text)
			for _, name := range []string{"r", ":id"} {
				_ = m.attr(name)
			}
			switch {
			case m.closing:
				got = append(got, "/"+m.name)
			case m.empty:
				got = append(got, m.name, "/"+m.name)
			default:
				got = append(got, m.name)
			}
		}
		if want != nil && !cmp.Equal(got, want) {
			t.Fatalf("%q is cut into %q, encoding/xml says %q", s, got, want)
		}
	})
}

// FuzzMapping holds that whatever columns are called, their attributes have keys of their own that an attribute may have.
func FuzzMapping(f *testing.F) {
	f.Add("Nome;Telefone;obs;obs;Obs.", "variable,phone,variable,variable,variable")
	f.Add("contact;id;first_name;unsubscribe_url;", "variable,variable,variable,variable,contact")
	f.Add(strings.Repeat("ã", 100)+";"+strings.Repeat("ã", 101), "name,name")
	f.Fuzz(func(t *testing.T, header, fields string) {
		names := strings.Split(strings.ToValidUTF8(header, ""), ";")
		names = names[:min(len(names), bounds("").MaxColumns)]
		var m []Mapped
		for i, field := range strings.Split(fields, ",") {
			if i < len(names) {
				m = append(m, Mapped{Column: names[i], Field: Field(field)})
			}
		}
		chosen, bad := mapped(names, m)
		for _, b := range bad {
			if b.Kind != fault.Invalid || b.Field != "columns" {
				t.Fatalf("%v", b)
			}
		}
		s := &sample{kind: anyKind, options: bounds("BR"), rows: [][]string{names, names}}
		for _, list := range [][]want{chosen, suggested(names, s)} {
			used := map[string]bool{}
			once := map[Field]bool{}
			for _, w := range list {
				if w.field == FieldVariable {
					if used[w.key] || w.key == "" || reserved(w.key) || len(w.key) > longestAttribute || !utf8.ValidString(w.key) {
						t.Fatalf("column %q has the key %q", w.name, w.key)
					}
					used[w.key] = true
				}
				if len(bad) == 0 && !w.field.many() && once[w.field] {
					t.Fatalf("two columns are %s", w.field)
				}
				once[w.field] = true
			}
		}
	})
}
