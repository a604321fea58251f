package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"campanario/voice/audio"
)

type sourceFunc func(buf []int16) int

func (f sourceFunc) ReadFrame(buf []int16) int { return f(buf) }

func unpack(t testing.TB, b []byte) rtp.Packet {
	t.Helper()
	var p rtp.Packet
	if err := p.Unmarshal(b); err != nil {
		t.Fatalf("not a packet: %v", err)
	}
	if p.Version != 2 || p.Padding || p.Extension || len(p.CSRC) > 0 {
		t.Fatalf("odd header: %+v", p.Header)
	}
	return p
}

// feed gives packets to a receiver, 20 ms apart.
func feed(t testing.TB, r *receiver, p *Params, packets [][]byte) {
	t.Helper()
	for i, b := range packets {
		h := unpack(t, b)
		r.packet(time.Duration(i)*period, p, &h.Header, h.Payload, false)
	}
}

func TestTransmitter(t *testing.T) {
	x := newTransmitter(0xCAFE, 65534, 0xFFFFFF00)
	p := &Params{Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	steps := []struct {
		name    string
		elapsed int
		change  func()
		sent    bool
		mark    bool
		typ     uint8
		seq     uint16
		stamp   uint32
	}{
		{"the first packet begins a talkspurt", 1, nil, true, true, 8, 65534, 0xFFFFFFA0},
		{"the timestamp wraps", 1, nil, true, false, 8, 65535, 0x40},
		{"the number wraps", 1, nil, true, false, 8, 0, 0xE0},
		{"missed frames move the timestamp and not the number", 5, nil, true, false, 8, 1, 0xE0 + 5*160},
		{"held: nothing is sent", 1, func() { p.Direction = RecvOnly }, false, false, 0, 0, 0},
		{"still held", 1, func() { p.Direction = Inactive }, false, false, 0, 0, 0},
		{"back: time has gone on", 1, func() { p.Direction = SendOnly }, true, true, 8, 2, 0xE0 + 8*160},
		{"another codec", 1, func() { p.Codec, p.PayloadType = audio.PCMU, 0 }, true, false, 0, 3, 0xE0 + 9*160},
	}
	for _, s := range steps {
		if s.change != nil {
			s.change()
		}
		b := x.next(p, nil, s.elapsed)
		if (b != nil) != s.sent {
			t.Fatalf("%s: sent %v", s.name, b != nil)
		}
		if b == nil {
			continue
		}
		h := unpack(t, b)
		if h.SSRC != 0xCAFE || h.Marker != s.mark || h.PayloadType != s.typ || h.SequenceNumber != s.seq || h.Timestamp != s.stamp {
			t.Errorf("%s: %+v", s.name, h.Header)
		}
		if len(h.Payload) != audio.FrameSize || h.Payload[7] != p.Codec.Silence() {
			t.Errorf("%s: payload %x", s.name, h.Payload)
		}
	}
}

func TestTransmitterFillsShortFramesWithSilence(t *testing.T) {
	x := newTransmitter(1, 1, 1)
	p := &Params{Codec: audio.PCMU, PayloadType: 0, Direction: SendRecv}
	for _, n := range []int{160, 100, 0, -5, 1000} {
		src := sourceFunc(func(buf []int16) int {
			for i := range buf {
				buf[i] = 10000
			}
			return n
		})
		h := unpack(t, x.next(p, src, 1))
		for i, c := range h.Payload {
			if loud := c != audio.PCMU.Silence(); loud != (i < n) {
				t.Fatalf("a source that gave %d samples: byte %d is %#x", n, i, c)
			}
		}
	}
}

func TestTransmitterAllocatesNothing(t *testing.T) {
	x := newTransmitter(1, 1, 1)
	p := &Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}
	var src audio.Source = audio.Ringback().Source()
	if n := testing.AllocsPerRun(1000, func() { x.next(p, src, 1) }); n != 0 {
		t.Errorf("%v allocations for a frame", n)
	}
}
