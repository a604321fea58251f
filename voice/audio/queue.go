package audio

import "sync"

// Queue is a Source that is filled while it plays: speech arrives in pieces, often faster than it is heard, and may have
// to be dropped at once when the other side starts to talk. It is safe for concurrent use.
type Queue struct {
	mu     sync.Mutex
	pieces [][]int16 // pieces[0][at:] plays next
	at     int
	queued int // samples waiting
	played int // samples given to the reader
	most   int
	empty  chan struct{} // closed when the queue runs empty; nil while nobody waits
}

// NewQueue makes a queue that holds at most so many samples; 0 is ten minutes.
func NewQueue(most int) *Queue {
	if most <= 0 {
		most = 600 * Rate
	}
	return &Queue{most: most}
}

// Push adds samples, which the queue keeps and the caller no longer changes. It reports whether they fitted; what does
// not fit as a whole is not taken.
func (q *Queue) Push(samples []int16) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queued+len(samples) > q.most {
		return false
	}
	if len(samples) > 0 {
		q.pieces = append(q.pieces, samples)
		q.queued += len(samples)
	}
	return true
}

// ReadFrame implements Source.
func (q *Queue) ReadFrame(buf []int16) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(buf) && len(q.pieces) > 0 {
		c := copy(buf[n:], q.pieces[0][q.at:])
		n, q.at = n+c, q.at+c
		if q.at == len(q.pieces[0]) {
			q.pieces[0] = nil
			q.pieces, q.at = q.pieces[1:], 0
		}
	}
	q.queued -= n
	q.played += n
	q.signal()
	return n
}

// Clear drops what has not been played and gives how many samples that were.
func (q *Queue) Clear() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	dropped := q.queued
	q.pieces, q.at, q.queued = nil, 0, 0
	q.signal()
	return dropped
}

// Played is how many samples have been handed to the reader since the queue was made.
func (q *Queue) Played() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.played
}

// Queued is how many samples wait.
func (q *Queue) Queued() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queued
}

// Empty gives a channel that is closed as soon as nothing waits any more: at once when that is so already.
func (q *Queue) Empty() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.empty == nil {
		q.empty = make(chan struct{})
	}
	c := q.empty
	q.signal()
	return c
}

// signal tells those who wait that the queue is empty. The lock is held.
func (q *Queue) signal() {
	if q.queued == 0 && q.empty != nil {
		close(q.empty)
		q.empty = nil
	}
}
