package carrier

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"campanario/sandbox"
	"campanario/voice/dialog"
)

// call is one far end: the script that it follows, and what happens to it meanwhile.
type call struct {
	carrier *Carrier
	*dialog.Call
	leg       *leg
	ear       *ear
	rng       *rand.Rand
	behaviour Behaviour
	press     string // the key that the person presses
	ctx       context.Context
	end       context.CancelFunc
	up        chan struct{} // closed when the caller knows that it was answered

	mu   sync.Mutex
	keys string // that were pressed by the caller
}

// incoming takes a call in. It runs in the call's own order.
func (c *Carrier) incoming(d *dialog.Call) {
	at := d.Arrived()
	number := d.Called()
	again := c.retried(d.ID())
	k := &call{carrier: c, Call: d, up: make(chan struct{})}
	k.choose(number, again)
	if !again {
		c.record(sandbox.Record{
			At: at, Event: sandbox.EventStart, Ref: d.ID(), From: d.Caller(), To: number, Acted: string(k.behaviour),
		})
	}
	k.ctx, k.end = context.WithCancel(c.ctx)
	k.ear = newEar(at)
	k.leg = &leg{carrier: c, ear: k.ear, key: k.key, ready: make(chan struct{})}
	d.Handle(k.leg, k.event)
	switch {
	case !again && !c.rates.begin(at, c.opt.MaxConcurrent, c.opt.MaxPerSecond):
		k.behaviour = overLimit
		d.Reject(503, "Too Many Calls", dialog.Field{Name: "Retry-After", Value: "1"}, q850(42, "Switching equipment congestion"))
		return
	case again: // it was counted when it was challenged
		c.rates.note(func(s *Stats) { s.Live++; s.Peak = max(s.Peak, s.Live) })
	}
	if (k.behaviour == AsksInvite || c.opt.SignedIn) && !c.guard.Admits(d, at) {
		c.expect(d.ID(), sandbox.Record{
			Event: sandbox.EventEnd, Ref: d.ID(), From: d.Caller(), To: number, Acted: string(k.behaviour), Result: "401", Status: "401",
		}, at)
		k.behaviour = asked
		d.Challenge(c.guard)
		return
	}
	if !c.run(k.act) {
		d.Reject(503, "")
	}
}

// The ways in which a call can end before its far end does anything.
const (
	overLimit Behaviour = "over_limit"
	asked     Behaviour = "asked_to_sign_in"
)

// choose finds what the far end does.
func (k *call) choose(number string, again bool) {
	c := k.carrier
	b, key, chosen := special(number)
	if chosen {
		k.behaviour, k.press = b, key
		k.rng = source(c.opt.Seed, k.ID(), 0)
		return
	}
	var turn uint64
	if again {
		c.mu.Lock()
		turn = c.turns[number] - 1
		c.mu.Unlock()
	} else {
		turn = c.turn(number)
	}
	k.behaviour = ordinary(c.opt.Mix, c.opt.Seed, number, turn)
	k.rng = source(c.opt.Seed+1, number, turn)
	if k.behaviour == Person {
		// Most press a key, some answer in words, a few hang up on machines.
		switch p := k.rng.IntN(10); {
		case p < 7:
			k.press = string(c.opt.Keys[k.rng.IntN(len(c.opt.Keys))])
		case p == 9:
			k.behaviour = Leaves
		}
	}
}

func (k *call) key(key rune) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.keys) < 256 {
		k.keys += string(key)
	}
}

// event is what happens to the call, in order.
func (k *call) event(_ *dialog.Call, e dialog.Event) {
	c := k.carrier
	r := sandbox.Record{At: e.At, Ref: k.ID(), From: k.Caller(), To: k.Called(), Acted: string(k.behaviour)}
	switch e.What {
	case dialog.HappenedAnswered:
		c.rates.answer()
		r.Event, r.Result = sandbox.EventAnswer, "200"
		c.record(r)
	case dialog.HappenedAcked:
		close(k.up)
	case dialog.HappenedKey:
		k.key(rune(e.Key))
	case dialog.HappenedEnded:
		k.ended(r)
	default:
	}
}

func (k *call) ended(r sandbox.Record) {
	c := k.carrier
	k.end()
	f := k.Final()
	if k.behaviour != overLimit {
		c.rates.note(func(s *Stats) { s.Live-- })
	}
	if k.behaviour == asked {
		return // it comes again, or expect tells of the end
	}
	r.Event, r.Status = sandbox.EventEnd, strconv.Itoa(f.Status)
	r.Result = r.Status
	if !f.Answered.IsZero() {
		if r.Result = "them"; f.EndedBy == dialog.Us {
			r.Result = "us"
		}
	}
	k.mu.Lock()
	r.Keys = k.keys
	k.mu.Unlock()
	c.record(r)
	if !c.run(k.leg.close) {
		k.leg.close()
	}
}

// wait lets time pass as the far end feels it; false when the call is over.
func (k *call) wait(d time.Duration) bool {
	return k.waitReal(time.Duration(float64(d) / k.carrier.opt.Speed))
}

// waitReal lets time pass as everybody feels it.
func (k *call) waitReal(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-k.ctx.Done():
		return false
	}
}

// between is a time between two, by chance.
func (k *call) between(low, high time.Duration) time.Duration {
	return low + time.Duration(k.rng.Int64N(int64(high-low)+1))
}

func q850(cause int, text string) dialog.Field {
	return dialog.Field{Name: "Reason", Value: "Q.850;cause=" + strconv.Itoa(cause) + `;text="` + text + `"`}
}
