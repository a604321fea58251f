package store_test

import (
	"testing"

	"campanario/channel"
)

// A process that slept finds that its own lease has run out.
func TestANodeDoesNotTakeItsOwnAttemptsForLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 2)
		w.claim("c", 2)
		*w.now = w.now.Add(2 * ttl)
		o, err := w.Orphans(w.ctx, "line", w.node, 10)
		w.must(err)
		if len(o) > 0 {
			t.Errorf("the node gives %d of its own attempts up", len(o))
		}
	})
}

// A node beats a little before it takes a line, so that the line's lease lasts a little longer than it is known as alive.
func TestADeadNodeIsKnownAsLongAsItsLeasesLast(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(w.PutLine(w.ctx, channel.Line{ID: "other", Workspace: "ws", Kind: channel.Email, Name: "Outra", From: "b@example.com", Zone: "UTC", Enabled: true}, nil, *w.now))
		second := w.join("second")
		w.must(w.Drop(w.ctx, w.node, "line", w.hold.Term))
		*w.now = w.now.Add(ttl / 2)
		w.hold = w.take(w.node) // good until half a ttl after the node's own time
		beat := func() {
			_, err := w.Beat(w.ctx, second, ttl)
			w.must(err)
		}
		w.campaign("c", 3)
		beat()
		*w.now = w.now.Add(ttl * 3 / 4)
		beat()
		_, err := w.Orphans(w.ctx, "other", second, 10)
		w.must(err)
		made := len(w.claim("c", 3).Flights)
		*w.now = w.now.Add(ttl * 3 / 4)
		beat()
		w.take(second)
		o, err := w.Orphans(w.ctx, "line", second, 10)
		w.must(err)
		if len(o) != made {
			t.Errorf("of %d open attempts of a dead node %d are found", made, len(o))
		}
	})
}
