package dispatch

import (
	"math"
	"time"
)

// meter lets at most rate starts happen in any second, evenly spaced. It counts from when a start has left, not from
// when it was decided: a start that was held up on the way holds up those behind it, and so no observer at the far end
// can ever count more than the rate. The zero meter lets everything pass. It is not safe for concurrent use.
type meter struct {
	rate   float64
	burst  int           // how many may leave together: what a tenth of a second is worth, so that a claim may take so long
	gap    time.Duration // between starts, on average
	to     time.Time     // nothing is let pass that would leave then or later; zero for no such end
	window time.Duration // in which at most len(ring) starts may leave
	ring   []*start      // the last starts, oldest at next
	next   int
	ready  time.Time // when the next may leave by the spacing
}

// start is one start that a meter has let pass.
type start struct {
	due  time.Time // it may not leave before
	left bool
	at   time.Time
}

// ahead is how long before they may leave starts are claimed, and atLeast how much of that is left when more are: one
// transaction then serves a twentieth of a second's starts, and none waits for it.
const (
	ahead   = 100 * time.Millisecond
	atLeast = 50 * time.Millisecond
)

// maxRing bounds the memory of a meter; beyond this rate the window is counted in shorter pieces.
const maxRing = 1 << 16

func newMeter(rate float64) *meter {
	m := &meter{rate: rate}
	if rate <= 0 {
		return m
	}
	n := int(min(max(1, math.Floor(rate)), maxRing))
	m.ring = make([]*start, n)
	m.window = time.Duration(float64(n) / rate * float64(time.Second))
	m.gap = time.Duration(float64(time.Second) / rate)
	m.burst = max(1, int(rate/10))
	return m
}

// limited reports whether the meter holds anything back.
func (m *meter) limited() bool { return m.rate > 0 }

// free is how many starts may be taken now, to leave when they are due, and when to ask again if none (zero: when one
// that is on its way has left).
func (m *meter) free(now time.Time) (n int, again time.Time) {
	if !m.limited() {
		return math.MaxInt, time.Time{}
	}
	first, ok := m.due(now, 0)
	switch {
	case !ok:
		return 0, time.Time{}
	case !m.to.IsZero() && !first.Before(m.to):
		return 0, first
	case first.After(now.Add(atLeast)):
		return 0, first.Add(-atLeast)
	}
	horizon := now.Add(ahead)
	for n = 1; n < len(m.ring); n++ {
		due, ok := m.due(now, n)
		if !ok || due.After(horizon) || !m.to.IsZero() && !due.Before(m.to) {
			break
		}
	}
	return n, time.Time{}
}

// due is when the start after k others may leave; false while that is not known, because one that it must keep its
// distance from has not left.
func (m *meter) due(now time.Time, k int) (time.Time, bool) {
	at := m.spaced(now).Add(time.Duration(k) * m.gap)
	if old := m.ring[(m.next+k)%len(m.ring)]; old != nil {
		if !old.left {
			return time.Time{}, false
		}
		if clear := old.at.Add(m.window); at.Before(clear) {
			at = clear
		}
	}
	return at, true
}

// spaced is when the next may leave by the spacing. A meter that was idle does not save its turns up, beyond what one
// burst is.
func (m *meter) spaced(now time.Time) time.Time {
	if floor := now.Add(-time.Duration(m.burst-1) * m.gap); m.ready.Before(floor) {
		return floor
	}
	return m.ready
}

// take lets one start pass; the caller has asked free. It may leave when it is due, and the start has to be told when it
// did.
func (m *meter) take(now time.Time) *start {
	s := &start{}
	if !m.limited() {
		return s
	}
	s.due, _ = m.due(now, 0)
	m.ready = m.spaced(now).Add(m.gap)
	m.ring[m.next] = s
	m.next = (m.next + 1) % len(m.ring)
	return s
}

// leave notes when a start left.
func (s *start) leave(at time.Time) { s.left, s.at = true, at }

// since makes the meter know that something was started at t by somebody else, which is to be counted as a full second's
// worth: what exactly, nobody here can know.
func (m *meter) since(t time.Time) {
	for i, s := range m.ring {
		if s == nil || s.left && s.at.Before(t) {
			m.ring[i] = &start{left: true, at: t}
		}
	}
}

// idle reports whether the meter has nothing left to remember.
func (m *meter) idle(now time.Time) bool {
	for _, s := range m.ring {
		if s != nil && (!s.left || now.Before(s.at.Add(m.window))) {
			return false
		}
	}
	return true
}

// breaker rests a line that refuses: after a few faults in a row it closes for a growing while, and then lets one
// attempt try. It is not safe for concurrent use.
type breaker struct {
	row   int       // faults in a row
	first time.Time // of them
	until time.Time // closed until then
	probe int64     // the attempt that tries whether the line has recovered; 0 for none
	last  cause     // what the last of them said
}

// cause is an outcome in words for an operator.
type cause struct{ code, reason, provider string }

// Faults that a line may have in a row before it rests, and how long.
const (
	tolerated = 4
	firstRest = time.Second
	longRest  = time.Minute
	// downAfter is how long a line may fail without one success before its campaigns are paused.
	downAfter = 2 * time.Minute
	downRow   = 10
)

// fault notes an attempt that disturbed nobody because the line failed. asked is how long the line wants to be left
// alone, if it said so.
func (b *breaker) fault(now time.Time, asked time.Duration, c cause) {
	if b.row == 0 {
		b.first = now
	}
	b.last = c
	rest := min(asked, time.Hour)
	if b.row <= tolerated || !now.Before(b.until) {
		b.row++ // attempts that were under way when the line was put to rest tell nothing new
	}
	if b.row > tolerated {
		d := firstRest
		for i := tolerated + 1; i < b.row && d < longRest; i++ {
			d *= 2
		}
		rest = max(rest, min(d, longRest))
	}
	if until := now.Add(rest); until.After(b.until) {
		b.until = until
	}
}

// success notes an attempt that the line carried, whatever became of it.
func (b *breaker) success() { *b = breaker{} }

// allowance is how many attempts may be started now: none while the line rests, one that tries when it has rested, any
// number otherwise.
func (b *breaker) allowance(now time.Time) (n int, again time.Time) {
	switch {
	case now.Before(b.until):
		return 0, b.until
	case b.row <= tolerated:
		return math.MaxInt, time.Time{}
	case b.probe != 0:
		return 0, time.Time{}
	default:
		return 1, time.Time{}
	}
}

// started notes an attempt, which is the one that tries if the line has been resting.
func (b *breaker) started(token int64) {
	if b.row > tolerated {
		b.probe = token
	}
}

// ended notes that an attempt is not under way any more.
func (b *breaker) ended(token int64) {
	if b.probe == token {
		b.probe = 0
	}
}

// down reports whether the line has failed for so long that its campaigns should be paused.
func (b *breaker) down(now time.Time) bool {
	return b.row >= downRow && now.Sub(b.first) >= downAfter
}
