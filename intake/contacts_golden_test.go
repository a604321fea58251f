package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campanario/internal/fault"
	"campanario/internal/locale"
)

// told is what a file of contacts gives, as testdata/contacts/NAME.json holds it.
type told struct {
	Suggestion *Suggestion     `json:"suggestion,omitempty"`
	Options    *ContactOptions `json:"options"`
	Header     []string        `json:"header,omitempty"`
	Refused    []toldFault     `json:"refused,omitempty"` // the whole file
	Rows       []toldRow       `json:"rows,omitempty"`
	EndedBy    []toldFault     `json:"ended_by,omitempty"`
}

type toldFault struct {
	At     string       `json:"at,omitempty"`
	Code   string       `json:"code"`
	Params fault.Params `json:"params,omitempty"`
	Text   string       `json:"text"`
}

type toldRow struct {
	Line    int            `json:"line"`
	Contact map[string]any `json:"contact,omitempty"`
	Without []toldFault    `json:"without,omitempty"`
	Refused *toldFault     `json:"refused,omitempty"`
	Cells   []string       `json:"cells,omitempty"`
}

// contactOptions are those of files that are not read as they are found, by the beginning of their names.
var contactOptions = []struct {
	prefix string
	o      ContactOptions
}{
	{"r-strict", ContactOptions{Layout: LayoutR, Strict: true}},
	{"r-sheet-named", ContactOptions{Layout: LayoutR, Sheet: "Plan1"}},
	{"r-", ContactOptions{Layout: LayoutR}},
	{"a-", ContactOptions{Layout: LayoutA, Country: "BR"}},
	{"list-", ContactOptions{Layout: LayoutList, Country: "BR"}},
	{"strict-", ContactOptions{Strict: true, Country: "BR"}},
	{"defaults", ContactOptions{Country: "BR", Tags: []string{"vip", "novo"}, Segments: []string{"varejo"}, Portfolios: []string{"A"}}},
	{"country-mx", ContactOptions{Country: "MX"}},
	{"country-none", ContactOptions{}},
	{"book-sheet-unknown", ContactOptions{Country: "BR", Sheet: "Plan9"}},
	{"book-second-sheet", ContactOptions{Country: "BR", Sheet: "base"}},
	{"mapped-by-number", ContactOptions{Country: "BR", Layout: LayoutMapped, Columns: []Mapped{
		{Column: "1", Field: FieldName}, {Column: "2", Field: FieldPhone}, {Column: "3", Field: FieldDocument},
	}}},
	{"mapped-wrong", ContactOptions{Country: "BR", Layout: LayoutMapped, Columns: []Mapped{
		{Column: "A", Field: FieldName}, {Column: "B", Field: FieldName}, {Column: "Z", Field: FieldPhone}, {Column: "A", Field: "nothing"},
	}}},
	{"mapped-no-address", ContactOptions{Country: "BR", Layout: LayoutMapped, Columns: []Mapped{{Column: "A", Field: FieldName}}}},
	{"mapped.json", ContactOptions{Country: "BR", Layout: LayoutMapped, Columns: []Mapped{
		{Column: "n", Field: FieldName}, {Column: "p", Field: FieldContact}, {Column: "z", Field: FieldVariable, Key: "Nível"},
	}}},
	{"mapped", ContactOptions{Country: "BR", Layout: LayoutMapped, Columns: []Mapped{
		{Column: "A", Field: FieldName},
		{Column: "B", Field: FieldPhone},
		{Column: "C", Field: FieldContact},
		{Column: "D", Field: FieldVariable, Key: "Valor da dívida"},
		{Column: "B", Field: FieldVariable, Key: "Outra"},
	}}},
	{"", ContactOptions{Country: "BR"}},
}

func optionsOf(name string) ContactOptions {
	for _, c := range contactOptions {
		if strings.HasPrefix(name, c.prefix) {
			return c.o
		}
	}
	return ContactOptions{}
}

// TestContactFiles reads every file of testdata/contacts, and the workbooks that workbooks makes, and compares what came
// of each with the file of the same name and ".json".
func TestContactFiles(t *testing.T) {
	files := workbooks(t)
	paths, err := filepath.Glob("testdata/contacts/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if base, ok := strings.CutSuffix(name, ".json"); ok && strings.Contains(base, ".") {
			continue // what is expected
		}
		if files[name], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 100 {
		t.Errorf("only %d files", len(files))
	}
	for name, in := range files {
		t.Run(name, func(t *testing.T) {
			got := tellOf(t, bytes.NewReader(in), optionsOf(name))
			for _, step := range []int{1, 7} {
				if strings.Contains(name, "bomb") || strings.Contains(name, "huge") {
					break // it is long
				}
				r := &slow{in: in, step: step}
				if diff := cmp.Diff(got, tellOf(t, r, optionsOf(name))); diff != "" {
					t.Errorf("in small pieces it is read otherwise: %s", diff)
				}
			}
			want := "testdata/contacts/" + name + ".json"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			expected, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(expected), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	expected, err := filepath.Glob("testdata/contacts/*.*.json")
	if err != nil || len(expected) != len(files) {
		t.Errorf("%d files and %d of what is expected (%v)", len(files), len(expected), err)
	}
}

// tellOf writes down all that a file gives.
func tellOf(t *testing.T, in io.Reader, o ContactOptions) string {
	t.Helper()
	var keep bytes.Buffer
	out := told{Options: &o}
	if s, err := Suggest(io.TeeReader(in, &keep)); err == nil {
		out.Suggestion = &s
	}
	r, err := NewContactReader(io.MultiReader(&keep, in), o)
	if err != nil {
		out.Refused = toldFaults(t, err)
		return marshal(t, out)
	}
	out.Header = r.Header()
	for {
		p, bad, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			out.EndedBy = toldFaults(t, err)
			break
		}
		out.Rows = append(out.Rows, toldOf(p, bad))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return marshal(t, out)
}

func toldFaults(t *testing.T, err error) []toldFault {
	t.Helper()
	var out []toldFault
	for _, f := range fault.All(err) {
		out = append(out, toldOne(f.Field, f))
	}
	if len(out) == 0 {
		t.Errorf("not a fault: %v", err)
	}
	return out
}

func toldOne(at string, f *fault.Error) toldFault {
	return toldFault{At: at, Code: f.Code, Params: f.Params, Text: locale.Fault(locale.Portuguese, f)}
}

func toldOf(p Person, bad *Refusal) toldRow {
	if bad != nil {
		f := toldOne(bad.Column, bad.Error)
		cells := slices.Clone(bad.Cells)
		for i, c := range cells {
			cells[i] = clip(c)
		}
		return toldRow{Line: bad.Line, Refused: &f, Cells: cells}
	}
	row := toldRow{Line: p.Line, Contact: map[string]any{}}
	c := p.Contact
	for _, one := range []struct{ name, text string }{
		{"external_id", c.ExternalID},
		{"document", c.Document},
		{"name", c.Name},
		{"zone", c.Zone},
		{"language", c.Language},
		{"city", c.City},
		{"state", c.State},
		{"location", c.Location},
		{"priority", string(c.Priority)},
	} {
		if one.text != "" {
			row.Contact[one.name] = one.text
		}
	}
	for _, r := range c.Reaches {
		list, _ := row.Contact[string(r.Kind)].([]string)
		row.Contact[string(r.Kind)] = append(list, string(r.Address))
	}
	for name, list := range map[string][]string{"tags": c.Tags, "portfolios": c.Portfolios, "segments": c.Segments} {
		if len(list) > 0 {
			row.Contact[name] = list
		}
	}
	if len(c.Attributes) > 0 {
		row.Contact["attributes"] = c.Attributes
	}
	if k := p.PrimaryKey; k != nil {
		row.Contact["primary"] = map[string]string{"external_id": k.ExternalID, "document": k.Document, "address": string(k.Address)}
	}
	for _, w := range p.Warnings {
		row.Without = append(row.Without, toldOne(w.Column, w.Error))
	}
	return row
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
