package dialog

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"campanario/channel"
)

// pair is two agents on wires: calls go from one to the other.
type pair struct {
	t        *testing.T
	net      *wires
	out, in  *Agent
	trunk    *Trunk
	incoming chan *Call
	media    *sdpMedia // of the calls in
	seen     *watcher  // what the calls in meet
}

// together runs f inside a bubble, where hours pass in no time. answer says what calls in do.
func together(t *testing.T, opt TrunkOptions, answer func(p *pair, c *Call), f func(p *pair)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &pair{t: t, net: newWires(t), incoming: make(chan *Call, 16), media: newMedia(), seen: watch(t)}
		p.out = p.net.agent(Options{})
		p.in = p.net.agent(Options{Incoming: func(c *Call) {
			c.Handle(p.media, p.seen.see)
			answer(p, c)
			p.incoming <- c
		}})
		if opt.Gateways == nil {
			opt.Gateways = []string{"10.0.0.2"}
		}
		p.trunk = trunkFor(t, p.out, opt)
		defer func() {
			p.out.Stop()
			p.in.Stop()
			if t.Failed() {
				t.Log("\n" + p.net.lines())
			}
		}()
		f(p)
	})
}

func (p *pair) call(inv Invite) (*Call, *watcher, *sdpMedia) {
	p.t.Helper()
	w, m := watch(p.t), newMedia()
	if inv.To == "" {
		inv.To = "1"
	}
	inv.From, inv.Media, inv.Events = "2", m, w.see
	c, err := p.trunk.Call(context.Background(), inv)
	if err != nil {
		p.t.Fatal(err)
	}
	return c, w, m
}

func pickUp(_ *pair, c *Call) { c.Ring(Progress{}); c.Accept(Acceptance{}) }

func TestSessionIsRefreshedForHours(t *testing.T) {
	for _, by := range []Side{Us, Them} {
		t.Run(string(by), func(t *testing.T) {
			answer := func(_ *pair, c *Call) { c.Accept(Acceptance{Session: 30 * time.Minute, Refresher: by}) }
			together(t, TrunkOptions{}, answer, func(p *pair) {
				c, w, _ := p.call(Invite{})
				w.until(HappenedAnswered)
				<-time.After(5 * time.Hour)
				if n := p.net.sent("10.0.0.1", "UPDATE") + p.net.sent("10.0.0.2", "UPDATE"); n < 19 || n > 20 {
					t.Errorf("%d refreshes in five hours, want one every 15 minutes", n)
				}
				from := map[Side]string{Us: "10.0.0.2", Them: "10.0.0.1"}[by] // seen from the one who was called
				if p.net.sent(from, "UPDATE") == 0 {
					t.Errorf("%s did not refresh", from)
				}
				c.Hangup()
				if f := ended(t, c); f.End != EndBye || f.Talk() < 5*time.Hour {
					t.Errorf("%s after %s", f.End, f.Talk())
				}
			})
		})
	}
}

func TestSessionEndsWhenTheFarEndVanishes(t *testing.T) {
	answer := func(_ *pair, c *Call) { c.Accept(Acceptance{Session: 30 * time.Minute, Refresher: Them}) }
	together(t, TrunkOptions{}, answer, func(p *pair) {
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		p.net.lose(func(netip.AddrPort, string) bool { return true })
		f, g := ended(t, c), ended(t, in)
		// We refresh at 15 minutes, and give up 32 s later; they give up 32 s before the end of the half hour.
		if f.End != EndExpired || f.Talk() < 15*time.Minute || f.Talk() > 17*time.Minute {
			t.Errorf("caller: %s after %s", f.End, f.Talk())
		}
		if g.End != EndExpired || g.Talk() < 29*time.Minute || g.Talk() > 30*time.Minute {
			t.Errorf("called: %s after %s", g.End, g.Talk())
		}
		if o := f.Outcome(); o.Code != channel.Completed || o.Reason != "sip_far_end_vanished" {
			t.Errorf("outcome %s %q", o.Code, o.Reason)
		}
	})
}

func TestNothingIsHeard(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		p.net.lose(func(from netip.AddrPort, _ string) bool { return from.Addr().String() == "10.0.0.1" })
		c, _, _ := p.call(Invite{})
		f := ended(t, c)
		if f.End != EndNoResponse || f.Heard || !f.Delivered || f.Ring() != 32*time.Second {
			t.Errorf("%s after %s, heard %v, delivered %v", f.End, f.Ring(), f.Heard, f.Delivered)
		}
		if n := p.net.sent("10.0.0.1", "INVITE"); n != 7 {
			t.Errorf("the INVITE was sent %d times, want 7 (RFC 3261 section 17.1.1.2)", n)
		}
		if o := f.Outcome(); o.Code != channel.Unknown || o.Reason != "sip_no_response" {
			t.Errorf("outcome %s %q", o.Code, o.Reason)
		}
		// The gateway is silent now: the next call is not even sent.
		c, _, _ = p.call(Invite{})
		if f = ended(t, c); f.End != EndUnreachable || !f.Down || f.Delivered || f.Tried != 0 {
			t.Errorf("%s, down %v, delivered %v, tried %d", f.End, f.Down, f.Delivered, f.Tried)
		}
		if o := f.Outcome(); o.Code != channel.LineFailed || o.Reason != "sip_gateways_silent" {
			t.Errorf("outcome %s %q", o.Code, o.Reason)
		}
		// It answers a probe again, and calls go out again.
		p.net.lose(nil)
		<-time.After(time.Minute)
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		c.Hangup()
		ended(t, c)
	})
}

func TestNextGateway(t *testing.T) {
	refuseAll := func(p *pair, c *Call) {
		if p.in == c.agent {
			c.Reject(503, "", Field{Name: "Retry-After", Value: "5"})
		}
	}
	for name, silent := range map[string]bool{"refuses": false, "is silent": true} {
		t.Run(name, func(t *testing.T) {
			together(t, TrunkOptions{Gateways: []string{"10.0.0.2", "10.0.0.3"}}, refuseAll, func(p *pair) {
				second := p.net.agent(Options{Incoming: func(c *Call) {
					c.Handle(newMedia(), nil)
					c.Ring(Progress{})
					c.Accept(Acceptance{})
				}})
				defer second.Stop()
				if silent {
					p.net.lose(func(from netip.AddrPort, _ string) bool { return from.Addr().String() == "10.0.0.2" })
				}
				c, w, _ := p.call(Invite{})
				e, _ := w.until(HappenedAnswered)
				f := c.Final()
				if f.Tried != 2 || f.Gateway != "10.0.0.3" {
					t.Errorf("tried %d, ended on %s", f.Tried, f.Gateway)
				}
				if wait := e.At.Sub(f.Sent); silent != (wait >= 6*time.Second) || wait > 7*time.Second {
					t.Errorf("answered after %s", wait)
				}
				c.Hangup()
				ended(t, c)
			})
		})
	}
}

// A gateway that was given up for its silence must not leave a telephone ringing when it wakes.
func TestGivenUpGatewayIsCancelled(t *testing.T) {
	ringOnly := func(_ *pair, c *Call) { c.Ring(Progress{}) }
	together(t, TrunkOptions{Gateways: []string{"10.0.0.2", "10.0.0.3"}}, ringOnly, func(p *pair) {
		second := p.net.agent(Options{Incoming: func(c *Call) {
			c.Handle(newMedia(), nil)
			c.Ring(Progress{})
		}})
		defer second.Stop()
		p.net.lose(func(from netip.AddrPort, _ string) bool { return from.Addr().String() == "10.0.0.2" })
		c, w, _ := p.call(Invite{Ring: 30 * time.Second})
		w.until(HappenedRinging)
		p.net.lose(nil)
		in := <-p.incoming
		in.Ring(Progress{Status: 183}) // it wakes
		if f := ended(t, in); f.End != EndCancelled || f.EndedBy != Them {
			t.Errorf("the first gateway's call ended %s by %s", f.End, f.EndedBy)
		}
		if f := ended(t, c); f.End != EndRingTimeout || f.Ring() < 30*time.Second {
			t.Errorf("%s after %s", f.End, f.Ring())
		}
	})
}

func TestLostAck(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		lost := 0
		p.net.lose(func(_ netip.AddrPort, text string) bool {
			if strings.HasPrefix(text, "ACK") && lost < 3 {
				lost++
				return true
			}
			return false
		})
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		p.seen.until(HappenedAcked)
		if n := p.net.sent("10.0.0.2", "SIP/2.0 200"); n != 4 {
			t.Errorf("the 200 was sent %d times, want 4", n)
		}
		c.Hangup()
		ended(t, c)
		ended(t, in)
	})
}

func TestNoAckAtAll(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		p.net.lose(func(_ netip.AddrPort, text string) bool { return strings.HasPrefix(text, "ACK") })
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		f := ended(t, <-p.incoming)
		if f.End != EndExpired || f.Talk() != 32*time.Second {
			t.Errorf("called: %s after %s", f.End, f.Talk())
		}
		if f := ended(t, c); f.End != EndBye || f.EndedBy != Them {
			t.Errorf("caller: %s by %s", f.End, f.EndedBy)
		}
	})
}

// Who is called and hangs up before the ACK has come must wait for it.
func TestByeWaitsForAck(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		held := true
		p.net.lose(func(_ netip.AddrPort, text string) bool { return held && strings.HasPrefix(text, "ACK") })
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		in.Hangup()
		<-time.After(3 * time.Second)
		if p.net.sent("10.0.0.2", "BYE") != 0 {
			t.Error("BYE before the ACK")
		}
		p.net.lose(nil)
		if f := ended(t, c); f.End != EndBye || f.EndedBy != Them {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
		ended(t, in)
	})
}

func TestCancelThatNobodyConfirms(t *testing.T) {
	ringOnly := func(_ *pair, c *Call) { c.Ring(Progress{}) }
	together(t, TrunkOptions{}, ringOnly, func(p *pair) {
		c, w, _ := p.call(Invite{Ring: 10 * time.Second})
		w.until(HappenedRinging)
		p.net.lose(func(netip.AddrPort, string) bool { return true })
		f := ended(t, c)
		if f.End != EndRingTimeout || f.Ring() < 42*time.Second || f.Ring() > 43*time.Second {
			t.Errorf("%s after %s, want 10 s of ringing and 32 s of waiting", f.End, f.Ring())
		}
		if f.Outcome().Code != channel.NoAnswer {
			t.Errorf("outcome %s", f.Outcome().Code)
		}
	})
}

// The answer arrives long after the call was given up and everything about it forgotten but its grave.
func TestLateAnswerIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWires(t)
		var far *wire
		var invite, got []string
		far = n.stranger(func(text string, from netip.AddrPort) {
			switch {
			case strings.HasPrefix(text, "INVITE"):
				invite = append(invite, text)
				_ = far.Send(from, []byte(replyTo(text, "486 Busy Here", "tag=one", "")))
			default:
				got = append(got, firstLine(text))
				if strings.HasPrefix(text, "BYE") {
					_ = far.Send(from, []byte(replyTo(text, "200 OK", "", "")))
				}
			}
		})
		a := n.agent(Options{})
		tr := trunkFor(t, a, TrunkOptions{Gateways: []string{far.addr.String()}})
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia()})
		if err != nil {
			t.Fatal(err)
		}
		if f := ended(t, c); f.Status != 486 {
			t.Errorf("status %d", f.Status)
		}
		settle()
		got = nil
		contact := "Contact: <sip:two@10.0.0.1:5060>\r\n"
		_ = far.Send(netip.MustParseAddrPort("10.0.0.2:5060"), []byte(replyTo(invite[0], "200 OK", "tag=two", contact)))
		settle()
		slices.Sort(got) // messages overtake each other here
		if len(got) != 2 || got[0] != "ACK sip:two@10.0.0.1:5060 SIP/2.0" || got[1] != "BYE sip:two@10.0.0.1:5060 SIP/2.0" {
			t.Errorf("the late answer met with %q, want ACK and BYE", got)
		}
		// Once its time has passed, a 2xx is anybody's: nothing is sent to a Contact that a stranger names.
		<-time.After(time.Minute)
		got = nil
		_ = far.Send(netip.MustParseAddrPort("10.0.0.2:5060"), []byte(replyTo(strings.Replace(invite[0], "Call-ID: ", "Call-ID: x", 1), "200 OK", "tag=two", contact)))
		settle()
		if len(got) != 0 {
			t.Errorf("a stranger's answer met with %q", got)
		}
		a.Stop()
		far.Close()
	})
}

// settle lets everything arrive that is under way in a bubble.
func settle() {
	<-time.After(time.Second)
	synctest.Wait()
}

// replyTo writes an answer to a request as a far end would that we did not write.
func replyTo(req, status, tag, extra string) string {
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + "\r\n")
	for line := range strings.SplitSeq(req, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "Via", "From", "Call-ID", "CSeq":
			b.WriteString(line + "\r\n")
		case "To":
			if tag != "" {
				line += ";" + tag
			}
			b.WriteString(line + "\r\n")
		}
	}
	b.WriteString(extra + "Content-Length: 0\r\n\r\n")
	return b.String()
}

// A call that its gateway sends back to us goes round no further.
func TestCallThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWires(t)
		echo := n.stranger(nil) // 10.0.0.1
		var a *Agent
		echo.raw = func(text string, from netip.AddrPort) {
			if strings.HasPrefix(text, "INVITE") {
				text = strings.Replace(text, "Via:", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKecho\r\nVia:", 1)
			} else if via := strings.Index(text, "Via:"); strings.HasPrefix(text, "SIP/2.0") {
				text = text[:via] + text[strings.Index(text[via:], "\r\n")+via+2:]
			}
			_ = echo.Send(from, []byte(text))
		}
		a = n.agent(Options{Incoming: func(c *Call) { t.Error("taken for a call in") }})
		tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"10.0.0.1"}})
		c, err := tr.Call(context.Background(), Invite{To: "1", From: "2", Media: newMedia()})
		if err != nil {
			t.Fatal(err)
		}
		if f := ended(t, c); f.Status != 482 || f.Outcome().Reason != "sip_routing_failed" {
			t.Errorf("status %d: %s", f.Status, f.Outcome().Reason)
		}
		a.Stop()
		echo.Close()
	})
}
