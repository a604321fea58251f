package carrier

import (
	"sync"
	"time"
)

// Stats is what the carrier has seen.
type Stats struct {
	Calls         int     // that began
	Live          int     // now
	Peak          int     // most at once
	PeakPerSecond int     // most that began within one second
	Refused       int     // because of MaxConcurrent or MaxPerSecond
	LeftUp        int     // answered legs that the caller should have ended and did not: it would go on paying for them
	Reached       float64 // part of the calls that were answered
}

// rates counts calls.
type rates struct {
	mu       sync.Mutex
	stats    Stats
	answered int
	recent   []time.Time // beginnings within the last second
}

// begin counts a call that arrived at a time, unless there are too many; it tells which bound was met.
func (r *rates) begin(at time.Time, maxLive, maxPerSecond int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Calls++
	n := 0
	for _, t := range r.recent {
		if at.Sub(t) < time.Second {
			r.recent[n] = t
			n++
		}
	}
	r.recent = append(r.recent[:n], at)
	r.stats.PeakPerSecond = max(r.stats.PeakPerSecond, len(r.recent))
	if maxLive > 0 && r.stats.Live >= maxLive || maxPerSecond > 0 && len(r.recent) > maxPerSecond {
		r.stats.Refused++
		return false
	}
	r.stats.Live++
	r.stats.Peak = max(r.stats.Peak, r.stats.Live)
	return true
}

func (r *rates) note(f func(*Stats)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.stats)
}

func (r *rates) answer() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered++
}

func (r *rates) get() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	if s.Calls > 0 {
		s.Reached = float64(r.answered) / float64(s.Calls)
	}
	return s
}
