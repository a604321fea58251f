package transaction

import (
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// trying is how long an INVITE may stay unanswered before it is told that it has arrived (RFC 3261 section 17.2.1).
const trying = 200 * time.Millisecond

// Server is a request of theirs until our final answer is sure to have arrived.
type Server struct {
	Request *sip.Request
	Flow    transport.Flow // the way it came
	At      time.Time      // when it arrived

	layer *Layer
	key   serverKey
	back  transport.Flow // the way answers go

	mu        sync.Mutex
	state     state
	last      []byte // the answer to repeat
	ok        []byte // a 2xx that the dialog repeats
	lastTag   string
	timer     *time.Timer
	interval  time.Duration
	deadline  time.Time
	cancelled *sip.Request
	onCancel  func(*sip.Request)
}

func newServer(l *Layer, key serverKey, r *sip.Request, f transport.Flow, at time.Time) *Server {
	return &Server{Request: r, Flow: f, At: at, layer: l, key: key, back: way(r, f), state: calling}
}

func (s *Server) invite() bool { return s.key.method == string(sip.INVITE) }

// start sets the timer of an INVITE going.
func (s *Server) start() {
	if !s.invite() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != ended {
		s.timer = time.AfterFunc(trying, s.fire)
	}
}

// OnCancel sets what is called, once, when the far end cancels the INVITE; at once if it has. The final answer, 487, is
// still to be given.
func (s *Server) OnCancel(f func(cancel *sip.Request)) {
	s.mu.Lock()
	s.onCancel = f
	c := s.cancelled
	s.mu.Unlock()
	if c != nil {
		f(c)
	}
}

// Reply answers the request. Any number of provisional answers may come before one final answer; what comes after that
// is dropped.
func (s *Server) Reply(r *message.Reply) error {
	data := r.Append(make([]byte, 0, 768), s.Request, s.Flow.Peer)
	s.mu.Lock()
	drop, ok := s.advance(r, data)
	s.mu.Unlock()
	if !ok {
		return nil
	}
	err := s.back.Send(data)
	if drop || err != nil && r.Status >= 200 {
		s.Stop()
	}
	return err
}

// Repeat sends the 2xx to an INVITE again: until its ACK comes, that is the dialog's business.
func (s *Server) Repeat() {
	s.mu.Lock()
	data := s.ok
	s.mu.Unlock()
	if data != nil {
		_ = s.back.Send(data)
	}
}

// Raw sends an answer past the transaction, whatever its state: for far ends that misbehave on purpose.
func (s *Server) Raw(r *message.Reply) error {
	return s.back.Send(r.Append(nil, s.Request, s.Flow.Peer))
}

// Ignore answers nothing, not even 100, and swallows the request's repetitions.
func (s *Server) Ignore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == ended {
		return
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.state = confirmed
	s.after(s.layer.timers.Limit())
}

// Confirmed lets go of the 2xx: its ACK has come.
func (s *Server) Confirmed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ok = nil
}

// Tag sets the tag of the answers that the layer gives itself, so that they agree with the others.
func (s *Server) Tag(tag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastTag = tag
}

// advance moves the state on with an answer. It needs the lock. drop means that nothing is left to be done afterwards.
func (s *Server) advance(r *message.Reply, data []byte) (drop, ok bool) {
	if s.state != calling && s.state != proceeding {
		return false, false
	}
	s.last = data
	if r.Tag != "" {
		s.lastTag = r.Tag
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	reliable := s.back.Reliable()
	switch {
	case r.Status < 200:
		s.state = proceeding
	case s.invite() && r.Status < 300:
		s.state, s.last, s.ok = accepted, nil, data
		drop = reliable
		s.after(s.layer.timers.Limit())
	case s.invite():
		s.state, s.interval = completed, s.layer.timers.T1
		s.deadline = time.Now().Add(s.layer.timers.Limit())
		if reliable {
			s.after(s.layer.timers.Limit())
		} else {
			s.after(s.interval)
		}
	default:
		s.state = completed
		drop = reliable
		s.after(s.layer.timers.Limit())
	}
	return drop, true
}

// after sets the timer. It needs the lock.
func (s *Server) after(d time.Duration) {
	if s.timer == nil {
		s.timer = time.AfterFunc(d, s.fire)
		return
	}
	s.timer.Reset(d)
}

// fire is the timer: it says 100, repeats a final answer, or forgets.
func (s *Server) fire() {
	if !s.layer.enter() {
		return
	}
	defer s.layer.busy.Done()
	s.mu.Lock()
	switch {
	case s.state == calling && s.invite():
		s.mu.Unlock()
		_ = s.Reply(&message.Reply{Status: 100})
	case s.state == completed && s.invite() && !s.back.Reliable() && time.Now().Before(s.deadline):
		data := s.last
		s.interval = min(2*s.interval, s.layer.timers.T2)
		s.timer.Reset(s.interval)
		s.mu.Unlock()
		_ = s.back.Send(data)
	case s.state == calling, s.state == proceeding:
		s.mu.Unlock()
	default:
		s.mu.Unlock()
		s.Stop()
	}
}

// again is the request repeated: so is the answer, if there is one that the far end may have missed.
func (s *Server) again() {
	s.mu.Lock()
	data := s.last
	s.mu.Unlock()
	if data != nil {
		_ = s.back.Send(data)
	}
}

// acked is the ACK of a final answer that is not a 2xx; false when the transaction waits for none.
func (s *Server) acked() bool {
	s.mu.Lock()
	if s.state == accepted {
		s.mu.Unlock()
		return false
	}
	wasCompleted := s.state == completed
	if wasCompleted {
		s.state, s.last = confirmed, nil
		s.after(s.layer.timers.T4)
	}
	s.mu.Unlock()
	if wasCompleted && s.back.Reliable() {
		s.Stop()
	}
	return true
}

// cancel is the CANCEL of this INVITE.
func (s *Server) cancel(r *sip.Request) {
	s.mu.Lock()
	if s.cancelled != nil || s.state != calling && s.state != proceeding {
		s.mu.Unlock()
		return
	}
	s.cancelled = r
	f := s.onCancel
	s.mu.Unlock()
	if f != nil {
		f(r)
	}
}

func (s *Server) tag() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lastTag == "" {
		s.lastTag = message.Token()
	}
	return s.lastTag
}

// Stop forgets the request: a repetition of it would be taken for a new one.
func (s *Server) Stop() {
	s.forget()
	s.layer.mu.Lock()
	defer s.layer.mu.Unlock()
	if s.layer.server[s.key] == s {
		delete(s.layer.server, s.key)
	}
}

func (s *Server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.last, s.onCancel = ended, nil, nil // a 2xx stays: the dialog may still repeat it
	if s.timer != nil {
		s.timer.Stop()
	}
}
