package client

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress shows on a terminal how much of a stream has gone through; elsewhere it shows nothing. Streams are read in
// goroutines of net/http, which may outlast the request: stop ends the showing.
type progress struct {
	io.Reader
	k     *call
	whole int64 // 0 when it is not known
	width int

	mu      sync.Mutex
	stopped bool
	done    int64
	next    time.Time
}

// progress begins to show.
func (k *call) progress(from io.Reader, whole int64) *progress {
	width, _, ok := k.o.Terminal(k.err)
	return &progress{Reader: from, k: k, whole: whole, width: width, stopped: !ok || k.json}
}

// often is how often progress is painted.
const often = 200 * time.Millisecond

// Read reads and paints.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += int64(n)
	now := p.k.o.Now()
	if p.stopped || now.Before(p.next) {
		return n, err
	}
	p.next = now.Add(often)
	line := size(p.done)
	if p.whole > 0 {
		line = fmt.Sprintf("%s %3d%%  %s / %s", bar(p.done, p.whole, 30), min(100, 100*p.done/p.whole), size(p.done), size(p.whole))
	}
	_, _ = fmt.Fprint(p.k.err, "\r\x1b[K"+fit(line, p.width-1))
	return n, err
}

// stop wipes the line.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped && p.done > 0 {
		_, _ = fmt.Fprint(p.k.err, "\r\x1b[K")
	}
	p.stopped = true
}

// bar is a share as [####....].
func bar(part, whole int64, width int) string {
	full := 0
	if whole > 0 {
		full = int(min(part, whole) * int64(width) / whole)
	}
	out := make([]byte, width)
	for i := range out {
		out[i] = '.'
		if i < full {
			out[i] = '#'
		}
	}
	return "[" + string(out) + "]"
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%d B", n)
	}
}
