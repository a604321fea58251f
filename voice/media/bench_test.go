package media

import (
	"net"
	"testing"
	"time"

	"github.com/pion/rtp"

	"campanario/voice/audio"
)

// BenchmarkTransmit makes one packet of sound, without the socket.
func BenchmarkTransmit(b *testing.B) {
	x := newTransmitter(1, 1, 1)
	p := &Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}
	pcm := audio.Ringback().Render(time.Second)
	src := sourceFunc(func(buf []int16) int { return copy(buf, pcm) })
	b.ReportAllocs()
	for b.Loop() {
		x.next(p, src, 1)
	}
}

// BenchmarkReceive hears one packet of sound, without the socket.
func BenchmarkReceive(b *testing.B) {
	r := receiver{frame: func([]int16) {}}
	p := Params{Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	payload := make([]byte, audio.FrameSize)
	h := rtp.Header{PayloadType: 8}
	b.ReportAllocs()
	for b.Loop() {
		r.packet(0, &p, &h, payload, false)
		h.SequenceNumber++
		h.Timestamp += 160
	}
}

// BenchmarkTake hears one datagram: parsing, latching, and all that BenchmarkReceive does.
func BenchmarkTake(b *testing.B) {
	x := &Session{stack: &Stack{epoch: time.Now()}, rx: receiver{frame: func([]int16) {}}}
	far := loopbackSocket(b)
	from := far.LocalAddr().(*net.UDPAddr).AddrPort()
	x.set(Params{Remote: from, Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}, 0)
	p := x.agreed.Load()
	x.adopt(p, 0)
	t := newTransmitter(1, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		x.take(0, p, t.next(p, nil, 1), from)
		x.show()
	}
}

// BenchmarkTick sends one packet over a real socket, as the pacer does.
func BenchmarkTick(b *testing.B) {
	stack, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	x, err := stack.NewSession(Handlers{})
	if err != nil {
		b.Fatal(err)
	}
	defer stack.Stop()
	far := loopbackSocket(b)
	x.set(Params{Remote: far.LocalAddr().(*net.UDPAddr).AddrPort(), Codec: audio.PCMA, PayloadType: 8, Direction: SendOnly}, 0)
	x.reportAt = time.Hour
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		x.tick(now, 0, 1)
	}
}

func loopbackSocket(b *testing.B) *net.UDPConn {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}
