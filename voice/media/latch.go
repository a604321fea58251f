package media

import (
	"net/netip"
	"time"
)

const (
	latchPackets = 3                      // in sequence, before an address that was not signalled is believed
	latchQuiet   = 500 * time.Millisecond // silence of the confirmed source before another port of its host may take over
	latchMove    = 2 * time.Second        // time for a newly signalled source to speak before the old one is confirmed again
)

// latch decides whose packets are heard. The package comment says how.
type latch struct {
	signalled netip.AddrPort
	confirmed netip.AddrPort // invalid before anybody was
	lastHeard time.Duration  // of the confirmed source
	ssrc      uint32         // of the confirmed source's stream, and its highest sequence number
	sequence  uint16

	candidate     netip.AddrPort
	candidateSSRC uint32
	candidateNext uint16
	candidates    int           // packets of the candidate in sequence
	moving        bool          // a new address was signalled and has not spoken yet
	movingSince   time.Duration // on the clock of the session's packets
}

// expect takes a newly signalled address. A source that was confirmed is still heard until the new one speaks.
func (l *latch) expect(signalled netip.AddrPort, now time.Duration) {
	if signalled == l.signalled {
		return
	}
	l.signalled = signalled
	l.moving = l.confirmed.IsValid() && l.confirmed != signalled
	l.movingSince, l.candidates = now, 0
}

// verdict is what is to be done with a packet.
type verdict string

const (
	drop  verdict = "drop"
	hear  verdict = "hear"
	moved verdict = "moved" // hear, and from now on send there: this packet confirmed its source
)

// judge looks at where a packet came from.
func (l *latch) judge(from netip.AddrPort, ssrc uint32, sequence uint16, now time.Duration) verdict {
	switch {
	case from == l.confirmed:
		l.lastHeard, l.ssrc = now, ssrc
		l.sequence = sequence
		if l.moving && now-l.movingSince > latchMove {
			l.moving = false // it was not the source that moved, only what was signalled of it
			return moved
		}
		return hear
	case from == l.signalled && (l.moving || !l.confirmed.IsValid()):
		return l.confirm(from, ssrc, sequence, now)
	}
	if from != l.candidate || ssrc != l.candidateSSRC || sequence != l.candidateNext || l.candidates == 0 {
		l.candidate, l.candidateSSRC, l.candidates = from, ssrc, 0
	}
	l.candidates++
	l.candidateNext = sequence + 1
	if l.candidates < latchPackets || !l.mayMove(from, ssrc, sequence, now) {
		return drop
	}
	return l.confirm(from, ssrc, sequence, now)
}

// mayMove reports whether an address that was not signalled may become the source.
func (l *latch) mayMove(from netip.AddrPort, ssrc uint32, sequence uint16, now time.Duration) bool {
	if !l.confirmed.IsValid() || l.moving {
		return true
	}
	if ahead := sequence - l.sequence; ssrc == l.ssrc && ahead > 0 && ahead < 3000 {
		return true
	}
	return from.Addr() == l.confirmed.Addr() && now-l.lastHeard >= latchQuiet
}

func (l *latch) confirm(from netip.AddrPort, ssrc uint32, sequence uint16, now time.Duration) verdict {
	l.confirmed, l.moving, l.candidates = from, false, 0
	l.ssrc, l.sequence, l.lastHeard = ssrc, sequence, now
	return moved
}
