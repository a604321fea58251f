package api

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"campanario/internal/fault"
)

// How many event streams one process serves, and how many of them to one person or program: nobody takes those of all others.
const (
	mostListeners = 5000
	mostOfOne     = 500
)

// hub reads what is live for everybody who listens, campaigns or workspaces: one reader for each, however many listen, and
// none when nobody does.
type hub[T any] struct {
	read  func(ctx context.Context, workspace, id string) (T, error)
	every time.Duration
	now   func() time.Time
	log   *slog.Logger

	ctx     context.Context // ends with close
	end     context.CancelFunc
	readers sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	listeners int
	of        map[string]int // by who listens
	rooms     map[roomKey]*room[T]
}

// roomKey names what is listened to; campaign is empty for the workspace.
type roomKey struct{ workspace, campaign string }

// room is what somebody listens to.
type room[T any] struct {
	key       roomKey
	leave     context.CancelFunc
	listeners map[*listener[T]]bool
	last      *reading[T] // nil before the first
}

// reading is how it is at one moment, or its end: gone tells that it was deleted.
type reading[T any] struct {
	live T
	at   time.Time
	gone bool
}

// listener is one stream. What it has not taken when the next reading comes, it never sees.
type listener[T any] struct {
	who  string
	room *room[T]
	news chan *reading[T]
}

func newHub[T any](read func(ctx context.Context, workspace, id string) (T, error), every time.Duration, now func() time.Time, log *slog.Logger) *hub[T] {
	h := &hub[T]{read: read, every: every, now: now, log: log, of: map[string]int{}, rooms: map[roomKey]*room[T]{}}
	h.ctx, h.end = context.WithCancel(context.Background())
	return h
}

// join begins to listen, for the person or program of that id. Whoever joins leaves.
func (h *hub[T]) join(who, workspace, id string) (*listener[T], error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, fault.New(fault.Unavailable, "shutting_down", nil)
	}
	if h.listeners >= mostListeners {
		return nil, fault.New(fault.Unavailable, "streams_full", fault.Params{"max": mostListeners})
	}
	if h.of[who] >= mostOfOne {
		return nil, fault.New(fault.Unavailable, "streams_full", fault.Params{"max": mostOfOne})
	}
	key := roomKey{workspace, id}
	r := h.rooms[key]
	if r == nil {
		r = &room[T]{key: key, listeners: map[*listener[T]]bool{}}
		ctx, cancel := context.WithCancel(h.ctx)
		r.leave = cancel
		h.rooms[key] = r
		h.readers.Go(func() { h.watch(ctx, r) })
	}
	l := &listener[T]{who: who, room: r, news: make(chan *reading[T], 1)}
	if r.last != nil {
		l.news <- r.last
	}
	r.listeners[l] = true
	h.listeners++
	h.of[who]++
	return l, nil
}

// leave ends listening. The last one who leaves puts out the light.
func (h *hub[T]) leave(l *listener[T]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !l.room.listeners[l] {
		return
	}
	delete(l.room.listeners, l)
	h.listeners--
	if h.of[l.who]--; h.of[l.who] == 0 {
		delete(h.of, l.who)
	}
	if len(l.room.listeners) == 0 {
		l.room.leave()
		if h.rooms[l.room.key] == l.room {
			delete(h.rooms, l.room.key)
		}
	}
}

// watch reads again and again.
func (h *hub[T]) watch(ctx context.Context, r *room[T]) {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	failing := false
	for {
		live, err := h.read(ctx, r.key.workspace, r.key.campaign)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && fault.KindOf(err) == fault.NotFound:
			h.tell(r, &reading[T]{gone: true, at: h.now().Truncate(time.Millisecond)})
			return
		case err != nil:
			if !failing {
				h.log.Warn("live_not_read", "workspace", r.key.workspace, "campaign", r.key.campaign, "error", err)
			}
		default:
			h.tell(r, &reading[T]{live: live, at: h.now().Truncate(time.Millisecond)})
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tell gives a reading to everybody, unless it is the same as the one before.
func (h *hub[T]) tell(r *room[T], now *reading[T]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.gone && h.rooms[r.key] == r {
		delete(h.rooms, r.key) // who comes now looks for themselves
	}
	if r.last != nil && r.last.gone == now.gone && reflect.DeepEqual(r.last.live, now.live) {
		return
	}
	r.last = now
	for l := range r.listeners {
		select {
		case <-l.news: // not taken
		default:
		}
		l.news <- now
	}
}

// close ends all streams and waits for the readers.
func (h *hub[T]) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.end()
	h.readers.Wait()
}
