package detect

import (
	"slices"
	"time"

	"campanario/voice/audio"
)

// frames is how many frames last d.
func frames(d time.Duration) int { return int(d / audio.FrameDuration) }

const (
	overFloor = 2.5  // times the noise floor
	ofPeak    = 0.04 // of the loudest frame
	peakDecay = 0.998

	// The floor is the least of one to two spans of 1.5 s, which hold a pause of any speaker. In the first span there
	// may have been nothing but speech, whose least is no floor: the line is taken to be no noisier than firstFloor
	// then (some -40 dBFS). Frames of nothing at all before the line opens tell nothing of its noise.
	floorSpan  = 75
	firstFloor = 250
	nothing    = 9 // mean magnitude: A-law's smallest value is 8

	// Speech moves and noise does not: so many loud frames in a row, none of them louder than another by this factor, are
	// a noise that has just begun. They raise the floor at once.
	evenSpan = 14
	even     = 1.6
	goneBy   = 0.6 // of that floor: quieter frames than this, three in a row, show that the noise has stopped
)

// heardAs is what a frame is, as far as loudness tells.
type heardAs string

const (
	quiet heardAs = "quiet"
	loud  heardAs = "loud"
	noise heardAs = "noise" // and so were the evenSpan-1 loud frames just before it
)

// loudness tells loud frames from the rest.
type loudness struct {
	level    float64 // absolute
	open     bool    // something has been heard
	peak     float64
	current  float64 // least of the span that runs
	previous float64 // and of the one before; negative before there is one
	inSpan   int

	last [evenSpan]float64 // the last loud frames
	run  int               // how many in a row

	noise  float64 // floor of a noise that moved too little for speech; 0 for none
	absent int     // frames in a row that contradict it
}

func newLoudness(level int) loudness {
	return loudness{level: float64(level), previous: -1, current: -1}
}

// hear takes the mean magnitude of a frame.
func (l *loudness) hear(mean float64, tone bool) heardAs {
	if l.open = l.open || mean > nothing; !l.open {
		return quiet
	}
	if l.current < 0 || mean < l.current {
		l.current = mean
	}
	if l.inSpan++; l.inSpan == floorSpan {
		l.previous, l.current, l.inSpan = l.current, -1, 0
	}
	if l.absent++; mean >= goneBy*l.noise {
		l.absent = 0
	} else if l.absent == 3 {
		l.noise = 0
	}
	if tone {
		l.run = 0
		return quiet
	}
	l.peak = max(l.peak*peakDecay, mean)
	if mean <= max(l.level, overFloor*l.floor(), ofPeak*l.peak) {
		l.run = 0
		return quiet
	}
	l.last[l.run%evenSpan] = mean
	if l.run++; l.run >= evenSpan {
		if low, high := slices.Min(l.last[:]), slices.Max(l.last[:]); high <= even*low {
			l.noise, l.absent, l.run = (low+high)/2, 0, 0
			return noise
		}
	}
	return loud
}

func (l *loudness) floor() float64 {
	least := l.previous
	switch {
	case l.previous < 0:
		least = min(l.current, firstFloor)
	case l.current >= 0:
		least = min(l.current, l.previous)
	}
	return max(least, l.noise)
}
