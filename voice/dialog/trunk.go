package dialog

import (
	"context"
	"crypto/tls"
	"strconv"
	"strings"
	"sync"
	"time"

	"campanario/internal/fault"
	"campanario/voice/dialog/message"
)

// TrunkOptions describe a way out: the gateways of one carrier and how it knows us.
type TrunkOptions struct {
	Name     string   // for logs
	Gateways []string // SIP URIs in order of preference: "sip:sbc.example.com", "sip:192.0.2.1:5070;transport=tcp"
	Proxies  []string // outbound proxies, first hop first; every request goes through them
	Domain   string   // host of From and To; empty for the gateway's
	Credentials
	TLS *tls.Config // for this trunk's TLS gateways; nil for the agent's

	Register bool          // keep a registration at every gateway, for User at Domain
	Expires  time.Duration // of the registration; 0 for 10 minutes
	Probe    time.Duration // OPTIONS to every gateway so often; 0 only to one that has fallen silent

	// Failover is how long a gateway may say nothing at all before the next one is tried; 0 for 6 s. With a single
	// gateway, or on the last one, silence is given the 32 s (64·T1) of RFC 3261.
	Failover time.Duration
	// Redirects is how many 3xx answers in a row are followed. The usual 0 takes a redirection for a final answer: a
	// carrier seldom redirects, and following one lets a stranger choose whom we call.
	Redirects int
	// Session asks for a session timer of this length (RFC 4028); 0 leaves that to the far end.
	Session time.Duration
	// Sticky sends the requests inside a call where its answer came from instead of to the Contact in it, for carriers
	// behind address translation that give away private addresses.
	Sticky bool
	// Datagrams keeps long requests on UDP instead of changing to TCP above 1,300 bytes.
	Datagrams bool
}

// Trunk is a way out that is in use. It is safe for concurrent use.
type Trunk struct {
	agent    *Agent
	opt      TrunkOptions
	routes   []string // Route values of Proxies
	first    uri      // the first proxy
	gateways []*gateway

	mu     sync.Mutex
	closed bool
}

// Trunk opens a way out: registrations and probes begin. The error is a fault.List naming the fields that are wrong, or
// says that the agent is not running.
func (a *Agent) Trunk(opt TrunkOptions) (*Trunk, error) {
	if opt.Expires == 0 {
		opt.Expires = 10 * time.Minute
	}
	if opt.Failover == 0 {
		opt.Failover = 6 * time.Second
	}
	t := &Trunk{agent: a, opt: opt}
	if err := t.read(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	if !a.started || a.stopping {
		a.mu.Unlock()
		return nil, errStopped
	}
	a.trunks[t] = struct{}{}
	a.mu.Unlock()
	for _, g := range t.gateways {
		g.start()
	}
	return t, nil
}

// Validate tells what is wrong with trunk options: a fault.List with the codes sip_uri_invalid, sip_gateways_missing,
// sip_user_missing and sip_text_invalid.
func (o TrunkOptions) Validate() error {
	t := &Trunk{opt: o}
	return t.read()
}

func (t *Trunk) read() error {
	var bad fault.List
	opt := &t.opt
	if len(opt.Gateways) == 0 {
		bad = append(bad, fault.New(fault.Invalid, "sip_gateways_missing", nil).At("gateways"))
	}
	for i, s := range opt.Gateways {
		u, err := parseURI(bareURI(s))
		if err != nil {
			bad = append(bad, fault.New(fault.Invalid, "sip_uri_invalid", nil).At("gateways["+strconv.Itoa(i)+"]").Because(err))
			continue
		}
		t.gateways = append(t.gateways, newGateway(t, u))
	}
	for i, s := range opt.Proxies {
		u, err := parseURI(bareURI(s))
		if err != nil {
			bad = append(bad, fault.New(fault.Invalid, "sip_uri_invalid", nil).At("proxies["+strconv.Itoa(i)+"]").Because(err))
			continue
		}
		if !u.loose {
			u.text += ";lr"
		}
		if len(t.routes) == 0 {
			t.first = u
		}
		t.routes = append(t.routes, "<"+u.text+">")
	}
	if opt.Register && opt.User == "" {
		bad = append(bad, fault.New(fault.Invalid, "sip_user_missing", nil).At("user"))
	}
	if !message.Clean(opt.Domain) || strings.ContainsAny(opt.Domain, " <>\"@;") {
		bad = append(bad, fault.New(fault.Invalid, "sip_text_invalid", nil).At("domain"))
	}
	if !message.Clean(opt.User) {
		bad = append(bad, fault.New(fault.Invalid, "sip_text_invalid", nil).At("user"))
	}
	return bad.Err()
}

// bareURI accepts what people write: angle brackets, or a host without the scheme.
func bareURI(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>' {
		s = s[1 : len(s)-1]
	}
	if !strings.HasPrefix(s, "sip:") && !strings.HasPrefix(s, "sips:") && s != "" {
		s = "sip:" + s
	}
	return s
}

// Close ends the registrations and probes, and waits for that. Calls go on. It is idempotent.
func (t *Trunk) Close() {
	t.mu.Lock()
	closed := t.closed
	t.closed = true
	t.mu.Unlock()
	if closed {
		return
	}
	for _, g := range t.gateways {
		g.stop()
	}
	for _, g := range t.gateways {
		<-g.gone
	}
	t.agent.mu.Lock()
	delete(t.agent.trunks, t)
	t.agent.mu.Unlock()
}

// State is what is known of a gateway.
type State struct {
	Gateway    string
	Silent     bool // it did not answer, and is not used until it answers a probe
	Registered bool
	Refused    int       // the status that refused the last registration; 0 when none did
	Tried      bool      // whether a registration has come to its end at all
	Since      time.Time // since when it is registered, refused so, or without an answer; zero before it was tried
}

// States are the gateways of the trunk in order.
func (t *Trunk) States() []State {
	out := make([]State, len(t.gateways))
	for i, g := range t.gateways {
		out[i] = g.state()
	}
	return out
}

// domain is the host of our address of record.
func (t *Trunk) domain(u uri) string {
	if t.opt.Domain != "" {
		return t.opt.Domain
	}
	if strings.Contains(u.host, ":") {
		return "[" + u.host + "]"
	}
	return u.host
}

// hop is where requests to a gateway are sent first: to the outbound proxy if there is one.
func (t *Trunk) hop(u uri) uri {
	if len(t.routes) > 0 {
		return t.first
	}
	return u
}

// Check tells whether the trunk works, disturbing nobody: it registers where the trunk registers, and sends OPTIONS
// elsewhere. nil means that at least one gateway is ready to take calls. The error is a *fault.Error of the first
// gateway: sip_unreachable, sip_silent, sip_credentials_refused or sip_refused.
func (t *Trunk) Check(ctx context.Context) error {
	var first error
	for _, g := range t.gateways {
		err := g.check(ctx)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}
