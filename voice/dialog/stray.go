package dialog

import (
	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// Stray takes a 2xx to an INVITE whose transaction is over (transaction.Core): the far end repeats it because it has not
// seen our ACK, or another branch of a fork was answered too, or the call was given up.
func (a *Agent) Stray(r *sip.Response, f transport.Flow) {
	key := callKey{message.CallID(r), message.Tag(message.Header(r, "From"))}
	a.mu.Lock()
	c := a.calls[key]
	g, buried := a.graves.graves[key]
	a.mu.Unlock()
	switch {
	case c != nil:
		c.box.offer(func() { c.onStray(r, f) })
	case buried && g.ack != nil && g.remoteTag == message.Tag(message.Header(r, "To")):
		_ = g.flow.Send(g.ack)
	case buried && g.remoteTag == message.Tag(message.Header(r, "To")) && g.remoteTag != "":
		// It was acknowledged, and confirmed our BYE or sent its own: this one was late on the way.
	case buried:
		c := newCall(a, key)
		c.trunk, c.phase = g.trunk, phaseOver
		c.auth.creds = g.trunk.opt.Credentials
		c.box.offer(func() { c.turnAway(r, f) })
	}
}

// onStray is a 2xx that the call does not wait for.
func (c *Call) onStray(r *sip.Response, f transport.Flow) {
	n, _, _ := message.CSeq(r)
	if c.leg != nil && c.leg.remoteTag == message.Tag(message.Header(r, "To")) {
		if n == c.acked.cseq && c.acked.data != nil {
			_ = c.acked.flow.Send(c.acked.data)
		}
		return
	}
	if c.inbound || c.phase == phaseSetup {
		return
	}
	c.turnAway(r, f)
}

// turnAway acknowledges and ends a branch of a fork that was answered when the call was somebody else's already, or
// nobody's any more. A branch left alone would stay up, and be paid for.
func (c *Call) turnAway(r *sip.Response, f transport.Flow) {
	n, _, _ := message.CSeq(r)
	tag := message.Tag(message.Header(r, "To"))
	if done, met := c.turned[tag]; met {
		_ = done.flow.Send(done.data)
		return
	}
	req := &message.Request{From: message.Header(r, "From"), URI: "", CSeq: n}
	l := &leg{local: req.From, remote: message.Header(r, "To"), remoteTag: tag, cseq: n, flow: f}
	l.sticky = c.trunk != nil && c.trunk.opt.Sticky
	l.routes = reversed(message.Values(r, "Record-Route"))
	l.learn(r)
	if l.target == "" {
		return // nowhere to send an ACK to
	}
	kept := c.acked
	c.acknowledge(l, req)
	if c.turned == nil {
		c.turned = map[string]ackSent{}
	}
	if len(c.turned) < maxForks {
		c.turned[tag] = c.acked
	}
	c.acked = kept
	c.sendBye(l, "", func(*sip.Response) {})
}

// maxForks bounds what is remembered of branches that were turned away.
const maxForks = 32
