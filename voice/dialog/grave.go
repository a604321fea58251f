package dialog

import (
	"time"

	"campanario/voice/dialog/transport"
)

// grave is what is kept of a call out that is over, because answers to it may still be under way: a 2xx from another
// branch of a fork, or one that crossed our CANCEL. Without it they would be left ringing up a bill.
type grave struct {
	remoteTag string         // of the answer that the call went by
	ack       []byte         // its ACK, when the far end may still be waiting for it
	flow      transport.Flow // the way the ACK went
	trunk     *Trunk
}

// graveyard keeps graves for 64·T1, which is for how long answers can be repeated. It needs its owner's lock.
type graveyard struct {
	keep   time.Duration
	graves map[callKey]grave
	order  []buried
}

type buried struct {
	key callKey
	at  time.Time
}

func (g *graveyard) dig(k callKey, v grave, now time.Time) {
	g.clear(now)
	if g.graves == nil {
		g.graves = map[callKey]grave{}
	}
	g.graves[k] = v
	g.order = append(g.order, buried{k, now})
}

func (g *graveyard) has(k callKey) bool { _, ok := g.graves[k]; return ok }

// clear lets go of what is old enough.
func (g *graveyard) clear(now time.Time) {
	n := 0
	for n < len(g.order) && now.Sub(g.order[n].at) >= g.keep {
		delete(g.graves, g.order[n].key)
		n++
	}
	if n > 0 {
		g.order = g.order[n:]
	}
	if len(g.graves) == 0 {
		g.graves, g.order = nil, nil // maps never shrink by themselves
	}
}
