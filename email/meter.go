package email

import "time"

// meterSpan is over how long a rate is taken.
const meterSpan = 250 * time.Millisecond

// meter measures how many things happen in a second, over the last whole span.
type meter struct {
	from  time.Time // begin of the current span
	count int
	last  float64
	known bool
}

func (m *meter) add(now time.Time) {
	m.roll(now)
	m.count++
}

// perSecond is the rate; known is false before the first whole span.
func (m *meter) perSecond(now time.Time) (rate float64, known bool) {
	m.roll(now)
	return m.last, m.known
}

// roll ends a span that is over. One in which nothing happened says nothing: there may have been nothing to do.
func (m *meter) roll(now time.Time) {
	switch d := now.Sub(m.from); {
	case m.from.IsZero():
		m.from = now
	case d >= 4*meterSpan: // it stood still in between
		m.from, m.count = now, 0
	case d >= meterSpan:
		if m.count > 0 {
			m.last, m.known = float64(m.count)/d.Seconds(), true
		}
		m.from, m.count = now, 0
	}
}
