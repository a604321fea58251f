package dialog

import (
	"context"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
	"campanario/voice/dialog/transport"
)

// outgoing is what a call out needs until it is answered.
type outgoing struct {
	inv       Invite
	offer     []byte
	cseq      uint32
	met       tries
	asked     time.Duration // session timer
	least     time.Duration // Min-SE, after a 422
	redirects int           // that may still be followed

	hops    []hop // still to be tried
	current *attempt
	old     []*attempt // given up, and to be cancelled when they answer after all
	ring    *time.Timer
	silence *time.Timer
	clear   *time.Timer // after the CANCEL
}

// hop is an address to try.
type hop struct {
	gateway *gateway // nil for a redirection's
	uri     uri
	user    string
	target  transport.Target
}

// attempt is one INVITE.
type attempt struct {
	call      *Call
	hop       hop
	tx        *transaction.Client
	req       *message.Request
	heard     bool
	cancelled bool
	over      bool // its final answer has come
}

// Response takes an answer off the transaction.
func (t *attempt) Response(_ *transaction.Client, r *sip.Response, f transport.Flow) {
	t.call.box.post(func() { t.call.onAnswer(t, r, f) })
}

// Lost takes the news that there will be none.
func (t *attempt) Lost(_ *transaction.Client, err error) {
	t.call.box.post(func() { t.call.onLost(t, err) })
}

func (o *outgoing) stop() {
	for _, t := range []*time.Timer{o.ring, o.silence, o.clear} {
		if t != nil {
			t.Stop()
		}
	}
}

// begin places the call. It runs inside Trunk.Call, whose caller waits no longer than ctx for a connection.
func (c *Call) begin(ctx context.Context) {
	own, cancel := context.WithCancel(c.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	c.wait = own
	defer func() { c.wait = c.ctx }()
	o := c.out
	if c.media != nil {
		offer, err := c.media.Offer()
		if err != nil {
			c.fail(EndMedia, "")
			return
		}
		o.offer = offer
	}
	o.cseq = 1
	o.hops = c.hops()
	c.next(nil)
}

// hops lists the addresses of the trunk's gateways in the order in which they are to be tried: silent ones not at all,
// those that asked for a rest last.
func (c *Call) hops() []hop {
	t := c.trunk
	now := time.Now()
	var ready, resting []hop
	var why error
	down := true
	for _, g := range t.gateways {
		usable, rested := g.usable(now)
		if !usable {
			continue
		}
		down = false
		targets, err := c.agent.resolve(c.wait, t.hop(g.uri), t.opt.TLS)
		if err != nil {
			why = err
			continue
		}
		for _, target := range targets {
			h := hop{gateway: g, uri: g.uri, user: c.out.inv.To, target: target}
			if rested {
				ready = append(ready, h)
			} else {
				resting = append(resting, h)
			}
		}
	}
	c.note(func(f *Final) {
		f.Down = down
		if why != nil {
			f.Transport = transport.KindOf(why)
		}
	})
	return append(ready, resting...)
}

// next tries the next address, or ends the call because there is none. err is why the last one came to nothing.
func (c *Call) next(err error) {
	o := c.out
	for len(o.hops) > 0 && !c.ending.wanted && c.ctx.Err() == nil {
		h := o.hops[0]
		o.hops = o.hops[1:]
		if err = c.try(h); err == nil {
			return
		}
		c.note(func(f *Final) { f.Transport = transport.KindOf(err) })
	}
	switch {
	case c.ending.wanted:
		c.fail(c.ending.how, Us)
	case c.ctx.Err() != nil:
		c.fail(EndCancelled, Us)
	case timedOut(err):
		c.fail(EndNoResponse, "")
	case c.final.Delivered:
		c.fail(EndLost, "")
	default:
		c.fail(EndUnreachable, "")
	}
}

// fail ends a call that was not answered.
func (c *Call) fail(how Ending, by Side) {
	c.note(func(f *Final) {
		f.End, f.Ended = how, time.Now()
		if by != "" {
			f.EndedBy = by
		}
	})
	c.over()
}

// try sends the INVITE to one address.
func (c *Call) try(h hop) error {
	o := c.out
	f, err := c.agent.stack.Flow(c.wait, h.target)
	if err != nil {
		return err
	}
	req := c.invite(h, f)
	data := req.Append(make([]byte, 0, 1500))
	if len(data) > maxDatagram && f.Link.Network() == transport.UDP && !c.trunk.opt.Datagrams {
		wide := h.target
		wide.Network = transport.TCP
		// Where nobody listens by TCP, a datagram in fragments is better than no call (RFC 3261 section 18.1.1).
		if tf, terr := c.agent.stack.Flow(c.wait, wide); terr == nil {
			f, h.target = tf, wide
			req = c.invite(h, f)
			data = nil
		}
	}
	t := &attempt{call: c, hop: h, req: req}
	now := time.Now()
	t.tx, err = c.agent.layer.Send(f, req, data, t)
	if err != nil {
		return err
	}
	if o.current != nil && !o.current.over {
		o.current.tx.Hush()
		o.old = append(o.old, o.current)
	}
	o.current = t
	first := false
	c.note(func(fin *Final) {
		first = fin.Sent.IsZero()
		if first {
			fin.Sent = now
		}
		fin.Delivered, fin.Transport, fin.Down = true, "", false
		fin.Gateway = h.uri.hostPort()
		fin.Tried++
	})
	if first {
		o.ring = c.after(o.inv.Ring, func() { c.ringTimeout() })
		c.tell(Event{What: HappenedSent, At: now})
	}
	c.expectSign(t)
	return nil
}

// expectSign goes on to the next gateway when this one says nothing at all.
func (c *Call) expectSign(t *attempt) {
	o := c.out
	if o.silence != nil {
		o.silence.Stop()
	}
	if t.heard || len(o.hops) == 0 {
		return
	}
	o.silence = c.after(c.trunk.opt.Failover, func() {
		if c.phase != phaseSetup || o.current != t || t.heard || c.ending.wanted {
			return
		}
		if t.hop.gateway != nil {
			t.hop.gateway.fellSilent()
		}
		c.next(transaction.ErrTimeout)
	})
}

// invite writes the INVITE for one address.
func (c *Call) invite(h hop, f transport.Flow) *message.Request {
	o, t := c.out, c.trunk
	domain := t.domain(h.uri)
	target := h.uri.at(h.user)
	req := &message.Request{
		Method: "INVITE", URI: target, Network: string(f.Link.Network()), SentBy: c.agent.here(f),
		Branch: message.Branch(), Route: t.routes,
		From:   fromValue(o.inv.Name, o.inv.From, domain, c.key.tag),
		To:     "<sip:" + escapeUser(o.inv.To) + "@" + domain + ">",
		CallID: c.key.callID, CSeq: o.cseq,
		Fixed: c.agent.fixedInvite, Type: sdpType, Body: o.offer,
	}
	fields := make([]Field, 0, 4+len(o.inv.Fields))
	fields = append(fields, Field{Name: "Contact", Value: c.agent.contact(f, c.user())})
	if o.asked > 0 {
		fields = append(fields, Field{Name: "Session-Expires", Value: seconds(o.asked)})
	}
	if o.least > 0 {
		fields = append(fields, Field{Name: "Min-SE", Value: seconds(o.least)})
	}
	fields = append(fields, c.auth.fields("INVITE", target, o.offer)...)
	req.Fields = append(fields, o.inv.Fields...)
	return req
}

func fromValue(name, user, domain, tag string) string {
	var b strings.Builder
	if name != "" {
		b.WriteString(`"` + quoted(name) + `" `)
	}
	b.WriteString("<sip:" + escapeUser(user) + "@" + domain + ">;tag=" + tag)
	return b.String()
}

// user is the user part of our Contact.
func (c *Call) user() string {
	return escapeUser(c.from)
}

func (c *Call) ringTimeout() {
	if c.phase == phaseSetup && !c.ending.wanted {
		c.hangup(EndRingTimeout, `SIP;cause=408;text="Ring timeout"`)
	}
}

// withdraw cancels the INVITE, or waits until that is allowed: a CANCEL may not overtake its INVITE, so it is held until
// anything has been heard (RFC 3261 section 9.1).
func (c *Call) withdraw() {
	o := c.out
	if o.current == nil || o.current.over {
		c.fail(c.ending.how, Us)
		return
	}
	if o.silence != nil {
		o.silence.Stop()
	}
	o.hops = nil
	if o.current.heard {
		c.cancelAttempt(o.current)
	}
}

func (c *Call) cancelAttempt(t *attempt) {
	if t.cancelled || t.over {
		return
	}
	t.cancelled = true
	req := t.req.Cancel(c.ending.reason)
	x := &exchange{
		layer: c.agent.layer, box: &c.box, auth: &auth{},
		make: func() (transport.Flow, *message.Request, error) { return t.tx.Flow(), req, nil },
		done: func(*sip.Response, error) {},
	}
	x.send()
	if o := c.out; o != nil && t == o.current && o.clear == nil {
		// A far end that confirms neither CANCEL nor INVITE is given up (RFC 3261 section 9.1).
		o.clear = c.after(c.agent.layer.Timers().Limit(), func() {
			if c.phase == phaseSetup {
				t.tx.Stop()
				c.fail(c.ending.how, Us)
			}
		})
	}
}

// onLost is an INVITE that nobody answers: by silence, or because its way broke.
func (c *Call) onLost(t *attempt, err error) {
	t.over = true
	o := c.out
	if c.phase != phaseSetup || t != o.current {
		return
	}
	if timedOut(err) && !t.heard && t.hop.gateway != nil {
		t.hop.gateway.fellSilent()
	}
	if !timedOut(err) {
		c.note(func(f *Final) {
			f.Transport = transport.KindOf(err)
			// A port that is closed has taken nothing in.
			if f.Transport == transport.Refused && !t.heard && f.Tried == 1 {
				f.Delivered = false
			}
		})
	}
	if c.final.Rang.IsZero() && !t.heard || c.ending.wanted {
		c.next(err)
		return
	}
	c.fail(EndLost, "")
}
