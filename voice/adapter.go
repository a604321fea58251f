package voice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/voice/dialog"
	"campanario/voice/media"
	"campanario/voice/speech"
)

// Options are what an Adapter is made from.
type Options struct {
	SIP   dialog.Options // where it listens; Incoming and Log are the adapter's own when they are nil
	Media media.Options

	Speaker speech.Speaker // makes the speech of scripts and of messages on machines
	Sounds  Sounds         // finds WAV files, such as *speech.Files; may be nil

	// Engines are the engines of further kinds of agent. agent.KindScript is always there.
	Engines map[agent.Kind]Engine
	// Usage is told what a conversation cost at its provider; may be nil. It must not block.
	Usage func(channel.Order, Usage)
	Log   *slog.Logger // nil for none
}

// Adapter is the channel.Adapter of channel.Voice: it calls people over SIP trunks and has agents talk to them.
type Adapter struct {
	opt     Options
	log     *slog.Logger
	agent   *dialog.Agent
	media   *media.Stack
	trunks  *trunks
	engines map[agent.Kind]Engine
	leaver  Engine

	mu       sync.Mutex
	started  bool
	stopping bool
	calls    map[string]*call
	open     sync.WaitGroup // calls
}

var (
	_ channel.Adapter   = (*Adapter)(nil)
	_ channel.Stopper   = (*Adapter)(nil)
	_ channel.Checker   = (*Adapter)(nil)
	_ channel.Validator = (*Adapter)(nil)
	_ channel.Stander   = (*Adapter)(nil)
)

// New makes an adapter; nothing is bound before Start.
func New(o Options) (*Adapter, error) {
	if o.Speaker == nil {
		return nil, errors.New("voice: no speaker")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.SIP.Log == nil {
		o.SIP.Log = o.Log
	}
	sip, err := dialog.New(o.SIP)
	if err != nil {
		return nil, err
	}
	sound, err := media.New(o.Media)
	if err != nil {
		return nil, err
	}
	scripts := NewScripts(o.Speaker, o.Sounds, o.Log)
	a := &Adapter{
		opt: o, log: o.Log, agent: sip, media: sound, leaver: scripts.leaver(), calls: map[string]*call{},
		engines: map[agent.Kind]Engine{agent.KindScript: scripts},
		trunks:  &trunks{agent: sip, media: sound, options: o.Media, lines: map[string]*way{}, ranges: map[PortRange]*media.Stack{}},
	}
	maps.Copy(a.engines, o.Engines)
	return a, nil
}

// Start binds the sockets. It can be called once.
func (a *Adapter) Start(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.agent.Start(ctx); err != nil {
		return err
	}
	a.media.Start()
	a.started = true
	return nil
}

// Drain takes no more calls, lets those that are open go on until ctx ends, hangs the rest up, and closes everything. All
// calls have reported when it returns. It can be called again.
func (a *Adapter) Drain(ctx context.Context) {
	a.mu.Lock()
	started := a.started
	a.stopping = true
	a.mu.Unlock()
	if !started {
		return
	}
	done := make(chan struct{})
	go func() {
		a.open.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		for _, c := range a.snapshot() {
			c.box.post(c.stop)
		}
		<-done
	}
	a.trunks.stop()
	a.agent.Stop() //nolint:contextcheck // ctx is over by now; leaving has its own time
	a.media.Stop()
}

func (a *Adapter) snapshot() []*call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.calls))
}

// Live is how many calls are open, ringing ones included.
func (a *Adapter) Live() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

// SIP is the user agent, for its addresses and counts.
func (a *Adapter) SIP() *dialog.Agent { return a.agent }

// Media is the sound of lines without ports of their own, for its punctuality.
func (a *Adapter) Media() *media.Stack { return a.media }

// notPlaced says that nobody was disturbed, and why.
func notPlaced(code channel.Code, reason string) *channel.NotPlaced {
	return &channel.NotPlaced{Outcome: channel.Outcome{Code: code, At: time.Now(), Reason: reason}}
}

// Place implements channel.Adapter: the INVITE has been written when it returns. The reference is the Call-ID.
func (a *Adapter) Place(ctx context.Context, o channel.Order, r channel.Reporter) (string, error) {
	brief, ok := o.Content.(*agent.Brief)
	if !ok {
		return "", notPlaced(channel.LineFailed, ReasonBadContent)
	}
	engine := a.engines[brief.Agent.Kind]
	if engine == nil {
		return "", notPlaced(channel.LineFailed, ReasonNoEngine)
	}
	way, err := a.trunks.get(o.Line, time.Now()) //nolint:contextcheck // a trunk outlives the call it was opened for
	if err != nil {
		a.log.Warn("a line cannot be used", "line", o.Line.ID, "error", err)
		return "", notPlaced(channel.LineFailed, ReasonBadLine)
	}
	to, ok := way.settings.Number.Dial(o.To)
	if !ok {
		// It will never be one: the attempt ends here, without a call, and not by the line's fault.
		r.Close(channel.Outcome{Code: channel.InvalidNumber, At: time.Now(), Reason: ReasonBadNumber})
		return "", nil
	}
	c := newCall(o, brief, r, engine, a.leaver, a.log)
	c.onUsage = a.opt.Usage
	c.ears = newEars(brief.Call.Detection)
	if err := a.enrol(c); err != nil {
		c.cancel()
		return "", err
	}
	ref, err := a.invite(ctx, c, way, to)
	if err != nil {
		c.cancel()
		a.forget(c)
		return "", err
	}
	go func() {
		defer a.forget(c)
		c.run()
	}()
	return ref, nil
}

// errTwice is no fault of the line's: whether the other one with this name disturbed anybody is not known here.
var errTwice = errors.New("voice: the attempt is open already")

func (a *Adapter) enrol(c *call) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !a.started || a.stopping:
		return notPlaced(channel.LineFailed, ReasonNodeStopping)
	case a.calls[c.order.Attempt] != nil:
		return errTwice
	}
	a.calls[c.order.Attempt] = c
	a.open.Add(1)
	return nil
}

func (a *Adapter) forget(c *call) {
	a.mu.Lock()
	delete(a.calls, c.order.Attempt)
	a.mu.Unlock()
	a.open.Done()
}

// invite sends the INVITE of a call.
func (a *Adapter) invite(ctx context.Context, c *call, w *way, to string) (ref string, err error) {
	session, err := w.media.NewSession(media.Handlers{Frame: c.frame, Key: c.key, Quiet: c.unheard}) //nolint:contextcheck // binding a port waits for nothing
	if err != nil {
		return "", notPlaced(channel.Congested, fault.CodeOf(err))
	}
	l := newSIPLeg(session, w.settings.Codecs)
	from := w.settings.Number.Caller(c.order.Line.From)
	inv := dialog.Invite{
		ID: c.order.Attempt, To: to, From: from, Name: w.settings.CallerID.Name, Ring: c.brief.Call.RingTimeout.D(),
		Media: l, Events: func(_ *dialog.Call, e dialog.Event) { c.signal(e) },
	}
	if f, ok := w.settings.identity(from, w.settings.domain()); ok {
		inv.Fields = append(inv.Fields, f)
	}
	c.leg = l
	l.sip, err = w.trunk.Call(ctx, inv)
	if err != nil {
		session.Close()
		a.log.Warn("a call could not be made", "line", c.order.Line.ID, "attempt", c.order.Attempt, "error", err)
		return "", notPlaced(channel.LineFailed, ReasonBadLine)
	}
	select {
	case <-l.sip.Done():
		if f := l.sip.Final(); !f.Delivered {
			session.Close()
			return "", undelivered(ctx, f)
		}
	default:
	}
	return l.sip.ID(), nil
}

// undelivered is a call whose INVITE reached nobody.
func undelivered(ctx context.Context, f dialog.Final) error {
	o := f.Outcome()
	if o.Code.Class() != channel.ClassFault {
		o.Code, o.Reason = channel.LineFailed, ReasonNotInTime
		if ctx.Err() == nil {
			o.Reason = ReasonStopped
		}
	}
	if o.At.IsZero() {
		o.At = time.Now()
	}
	return &channel.NotPlaced{Outcome: o}
}

// Stop implements channel.Stopper: the call is hung up, or its ringing ended.
func (a *Adapter) Stop(attempt string) {
	a.mu.Lock()
	c := a.calls[attempt]
	a.mu.Unlock()
	if c != nil {
		c.box.post(c.stop)
	}
}

// Check implements channel.Checker: it registers, or asks the gateways for a sign of life.
func (a *Adapter) Check(ctx context.Context, l channel.Line) error { return a.trunks.check(ctx, l) }

// Standing implements channel.Stander: how the gateways took the line's registration, which begins with its first call.
func (a *Adapter) Standing(line string) (channel.Standing, bool) { return a.trunks.standing(line) }

// Validate implements channel.Validator.
func (a *Adapter) Validate(raw json.RawMessage) error {
	_, err := ReadSettings(raw)
	return err
}

// Secrets implements channel.Validator.
func (a *Adapter) Secrets() []string { return []string{"password"} }
