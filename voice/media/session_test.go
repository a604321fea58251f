package media

import (
	"math"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// patience is how long a test waits for what must come: long, because the machine may be busy.
const patience = 30 * time.Second

// ear collects what a session hears and lets a test wait for it.
type ear struct {
	mu      sync.Mutex
	samples []int16
	keys    string
	quiet   int
	changed chan struct{}
}

func newEar() *ear { return &ear{changed: make(chan struct{}, 1)} }

func (e *ear) handlers() Handlers {
	tell := func() {
		select {
		case e.changed <- struct{}{}:
		default:
		}
	}
	return Handlers{
		Frame: func(f []int16) { e.mu.Lock(); e.samples = append(e.samples, f...); e.mu.Unlock(); tell() },
		Key:   func(k rune) { e.mu.Lock(); e.keys += string(k); e.mu.Unlock(); tell() },
		Quiet: func() { e.mu.Lock(); e.quiet++; e.mu.Unlock(); tell() },
	}
}

// until waits until cond, which may look at the ear, holds.
func (e *ear) until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		e.mu.Lock()
		ok := cond()
		e.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-e.changed:
		case <-deadline.C:
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}

// forget drops what was heard so far.
func (e *ear) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.samples = nil
}

// holds reports whether the last half second heard is mainly a sine of that frequency. The lock is held.
func (e *ear) holds(frequency float64) bool {
	if len(e.samples) < audio.Rate/2 {
		return false
	}
	return share(e.samples[len(e.samples)-audio.Rate/2:], frequency) > 0.9
}

// share is how much of the samples' energy lies at a frequency.
func share(samples []int16, frequency float64) float64 {
	var re, im, total float64
	for i, s := range samples {
		sin, cos := math.Sincos(2 * math.Pi * frequency * float64(i) / audio.Rate)
		re += float64(s) * cos
		im += float64(s) * sin
		total += float64(s) * float64(s)
	}
	if total == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(samples)) / total
}

func newStack(t testing.TB, o Options) *Stack {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Stop()
		if n := s.Ports().Taken(); n != 0 || s.Sessions() != 0 {
			t.Errorf("%d pairs of ports and %d sessions are left", n, s.Sessions())
		}
	})
	return s
}

func newSession(t testing.TB, s *Stack, h Handlers) *Session {
	t.Helper()
	x, err := s.NewSession(h)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func start(t testing.TB, x *Session, p Params) {
	t.Helper()
	if err := x.Start(p); err != nil {
		t.Fatal(err)
	}
}

func steady(frequency float64) audio.Source {
	return audio.Tone{Parts: []audio.Part{{Low: frequency}}}.Source()
}

func TestTwoSessionsTalk(t *testing.T) {
	for _, tt := range []struct {
		name string
		bind string
		p    Params
	}{
		{"A-law over IPv4", "127.0.0.1", Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}},
		{"µ-law over IPv6", "::1", Params{Codec: audio.PCMU, PayloadType: 0, Events: 96, Direction: SendRecv}},
		{"sealed", "127.0.0.1", Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv, Cipher: xor{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stack := newStack(t, Options{Ports: PortOptions{Bind: netip.MustParseAddr(tt.bind), DSCP: 46}})
			stack.every = 100 * time.Millisecond
			earA, earB := newEar(), newEar()
			a, b := newSession(t, stack, earA.handlers()), newSession(t, stack, earB.handlers())
			if a.Local().Port()%2 != 0 || a.Local().Addr().String() != tt.bind {
				t.Errorf("local address %v", a.Local())
			}
			pa, pb := tt.p, tt.p
			pa.Remote, pb.Remote = b.Local(), a.Local()
			a.SetSource(steady(1000))
			b.SetSource(steady(600))
			start(t, a, pa)
			start(t, b, pb)
			earB.until(t, "1000 Hz at b", func() bool { return earB.holds(1000) })
			earA.until(t, "600 Hz at a", func() bool { return earA.holds(600) })
			if err := a.SendKeys("12#"); err != nil {
				t.Fatal(err)
			}
			if err := b.SendKeys("9,*0"); err != nil {
				t.Fatal(err)
			}
			earB.until(t, "keys at b", func() bool { return earB.keys == "12#" })
			earA.until(t, "keys at a", func() bool { return earA.keys == "9*0" })
			earB.until(t, "reports at a and b", func() bool {
				return a.Stats().Reports > 0 && b.Stats().Reports > 0 && a.Stats().RoundTrip > 0
			})
			for _, x := range []*Session{a, b} {
				st := x.Stats()
				if st.Sent < 25 || st.Received.Packets < 25 || st.Unsent != 0 || st.Received.Strangers != 0 ||
					st.Received.Broken != 0 || st.RoundTrip > time.Second {
					t.Errorf("%+v", st)
				}
			}
			if a.KeysWaiting() != 0 {
				t.Error("keys wait")
			}
			a.Close()
			b.Close()
			b.Close()
			heard := len(earB.samples)
			if heard%audio.FrameSize != 0 {
				t.Errorf("%d samples are no whole frames", heard)
			}
		})
	}
}

// xor is a cipher in form only: it shows that every packet passes through its place, both ways.
type xor struct{}

func (xor) seal(dst, p []byte) ([]byte, error) {
	dst = append(dst, p...)
	for i := 2; i < len(dst); i++ {
		dst[i] ^= 0x5A
	}
	return append(dst, 0xA5), nil
}

func (xor) open(dst, p []byte) ([]byte, error) {
	if len(p) < 3 || p[len(p)-1] != 0xA5 {
		return dst, fault.New(fault.Invalid, "test", nil)
	}
	dst = append(dst, p[:len(p)-1]...)
	for i := 2; i < len(dst); i++ {
		dst[i] ^= 0x5A
	}
	return dst, nil
}

func (x xor) SealRTP(dst, p []byte) ([]byte, error)  { return x.seal(dst, p) }
func (x xor) OpenRTP(dst, p []byte) ([]byte, error)  { return x.open(dst, p) }
func (x xor) SealRTCP(dst, p []byte) ([]byte, error) { return x.seal(dst, p) }
func (x xor) OpenRTCP(dst, p []byte) ([]byte, error) { return x.open(dst, p) }

// A call through its life: another codec, hold from either side, and back.
func TestSessionUpdates(t *testing.T) {
	stack := newStack(t, Options{})
	earA, earB := newEar(), newEar()
	a, b := newSession(t, stack, earA.handlers()), newSession(t, stack, earB.handlers())
	pa := Params{Remote: b.Local(), Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	pb := Params{Remote: a.Local(), Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	a.SetSource(steady(1000))
	b.SetSource(steady(600))
	start(t, a, pa)
	start(t, b, pb)
	update := func(x *Session, p Params) {
		t.Helper()
		if err := x.Update(p); err != nil {
			t.Fatal(err)
		}
	}
	earB.until(t, "1000 Hz", func() bool { return earB.holds(1000) })

	pa.Codec, pa.PayloadType = audio.PCMU, 0
	pb.Codec, pb.PayloadType = audio.PCMU, 0
	update(a, pa) // for a moment each sends the other what it no longer agreed on
	update(b, pb)
	earB.forget()
	earB.until(t, "1000 Hz in µ-law", func() bool { return earB.holds(1000) })
	if st := b.Stats(); st.Received.Unknown != 0 || st.Received.Streams != 0 {
		t.Errorf("%+v", st.Received)
	}

	// a is put on hold by b: b sends only, a hears only.
	pa.Direction, pb.Direction = RecvOnly, SendOnly
	holding := time.Now()
	update(a, pa)
	update(b, pb)
	earA.forget()
	earA.until(t, "music on hold at a", func() bool { return earA.holds(600) })
	sent, frames := a.Stats().Sent, b.Stats().Received.Frames
	earA.forget()
	earA.until(t, "half a second more", func() bool { return earA.holds(600) })
	if got := a.Stats().Sent - sent; got > 1 {
		t.Errorf("%d packets sent on hold", got)
	}
	if got := b.Stats().Received.Frames - frames; got > 1 {
		t.Errorf("%d frames handed on while b does not listen", got)
	}

	held := time.Since(holding)
	pa.Direction, pb.Direction = SendRecv, SendRecv
	update(a, pa)
	update(b, pb)
	earB.forget()
	earB.until(t, "1000 Hz after the hold", func() bool { return earB.holds(1000) })
	if filled := b.Stats().Received.Filled; filled > max(25, uint64(held/(20*time.Millisecond)/2)) { // a busy machine makes some
		t.Errorf("%d frames of silence were made up for the time of the hold", filled)
	}

	b.SetSource(nil)
	earA.forget()
	earA.until(t, "silence from b", func() bool {
		return len(earA.samples) > audio.Rate && audio.Level(earA.samples[len(earA.samples)-audio.Rate/2:]) < -60
	})
}

// raw is a far end made of a bare socket.
type raw struct {
	conn *net.UDPConn
	seq  uint16
	ssrc uint32
}

// newRaw gives every far end a host of its own, 127.0.0.ssrc.
func newRaw(t testing.TB, ssrc uint32) *raw {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, byte(ssrc))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &raw{conn: conn, ssrc: ssrc, seq: uint16(ssrc)}
}

func (r *raw) addr() netip.AddrPort { return r.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// send sends n packets.
func (r *raw) send(t testing.TB, to netip.AddrPort, n int) {
	t.Helper()
	for range n {
		p := rtp.Packet{
			Header:  rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: r.seq, Timestamp: uint32(r.seq) * 160, SSRC: r.ssrc},
			Payload: make([]byte, audio.FrameSize),
		}
		r.seq++
		b, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.conn.WriteToUDPAddrPort(b, to); err != nil {
			t.Fatal(err)
		}
	}
}

// hears waits for a packet.
func (r *raw) hears(t testing.TB) {
	t.Helper()
	// What came before is old.
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	buf := make([]byte, 2000)
	for {
		if _, _, err := r.conn.ReadFromUDPAddrPort(buf); err != nil {
			break
		}
	}
	_ = r.conn.SetReadDeadline(time.Now().Add(patience))
	n, _, err := r.conn.ReadFromUDPAddrPort(buf)
	if err != nil {
		t.Fatalf("nothing is sent to %v: %v", r.addr(), err)
	}
	unpack(t, buf[:n])
}

// We send where the sound comes from, once that is sure, and nowhere else.
func TestSessionLatches(t *testing.T) {
	stack := newStack(t, Options{})
	e := newEar()
	x := newSession(t, stack, e.handlers())
	signalled, behind, attacker, moved := newRaw(t, 1), newRaw(t, 2), newRaw(t, 3), newRaw(t, 4)
	p := Params{Remote: signalled.addr(), Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	start(t, x, p)
	signalled.hears(t)
	behind.send(t, x.Local(), 5)
	behind.hears(t)
	attacker.send(t, x.Local(), 20)
	behind.hears(t)
	e.until(t, "the strangers were counted", func() bool { return x.Stats().Received.Strangers == 22 })

	p.Remote = moved.addr() // a re-INVITE
	if err := x.Update(p); err != nil {
		t.Fatal(err)
	}
	moved.hears(t)
	before := x.Stats().Received.Packets
	moved.send(t, x.Local(), 2)
	moved.hears(t)
	e.until(t, "the new source is heard at once", func() bool { return x.Stats().Received.Packets == before+2 })
	behind.send(t, x.Local(), 1)
	e.until(t, "the old one no longer", func() bool { return x.Stats().Received.Strangers == 23 })

	p.Remote = netip.AddrPort{} // c=0.0.0.0
	p.Direction = RecvOnly
	if err := x.Update(p); err != nil {
		t.Fatal(err)
	}
}

func TestSessionSaysThatNothingComes(t *testing.T) {
	stack := newStack(t, Options{Quiet: 150 * time.Millisecond})
	e := newEar()
	x := newSession(t, stack, e.handlers())
	far := newRaw(t, 1)
	start(t, x, Params{Remote: far.addr(), Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv})
	e.until(t, "silence is reported", func() bool { return e.quiet == 1 })
	e.until(t, "frames go on", func() bool { return len(e.samples) >= audio.Rate/2 })
	if e.quiet != 1 {
		t.Errorf("reported %d times", e.quiet)
	}
	if st := x.Stats(); st.Quiet < 150*time.Millisecond || st.Received.Filled < 20 {
		t.Errorf("%+v", st)
	}
	far.send(t, x.Local(), 1)
	e.until(t, "and again after a packet came", func() bool { return e.quiet == 2 })
}

func TestSessionSurvivesNonsense(t *testing.T) {
	stack := newStack(t, Options{})
	e := newEar()
	x := newSession(t, stack, e.handlers())
	far := newRaw(t, 1)
	start(t, x, Params{Remote: far.addr(), Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv})
	reports := netip.AddrPortFrom(x.Local().Addr(), x.Local().Port()+1)
	nonsense := [][]byte{
		{},
		{0x80},
		[]byte("INVITE sip:x@y SIP/2.0\r\n\r\n"), make([]byte, 12), make([]byte, 1500),
		{0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0},                      // one byte short
		{0x9F, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},                   // sources that are not there
		{0x90, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 9, 9}, // an extension that is not there
		{0xA0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 200},              // padding longer than the packet
		{0x80, 200, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0},           // RTCP that is not there
		{0x80, 101, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 5},              // a key cut short
		{0x40, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6}, // version 1
		[]byte(strings.Repeat("\x80\x08\x00\x01", 375)),
	}
	for range 20 {
		for _, b := range nonsense {
			for _, to := range []netip.AddrPort{x.Local(), reports} {
				if _, err := far.conn.WriteToUDPAddrPort(b, to); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	far.send(t, x.Local(), 30)
	e.until(t, "sound after nonsense", func() bool { return x.Stats().Received.Frames > 30 })
	if st := x.Stats(); st.Received.Broken < 100 {
		t.Errorf("only %d broken packets were noticed", st.Received.Broken)
	}
}

// Everything may be ended from everywhere.
func TestSessionEnds(t *testing.T) {
	params := func(x *Session) Params {
		return Params{Remote: x.Local(), Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv} // hears itself
	}
	wait := func(t *testing.T, what string, c <-chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(patience):
			t.Fatalf("waited in vain: %s", what)
		}
	}
	t.Run("from a handler", func(t *testing.T) {
		stack := newStack(t, Options{})
		var x *Session
		ended, after := make(chan struct{}), 0
		x = newSession(t, stack, Handlers{Frame: func([]int16) {
			if after++; after == 5 {
				x.Stop()
				close(ended)
			}
		}})
		start(t, x, params(x))
		wait(t, "five frames", ended)
		x.Close()
		if after != 5 {
			t.Errorf("%d frames after the end", after-5)
		}
	})
	t.Run("from a source", func(t *testing.T) {
		stack := newStack(t, Options{})
		x := newSession(t, stack, Handlers{})
		ended, after := make(chan struct{}), 0
		x.SetSource(sourceFunc(func([]int16) int {
			if after++; after == 5 {
				x.Stop()
				close(ended)
			}
			return 0
		}))
		start(t, x, params(x))
		wait(t, "five frames", ended)
		x.Close()
		if after != 5 {
			t.Errorf("asked %d times after the end", after-5)
		}
	})
	t.Run("before it began", func(t *testing.T) {
		stack := newStack(t, Options{})
		x := newSession(t, stack, Handlers{})
		if err := x.Update(params(x)); fault.CodeOf(err) != "media_not_started" {
			t.Errorf("updated before Start: %v", err)
		}
		x.Close()
		x.Stop()
		if err := x.Start(params(x)); fault.CodeOf(err) != "media_started" {
			t.Errorf("started after the end: %v", err)
		}
	})
	t.Run("with a pacer that others use", func(t *testing.T) {
		pacer := NewPacer(1)
		pacer.Start()
		defer pacer.Stop()
		one, two := newStack(t, Options{Pacer: pacer}), newStack(t, Options{Pacer: pacer})
		e := newEar()
		x, y := newSession(t, one, Handlers{}), newSession(t, two, e.handlers())
		start(t, x, params(x))
		p := params(y)
		start(t, y, p)
		y.SetSource(steady(700))
		one.Stop()
		e.until(t, "the other stack goes on", func() bool { return e.holds(700) })
	})
	t.Run("with its stack", func(t *testing.T) {
		stack := newStack(t, Options{})
		for i := range 20 {
			x := newSession(t, stack, Handlers{})
			if i%2 == 0 {
				start(t, x, params(x))
				if err := x.Start(params(x)); fault.CodeOf(err) != "media_started" {
					t.Errorf("started twice: %v", err)
				}
			}
		}
		stack.Stop()
		stack.Stop()
		if _, err := stack.NewSession(Handlers{}); fault.CodeOf(err) != "media_stopped" {
			t.Errorf("a session after the end: %v", err)
		}
	})
}

func TestParamsRefused(t *testing.T) {
	stack := newStack(t, Options{})
	x := newSession(t, stack, Handlers{})
	good := Params{Remote: x.Local(), Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	for code, change := range map[string]func(*Params){
		"media_params at direction":    func(p *Params) { p.Direction = "both" },
		"media_params at codec":        func(p *Params) { p.Codec = "G729" },
		"media_params at payload_type": func(p *Params) { p.Events = 200 },
		"media_address_family":         func(p *Params) { p.Remote = netip.MustParseAddrPort("[::1]:5000") },
	} {
		p := good
		change(&p)
		if err := x.Start(p); err == nil || !strings.HasPrefix(err.Error(), code) {
			t.Errorf("want %s, got %v", code, err)
		}
	}
}

func FuzzDatagram(f *testing.F) {
	f.Add([]byte{0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xD5, 0xD5}, []byte{0x80, 101, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 5, 0x8A, 0, 160})
	f.Add([]byte{0x90, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0, 1, 0x10, 1, 0, 0}, []byte{0x80, 200, 0, 6})
	f.Add([]byte{0xB1, 0x88, 255, 255, 255, 255, 255, 255, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 1}, []byte{})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		stack := &Stack{epoch: time.Now()}
		frames := 0
		x := &Session{stack: stack, rx: receiver{frame: func(s []int16) {
			if frames++; len(s) != audio.FrameSize {
				t.Fatalf("a frame of %d samples", len(s))
			}
		}}}
		from := netip.MustParseAddrPort("127.0.0.1:4000")
		p := &Params{Remote: from, Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}
		x.set(*p, 0)
		p = x.agreed.Load()
		x.adopt(p, 0)
		for now := time.Duration(0); now < 40*period; now += period {
			x.take(now, p, first, from)
			x.take(now, p, second, from)
			x.rx.idle(now, p)
			x.show()
		}
		// 80 datagrams of at most 1,480 samples, and the clock's silence beside them.
		if longest := max(len(first), len(second)); frames > 80*(longest/audio.FrameSize+2*mostOwed) {
			t.Fatalf("%d frames of 80 datagrams of %d bytes", frames, longest)
		}
		_ = x.Stats()
	})
}
