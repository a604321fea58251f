package dispatch

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"sync"
	"time"

	"campanario/internal/fault"
)

// settler writes outcomes in batches: as many as have come while the last batch was being written. While the database is
// away it keeps them and tries again; nothing is lost as long as the process lives.
type settler struct {
	store   Store
	log     *slog.Logger
	writers int
	wake    chan struct{}
	cut     context.Context // ends the writers, whatever is left
	cutOff  context.CancelFunc
	work    sync.WaitGroup

	mu       sync.Mutex
	moves    map[int64]Advance // by token: only the furthest stage matters
	moved    time.Time         // since when one waits
	closings []pending
	closed   time.Time      // since when one waits
	busy     map[int64]bool // tokens whose stage is being written: their closing waits, so that the order is kept
	writing  int            // batches under way
	failing  bool
	idle     chan struct{} // closed when nothing is left, for stop; nil otherwise
}

type pending struct {
	c    Closing
	done func(c Closing, late bool)
}

// maxBatch is how many attempts one transaction places or closes. Twice as many as 1,000 cost a seventh less each; beyond
// that a claim takes too long for people who press pause.
const maxBatch = 2000

// gather is how long less than fewWrites outcomes wait for others: most of what a transaction costs is its commit. Stages
// wait for longer: people look at them once a second at most, and an attempt that is over by then needs none.
const (
	gather      = 50 * time.Millisecond
	gatherMoves = 250 * time.Millisecond
	fewWrites   = 400
)

// retryWrites is how long to leave a database alone that could not be written.
const retryWrites = 250 * time.Millisecond

func newSettler(store Store, writers int, log *slog.Logger) *settler {
	s := &settler{
		store: store, log: log, writers: writers, wake: make(chan struct{}, 1),
		moves: map[int64]Advance{}, busy: map[int64]bool{},
	}
	s.cut, s.cutOff = context.WithCancel(context.Background())
	return s
}

func (s *settler) start() {
	for range s.writers {
		s.work.Go(s.run)
	}
}

// advance records a stage soon.
func (s *settler) advance(a Advance) {
	s.mu.Lock()
	if len(s.moves) == 0 {
		s.moved = time.Now()
	}
	s.moves[a.Token] = a
	s.mu.Unlock()
	s.nudge()
}

// close writes a closing soon and calls done when it is durable.
func (s *settler) close(c Closing, done func(Closing, bool)) {
	s.mu.Lock()
	if len(s.closings) == 0 {
		s.closed = time.Now()
	}
	s.closings = append(s.closings, pending{c, done})
	s.mu.Unlock()
	s.nudge()
}

func (s *settler) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// UnwrittenError says how many outcomes could not be written before the engine had to stop.
type UnwrittenError struct{ Attempts int }

// Error says so.
func (e *UnwrittenError) Error() string {
	return strconv.Itoa(e.Attempts) + " outcomes could not be written"
}

// lastWrites is how long the writers have for what is left when patience has run out.
const lastWrites = 5 * time.Second

// stop writes what is left, until a moment after ctx is done, and ends the writers.
func (s *settler) stop(ctx context.Context) error {
	s.mu.Lock()
	idle := make(chan struct{})
	s.idle = idle
	s.checkIdle()
	s.mu.Unlock()
	s.nudge()
	select {
	case <-idle:
	case <-ctx.Done():
		t := time.NewTimer(lastWrites)
		defer t.Stop()
		select {
		case <-idle:
		case <-t.C:
		}
	}
	s.cutOff()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.closings); n > 0 {
		return &UnwrittenError{Attempts: n}
	}
	return nil
}

// checkIdle tells stop that nothing is left; the caller holds the lock.
func (s *settler) checkIdle() {
	if s.idle != nil && s.writing == 0 && len(s.closings) == 0 && len(s.moves) == 0 {
		close(s.idle)
		s.idle = nil
	}
}

func (s *settler) run() {
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	for {
		moves, batch, again := s.take(time.Now())
		if len(moves) == 0 && len(batch) == 0 {
			var fire <-chan time.Time
			if again > 0 {
				timer.Reset(again)
				fire = timer.C
			}
			select {
			case <-fire:
			case <-s.wake:
			case <-s.cut.Done():
				return
			}
			continue
		}
		if !s.write(moves, batch) && !s.wait(retryWrites) {
			return
		}
	}
}

// due is how long what has come should wait for more: first the outcomes, then the stages. At the end nothing waits. The
// lock is held.
func (s *settler) due(now time.Time) (closings, moves time.Duration) {
	if s.idle != nil {
		return 0, 0
	}
	if len(s.closings) < fewWrites {
		closings = s.closed.Add(gather).Sub(now)
	}
	return max(0, closings), max(0, s.moved.Add(gatherMoves).Sub(now))
}

// take removes a batch; when there is none yet, it says when there will be (0: when something comes). Closings whose
// stage is on its way to the database stay until it is there.
func (s *settler) take(now time.Time) (moves []Advance, batch []pending, again time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waitClosings, waitMoves := s.due(now)
	if len(s.closings) > 0 && waitClosings == 0 {
		batch = s.takeClosings()
	}
	if len(s.moves) > 0 && waitMoves == 0 {
		moves = s.takeMoves()
	}
	if len(moves) > 0 || len(batch) > 0 {
		s.writing++
		return moves, batch, 0
	}
	if len(s.closings) > 0 {
		again = waitClosings
	}
	if len(s.moves) > 0 && (again == 0 || waitMoves < again) {
		again = waitMoves
	}
	return nil, nil, again
}

// takeClosings removes outcomes. The lock is held.
func (s *settler) takeClosings() []pending {
	n := min(len(s.closings), maxBatch)
	batch := make([]pending, 0, n)
	rest := s.closings[:0]
	for i, p := range s.closings {
		if len(batch) == n {
			rest = append(rest, s.closings[i:]...)
			break
		}
		if s.busy[p.c.Token] {
			rest = append(rest, p)
			continue
		}
		delete(s.moves, p.c.Token) // the attempt's record tells how far it came
		batch = append(batch, p)
	}
	clear(s.closings[len(rest):])
	s.closings = rest
	if len(s.closings) > 0 && len(batch) > 0 {
		s.nudge() // for another writer
	}
	return batch
}

// takeMoves removes all stages. The lock is held.
func (s *settler) takeMoves() []Advance {
	moves := make([]Advance, 0, len(s.moves))
	for token, m := range s.moves {
		moves = append(moves, m)
		s.busy[token] = true
	}
	clear(s.moves)
	return moves
}

// write stores a batch, or puts it back.
func (s *settler) write(moves []Advance, batch []pending) bool {
	var err error
	if len(moves) > 0 {
		err = s.store.Advance(s.cut, moves)
	}
	var late map[int64]bool
	if err == nil && len(batch) > 0 {
		late, err = s.settle(batch)
	}
	s.mu.Lock()
	s.writing--
	for _, m := range moves {
		delete(s.busy, m.Token)
	}
	if err != nil {
		s.closings = append(batch, s.closings...)
		for _, m := range moves {
			if _, newer := s.moves[m.Token]; !newer {
				s.moves[m.Token] = m
			}
		}
	}
	was := s.failing
	s.failing = err != nil
	s.checkIdle()
	s.mu.Unlock()
	s.nudge()
	if err != nil {
		if !was && s.cut.Err() == nil {
			s.log.Error("settle_failed", "attempts", len(batch), "error", err)
		}
		return false
	}
	if was {
		s.log.Info("settle_resumed")
	}
	for _, p := range batch {
		p.done(p.c, late[p.c.Token])
	}
	return true
}

// settle writes a batch. One that the database refuses although it is there is written one by one, so that an outcome it
// cannot take holds up nobody else; such a one is kept without what the far end said.
func (s *settler) settle(batch []pending) (late map[int64]bool, err error) {
	closings := make([]Closing, len(batch))
	for i, p := range batch {
		closings[i] = p.c
	}
	lost, err := s.store.Settle(s.cut, closings)
	if err != nil && fault.KindOf(err) == fault.Internal && s.cut.Err() == nil {
		s.log.Error("settle_batch_refused", "attempts", len(batch), "error", err)
		lost, err = s.settleSingly(closings)
	}
	late = make(map[int64]bool, len(lost))
	for _, c := range lost {
		late[c.Token] = true
	}
	return late, err
}

func (s *settler) settleSingly(closings []Closing) (lost []Closing, err error) {
	for _, c := range closings {
		late, err := s.store.Settle(s.cut, []Closing{c})
		if err != nil && fault.KindOf(err) == fault.Internal {
			c.Outcome.ProviderText, c.Outcome.Dialogue, c.Outcome.Collected = "", nil, nil
			late, err = s.store.Settle(s.cut, []Closing{c})
		}
		if err != nil {
			return lost, err
		}
		lost = append(lost, late...)
	}
	return lost, nil
}

// wait lets a moment pass; false when the settler is cut off meanwhile.
func (s *settler) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.cut.Done():
		return false
	}
}

// stuck reports whether the database refuses to be written.
func (s *settler) stuck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failing
}
