package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
)

// Handler takes what happens on the sockets. Its methods are called by the goroutines that read them and must not
// block: while one runs, nothing else is read from that socket.
type Handler interface {
	// Receive takes a message that arrived on f at that time. Answers to a request go to f.
	Receive(m sip.Message, f Flow, at time.Time)
	// Broken says that a link is of no use any more, or, when peer is valid, that this one peer of it is not.
	Broken(l Link, peer netip.AddrPort, err *Error)
}

// Listen is an address to be bound: a host and a port, 0 for any port. Host names are not looked up.
type Listen struct {
	Network Network
	Addr    string
	TLS     *tls.Config // needed for TLS: our certificate
}

// Options are what a Stack is made from.
type Options struct {
	Listen  []Listen
	Client  *tls.Config   // for connections that we make; nil for the system's authorities
	Handler Handler       // required
	Buffer  int           // receive buffer of each UDP socket in bytes; 0 for 4 MiB
	Stamp   bool          // arrival times are the kernel's, where it tells them
	Dial    time.Duration // how long a connection may take to come about; 0 for 5 s
	Conns   int           // connections that others may hold open to us; 0 for 2,000
	PerHost int           // of those, how many from one host, an IPv6 network being one; 0 for a quarter
	// GuestIdle is how long such a connection may be silent; whoever then has something to say makes another (RFC 3261
	// section 18 wants 64·T1). 0 for 10 min.
	GuestIdle time.Duration
	Log       *slog.Logger // nil for none
}

// Stats count what a Stack has met since it was opened.
type Stats struct {
	Received  uint64 // messages handed up
	Malformed uint64 // texts that were no message
	Refused   uint64 // connections turned away because there were too many
}

// Stack owns the sockets of one user agent. It is safe for concurrent use.
type Stack struct {
	opt    Options
	parser *message.Parser
	log    *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	udp       []*datagram
	listeners []*listener

	mu     sync.Mutex
	closed bool
	conns  map[connKey]*conn
	dials  map[connKey]*dialling
	all    map[*conn]struct{}
	guests int                  // connections in all that others made
	hosts  map[netip.Prefix]int // the same by where they come from

	locals localAddrs
	limit  limiter

	received, malformed, refused atomic.Uint64
}

type listener struct {
	network Network
	ln      net.Listener
}

// Open binds every listening address. Nothing is read before Serve. A Stack that was opened must be closed.
func Open(ctx context.Context, opt Options) (*Stack, error) {
	if opt.Buffer == 0 {
		opt.Buffer = 4 << 20
	}
	if opt.Dial == 0 {
		opt.Dial = 5 * time.Second
	}
	if opt.Conns == 0 {
		opt.Conns = 2000
	}
	if opt.PerHost == 0 {
		opt.PerHost = max(1, opt.Conns/4)
	}
	if opt.GuestIdle == 0 {
		opt.GuestIdle = 10 * time.Minute
	}
	s := &Stack{
		opt: opt, parser: message.NewParser(), log: opt.Log,
		conns: map[connKey]*conn{}, dials: map[connKey]*dialling{}, all: map[*conn]struct{}{},
		hosts: map[netip.Prefix]int{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, l := range opt.Listen {
		if err := s.bind(ctx, l); err != nil {
			s.Close()
			return nil, fmt.Errorf("listen on %s %s: %w", l.Network, l.Addr, err)
		}
	}
	return s, nil
}

func (s *Stack) bind(ctx context.Context, l Listen) error {
	switch l.Network {
	case UDP:
		d, err := s.bindUDP(ctx, l.Addr)
		if err != nil {
			return err
		}
		s.udp = append(s.udp, d)
		return nil
	case TCP, TLS:
		var lc net.ListenConfig
		ln, err := lc.Listen(ctx, "tcp", l.Addr)
		if err != nil {
			return err
		}
		if l.Network == TLS {
			if l.TLS == nil {
				_ = ln.Close()
				return errors.New("no certificate")
			}
			ln = tls.NewListener(ln, l.TLS)
		}
		s.listeners = append(s.listeners, &listener{network: l.Network, ln: ln})
		return nil
	}
	return fmt.Errorf("unknown network %q", l.Network)
}

// Serve starts the goroutines that read the listening sockets.
func (s *Stack) Serve() {
	for _, d := range s.udp {
		s.wg.Go(d.read)
	}
	for _, l := range s.listeners {
		s.wg.Go(func() { s.accept(l) })
	}
}

// Close closes every socket and waits for every goroutine. The handler is not called afterwards.
func (s *Stack) Close() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	all := make([]*conn, 0, len(s.all))
	for c := range s.all {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, d := range s.udp {
		_ = d.sock.Close()
	}
	for _, l := range s.listeners {
		_ = l.ln.Close()
	}
	for _, c := range all {
		c.end(fail(Closed, net.ErrClosed))
	}
	s.wg.Wait()
}

// Stats are the counts so far.
func (s *Stack) Stats() Stats {
	return Stats{Received: s.received.Load(), Malformed: s.malformed.Load(), Refused: s.refused.Load()}
}

// Listening are the addresses bound for a network, in the order of Options.Listen.
func (s *Stack) Listening(n Network) []netip.AddrPort {
	var out []netip.AddrPort
	for _, d := range s.udp {
		if n == UDP {
			out = append(out, d.local)
		}
	}
	for _, l := range s.listeners {
		if l.network == n {
			out = append(out, addrPort(l.ln.Addr()))
		}
	}
	return out
}

// Flow finds the way to a target, making a connection when there is none. The error is an *Error.
func (s *Stack) Flow(ctx context.Context, t Target) (Flow, error) {
	if t.Network != UDP {
		return s.stream(ctx, t)
	}
	for _, d := range s.udp {
		if d.local.Addr().Is4() == t.Addr.Addr().Is4() {
			return Flow{Link: d, Peer: t.Addr}, nil
		}
	}
	return Flow{}, fail(Unreachable, errors.New("no UDP socket of that address family"))
}

// later runs f in a goroutine of its own: senders may hold locks that the handler needs.
func (s *Stack) later(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.wg.Go(f)
	}
}

// take parses one message and hands it up; what is no message is refused where that can be done.
func (s *Stack) take(data []byte, f Flow, at time.Time) {
	m, err := s.parser.Parse(data)
	if err == nil {
		s.received.Add(1)
		s.opt.Handler.Receive(m, f, at)
		return
	}
	s.malformed.Add(1)
	var bad *message.Malformed
	if errors.As(err, &bad) && bad.Reply() != nil && s.limit.allow(at) {
		_ = f.Send(bad.Reply())
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
