package dialog

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/voice/dialog/transport"
)

// certificate makes one for a host, signed by itself.
func certificate(t *testing.T, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(host); ip != nil {
		tmpl.IPAddresses = []net.IP{ip}
	} else {
		tmpl.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// pickingUp is a far end of ours that answers.
func pickingUp(t *testing.T, listen ...Listen) (*Agent, chan *Call) {
	t.Helper()
	calls := make(chan *Call, 1024)
	a := agentFor(t, Options{Listen: listen, Incoming: func(c *Call) {
		c.Handle(newMedia(), nil)
		c.Ring(Progress{})
		c.Accept(Acceptance{})
		calls <- c
	}})
	return a, calls
}

// upAndDown makes a call that is answered, and ends it from both sides in turn.
func upAndDown(t *testing.T, tr *Trunk, calls chan *Call) {
	t.Helper()
	for _, by := range []Side{Us, Them} {
		w := watch(t)
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia(), Events: w.see})
		if err != nil {
			t.Fatal(err)
		}
		if e, _ := w.until(HappenedAnswered); e.At.IsZero() {
			t.Fatal("no time")
		}
		in := <-calls
		if by == Us {
			c.Hangup()
		} else {
			in.Hangup()
		}
		if f := ended(t, c); f.End != EndBye || f.EndedBy != by {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
		ended(t, in)
	}
}

func TestOverEveryNetwork(t *testing.T) {
	cert, pool := certificate(t, "127.0.0.1")
	cert6, pool6 := certificate(t, "::1")
	for name, c := range map[string]struct {
		network transport.Network
		host    string
		cert    tls.Certificate
		pool    *x509.CertPool
	}{
		"UDP":      {network: transport.UDP, host: "127.0.0.1"},
		"TCP":      {network: transport.TCP, host: "127.0.0.1"},
		"TLS":      {network: transport.TLS, host: "127.0.0.1", cert: cert, pool: pool},
		"UDP IPv6": {network: transport.UDP, host: "::1"},
		"TCP IPv6": {network: transport.TCP, host: "::1"},
		"TLS IPv6": {network: transport.TLS, host: "::1", cert: cert6, pool: pool6},
	} {
		t.Run(name, func(t *testing.T) {
			listen := Listen{Network: c.network, Addr: net.JoinHostPort(c.host, "0"), TLS: &tls.Config{Certificates: []tls.Certificate{c.cert}, MinVersion: tls.VersionTLS12}}
			far, calls := pickingUp(t, listen)
			a := agentFor(t, Options{Listen: []Listen{listen}, Client: &tls.Config{RootCAs: c.pool, MinVersion: tls.VersionTLS12}})
			addr := far.Addrs(c.network)[0]
			tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"sip:" + addr.String() + ";transport=" + strings.ToLower(string(c.network))}})
			upAndDown(t, tr, calls)
			if err := tr.Check(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}

// An agent that listens nowhere by TCP is still found on the connection that it made.
func TestWithoutAListenerOfThatNetwork(t *testing.T) {
	far, calls := pickingUp(t, Listen{Network: transport.TCP, Addr: "127.0.0.1:0"})
	a := agentFor(t, Options{Listen: []Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"sip:" + far.Addrs(transport.TCP)[0].String() + ";transport=tcp"}})
	upAndDown(t, tr, calls)
}

func TestBoundToEveryAddress(t *testing.T) {
	far, calls := pickingUp(t, Listen{Network: transport.UDP, Addr: "0.0.0.0:0"})
	a := agentFor(t, Options{Listen: []Listen{{Network: transport.UDP, Addr: "0.0.0.0:0"}}})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"127.0.0.1:" + strconv.Itoa(int(far.Addrs(transport.UDP)[0].Port()))}})
	upAndDown(t, tr, calls)
}

// What certainly reached nobody must be said to be so, and at once.
func TestUnreachable(t *testing.T) {
	cert, _ := certificate(t, "127.0.0.1")
	stranger, _ := pickingUp(t, Listen{Network: transport.TLS, Addr: "127.0.0.1:0", TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}})
	closed := strconv.Itoa(freePort(t))
	for name, c := range map[string]struct {
		gateway string
		kind    transport.Kind
		reason  string
		check   string // Why of Trunk.Check
	}{
		"UDP port closed": {"sip:127.0.0.1:" + closed, transport.Refused, "sip_connection_refused", "refused"},
		"TCP port closed": {"sip:127.0.0.1:" + closed + ";transport=tcp", transport.Refused, "sip_connection_refused", "refused"},
		"TLS to nobody":   {"sips:127.0.0.1:" + closed, transport.Refused, "sip_connection_refused", "refused"},
		"unknown issuer":  {"sip:" + stranger.Addrs(transport.TLS)[0].String() + ";transport=tls", transport.Secure, "sip_tls_failed", "tls"},
		"unknown name":    {"sip:gateway.invalid", transport.Name, "sip_name_unknown", "dns"},
		"no IPv6 here":    {"sip:[::1]:" + closed, transport.Unreachable, "sip_network_unreachable", "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			a := agentFor(t, Options{Lookup: noNames{}})
			tr := trunkFor(t, a, TrunkOptions{Gateways: []string{c.gateway}})
			began := time.Now()
			call, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia()})
			if err != nil {
				t.Fatal(err)
			}
			f := ended(t, call)
			if f.End != EndUnreachable || f.Transport != c.kind || f.Delivered || f.Heard {
				t.Errorf("%s, %s, delivered %v", f.End, f.Transport, f.Delivered)
			}
			if o := f.Outcome(); o.Code != channel.LineFailed || o.Reason != c.reason {
				t.Errorf("outcome %s %q", o.Code, o.Reason)
			}
			if d := time.Since(began); d > 20*time.Second {
				t.Errorf("after %s", d)
			}
			bad := fault.All(tr.Check(context.Background()))
			if len(bad) != 1 || bad[0].Code != "sip_unreachable" || bad[0].Params["why"] != c.check {
				t.Errorf("check: %v", bad)
			}
		})
	}
}

// noNames is a name service that knows nothing.
type noNames struct{}

func (noNames) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (noNames) LookupSRV(context.Context, string, string, string) (string, []*net.SRV, error) {
	return "", nil, errors.New("no such service")
}

// The next gateway is tried at once when the first one's port is closed.
func TestNextGatewayAfterRefusal(t *testing.T) {
	for _, n := range []transport.Network{transport.UDP, transport.TCP} {
		t.Run(string(n), func(t *testing.T) {
			far, calls := pickingUp(t, Listen{Network: n, Addr: "127.0.0.1:0"})
			param := ";transport=" + strings.ToLower(string(n))
			a := agentFor(t, Options{})
			tr := trunkFor(t, a, TrunkOptions{Gateways: []string{
				"sip:127.0.0.1:" + strconv.Itoa(freePort(t)) + param, "sip:" + far.Addrs(n)[0].String() + param,
			}})
			upAndDown(t, tr, calls)
		})
	}
}

// records is a name service with one name.
type records struct {
	noNames
	srv []*net.SRV
}

func (r records) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if service != "sip" || proto != "udp" || name != "carrier.test" {
		return "", nil, errors.New("no such service")
	}
	return "", r.srv, nil
}

func (r records) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if host != "sbc.carrier.test" {
		return r.noNames.LookupNetIP(ctx, network, host)
	}
	return []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}, nil
}

func TestFoundBySRV(t *testing.T) {
	far, calls := pickingUp(t, Listen{Network: transport.UDP, Addr: "127.0.0.1:0"})
	dns := records{srv: []*net.SRV{
		{Target: "gone.carrier.test.", Port: 5060},
		{Target: "sbc.carrier.test.", Port: uint16(freePort(t))}, // closed, and so is its IPv6 address
		{Target: "sbc.carrier.test.", Port: far.Addrs(transport.UDP)[0].Port()},
	}}
	a := agentFor(t, Options{Lookup: dns})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"carrier.test"}})
	upAndDown(t, tr, calls)
}

// A description too long for a datagram goes by TCP, and where that is closed in fragments.
func TestLongInvites(t *testing.T) {
	both := []Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}
	udp, calls := pickingUp(t, both...)
	port := udp.Addrs(transport.UDP)[0].Port()
	a := agentFor(t, Options{})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"127.0.0.1:" + strconv.Itoa(int(port))}})
	long := Field{Name: "X-Long", Value: strings.Repeat("x", 2000)}
	call := func(want string) {
		t.Helper()
		w := watch(t)
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia(), Events: w.see, Fields: []Field{long}})
		if err != nil {
			t.Fatal(err)
		}
		w.until(HappenedAnswered)
		in := <-calls
		if via := in.Header("Via"); !strings.Contains(via, "/"+want+" ") {
			t.Errorf("came by %q, want %s", via, want)
		}
		if in.Header("X-Long") != long.Value {
			t.Error("cut off")
		}
		c.Hangup()
		ended(t, c)
		ended(t, in)
	}
	call("UDP")
	tcp, more := pickingUp(t, Listen{Network: transport.TCP, Addr: "127.0.0.1:" + strconv.Itoa(int(port))})
	calls = more
	call("TCP")
	_ = tcp
}

func TestRedirection(t *testing.T) {
	far, calls := pickingUp(t, Listen{Network: transport.UDP, Addr: "127.0.0.1:0"})
	to := "<sip:moved@" + far.Addrs(transport.UDP)[0].String() + ">"
	first := agentFor(t, Options{Incoming: func(c *Call) { c.Reject(302, "", Field{Name: "Contact", Value: to}) }})
	loop := agentFor(t, Options{Incoming: func(c *Call) {
		c.Reject(302, "", Field{Name: "Contact", Value: "<sip:1@" + strings.TrimPrefix(c.Header("X-Me"), "") + ">"})
	}})
	a := agentFor(t, Options{})
	gateway := first.Addrs(transport.UDP)[0].String()
	upAndDown(t, trunkFor(t, a, TrunkOptions{Gateways: []string{gateway}, Redirects: 1}), calls)

	round := loop.Addrs(transport.UDP)[0].String()
	for redirects, tried := range map[int]int{0: 1, 3: 4} {
		tr := trunkFor(t, a, TrunkOptions{Gateways: []string{round}, Redirects: redirects})
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia(), Fields: []Field{{Name: "X-Me", Value: round}}})
		if err != nil {
			t.Fatal(err)
		}
		if f := ended(t, c); f.Status != 302 || f.Tried != tried {
			t.Errorf("%d redirects: status %d after %d tries", redirects, f.Status, f.Tried)
		}
	}
}

// Three datagrams in ten are lost each way: every call is answered and every leg ends.
func TestLossy(t *testing.T) {
	const calls = 6
	f := farEnd(t, "answer", transport.UDP, calls, []string{"[linger]", "5000"}, "-lost", "30")
	a := agentFor(t, Options{Listen: []Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}, Timers: quick})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{f.uri(transport.UDP)}, Failover: time.Minute})
	var made []*Call
	var watchers []*watcher
	for range calls {
		w := watch(t)
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia(), Events: w.see})
		if err != nil {
			t.Fatal(err)
		}
		made, watchers = append(made, c), append(watchers, w)
	}
	for i, c := range made {
		watchers[i].until(HappenedAnswered)
		c.Hangup()
	}
	for _, c := range made {
		if f := ended(t, c); f.End != EndBye || f.EndedBy != Us {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
	}
	if clients, _ := a.layer.Open(); clients > 0 {
		t.Errorf("%d transactions left", clients)
	}
}

// Junk by the ten thousand, from many ports and by TCP, among it INVITEs that nobody means: the agent goes on answering,
// and its memory does not grow with the flood.
func TestFlood(t *testing.T) {
	far, calls := pickingUp(t, Listen{Network: transport.UDP, Addr: "127.0.0.1:0"})
	a := agentFor(t, Options{})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{far.Addrs(transport.UDP)[0].String()}})
	at := a.Addrs(transport.UDP)[0].String()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	junk := [][]byte{
		[]byte("hello"), make([]byte, 1400), []byte("INVITE sip:x SIP/2.0\r\n\r\n"), []byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nCSeq: 1 INVITE\r\n\r\n"),
		[]byte("OPTIONS sip:a SIP/2.0\r\nVia: x\r\nFrom: y\r\nCall-ID: z\r\nCSeq: 1 OPTIONS\r\n\r\n"),
		[]byte("ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK2\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:a>;tag=2\r\nCall-ID: z\r\nCSeq: 1 ACK\r\n\r\n"),
	}
	for range 40 {
		c, err := net.Dial("udp", at)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 600 {
			_, _ = c.Write(junk[i%len(junk)]) // a full buffer is the flood's loss
		}
		_ = c.Close()
	}
	for range 50 {
		c, err := net.Dial("tcp", a.Addrs(transport.TCP)[0].String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write(append(make([]byte, 70_000), junk[0]...))
		_ = c.Close()
	}
	upAndDown(t, tr, calls)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
	if s := a.Stats(); s.Malformed < 1000 {
		t.Errorf("%d malformed messages counted", s.Malformed)
	}
}

// Ten thousand INVITEs that are well made: no more calls than allowed are taken, and the others are told so.
func TestTooManyCalls(t *testing.T) {
	const limit = 10
	far := agentFor(t, Options{MaxCalls: limit, Incoming: func(c *Call) { c.Ring(Progress{}) }})
	a := agentFor(t, Options{})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{far.Addrs(transport.UDP)[0].String()}})
	var made []*Call
	for range 3 * limit {
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia(), Ring: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, c)
	}
	refused := 0
	for _, c := range made {
		if f := ended(t, c); f.Status == 503 {
			refused++
		}
	}
	if refused != 2*limit {
		t.Errorf("%d refused, want %d", refused, 2*limit)
	}
}

// A far end that answers every INVITE with nonsense is no answer at all.
func TestNonsenseAnswers(t *testing.T) {
	far, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = far.Close() }()
	go func() {
		buf := make([]byte, 65536)
		for {
			n, from, err := far.ReadFrom(buf)
			if err != nil {
				return
			}
			text := string(buf[:n])
			for _, answer := range []string{
				"hello", "SIP/2.0 200 OK\r\n\r\n", "SIP/2.0 999 What\r\n" + text[strings.Index(text, "\r\n")+2:],
				"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKother\r\nCSeq: 1 INVITE\r\n\r\n",
				strings.Replace(replyTo(text, "200 OK", "tag=1", ""), "CSeq: 1 INVITE", "CSeq: x INVITE", 1),
				strings.Replace(replyTo(text, "200 OK", "tag=1", ""), "branch=z9hG4bK", "branch=z9hG4bKx", 1),
			} {
				_, _ = far.WriteTo([]byte(answer), from)
			}
		}
	}()
	a := agentFor(t, Options{Timers: quick})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{far.LocalAddr().String()}})
	c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia()})
	if err != nil {
		t.Fatal(err)
	}
	if f := ended(t, c); f.End != EndNoResponse || f.Heard {
		t.Errorf("%s, heard %v, status %d", f.End, f.Heard, f.Status)
	}
}
