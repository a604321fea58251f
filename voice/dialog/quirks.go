package dialog

import (
	"slices"
	"time"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
)

// Quirks make a call in behave as no good far end should: for the sandbox, whose far ends are there to show that ours
// copes.
type Quirks struct {
	AnswerCancel bool // a CANCEL meets a 200, as if the two had crossed
}

// Behave sets the quirks of a call in.
func (c *Call) Behave(q Quirks) { c.box.post(func() { c.quirks = q }) }

// Ignore makes a call in meet with nothing at all, not even 100.
func (c *Call) Ignore() {
	c.box.post(func() {
		if c.inbound && c.phase == phaseSetup {
			c.in.server.Ignore()
			c.fail(EndRefused, Us)
		}
	})
}

// Fork answers a call in, which must be up, once more, as another telephone that was called at the same time would. What
// it gives is the call of that telephone: a caller that is well made ends it at once. It is nil when the call is not up.
func (c *Call) Fork() *Call {
	out := make(chan *Call, 1)
	if !c.box.offer(func() { out <- c.fork() }) {
		return nil
	}
	select {
	case f := <-out:
		return f
	case <-c.done:
		select {
		case f := <-out:
			return f
		default:
			return nil
		}
	}
}

func (c *Call) fork() *Call {
	if !c.inbound || c.phase != phaseUp || c.in == nil {
		return nil
	}
	tag := message.Token()
	f := newCall(c.agent, callKey{c.key.callID, tag})
	l := *c.leg
	l.local = message.Header(c.invitation, "To") + ";tag=" + tag
	f.inbound, f.legs, f.leg, f.phase, f.from, f.invitation = true, []*leg{&l}, &l, phaseUp, c.from, c.invitation
	f.final = c.final
	f.in = &incoming{server: c.in.server}
	f.twin = true
	if c.agent.enrol(f) != nil {
		return nil
	}
	server := c.in.server
	ok := &message.Reply{
		Status: 200, Tag: tag, Fixed: c.agent.fixedAnswer, Type: sdpType, Body: c.in.ours, Routes: true,
		Fields: []Field{{Name: "Contact", Value: c.agent.contact(server.Flow, c.user())}},
	}
	cseq, _, _ := message.CSeq(c.invitation)
	f.box.post(func() {
		_ = server.Raw(ok)
		f.await(&confirmation{repeat: func() { _ = server.Raw(ok) }, leg: &l, cseq: cseq, first: true})
	})
	return f
}

// guarding is a Guard over some of a call's requests.
type guarding struct {
	by      *Guard
	methods []string
}

// Protect demands that requests of these methods inside a call in are signed in.
func (c *Call) Protect(g *Guard, methods ...string) {
	c.box.post(func() { c.guard = &guarding{g, methods} })
}

// Challenge refuses a call in until it is signed in; see Guard.
func (c *Call) Challenge(g *Guard) {
	status, field := g.challenge(time.Now(), false)
	c.Reject(status, "", field)
}

// guarded reports whether a request may pass; otherwise it has been challenged.
func (c *Call) guarded(s *transaction.Server) bool {
	method := string(s.Request.Method)
	if c.guard == nil || !slices.Contains(c.guard.methods, method) {
		return true
	}
	ok, stale := c.guard.by.Check(method, message.Header(s.Request, c.guard.by.header()), time.Now())
	if ok {
		return true
	}
	status, field := c.guard.by.challenge(time.Now(), stale)
	c.agent.reply(s, &message.Reply{Status: status, Tag: c.key.tag, Fields: []Field{field}})
	return false
}
