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
	seen    *seen
	given   bool // a row, good or bad
	err     error
}

// Info is what was found out about a file before its first row.
type Info struct {
	Format    Format
	Encoding  Encoding // as its beginning looks
	Delimiter byte     // of CSV
	Header    bool     // whether CSV has one
	Columns   []Column // of CSV
}

// source gives the rows of one format: exactly one of the three is not zero, and io.EOF comes at the end.
type source interface {
	read() (Row, *Rejected, error)
}

// NewReader finds out what the file is, for which it waits for the first 64 KiB or the end. A *fault.Error says that it
// cannot be read at all: file_empty, file_type_unsupported, columns_too_many, column_repeated, contact_column_missing; any
// other error is r's.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	o = o.withDefaults()
	switch o.Kind {
	case channel.Voice, channel.Email, channel.SMS, channel.WhatsApp:
	default:
		return nil, fault.New(fault.Internal, "internal", nil).Because(errors.New("intake: no kind of channel"))
	}
	text, encoding, bad, err := decoded(r)
	if err != nil {
		return nil, err
	}
	if bad != nil {
		return nil, bad
	}
	head, whole, all, err := peek(text)
	if err != nil {
		return nil, err
	}
	s := look(head, whole, o)
	rd := &Reader{options: o, info: Info{Format: o.Format, Encoding: encoding}}
	if o.Format == "" {
		rd.info.Format = s.format()
	}
	if o.Duplicates {
		rd.seen = newSeen()
	}
	switch rd.info.Format {
	case JSON:
		rd.source = newArray(all, encoding, o)
	case NDJSON:
		rd.source = newObjects(all, o)
	case List:
		rd.source = newList(all, s, o)
	default:
		t, bad := newTable(all, s, o)
		if bad != nil {
			return nil, bad
		}
		rd.source = t
		rd.info.Columns, rd.info.Header, rd.info.Delimiter = t.columns, t.header, s.delimiter
	}
	return rd, nil
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
		if errors.Is(err, io.EOF) && !r.given {
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
