package api

import (
	"math"
	"sync"
	"time"

	"campanario/internal/fault"
)

// rates bounds how many requests each caller makes: so many a second over time, and a minute's worth at once. It is of
// this process alone: what must be exact for all of them is throttled in the database.
type rates struct {
	each  float64 // a second; 0 is no bound
	burst float64

	mu   sync.Mutex
	left map[string]allowance
}

// allowance is what a caller had left at a time.
type allowance struct {
	requests float64
	at       time.Time
}

const (
	burstSeconds = 60
	// mostCallers bounds the memory. Whoever has all of their allowance is forgotten first; when nobody has, everybody is.
	mostCallers = 20_000
)

func newRates(each float64) *rates {
	return &rates{each: each, burst: max(1, each*burstSeconds), left: map[string]allowance{}}
}

// take takes one request off a caller's allowance, or gives how long to wait for it.
func (r *rates) take(caller string, now time.Time) (wait time.Duration) {
	if r.each <= 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a, known := r.left[caller]
	switch {
	case !known:
		if len(r.left) >= mostCallers {
			r.forget(now)
		}
		a = allowance{r.burst, now}
	case now.After(a.at):
		a = r.grown(a, now)
	}
	if a.requests < 1 {
		r.left[caller] = a
		return time.Duration((1 - a.requests) / r.each * float64(time.Second))
	}
	a.requests--
	r.left[caller] = a
	return 0
}

func (r *rates) grown(a allowance, now time.Time) allowance {
	return allowance{min(r.burst, a.requests+now.Sub(a.at).Seconds()*r.each), now}
}

func (r *rates) forget(now time.Time) {
	for caller, a := range r.left {
		if r.grown(a, now).requests >= r.burst {
			delete(r.left, caller)
		}
	}
	if len(r.left) >= mostCallers {
		clear(r.left)
	}
}

// limit refuses who asks too often, with rate_limited. Who has not said who they are is known by their address.
func (s *Server) limit(q *request) error {
	caller := "from " + q.visitor.From
	switch p := q.principal; {
	case p.Session != "":
		caller = "session " + p.Session
	case p.Key != "":
		caller = "key " + p.Key
	}
	wait := s.rates.take(caller, s.o.Now())
	if wait == 0 {
		return nil
	}
	return fault.New(fault.Unavailable, "rate_limited", fault.Params{"seconds": int(math.Ceil(wait.Seconds()))})
}
