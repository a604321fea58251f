// Package cluster lets several processes share the lines of one database.
//
// Every process is a node: it writes that it is alive, by the database's clock, as long as it is. Every line belongs to
// at most one node at a time, by a lease with a term that grows whenever the owner changes. A node renews what it holds
// and takes what nobody holds; which lines a node should have follows from the names of the nodes alone (rendezvous
// hashing), so that lines spread evenly without anybody deciding it. A node that finds that it holds another's line
// stops starting on it first and then lets it go, while its open attempts end in peace.
//
// A lease protects nothing by being believed: whatever a node does under one is checked again in the statement that
// does it.
package cluster

import (
	"cmp"
	"context"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"campanario/channel"
)

// Store keeps nodes and leases. Times in it are by the database's clock.
type Store interface {
	// Join makes a node and gives its number, which nobody had before.
	Join(ctx context.Context, name string, ttl time.Duration) (int64, error)
	// Beat says that the node is alive and renews its leases. It gives the living nodes and all lines.
	Beat(ctx context.Context, node int64, ttl time.Duration) (View, error)
	// Take leases a line that nobody holds; false when somebody does.
	Take(ctx context.Context, node int64, line string, ttl time.Duration) (term int64, ok bool, err error)
	// Drop lets a lease go.
	Drop(ctx context.Context, node int64, line string, term int64) error
	// Leave says that the node is no more.
	Leave(ctx context.Context, node int64) error
}

// View is what a node sees when it beats.
type View struct {
	Alive bool    // this node was still known as alive; it has to start anew otherwise
	Nodes []int64 // alive, this one included
	Lines []Lease
}

// Lease is a line and who holds it.
type Lease struct {
	Line channel.Line
	Node int64 // 0 when nobody does
	Term int64
}

// Worker does the work of lines.
type Worker interface {
	Acquire(line channel.Line, term int64)
	// Release returns when nothing can be started on the line any more.
	Release(line string)
}

// Options for New.
type Options struct {
	Store  Store
	Worker Worker
	Log    *slog.Logger
	Beat   time.Duration // between beats; 0 means 1 s
	TTL    time.Duration // how long a node that does not beat is still taken for alive; 0 means 6 beats
}

// Member is this process's place in the cluster.
type Member struct {
	o    Options
	log  *slog.Logger
	node int64

	held   map[string]int64 // line → term
	cancel context.CancelFunc
	done   sync.WaitGroup
	wake   chan struct{}
}

// Join makes this process a node. It does not work before Start.
func Join(ctx context.Context, name string, o Options) (*Member, error) {
	if o.Beat == 0 {
		o.Beat = time.Second
	}
	if o.TTL == 0 {
		o.TTL = 6 * o.Beat
	}
	node, err := o.Store.Join(ctx, name, o.TTL)
	if err != nil {
		return nil, err
	}
	m := &Member{o: o, log: o.Log, node: node, held: map[string]int64{}, wake: make(chan struct{}, 1)}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	return m, nil
}

// Node is this process's number.
func (m *Member) Node() int64 { return m.node }

// Start begins to beat and to take lines for the worker.
func (m *Member) Start(ctx context.Context, w Worker) {
	m.o.Worker = w
	ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	m.done.Go(func() { m.run(ctx) })
}

// Nudge makes the member look at once, because a line was added or changed.
func (m *Member) Nudge() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *Member) run(ctx context.Context) {
	tick := time.NewTicker(m.o.Beat)
	defer tick.Stop()
	last := time.Now()
	for {
		if err := m.beat(ctx); err == nil {
			last = time.Now()
		} else if ctx.Err() == nil {
			m.log.Error("beat_failed", "node", m.node, "error", err)
			if time.Since(last) > m.o.TTL {
				m.lose() // somebody else may have the lines by now
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-m.wake:
		}
	}
}

// beat renews and adjusts.
func (m *Member) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.o.TTL)
	defer cancel()
	v, err := m.o.Store.Beat(ctx, m.node, m.o.TTL)
	if err != nil {
		return err
	}
	if !v.Alive {
		m.log.Warn("node_was_given_up", "node", m.node)
	}
	seen := map[string]bool{}
	for _, l := range v.Lines {
		id := l.Line.ID
		seen[id] = true
		term, held := m.held[id]
		mine := owner(id, v.Nodes) == m.node
		switch {
		case held && (l.Node != m.node || l.Term != term):
			m.log.Warn("lease_lost", "node", m.node, "line", id)
			m.release(id)
		case held && !mine:
			m.release(id)
			if err := m.o.Store.Drop(ctx, m.node, id, term); err != nil {
				return err
			}
		case !held && mine && l.Node == 0:
			if err := m.take(ctx, l.Line); err != nil {
				return err
			}
		case !held && mine && l.Node == m.node: // the answer to Take, or that to Drop, got lost
			m.acquire(l.Line, l.Term)
		case !held && l.Node == m.node:
			if err := m.o.Store.Drop(ctx, m.node, id, l.Term); err != nil {
				return err
			}
		}
	}
	for id := range m.held {
		if !seen[id] {
			m.release(id)
		}
	}
	return nil
}

func (m *Member) take(ctx context.Context, line channel.Line) error {
	term, ok, err := m.o.Store.Take(ctx, m.node, line.ID, m.o.TTL)
	if err != nil || !ok {
		return err
	}
	m.acquire(line, term)
	return nil
}

func (m *Member) acquire(line channel.Line, term int64) {
	m.held[line.ID] = term
	m.log.Info("line_taken", "node", m.node, "line", line.ID, "term", term)
	m.o.Worker.Acquire(line, term)
}

func (m *Member) release(id string) {
	delete(m.held, id)
	m.o.Worker.Release(id)
	m.log.Info("line_released", "node", m.node, "line", id)
}

func (m *Member) lose() {
	for id := range m.held {
		m.release(id)
	}
}

// Hand stops the member's work in order: its worker has been told to start nothing more, and the lines go to whoever
// wants them. The node goes on being alive, for its open attempts, until Leave.
func (m *Member) Hand(ctx context.Context) {
	if m.cancel == nil {
		return
	}
	m.cancel()
	m.done.Wait()
	held := make([]string, 0, len(m.held))
	for id := range m.held {
		held = append(held, id)
	}
	slices.Sort(held)
	for _, id := range held {
		term := m.held[id]
		m.release(id)
		if err := m.o.Store.Drop(ctx, m.node, id, term); err != nil {
			m.log.Error("drop_failed", "node", m.node, "line", id, "error", err)
		}
	}
	// Without lines, but alive: whoever has them now must not take our open attempts for lost.
	ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	m.done.Go(func() { m.linger(ctx) })
}

func (m *Member) linger(ctx context.Context) {
	tick := time.NewTicker(m.o.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := m.stay(ctx); err != nil && ctx.Err() == nil {
				m.log.Error("beat_failed", "node", m.node, "error", err)
			}
		}
	}
}

// stay says that the node is alive, and lets go of what could not be dropped before: its lease is renewed with the node's.
func (m *Member) stay(ctx context.Context) error {
	v, err := m.o.Store.Beat(ctx, m.node, m.o.TTL)
	if err != nil {
		return err
	}
	for _, l := range v.Lines {
		if l.Node != m.node {
			continue
		}
		if err := m.o.Store.Drop(ctx, m.node, l.Line.ID, l.Term); err != nil {
			return err
		}
	}
	return nil
}

// Leave ends the node: attempts it has left open are given up.
func (m *Member) Leave(ctx context.Context) error {
	if m.cancel != nil {
		m.cancel()
		m.done.Wait()
	}
	return m.o.Store.Leave(ctx, m.node)
}

// owner is the node that should have a line: the one whose number and the line's id hash highest together. When a node
// comes or goes, only its own lines move.
func owner(line string, nodes []int64) int64 {
	if len(nodes) == 0 {
		return 0
	}
	return slices.MaxFunc(nodes, func(a, b int64) int {
		return cmp.Or(cmp.Compare(weight(line, a), weight(line, b)), cmp.Compare(a, b))
	})
}

func weight(line string, node int64) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(line))
	var b [8]byte
	for i := range b {
		b[i] = byte(node >> (8 * i))
	}
	_, _ = h.Write(b[:])
	x := h.Sum64() // FNV's last bytes hardly reach its high bits: mix (the finaliser of MurmurHash3, public domain)
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
