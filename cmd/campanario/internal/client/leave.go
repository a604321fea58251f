package client

import (
	"context"
	"io"
)

// leavable reads a stream that may bring nothing for ever, such as a terminal, and can be left: its Read ends with the
// context. What then still waits in the stream's own Read ends with the process.
type leavable struct {
	ctx    context.Context
	pieces chan piece
	rest   []byte
	err    error
}

// piece is what one Read of the stream gave.
type piece struct {
	bytes []byte
	err   error
}

func leave(ctx context.Context, from io.Reader) *leavable {
	l := &leavable{ctx: ctx, pieces: make(chan piece)}
	go func() {
		for {
			b := make([]byte, 64<<10)
			n, err := from.Read(b)
			select {
			case <-ctx.Done():
				return
			case l.pieces <- piece{b[:n], err}:
			}
			if err != nil {
				return
			}
		}
	}()
	return l
}

// Read reads what has come.
func (l *leavable) Read(b []byte) (int, error) {
	for len(l.rest) == 0 && l.err == nil {
		select {
		case <-l.ctx.Done():
			l.err = l.ctx.Err()
		case p := <-l.pieces:
			l.rest, l.err = p.bytes, p.err
		}
	}
	n := copy(b, l.rest)
	if l.rest = l.rest[n:]; len(l.rest) > 0 || n > 0 {
		return n, nil
	}
	return 0, l.err
}
