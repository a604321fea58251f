package dialog

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
)

// Progress is a provisional answer to a call in.
type Progress struct {
	Status   int    // 180, 181, 182 or 183; 0 for 180
	Phrase   string // empty for the usual one
	Media    bool   // with our session description, so that the caller hears what we send before the answer
	Reliable bool   // to be confirmed (RFC 3262), when the caller can
}

// Ring gives a provisional answer to a call in.
func (c *Call) Ring(p Progress) { c.box.post(func() { c.ringing(p) }) }

func (c *Call) ringing(p Progress) {
	if !c.inbound || c.phase != phaseSetup {
		return
	}
	if p.Status == 0 {
		p.Status = 180
	}
	reply := &message.Reply{
		Status: p.Status, Reason: p.Phrase, Tag: c.key.tag, Fixed: c.agent.fixedAnswer, Routes: true,
		Fields: []Field{{Name: "Contact", Value: c.agent.contact(c.in.server.Flow, c.user())}},
	}
	if p.Media {
		ours, ok := c.describe()
		if !ok {
			return
		}
		reply.Type, reply.Body = sdpType, ours
	}
	c.note(func(f *Final) {
		if f.Rang.IsZero() {
			f.Rang = time.Now()
		}
	})
	if p.Reliable && (message.Has(c.invitation, "Supported", "100rel") || message.Has(c.invitation, "Require", "100rel")) {
		c.sendReliable(reply)
		return
	}
	c.agent.reply(c.in.server, reply)
}

// describe is our half of the session for a call in that is not answered yet; false when the call was refused for it.
func (c *Call) describe() (ours []byte, ok bool) {
	in := c.in
	if in.ours != nil || c.media == nil {
		return in.ours, true
	}
	var err error
	if len(in.offer) > 0 {
		in.ours, err = c.media.Answer(in.offer)
	} else {
		in.ours, err = c.media.Offer()
	}
	if err != nil {
		c.note(func(f *Final) { f.End = EndMedia })
		c.reject(488, "", nil)
		return nil, false
	}
	return in.ours, true
}

// Acceptance is how a call in is answered.
type Acceptance struct {
	// Session asks for a session timer of this length when the caller can do that and has not asked for one itself;
	// Refresher is who keeps it going.
	Session   time.Duration
	Refresher Side
}

// Accept answers a call in.
func (c *Call) Accept(a Acceptance) { c.box.post(func() { c.take(a) }) }

func (c *Call) take(a Acceptance) {
	if !c.inbound || c.phase != phaseSetup || c.ending.wanted {
		return
	}
	in := c.in
	if in.reliable != nil { // RFC 3262 section 3: not while a description waits to be confirmed
		in.queued, in.afterPrack = nil, func() { c.take(a) }
		return
	}
	session, begin, ok := c.takeSession(in.server)
	if !ok {
		c.fail(EndRefused, Us)
		return
	}
	if len(session) == 0 && a.Session > 0 && message.Has(c.invitation, "Supported", "timer") {
		refresher := "uac"
		if a.Refresher == Us {
			refresher = "uas"
		}
		session = []Field{{Name: "Session-Expires", Value: seconds(a.Session) + ";refresher=" + refresher}}
		if refresher == "uac" {
			session = append(session, Field{Name: "Require", Value: "timer"})
		}
		begin = func() { c.timers.begin(c, a.Session, refresher == "uas") }
	}
	ours, ok := c.describe()
	if !ok {
		return
	}
	c.leg.updates = message.Has(c.invitation, "Allow", "UPDATE")
	fields := append([]Field{{Name: "Contact", Value: c.agent.contact(in.server.Flow, c.user())}}, session...)
	c.agent.reply(in.server, &message.Reply{
		Status: 200, Tag: c.key.tag, Fixed: c.agent.fixedAnswer, Fields: fields, Type: sdpType, Body: ours, Routes: true,
	})
	now := time.Now()
	c.phase = phaseUp
	c.note(func(f *Final) { f.Status, f.Phrase, f.Answered = 200, "OK", now })
	cseq, _, _ := message.CSeq(c.invitation) // a PRACK may have moved the leg's on
	c.await(&confirmation{
		repeat: in.server.Repeat, settled: in.server.Confirmed, leg: c.leg, cseq: cseq,
		first: true, offer: len(in.offer) == 0,
	})
	begin()
	c.tell(Event{What: HappenedAnswered, At: now})
}

// Reject refuses a call in.
func (c *Call) Reject(status int, phrase string, fields ...Field) {
	c.box.post(func() { c.reject(status, phrase, fields) })
}

func (c *Call) reject(status int, phrase string, fields []Field) {
	if !c.inbound || c.phase != phaseSetup {
		return
	}
	if c.in.reliable != nil {
		c.in.reliable.timer.Stop()
		c.in.reliable = nil
	}
	reply := &message.Reply{Status: status, Reason: phrase, Tag: c.key.tag, Fields: fields}
	c.agent.reply(c.in.server, reply)
	by := Us
	if c.final.End == EndCancelled {
		by = Them
	}
	c.note(func(f *Final) { f.Status, f.Phrase = status, phrase })
	how := c.final.End
	if how == "" {
		how = EndRefused
	}
	c.fail(how, by)
}

// decline is the Hangup of a call in that is not answered.
func (c *Call) decline() { c.reject(603, "", nil) }

// onCancel is the caller's giving up.
func (c *Call) onCancel(cancel *sip.Request) {
	if c.phase != phaseSetup {
		return
	}
	if c.quirks.AnswerCancel {
		c.take(Acceptance{})
		return
	}
	cause, text := message.Cause(cancel)
	c.note(func(f *Final) { f.End, f.Cause, f.CauseText = EndCancelled, cause, text })
	c.reject(487, "", nil)
}
