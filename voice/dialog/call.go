package dialog

import (
	"context"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
	"campanario/voice/dialog/transport"
)

// Media is the other half of a call: it makes and reads the session descriptions (RFC 3264), which a Call only carries.
// Its methods are called one at a time, in the call's own order, and hold the call up while they run.
type Media interface {
	// Offer describes what we can do: for our INVITE, and for an INVITE of theirs that came without a description.
	Offer() ([]byte, error)
	// Answer takes their offer and gives our answer to it. An error refuses the offer with 488; a call that is up goes
	// on as before.
	Answer(offer []byte) ([]byte, error)
	// Accept takes their answer to our last offer. early says that the call is still ringing: announcements and ringing
	// tones may be heard. The answers of one call can differ until the last one, which is not early.
	Accept(answer []byte, early bool) error
}

// Happening is what an Event tells of.
type Happening string

// The happenings.
const (
	HappenedSent     Happening = "sent"        // the first INVITE is under way
	HappenedRinging  Happening = "ringing"     // the first 18x; Status says which
	HappenedEarly    Happening = "early_media" // there is something to hear before the answer
	HappenedAnswered Happening = "answered"    // the media is agreed on; talk
	HappenedAcked    Happening = "confirmed"   // calls in: the caller knows that we answered
	HappenedKey      Happening = "key"         // a telephone key, by INFO; keys inside the audio are the media's
	HappenedMedia    Happening = "renegotiated"
	HappenedEnded    Happening = "ended" // the last event; Final is known
)

// Event is something that happened to a call.
type Event struct {
	What     Happening
	At       time.Time
	Status   int           // for HappenedRinging
	Key      byte          // for HappenedKey: 0-9, *, #, A-D
	Duration time.Duration // for HappenedKey: how long it was held, 0 when unknown
}

type phase string

const (
	phaseSetup  phase = "setup"  // not answered yet
	phaseUp     phase = "up"     // answered
	phaseEnding phase = "ending" // our BYE is under way
	phaseOver   phase = "over"
)

// Call is one call, out or in. Its methods can be called from any goroutine; they return at once, and what they ask for
// is done in the call's own order.
type Call struct {
	agent   *Agent
	trunk   *Trunk // nil for a call in
	key     callKey
	inbound bool
	twin    bool // another answer to the same INVITE
	box     mailbox
	ctx     context.Context // of the setup: ends when we hang up, and with it dialling and looking up
	cancel  context.CancelFunc
	wait    context.Context // what connections are waited for with: ctx, and at first the caller's too
	done    chan struct{}

	invitation *sip.Request // of a call in; never changed

	mu    sync.Mutex // guards final, for readers outside the mailbox
	final Final

	// The following belong to the mailbox.
	phase  phase
	from   string // our user part
	media  Media
	events func(*Call, Event)
	auth   auth
	legs   []*leg // one for each branch of a fork that has answered anything
	leg    *leg   // the one that the call goes by, once it is answered
	out    *outgoing
	in     *incoming

	guard   *guarding // of a call in: who must sign its requests in
	quirks  Quirks
	turned  map[string]ackSent // branches of a fork that were turned away, by their tag
	acked   ackSent
	waiting *confirmation // a 2xx of ours that waits for its ACK
	offered *exchange     // an INVITE or UPDATE of ours inside the call that waits for its answer
	timers  session
	ending  ending
}

// ackSent is the last ACK of a 2xx: it is sent again for every repetition of that.
type ackSent struct {
	cseq uint32
	data []byte
	flow transport.Flow
}

// ending is how a call is to end once it can.
type ending struct {
	wanted bool
	how    Ending
	reason string // Reason value of our CANCEL or BYE
}

func newCall(a *Agent, key callKey) *Call {
	c := &Call{agent: a, key: key, phase: phaseSetup, done: make(chan struct{})}
	c.box.gate = &a.gate
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.wait = c.ctx
	return c
}

// ID is the Call-ID.
func (c *Call) ID() string { return c.key.callID }

// Done is closed when the call is over and Final is known.
func (c *Call) Done() <-chan struct{} { return c.done }

// Final is what is known of the call so far, and all that will be when Done is closed.
func (c *Call) Final() Final {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.final
}

// note changes what is known.
func (c *Call) note(f func(*Final)) {
	c.mu.Lock()
	f(&c.final)
	c.mu.Unlock()
}

func (c *Call) tell(e Event) {
	if c.events != nil {
		c.events(c, e)
	}
}

// Hangup ends the call: by CANCEL while it rings, by BYE when it is up, by 603 when it is theirs and not answered yet.
func (c *Call) Hangup() {
	c.cancel()
	c.box.post(func() { c.hangup(EndCancelled, "") })
}

// HangupWith is Hangup with a Q.850 cause for the far end's records (RFC 3326): 16 normal clearing, 31 unspecified.
func (c *Call) HangupWith(cause int, text string) {
	c.cancel()
	c.box.post(func() { c.hangup(EndCancelled, reasonQ850(cause, text)) })
}

// hangup is what every end of ours goes through; how is what it is called if the call was not answered.
func (c *Call) hangup(how Ending, reason string) {
	switch c.phase {
	case phaseUp:
		if how == EndCancelled || how == EndRingTimeout {
			how = EndBye
		}
		c.bye(how, reason)
	case phaseSetup:
		if c.ending.wanted {
			return
		}
		c.ending = ending{wanted: true, how: how, reason: reason}
		c.note(func(f *Final) { f.EndedBy = Us })
		if c.inbound {
			c.decline()
		} else {
			c.withdraw()
		}
	case phaseEnding, phaseOver:
	}
}

// bye ends a call that is up.
func (c *Call) bye(how Ending, reason string) {
	c.phase = phaseEnding
	c.timers.stop()
	c.note(func(f *Final) { f.End, f.EndedBy, f.Ended = how, Us, time.Now() })
	if c.waiting != nil && c.waiting.first {
		c.waiting.then = func() { c.part(reason) } // RFC 3261 section 15: not before the ACK
		return
	}
	c.part(reason)
}

// part sends the BYE of the call's leg and waits for its answer.
func (c *Call) part(reason string) {
	c.sendBye(c.leg, reason, func(r *sip.Response) {
		if r != nil {
			c.acked.data = nil // it knows, and repeats its 2xx no more
		}
		c.over()
	})
}

func (c *Call) sendBye(l *leg, reason string, then func(*sip.Response)) {
	var fields []Field
	if reason != "" {
		fields = []Field{{Name: "Reason", Value: reason}}
	}
	c.inside(l, "BYE", fields, nil, func(r *sip.Response, _ error) { then(r) }).send()
}

// over ends the call for good, whatever there was to wait for.
func (c *Call) over() {
	if c.phase == phaseOver {
		return
	}
	c.phase = phaseOver
	c.cancel()
	c.timers.stop()
	if c.waiting != nil {
		c.waiting.stop()
		c.waiting = nil
	}
	if c.out != nil {
		c.out.stop()
	}
	c.note(func(f *Final) {
		if f.Ended.IsZero() {
			f.Ended = time.Now()
		}
	})
	g := grave{ack: c.acked.data, flow: c.acked.flow, trunk: c.trunk}
	if c.leg != nil {
		g.remoteTag = c.leg.remoteTag
	}
	c.agent.dismiss(c, g)
	close(c.done)
	c.tell(Event{What: HappenedEnded, At: c.final.Ended})
	c.media, c.events, c.out, c.in, c.legs, c.offered = nil, nil, nil, nil, nil, nil
}

// abandon ends the call without waiting for the far end: we are stopping and it has had its time.
func (c *Call) abandon() {
	c.box.post(func() {
		c.note(func(f *Final) {
			if f.End == "" {
				f.End = EndCancelled
			}
		})
		c.over()
	})
}

// after posts f when d has passed, unless the timer is stopped before.
func (c *Call) after(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() { c.box.post(f) })
}

// request takes a request of the far end inside this call.
func (c *Call) request(s *transaction.Server) {
	if !c.box.offer(func() { c.onRequest(s) }) {
		s.Stop() // it is repeated, if it is meant
	}
}

func (c *Call) onRequest(s *transaction.Server) {
	l := c.legOf(message.Tag(message.Header(s.Request, "From")))
	if l == nil || c.phase == phaseOver {
		c.agent.reply(s, &message.Reply{Status: 481, Tag: c.key.tag})
		return
	}
	n, _, _ := message.CSeq(s.Request)
	if l.heard && n <= l.remoteCSeq {
		c.agent.reply(s, &message.Reply{Status: 500, Reason: "CSeq Out Of Order", Tag: c.key.tag})
		return
	}
	l.heard, l.remoteCSeq = true, n
	switch s.Request.Method {
	case sip.BYE:
		c.onBye(l, s)
	case sip.INVITE:
		c.onReinvite(l, s)
	case sip.UPDATE:
		c.onUpdate(l, s)
	case sip.PRACK:
		c.onPrack(s)
	case sip.INFO:
		c.onInfo(s)
	case sip.OPTIONS:
		c.agent.reply(s, c.agent.abilities(c.key.tag))
	default:
		c.agent.reply(s, c.agent.notAllowed(c.key.tag))
	}
}

func (c *Call) onBye(l *leg, s *transaction.Server) {
	if !c.guarded(s) {
		return
	}
	c.agent.reply(s, &message.Reply{Status: 200, Tag: c.key.tag})
	if c.leg != nil && l != c.leg || c.phase == phaseOver {
		return
	}
	if c.phase == phaseSetup && !c.inbound {
		return // an early dialog ended; the INVITE is answered apart from that
	}
	cause, text := message.Cause(s.Request)
	c.note(func(f *Final) {
		if c.phase != phaseEnding || f.End == EndExpired { // it had not vanished: its BYE was slow
			f.End, f.EndedBy, f.Ended = EndBye, Them, s.At
		}
		f.Cause, f.CauseText = cause, text
	})
	c.acked.data = nil // whoever hangs up waits for no ACK
	if c.in != nil && c.phase == phaseSetup {
		c.agent.reply(c.in.server, &message.Reply{Status: 487, Tag: c.key.tag})
	}
	c.over()
}
