package carrier

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"campanario/voice/audio"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
	"campanario/voice/media"
	"campanario/voice/sdp"
)

// caller is the other side of these tests: calls with real sound.
type caller struct {
	t     *testing.T
	agent *dialog.Agent
	media *media.Stack
	trunk *dialog.Trunk
}

func newCaller(t *testing.T, c *Carrier, opt dialog.TrunkOptions) *caller {
	t.Helper()
	x := &caller{t: t}
	_, authority := certificate()
	var err error
	if x.agent, err = dialog.New(dialog.Options{
		Listen: []dialog.Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}, {Network: transport.TCP, Addr: "127.0.0.1:0"}},
		Client: &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS12},
	}); err != nil {
		t.Fatal(err)
	}
	if err := x.agent.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x.media, err = media.New(media.Options{}); err != nil {
		t.Fatal(err)
	}
	x.media.Start()
	t.Cleanup(func() {
		x.agent.Stop()
		x.media.Stop()
	})
	if opt.Gateways == nil {
		opt.Gateways = []string{c.Addr().String()}
	}
	if opt.User == "" {
		opt.Credentials = dialog.Credentials{User: "campanario", Password: "campanario"}
	}
	if x.trunk, err = x.agent.Trunk(opt); err != nil {
		t.Fatal(err)
	}
	return x
}

// talking is one call of the caller's.
type talking struct {
	*dialog.Call
	t       *testing.T
	session *media.Session
	party   *sdp.Party
	started bool

	mu      sync.Mutex
	happen  []dialog.Happening
	keys    string
	frames  []int16
	changed chan struct{}
}

func (x *talking) note(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
	close(x.changed)
	x.changed = make(chan struct{})
}

func (x *talking) Offer() ([]byte, error) { return x.party.Offer(media.SendRecv), nil }

func (x *talking) Answer(offer []byte) ([]byte, error) {
	ours, a, err := x.party.Answer(offer, media.SendRecv)
	if err != nil {
		return nil, err
	}
	return ours, x.agree(a)
}

func (x *talking) Accept(answer []byte, _ bool) error {
	a, err := x.party.Accept(answer)
	if err != nil {
		return err
	}
	return x.agree(a)
}

func (x *talking) agree(a sdp.Agreement) error {
	if !x.started {
		x.started = true
		return x.session.Start(a.Params)
	}
	return x.session.Update(a.Params)
}

// call dials a number; it rings no longer than ring.
func (c *caller) call(id, number string, ring time.Duration) *talking {
	c.t.Helper()
	x := &talking{t: c.t, changed: make(chan struct{})}
	var err error
	x.session, err = c.media.NewSession(media.Handlers{
		Frame: func(f []int16) { x.note(func() { x.frames = append(x.frames, f...) }) },
		Key:   func(k rune) { x.note(func() { x.keys += string(k) }) },
	})
	if err != nil {
		c.t.Fatal(err)
	}
	x.party = sdp.New(sdp.Options{Local: x.session.Local()})
	x.Call, err = c.trunk.Call(context.Background(), dialog.Invite{
		ID: id, To: number, From: "+551130000000", Ring: ring, Media: x,
		Events: func(_ *dialog.Call, e dialog.Event) {
			x.note(func() {
				x.happen = append(x.happen, e.What)
				if e.What == dialog.HappenedKey {
					x.keys += string(rune(e.Key))
				}
			})
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return x
}

// until waits for something; the lock is held while it is asked.
func (x *talking) until(what string, ok func() bool) {
	x.t.Helper()
	limit := time.After(time.Minute)
	for {
		x.mu.Lock()
		is, changed := ok(), x.changed
		x.mu.Unlock()
		if is {
			return
		}
		select {
		case <-changed:
		case <-limit:
			x.t.Fatalf("waited in vain for %s; happened: %v, keys %q, %s heard", what, x.happen, x.keys, audio.Duration(len(x.frames), audio.Rate))
		}
	}
}

func (x *talking) saw(h dialog.Happening) bool {
	n := 0
	for _, y := range x.happen {
		if y == h {
			n++
		}
	}
	return n > 0
}

func (x *talking) answered() {
	x.t.Helper()
	x.until("the answer", func() bool { return x.saw(dialog.HappenedAnswered) || x.saw(dialog.HappenedEnded) })
}

func (x *talking) ended() dialog.Final {
	x.t.Helper()
	select {
	case <-x.Done():
	case <-time.After(90 * time.Second):
		x.t.Fatalf("the call does not end: %+v", x.Final())
	}
	x.until("the last event", func() bool { return x.saw(dialog.HappenedEnded) })
	x.session.Close()
	return x.Final()
}

// speak says something for a second and is silent then.
func (x *talking) speak() {
	s := make([]int16, audio.Rate)
	for i := range s {
		s[i] = int16(6000 * math.Sin(float64(i)*0.3) * math.Sin(float64(i)*0.002))
	}
	x.session.SetSource(newClip(s))
}

// loud is how much was heard that is no silence. The lock is held.
func (x *talking) loud() time.Duration {
	n := 0
	for i := 0; i+audio.FrameSize <= len(x.frames); i += audio.FrameSize {
		if audio.MeanAbs(x.frames[i:i+audio.FrameSize]) > 150 {
			n++
		}
	}
	return time.Duration(n) * audio.FrameDuration
}

// tone is how long a frequency was most of what was heard. The lock is held.
func (x *talking) tone(hz float64) time.Duration {
	n := 0
	for i := 0; i+audio.FrameSize <= len(x.frames); i += audio.FrameSize {
		total, re, im := 0.0, 0.0, 0.0
		for j, s := range x.frames[i : i+audio.FrameSize] {
			v := float64(s)
			total += v * v
			re += v * math.Cos(2*math.Pi*hz*float64(j)/audio.Rate)
			im += v * math.Sin(2*math.Pi*hz*float64(j)/audio.Rate)
		}
		if total > 1e6 && 2*(re*re+im*im)/audio.FrameSize > 0.7*total {
			n++
		}
	}
	return time.Duration(n) * audio.FrameDuration
}

// certificate is the carrier's, signed by itself.
var certificate = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
})
