package dialog

import (
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
)

// Reinvite offers the media anew, such as to put the call on hold: Media.Offer is asked, and Media.Accept told. When both
// sides do that at once it is tried again after a while (RFC 3261 section 14.1).
func (c *Call) Reinvite() { c.box.post(func() { c.reoffer(nil) }) }

// Update is Reinvite by UPDATE (RFC 3311), for far ends that take it; withOffer false only shows that we are there.
func (c *Call) Update(withOffer bool) {
	c.box.post(func() {
		if c.phase != phaseUp || c.offered != nil || c.waiting != nil {
			return
		}
		var body []byte
		if withOffer && c.media != nil {
			var err error
			if body, err = c.media.Offer(); err != nil {
				return
			}
		}
		c.update(nil, body, func(*sip.Response) {})
	})
}

func (c *Call) reoffer(then func(*sip.Response)) {
	if c.phase != phaseUp {
		return
	}
	if c.offered != nil || c.waiting != nil {
		c.after(time.Second, func() { c.reoffer(then) })
		return
	}
	if then == nil {
		then = func(*sip.Response) {}
	}
	c.reinvite(nil, then)
}

// reinvite sends an INVITE inside the call. Nothing else may be on offer.
func (c *Call) reinvite(fields []Field, then func(*sip.Response)) {
	var offer []byte
	if c.media != nil {
		var err error
		if offer, err = c.media.Offer(); err != nil {
			then(nil)
			return
		}
	}
	l := c.leg
	var x *exchange
	x = c.inside(l, "INVITE", fields, offer, func(r *sip.Response, err error) {
		c.offered = nil
		if r != nil && r.StatusCode/100 == 2 {
			l.learn(r)
			c.acknowledge(l, x.req)
			c.accept(r)
		}
		c.answered(r, err, then, func() { c.reinvite(fields, then) })
	})
	c.offered = x
	x.send()
}

// update sends an UPDATE inside the call.
func (c *Call) update(fields []Field, offer []byte, then func(*sip.Response)) {
	l := c.leg
	x := c.inside(l, "UPDATE", fields, offer, func(r *sip.Response, err error) {
		c.offered = nil
		if r != nil && r.StatusCode/100 == 2 {
			l.learn(r)
			if len(offer) > 0 {
				c.accept(r)
			}
		}
		if r != nil && (r.StatusCode == sip.StatusMethodNotAllowed || r.StatusCode == sip.StatusNotImplemented) {
			l.updates = false
		}
		c.answered(r, err, then, func() { c.update(fields, offer, then) })
	})
	c.offered = x
	x.send()
}

// accept gives the answer to a new offer of ours to the media.
func (c *Call) accept(r *sip.Response) {
	if sdp := sessionDescription(r); len(sdp) > 0 && c.media != nil && c.phase == phaseUp {
		if c.media.Accept(sdp, false) == nil {
			c.tell(Event{What: HappenedMedia, At: time.Now()})
		}
	}
}

// answered takes the final answer to a request inside the call: some of them end it (RFC 5057 section 5.1), and one says
// that both sides spoke at once.
func (c *Call) answered(r *sip.Response, err error, then func(*sip.Response), again func()) {
	switch {
	case c.phase != phaseUp:
	case r == nil && timedOut(err), r != nil && (r.StatusCode == sip.StatusRequestTimeout || r.StatusCode == sip.StatusCallTransactionDoesNotExists):
		c.bye(EndExpired, "")
	case r != nil && (r.StatusCode == sip.StatusRequestPending || r.StatusCode == sip.StatusInternalServerError && retryAfter(r) > 0):
		c.after(c.pardon(r), func() {
			if c.phase == phaseUp && c.offered == nil && c.waiting == nil {
				again()
				return
			}
			then(nil)
		})
	default:
		then(r)
	}
}

// pardon is how long to wait after an offer that met one of theirs (491: RFC 3261 section 14.1, whoever made the Call-ID
// waits longer, so that the two do not meet again), or that came while they were busy with the last one (500).
func (c *Call) pardon(r *sip.Response) time.Duration {
	switch {
	case r.StatusCode == sip.StatusInternalServerError:
		return min(retryAfter(r), 10*time.Second)
	case c.inbound:
		return time.Duration(rand.IntN(200)) * 10 * time.Millisecond
	}
	return 2100*time.Millisecond + time.Duration(rand.IntN(190))*10*time.Millisecond
}

// confirmation is a 2xx to an INVITE of theirs, which is ours to repeat until its ACK (RFC 3261 section 13.3.1.4).
type confirmation struct {
	repeat   func()
	settled  func() // lets go of what is repeated; may be nil
	leg      *leg
	cseq     uint32
	first    bool // it answered the call
	offer    bool // it held our offer: the answer is in the ACK
	then     func()
	timer    *time.Timer
	interval time.Duration
	deadline time.Time
}

func (w *confirmation) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.settled != nil {
		w.settled()
	}
}

// await repeats a 2xx until its ACK comes or cannot be hoped for.
func (c *Call) await(w *confirmation) {
	timers := c.agent.layer.Timers()
	w.interval, w.deadline = timers.T1, time.Now().Add(timers.Limit())
	c.waiting = w
	w.timer = c.after(w.interval, func() { c.repeatOK(w) })
}

func (c *Call) repeatOK(w *confirmation) {
	if c.waiting != w {
		return
	}
	if !time.Now().Before(w.deadline) {
		c.waiting = nil
		w.stop()
		if w.then != nil {
			w.then()
			return
		}
		if c.phase == phaseUp {
			c.bye(EndExpired, `SIP;cause=408;text="No ACK"`)
		}
		return
	}
	w.repeat()
	w.interval = min(2*w.interval, c.agent.layer.Timers().T2)
	w.timer = c.after(min(w.interval, time.Until(w.deadline)), func() { c.repeatOK(w) })
}

// onAck is the ACK of a 2xx of ours.
func (c *Call) onAck(r *sip.Request) {
	w := c.waiting
	n, _, _ := message.CSeq(r)
	if w == nil || n != w.cseq || message.Tag(message.Header(r, "From")) != w.leg.remoteTag {
		return
	}
	c.waiting = nil
	w.stop()
	if w.offer && c.media != nil {
		sdp := sessionDescription(r)
		ok := len(sdp) > 0 && c.media.Accept(sdp, false) == nil
		switch {
		case ok && !w.first:
			c.tell(Event{What: HappenedMedia, At: time.Now()})
		case !ok && w.first && c.phase == phaseUp:
			c.bye(EndMedia, `SIP;cause=488;text="Not Acceptable Here"`)
			return
		}
	}
	if w.first && c.phase == phaseUp {
		c.tell(Event{What: HappenedAcked, At: time.Now()})
	}
	if w.then != nil {
		w.then()
	}
}
