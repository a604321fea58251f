package detect

import "time"

// ActivityParams say when somebody speaks. Zero means the default.
type ActivityParams struct {
	Start time.Duration // of sound that is speech; default 120 ms
	End   time.Duration // of silence after which the turn is over; default 700 ms
	Level int           // as in Params; default 60
}

// Activity tells when the far end speaks and when it has stopped, for those who take turns with it. Tones are no speech.
// It belongs to one goroutine and allocates nothing.
type Activity struct {
	start, end int
	loud       loudness
	run        int // loud frames, with short dips
	pause      int
	speaking   bool
}

// dip is how many quiet frames a word may hold: the closure of a p or a t.
const dip = 3

// NewActivity begins to listen.
func NewActivity(p ActivityParams) *Activity {
	if p.Start <= 0 {
		p.Start = 120 * time.Millisecond
	}
	if p.End <= 0 {
		p.End = 700 * time.Millisecond
	}
	if p.Level <= 0 {
		p.Level = Defaults().Level
	}
	return &Activity{start: max(frames(p.Start), 1), end: max(frames(p.End), 1), loud: newLoudness(p.Level)}
}

// Speaking reports whether the far end is in the middle of saying something.
func (a *Activity) Speaking() bool { return a.speaking }

// Hear takes the next frame. started is true once when speech has begun, stopped once when it has ended.
func (a *Activity) Hear(frame []int16) (started, stopped bool) {
	mean := magnitude(frame)
	if a.loud.hear(mean, tone(frame, mean).clean) == loud {
		a.run++
		a.pause = 0
		if !a.speaking && a.run >= a.start {
			a.speaking = true
			return true, false
		}
		return false, false
	}
	if a.pause++; a.pause > dip {
		a.run = 0
	}
	if a.speaking && a.pause >= a.end {
		a.speaking = false
		return false, true
	}
	return false, false
}
