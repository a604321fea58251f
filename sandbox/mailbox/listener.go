package mailbox

import (
	"net"
	"sync"
	"time"
)

// listener knows its open connections, so that they can be counted, bounded and closed.
type listener struct {
	net.Listener
	most int

	mu    sync.Mutex
	conns map[*conn]struct{}
}

type conn struct {
	net.Conn
	l *listener
}

func newListener(l net.Listener, most int) *listener {
	return &listener{Listener: l, most: most, conns: map[*conn]struct{}{}}
}

// Accept gives the next connection that is within the bound; the others are told to come later, as RFC 5321 3.8 has it.
func (l *listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, l: l}
		if l.add(c) {
			return c, nil
		}
		_ = raw.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = raw.Write([]byte("421 4.7.0 Too many connections\r\n"))
		_ = raw.Close()
	}
}

func (l *listener) add(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most > 0 && len(l.conns) >= l.most {
		return false
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *listener) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

func (l *listener) closeAll() {
	l.mu.Lock()
	all := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
}

// Close forgets the connection and closes it.
func (c *conn) Close() error {
	c.l.mu.Lock()
	delete(c.l.conns, c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}
