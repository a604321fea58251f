package media

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"campanario/internal/fault"
)

// DefaultQuiet is how long a session waits for a packet before it says that nothing comes.
const DefaultQuiet = 20 * time.Second

// Options make a Stack.
type Options struct {
	Ports   PortOptions
	Pacer   *Pacer        // to share with other stacks, started and stopped by whoever made it; nil: one of its own
	Workers int           // goroutines of its own pacer; 0: the pacer's default
	Quiet   time.Duration // without a packet before Handlers.Quiet is called; 0: DefaultQuiet, negative: never
}

// Stack is what all sessions of a process share: the pacer and the ports. It owns the sessions it made.
type Stack struct {
	pacer *Pacer
	own   bool // the pacer is ours to start and stop
	ports *Ports
	quiet time.Duration
	every time.Duration // between two reports
	epoch time.Time     // what the sessions measure time from

	mu       sync.Mutex
	stopped  bool
	sessions map[*Session]struct{}
}

// New makes a stack; nothing moves before Start.
func New(o Options) (*Stack, error) {
	ports, err := NewPorts(o.Ports)
	if err != nil {
		return nil, err
	}
	if o.Quiet == 0 {
		o.Quiet = DefaultQuiet
	}
	own := o.Pacer == nil
	if own {
		o.Pacer = NewPacer(o.Workers)
	}
	return &Stack{
		pacer: o.Pacer, own: own, ports: ports, quiet: o.Quiet, every: reportEvery,
		epoch: time.Now(), sessions: map[*Session]struct{}{},
	}, nil
}

// Start begins to pace the sessions. It may be called again.
func (s *Stack) Start() {
	if s.own {
		s.pacer.Start()
	}
}

// Stop closes every session, waits for them, and stops the pacer if it is its own. No session can be made any more. It may be called
// again.
func (s *Stack) Stop() {
	s.mu.Lock()
	s.stopped = true
	open := make([]*Session, 0, len(s.sessions))
	for x := range s.sessions {
		open = append(open, x)
	}
	s.mu.Unlock()
	for _, x := range open {
		x.Stop()
	}
	for _, x := range open {
		x.Close()
	}
	if s.own {
		s.pacer.Stop()
	}
}

// Pacer tells how punctual the sessions are.
func (s *Stack) Pacer() *Pacer { return s.pacer }

// Ports tells how many sessions are possible.
func (s *Stack) Ports() *Ports { return s.ports }

// Sessions is how many are open.
func (s *Stack) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Handlers are told what a session hears. All are called from one goroutine of the session, never two at once; they must
// not block, for the packets wait meanwhile, and must not call Close of their session (Stop may be called). Any may be
// nil.
type Handlers struct {
	// Frame gets 160 samples, which are good until it returns: 50 times a second on average, silence when nothing
	// comes, in quick succession when the network held packets back.
	Frame func(frame []int16)
	// Key gets each key once, when its first packet comes: one of audio.Keys.
	Key func(key rune)
	// Quiet is called once when no packet has come for the time of Options.Quiet although we are to hear the far
	// end, and again after packets came and stopped anew.
	Quiet func()
}

// NewSession opens the ports of one call leg, so that Local can be offered. It is silent and deaf until Start; what
// arrives before is kept by the system. Without a free port the error is a fault of kind unavailable.
func (s *Stack) NewSession(h Handlers) (*Session, error) {
	p, err := s.ports.open()
	if err != nil {
		return nil, err
	}
	x := &Session{
		stack: s, handlers: h, pair: p, name: cname(),
		local: netip.AddrPortFrom(s.ports.o.Advertise, p.port),
		tx:    newTransmitter(rand.Uint32(), uint16(rand.Uint32()), rand.Uint32()),
		rx:    receiver{frame: h.Frame, key: h.Key},
	}
	x.ssrc = x.tx.ssrc
	if x.rtp, err = newSender(p.rtp); err == nil {
		x.rtcp, err = newSender(p.rtcp)
	}
	if err != nil {
		x.shut()
		return nil, fault.New(fault.Unavailable, "media_no_port", nil).Because(err)
	}
	if !s.keep(x) {
		x.shut()
		return nil, fault.New(fault.Unavailable, "media_stopped", nil)
	}
	return x, nil
}

// keep takes a session into the stack's care, unless it has been stopped.
func (s *Stack) keep(x *Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.sessions[x] = struct{}{}
	}
	return !s.stopped
}

// forget is called by a session whose sockets are closed.
func (s *Stack) forget(x *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, x)
}

// now is the time since the stack was made, on the clock that nobody sets.
func (s *Stack) now() time.Duration { return time.Since(s.epoch) }
