package detect

import "math"

// Bands in which a tone is judged only when it is over.
const (
	exchangeLow, exchangeHigh = 400.0, 460.0
	faxLow, faxHigh           = 2070.0, 2130.0

	faxFrames     = 40 // 800 ms of 2,100 Hz: no voicemail beeps so, and a fax goes on for 2.6 s at least
	ringingFrames = 42 // 840 ms of 425 Hz: the 1 s of a ringing tone, or a dial tone without end
	repeatFrames  = 20 // 400 ms: a busy tone is back by then
	dropout       = 1  // frames a tone may be spoilt for
	patience      = 6  // frames more that a tone must last which is mostly noisy: voices come near to that
)

// heard is what the beeper makes of the tones.
type heard string

const (
	none heard = ""
	beep heard = "beep"
	fax  heard = "fax"
)

// beeper follows tones from frame to frame.
type beeper struct {
	least     int     // frames of a beep
	frequency float64 // of the tone that sounds, averaged
	length    int     // frames of it, 0 for none
	noisy     int     // of them, those with noise
	spoilt    int     // frames since it was clean
	told      bool

	pending int     // frames since a tone ended that is a beep unless it comes back; 0 for none
	found   float64 // its frequency, or that of the beep
	cadence int     // tones in the exchange's band so far
	faxed   int     // frames of tones in the fax's band, with what turns and moves within them
}

// busy reports whether a tone sounds, or has sounded, of which it is not known yet what it is.
func (b *beeper) busy() bool { return b.pending > 0 || b.length > 2 && !b.told }

// hear takes a frame's tone.
func (b *beeper) hear(p pitch) heard {
	f := p.frequency
	if b.pending > 0 {
		if b.pending++; b.pending > repeatFrames {
			b.pending, b.faxed = 0, 0
			return beep
		}
	}
	switch {
	case f != 0 && b.length > 0 && math.Abs(f-b.frequency) <= steady:
		b.length += 1 + b.spoilt
		b.spoilt = 0
		b.frequency += (f - b.frequency) / 4
	case f != 0:
		b.end()
		b.frequency, b.length, b.noisy, b.spoilt, b.told = f, 1, 0, 0, false
	case b.length > 0:
		if b.spoilt++; b.spoilt > dropout {
			b.end()
		}
		return none
	}
	if f != 0 && !p.clean {
		b.noisy++
	}
	if b.told || !b.long() {
		return none
	}
	return b.judge()
}

// long reports whether the tone has lasted long enough for a beep.
func (b *beeper) long() bool {
	if 2*b.noisy > b.length {
		return b.length >= b.least+patience
	}
	return b.length >= b.least
}

// judge looks at a tone that is long enough for a beep.
func (b *beeper) judge() heard {
	switch {
	case b.frequency >= exchangeLow && b.frequency <= exchangeHigh:
		b.pending = 0 // it is back: a cadence
		return none
	case b.frequency >= faxLow && b.frequency <= faxHigh:
		b.pending = 0
		if b.faxed+b.length < faxFrames {
			return none
		}
		b.told = true
		return fax
	}
	b.told, b.found = true, b.frequency
	return beep
}

// end closes the tone that sounded. Those that had to be over to be judged are judged now.
func (b *beeper) end() {
	if b.length > 0 && b.long() && !b.told {
		switch {
		case b.frequency >= exchangeLow && b.frequency <= exchangeHigh:
			b.cadence++
			if b.cadence == 1 && b.length < ringingFrames {
				b.pending, b.found = 1+b.spoilt, b.frequency
			}
		default: // around 2,100 Hz: a modern fax turns its phase every 450 ms, which looks like a new tone
			b.faxed += b.length
			b.pending, b.found = 1+b.spoilt, b.frequency
		}
	}
	b.length, b.noisy, b.spoilt = 0, 0, 0
}
