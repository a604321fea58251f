package voice

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/dialog"
	"campanario/voice/media"
)

var udp = dialog.Listen{Network: "UDP", Addr: "127.0.0.1:0"}

// TestCall makes a whole call over real signalling and sound: the far end hears the question, presses a key, hears the
// thanks and is hung up on.
func TestCall(t *testing.T) {
	f := newFar(t, udp, func(c *farCall) {
		c.Ring(dialog.Progress{})
		c.Accept(dialog.Acceptance{})
	})
	a := newAdapter(t, Options{})
	r := newReporter()
	line := f.line(`, "number": {"style": "plain", "prefix": "9"}, "caller_id": {"name": "Loja", "header": "p_asserted_identity"}, "codecs": ["PCMU"]`)
	ref, err := a.Place(t.Context(), orderTo(line, briefOf(t, keypadAgent, agent.Call{}, "paid"), "attempt-1"), r)
	if err != nil || ref != "attempt-1" {
		t.Fatalf("placed as %q: %v", ref, err)
	}
	c := <-f.calls
	if got := c.Called(); got != "95511987654321" {
		t.Errorf("called %s", got)
	}
	if got := c.Header("P-Asserted-Identity"); got != `"Loja" <sip:551130001000@127.0.0.1>` {
		t.Errorf("asserted %s", got)
	}
	c.until(t, "the question", func() bool { return c.heard(500) > 400*time.Millisecond })
	if err := c.leg.SendKeys("1"); err != nil {
		t.Fatal(err)
	}
	c.until(t, "the thanks", func() bool { return c.heard(800) > 900*time.Millisecond })
	o := r.within(t, 20*time.Second)
	if o.Code != channel.Completed || !o.Goal || o.HungUpBy != "us" || o.AnsweredBy != "human" || o.Talk < 1500*time.Millisecond {
		t.Errorf("outcome %+v", o)
	}
	if diff := cmp.Diff(map[string]string{"paid": "true"}, o.Collected); diff != "" {
		t.Error(diff)
	}
	<-c.Done()
	if fin := c.Final(); fin.End != dialog.EndBye || fin.EndedBy != dialog.Them {
		t.Errorf("the far end saw %s by %s", fin.End, fin.EndedBy)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// The key cut the question short; the thanks were heard whole.
	if q, th := c.heard(500), c.heard(800); q > 980*time.Millisecond || th < 940*time.Millisecond || th > 1040*time.Millisecond {
		t.Errorf("the question was heard for %v, the thanks for %v", q, th)
	}
	var stages []channel.Stage
	for _, s := range r.signals {
		if s.Step == "" {
			stages = append(stages, s.Stage)
		}
	}
	if diff := cmp.Diff([]channel.Stage{channel.StageRinging, channel.StageAnswered}, stages); diff != "" {
		t.Error(diff)
	}
}

// TestFarEnds has one behaviour of the far end per row.
func TestFarEnds(t *testing.T) {
	pick := func(c *farCall) { c.Accept(dialog.Acceptance{}) }
	tests := []struct {
		name   string
		take   func(c *farCall)
		then   func(t *testing.T, a *Adapter, c *farCall)
		code   channel.Code
		sip    string
		hung   string
		reason string
	}{
		{"busy", func(c *farCall) { c.Reject(486, "") }, nil, channel.Busy, "486", "", ""},
		{"no such number", func(c *farCall) { c.Reject(404, "") }, nil, channel.InvalidNumber, "404", "", ""},
		{"congestion", func(c *farCall) { c.Reject(503, "", dialog.Field{Name: "Retry-After", Value: "7"}) }, nil, channel.Congested, "503", "", "sip_congestion"},
		{"stopped while ringing", func(c *farCall) { c.Ring(dialog.Progress{}) }, func(t *testing.T, a *Adapter, c *farCall) {
			a.Stop("attempt-1")
			a.Stop("attempt-2") // there is none
		}, channel.Cancelled, "487", "", ""},
		{"they hang up", pick, func(t *testing.T, _ *Adapter, c *farCall) {
			c.until(t, "the question", func() bool { return c.heard(500) > 200*time.Millisecond })
			c.Hangup()
		}, channel.Silent, "200", "them", ""},
		{"they say stop", pick, func(t *testing.T, _ *Adapter, c *farCall) {
			c.until(t, "the question", func() bool { return c.heard(500) > 200*time.Millisecond })
			_ = c.leg.SendKeys("9")
			c.until(t, "the apology", func() bool { return c.heard(1000) > 900*time.Millisecond })
		}, channel.OptedOut, "200", "us", ""},
		{"an announcement before the answer", func(c *farCall) { c.Ring(dialog.Progress{Status: 183, Media: true}) }, func(t *testing.T, _ *Adapter, c *farCall) {
			c.until(t, "silence of ours", func() bool { return len(c.frames) > 10000 })
			if c.heard(500) > 0 {
				t.Error("the agent spoke before the answer")
			}
			c.Accept(dialog.Acceptance{})
			c.until(t, "the question", func() bool { return c.heard(500) > 900*time.Millisecond })
			_ = c.leg.SendKeys("1")
		}, channel.Completed, "200", "us", ""},
		{"held for a while", pick, func(t *testing.T, _ *Adapter, c *farCall) {
			c.until(t, "the question", func() bool { return c.heard(500) > 200*time.Millisecond })
			c.Reinvite()
			c.until(t, "the rest of it", func() bool { return c.heard(500) > 900*time.Millisecond })
			_ = c.leg.SendKeys("1")
			c.until(t, "the thanks", func() bool { return c.heard(800) > 900*time.Millisecond })
		}, channel.Completed, "200", "us", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFar(t, udp, tt.take)
			a := newAdapter(t, Options{})
			r := newReporter()
			if _, err := a.Place(t.Context(), orderTo(f.line(""), briefOf(t, keypadAgent, agent.Call{}, ""), "attempt-1"), r); err != nil {
				t.Fatal(err)
			}
			c := <-f.calls
			if tt.then != nil {
				tt.then(t, a, c)
			}
			o := r.within(t, 30*time.Second)
			if o.Code != tt.code || o.ProviderCode != tt.sip || o.HungUpBy != tt.hung || o.Reason != tt.reason {
				t.Errorf("%s %s by %q, %q; want %s %s by %q, %q", o.Code, o.ProviderCode, o.HungUpBy, o.Reason, tt.code, tt.sip, tt.hung, tt.reason)
			}
			if tt.name == "congestion" && o.RetryAfter != 7*time.Second {
				t.Errorf("retry after %v", o.RetryAfter)
			}
		})
	}
}

// TestNoSound holds that a call on which nothing is heard at all is not kept open.
func TestNoSound(t *testing.T) {
	f := newFar(t, udp, func(c *farCall) {
		c.Accept(dialog.Acceptance{})
	})
	a := newAdapter(t, Options{Media: media.Options{Quiet: time.Second}})
	r := newReporter()
	if _, err := a.Place(t.Context(), orderTo(f.line(""), briefOf(t, keypadAgent, agent.Call{}, ""), "attempt-1"), r); err != nil {
		t.Fatal(err)
	}
	c := <-f.calls
	for e := range c.events {
		if e.What == dialog.HappenedAnswered {
			break
		}
	}
	c.leg.session.Stop() // from now on it sends nothing
	if o := r.within(t, 20*time.Second); o.Code != channel.Silent || o.Reason != ReasonNoAudio || o.HungUpBy != "us" {
		t.Errorf("%s %q by %s", o.Code, o.Reason, o.HungUpBy)
	}
}

// TestNotPlaced holds that whoever was not disturbed is not counted.
func TestNotPlaced(t *testing.T) {
	f := newFar(t, udp, func(c *farCall) { c.Ring(dialog.Progress{}) })
	brief := briefOf(t, keypadAgent, agent.Call{}, "")
	full := f.line(`, "media_ports": {"min": 21000, "max": 21001}`)
	full.ID = "full"
	nobody := f.line("")
	nobody.ID, nobody.Settings = "nobody", []byte(`{"gateways": [{"host": "127.0.0.1", "port": 1, "transport": "tcp"}]}`)
	tests := []struct {
		name   string
		order  channel.Order
		code   channel.Code
		reason string
	}{
		{"nobody listens", orderTo(nobody, brief, "a1"), channel.LineFailed, "sip_connection_refused"},
		{"settings", orderTo(lineTo("127.0.0.1:1", `, "x": 1`), brief, "a2"), channel.LineFailed, ReasonBadLine},
		{"content", channel.Order{Attempt: "a3", Line: f.line(""), Content: &agent.Message{}}, channel.LineFailed, ReasonBadContent},
		{"an agent that nothing speaks for", orderTo(f.line(""), &agent.Brief{Agent: &agent.Agent{Kind: agent.KindRealtime}}, "a4"), channel.LineFailed, ReasonNoEngine},
		{"no port", orderTo(full, brief, "a5"), channel.Congested, "media_no_port"},
	}
	a := newAdapter(t, Options{})
	if _, err := a.Place(t.Context(), orderTo(full, brief, "fills-the-ports"), newReporter()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		r := newReporter()
		_, err := a.Place(t.Context(), tt.order, r)
		var not *channel.NotPlaced
		if !errors.As(err, &not) || !errors.Is(err, channel.ErrNotPlaced) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if o := not.Outcome; o.Code != tt.code || o.Reason != tt.reason || o.Code.Class() != channel.ClassFault || o.At.IsZero() {
			t.Errorf("%s: %+v", tt.name, o)
		}
		if len(r.closes)+len(r.signals) > 0 {
			t.Errorf("%s: reported %+v", tt.name, r.closes)
		}
	}
	// A number that is none ends its attempt without a call.
	o, r := orderTo(f.line(""), brief, "a6"), newReporter()
	o.To = "11987654321"
	if _, err := a.Place(t.Context(), o, r); err != nil || r.within(t, time.Second).Code != channel.InvalidNumber {
		t.Errorf("a number that is none: %v", err)
	}
	// The same attempt twice is told apart from one that disturbed nobody.
	if _, err := a.Place(t.Context(), orderTo(f.line(""), brief, "fills-the-ports"), newReporter()); err == nil || errors.Is(err, channel.ErrNotPlaced) {
		t.Errorf("the same attempt twice: %v", err)
	}
	if a.Live() != 1 {
		t.Errorf("%d calls are open, want the one that rings", a.Live())
	}
}

// TestDrain holds that open calls go on until the time is over, that none is taken meanwhile, and that all report.
func TestDrain(t *testing.T) {
	f := newFar(t, udp, func(c *farCall) { c.Accept(dialog.Acceptance{}) })
	a := newAdapter(t, Options{})
	brief := briefOf(t, keypadAgent, agent.Call{}, "")
	place := func(id string) *reporter {
		r := newReporter()
		if _, err := a.Place(t.Context(), orderTo(f.line(""), brief, id), r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	stays, ends := place("stays"), place("ends")
	calls := map[string]*farCall{}
	for range 2 {
		c := <-f.calls
		calls[c.ID()] = c
	}
	ctx, cancel := context.WithCancel(context.Background())
	drained := make(chan struct{})
	go func() {
		a.Drain(ctx)
		close(drained)
	}()
	c := calls["ends"]
	c.until(t, "the question while draining", func() bool { return c.heard(500) > 900*time.Millisecond })
	_ = c.leg.SendKeys("1")
	if o := ends.within(t, 20*time.Second); o.Code != channel.Completed || o.Reason != "" {
		t.Errorf("the call that ends by itself: %s %s", o.Code, o.Reason)
	}
	var not *channel.NotPlaced
	if _, err := a.Place(t.Context(), orderTo(f.line(""), brief, "late"), newReporter()); !errors.As(err, &not) || not.Outcome.Reason != ReasonNodeStopping {
		t.Errorf("a call while draining: %v", err)
	}
	cancel()
	<-drained
	if o := stays.within(t, time.Second); o.HungUpBy != "us" {
		t.Errorf("the call that stays: %+v", o)
	}
	<-calls["stays"].Done()
	a.Drain(ctx)
	if a.Live() != 0 || a.Media().Sessions() != 0 {
		t.Errorf("%d calls and %d sessions are left", a.Live(), a.Media().Sessions())
	}
}

func TestCheck(t *testing.T) {
	f := newFar(t, udp, func(c *farCall) { c.Reject(486, "") })
	a := newAdapter(t, Options{})
	if err := a.Check(t.Context(), f.line("")); err != nil {
		t.Errorf("a line that works: %v", err)
	}
	if err := a.Check(t.Context(), lineTo("127.0.0.1:1", "")); err == nil {
		t.Error("a line to nobody works")
	}
	if err := a.Check(t.Context(), lineTo("127.0.0.1:1", `, "x": 1`)); err == nil {
		t.Error("a line with bad settings works")
	}
	// One that is in use, with these settings and with others.
	r := newReporter()
	if _, err := a.Place(t.Context(), orderTo(f.line(""), briefOf(t, keypadAgent, agent.Call{}, ""), "x"), r); err != nil {
		t.Fatal(err)
	}
	r.within(t, 10*time.Second)
	if err := a.Check(t.Context(), f.line("")); err != nil {
		t.Errorf("a line in use: %v", err)
	}
	if err := a.Check(t.Context(), f.line(`, "domain": "x.example"`)); err != nil {
		t.Errorf("a line in use, with other settings: %v", err)
	}
	if err := a.Validate(f.line("").Settings); err != nil || a.Secrets()[0] != "password" {
		t.Errorf("validate: %v", err)
	}
}

// TestManyCalls makes calls at once and holds that each reports once, with what its own far end did.
func TestManyCalls(t *testing.T) {
	const calls = 60
	f := newFar(t, udp, func(c *farCall) {
		switch c.ID()[len(c.ID())-1] % 3 {
		case 0:
			c.Reject(486, "")
		case 1:
			c.Accept(dialog.Acceptance{})
			c.Hangup()
		default:
			c.Accept(dialog.Acceptance{})
			c.leg.Play(nil)
			go func() {
				<-c.events
				_ = c.leg.SendKeys("1")
			}()
		}
	})
	a := newAdapter(t, Options{})
	brief := briefOf(t, keypadAgent, agent.Call{}, "paid")
	var all [calls]*reporter
	for i := range all {
		all[i] = newReporter()
		if _, err := a.Place(t.Context(), orderTo(f.line(""), brief, fmt.Sprintf("attempt-%03d", i)), all[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range all {
		o := r.within(t, time.Minute)
		want := channel.Busy
		switch fmt.Sprint(i % 10)[0] % 3 {
		case 1:
			want = channel.Silent
		case 2:
			want = channel.Completed
		}
		if o.Code != want || o.Goal != (want == channel.Completed) {
			t.Errorf("call %d: %s, goal %v; want %s", i, o.Code, o.Goal, want)
		}
	}
}
