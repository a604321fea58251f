package api

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"campanario/campaign"
	"campanario/internal/fault"
)

// mostListeners is how many event streams one process serves.
const mostListeners = 5000

// hub reads live campaigns for everybody who listens: one reader for each, however many listen, and none when nobody
// does.
type hub struct {
	read  func(ctx context.Context, workspace, id string) (campaign.Live, error)
	every time.Duration
	now   func() time.Time
	log   *slog.Logger

	ctx     context.Context // ends with close
	end     context.CancelFunc
	readers sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	listeners int
	rooms     map[roomKey]*room
}

type roomKey struct{ workspace, campaign string }

// room is a campaign that somebody listens to.
type room struct {
	key       roomKey
	leave     context.CancelFunc
	listeners map[*listener]bool
	last      *reading // nil before the first
}

// reading is a campaign at one moment, or its end: gone tells that it was deleted.
type reading struct {
	campaign.Live
	at   time.Time
	gone bool
}

// listener is one stream. What it has not taken when the next reading comes, it never sees.
type listener struct {
	room *room
	news chan *reading
}

func newHub(read func(ctx context.Context, workspace, id string) (campaign.Live, error), every time.Duration, now func() time.Time, log *slog.Logger) *hub {
	h := &hub{read: read, every: every, now: now, log: log, rooms: map[roomKey]*room{}}
	h.ctx, h.end = context.WithCancel(context.Background())
	return h
}

// join begins to listen to a campaign. Whoever joins leaves.
func (h *hub) join(workspace, id string) (*listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, fault.New(fault.Unavailable, "shutting_down", nil)
	}
	if h.listeners >= mostListeners {
		return nil, fault.New(fault.Unavailable, "streams_full", fault.Params{"max": mostListeners})
	}
	key := roomKey{workspace, id}
	r := h.rooms[key]
	if r == nil {
		r = &room{key: key, listeners: map[*listener]bool{}}
		ctx, cancel := context.WithCancel(h.ctx)
		r.leave = cancel
		h.rooms[key] = r
		h.readers.Go(func() { h.watch(ctx, r) })
	}
	l := &listener{room: r, news: make(chan *reading, 1)}
	if r.last != nil {
		l.news <- r.last
	}
	r.listeners[l] = true
	h.listeners++
	return l, nil
}

// leave ends listening. The last one who leaves puts out the light.
func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !l.room.listeners[l] {
		return
	}
	delete(l.room.listeners, l)
	h.listeners--
	if len(l.room.listeners) == 0 {
		l.room.leave()
		if h.rooms[l.room.key] == l.room {
			delete(h.rooms, l.room.key)
		}
	}
}

// watch reads a campaign again and again.
func (h *hub) watch(ctx context.Context, r *room) {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	failing := false
	for {
		live, err := h.read(ctx, r.key.workspace, r.key.campaign)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && fault.KindOf(err) == fault.NotFound:
			h.tell(r, &reading{gone: true, at: h.now().Truncate(time.Millisecond)})
			return
		case err != nil:
			if !failing {
				h.log.Warn("live_not_read", "campaign", r.key.campaign, "error", err)
			}
		default:
			h.tell(r, &reading{Live: live, at: h.now().Truncate(time.Millisecond)})
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
func (h *hub) tell(r *room, now *reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.gone && h.rooms[r.key] == r {
		delete(h.rooms, r.key) // who comes now looks for themselves
	}
	if r.last != nil && r.last.gone == now.gone && reflect.DeepEqual(r.last.Live, now.Live) {
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
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.end()
	h.readers.Wait()
}
