package voice

import "sync"

// mailbox brings what happens in other goroutines to the one that a call or a conversation lives in, in order. Posting
// never blocks.
type mailbox struct {
	mu    sync.Mutex
	items []func()
	wake  chan struct{} // has room for one
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// crowded is how much may wait before what the far end can send without end is dropped.
const crowded = 1000

// post brings what must arrive.
func (b *mailbox) post(f func()) { b.put(f, false) }

// offer brings what may get lost when too much waits already.
func (b *mailbox) offer(f func()) { b.put(f, true) }

func (b *mailbox) put(f func(), may bool) {
	b.mu.Lock()
	if !may || len(b.items) < crowded {
		b.items = append(b.items, f)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take gives everything that waits.
func (b *mailbox) take() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.items
	b.items = nil
	return out
}
