package dialog

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
	"campanario/voice/dialog/transport"
)

// Field is a header line of ours.
type Field = message.Field

// Listen is an address of an agent.
type Listen = transport.Listen

// Options are what an Agent is made from.
type Options struct {
	Listen  []Listen    // at least one; requests inside calls come here
	Public  string      // our host name or address as others see it, when they see another than ours
	Product string      // User-Agent and Server; empty for none
	Client  *tls.Config // for TLS connections that we make; nil for the system's authorities

	// Incoming takes a call in. It runs first of all in the call's own order: set Handle, then Ring, Accept, Reject, or
	// keep the call and do that later. nil refuses every call.
	Incoming func(c *Call)
	MaxCalls int // calls in at once; 0 for 20,000
	// Merged is told of an INVITE that is refused because the same one is being dealt with already, as happens when a
	// caller forgets that it has called. May be nil.
	Merged func(callID, called string, at time.Time)

	Timers transaction.Timers
	Grace  time.Duration // how long Stop waits for calls to be hung up; 0 for 3 s
	Stamp  bool          // arrival times are the kernel's
	Lookup transport.Lookup
	Log    *slog.Logger // nil for none
}

// maxDatagram is the longest request sent by UDP; a longer one goes by TCP (RFC 3261 section 18.1.1).
const maxDatagram = 1300

// Agent is a SIP user agent: its sockets, its calls, its registrations. It is safe for concurrent use, and a process can
// have several.
type Agent struct {
	opt                      Options
	log                      *slog.Logger
	gate                     gate
	stack                    sockets
	layer                    *transaction.Layer
	names                    *transport.Resolver
	fixedInvite, fixedAnswer string // header lines of every INVITE, and of every answer that says what we can

	mu       sync.Mutex
	started  bool
	stopping bool
	stopped  chan struct{}
	calls    map[callKey]*Call
	live     int                // calls that are not over
	idle     chan struct{}      // closed when stopping and none is live
	guests   int                // live calls in
	theirs   map[callKey]uint32 // the INVITEs of the live calls in, by Call-ID and their tag
	graves   graveyard
	trunks   map[*Trunk]struct{}
}

// sockets are what an agent sends and listens by: a transport.Stack, or in tests a network that is not there.
type sockets interface {
	Flow(ctx context.Context, t transport.Target) (transport.Flow, error)
	Listening(n transport.Network) []netip.AddrPort
	LocalAddr(l transport.Link, peer netip.Addr) netip.Addr
	Stats() transport.Stats
	Close()
}

// callKey finds a call: its Call-ID and our own tag.
type callKey struct{ callID, tag string }

// New checks the options and makes an agent; nothing is bound before Start.
func New(opt Options) (*Agent, error) {
	if len(opt.Listen) == 0 {
		return nil, errors.New("dialog: no address to listen on")
	}
	if !message.Clean(opt.Product) || strings.ContainsAny(opt.Public, " \t\r\n<>\"@;") {
		return nil, errors.New("dialog: control characters in Product or Public")
	}
	if opt.MaxCalls == 0 {
		opt.MaxCalls = 20_000
	}
	if opt.Grace == 0 {
		opt.Grace = 3 * time.Second
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	a := &Agent{
		opt: opt, log: opt.Log, names: transport.NewResolver(opt.Lookup), stopped: make(chan struct{}),
		calls: map[callKey]*Call{}, trunks: map[*Trunk]struct{}{}, idle: make(chan struct{}), theirs: map[callKey]uint32{},
	}
	a.layer = transaction.NewLayer(transaction.Options{Timers: opt.Timers, Core: a})
	a.fixedInvite = abilities + a.product("User-Agent")
	a.fixedAnswer = abilities + a.product("Server")
	a.graves.keep = a.layer.Timers().Limit()
	return a, nil
}

// Start binds the addresses and begins to listen. It can be called once.
func (a *Agent) Start(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.started || a.stopping {
		return errors.New("dialog: agent was started before")
	}
	stack, err := transport.Open(ctx, transport.Options{
		Listen: a.opt.Listen, Client: a.opt.Client, Handler: a.layer, Stamp: a.opt.Stamp, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.stack, a.started = stack, true
	stack.Serve()
	return nil
}

// Stop refuses new calls, hangs up the ones there are, ends the registrations, closes the sockets and waits for all of
// that. It is idempotent.
func (a *Agent) Stop() {
	a.mu.Lock()
	if a.stopping || !a.started {
		started := a.started
		a.stopping = true
		a.mu.Unlock()
		if started {
			<-a.stopped
		}
		return
	}
	a.stopping = true
	calls := a.snapshot()
	trunks := make([]*Trunk, 0, len(a.trunks))
	for t := range a.trunks {
		trunks = append(trunks, t)
	}
	if a.live == 0 {
		close(a.idle)
	}
	a.mu.Unlock()

	for _, c := range calls {
		c.Hangup()
	}
	grace := time.NewTimer(a.opt.Grace)
	defer grace.Stop()
	select {
	case <-a.idle:
	case <-grace.C:
		a.mu.Lock()
		calls = a.snapshot()
		a.mu.Unlock()
		for _, c := range calls {
			c.abandon()
		}
	}
	for _, t := range trunks {
		t.Close()
	}
	a.stack.Close()
	a.layer.Close()
	a.gate.close()
	close(a.stopped)
}

// snapshot lists the calls that are not over; it needs the lock.
func (a *Agent) snapshot() []*Call {
	out := make([]*Call, 0, len(a.calls))
	for _, c := range a.calls {
		out = append(out, c)
	}
	return out
}

// Addrs are the addresses bound for a network, in the order of Options.Listen.
func (a *Agent) Addrs(n transport.Network) []netip.AddrPort { return a.stack.Listening(n) }

// Live is how many calls are not over.
func (a *Agent) Live() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.live
}

// Stats are the counts of the sockets.
func (a *Agent) Stats() transport.Stats { return a.stack.Stats() }

// errStopped is what callers get from an agent that is not running.
var errStopped = errors.New("dialog: agent is not running")

// enrol registers a call, so that what belongs to it finds it.
func (a *Agent) enrol(c *Call) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !a.started || a.stopping:
		return errStopped
	case c.inbound && a.guests >= a.opt.MaxCalls:
		return errors.New("dialog: too many calls")
	}
	if _, taken := a.calls[c.key]; taken {
		return errors.New("dialog: there is a call of that identifier")
	}
	if a.graves.has(c.key) {
		return errors.New("dialog: there was a call of that identifier a moment ago")
	}
	a.calls[c.key] = c
	a.live++
	if c.inbound {
		a.guests++
		a.theirs[callKey{c.key.callID, c.leg.remoteTag}] = c.leg.remoteCSeq
	}
	return nil
}

// dismiss takes a call that is over off the list. What may still be needed of it rests in its grave for a while.
func (a *Agent) dismiss(c *Call, g grave) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.calls[c.key] != c {
		return
	}
	delete(a.calls, c.key)
	if !c.inbound {
		a.graves.dig(c.key, g, time.Now())
	}
	a.live--
	if c.inbound {
		a.guests--
		if !c.twin {
			delete(a.theirs, callKey{c.key.callID, c.leg.remoteTag})
		}
	}
	if a.stopping && a.live == 0 {
		close(a.idle)
	}
}

func (a *Agent) find(callID, tag string) *Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[callKey{callID, tag}]
}

// here is our host and port as the peer of a flow is told of them, in Via and Contact.
func (a *Agent) here(f transport.Flow) string {
	port := f.Link.Local().Port()
	if f.Reliable() {
		if bound := a.stack.Listening(f.Link.Network()); len(bound) > 0 {
			port = bound[0].Port()
		}
	}
	if a.opt.Public != "" {
		return net.JoinHostPort(a.opt.Public, strconv.Itoa(int(port)))
	}
	return netip.AddrPortFrom(a.stack.LocalAddr(f.Link, f.Peer.Addr()), port).String()
}

// contact is the Contact value under which we can be reached in a call.
func (a *Agent) contact(f transport.Flow, user string) string {
	var b strings.Builder
	b.WriteString("<sip:")
	if user != "" {
		b.WriteString(user)
		b.WriteByte('@')
	}
	b.WriteString(a.here(f))
	if n := f.Link.Network(); n != transport.UDP {
		b.WriteString(";transport=")
		b.WriteString(strings.ToLower(string(n)))
	}
	b.WriteByte('>')
	return b.String()
}

// resolve finds the addresses of a SIP URI's host.
func (a *Agent) resolve(ctx context.Context, u uri, cfg *tls.Config) ([]transport.Target, error) {
	addrs, err := a.names.Resolve(ctx, u.network, u.host, u.port)
	if err != nil {
		return nil, err
	}
	out := make([]transport.Target, len(addrs))
	for i, addr := range addrs {
		out[i] = transport.Target{Network: u.network, Addr: addr, Host: u.host, TLS: cfg}
	}
	return out, nil
}
