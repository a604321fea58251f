package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"campanario/cmd/campanario/internal/terminal"
)

// column is one column of a table.
type column struct {
	name  string // its heading is the word column.<name>
	path  string // where in the item, with dots
	show  show   // nil shows texts and numbers as they are
	cut   bool   // it gives way where the terminal is narrow; numbers, times and what is copied do not
	right bool
}

// show makes a cell of a value.
type show func(k *call, v any) string

// item is a decoded JSON object; numbers are json.Number.
type item map[string]any

func decode(raw json.RawMessage) (item, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var m item
	err := d.Decode(&m)
	return m, err
}

// at gives what stands at a path; nil for what is not there.
func (m item) at(path string) any {
	var v any = map[string]any(m)
	for name := range strings.SplitSeq(path, ".") {
		inner, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = inner[name]
	}
	return v
}

// item gives an object at a path; nil when there is none.
func (m item) item(path string) item { v, _ := m.at(path).(map[string]any); return v }

func (m item) text(path string) string { s, _ := m.at(path).(string); return s }

func (m item) number(path string) int64 {
	n, _ := m.at(path).(json.Number)
	i, _ := n.Int64()
	return i
}

func (m item) share(path string) float64 {
	n, _ := m.at(path).(json.Number)
	f, _ := n.Float64()
	return f
}

func (m item) list(path string) []item {
	l, _ := m.at(path).([]any)
	var out []item
	for _, v := range l {
		if inner, ok := v.(map[string]any); ok {
			out = append(out, inner)
		}
	}
	return out
}

func plain(_ *call, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = plain(nil, v[i])
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// enum shows a value of an enumeration in words.
func enum(kind string) show {
	return func(k *call, v any) string {
		s, _ := v.(string)
		return k.word(kind, s)
	}
}

// instant shows a time on the reader's clock.
func instant(k *call, v any) string {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.In(k.o.Zone).Format("2006-01-02 15:04")
}

func check(k *call, v any) string {
	if b, _ := v.(bool); b {
		return k.words.Say("yes")
	}
	return k.words.Say("no")
}

// checkKnown is check for what may not be known.
func checkKnown(k *call, v any) string {
	if v == nil {
		return ""
	}
	return check(k, v)
}

func percent(k *call, v any) string {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return k.percent(f)
}

func (k *call) percent(f float64) string {
	s := strconv.FormatFloat(100*f, 'f', 1, 64) + "%"
	if k.lang != "en" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

func seconds(_ *call, v any) string {
	n, _ := v.(json.Number)
	ms, _ := n.Int64()
	return clock(time.Duration(ms) * time.Millisecond)
}

// clock is a length of time as 1:02:03 or 02:03.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// table prints rows under headings. Widths are those of the first batch of rows, so that a list of any length can be
// printed as it comes.
type table struct {
	k       *call
	columns []column
	widths  []int
	screen  int // width of the terminal; 0 for none
}

func (k *call) table(columns []column) *table {
	width, _, _ := k.o.Terminal(k.out)
	return &table{k: k, columns: columns, screen: width}
}

func (t *table) print(rows []item) error {
	cells := make([][]string, 0, len(rows)+1)
	if t.widths == nil {
		head := make([]string, len(t.columns))
		for i, c := range t.columns {
			head[i] = strings.ToUpper(t.k.words.Say("column." + c.name))
		}
		cells = append(cells, head)
	}
	for _, r := range rows {
		row := make([]string, len(t.columns))
		for i, c := range t.columns {
			show := c.show
			if show == nil {
				show = plain
			}
			row[i] = terminal.Clean(show(t.k, r.at(c.path)))
		}
		cells = append(cells, row)
	}
	if t.widths == nil {
		t.measure(cells)
	}
	var b strings.Builder
	for _, row := range cells {
		b.WriteString(t.line(row) + "\n")
	}
	_, err := io.WriteString(t.k.out, b.String())
	return err
}

// gap lies between two columns.
const gap = "  "

// measure finds the widths. On a terminal that is too narrow the widest columns that may be cut give way first.
func (t *table) measure(cells [][]string) {
	t.widths = make([]int, len(t.columns))
	for _, row := range cells {
		for i, c := range row {
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(c))
		}
	}
	if t.screen == 0 {
		return
	}
	const least = 6
	for t.total() > t.screen {
		widest := -1
		for i, c := range t.columns {
			if c.cut && t.widths[i] > least && (widest < 0 || t.widths[i] > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		t.widths[widest]--
	}
}

func (t *table) total() int {
	sum := len(gap) * (len(t.widths) - 1)
	for _, w := range t.widths {
		sum += w
	}
	return sum
}

func (t *table) line(row []string) string {
	parts := make([]string, len(row))
	for i, c := range row {
		if t.screen > 0 && t.columns[i].cut {
			c = fit(c, t.widths[i])
		}
		parts[i] = pad(c, t.widths[i], t.columns[i].right)
	}
	return strings.TrimRight(strings.Join(parts, gap), " ")
}
