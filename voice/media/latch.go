package media

import (
	"net/netip"
	"time"
)

const (
	latchPackets = 3                      // in sequence, before another address is believed
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

	candidate   proof         // of an address that was not signalled
	claim       proof         // of the signalled one, whose sequence nobody else spoils
	moving      bool          // a new address was signalled and has not spoken yet
	movingSince time.Duration // on the clock of the session's packets
}

// proof is the packets in sequence that an address has sent.
type proof struct {
	from    netip.AddrPort
	ssrc    uint32
	next    uint16
	packets int
}

// add takes a packet and reports whether there are enough.
func (p *proof) add(from netip.AddrPort, ssrc uint32, sequence uint16) bool {
	if from != p.from || ssrc != p.ssrc || sequence != p.next {
		*p = proof{from: from, ssrc: ssrc}
	}
	p.packets++
	p.next = sequence + 1
	return p.packets >= latchPackets
}

// expect takes a newly signalled address. A source that was confirmed is still heard until the new one speaks.
func (l *latch) expect(signalled netip.AddrPort, now time.Duration) {
	if signalled == l.signalled {
		return
	}
	l.signalled = signalled
	l.moving = l.confirmed.IsValid() && l.confirmed != signalled
	l.movingSince, l.candidate, l.claim = now, proof{}, proof{}
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
	p := &l.candidate
	if from == l.signalled {
		p = &l.claim
	}
	if !p.add(from, ssrc, sequence) || !l.mayMove(from, ssrc, sequence, now) {
		return drop
	}
	return l.confirm(from, ssrc, sequence, now)
}

// mayMove reports whether an address that is not the source and has proved itself may become it. The signalled one
// always may: whoever was heard before it was there by NAT, and then nobody speaks from what was signalled, or by fraud.
func (l *latch) mayMove(from netip.AddrPort, ssrc uint32, sequence uint16, now time.Duration) bool {
	if !l.confirmed.IsValid() || l.moving || from == l.signalled {
		return true
	}
	if ahead := sequence - l.sequence; ssrc == l.ssrc && ahead > 0 && ahead < 3000 {
		return true
	}
	return from.Addr() == l.confirmed.Addr() && now-l.lastHeard >= latchQuiet
}

func (l *latch) confirm(from netip.AddrPort, ssrc uint32, sequence uint16, now time.Duration) verdict {
	l.confirmed, l.moving, l.candidate, l.claim = from, false, proof{}, proof{}
	l.ssrc, l.sequence, l.lastHeard = ssrc, sequence, now
	return moved
}
