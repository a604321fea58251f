package media

import (
	"encoding/binary"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// Telephone events (RFC 4733) have a payload of four bytes: the event, a bit that says it has ended, its volume, and how
// long it has lasted in samples. All packets of one event bear the timestamp of its beginning.
const (
	eventSize   = 4
	eventEnd    = 0x80
	eventVolume = 10 // -10 dBm0, the level of ordinary telephones

	keyOn      = 100 * time.Millisecond // long enough for every receiver (ITU-T Q.24 asks for 40 ms)
	keyOff     = 100 * time.Millisecond
	keyEnds    = 3   // the last packet of an event is sent three times (RFC 4733, 2.5.1.4)
	mostKeys   = 128 // waiting at once
	keyPause   = ','
	pauseTicks = 25 // frames in the pause of a comma: half a second
)

// event is one packet's view of a key.
type event struct {
	code     uint8
	end      bool
	duration uint16
}

// parseEvent reads the first event of a payload.
func parseEvent(payload []byte) (event, bool) {
	if len(payload) < eventSize {
		return event{}, false
	}
	return event{
		code:     payload[0],
		end:      payload[1]&eventEnd != 0,
		duration: binary.BigEndian.Uint16(payload[2:]),
	}, true
}

func (e event) put(b []byte) {
	b[0], b[1] = e.code, eventVolume
	if e.end {
		b[1] |= eventEnd
	}
	binary.BigEndian.PutUint16(b[2:], e.duration)
}

// listener turns the packets of events into keys, each once, when it is first heard of. Packets come in any order and
// repeated.
type listener struct {
	heard    bool
	at       uint32 // timestamp of the event that was heard last
	code     uint8
	ended    bool
	duration uint16
}

// hear takes one packet and gives the key that it is the first news of.
func (l *listener) hear(timestamp uint32, e event) (key rune, isNew bool) {
	if l.heard {
		since := int32(timestamp - l.at)
		if since < 0 && since > -2*audio.Rate {
			return 0, false // of an event before this one
		}
		// Long events continue in segments with a timestamp of their own, and some gateways move the timestamp with
		// every packet: as long as the end has not been seen and time passes no faster than the event lasts, it is
		// the same press.
		same := since == 0 || since > 0 && !l.ended && e.code == l.code && since <= int32(l.duration)+2*audio.FrameSize
		if same && e.code == l.code {
			l.at, l.ended = timestamp, l.ended || e.end
			l.duration = max(e.duration, l.duration)
			if since > 0 {
				l.duration = e.duration
			}
			return 0, false
		}
		if since == 0 {
			return 0, false // two events cannot begin at once: one of the packets is broken
		}
	}
	*l = listener{heard: true, at: timestamp, code: e.code, ended: e.end, duration: e.duration}
	if int(e.code) >= len(audio.Keys) {
		return 0, false // hook flash, fax and modem signals
	}
	return rune(audio.Keys[e.code]), true
}

// presser sends keys, one tick after the other. Its queue is filled from any goroutine; all else belongs to the pacer.
type presser struct {
	waiting atomic.Int32 // keys in the queue and the one being sent, so that the pacer needs no lock to see that there is none
	mu      sync.Mutex
	queue   []rune

	code     uint8
	start    uint32 // timestamp of the event that is being sent
	duration uint32
	ends     int // last packets sent
	rest     int // ticks of silence or sound until the next key
	sending  bool
	tone     *audio.ToneSource // where no events were agreed
}

// press queues keys: 0-9, *, #, A-D, and a comma for a pause of half a second. It refuses all when one is no key.
func (p *presser) press(keys string) error {
	for _, k := range keys {
		if _, _, ok := audio.KeyTone(k); !ok && k != keyPause {
			return fault.New(fault.Invalid, "keypad_key_unknown", fault.Params{"key": string(k)})
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue)+len(keys) > mostKeys {
		return fault.New(fault.Invalid, "keys_too_many", fault.Params{"max": mostKeys})
	}
	p.queue = append(p.queue, []rune(strings.ToUpper(keys))...)
	p.waiting.Add(int32(len(keys)))
	return nil
}

func (p *presser) pop() rune {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.queue[0]
	p.queue = p.queue[1:]
	return k
}

// busy takes the next key when its time has come and reports whether this tick belongs to a key.
func (p *presser) busy(timestamp uint32, asEvent bool) bool {
	if p.waiting.Load() == 0 {
		return false
	}
	if p.sending && !asEvent { // a new agreement in the middle of a key
		p.sending, p.rest = false, int(keyOff/period)
	}
	if p.sending || p.tone != nil {
		return true
	}
	if p.rest > 0 {
		if p.rest--; p.rest == 0 {
			p.waiting.Add(-1)
		}
		return false
	}
	k := p.pop()
	if k == keyPause {
		p.rest = pauseTicks
		return false
	}
	if !asEvent {
		p.tone = audio.KeyTones(string(k), keyOn, 0).Source()
		return true
	}
	p.code, p.start = uint8(strings.IndexRune(audio.Keys, k)), timestamp
	p.duration, p.ends, p.sending = 0, 0, true
	return true
}

// event gives the packet of this tick, elapsed frames after the one before, and whether it is the event's first.
func (p *presser) event(elapsed int) (e event, first bool) {
	first = p.duration == 0
	if p.ends == 0 {
		if first {
			elapsed = 1
		}
		p.duration = min(p.duration+uint32(elapsed)*audio.FrameSize, 0xFFFF)
	}
	e = event{code: p.code, duration: uint16(p.duration)}
	if p.duration >= uint32(audio.Samples(keyOn)) {
		e.end = true
		if p.ends++; p.ends == keyEnds {
			p.sending = false
			p.rest = int(keyOff / period)
		}
	}
	return e, first
}

// sound gives the next frame of the key's tone.
func (p *presser) sound(frame []int16) {
	n := p.tone.ReadFrame(frame)
	clear(frame[n:])
	if n < len(frame) {
		p.tone = nil
		p.rest = int(keyOff/period) - 1
	}
}
