package transport

import (
	"sync"
	"time"
)

// refusals is how many broken requests are answered in a second; the others are only counted.
const refusals = 100

// limiter bounds what we send in answer to text that is no message.
type limiter struct {
	mu    sync.Mutex
	since time.Time
	count int
}

func (l *limiter) allow(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := now.Sub(l.since); d >= time.Second || d < 0 {
		l.since, l.count = now, 0
	}
	l.count++
	return l.count <= refusals
}
