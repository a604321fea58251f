package carrier

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"campanario/channel"
	"campanario/sandbox"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
	"campanario/voice/media"
	"campanario/voice/speech"
)

// Sound says what is heard on the carrier's calls.
type Sound string

// The kinds of sound.
const (
	SoundReal Sound = "real" // RTP both ways; people listen and press keys
	SoundNone Sound = "none" // signalling only, for thousands of calls: people hang up after a while
)

// Options are what a Carrier is made from. The zero value listens on a free port of 127.0.0.1.
type Options struct {
	Addr string      // host and port for UDP and TCP; empty for 127.0.0.1:0
	TLS  *tls.Config // our certificate; nil for no TLS. It listens on a port of its own

	Seed  uint64        // of ordinary numbers
	Mix   []Share       // what ordinary numbers do; empty for DefaultMix
	Keys  string        // what people of the mix press, one of these each; empty for 1 to 5
	Speed float64       // how many times faster than life far ends act; 0 for 1
	Ring  time.Duration // when callers give up: far ends that answer late do so then; 0 for 45 s. Not divided by Speed
	Sound Sound         // empty for SoundReal

	MaxConcurrent int    // calls at once, and
	MaxPerSecond  int    // calls within one second; more are refused with 503. 0 for no bound
	User          string // who may call the numbers that want it; empty for "campanario"
	Password      string // empty for "campanario"
	SignedIn      bool   // every call must be signed in

	Speaker speech.Speaker // who speaks; nil for eSpeak NG or, without it, a hum with the rhythm of speech
	Events  *sandbox.Log   // nil for a log in memory
	Log     *slog.Logger   // nil for none
}

// Carrier is a telephone carrier on loopback.
type Carrier struct {
	opt   Options
	agent *dialog.Agent
	media *media.Stack
	guard *dialog.Guard // 401
	proxy *dialog.Guard // 407
	rates rates

	sounds sounds
	deaf   netip.AddrPort // where calls without sound want it sent
	sink   net.PacketConn

	ctx    context.Context // of all far ends
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	state  state
	addr   netip.AddrPort
	secure netip.AddrPort
	turns  map[string]uint64      // how often ordinary numbers were called
	asked  map[string]*time.Timer // INVITEs that were challenged and are expected again, by Call-ID
}

type state string

const (
	made    state = "made"
	running state = "running"
	stopped state = "stopped"
)

// patience is how long a challenged caller may take to come back.
const patience = 5 * time.Second

// New checks the options and makes a carrier; nothing is bound before Start.
func New(opt Options) (*Carrier, error) {
	if opt.Addr == "" {
		opt.Addr = "127.0.0.1:0"
	}
	if opt.Speed == 0 {
		opt.Speed = 1
	}
	if opt.Ring == 0 {
		opt.Ring = 45 * time.Second
	}
	if opt.Sound == "" {
		opt.Sound = SoundReal
	}
	if opt.User == "" {
		opt.User = "campanario"
	}
	if opt.Password == "" {
		opt.Password = "campanario"
	}
	if opt.Keys == "" {
		opt.Keys = "12345"
	}
	if len(opt.Mix) == 0 {
		opt.Mix = DefaultMix()
	}
	if opt.Events == nil {
		opt.Events = sandbox.NewLog(true, nil)
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Speed < 0 || opt.Sound != SoundReal && opt.Sound != SoundNone {
		return nil, errors.New("carrier: no such speed or sound")
	}
	if err := checkMix(opt.Mix); err != nil {
		return nil, err
	}
	c := &Carrier{opt: opt, state: made, turns: map[string]uint64{}, asked: map[string]*time.Timer{}}
	guard := dialog.Guard{Realm: "sandbox", User: opt.User, Password: opt.Password}
	c.guard = dialog.NewGuard(guard)
	guard.Proxy = true
	c.proxy = dialog.NewGuard(guard)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Start binds the addresses, makes the sounds and takes calls. It can be called once.
func (c *Carrier) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != made {
		return errors.New("carrier: was started before")
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	// UDP and TCP on one port: where that is free for UDP only, on another.
	var err error
	for range 20 {
		if err = c.listen(ctx); err == nil || port(c.opt.Addr) != 0 {
			break
		}
	}
	if err != nil {
		c.release()
		return err
	}
	c.state = running
	return nil
}

// prepare makes what calls share. The lock is held.
func (c *Carrier) prepare(ctx context.Context) error {
	var lc net.ListenConfig
	sink, err := lc.ListenPacket(ctx, "udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.sink, c.deaf = sink, netip.MustParseAddrPort(sink.LocalAddr().String())
	if c.opt.Sound == SoundNone {
		return nil
	}
	speaker := c.opt.Speaker
	if speaker == nil {
		espeak, err := speech.NewEspeak(speech.EspeakOptions{})
		if err != nil {
			return err
		}
		if speaker = espeak; espeak.Available(ctx) != nil {
			speaker = babble{}
		}
	}
	if c.sounds, err = render(ctx, speaker); err != nil {
		return err
	}
	if c.media, err = media.New(media.Options{}); err != nil {
		return err
	}
	c.media.Start()
	return nil
}

// listen starts the user agent. The lock is held.
func (c *Carrier) listen(ctx context.Context) error {
	addr := c.opt.Addr
	if port(addr) == 0 {
		// Any port that is free for TCP is tried for UDP too.
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		addr = l.Addr().String()
		_ = l.Close()
	}
	listen := []dialog.Listen{{Network: transport.UDP, Addr: addr}, {Network: transport.TCP, Addr: addr}}
	if c.opt.TLS != nil {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return err
		}
		listen = append(listen, dialog.Listen{Network: transport.TLS, Addr: net.JoinHostPort(host, "0"), TLS: c.opt.TLS})
	}
	agent, err := dialog.New(dialog.Options{
		Listen: listen, Product: "Campanario-Sandbox", Incoming: c.incoming, Merged: c.merged, Stamp: true, Log: c.opt.Log,
		Grace: time.Second,
	})
	if err != nil {
		return err
	}
	if err := agent.Start(ctx); err != nil {
		return err
	}
	c.agent, c.addr = agent, agent.Addrs(transport.UDP)[0]
	if c.opt.TLS != nil {
		c.secure = agent.Addrs(transport.TLS)[0]
	}
	return nil
}

func port(addr string) int {
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		return -1
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		return -1
	}
	return n
}

// Stop hangs up every call, closes the sockets and waits for all of that. It is idempotent.
func (c *Carrier) Stop() {
	c.mu.Lock()
	was := c.state
	c.state = stopped
	for id, t := range c.asked {
		t.Stop()
		delete(c.asked, id)
	}
	c.mu.Unlock()
	c.cancel()
	if was == running {
		c.agent.Stop()
		c.wg.Wait()
		c.release()
	}
	c.wg.Wait()
}

// release gives back what prepare made.
func (c *Carrier) release() {
	if c.media != nil {
		c.media.Stop()
	}
	if c.sink != nil {
		_ = c.sink.Close()
	}
}

// Addr is where calls go, by UDP and TCP; it is known once Start has returned.
func (c *Carrier) Addr() netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.addr
}

// SecureAddr is where calls go by TLS.
func (c *Carrier) SecureAddr() netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secure
}

// Log is what happened so far.
func (c *Carrier) Log() *sandbox.Log { return c.opt.Events }

// Numbers lists the numbers that choose what the far end does, for documentation and for the console.
func (c *Carrier) Numbers() []Row { return Table() }

// Stats is what was seen so far.
func (c *Carrier) Stats() Stats { return c.rates.get() }

// run runs a far end; false when the carrier has stopped.
func (c *Carrier) run(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != running {
		return false
	}
	c.wg.Go(f)
	return true
}

// turn counts the calls of an ordinary number.
func (c *Carrier) turn(number string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.turns[number]
	c.turns[number] = n + 1
	return n
}

// retried reports whether an INVITE is the one that was challenged, signed in.
func (c *Carrier) retried(callID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.asked[callID]
	delete(c.asked, callID)
	if ok {
		t.Stop()
	}
	return ok
}

// expect remembers that an INVITE was challenged. When it does not come again, that was the end of it.
func (c *Carrier) expect(callID string, end sandbox.Record, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[callID] = time.AfterFunc(patience, func() {
		c.mu.Lock()
		_, waits := c.asked[callID]
		delete(c.asked, callID)
		c.mu.Unlock()
		if waits {
			end.At = at
			c.record(end)
		}
	})
}

func (c *Carrier) record(r sandbox.Record) {
	r.Channel = channel.Voice
	c.opt.Events.Append(r)
}

// merged is an INVITE that came although the same one is being dealt with: its caller has forgotten it.
func (c *Carrier) merged(callID, called string, at time.Time) {
	c.record(sandbox.Record{At: at, Event: sandbox.EventStart, Ref: callID, To: called, Acted: "merged", Result: "482"})
}
