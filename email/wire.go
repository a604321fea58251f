package email

import (
	"errors"
	"net"
	"time"
)

// mostPerStage bounds what a far end may say between two of our steps, in bytes. The longest honest answer is a TLS
// certificate chain.
const mostPerStage = 256 << 10

var errFlood = errors.New("email: the server talks without end")

// wire is a connection with a deadline and a bound of reading for each stage. Only the worker that owns it uses it, but
// for Close, which may come from outside.
type wire struct {
	net.Conn
	left int
}

// stage begins a stage that may take so long.
func (w *wire) stage(d time.Duration) {
	w.left = mostPerStage
	// A connection that takes no deadline is closed, and the next read says so.
	_ = w.SetDeadline(time.Now().Add(d))
}

// Read reads within the stage's bound.
func (w *wire) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, errFlood
	}
	n, err := w.Conn.Read(p[:min(len(p), w.left)])
	w.left -= n
	return n, err
}
