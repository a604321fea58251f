package intake

import (
	"errors"
	"io"
	"runtime"
	"sync"

	"campanario/internal/fault"
)

// ContactReader gives the contacts of a file one after the other, in the order of the file. Behind it one goroutine cuts
// the file into rows and a few make contacts of them; they are the reader's, and end with the file or with Close. It
// holds some thousand rows at a time, however long the file is. Its methods are not safe for concurrent use.
type ContactReader struct {
	file  *looked
	parse *personParser
	// variety is of the rows that were given.
	variety *variety

	started bool
	stop    chan struct{}
	queue   chan *batch // in the order of the file
	spare   chan *pack
	all     sync.WaitGroup

	now   []outcome // of the batch that is being given
	at    int
	then  error // what follows it
	given bool
	err   error
}

// outcome is what a row came to: a contact or a refusal.
type outcome struct {
	person Person
	bad    *Refusal
}

// batch is some rows on their way: ready is closed when they are contacts.
type batch struct {
	rows  *pack
	made  []outcome
	err   error // why there is no batch behind this one
	ready chan struct{}
}

// NewContactReader finds out what the file is, for which it waits for its first 64 KiB, or for all of a workbook, which is
// kept in a temporary file until Close. Text in gzip, and workbooks in it, are read as if they were not packed.
//
// A file that cannot be read at all gives a *fault.Error: file_empty, file_type_unsupported, gzip_broken, file_expands,
// workbook_broken, workbook_too_large, sheet_unknown, columns_too_many, column_repeated, column_unknown,
// contact_column_missing, country_unknown, and for R's layout, all together as a fault.List, layout_header_missing,
// layout_columns, layout_column_missing, layout_column_unknown, layout_column_moved, layout_sheets. Any other error is
// that of file.
func NewContactReader(file io.Reader, o ContactOptions) (*ContactReader, error) {
	if bad := o.check(); len(bad) > 0 {
		return nil, bad.Err()
	}
	if o.Layout == LayoutR && o.Country == "" {
		o.Country = "BR"
	}
	l, err := lookAt(file, o)
	if err != nil {
		return nil, err
	}
	parse, err := newPersonParser(l, o)
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return &ContactReader{file: l, parse: parse, variety: newVariety()}, nil
}

// Header gives the names of the columns as the file has them, or their numbers in a file without a header: what belongs
// above Refusal.Cells. A list and JSON have one column.
func (r *ContactReader) Header() []string {
	if len(r.file.names) == 0 {
		return []string{string(r.file.format)}
	}
	return r.file.names
}

// Read gives the next contact, or the next row that was refused, or an error: io.EOF at the end, a *fault.Error when the
// file cannot be read on (file_no_rows when it had none), else that of the file. After an error it gives the same again.
func (r *ContactReader) Read() (Person, *Refusal, error) {
	if r.err != nil {
		return Person{}, nil, r.err
	}
	if !r.started {
		r.start()
	}
	for r.at == len(r.now) {
		if r.then != nil {
			if r.err = whole(r.then); errors.Is(r.err, io.EOF) && !r.given {
				r.err = invalid("file_no_rows", nil)
			}
			return Person{}, nil, r.err
		}
		b := <-r.queue
		<-b.ready
		r.now, r.at, r.then = b.made, 0, b.err
	}
	o := &r.now[r.at]
	r.at++
	r.given = true
	if o.bad == nil {
		if bad := r.bounded(&o.person); bad != nil {
			return Person{}, bad, nil
		}
	}
	return o.person, o.bad, nil
}

// errClosed is what reading gives after Close.
var errClosed = errors.New("intake: the reader of contacts is closed")

// Close ends the reading and removes what it kept. It waits for a read of the file that is under way.
func (r *ContactReader) Close() error {
	if errors.Is(r.err, errClosed) {
		return nil
	}
	if r.started {
		close(r.stop)
		r.all.Wait()
	}
	r.err = errClosed
	return r.file.close()
}

// mostMakers bounds the goroutines that make contacts: cutting rows keeps about so many busy.
const mostMakers = 6

func (r *ContactReader) start() {
	r.started = true
	makers := min(runtime.GOMAXPROCS(0), mostMakers)
	r.stop = make(chan struct{})
	r.queue = make(chan *batch, 2*makers)
	r.spare = make(chan *pack, 3*makers+2)
	work := make(chan *batch)
	r.all.Add(1 + makers)
	go func() {
		defer r.all.Done()
		defer close(work)
		r.cut(work)
	}()
	for range makers {
		go func() {
			defer r.all.Done()
			for b := range work {
				b.made = r.parse.make(b.rows)
				b.rows.reset()
				select {
				case r.spare <- b.rows:
				default:
				}
				b.rows = nil
				close(b.ready)
			}
		}()
	}
}

// cut reads the file in batches until it ends, cannot be read on or the reader is closed.
func (r *ContactReader) cut(work chan<- *batch) {
	for {
		b := &batch{rows: r.packFor(), ready: make(chan struct{})}
		for b.err == nil && !b.rows.full() {
			b.err = r.file.rows.fill(b.rows)
		}
		ended := b.err != nil
		select {
		case r.queue <- b:
		case <-r.stop:
			return
		}
		select {
		case work <- b:
		case <-r.stop:
			return
		}
		if ended {
			return
		}
	}
}

func (r *ContactReader) packFor() *pack {
	select {
	case p := <-r.spare:
		return p
	default:
		return &pack{}
	}
}

// check looks at options that no file is needed for.
func (o *ContactOptions) check() fault.List {
	var bad fault.List
	if !o.Layout.known() {
		bad = append(bad, invalid("not_one_of", fault.Params{"value": clip(string(o.Layout)), "allowed": "r, a, list, mapped"}).At("layout"))
	}
	for _, t := range []struct {
		field string
		words []string
	}{{"tags", o.Tags}, {"segments", o.Segments}, {"portfolios", o.Portfolios}} {
		if _, w := addWords(nil, t.words); w != nil {
			bad = append(bad, w.At(t.field))
		}
	}
	return bad
}

func (l Layout) known() bool {
	for _, k := range Layouts() {
		if k == l {
			return true
		}
	}
	return false
}
