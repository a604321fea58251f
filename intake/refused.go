package intake

import (
	"io"
	"iter"
	"strconv"
	"sync"

	"campanario/agent"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/internal/xlsx"
)

// rowWriter writes a table, row by row.
type rowWriter interface {
	Write(cells ...string) error
	Flush() error
}

// newRowWriter writes CSV that the spreadsheets of the language's readers open rightly, or a workbook.
func newRowWriter(w io.Writer, f Format, l locale.Language, title string, columns int) (rowWriter, error) {
	switch f {
	case XLSX:
		return xlsx.New(w, xlsx.Options{Name: title, Columns: columns})
	case CSV:
		if l == locale.English {
			return NewWriter(w, ',')
		}
		return NewWriter(w, ';')
	default:
		return nil, invalid("not_one_of", fault.Params{"value": clip(string(f)), "allowed": "csv, xlsx"}).At("format")
	}
}

// refusedHeader are the columns that WriteRefused adds behind those of the file.
func refusedHeader(l locale.Language) []string {
	return []string{
		locale.Word(l, "column", "refused_line"), locale.Word(l, "column", "refused_column"), locale.Word(l, "column", "refused_reason"),
	}
}

// refusedKeys are the keys of those columns in all languages: a file that was mended and comes back may have them still.
var refusedKeys = sync.OnceValue(func() []string {
	var out []string
	for _, l := range locale.Languages() {
		for _, name := range refusedHeader(l) {
			out = append(out, agent.Key(name))
		}
	}
	return out
})

// WriteRefused writes refused rows as a file that can be mended and imported: the original columns, under the names that
// ContactReader.Header gives, then the line, the column and the reason in the reader's language. CSV comes as the
// spreadsheets of that language expect it, with its cells made safe as Safe says; a workbook has text cells only. An error
// of the rows ends it, and is given back.
func WriteRefused(w io.Writer, f Format, header []string, refused iter.Seq2[Refusal, error], l locale.Language) error {
	out, err := newRowWriter(w, f, l, locale.Word(l, "column", "refused_reason"), len(header)+3)
	if err != nil {
		return err
	}
	if err := out.Write(append(append([]string{}, header...), refusedHeader(l)...)...); err != nil {
		return err
	}
	width := len(header)
	for r, err := range refused {
		if err != nil {
			return err
		}
		cells := make([]string, width, width+4)
		copy(cells, r.Cells)
		reason := locale.Fault(l, r.Error)
		for _, more := range r.Cells[min(width, len(r.Cells)):] { // what stood outside the columns would shift the reason
			if more != "" {
				reason += " [" + clip(more) + "]"
			}
		}
		if err := out.Write(append(cells, strconv.Itoa(r.Line), r.Column, reason)...); err != nil {
			return err
		}
	}
	return out.Flush()
}
