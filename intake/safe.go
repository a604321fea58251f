package intake

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe is a text as it may stand in a cell of a CSV file that somebody opens in a spreadsheet: what would be run as a
// formula gets an apostrophe before it. Unsafe takes it off again, so nothing is lost.
//
// Formulas begin with = + - @ (in East Asian versions also with their wide forms), and spreadsheets skip tabs, line ends
// and spaces before them. A plain number (-12.5) runs nothing and stays as it is. A phone number in E.164 does not: of
// +5511987654321 a spreadsheet makes a quantity, shows 5.51E+12, and loses the last digits at the next saving. With the
// apostrophe it shows all of it, keeps it through any number of savings, and imports read it back. (="+55…" would show
// it without the apostrophe in some programs and as that very text in others.)
func Safe(s string) string {
	if s == "" || safeStart[s[0]] || !risky(s) {
		return s
	}
	return "'" + s
}

// Unsafe gives back what Safe was given. It changes nothing else: an apostrophe that Safe did not put there stays.
func Unsafe(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && risky(rest) {
		return rest
	}
	return s
}

// safeStart are the ASCII letters and digits, with which nearly all cells begin.
var safeStart = func() (t [256]bool) {
	for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		t[c] = true
	}
	return t
}()

// risky reports whether a cell must have an apostrophe: it would be run, or it already begins with an apostrophe that
// Unsafe would take off.
func risky(s string) bool {
	if rest, ok := strings.CutPrefix(s, "'"); ok {
		return risky(rest)
	}
	if s != "" && strings.IndexByte("\t\r\n", s[0]) >= 0 {
		return true
	}
	trimmed := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) })
	r, _ := utf8.DecodeRuneInString(trimmed)
	switch r {
	case '\'':
		return risky(trimmed[1:]) // an import drops the spaces before it
	case '=', '+', '@', '＝', '＋', '－', '＠':
		return true
	case '-':
		return !quantity(s[1:]) || s[0] != '-'
	default:
		return false
	}
}

// quantity reports whether s is an unsigned decimal number that a spreadsheet shows whole.
func quantity(s string) bool {
	whole, part, point := strings.Cut(s, ".")
	if !point {
		whole, part, point = strings.Cut(s, ",")
	}
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return len(s) <= 16 && digits(whole) && (!point || digits(part))
}

// Writer writes CSV that is safe to open in a spreadsheet. Errors come at Flush, as in encoding/csv.
type Writer struct {
	csv   *csv.Writer
	cells []string
}

// NewWriter writes to w with the delimiter (',' or ';', which Excel expects in Portuguese and Spanish). The file begins
// with a byte order mark, without which Excel takes it for Windows-1252.
func NewWriter(w io.Writer, delimiter rune) (*Writer, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := csv.NewWriter(w)
	c.Comma = delimiter
	return &Writer{csv: c}, nil
}

// Write adds a row.
func (w *Writer) Write(cells ...string) error {
	w.cells = w.cells[:0]
	for _, c := range cells {
		w.cells = append(w.cells, Safe(c))
	}
	return w.csv.Write(w.cells)
}

// Flush writes what is buffered and gives the first error there was.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
