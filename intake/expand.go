package intake

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"

	"campanario/internal/fault"
)

// Bounds of what is unpacked. Tables shrink to a tenth or a thirtieth; a file that unpacks to so many times its size, or
// to so much, was made to fill a disk.
const (
	mostExpansion  = 250
	freeExpansion  = 16 << 20 // bytes that may come of anything
	mostExpanded   = 16 << 30
	mostWorkbook   = 1 << 30 // bytes of a packed workbook
	mostSharedText = 10 << 20
)

// unpacked gives a file without its gzip, if it has any; what is inside is not looked into once more.
func unpacked(file io.Reader) (*bufio.Reader, *fault.Error, error) {
	in := bufio.NewReaderSize(file, headSize)
	head, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if string(head) != "\x1f\x8b" {
		return in, nil, nil
	}
	count := &counted{in: in}
	z, err := gzip.NewReader(count)
	if err != nil {
		if told := underlying(count, err); told != nil {
			return nil, nil, told
		}
		return nil, invalid("gzip_broken", nil).Because(err), nil
	}
	return bufio.NewReaderSize(&inflated{z: z, packed: count}, headSize), nil, nil
}

// counted counts what is read, and remembers how that failed.
type counted struct {
	in  io.Reader
	n   int64
	err error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// underlying is the failure of who brings the file, which is not the file's.
func underlying(c *counted, err error) error {
	if c.err != nil {
		return err
	}
	return nil
}

// inflated is what is in a gzip, as long as it is in proportion.
type inflated struct {
	z      *gzip.Reader
	packed *counted
	n      int64
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.z.Read(p)
	i.n += int64(n)
	if outOfProportion(i.n, i.packed.n) {
		return 0, &cutOff{invalid("file_expands", fault.Params{"max": mostExpansion})}
	}
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if told := underlying(i.packed, err); told != nil {
		return n, told
	}
	return n, &cutOff{invalid("gzip_broken", nil).Because(err)}
}

// cutOff is why a file gives no more. It is no fault while rows are read, so that nobody takes it for one of a row.
type cutOff struct{ bad *fault.Error }

func (c *cutOff) Error() string { return c.bad.Error() }

// whole gives the fault in what ended a file.
func whole(err error) error {
	var c *cutOff
	if errors.As(err, &c) {
		return c.bad
	}
	return err
}

func outOfProportion(out, in int64) bool {
	return out > mostExpanded || out > freeExpansion && out/mostExpansion > in
}
