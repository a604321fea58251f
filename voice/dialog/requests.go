package dialog

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
)

// onReinvite is an INVITE inside the call (RFC 3261 section 14.2).
func (c *Call) onReinvite(l *leg, s *transaction.Server) {
	switch {
	case c.offered != nil || c.phase == phaseSetup && !c.inbound:
		c.agent.reply(s, &message.Reply{Status: 491, Tag: c.key.tag})
		return
	case c.waiting != nil || c.phase == phaseSetup:
		c.agent.reply(s, &message.Reply{
			Status: 500, Tag: c.key.tag, Fields: []Field{{Name: "Retry-After", Value: strconv.Itoa(1 + rand.IntN(10))}},
		})
		return
	case c.phase != phaseUp || l != c.leg:
		c.agent.reply(s, &message.Reply{Status: 481, Tag: c.key.tag})
		return
	}
	if strange(s.Request) {
		c.agent.reply(s, &message.Reply{Status: 415, Tag: c.key.tag, Fields: []Field{{Name: "Accept", Value: sdpType}}})
		return
	}
	if !c.guarded(s) {
		return
	}
	session, begin, ok := c.takeSession(s)
	if !ok {
		return
	}
	theirs := sessionDescription(s.Request)
	ours, ok := c.negotiate(s, theirs)
	if !ok {
		return
	}
	l.learn(s.Request)
	l.flow = s.Flow
	fields := append([]Field{{Name: "Contact", Value: c.agent.contact(s.Flow, c.user())}}, session...)
	c.agent.reply(s, &message.Reply{
		Status: 200, Tag: c.key.tag, Fixed: c.agent.fixedAnswer, Fields: fields, Type: sdpType, Body: ours, Routes: true,
	})
	begin()
	if len(theirs) > 0 {
		c.tell(Event{What: HappenedMedia, At: time.Now()})
	}
	n, _, _ := message.CSeq(s.Request)
	c.await(&confirmation{repeat: s.Repeat, settled: s.Confirmed, leg: l, cseq: n, offer: len(theirs) == 0})
}

// negotiate makes our half of what an INVITE or UPDATE of theirs begins; false when it has been refused.
func (c *Call) negotiate(s *transaction.Server, theirs []byte) (ours []byte, ok bool) {
	if c.media == nil {
		return nil, true
	}
	var err error
	if len(theirs) > 0 {
		ours, err = c.media.Answer(theirs)
	} else {
		ours, err = c.media.Offer()
	}
	if err != nil {
		c.agent.reply(s, &message.Reply{Status: 488, Tag: c.key.tag})
		return nil, false
	}
	return ours, true
}

// onUpdate is an UPDATE inside the call (RFC 3311), which may come before the answer.
func (c *Call) onUpdate(l *leg, s *transaction.Server) {
	theirs := sessionDescription(s.Request)
	if len(theirs) > 0 && (c.offered != nil || c.waiting != nil && c.waiting.offer) {
		c.agent.reply(s, &message.Reply{Status: 491, Tag: c.key.tag})
		return
	}
	if len(theirs) > 0 && c.phase == phaseSetup && (c.inbound || len(l.early) == 0) {
		c.agent.reply(s, &message.Reply{ // the first offer of the call has no answer yet
			Status: 500, Tag: c.key.tag, Fields: []Field{{Name: "Retry-After", Value: strconv.Itoa(1 + rand.IntN(10))}},
		})
		return
	}
	if !c.guarded(s) {
		return
	}
	session, begin, ok := c.takeSession(s)
	if !ok {
		return
	}
	var ours []byte
	if len(theirs) > 0 {
		if ours, ok = c.negotiate(s, theirs); !ok {
			return
		}
	}
	l.learn(s.Request)
	l.flow = s.Flow
	fields := append([]Field{{Name: "Contact", Value: c.agent.contact(s.Flow, c.user())}}, session...)
	c.agent.reply(s, &message.Reply{
		Status: 200, Tag: c.key.tag, Fixed: c.agent.fixedAnswer, Fields: fields, Type: sdpType, Body: ours,
	})
	if c.phase == phaseUp {
		begin()
	}
	if len(theirs) > 0 {
		c.tell(Event{What: HappenedMedia, At: time.Now()})
	}
}

// onInfo is an INFO inside the call: a telephone key, as gateways without RFC 4733 send them.
func (c *Call) onInfo(s *transaction.Server) {
	kind, _, _ := strings.Cut(strings.ToLower(message.Header(s.Request, "Content-Type")), ";")
	body := s.Request.Body()
	var key byte
	var held time.Duration
	switch kind = strings.TrimSpace(kind); {
	case kind == "application/dtmf-relay":
		key, held = parseRelay(body)
	case kind == "application/dtmf":
		key = parseKey(string(bytes.TrimSpace(body)))
	case len(body) > 0:
		c.agent.reply(s, &message.Reply{
			Status: 415, Tag: c.key.tag, Fields: []Field{{Name: "Accept", Value: "application/dtmf-relay, application/dtmf"}},
		})
		return
	}
	c.agent.reply(s, &message.Reply{Status: 200, Tag: c.key.tag})
	if key != 0 && c.phase == phaseUp {
		c.tell(Event{What: HappenedKey, At: s.At, Key: key, Duration: held})
	}
}

// Info sends a body of any kind inside the call (RFC 2976), such as a telephone key for gateways without RFC 4733.
func (c *Call) Info(contentType string, body []byte) {
	c.box.post(func() {
		if c.phase != phaseUp {
			return
		}
		x := c.inside(c.leg, "INFO", nil, body, func(*sip.Response, error) {})
		x.kind = contentType
		x.send()
	})
}

// parseRelay reads the body of an application/dtmf-relay: "Signal=5", "Duration=160" in milliseconds.
func parseRelay(body []byte) (key byte, held time.Duration) {
	for line := range strings.SplitSeq(string(body), "\n") {
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			key = parseKey(value)
		case "duration":
			if ms, err := strconv.ParseUint(value, 10, 16); err == nil {
				held = time.Duration(ms) * time.Millisecond
			}
		}
	}
	return key, held
}

// parseKey reads one telephone key, by its name or its RFC 4733 number; 0 when it is none.
func parseKey(s string) byte {
	switch s = strings.ToUpper(s); s {
	case "10":
		return '*'
	case "11":
		return '#'
	case "12", "13", "14", "15":
		return 'A' + s[1] - '2'
	}
	if len(s) == 1 && strings.Contains("0123456789*#ABCD", s) {
		return s[0]
	}
	return 0
}
