package cluster

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"campanario/channel"
)

// ledger is a Store with one line, whose answers can get lost.
type ledger struct {
	nodes []int64
	node  int64 // who has the line
	term  int64
	// takeLost loses the answer to the next Take, dropFails keeps the next Drop from happening.
	takeLost, dropFails bool
}

var errReset = errors.New("connection reset by peer")

func (s *ledger) Join(context.Context, string, time.Duration) (int64, error) { return 1, nil }

func (s *ledger) Beat(context.Context, int64, time.Duration) (View, error) {
	return View{Alive: true, Nodes: s.nodes, Lines: []Lease{{Line: channel.Line{ID: "line"}, Node: s.node, Term: s.term}}}, nil
}

func (s *ledger) Take(_ context.Context, node int64, _ string, _ time.Duration) (int64, bool, error) {
	if s.node != 0 {
		return 0, false, nil
	}
	s.node = node
	s.term++
	if s.takeLost {
		s.takeLost = false
		return 0, false, errReset
	}
	return s.term, true, nil
}

func (s *ledger) Drop(_ context.Context, node int64, _ string, term int64) error {
	if s.dropFails {
		s.dropFails = false
		return errReset
	}
	if s.node == node && s.term == term {
		s.node = 0
	}
	return nil
}

func (s *ledger) Leave(context.Context, int64) error { return nil }

// hand is a Worker that knows which term it works under; 0 for none.
type hand struct{ term int64 }

func (h *hand) Acquire(_ channel.Line, term int64) { h.term = term }
func (h *hand) Release(string)                     { h.term = 0 }

func member(s *ledger) (*Member, *hand) {
	h := &hand{}
	return &Member{o: Options{Store: s, Worker: h, TTL: time.Minute, Beat: time.Second}, log: slog.New(slog.DiscardHandler), node: 1, held: map[string]int64{}}, h
}

func TestALeaseWhoseAnswerGotLostIsWorkedUnder(t *testing.T) {
	s := &ledger{nodes: []int64{1}, takeLost: true}
	m, h := member(s)
	if err := m.beat(t.Context()); !errors.Is(err, errReset) {
		t.Fatalf("the first beat: %v", err)
	}
	if err := m.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.node != 1 || h.term != s.term {
		t.Errorf("node %d has the line under term %d, and the worker works under %d", s.node, s.term, h.term)
	}
}

// other is a node that should have the line in place of node 1.
func other() int64 {
	n := int64(2)
	for owner("line", []int64{1, n}) == 1 {
		n++
	}
	return n
}

func TestALeaseThatCouldNotBeDroppedIsDroppedLater(t *testing.T) {
	s := &ledger{nodes: []int64{1}}
	m, h := member(s)
	if err := m.beat(t.Context()); err != nil || h.term != 1 {
		t.Fatalf("the first beat: %v, term %d", err, h.term)
	}
	s.nodes, s.dropFails = []int64{1, other()}, true
	if err := m.beat(t.Context()); !errors.Is(err, errReset) || h.term != 0 {
		t.Fatalf("the second beat: %v, term %d", err, h.term)
	}
	if err := m.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.node != 0 || h.term != 0 {
		t.Errorf("node %d still has the line; the worker works under %d", s.node, h.term)
	}
}

func TestALeaseThatCouldNotBeHandedOverIsDroppedLater(t *testing.T) {
	s := &ledger{nodes: []int64{1}}
	m, h := member(s)
	if err := m.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.dropFails = true
	m.release("line")
	if err := s.Drop(t.Context(), 1, "line", 1); !errors.Is(err, errReset) { // as Hand does
		t.Fatal(err)
	}
	if err := m.stay(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.node != 0 || h.term != 0 {
		t.Errorf("node %d still has the line; the worker works under %d", s.node, h.term)
	}
}
