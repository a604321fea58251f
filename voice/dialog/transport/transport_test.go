package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type arrivalOf struct {
	m    sip.Message
	flow Flow
	at   time.Time
}

type brokenLink struct {
	link Link
	peer netip.AddrPort
	err  *Error
}

// taker hands on what a stack hands up.
type taker struct {
	got    chan arrivalOf
	broken chan brokenLink
}

func newTaker() *taker {
	return &taker{got: make(chan arrivalOf, 4096), broken: make(chan brokenLink, 64)}
}

func (t *taker) Receive(m sip.Message, f Flow, at time.Time) { t.got <- arrivalOf{m, f, at} }

func (t *taker) Broken(l Link, peer netip.AddrPort, err *Error) { t.broken <- brokenLink{l, peer, err} }

func open(t *testing.T, opt Options) (*Stack, *taker) {
	t.Helper()
	h := newTaker()
	opt.Handler = h
	if opt.Listen == nil {
		opt.Listen = []Listen{{Network: UDP, Addr: "127.0.0.1:0"}, {Network: TCP, Addr: "127.0.0.1:0"}}
	}
	s, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	s.Serve()
	t.Cleanup(s.Close)
	return s, h
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
	panic("unreachable")
}

func options(id string) string {
	return strings.ReplaceAll("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/TCP x;branch=z9hG4bK1;rport\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: "+id+"\nCSeq: 1 OPTIONS\nContent-Length: 3\n\nabc", "\n", "\r\n")
}

func id(m sip.Message) string { return string(*m.CallID()) }

func TestDatagrams(t *testing.T) {
	for _, stamp := range []bool{false, true} {
		began := time.Now()
		s, h := open(t, Options{Stamp: stamp})
		far, farH := open(t, Options{})
		f, err := far.Flow(t.Context(), Target{Network: UDP, Addr: s.Listening(UDP)[0]})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Send([]byte(options("1"))); err != nil {
			t.Fatal(err)
		}
		got := await(t, h.got)
		if id(got.m) != "1" || got.flow.Peer != far.Listening(UDP)[0] || got.at.Before(began) || got.at.After(time.Now()) {
			t.Errorf("got %q from %s at %s, between %s and now", id(got.m), got.flow.Peer, got.at, began)
		}
		if err := got.flow.Send([]byte(options("2"))); err != nil {
			t.Fatal(err)
		}
		if back := await(t, farH.got); id(back.m) != "2" {
			t.Errorf("got %q back", id(back.m))
		}
	}
}

func TestClosedPortIsReported(t *testing.T) {
	s, h := open(t, Options{})
	dead := netip.MustParseAddrPort("127.0.0.1:9")
	f, err := s.Flow(t.Context(), Target{Network: UDP, Addr: dead})
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Send([]byte(options("1")))
	if b := await(t, h.broken); b.peer != dead || b.err.Kind != Refused || b.link != f.Link {
		t.Errorf("%s: %v", b.peer, b.err)
	}
	// The report of one peer is not taken for an error of another.
	far, farH := open(t, Options{})
	_ = f.Send([]byte(options("2")))
	to := Flow{Link: f.Link, Peer: far.Listening(UDP)[0]}
	for range 50 {
		_ = f.Send([]byte(options("x")))
		if err := to.Send([]byte(options("3"))); err != nil {
			t.Fatalf("to the living: %v", err)
		}
		await(t, farH.got)
	}
}

func TestStreamsAreCutIntoMessages(t *testing.T) {
	s, h := open(t, Options{})
	c, err := net.Dial("tcp", s.Listening(TCP)[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	text := "\r\n\r\n" + options("1") + options("2") + "\r\n" + options("3")
	for i := range len(text) {
		if _, err := c.Write([]byte(text[i : i+1])); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"1", "2", "3"} {
		if got := await(t, h.got); id(got.m) != want || string(got.m.Body()) != "abc" {
			t.Errorf("%q with %q, want %q", id(got.m), got.m.Body(), want)
		}
	}
	buf := make([]byte, 2)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "\r\n" {
		t.Errorf("the ping was answered %q, %v", buf, err)
	}
}

// A message that is broken inside its frame is refused, and the connection goes on; one without a frame ends it.
func TestBrokenMessagesInStreams(t *testing.T) {
	s, h := open(t, Options{})
	c, err := net.Dial("tcp", s.Listening(TCP)[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	broken := strings.Replace(options("1"), "CSeq: 1", "CSeq: 99999999999", 1)
	_, _ = c.Write([]byte(broken + options("2")))
	if got := await(t, h.got); id(got.m) != "2" {
		t.Errorf("got %q", id(got.m))
	}
	_, _ = c.Write([]byte(strings.Replace(options("3"), "Content-Length: 3", "Content-Length: -3", 1)))
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	all, err := io.ReadAll(c)
	if err != nil || strings.Count(string(all), "SIP/2.0 400 Bad Request") != 2 {
		t.Errorf("%v, answered\n%s", err, all)
	}
	if b := await(t, h.broken); b.err.Kind != Closed {
		t.Errorf("%v", b.err)
	}
	if got := s.Stats(); got.Received != 1 || got.Malformed != 1 {
		t.Errorf("%+v", got)
	}
}

func TestConnectionsAreShared(t *testing.T) {
	s, h := open(t, Options{})
	far, _ := open(t, Options{})
	target := Target{Network: TCP, Addr: s.Listening(TCP)[0]}
	var wg sync.WaitGroup
	flows := make([]Flow, 20)
	for i := range flows {
		wg.Go(func() {
			f, err := far.Flow(t.Context(), target)
			if err != nil {
				t.Error(err)
				return
			}
			flows[i] = f
			_ = f.Send([]byte(options("x")))
		})
	}
	wg.Wait()
	var first Flow
	for i := range flows {
		got := await(t, h.got)
		if i == 0 {
			first = got.flow
		}
		if flows[i] != flows[0] || got.flow != first {
			t.Fatal("two connections to one place")
		}
	}
	if !first.Valid() || !first.Reliable() {
		t.Error("not open")
	}
	// A connection that others made serves for requests of ours to its other end.
	if f, err := s.Flow(t.Context(), Target{Network: TCP, Addr: first.Peer}); err != nil || f != first {
		t.Errorf("another way back: %v", err)
	}
	far.Close()
	if b := await(t, h.broken); b.link != first.Link || first.Valid() {
		t.Error("the end was not noticed")
	}
	if err := first.Send(nil); KindOf(err) != Closed {
		t.Errorf("%v", err)
	}
}

func TestGuestsAreCounted(t *testing.T) {
	s, h := open(t, Options{Conns: 2, PerHost: 2})
	var conns []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", s.Listening(TCP)[0].String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte(options("x")))
		await(t, h.got)
		conns = append(conns, c)
	}
	c, err := net.Dial("tcp", s.Listening(TCP)[0].String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third guest was let in: %v", err)
	}
	_ = c.Close()
	_ = conns[0].Close()
	await(t, h.broken)
	c, err = net.Dial("tcp", s.Listening(TCP)[0].String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write([]byte(options("y")))
	if got := await(t, h.got); id(got.m) != "y" {
		t.Error("no room after one left")
	}
	_ = c.Close()
	_ = conns[1].Close()
	if s.Stats().Refused != 1 {
		t.Errorf("%+v", s.Stats())
	}
}

// Nobody keeps others out: not with many connections, nor by saying something sensible once and then nothing.
func TestGuestsLeaveRoom(t *testing.T) {
	s, h := open(t, Options{Conns: 3, PerHost: 1, GuestIdle: 2 * time.Second})
	call := func(from string) net.Conn {
		t.Helper()
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := d.DialContext(t.Context(), "tcp", s.Listening(TCP)[0].String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, _ = c.Write([]byte(options("from " + from)))
		return c
	}
	gone := func(c net.Conn) bool {
		_, err := c.Read(make([]byte, 1))
		return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	}
	first := call("127.0.0.1")
	await(t, h.got)
	if !gone(call("127.0.0.1")) {
		t.Error("a second connection of the same host was let in")
	}
	call("127.0.0.2")
	if got := await(t, h.got); id(got.m) != "from 127.0.0.2" {
		t.Errorf("another host was kept out: %s", id(got.m))
	}
	if !gone(first) {
		t.Error("a silent guest keeps its place")
	}
	await(t, h.broken)
	await(t, h.broken) // which of the two comes first is nobody's to say
	call("127.0.0.1")
	if got := await(t, h.got); id(got.m) != "from 127.0.0.1" {
		t.Errorf("no room after a guest was silent: %s", id(got.m))
	}
}

func TestNeighbours(t *testing.T) {
	for _, c := range []struct{ a, b string }{{"192.0.2.1", "192.0.2.1"}, {"2001:db8::1", "2001:db8::2:3"}} {
		if neighbours(netip.MustParseAddr(c.a)) != neighbours(netip.MustParseAddr(c.b)) {
			t.Errorf("%s and %s are counted apart", c.a, c.b)
		}
	}
	for _, c := range []struct{ a, b string }{{"192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "2001:db8:0:1::1"}} {
		if neighbours(netip.MustParseAddr(c.a)) == neighbours(netip.MustParseAddr(c.b)) {
			t.Errorf("%s and %s are counted together", c.a, c.b)
		}
	}
}

// A peer that does not read must not hold up the sender, nor make it keep what it cannot send.
func TestPeerThatDoesNotRead(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	s, h := open(t, Options{})
	f, err := s.Flow(t.Context(), Target{Network: TCP, Addr: addrPort(ln.Addr())})
	if err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 60_000)
	for range 1000 {
		if err = f.Send(big); err != nil {
			break
		}
	}
	if KindOf(err) != Closed {
		t.Errorf("60 MB were taken for a peer that does not read: %v", err)
	}
	await(t, h.broken)
	if f.Valid() {
		t.Error("still open")
	}
}

func TestDialling(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, _ := open(t, Options{})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	for name, c := range map[string]struct {
		ctx    context.Context
		target Target
		want   Kind
	}{
		"closed port":        {t.Context(), Target{Network: TCP, Addr: netip.MustParseAddrPort("127.0.0.1:9")}, Refused},
		"nobody waits":       {ctx, Target{Network: TLS, Addr: addrPort(silent.Addr())}, Timeout},
		"no such family":     {t.Context(), Target{Network: UDP, Addr: netip.MustParseAddrPort("[::1]:9")}, Unreachable},
		"TLS to one who won": {t.Context(), Target{Network: TLS, Addr: s.Listening(TCP)[0]}, Secure},
	} {
		if _, err := s.Flow(c.ctx, c.target); err == nil || KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	s.Close()
	if _, err := s.Flow(t.Context(), Target{Network: TCP, Addr: addrPort(silent.Addr())}); KindOf(err) != Closed {
		t.Errorf("after the end: %v", err)
	}
}

func TestListening(t *testing.T) {
	for _, l := range []Listen{
		{Network: UDP, Addr: "127.0.0.1"},
		{Network: UDP, Addr: "127.0.0.1:sip"},
		{Network: TCP, Addr: "127.0.0.1:99999"},
		{Network: TLS, Addr: "127.0.0.1:0"},
		{Network: "SCTP", Addr: "127.0.0.1:0"},
		{Network: UDP, Addr: "192.0.2.1:0"},
	} {
		s, err := Open(t.Context(), Options{Listen: []Listen{{Network: UDP, Addr: "127.0.0.1:0"}, l}, Handler: newTaker()})
		if err == nil {
			s.Close()
			t.Errorf("%s %s was bound", l.Network, l.Addr)
		}
	}
}

func TestLocalAddr(t *testing.T) {
	s, _ := open(t, Options{Listen: []Listen{{Network: UDP, Addr: "0.0.0.0:0"}}})
	f, err := s.Flow(t.Context(), Target{Network: UDP, Addr: netip.MustParseAddrPort("127.0.0.1:5060")})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := s.LocalAddr(f.Link, f.Peer.Addr()); !got.IsLoopback() {
			t.Errorf("%s leads to loopback", got)
		}
	}
}

// names counts what it is asked.
type names struct {
	mu    sync.Mutex
	asked []string
	fail  bool
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, host)
	switch {
	case n.fail, host == "gone.test":
		return nil, errors.New("no such host")
	case host == "empty.test":
		return nil, nil
	case host == "b.test":
		return []netip.Addr{netip.MustParseAddr("192.0.2.9")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2")}, nil
}

func (n *names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, "_"+service+"._"+proto+"."+name)
	if name != "srv.test" {
		return "", nil, errors.New("no such service")
	}
	return "", []*net.SRV{{Target: "gone.test.", Port: 1}, {Target: "b.test.", Port: 5070}, {Target: "a.test.", Port: 5080}}, nil
}

func TestResolve(t *testing.T) {
	for name, c := range map[string]struct {
		network Network
		host    string
		port    uint16
		want    string
		asked   string
	}{
		"number":        {UDP, "192.0.2.7", 0, "192.0.2.7:5060", ""},
		"number TLS":    {TLS, "192.0.2.7", 0, "192.0.2.7:5061", ""},
		"IPv6 number":   {TCP, "[2001:db8::7]", 5070, "[2001:db8::7]:5070", ""},
		"name and port": {UDP, "a.test", 5090, "192.0.2.1:5090 192.0.2.2:5090 [2001:db8::1]:5090", "a.test"},
		"plain name":    {TCP, "a.test", 0, "192.0.2.1:5060 192.0.2.2:5060 [2001:db8::1]:5060", "_sip._tcp.a.test a.test"},
		"service":       {UDP, "srv.test", 0, "192.0.2.9:5070 192.0.2.1:5080 192.0.2.2:5080 [2001:db8::1]:5080", "_sip._udp.srv.test gone.test b.test a.test"},
		"service TLS":   {TLS, "b.test", 0, "192.0.2.9:5061", "_sips._tcp.b.test b.test"},
	} {
		dns := &names{}
		r := NewResolver(dns)
		for range 3 { // the second and third time from memory
			got, err := r.Resolve(t.Context(), c.network, c.host, c.port)
			if err != nil {
				t.Fatal(err)
			}
			var text []string
			for _, a := range got {
				text = append(text, a.String())
			}
			if s := strings.Join(text, " "); s != c.want {
				t.Errorf("%s: %s, want %s", name, s, c.want)
			}
		}
		if s := strings.Join(dns.asked, " "); s != c.asked {
			t.Errorf("%s: asked %s, want %s", name, s, c.asked)
		}
	}
}

func TestResolveFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dns := &names{fail: true}
		r := NewResolver(dns)
		for _, host := range []string{"a.test", "a.test", "empty.test"} {
			if _, err := r.Resolve(t.Context(), UDP, host, 5060); KindOf(err) != Name {
				t.Errorf("%s: %v", host, err)
			}
		}
		if len(dns.asked) != 2 {
			t.Errorf("asked %v", dns.asked)
		}
		dns.fail = false
		<-time.After(4 * time.Second)
		if _, err := r.Resolve(t.Context(), UDP, "a.test", 5060); err != nil {
			t.Errorf("a failure is remembered for too long: %v", err)
		}
		<-time.After(time.Minute)
		if _, err := r.Resolve(t.Context(), UDP, "a.test", 5060); err != nil || len(dns.asked) != 4 {
			t.Errorf("%v, asked %v", err, dns.asked)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Resolve(ctx, UDP, "b.test", 5060); KindOf(err) != Timeout {
			t.Errorf("%v", err)
		}
	})
}

func TestLimiter(t *testing.T) {
	var l limiter
	now := time.Now()
	n := 0
	for range 3 * refusals {
		if l.allow(now) {
			n++
		}
	}
	if n != refusals || !l.allow(now.Add(time.Second)) {
		t.Errorf("%d in a second", n)
	}
}
