package dialog

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/internal/fault"
	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// gateway is one place that a trunk's calls can go to, with what is known of its health.
//
// A gateway that leaves an INVITE wholly unanswered is silent: nobody can know what became of that call, so no further
// call is sent there until it has answered a probe. That way an outage costs the few calls that met its beginning, and
// the others wait as calls that were never placed.
type gateway struct {
	trunk *Trunk
	uri   uri
	box   mailbox
	gone  chan struct{} // closed when registration and probes have ended

	mu     sync.Mutex
	silent bool
	rest   time.Time // it asked to be left alone until then

	// The following belong to the mailbox.
	ending   bool
	finished bool
	probing  bool
	timer    *time.Timer // the next probe
	reg      registration
	identity identity
}

// identity is the Call-ID, tag and sequence of a gateway's requests outside calls.
type identity struct {
	callID, tag string
	cseq        uint32
	auth        auth
}

const (
	probeSilent = 5 * time.Second // between probes of a gateway that is silent
	maxRest     = time.Minute     // longest Retry-After by which other gateways are preferred
)

func newGateway(t *Trunk, u uri) *gateway {
	g := &gateway{trunk: t, uri: u, gone: make(chan struct{})}
	if t.agent != nil {
		g.box.gate = &t.agent.gate
	}
	g.identity = identity{callID: message.Token(), tag: message.Token(), auth: auth{creds: t.opt.Credentials}}
	g.reg = registration{gateway: g, identity: identity{callID: message.Token(), tag: message.Token()}}
	g.reg.auth.creds = t.opt.Credentials
	return g
}

func (g *gateway) start() {
	g.box.post(func() {
		if g.trunk.opt.Register {
			g.reg.start()
		}
		if g.trunk.opt.Probe > 0 {
			g.probe()
		}
	})
}

// stop begins to end registration and probes; gone is closed when that is done.
func (g *gateway) stop() {
	g.box.post(func() {
		g.ending = true
		if g.timer != nil {
			g.timer.Stop()
		}
		g.reg.stop(g.finish)
	})
}

// finish runs in the mailbox.
func (g *gateway) finish() {
	if !g.finished {
		g.finished = true
		close(g.gone)
	}
}

// usable reports whether calls may be sent here; second best is a gateway that asked for a rest.
func (g *gateway) usable(now time.Time) (usable, rested bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.silent, !now.Before(g.rest)
}

// heard is told of every answer.
func (g *gateway) heard() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.silent = false
}

// leaveAlone is told of a Retry-After.
func (g *gateway) leaveAlone(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rest = time.Now().Add(min(d, maxRest))
}

// fellSilent is told of an INVITE that met with nothing.
func (g *gateway) fellSilent() {
	g.mu.Lock()
	was := g.silent
	g.silent = true
	g.mu.Unlock()
	if !was {
		g.trunk.agent.log.Warn("sip gateway does not answer", "trunk", g.trunk.opt.Name, "gateway", g.uri.hostPort())
		g.box.post(g.probe)
	}
}

func (g *gateway) state() State {
	g.mu.Lock()
	defer g.mu.Unlock()
	return State{Gateway: g.uri.text, Silent: g.silent, Registered: g.reg.registered, Refused: g.reg.refused, Tried: g.reg.tried, Since: g.reg.since}
}

// probe asks for a sign of life, again and again while one is missing or as often as the trunk wants. It runs in the
// mailbox.
func (g *gateway) probe() {
	if g.ending || g.probing {
		return
	}
	g.probing = true
	if g.timer != nil {
		g.timer.Stop()
	}
	x := g.options(&g.identity, func(r *sip.Response, err error) {
		g.probing = false
		if r != nil {
			g.heard()
		} else if g.trunk.opt.Probe > 0 {
			g.mu.Lock()
			g.silent = true
			g.mu.Unlock()
		}
		usable, _ := g.usable(time.Time{})
		every := g.trunk.opt.Probe
		if !usable {
			every = probeSilent
		}
		if every > 0 && !g.ending {
			g.timer = time.AfterFunc(every, func() { g.box.post(g.probe) })
		}
		_ = err // silence and a closed port say the same: nobody is there
	})
	x.send()
}

// options makes the exchange of an OPTIONS request.
//
//nolint:contextcheck // the gateway asks on its own account
func (g *gateway) options(id *identity, done func(*sip.Response, error)) *exchange {
	return &exchange{
		layer: g.trunk.agent.layer, box: &g.box, auth: &id.auth, done: done,
		make: func() (transport.Flow, *message.Request, error) {
			return g.request(context.Background(), id, "OPTIONS", "sip:"+g.uri.hostPort())
		},
	}
}

// request writes a request outside any call.
func (g *gateway) request(ctx context.Context, id *identity, method, to string) (transport.Flow, *message.Request, error) {
	t, a := g.trunk, g.trunk.agent
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	f, err := a.reach(ctx, t.hop(g.uri), t.opt.TLS)
	if err != nil {
		return transport.Flow{}, nil, err
	}
	id.cseq++
	user := t.opt.User
	aor := "<sip:" + t.domain(g.uri) + ">"
	if user != "" {
		aor = "<sip:" + escapeUser(user) + "@" + t.domain(g.uri) + ">"
	}
	req := &message.Request{
		Method: method, URI: to, Network: string(f.Link.Network()), SentBy: a.here(f), Branch: message.Branch(),
		Route: t.routes, From: aor + ";tag=" + id.tag, To: aor, CallID: id.callID, CSeq: id.cseq,
		Fixed: a.product("User-Agent"), Fields: id.auth.fields(method, to, nil),
	}
	if method == "OPTIONS" {
		req.To = "<" + to + ">"
		req.Fields = append(req.Fields, Field{Name: "Contact", Value: a.contact(f, escapeUser(user))},
			Field{Name: "Accept", Value: "application/sdp"})
	}
	return f, req, nil
}

// dialTime bounds looking up a name and making a connection.
const dialTime = 6 * time.Second

// reach finds the way to a URI: to the first of its addresses that can be connected to.
func (a *Agent) reach(ctx context.Context, u uri, cfg *tls.Config) (transport.Flow, error) {
	targets, err := a.resolve(ctx, u, cfg)
	if err != nil {
		return transport.Flow{}, err
	}
	var f transport.Flow
	for _, target := range targets {
		if f, err = a.stack.Flow(ctx, target); err == nil {
			return f, nil
		}
	}
	return f, err
}

// check is Trunk.Check for one gateway.
func (g *gateway) check(ctx context.Context) error {
	type result struct {
		r   *sip.Response
		err error
	}
	out := make(chan result, 1)
	done := func(r *sip.Response, err error) { out <- result{r, err} }
	g.box.post(func() {
		if g.trunk.opt.Register {
			g.reg.now(done)
			return
		}
		id := &identity{callID: message.Token(), tag: message.Token(), auth: auth{creds: g.trunk.opt.Credentials}}
		g.options(id, done).send()
	})
	params := fault.Params{"gateway": g.uri.hostPort()}
	select {
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "sip_silent", params).Because(ctx.Err())
	case res := <-out:
		return g.verdict(res.r, res.err, params)
	}
}

func (g *gateway) verdict(r *sip.Response, err error, params fault.Params) error {
	switch {
	case r == nil && timedOut(err):
		return fault.New(fault.Unavailable, "sip_silent", params).Because(err)
	case r == nil:
		params["why"] = string(transport.KindOf(err))
		return fault.New(fault.Unavailable, "sip_unreachable", params).Because(err)
	}
	g.heard()
	params["status"] = r.StatusCode
	switch {
	case r.StatusCode == sip.StatusUnauthorized || r.StatusCode == sip.StatusProxyAuthRequired:
		return fault.New(fault.Denied, "sip_credentials_refused", params)
	case r.StatusCode < 300, !g.trunk.opt.Register && r.StatusCode < 500 && r.StatusCode != sip.StatusForbidden:
		return nil // a gateway that does not take OPTIONS is alive all the same
	}
	return fault.New(fault.Unavailable, "sip_refused", params)
}
