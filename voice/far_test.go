package voice

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/audio"
	"campanario/voice/dialog"
	"campanario/voice/media"
	"campanario/voice/speech"
)

// far is the other end of real calls on loopback: a user agent and sound of its own.
type far struct {
	t     *testing.T
	agent *dialog.Agent
	media *media.Stack
	calls chan *farCall
}

// farCall is a call at the far end. What it heard is kept.
type farCall struct {
	*dialog.Call
	leg *sipLeg

	mu      sync.Mutex
	frames  []int16
	keys    string
	changed chan struct{} // closed and replaced whenever something was heard
	events  chan dialog.Event
}

// newFar starts a far end whose calls take what happens from take, which runs when the INVITE has come.
func newFar(t *testing.T, listen dialog.Listen, take func(c *farCall)) *far {
	t.Helper()
	f := &far{t: t, calls: make(chan *farCall, 64)}
	var err error
	f.agent, err = dialog.New(dialog.Options{Listen: []dialog.Listen{listen}, Incoming: func(c *dialog.Call) {
		fc := &farCall{Call: c, changed: make(chan struct{}), events: make(chan dialog.Event, 64)}
		session, err := f.media.NewSession(media.Handlers{Frame: fc.frame, Key: fc.key})
		if err != nil {
			c.Reject(500, "")
			return
		}
		fc.leg = newSIPLeg(session, nil)
		fc.leg.sip = c
		c.Handle(fc.leg, func(_ *dialog.Call, e dialog.Event) { fc.events <- e })
		f.calls <- fc
		take(fc)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if f.media, err = media.New(media.Options{}); err != nil {
		t.Fatal(err)
	}
	f.media.Start()
	if err := f.agent.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.agent.Stop()
		f.media.Stop()
	})
	return f
}

func (c *farCall) note(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *farCall) frame(samples []int16) {
	c.note(func() { c.frames = append(c.frames, samples...) })
}

func (c *farCall) key(k rune) { c.note(func() { c.keys += string(k) }) }

// until waits for something that was heard.
func (c *farCall) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		c.mu.Lock()
		is, changed := ok(), c.changed
		c.mu.Unlock()
		if is {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the far end waited in vain for %s", what)
		}
	}
}

// heard is how long a tone of the frequency was heard. The lock is held.
func (c *farCall) heard(hz float64) time.Duration { return toneTime(c.frames, hz) }

// toneTime adds up the frames in which a tone of the frequency is most of what there is.
func toneTime(samples []int16, hz float64) time.Duration {
	frames := 0
	for frame := range slices.Chunk(samples, audio.FrameSize) {
		total := 0.0
		for _, s := range frame {
			total += float64(s) * float64(s)
		}
		if total > 1e6 && goertzel(frame, hz) > 0.7*total {
			frames++
		}
	}
	return time.Duration(frames) * audio.FrameDuration
}

// goertzel is the energy of a frame at one frequency.
func goertzel(frame []int16, hz float64) float64 {
	k := 2 * math.Cos(2*math.Pi*hz/audio.Rate)
	a, b := 0.0, 0.0
	for _, s := range frame {
		a, b = float64(s)+k*a-b, a
	}
	return (a*a + b*b - k*a*b) * 2 / float64(len(frame))
}

// toneSpeaker says "… 500" as a second of 500 Hz.
type toneSpeaker struct{}

func (toneSpeaker) Speak(_ context.Context, s speech.Request) ([]int16, error) {
	words := strings.Fields(s.Text)
	hz, err := strconv.ParseFloat(words[len(words)-1], 64)
	if err != nil {
		return nil, err
	}
	return sine(hz, time.Second), nil
}

func sine(hz float64, d time.Duration) []int16 {
	out := make([]int16, audio.Samples(d))
	for i := range out {
		out[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/audio.Rate))
	}
	return out
}

// newAdapter starts an adapter on loopback.
func newAdapter(t *testing.T, o Options) *Adapter {
	t.Helper()
	o.SIP.Listen = []dialog.Listen{{Network: "UDP", Addr: "127.0.0.1:0"}, {Network: "TCP", Addr: "127.0.0.1:0"}}
	if o.Speaker == nil {
		o.Speaker = toneSpeaker{}
	}
	if testing.Verbose() {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		a.Drain(ctx)
	})
	return a
}

// lineTo is a line whose calls go to an address.
func lineTo(addr string, more string) channel.Line {
	host, port, _ := strings.Cut(addr, ":")
	return channel.Line{
		ID: "line-" + addr, Workspace: "w", Kind: channel.Voice, From: "+551130001000", Enabled: true,
		Settings: json.RawMessage(fmt.Sprintf(`{"gateways": [{"host": %q, "port": %s}]%s}`, host, port, more)),
	}
}

func (f *far) line(more string) channel.Line {
	return lineTo(f.agent.Addrs("UDP")[0].String(), more)
}

const keypadAgent = `
name: Keypad
variables: [{name: paid, type: boolean}]
script:
  start: question
  steps:
    question:
      ask:
        say: "Tecle um, {{name}}. 500"
        keys: {"1": yes, "9": stop}
        timeout: 3s
        retries: 0
        no_input: bye
    yes: {set: {paid: "true"}, next: thanks}
    thanks: {say: "Obrigado. 800", next: end}
    stop: {opt_out: true, next: sorry}
    sorry: {say: "Desculpe. 1000", next: end}
    bye: {say: "Até logo. 650", next: end}
`

func briefOf(t *testing.T, file string, c agent.Call, goal string) *agent.Brief {
	t.Helper()
	a, err := agent.ParseAgent([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	p, err := agent.NewPlan(a, c, goal)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Brief(agent.Variables{"name": "Maria"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func orderTo(l channel.Line, b *agent.Brief, attempt string) channel.Order {
	return channel.Order{Attempt: attempt, Line: l, To: "+5511987654321", Content: b}
}

// within waits for an outcome.
func (r *reporter) within(t *testing.T, d time.Duration) channel.Outcome {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(d):
		t.Fatalf("no outcome after %v", d)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closes[0]
}
