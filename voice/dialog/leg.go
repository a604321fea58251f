package dialog

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// leg is a dialog (RFC 3261 section 12): a call has one for each branch of a fork that has answered, of which it goes by
// one in the end.
type leg struct {
	local      string // whole From value of our requests, with our tag
	remote     string // whole To value of our requests, with their tag
	remoteTag  string
	target     string         // the URI that requests are for
	routes     []string       // Route values, first hop first
	cseq       uint32         // the last number that we used
	remoteCSeq uint32         // the last number that they used
	heard      bool           // remoteCSeq has a value
	flow       transport.Flow // the way the last message of theirs came
	sticky     bool           // requests go back that way

	updates bool   // they take UPDATE
	rseq    uint32 // of the last reliable provisional answer that was acknowledged
	early   []byte // the last early answer, so that repetitions of it are not taken for changes
}

// legOf finds the leg of a remote tag.
func (c *Call) legOf(tag string) *leg {
	for _, l := range c.legs {
		if l.remoteTag == tag {
			return l
		}
	}
	return nil
}

// legFrom finds or makes the leg that a response belongs to, and takes what it says about the way there.
func (c *Call) legFrom(r *sip.Response, req *message.Request, f transport.Flow) *leg {
	to := message.Header(r, "To")
	l := c.legOf(message.Tag(to))
	if l == nil {
		l = &leg{local: req.From, remote: to, remoteTag: message.Tag(to), target: req.URI, cseq: req.CSeq}
		l.sticky = c.trunk != nil && c.trunk.opt.Sticky
		c.legs = append(c.legs, l)
	}
	l.flow = f
	// The route set stands when the dialog is confirmed (RFC 3261 section 13.2.2.4), the target never does.
	if routes := message.Values(r, "Record-Route"); c.leg == nil {
		slices.Reverse(routes)
		l.routes = routes
	}
	l.learn(r)
	return l
}

// learn takes the target and the abilities from a message of the far end.
func (l *leg) learn(m sip.Message) {
	if contacts := message.Values(m, "Contact"); len(contacts) > 0 {
		if u, _, ok := message.Address(contacts[0]); ok {
			if _, err := parseURI(u); err == nil {
				l.target = u
			}
		}
	}
	if message.Has(m, "Allow", "UPDATE") {
		l.updates = true
	}
}

// path is the request URI, the Route values and the URI of the next hop (RFC 3261 section 12.2.1.1).
func (l *leg) path() (target string, routes []string, next string) {
	if len(l.routes) == 0 {
		return l.target, nil, l.target
	}
	first, _, ok := message.Address(l.routes[0])
	if !ok {
		return l.target, nil, l.target
	}
	if u, err := parseURI(first); err == nil && !u.loose {
		// A strict router wants to find itself in the request URI and us at the end of the routes.
		routes = append(slices.Clone(l.routes[1:]), "<"+l.target+">")
		return first, routes, first
	}
	return l.target, l.routes, first
}

// reachLeg finds the way for the next request in a leg. It is the call that asks, not whoever waits for it.
//
//nolint:contextcheck // see above; said here, for all who call us
func (c *Call) reachLeg(l *leg, next string) (transport.Flow, error) {
	if l.sticky && len(l.routes) == 0 && l.flow.Valid() {
		return l.flow, nil
	}
	u, err := parseURI(next)
	if err != nil {
		return c.fallback(l, err)
	}
	if !u.named && l.flow.Link != nil {
		u.network = l.flow.Link.Network() // what came by TCP is seldom meant to go back by UDP
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), dialTime)
	defer cancel()
	targets, err := c.agent.resolve(ctx, u, c.tls())
	if err != nil {
		return c.fallback(l, err)
	}
	for _, t := range targets {
		if l.flow.Valid() && l.flow.Link.Network() == t.Network &&
			(l.flow.Peer == t.Addr || t.Network.Reliable() && l.flow.Peer.Addr() == t.Addr.Addr()) {
			return l.flow, nil // the connection that is there, whatever port it was opened from
		}
	}
	var f transport.Flow
	for _, t := range targets {
		if f, err = c.agent.stack.Flow(ctx, t); err == nil {
			return f, nil
		}
	}
	return c.fallback(l, err)
}

// tls is the configuration of the connections that the call makes; nil for the agent's.
func (c *Call) tls() *tls.Config {
	if c.trunk == nil {
		return nil
	}
	return c.trunk.opt.TLS
}

// fallback is the way the far end's last message came, for targets that lead nowhere from here.
func (c *Call) fallback(l *leg, err error) (transport.Flow, error) {
	if l.flow.Valid() {
		return l.flow, nil
	}
	return transport.Flow{}, err
}

// compose writes a request inside a leg, without its sequence number's being taken.
func (c *Call) compose(l *leg, method string, cseq uint32) (transport.Flow, *message.Request, error) {
	target, routes, next := l.path()
	f, err := c.reachLeg(l, next)
	if err != nil {
		return f, nil, err
	}
	return f, &message.Request{
		Method: method, URI: target, Network: string(f.Link.Network()), SentBy: c.agent.here(f),
		Branch: message.Branch(), Route: routes, From: l.local, To: l.remote, CallID: c.key.callID, CSeq: cseq,
		Fixed: c.agent.product("User-Agent"),
	}, nil
}

// inside makes the exchange of a request inside a leg.
func (c *Call) inside(l *leg, method string, fields []Field, body []byte, done func(*sip.Response, error)) *exchange {
	return &exchange{
		layer: c.agent.layer, box: &c.box, auth: &c.auth, done: done,
		make: func() (transport.Flow, *message.Request, error) {
			f, req, err := c.compose(l, method, l.cseq+1)
			if err != nil {
				return f, nil, err
			}
			l.cseq++
			if method == "INVITE" || method == "UPDATE" {
				req.Fields = append(req.Fields, Field{Name: "Contact", Value: c.agent.contact(f, c.user())})
				req.Fixed += abilities
			}
			req.Fields = append(req.Fields, fields...)
			req.Fields = append(req.Fields, c.auth.fields(method, req.URI, body)...)
			if len(body) > 0 {
				req.Type, req.Body = sdpType, body
			}
			return f, req, nil
		},
	}
}

// acknowledge sends the ACK of a 2xx and keeps it for repetitions.
func (c *Call) acknowledge(l *leg, invite *message.Request) {
	f, req, err := c.compose(l, "ACK", invite.CSeq)
	if err != nil {
		return // the far end repeats its 2xx, and so shall we this
	}
	for _, field := range invite.Fields { // RFC 3261 section 22.1: the INVITE's credentials
		if field.Name == "Authorization" || field.Name == "Proxy-Authorization" {
			req.Fields = append(req.Fields, field)
		}
	}
	c.acked = ackSent{cseq: invite.CSeq, data: req.Append(make([]byte, 0, 640)), flow: f}
	_ = f.Send(c.acked.data)
}

// reasonQ850 writes a Reason value.
func reasonQ850(cause int, text string) string {
	s := "Q.850;cause=" + itoa(cause)
	if text = strings.Map(printable, text); text != "" {
		s += `;text="` + quoted(text) + `"`
	}
	return s
}
