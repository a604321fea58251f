package dialog

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// wires is a network without sockets, for tests inside a synctest bubble: messages take a moment to arrive, and a test
// can lose, hold or read them. Its addresses are 10.0.0.1, 10.0.0.2, …
type wires struct {
	t      *testing.T
	parser *message.Parser

	mu    sync.Mutex
	ends  map[netip.AddrPort]*wire
	loose func(from netip.AddrPort, text string) bool // true: this message is lost
	log   []string
}

// wire is the socket of one agent.
type wire struct {
	net    *wires
	addr   netip.AddrPort
	agent  *Agent
	inbox  chan packet
	closed chan struct{}
	fin    sync.WaitGroup
	raw    func(text string, from netip.AddrPort) // for an end that is not an agent
}

type packet struct {
	from netip.AddrPort
	data []byte
}

func newWires(t *testing.T) *wires {
	return &wires{t: t, parser: message.NewParser(), ends: map[netip.AddrPort]*wire{}}
}

func (n *wires) attach(a *Agent) *wire {
	n.mu.Lock()
	defer n.mu.Unlock()
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(len(n.ends) + 1)}), 5060)
	w := &wire{net: n, addr: addr, agent: a, inbox: make(chan packet, 1024), closed: make(chan struct{})}
	n.ends[addr] = w
	return w
}

// agent starts an agent on these wires; it is to be stopped inside the bubble.
func (n *wires) agent(opt Options) *Agent {
	n.t.Helper()
	opt.Listen = []Listen{{Network: transport.UDP, Addr: "10.0.0.0:0"}}
	a, err := New(opt)
	if err != nil {
		n.t.Fatal(err)
	}
	w := n.attach(a)
	a.stack, a.started = w, true
	w.fin.Go(w.read)
	return a
}

// stranger is an end that a test plays itself, message by message.
func (n *wires) stranger(raw func(text string, from netip.AddrPort)) *wire {
	w := n.attach(nil)
	w.raw = raw
	w.fin.Go(w.read)
	return w
}

func (w *wire) read() {
	for {
		select {
		case <-w.closed:
			return
		case p := <-w.inbox:
			if w.raw != nil {
				w.raw(string(p.data), p.from)
				continue
			}
			m, err := w.net.parser.Parse(p.data)
			if err != nil {
				w.net.t.Errorf("unreadable: %v\n%s", err, p.data)
				continue
			}
			w.agent.layer.Receive(m, transport.Flow{Link: w, Peer: p.from}, time.Now())
		}
	}
}

func (w *wire) Network() transport.Network { return transport.UDP }
func (w *wire) Local() netip.AddrPort      { return w.addr }

func (w *wire) Open() bool {
	select {
	case <-w.closed:
		return false
	default:
		return true
	}
}

func (w *wire) Send(to netip.AddrPort, data []byte) error {
	n := w.net
	n.mu.Lock()
	defer n.mu.Unlock()
	text := string(data)
	n.log = append(n.log, w.addr.Addr().String()+" "+firstLine(text))
	end := n.ends[to]
	if end == nil || n.loose != nil && n.loose(w.addr, text) {
		return nil
	}
	time.AfterFunc(time.Duration(1+rand.IntN(3))*time.Millisecond, func() {
		select {
		case end.inbox <- packet{w.addr, data}:
		case <-end.closed:
		}
	})
	return nil
}

func (w *wire) Flow(_ context.Context, t transport.Target) (transport.Flow, error) {
	return transport.Flow{Link: w, Peer: t.Addr}, nil
}

func (w *wire) Listening(n transport.Network) []netip.AddrPort {
	if n == transport.UDP {
		return []netip.AddrPort{w.addr}
	}
	return nil
}

func (w *wire) LocalAddr(transport.Link, netip.Addr) netip.Addr { return w.addr.Addr() }
func (w *wire) Stats() transport.Stats                          { return transport.Stats{} }

func (w *wire) Close() {
	close(w.closed)
	w.fin.Wait()
}

// lose sets which messages are lost from now on.
func (n *wires) lose(f func(from netip.AddrPort, text string) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loose = f
}

// sent counts the messages of an end that begin so.
func (n *wires) sent(from, start string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := 0
	for _, l := range n.log {
		if strings.HasPrefix(l, from+" "+start) {
			count++
		}
	}
	return count
}

func (n *wires) lines() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.log, "\n")
}

func firstLine(s string) string {
	l, _, _ := strings.Cut(s, "\r\n")
	return l
}

// isResponse reports whether a text is an answer of that status to a request of that method.
func isResponse(text, status, method string) bool {
	return strings.HasPrefix(text, "SIP/2.0 "+status) && strings.Contains(text, " "+method+"\r\n")
}
