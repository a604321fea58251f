package transaction

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// Core is what stands above the transactions. Its methods are called by the goroutines that read the sockets and must
// not block.
type Core interface {
	// Request takes a new request, which is neither an ACK nor a CANCEL that belongs to an INVITE.
	Request(s *Server)
	// Within reports whether a request belongs to a call that there is.
	Within(r *sip.Request) bool
	// Ack takes an ACK that belongs to no INVITE transaction: that of a 2xx.
	Ack(r *sip.Request, f transport.Flow)
	// Stray takes a 2xx to an INVITE whose transaction has ended: repeated, forked or late.
	Stray(r *sip.Response, f transport.Flow)
}

// Options are what a Layer is made from.
type Options struct {
	Timers Timers
	Core   Core
	// Servers is how many server transactions there are at once; further requests are refused with 503. Requests inside
	// calls have as many places again, so that no flood of others keeps a call from being hung up. 0 for 50,000.
	Servers int
}

// Layer matches what arrives with what was sent. It is a transport.Handler, and safe for concurrent use.
type Layer struct {
	timers  Timers
	core    Core
	servers int

	mu     sync.Mutex
	client map[clientKey]*Client
	server map[serverKey]*Server
	closed bool
	busy   sync.WaitGroup // callbacks of timers that are running
}

// NewLayer makes a layer.
func NewLayer(o Options) *Layer {
	if o.Servers == 0 {
		o.Servers = 50_000
	}
	return &Layer{
		timers: o.Timers.Fill(), core: o.Core, servers: o.Servers,
		client: map[clientKey]*Client{}, server: map[serverKey]*Server{},
	}
}

// Timers are the layer's timer values.
func (l *Layer) Timers() Timers { return l.timers }

// Open is how many client and server transactions there are.
func (l *Layer) Open() (clients, servers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.client), len(l.server)
}

// Close ends every transaction without telling anybody and waits for the callbacks that are running.
func (l *Layer) Close() {
	l.mu.Lock()
	l.closed = true
	clients, servers := l.client, l.server
	l.client, l.server = map[clientKey]*Client{}, map[serverKey]*Server{}
	l.mu.Unlock()
	for _, c := range clients {
		c.forget()
	}
	for _, s := range servers {
		s.forget()
	}
	l.busy.Wait()
}

// enter guards the callback of a timer; false when the layer is closed.
func (l *Layer) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.busy.Add(1)
	return true
}

// clientKey matches a response with its request (RFC 3261 section 17.1.3).
type clientKey struct{ branch, method string }

// serverKey matches a request with its transaction (RFC 3261 section 17.2.3).
type serverKey struct {
	branch, host string
	port         int
	method       string
}

// Receive takes a message off the transport.
func (l *Layer) Receive(m sip.Message, f transport.Flow, at time.Time) {
	switch m := m.(type) {
	case *sip.Response:
		l.response(m, f)
	case *sip.Request:
		l.request(m, f, at)
	}
}

func (l *Layer) response(r *sip.Response, f transport.Flow) {
	via := r.Via()
	_, method, ok := message.CSeq(r)
	if via == nil || !ok || len(message.Lines(r, "Via")) != 1 {
		return // not for us: we never are a proxy
	}
	branch, _ := via.Params.Get("branch")
	l.mu.Lock()
	c := l.client[clientKey{branch, method}]
	closed := l.closed
	l.mu.Unlock()
	switch {
	case closed:
	case c != nil:
		c.receive(r, f)
	case method == string(sip.INVITE) && r.StatusCode/100 == 2:
		l.core.Stray(r, f)
	}
}

func (l *Layer) request(r *sip.Request, f transport.Flow, at time.Time) {
	if r.Via() == nil {
		return // nobody to answer to
	}
	ack := r.Method == sip.ACK
	if status, reason := message.Check(r); status != 0 {
		if !ack {
			l.refuse(r, f, &message.Reply{Status: status, Reason: reason, Tag: message.Token()})
		}
		return
	}
	key := keyOf(r)
	if ack || r.Method == sip.CANCEL {
		l.mu.Lock()
		s := l.server[serverKey{key.branch, key.host, key.port, string(sip.INVITE)}]
		l.mu.Unlock()
		l.about(s, r, f, ack)
		return
	}
	full := l.full(r)
	l.mu.Lock()
	s, known := l.server[key]
	if !known && !full && !l.closed {
		s = newServer(l, key, r, f, at)
		l.server[key] = s
	}
	l.mu.Unlock()
	switch {
	case known:
		s.again()
	case s != nil:
		s.start()
		l.core.Request(s)
	case full:
		l.refuse(r, f, &message.Reply{
			Status: 503, Tag: message.Token(), Fields: []message.Field{{Name: "Retry-After", Value: "5"}},
		})
	}
}

// full reports whether there is no place for a request. It must not hold the lock: the core has one of its own.
func (l *Layer) full(r *sip.Request) bool {
	_, n := l.Open()
	return n >= l.servers && (n >= 2*l.servers || !l.core.Within(r))
}

// about takes an ACK or a CANCEL, which speak of an INVITE; s is its transaction, if there is one.
func (l *Layer) about(s *Server, r *sip.Request, f transport.Flow, ack bool) {
	switch {
	case ack && s != nil && s.acked():
	case ack:
		l.core.Ack(r, f)
	case s == nil:
		l.refuse(r, f, &message.Reply{Status: 481, Tag: message.Token()})
	default:
		l.refuse(r, f, &message.Reply{Status: 200, Tag: s.tag()})
		s.cancel(r)
	}
}

// refuse answers without keeping anything.
func (l *Layer) refuse(r *sip.Request, f transport.Flow, reply *message.Reply) {
	_ = way(r, f).Send(reply.Append(nil, r, f.Peer))
}

// Broken tells the transactions that use a link, or one peer of it, that it leads nowhere.
func (l *Layer) Broken(link transport.Link, peer netip.AddrPort, err *transport.Error) {
	l.mu.Lock()
	var hit []*Client
	for _, c := range l.client {
		if c.flow.Link == link && (!peer.IsValid() || c.flow.Peer == peer) {
			hit = append(hit, c)
		}
	}
	l.mu.Unlock()
	for _, c := range hit {
		c.broken(err, !peer.IsValid())
	}
}

// keyOf is the transaction that a request belongs to. A sender older than RFC 3261 writes no branch that means anything;
// then the whole of what identifies its request does.
func keyOf(r *sip.Request) serverKey {
	via := r.Via()
	branch, _ := via.Params.Get("branch")
	key := serverKey{branch, strings.ToLower(via.Host), via.Port, string(r.Method)}
	if strings.HasPrefix(branch, "z9hG4bK") && len(branch) > len("z9hG4bK") {
		return key
	}
	n, _, _ := message.CSeq(r)
	key.branch = strings.Join([]string{
		message.CallID(r), message.Tag(message.Header(r, "From")), strconv.FormatUint(uint64(n), 10),
		r.Recipient.String(), branch,
	}, "\x00")
	return key
}

// way is where the answers to a request go (RFC 3261 section 18.2.2, RFC 3581): over a stream the way it came; over UDP
// to the address it came from, and to the port there only if the sender asked for that.
func way(r *sip.Request, f transport.Flow) transport.Flow {
	if f.Reliable() {
		return f
	}
	via := r.Via()
	if _, asked := via.Params.Get("rport"); asked {
		return f
	}
	port := uint16(5060)
	if via.Port > 0 && via.Port <= 65535 {
		port = uint16(via.Port)
	}
	f.Peer = netip.AddrPortFrom(f.Peer.Addr(), port)
	return f
}
