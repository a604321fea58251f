package main

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"campanario/voice/media"
)

// bare is the reference: a socket per call, one goroutine that sends a ready-made packet on each of them every 20 ms, and
// one per socket that reads and counts. No codec, no order, no statistics but two counters.
type bare struct {
	conns          []*net.UDPConn
	sent, received atomic.Uint64
	stop           chan struct{}
	once           sync.Once
	sending        sync.WaitGroup
	reading        sync.WaitGroup
}

// packetSize is 20 ms of G.711 with its header.
const packetSize = 12 + 160

// packet is an RTP packet of A-law silence from a source.
func packet(ssrc uint32) []byte {
	b := make([]byte, packetSize)
	b[0], b[1] = 0x80, 8
	binary.BigEndian.PutUint32(b[8:], ssrc)
	for i := 12; i < len(b); i++ {
		b[i] = 0xD5
	}
	return b
}

// advance moves a packet on by one frame.
func advance(b []byte) {
	binary.BigEndian.PutUint16(b[2:], binary.BigEndian.Uint16(b[2:])+1)
	binary.BigEndian.PutUint32(b[4:], binary.BigEndian.Uint32(b[4:])+160)
}

func (b *bare) open(calls int) ([]uint16, error) {
	b.stop = make(chan struct{})
	var ports []uint16
	for range calls {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, err
		}
		b.conns = append(b.conns, c)
		ports = append(ports, c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	}
	return ports, nil
}

func (b *bare) start(farEnd []uint16) error {
	for _, c := range b.conns {
		b.reading.Go(func() { drain(c, &b.received, nil) })
	}
	b.sending.Go(func() {
		packets := make([][]byte, len(b.conns))
		for i := range packets {
			packets[i] = packet(uint32(i + 1))
		}
		everyFrame(b.stop, len(b.conns), func(i int) {
			advance(packets[i])
			if _, err := b.conns[i].WriteToUDPAddrPort(packets[i], loopback(farEnd[i%len(farEnd)])); err == nil {
				b.sent.Add(1)
			}
		})
	})
	return nil
}

// everyFrame calls send for every one of n calls once in 20 ms, spread over them, until stop is closed.
func everyFrame(stop <-chan struct{}, n int, send func(i int)) {
	const slots = 20
	base := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for slot := 0; ; slot++ {
		timer.Reset(time.Until(base.Add(time.Duration(slot) * time.Millisecond)))
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		for i := slot % slots; i < n; i += slots {
			send(i)
		}
	}
}

// drain reads a socket until it is closed and counts the packets of sound; RTCP is none. seen, if not nil, is told of each.
func drain(c *net.UDPConn, count *atomic.Uint64, seen func(b []byte)) {
	buf := make([]byte, 2048)
	for {
		n, _, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if n != packetSize {
			continue
		}
		count.Add(1)
		if seen != nil {
			seen(buf[:n])
		}
	}
}

func (b *bare) counts() (sent, received uint64) { return b.sent.Load(), b.received.Load() }

// lateness of the reference is not measured: that would be accounting.
func (b *bare) lateness() (media.Histogram, uint64) { return media.Histogram{}, 0 }

func (b *bare) frames() uint64 { return 0 }

func (b *bare) hush() {
	b.once.Do(func() { close(b.stop) })
	b.sending.Wait()
}

func (b *bare) close() {
	if b.stop != nil {
		b.hush()
	}
	for _, c := range b.conns {
		_ = c.Close()
	}
	b.reading.Wait()
}
