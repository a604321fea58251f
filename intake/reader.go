package intake

import (
	"errors"
	"io"

	"campanario/channel"
	"campanario/internal/fault"
)

// Reader gives the rows of a file one after the other. It is not safe for concurrent use.
type Reader struct {
	options Options
	info    Info
	source  source
	sample  *sample
	book    *workbook // whose sheet is read; nil for text
	seen    *seen
	given   bool // a row, good or bad
	err     error
}

// Info is what was found out about a file before its first row.
type Info struct {
	Format    Format
	Encoding  Encoding // as its beginning looks
	Delimiter byte     // of CSV
	Header    bool     // whether there is one above the columns
	Columns   []Column // of CSV and of workbooks
}

// source gives the rows of one format: exactly one of the three is not zero, and io.EOF comes at the end.
type source interface {
	read() (Row, *Rejected, error)
}

// NewReader finds out what the file is, for which it waits for the first 64 KiB or the end, or for all of a workbook, which
// is kept in a temporary file until Close. Text in gzip is read as if it were not packed. A *fault.Error says that it
// cannot be read at all: file_empty, file_type_unsupported, gzip_broken, file_expands, workbook_broken, workbook_too_large, columns_too_many,
// column_repeated, column_unknown, not_one_of, contact_column_missing; any other error is r's.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	o = o.withDefaults()
	switch o.Kind {
	case channel.Voice, channel.Email, channel.SMS, channel.WhatsApp:
	default:
		return nil, fault.New(fault.Internal, "internal", nil).Because(errors.New("intake: no kind of channel"))
	}
	in, bad, err := unpacked(r)
	if err != nil {
		return nil, err
	}
	if bad != nil {
		return nil, bad
	}
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, whole(err)
	}
	rd := &Reader{options: o}
	if string(head) != "PK\x03\x04" {
		if err := rd.open(in); err != nil {
			return nil, err
		}
		return rd, nil
	}
	sheet, book, err := textOfSheet(in, o.Country)
	if err != nil {
		return nil, whole(err)
	}
	rd.book, rd.options.Format = book, CSV
	if err := rd.open(sheet); err != nil {
		return nil, errors.Join(err, book.close())
	}
	rd.info.Format, rd.info.Encoding, rd.info.Delimiter = XLSX, "", 0
	return rd, nil
}

// open finds out what a text is and reads as far as its first row.
func (r *Reader) open(in io.Reader) error {
	text, encoding, bad, err := decoded(in)
	if err != nil {
		return whole(err)
	}
	if bad != nil {
		return bad
	}
	head, complete, all, err := peek(text)
	if err != nil {
		return whole(err)
	}
	o := r.options
	s := look(head, complete, o)
	r.sample, r.info = s, Info{Format: o.Format, Encoding: encoding}
	if o.Format == "" {
		r.info.Format = s.format()
	}
	if o.Duplicates {
		r.seen = newSeen()
	}
	switch r.info.Format {
	case JSON:
		r.source = newArray(all, encoding, o)
	case NDJSON:
		r.source = newObjects(all, o)
	case List:
		r.source = newList(all, s, o)
	default:
		t, bad := newTable(all, s, o)
		if bad != nil {
			return bad
		}
		r.source = t
		r.info.Columns, r.info.Header, r.info.Delimiter = t.columns, t.header, s.delimiter
	}
	return nil
}

// Close removes what is kept of a workbook.
func (r *Reader) Close() error {
	if r.book == nil {
		return nil
	}
	err := r.book.close()
	r.book = nil
	return err
}

// Columns says what each column of a table is taken for, with some of its values.
func (r *Reader) Columns() []SuggestedColumn {
	out := make([]SuggestedColumn, 0, len(r.info.Columns))
	for i, c := range r.info.Columns {
		one := SuggestedColumn{Mapped: Mapped{Column: c.Name, Field: c.Field}, Samples: r.sample.samples(i, r.info.Header)}
		if c.Field == FieldVariable {
			one.Key = c.Key
		}
		out = append(out, one)
	}
	return out
}

// Info is what was found out about the file.
func (r *Reader) Info() Info { return r.info }

// Read gives the next row, or the next one that was refused, or an error: io.EOF at the end, a *fault.Error when the
// file cannot be read on (file_no_rows when it had none), else that of the underlying reader. After an error it gives
// the same again.
func (r *Reader) Read() (Row, *Rejected, error) {
	if r.err != nil {
		return Row{}, nil, r.err
	}
	row, bad, err := r.source.read()
	if err != nil {
		if err = whole(err); errors.Is(err, io.EOF) && !r.given {
			err = invalid("file_no_rows", nil)
		}
		r.err = err
		return Row{}, nil, err
	}
	r.given = true
	if bad == nil && r.seen != nil {
		row.Duplicate = r.seen.before(row.Addresses[0], row.Line)
	}
	return row, bad, nil
}
