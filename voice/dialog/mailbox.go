package dialog

import "sync"

// gate lets goroutines start until it is closed, and waits for them.
type gate struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

func (g *gate) run(f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.wg.Go(f)
	return true
}

func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}

// mailbox runs what is posted to it one after the other, in order, in a goroutine that exists only while there is
// something to run: a call that rings for a minute costs no stack.
type mailbox struct {
	gate *gate

	mu    sync.Mutex
	queue []func()
	busy  bool
}

// floodLimit is how much of what a far end can send without limit may wait.
const floodLimit = 256

// post adds work of our own: answers to our requests, timers, wishes of the caller.
func (m *mailbox) post(f func()) { m.add(f, 0) }

// offer adds work that the far end asks for; false when too much of it waits.
func (m *mailbox) offer(f func()) bool { return m.add(f, floodLimit) }

func (m *mailbox) add(f func(), limit int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if limit > 0 && len(m.queue) >= limit {
		return false
	}
	m.queue = append(m.queue, f)
	if !m.busy {
		m.busy = m.gate.run(m.drain)
	}
	return true
}

// inline runs f in the caller's goroutine, as if it had been posted to the empty mailbox of a new call.
func (m *mailbox) inline(f func()) {
	m.mu.Lock()
	m.busy = true
	m.mu.Unlock()
	f()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy = len(m.queue) > 0 && m.gate.run(m.drain)
}

func (m *mailbox) drain() {
	var batch []func()
	for {
		m.mu.Lock()
		clear(batch)
		batch, m.queue = m.queue, batch[:0]
		if len(batch) == 0 {
			m.queue = nil
			m.busy = false
			m.mu.Unlock()
			return
		}
		m.mu.Unlock()
		for _, f := range batch {
			f()
		}
	}
}
