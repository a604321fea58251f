package dialog

import (
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
)

// incoming is what a call in needs until it is answered.
type incoming struct {
	server     *transaction.Server
	offer      []byte
	rseq       uint32
	reliable   *reliable
	queued     []*message.Reply
	afterPrack func()
	ours       []byte // our session description, once it has been made
}

// required are the extensions that a request may insist on.
var required = map[string]bool{"100rel": true, "timer": true, "replaces": false}

// invited is an INVITE that begins a call.
func (a *Agent) invited(s *transaction.Server) {
	r := s.Request
	tag := message.Token()
	s.Tag(tag)
	l, ok := legIn(r, tag)
	switch {
	case !ok:
		a.reply(s, &message.Reply{Status: 400, Reason: "Bad Contact", Tag: tag})
		return
	case a.find(message.CallID(r), message.Tag(message.Header(r, "From"))) != nil:
		a.reply(s, &message.Reply{Status: 482, Tag: tag}) // our own call, sent back to us
		return
	case strange(r):
		a.reply(s, &message.Reply{Status: 415, Tag: tag, Fields: []Field{{Name: "Accept", Value: sdpType}}})
		return
	case a.opt.Incoming == nil:
		a.reply(s, &message.Reply{Status: 480, Tag: tag})
		return
	case a.merged(r):
		if a.opt.Merged != nil {
			a.opt.Merged(message.CallID(r), unescape(r.Recipient.User), s.At)
		}
		a.reply(s, &message.Reply{Status: 482, Tag: tag})
		return
	}
	l.flow = s.Flow
	c := newCall(a, callKey{message.CallID(r), tag})
	c.inbound, c.legs, c.leg = true, []*leg{l}, l
	c.from = userOf(uriOf(message.Header(r, "To")))
	c.invitation = r
	c.in = &incoming{server: s, offer: sessionDescription(r)}
	c.final.Sent, c.final.Heard, c.final.Delivered = s.At, true, true
	if err := a.enrol(c); err != nil {
		a.reply(s, &message.Reply{Status: 503, Tag: tag, Fields: []Field{{Name: "Retry-After", Value: "10"}}})
		return
	}
	c.box.post(func() {
		s.OnCancel(func(cancel *sip.Request) { c.box.post(func() { c.onCancel(cancel) }) })
		a.opt.Incoming(c)
	})
}

// merged reports whether the same INVITE has come by another way (RFC 3261 section 8.2.2.2).
func (a *Agent) merged(r *sip.Request) bool {
	from := message.Tag(message.Header(r, "From"))
	n, _, _ := message.CSeq(r)
	a.mu.Lock()
	defer a.mu.Unlock()
	cseq, ok := a.theirs[callKey{message.CallID(r), from}]
	return ok && cseq == n
}

// legIn is the dialog that an INVITE of theirs begins.
func legIn(r *sip.Request, tag string) (*leg, bool) {
	from, to := message.Header(r, "From"), message.Header(r, "To")
	n, _, _ := message.CSeq(r)
	l := &leg{
		local: to + ";tag=" + tag, remote: from, remoteTag: message.Tag(from), remoteCSeq: n, heard: true,
		routes: message.Values(r, "Record-Route"),
	}
	l.learn(r)
	if l.target == "" { // RFC 2543 knew INVITEs without Contact
		l.target = uriOf(from)
	}
	_, err := parseURI(l.target)
	return l, err == nil
}

func unsupported(r *sip.Request) string {
	var bad []string
	for _, v := range message.Values(r, "Require") {
		if !required[strings.ToLower(v)] {
			bad = append(bad, v)
		}
	}
	return strings.Join(bad, ", ")
}

func uriOf(value string) string {
	u, _, _ := message.Address(value)
	return u
}

// Incoming reports whether the call was made to us.
func (c *Call) Incoming() bool { return c.inbound }

// Called is the number or user part that a call in was made to.
func (c *Call) Called() string { return unescape(userOf(c.inviteURI())) }

// Caller is the number or user part that a call in says it comes from.
func (c *Call) Caller() string { return unescape(userOf(uriOf(c.Header("From")))) }

// Header is the first value of a header of the INVITE of a call in, "" when it has none.
func (c *Call) Header(name string) string {
	if c.invitation == nil {
		return ""
	}
	return message.Header(c.invitation, name)
}

func (c *Call) inviteURI() string {
	if c.invitation == nil {
		return ""
	}
	return c.invitation.Recipient.String()
}

// Arrived is when the INVITE of a call in reached our socket.
func (c *Call) Arrived() time.Time { return c.Final().Sent }

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// Handle sets who makes the session descriptions of a call in and who is told what happens. It is for
// Options.Incoming, before anything else.
func (c *Call) Handle(m Media, events func(*Call, Event)) {
	c.box.post(func() {
		if c.phase == phaseSetup {
			c.media, c.events = m, events
		}
	})
}
