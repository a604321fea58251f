package intake

import (
	"io"
	"sync/atomic"
)

// gauge counts what is read through it, for others to look at meanwhile.
type gauge struct {
	io.Reader
	n  atomic.Int64
	of int64 // all there is; 0 when that is not known
}

func (g *gauge) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	g.n.Add(int64(n))
	return n, err
}

// thousandths is how much has been gone through. size is that of the whole, unless it is known better.
func (g *gauge) thousandths(size int64) int64 {
	if g.of > 0 {
		size = g.of
	}
	if size <= 0 {
		return 0
	}
	return min(1000*g.n.Load()/size, 1000)
}

// Thousandths is how much of the file has been gone through, of which size is the size in bytes. Rows are read ahead, so
// it runs some thousand of them before what Read gives. It may be called while Read is.
func (r *ContactReader) Thousandths(size int64) int64 { return r.file.gauge.thousandths(size) }
