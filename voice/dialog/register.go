package dialog

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// registration keeps one gateway told where we are (RFC 3261 section 10). It belongs to the gateway's mailbox, but for
// what State tells of it, which the gateway's lock guards.
type registration struct {
	identity
	gateway *gateway
	active  bool
	timer   *time.Timer
	expires time.Duration // what we ask for; a 423 raises it
	failed  int           // times in a row
	contact string        // under which we are registered

	registered bool
	refused    int
	tried      bool      // an attempt has come to its end
	since      time.Time // how long it has been as it is
}

const (
	firstRetry  = 5 * time.Second
	lastRetry   = 5 * time.Minute
	goodbyeTime = 2 * time.Second // for the far end to confirm that we are gone
)

func (r *registration) start() {
	r.active = true
	r.expires = r.gateway.trunk.opt.Expires
	r.now(nil)
}

// now registers at once and tells done, when there is one, how that went.
func (r *registration) now(done func(*sip.Response, error)) {
	if !r.active {
		r.expires = r.gateway.trunk.opt.Expires
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	raised := false
	var x *exchange
	x = r.exchange(func() time.Duration { return r.expires }, func(res *sip.Response, err error) {
		if res != nil && res.StatusCode == sip.StatusIntervalToBrief && !raised {
			if least, ok := message.Seconds(message.Header(res, "Min-Expires")); ok && least > r.expires && least <= 24*time.Hour {
				raised, r.expires = true, least
				x.send()
				return
			}
		}
		r.settle(res, err)
		if done != nil {
			done(res, err)
		}
	})
	x.send()
}

// settle takes the outcome of a registration and plans the next.
func (r *registration) settle(res *sip.Response, err error) {
	g := r.gateway
	ok := res != nil && res.StatusCode/100 == 2
	g.mu.Lock()
	was, refused := r.registered, r.refused
	r.registered, r.refused = ok, 0
	if res != nil {
		g.silent = false
		if !ok {
			r.refused = res.StatusCode
		}
	}
	if !r.tried || ok != was || r.refused != refused {
		r.tried, r.since = true, time.Now()
	}
	g.mu.Unlock()
	if ok != was {
		g.trunk.agent.log.Info("sip registration changed", "trunk", g.trunk.opt.Name, "gateway", g.uri.hostPort(),
			"registered", ok, "status", r.refused, "unreachable", err != nil)
	}
	if g.ending || !r.active {
		return
	}
	var wait time.Duration
	if ok {
		r.failed = 0
		wait = refreshAfter(r.granted(res))
	} else {
		r.failed++
		wait = min(firstRetry<<min(r.failed-1, 10), lastRetry)
		if after := retryAfter(res); after > 0 {
			wait = min(max(wait, after), lastRetry)
		}
	}
	r.timer = time.AfterFunc(wait, func() {
		g.box.post(func() {
			if !g.ending {
				r.now(nil)
			}
		})
	})
}

// refreshAfter leaves time for two more tries before the registration runs out.
func refreshAfter(granted time.Duration) time.Duration {
	if granted > 2*time.Minute {
		return granted - 70*time.Second
	}
	return max(granted/2, time.Second)
}

// granted is how long the registrar keeps us: the expires of our own contact, else the Expires header.
func (r *registration) granted(res *sip.Response) time.Duration {
	mine, _, _ := message.Address(r.contact)
	for _, v := range message.Values(res, "Contact") {
		u, params, ok := message.Address(v)
		if e, has := message.Param(params, "expires"); ok && has && strings.EqualFold(u, mine) {
			if d, ok := message.Seconds(e); ok && d > 0 {
				return d
			}
		}
	}
	if d, ok := message.Seconds(message.Header(res, "Expires")); ok && d > 0 {
		return d
	}
	return r.expires
}

// stop ends the registration, if there is one, and calls done when the far end knows or has had time enough.
func (r *registration) stop(done func()) {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.gateway.mu.Lock()
	registered := r.registered
	r.registered = false
	r.gateway.mu.Unlock()
	if !r.active || !registered {
		done()
		return
	}
	t := time.AfterFunc(goodbyeTime, func() { r.gateway.box.post(done) })
	x := r.exchange(func() time.Duration { return 0 }, func(*sip.Response, error) {
		t.Stop()
		done()
	})
	x.send()
}

//nolint:contextcheck // the gateway registers on its own account
func (r *registration) exchange(expires func() time.Duration, done func(*sip.Response, error)) *exchange {
	g := r.gateway
	return &exchange{
		layer: g.trunk.agent.layer, box: &g.box, auth: &r.auth, done: done,
		make: func() (transport.Flow, *message.Request, error) {
			f, req, err := g.request(context.Background(), &r.identity, "REGISTER", "sip:"+g.trunk.domain(g.uri))
			if err != nil {
				return f, nil, err
			}
			r.contact = g.trunk.agent.contact(f, escapeUser(g.trunk.opt.User))
			req.Fields = append(req.Fields, Field{Name: "Contact", Value: r.contact},
				Field{Name: "Expires", Value: strconv.Itoa(int(expires() / time.Second))})
			return f, req, nil
		},
	}
}

// retryAfter is what a refusal asks for; 0 when it asks for nothing.
func retryAfter(res *sip.Response) time.Duration {
	if res == nil {
		return 0
	}
	d, _ := message.Seconds(message.Header(res, "Retry-After"))
	return d
}
