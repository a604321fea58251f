package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	peerSockets = 64                     // each stands for the calls of one gateway
	peerBuffer  = 4 << 20                // so that the far end itself loses nothing
	settle      = 500 * time.Millisecond // for what is still under way at the end
)

// peer is the far end: it sends 50 packets a second to every call it is told of and takes what comes, until its input ends.
func peer(ctx context.Context, in io.Reader, out io.Writer) error {
	var p far
	defer p.close()
	for range peerSockets {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		_ = c.SetReadBuffer(peerBuffer)
		p.conns = append(p.conns, c)
	}
	p.stop = make(chan struct{})
	var first answer
	for _, c := range p.conns {
		first.Ports = append(first.Ports, c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
		p.work.Go(func() { drain(c, &p.received, p.note()) })
	}
	to, from := json.NewEncoder(out), json.NewDecoder(in)
	if err := to.Encode(first); err != nil {
		return err
	}
	for {
		var o order
		if err := from.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if len(o.Ports) > 0 {
			p.work.Go(func() { p.send(o.Ports) })
		}
		if o.Stop {
			p.once.Do(func() { close(p.stop) })
			if err := pause(ctx, settle); err != nil {
				return err
			}
		}
		a := answer{Sent: p.sent.Load(), Received: p.received.Load(), Streams: p.streams(), CPU: cpu()}
		if err := to.Encode(a); err != nil {
			return err
		}
	}
}

// far is the state of the far end.
type far struct {
	conns          []*net.UDPConn
	sent, received atomic.Uint64
	stop           chan struct{}
	once           sync.Once
	work           sync.WaitGroup

	mu   sync.Mutex
	seen []map[uint32]struct{} // streams, by socket
}

// note gives what remembers the streams of one socket.
func (p *far) note() func(b []byte) {
	mine := map[uint32]struct{}{}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, mine)
	last := uint32(0)
	return func(b []byte) {
		if ssrc := binary.BigEndian.Uint32(b[8:]); ssrc != last {
			last = ssrc
			p.mu.Lock()
			mine[ssrc] = struct{}{}
			p.mu.Unlock()
		}
	}
}

func (p *far) streams() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, m := range p.seen {
		n += len(m)
	}
	return n
}

func (p *far) send(ports []uint16) {
	packets := make([][]byte, len(ports))
	for i := range packets {
		packets[i] = packet(uint32(0x10000 + i))
		for j := 12; j < packetSize; j++ {
			packets[i][j] = byte(0x80 + (i+j)%16) // sound rather than silence
		}
	}
	everyFrame(p.stop, len(ports), func(i int) {
		advance(packets[i])
		if _, err := p.conns[i%len(p.conns)].WriteToUDPAddrPort(packets[i], loopback(ports[i])); err == nil {
			p.sent.Add(1)
		}
	})
}

func (p *far) close() {
	if p.stop != nil {
		p.once.Do(func() { close(p.stop) })
	}
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.work.Wait()
}
