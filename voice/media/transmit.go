package media

import (
	"encoding/binary"

	"campanario/voice/audio"
)

// An RTP header without contributing sources and extensions (RFC 3550, 5.1).
const (
	headerSize  = 12
	rtpVersion2 = 0x80
	marker      = 0x80
)

// transmitter makes the packets that a session sends. It belongs to the goroutine of the pacer and knows no socket.
type transmitter struct {
	ssrc      uint32
	sequence  uint16
	timestamp uint32
	quiet     bool // nothing was sent just before: the next packet begins a talkspurt
	keys      presser
	pcm       [audio.FrameSize]int16
	packet    [headerSize + audio.FrameSize]byte
}

func newTransmitter(ssrc uint32, sequence uint16, timestamp uint32) transmitter {
	return transmitter{ssrc: ssrc, sequence: sequence, timestamp: timestamp, quiet: true}
}

// next gives the packet that is due, elapsed frames after the one before, or nil when the direction forbids to send. The
// bytes are the transmitter's and change with the next call.
func (t *transmitter) next(p *Params, src audio.Source, elapsed int) []byte {
	t.timestamp += uint32(elapsed) * audio.FrameSize
	if !p.Direction.Sends() {
		t.quiet = true
		return nil
	}
	if t.keys.busy(t.timestamp, p.Events != 0) {
		if t.keys.sending {
			return t.event(p.Events, elapsed)
		}
		t.keys.sound(t.pcm[:])
	} else {
		n := 0
		if src != nil {
			n = min(max(src.ReadFrame(t.pcm[:]), 0), len(t.pcm))
		}
		clear(t.pcm[n:])
	}
	p.Codec.Encode(t.packet[headerSize:], t.pcm[:])
	t.header(p.PayloadType, t.quiet, t.timestamp)
	t.quiet = false
	return t.packet[:]
}

// event makes the packet of a key. The source is not asked meanwhile: what is said pauses rather than being lost.
func (t *transmitter) event(payloadType uint8, elapsed int) []byte {
	e, first := t.keys.event(elapsed)
	e.put(t.packet[headerSize:])
	t.header(payloadType, first, t.keys.start)
	t.quiet = false
	return t.packet[:headerSize+eventSize]
}

func (t *transmitter) header(payloadType uint8, mark bool, timestamp uint32) {
	b := t.packet[:headerSize]
	b[0], b[1] = rtpVersion2, payloadType
	if mark {
		b[1] |= marker
	}
	binary.BigEndian.PutUint16(b[2:], t.sequence)
	binary.BigEndian.PutUint32(b[4:], timestamp)
	binary.BigEndian.PutUint32(b[8:], t.ssrc)
	t.sequence++
}
