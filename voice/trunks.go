package voice

import (
	"context"
	"errors"
	"sync"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/voice/dialog"
	"campanario/voice/media"
)

// trunks are the ways out of the lines that calls are made on. A line's trunk is opened with its first call, kept as long
// as its settings stay the same, and given up when it has not been used for a while. Calls outlive their trunk.
type trunks struct {
	agent   *dialog.Agent
	media   *media.Stack // for lines without a range of their own
	options media.Options

	mu     sync.Mutex
	closed bool
	lines  map[string]*way
	ranges map[PortRange]*media.Stack
	gone   sync.WaitGroup // trunks being closed
}

// way is one line's trunk.
type way struct {
	raw      string // the settings it was made from
	settings Settings
	trunk    *dialog.Trunk
	media    *media.Stack
	used     time.Time
}

// idleTrunk is how long a trunk that registers nowhere is kept without a call.
const idleTrunk = 15 * time.Minute

var errTrunksClosed = errors.New("voice: the adapter is stopped")

// get gives the way out of a line, opened if need be. The error is a fault about the line's settings.
func (t *trunks) get(l channel.Line, now time.Time) (*way, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errTrunksClosed
	}
	w := t.lines[l.ID]
	if w == nil || w.raw != string(l.Settings) {
		next, err := t.open(l)
		if err != nil {
			return nil, err
		}
		if w != nil {
			t.close(w)
		}
		w = next
		t.lines[l.ID] = w
	}
	w.used = now
	t.sweep(now)
	return w, nil
}

// open makes a trunk. The lock is held.
func (t *trunks) open(l channel.Line) (*way, error) {
	s, err := ReadSettings(l.Settings)
	if err != nil {
		return nil, err
	}
	w := &way{raw: string(l.Settings), settings: s, media: t.media}
	if s.Ports != (PortRange{}) {
		if w.media, err = t.stack(s.Ports); err != nil {
			return nil, err
		}
	}
	w.trunk, err = t.agent.Trunk(s.trunk(l))
	return w, err
}

// stack gives the sound of lines with a range of ports of their own. The lock is held.
func (t *trunks) stack(r PortRange) (*media.Stack, error) {
	if s := t.ranges[r]; s != nil {
		return s, nil
	}
	o := t.options
	o.Ports.Min, o.Ports.Max = uint16(r.Min), uint16(r.Max)
	s, err := media.New(o)
	if err != nil {
		return nil, err
	}
	s.Start()
	t.ranges[r] = s
	return s, nil
}

// close gives a trunk up without waiting for its registrations to end.
func (t *trunks) close(w *way) {
	t.gone.Go(w.trunk.Close)
}

// sweep gives up what is not used. The lock is held.
func (t *trunks) sweep(now time.Time) {
	for id, w := range t.lines {
		if !w.settings.Register && now.Sub(w.used) > idleTrunk {
			t.close(w)
			delete(t.lines, id)
		}
	}
}

// check tells whether a line works. One that is in use with these settings is asked itself; any other gets a trunk for
// the purpose.
func (t *trunks) check(ctx context.Context, l channel.Line) error {
	t.mu.Lock()
	w := t.lines[l.ID]
	if w == nil || w.raw != string(l.Settings) {
		if t.closed {
			t.mu.Unlock()
			return fault.New(fault.Unavailable, ReasonNodeStopping, nil)
		}
		own, err := t.open(l) //nolint:contextcheck // its registration ends with the trunk, not with ctx
		if err != nil {
			t.mu.Unlock()
			return err
		}
		w = own
		defer own.trunk.Close() //nolint:contextcheck // leaving has its own time
	}
	t.mu.Unlock()
	return w.trunk.Check(ctx)
}

// standing tells how the gateways of a line that registers took that; false for one that does not, or was not used yet.
func (t *trunks) standing(line string) (channel.Standing, bool) {
	t.mu.Lock()
	w := t.lines[line]
	t.mu.Unlock()
	if w == nil || !w.settings.Register {
		return channel.Standing{}, false
	}
	var out []channel.GatewayStanding
	for _, s := range w.trunk.States() {
		g := channel.GatewayStanding{Gateway: s.Gateway, State: channel.Registering, Status: s.Refused}
		switch {
		case s.Registered:
			g.State = channel.Registered
		case s.Refused != 0:
			g.State = channel.Refused
		case s.Tried:
			g.State = channel.Unanswered
		}
		if !s.Since.IsZero() {
			g.Since = s.Since.UTC().Truncate(time.Millisecond)
		}
		out = append(out, g)
	}
	return channel.StandingOf(out), true
}

// stop closes all trunks and what sounds through their ports. No call is left by then.
func (t *trunks) stop() {
	t.mu.Lock()
	t.closed = true
	for id, w := range t.lines {
		t.close(w)
		delete(t.lines, id)
	}
	stacks := t.ranges
	t.ranges = nil
	t.mu.Unlock()
	t.gone.Wait()
	for _, s := range stacks {
		s.Stop()
	}
}
