package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"campanario/voice/dialog/message"
)

const (
	queueBytes   = 4 << 20          // what may wait for a peer that reads slowly
	writeTimeout = 10 * time.Second // for one write
	firstMessage = 15 * time.Second // for a guest to say something sensible
)

// conn is one TCP or TLS connection, ours or a guest's.
type conn struct {
	stack *Stack
	net   Network
	nc    net.Conn
	local netip.AddrPort
	peer  netip.AddrPort
	key   connKey
	guest bool
	known bool // a guest that has said something sensible; only read uses it

	mu     sync.Mutex
	queue  [][]byte
	queued int
	ended  bool
	wake   chan struct{} // one token: there is something in queue, or it ended
}

func (c *conn) Network() Network      { return c.net }
func (c *conn) Local() netip.AddrPort { return c.local }

func (c *conn) Open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.ended
}

func (c *conn) Send(_ netip.AddrPort, data []byte) error {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return fail(Closed, net.ErrClosed)
	}
	if c.queued+len(data) > queueBytes {
		c.mu.Unlock()
		err := fail(Closed, errors.New("the peer does not read"))
		c.stack.later(func() { c.end(err) })
		return err
	}
	c.queue = append(c.queue, data)
	c.queued += len(data)
	c.mu.Unlock()
	c.signal()
	return nil
}

func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// start registers the connection and its two goroutines; false when the stack is closed.
func (s *Stack) start(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if c.guest {
		s.guests++
		s.hosts[neighbours(c.peer.Addr())]++
	}
	s.all[c] = struct{}{}
	s.conns[c.key] = c
	s.wg.Go(c.read)
	s.wg.Go(c.write)
	return true
}

// end closes the connection, once, and tells the calls that used it.
func (c *conn) end(err *Error) {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	c.ended = true
	c.queue, c.queued = nil, 0
	c.mu.Unlock()
	_ = c.nc.Close()
	c.signal()
	s := c.stack
	s.mu.Lock()
	delete(s.all, c)
	if s.conns[c.key] == c {
		delete(s.conns, c.key)
	}
	if c.guest {
		s.leave(neighbours(c.peer.Addr()))
	}
	s.mu.Unlock()
	s.opt.Handler.Broken(c, netip.AddrPort{}, err)
}

func (c *conn) write() {
	for range c.wake {
		c.mu.Lock()
		batch, ended := net.Buffers(c.queue), c.ended
		c.queue, c.queued = nil, 0
		c.mu.Unlock()
		if ended {
			return
		}
		if len(batch) == 0 {
			continue
		}
		_ = c.nc.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := batch.WriteTo(c.nc); err != nil {
			c.end(classify(err))
			return
		}
	}
}

func (c *conn) read() {
	if c.guest {
		_ = c.nc.SetReadDeadline(time.Now().Add(firstMessage))
	}
	buf := make([]byte, 0, 8<<10)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, cap(buf))...)[:len(buf)]
		}
		n, err := c.nc.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		used, ferr := c.frames(buf)
		if ferr != nil {
			if reply := message.Refusal(buf[used:]); reply != nil && c.stack.limit.allow(time.Now()) {
				_ = c.nc.SetWriteDeadline(time.Now().Add(time.Second))
				_, _ = c.nc.Write(reply)
			}
			err = ferr
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = net.ErrClosed
			}
			c.end(classify(err))
			return
		}
		buf = buf[:copy(buf, buf[used:])]
	}
}

// frames hands up every whole message in buf and tells how many bytes are done with.
func (c *conn) frames(buf []byte) (used int, err error) {
	for {
		msg, skip, pings, err := message.Frame(buf[used:])
		used += skip
		if pings > 0 {
			_ = c.Send(c.peer, []byte("\r\n"))
		}
		if c.guest && (msg != nil || pings > 0 && c.known) {
			c.known = true
			_ = c.nc.SetReadDeadline(time.Now().Add(c.stack.opt.GuestIdle))
		}
		if err != nil || msg == nil {
			return used, err
		}
		c.stack.take(msg, Flow{Link: c, Peer: c.peer}, time.Now())
	}
}

// accept takes in guests until the listener is closed.
func (s *Stack) accept(l *listener) {
	for {
		nc, err := l.ln.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) || !s.pause(100*time.Millisecond) {
				return
			}
			continue
		}
		if !s.room(neighbours(addrPort(nc.RemoteAddr()).Addr())) {
			s.refused.Add(1)
			_ = nc.Close()
			continue
		}
		c := s.newConn(l.network, nc, nil)
		c.guest = true
		if !s.start(c) {
			_ = nc.Close()
		}
	}
}

// room reports whether there is a place for one more guest from a host.
func (s *Stack) room(host netip.Prefix) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guests < s.opt.Conns && s.hosts[host] < s.opt.PerHost
}

// leave gives the place of a guest back. It needs the lock.
func (s *Stack) leave(host netip.Prefix) {
	s.guests--
	if s.hosts[host]--; s.hosts[host] == 0 {
		delete(s.hosts, host)
	}
}

// neighbours are the addresses that count as one host: in IPv6 all those of a network, which one host has for itself.
func neighbours(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // never fails: so many bits there are
	return p
}

// pause waits before the next try, as after running out of file descriptors; false when the stack is closing.
func (s *Stack) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

func (s *Stack) newConn(n Network, nc net.Conn, cfg *tls.Config) *conn {
	c := &conn{
		stack: s, net: n, nc: nc, local: addrPort(nc.LocalAddr()), peer: addrPort(nc.RemoteAddr()),
		wake: make(chan struct{}, 1),
	}
	c.key = connKey{n, c.peer, cfg}
	return c
}

// connKey is what a connection can be reused for. A guest's has no configuration, like those made with the stack's own.
type connKey struct {
	network Network
	peer    netip.AddrPort
	tls     *tls.Config
}

// dialling is a connection that is coming about; several calls may wait for it.
type dialling struct {
	done chan struct{}
	conn *conn
	err  error
}

// stream finds or makes the connection to a target.
func (s *Stack) stream(ctx context.Context, t Target) (Flow, error) {
	key := connKey{t.Network, t.Addr, t.TLS}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return Flow{}, fail(Closed, net.ErrClosed)
	}
	if c := s.conns[key]; c != nil {
		s.mu.Unlock()
		return Flow{Link: c, Peer: c.peer}, nil
	}
	d := s.dials[key]
	if d == nil {
		d = &dialling{done: make(chan struct{})}
		s.dials[key] = d
		s.wg.Go(func() { s.dial(key, t, d) }) //nolint:contextcheck // others may wait for it too
	}
	s.mu.Unlock()
	select {
	case <-d.done:
	case <-ctx.Done():
		return Flow{}, fail(Timeout, ctx.Err())
	}
	if d.err != nil {
		return Flow{}, d.err
	}
	return Flow{Link: d.conn, Peer: d.conn.peer}, nil
}

func (s *Stack) dial(key connKey, t Target, d *dialling) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opt.Dial)
	defer cancel()
	nc, err := s.connect(ctx, t)
	if err == nil {
		c := s.newConn(t.Network, nc, key.tls)
		if s.start(c) {
			d.conn = c
		} else {
			_ = nc.Close()
			err = fail(Closed, net.ErrClosed)
		}
	}
	d.err = err
	s.mu.Lock()
	delete(s.dials, key)
	s.mu.Unlock()
	close(d.done)
}

func (s *Stack) connect(ctx context.Context, t Target) (net.Conn, error) {
	var nd net.Dialer
	nc, err := nd.DialContext(ctx, "tcp", t.Addr.String())
	if err != nil {
		return nil, classify(err)
	}
	if t.Network != TLS {
		return nc, nil
	}
	cfg := t.TLS
	if cfg == nil {
		cfg = s.opt.Client
	}
	if cfg == nil {
		cfg = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if cfg.ServerName == "" {
		cfg = cfg.Clone()
		if cfg.ServerName = t.Host; t.Host == "" {
			cfg.ServerName = t.Addr.Addr().String()
		}
	}
	tc := tls.Client(nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		if k := classify(err); k.Kind != Closed {
			return nil, k
		}
		return nil, fail(Secure, err)
	}
	return tc, nil
}
