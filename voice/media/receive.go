package media

import (
	"time"

	"github.com/pion/rtp"

	"campanario/voice/audio"
)

// kind is what a received payload is.
type kind string

const (
	soundA  kind = "a-law"
	soundU  kind = "µ-law"
	keys    kind = "keys"
	comfort kind = "comfort noise" // RFC 3389: the far end says that it is silent
	other   kind = "other"
)

const (
	comfortType = 13
	starved     = 100 * time.Millisecond // without a frame before silence is made by the clock
	mostOwed    = 50                     // frames of silence made at once after the process itself was stopped
	concealable = 5 * audio.FrameSize    // the longest hole in a stream that is filled by its timestamps
	maxSkip     = 3000                   // a jump of sequence numbers by more is a new beginning (RFC 3550, A.1)
	maxBehind   = 100
	restart     = 10 // packets in sequence behind what is due that mean a new beginning
)

// receiver makes frames and keys of the packets of one session. It belongs to the goroutine that reads the socket and
// knows no clock and no socket itself: now is the time since some fixed moment.
type receiver struct {
	frame func([]int16) // what is given is good until it returns
	key   func(rune)

	known     bool // a stream is being received
	ssrc      uint32
	due       uint16 // sequence number of the packet that is to be played next
	playing   bool   // nextStamp is known
	nextStamp uint32 // timestamp that continues what was played last
	lastFrame time.Duration
	filled    int // samples of silence made by the clock since the last packet that was played

	probeSSRC uint32 // another stream that has sent one packet; it takes over with the next in sequence
	probeNext uint16
	probing   bool
	jumpNext  uint16 // likewise after a jump within the stream
	jumping   bool
	lateNext  uint16
	lateRun   int

	waiting    reorder
	pressed    listener
	stats      reception
	lostBefore int64 // in streams before the one that stats is of
	counters   Counters

	buf     [audio.FrameSize]int16 // the frame being filled
	filling int
	last    [audio.FrameSize]int16 // the frame before, for concealing
	repeat  int                    // times it was repeated already
}

// classify tells what a payload type stands for.
func (p *Params) classify(payloadType uint8) kind {
	in := p.EventsIn
	if in == 0 {
		in = p.Events
	}
	switch {
	case payloadType == in && in != 0:
		return keys
	case payloadType == p.PayloadType && p.Codec == audio.PCMA, payloadType == audio.PCMA.PayloadType():
		return soundA
	case payloadType == p.PayloadType, payloadType == audio.PCMU.PayloadType():
		return soundU
	case payloadType == comfortType:
		return comfort
	}
	return other
}

// packet takes one packet that the latch let pass. fresh says that its source has just been confirmed.
func (r *receiver) packet(now time.Duration, p *Params, h *rtp.Header, payload []byte, fresh bool) {
	r.counters.Packets++
	r.counters.Octets += uint64(len(payload))
	k := p.classify(h.PayloadType)
	if !r.admit(h, fresh) {
		r.counters.Dropped++
		return
	}
	r.stats.count(h.SequenceNumber)
	if k == soundA || k == soundU {
		r.stats.arrive(now, h.Timestamp)
	}
	if k == other {
		r.counters.Unknown++
	}
	if !p.Direction.Receives() {
		r.hold(h.SequenceNumber)
		return
	}
	ahead := int16(h.SequenceNumber - r.due)
	switch {
	case ahead == 0:
		r.lateRun = 0
		r.play(now, k, h.Timestamp, payload, 0)
		r.due++
		r.release(now)
	case ahead < 0:
		r.counters.Late++
	default:
		r.lateRun = 0
		r.early(now, k, h, payload, int(ahead))
	}
}

// admit decides whether a packet belongs to the stream that is heard, and begins a new one where it must.
func (r *receiver) admit(h *rtp.Header, fresh bool) bool {
	seq := h.SequenceNumber
	switch {
	case !r.known, fresh && h.SSRC != r.ssrc:
		r.begin(h)
		return true
	case h.SSRC != r.ssrc:
		// Packets of the old stream may still be on their way: the new one must send two in sequence.
		if r.probing && h.SSRC == r.probeSSRC && seq == r.probeNext {
			r.counters.Streams++
			r.begin(h)
			return true
		}
		r.probing, r.probeSSRC, r.probeNext = true, h.SSRC, seq+1
		return false
	}
	r.probing = false
	ahead := int16(seq - r.due)
	if ahead > maxSkip || ahead < -maxBehind {
		if r.jumping && seq == r.jumpNext {
			r.begin(h)
			return true
		}
		r.jumping, r.jumpNext = true, seq+1
		return false
	}
	r.jumping = false
	if ahead < 0 {
		if seq != r.lateNext {
			r.lateRun = 0
		}
		r.lateNext = seq + 1
		if r.lateRun++; r.lateRun >= restart {
			r.begin(h)
		}
	}
	return true
}

// begin forgets the stream before and plays from this packet on.
func (r *receiver) begin(h *rtp.Header) {
	r.lostBefore += r.stats.lost()
	r.stats.begin(h.SequenceNumber)
	r.known, r.ssrc, r.due = true, h.SSRC, h.SequenceNumber
	r.playing, r.probing, r.jumping, r.lateRun = false, false, false, 0
	r.waiting.clear()
	r.pressed = listener{}
}

// hold keeps the place in a stream that nobody listens to.
func (r *receiver) hold(sequence uint16) {
	r.counters.Unheard++
	if int16(sequence-r.due) >= 0 {
		r.due = sequence + 1
	}
	r.waiting.clear()
	r.playing = false
}

// early keeps a packet that is ahead, and gives the missing ones up when enough have come after them.
func (r *receiver) early(now time.Duration, k kind, h *rtp.Header, payload []byte, ahead int) {
	if ahead >= reorderDepth { // more is missing than could ever be put in order
		r.flush(now)
		r.play(now, k, h.Timestamp, payload, int(h.SequenceNumber-r.due))
		r.due = h.SequenceNumber + 1
		return
	}
	if !r.waiting.put(h.SequenceNumber, h.Timestamp, k, payload) {
		r.counters.Late++ // a duplicate
		return
	}
	r.counters.Reordered++
	if r.waiting.count >= reorderWait {
		r.skip(now)
	}
}

// release plays what waits and is due now.
func (r *receiver) release(now time.Duration) {
	for {
		h := r.waiting.take(r.due)
		if h == nil {
			return
		}
		r.play(now, h.kind, h.timestamp, h.payload, 0)
		r.due++
	}
}

// skip gives up what is missing before the first packet that waits.
func (r *receiver) skip(now time.Duration) {
	for missing := range reorderDepth {
		if h := r.waiting.take(r.due + uint16(missing)); h != nil {
			r.due = h.sequence
			r.play(now, h.kind, h.timestamp, h.payload, missing)
			r.due++
			break
		}
	}
	r.release(now)
}

// flush plays everything that waits.
func (r *receiver) flush(now time.Duration) {
	for r.waiting.count > 0 {
		r.skip(now)
	}
}

// play makes frames of a packet whose turn it is; missing packets before it were given up.
func (r *receiver) play(now time.Duration, k kind, timestamp uint32, payload []byte, missing int) {
	switch k {
	case keys:
		if e, ok := parseEvent(payload); ok {
			if key, isNew := r.pressed.hear(timestamp, e); isNew && r.key != nil {
				r.key(key)
			}
		}
		return
	case comfort, other:
		return
	case soundA, soundU:
	}
	if r.playing {
		r.bridge(int(int32(timestamp-r.nextStamp)), missing)
	}
	r.filled = 0
	r.playing, r.nextStamp = true, timestamp+uint32(len(payload))
	codec := audio.PCMU
	if k == soundA {
		codec = audio.PCMA
	}
	for len(payload) > 0 {
		n := codec.Decode(r.buf[r.filling:], payload)
		payload = payload[n:]
		r.push(n)
	}
	r.repeat = 0
	r.lastFrame = now
}

// bridge fills a hole of so many samples between two packets, less what the clock has filled already. Holes that are
// longer than loss can make are pauses of the far end, which the clock has filled.
func (r *receiver) bridge(hole, missing int) {
	hole -= r.filled
	if hole <= 0 || hole > max(concealable, missing*concealable) || hole > mostOwed*audio.FrameSize {
		return
	}
	if missing > 0 {
		r.counters.Concealed += uint64((hole + audio.FrameSize - 1) / audio.FrameSize)
	}
	for hole > 0 {
		n := min(hole, audio.FrameSize-r.filling)
		r.conceal(r.buf[r.filling:r.filling+n], missing > 0)
		hole -= n
		r.push(n)
	}
}

// conceal repeats the frame before, each time at half the level, twice; then silence.
func (r *receiver) conceal(dst []int16, lost bool) {
	if !lost || r.repeat >= 2 {
		clear(dst)
		return
	}
	for i := range dst {
		dst[i] = r.last[r.filling+i] >> 1
	}
}

// push counts n samples just written to the frame and hands it on when it is full.
func (r *receiver) push(n int) {
	if r.filling += n; r.filling < audio.FrameSize {
		return
	}
	r.filling = 0
	r.counters.Frames++
	if r.frame != nil {
		r.frame(r.buf[:])
	}
	r.last = r.buf
	r.repeat++
}

// idle is called when nothing has come for a while. It makes the silence that is owed at now and says when to come back
// at the latest; false means that packets flow and the clock is not needed.
func (r *receiver) idle(now time.Duration, p *Params) (next time.Duration, starving bool) {
	if !p.Direction.Receives() {
		r.lastFrame = now
		return 0, false
	}
	if now-r.lastFrame < starved && r.filled == 0 {
		return 0, false
	}
	r.flush(now)
	if now-r.lastFrame > mostOwed*period {
		r.lastFrame = now - mostOwed*period
	}
	for now-r.lastFrame >= period {
		n := audio.FrameSize - r.filling
		clear(r.buf[r.filling:])
		r.filled += n
		r.counters.Filled++
		r.push(n)
		r.lastFrame += period
	}
	return r.lastFrame + period, true
}
