package media

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"campanario/voice/audio"
)

// A pacer's worker has a wheel of slots a millisecond apart, once round in 20 ms. Every session sits in one slot.
const (
	period    = audio.FrameDuration
	slotWidth = time.Millisecond
	slots     = int64(period / slotWidth)

	// longestGap bounds how many missed frames of one session are counted one by one after the process was stopped.
	longestGap = 3000
)

// Pacer calls every session of the process when its next frame is due. See the package comment.
type Pacer struct {
	workers []*worker
	mu      sync.Mutex
	running bool
	stop    chan struct{}
	done    sync.WaitGroup
}

// paced is what a pacer calls: at now, late after the time that was meant, to send one frame, elapsed frames after the
// previous call (1 unless some were missed). It must not block.
type paced interface {
	tick(now time.Time, late time.Duration, elapsed int)
}

// seat is a session's place in a wheel.
type seat struct {
	mu    sync.Mutex // held while the session is called
	p     paced
	turn  int64 // of the last call; -1 before the first
	gone  atomic.Bool
	slot  int64
	owner *worker
}

type worker struct {
	mu     sync.Mutex
	wheel  [slots][]*seat // replaced, never changed, so that they can be walked without the lock
	seats  int
	wake   chan struct{}
	late   recorder
	missed atomic.Uint64
}

// NewPacer makes a pacer with so many goroutines; 0 is two, or one on a single processor. One suffices for about a
// thousand calls.
func NewPacer(workers int) *Pacer {
	if workers <= 0 {
		workers = min(2, runtime.GOMAXPROCS(0))
	}
	p := &Pacer{}
	for range workers {
		p.workers = append(p.workers, &worker{wake: make(chan struct{}, 1)})
	}
	return p
}

// Start begins to pace. A pacer that runs already is left alone.
func (p *Pacer) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running {
		return
	}
	p.running, p.stop = true, make(chan struct{})
	for i, w := range p.workers {
		w.forgetTurns()
		offset := slotWidth * time.Duration(i) / time.Duration(len(p.workers))
		p.done.Go(func() { w.run(p.stop, offset) })
	}
}

// Stop ends the pacing and waits until no session is called any more. It may be started again.
func (p *Pacer) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running {
		return
	}
	close(p.stop)
	p.done.Wait()
	p.running = false
}

// Lateness is how late frames were sent, measured against the schedule, since the pacer was made. A frame that was
// missed altogether counts with the time from its own due moment to the next packet.
func (p *Pacer) Lateness() Histogram {
	var h Histogram
	for _, w := range p.workers {
		h = h.Add(w.late.snapshot())
	}
	return h
}

// Missed is how many frames were never sent because their time had passed.
func (p *Pacer) Missed() uint64 {
	n := uint64(0)
	for _, w := range p.workers {
		n += w.missed.Load()
	}
	return n
}

// add gives a session its seat, in the emptiest slot of all.
func (p *Pacer) add(t paced) *seat {
	best := p.workers[0]
	for _, w := range p.workers[1:] {
		if w.count() < best.count() {
			best = w
		}
	}
	return best.add(t)
}

func (w *worker) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seats
}

func (w *worker) add(t paced) *seat {
	w.mu.Lock()
	s := &seat{p: t, turn: -1, owner: w}
	for i := range slots {
		if len(w.wheel[i]) < len(w.wheel[s.slot]) {
			s.slot = i
		}
	}
	w.wheel[s.slot] = append(append(make([]*seat, 0, len(w.wheel[s.slot])+1), w.wheel[s.slot]...), s)
	w.seats++
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return s
}

// leave gives the seat up. A call that runs now may still end after leave has returned: see wait.
func (s *seat) leave() {
	if s.gone.Swap(true) {
		return
	}
	w := s.owner
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.wheel[s.slot]
	kept := make([]*seat, 0, len(old))
	for _, o := range old {
		if o != s {
			kept = append(kept, o)
		}
	}
	w.wheel[s.slot] = kept
	w.seats--
}

// wait returns when the session is not being called; after leave it never will be again.
func (s *seat) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
}

func (w *worker) run(stop <-chan struct{}, offset time.Duration) {
	base := time.Now().Add(offset)
	slotAt := func(n int64) time.Time { return base.Add(time.Duration(n) * slotWidth) }
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	last := int64(-1) // slot served last, counted from base
	for {
		next, any := w.next(last)
		if any {
			timer.Reset(time.Until(slotAt(next)))
		} else {
			timer.Stop()
		}
		select {
		case <-stop:
			return
		case <-w.wake:
			if !any { // the wheel stood still
				last = max(last, int64(time.Since(base)/slotWidth))
			}
			continue
		case <-timer.C:
		}
		current := int64(time.Since(base) / slotWidth)
		// After a stall every session is called once, not once for every frame that was missed.
		for n := max(next, current-slots+1); n <= current; n++ {
			w.serve(n, slotAt(n))
		}
		last = max(last, current)
	}
}

// forgetTurns begins a new count: the time the pacer stood still was nobody's fault.
func (w *worker) forgetTurns() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, seats := range w.wheel {
		for _, s := range seats {
			s.turn = -1
		}
	}
}

// next is the first slot after last that has a seat.
func (w *worker) next(last int64) (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seats == 0 {
		return 0, false
	}
	for n := last + 1; n <= last+slots; n++ {
		if len(w.wheel[n%slots]) > 0 {
			return n, true
		}
	}
	return last + slots, true
}

// serve calls the sessions of slot n, which was due at due.
func (w *worker) serve(n int64, due time.Time) {
	w.mu.Lock()
	seats := w.wheel[n%slots]
	w.mu.Unlock()
	for _, s := range seats {
		s.mu.Lock()
		if !s.gone.Load() {
			w.call(s, n/slots, due)
		}
		s.mu.Unlock()
	}
}

func (w *worker) call(s *seat, turn int64, due time.Time) {
	elapsed := int64(1)
	if s.turn >= 0 {
		elapsed = turn - s.turn
	}
	s.turn = turn
	now := time.Now()
	late := now.Sub(due)
	w.late.record(late)
	for missed := min(elapsed-1, longestGap); missed > 0; missed-- {
		w.late.record(late + time.Duration(missed)*period)
	}
	if elapsed > 1 {
		w.missed.Add(uint64(elapsed - 1))
	}
	s.p.tick(now, late, int(elapsed))
}
