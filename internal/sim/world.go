// Package sim runs the real engine, with the real store, against a simulated outside world on a fake clock: far ends that
// answer, lie, stall and drop, nodes that are killed between any two statements, databases that go away. Its log of what
// the far ends saw is the truth that the invariants of the engine are checked against.
//
// It runs inside a testing/synctest bubble: time stands still while anything works and jumps when everything waits.
package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"campanario/channel"
)

// Seen is one attempt as its far end saw it.
type Seen struct {
	Attempt string
	To      channel.Address
	Line    string
	Start   time.Time
	End     time.Time // zero while it goes on
	Node    int64
	Code    channel.Code // what the far end knows that it was
}

// World is the far end of all lines. It is safe for concurrent use.
type World struct {
	mu    sync.Mutex
	rng   *rand.Rand
	seen  []*Seen
	open  map[string]*Seen
	work  sync.WaitGroup
	quiet bool // nothing fails: every fault of the world is over
	Mix   Mix
}

// Mix is how far ends behave, in parts per thousand; what is left is reached.
type Mix struct {
	NoAnswer, Busy, Voicemail, Invalid, Refuse int
	// Congested and Down are faults: nobody was disturbed.
	Congested, Down int
	// Lost attempts were made, but Place fails in a way that tells nothing.
	Lost int
	// Twice reports its end two times; Late its end after a long stall.
	Twice, Late int
	// Ring and Talk bound how long things take.
	Ring, Talk time.Duration
}

// NewWorld makes a world whose chances come from the seed.
func NewWorld(seed uint64, m Mix) *World {
	return &World{rng: rand.New(rand.NewPCG(seed, 0x5eed)), open: map[string]*Seen{}, Mix: m}
}

// Seen is a copy of the log.
func (w *World) Seen() []Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Seen, len(w.seen))
	for i, s := range w.seen {
		out[i] = *s
	}
	return out
}

// Wait returns when no far end has anything left to say.
func (w *World) Wait() { w.work.Wait() }

// Node is the world's adapter for one node of the cluster: the network dies with it.
type Node struct {
	w    *World
	id   int64
	dead chan struct{}
	once sync.Once
}

// Node makes the adapter of a node.
func (w *World) Node(id int64) *Node { return &Node{w: w, id: id, dead: make(chan struct{})} }

// Kill ends the node's process: its calls are cut off at the far end a while later, and it reports nothing more.
func (n *Node) Kill() { n.once.Do(func() { close(n.dead) }) }

var (
	_ channel.Adapter = (*Node)(nil)
	_ channel.Stopper = (*Node)(nil)
)

var errKilled = errors.New("sim: the process is dead")

type fate struct {
	code         channel.Code
	ring, talk   time.Duration
	lost, twice  bool
	faultAtPlace bool
}

func (w *World) draw() fate {
	m := w.Mix
	ring := time.Duration(w.rng.Int64N(int64(m.Ring) + 1))
	talk := time.Duration(w.rng.Int64N(int64(m.Talk) + 1))
	f := fate{code: channel.Completed, ring: ring, talk: talk}
	k := w.rng.IntN(1000)
	pick := func(part int, code channel.Code) bool {
		if k < part {
			f.code = code
			return true
		}
		k -= part
		return false
	}
	switch {
	case pick(m.NoAnswer, channel.NoAnswer), pick(m.Busy, channel.Busy), pick(m.Voicemail, channel.Voicemail),
		pick(m.Invalid, channel.InvalidNumber), pick(m.Refuse, channel.OptedOut):
	case !w.quiet && pick(m.Congested, channel.Congested):
		f.talk = 0
	case !w.quiet && pick(m.Down, channel.LineFailed):
		f.faultAtPlace = true
	case !w.quiet && pick(m.Lost, channel.Unknown):
		f.lost = true
	}
	f.twice = w.rng.IntN(1000) < m.Twice
	if w.rng.IntN(1000) < m.Late {
		f.talk += 20 * time.Second
	}
	return f
}

// Calm ends all faults of the world, so that everything can come to its end.
func (w *World) Calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quiet = true
}

// Place makes the attempt happen.
func (n *Node) Place(_ context.Context, o channel.Order, r channel.Reporter) (string, error) {
	select {
	case <-n.dead:
		return "", errKilled
	default:
	}
	w := n.w
	w.mu.Lock()
	f := w.draw()
	if f.faultAtPlace {
		w.mu.Unlock()
		return "", &channel.NotPlaced{Outcome: channel.Outcome{Code: f.code, At: time.Now()}}
	}
	s := &Seen{Attempt: o.Attempt, To: o.To, Line: o.Line.ID, Start: time.Now(), Node: n.id, Code: f.code}
	w.seen = append(w.seen, s)
	w.open[o.Attempt] = s
	w.mu.Unlock()
	if f.lost {
		w.end(s)
		return "", errors.New("sim: connection reset")
	}
	w.work.Go(func() { n.live(s, f, o.Content.Longest(), r) })
	return "ref-" + o.Attempt, nil
}

func (w *World) end(s *Seen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.End.IsZero() {
		s.End = time.Now()
		delete(w.open, s.Attempt)
	}
}

// live plays the attempt out.
func (n *Node) live(s *Seen, f fate, longest time.Duration, r channel.Reporter) {
	defer n.w.end(s)
	if !n.pass(f.ring) {
		n.linger(s.Start.Add(longest))
		return
	}
	answered := f.code == channel.Completed || f.code == channel.OptedOut || f.code == channel.Voicemail
	r.Signal(channel.Signal{At: time.Now(), Stage: channel.StageRinging})
	if answered {
		r.Signal(channel.Signal{At: time.Now(), Stage: channel.StageAnswered})
		if !n.pass(f.talk) {
			n.linger(s.Start.Add(longest))
			return
		}
	}
	n.w.end(s)
	o := channel.Outcome{Code: f.code, At: time.Now(), Ring: f.ring}
	if answered {
		o.Talk, o.AnsweredBy = f.talk, "human"
	}
	r.Close(o)
	if f.twice {
		r.Close(channel.Outcome{Code: channel.NoAnswer, At: time.Now()})
	}
}

// pass lets time go by; false when the process dies meanwhile.
func (n *Node) pass(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-n.dead:
		return false
	}
}

// linger is how long the far end of a dead process still thinks that it talks to somebody: at most as long as the attempt
// could have lasted.
func (n *Node) linger(until time.Time) {
	n.w.mu.Lock()
	d := time.Duration(n.w.rng.Int64N(int64(max(1, time.Until(until)))))
	n.w.mu.Unlock()
	<-time.After(d)
}

// Stop is what a graceful end of the process does to open calls; the simulated ones end by themselves.
func (n *Node) Stop(string) {}
