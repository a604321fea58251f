package dialog

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"campanario/channel"
	"campanario/voice/dialog/message"
)

func TestBothOfferAtOnce(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, m := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		p.seen.until(HappenedAcked)
		in.Reinvite()
		c.Reinvite()
		w.until(HappenedMedia)
		w.until(HappenedMedia)
		if n := p.net.sent("10.0.0.1", "SIP/2.0 491") + p.net.sent("10.0.0.2", "SIP/2.0 491"); n == 0 {
			t.Error("the two offers did not meet")
		}
		if len(m.theirs) != 3 {
			t.Errorf("%d descriptions of theirs, want 3", len(m.theirs))
		}
		c.Hangup()
		ended(t, c)
	})
}

func TestByeWhileReinviteIsPending(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		p.seen.until(HappenedAcked)
		p.net.lose(func(_ netip.AddrPort, text string) bool { return isResponse(text, "200", "INVITE") })
		c.Reinvite()
		in.Hangup()
		if f := ended(t, c); f.End != EndBye || f.EndedBy != Them {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
		ended(t, in)
	})
}

func TestReinviteRefused(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		<-p.incoming
		p.seen.until(HappenedAcked)
		p.media.refuse = true
		c.Reinvite()
		<-time.After(time.Second)
		select {
		case <-c.Done():
			t.Error("a refused offer ended the call")
		default:
		}
		if p.net.sent("10.0.0.2", "SIP/2.0 488") != 1 {
			t.Error("the offer was not refused")
		}
		c.Hangup()
		ended(t, c)
	})
}

func TestOurMediaRefusesTheAnswer(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		w, m := watch(t), newMedia()
		m.refuse = true
		c, err := p.trunk.Call(context.Background(), Invite{To: "1", From: "2", Media: m, Events: w.see})
		if err != nil {
			t.Fatal(err)
		}
		f := ended(t, c)
		if f.End != EndMedia || f.EndedBy != Us || f.Outcome().Code != channel.Failed {
			t.Errorf("%s by %s: %s", f.End, f.EndedBy, f.Outcome().Code)
		}
		if g := ended(t, <-p.incoming); g.End != EndBye || g.EndedBy != Them {
			t.Errorf("called: %s by %s", g.End, g.EndedBy)
		}
	})
}

func TestTheirMediaRefusesTheOffer(t *testing.T) {
	answer := func(p *pair, c *Call) { p.media.refuse = true; c.Accept(Acceptance{}) }
	together(t, TrunkOptions{}, answer, func(p *pair) {
		c, _, _ := p.call(Invite{})
		if f := ended(t, c); f.End != EndRefused || f.Status != 488 {
			t.Errorf("%s, status %d", f.End, f.Status)
		}
		if f := ended(t, <-p.incoming); f.End != EndMedia {
			t.Errorf("called: %s", f.End)
		}
	})
}

func TestFork(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		p.seen.until(HappenedAcked)
		twin := in.Fork()
		if f := ended(t, twin); f.End != EndBye || f.EndedBy != Them {
			t.Errorf("the other telephone: %s by %s", f.End, f.EndedBy)
		}
		select {
		case <-in.Done():
			t.Error("the telephone that was answered first was hung up on")
		case <-time.After(time.Minute):
		}
		c.Hangup()
		ended(t, c)
		ended(t, in)
	})
}

func TestAnswerCrossesCancel(t *testing.T) {
	answer := func(_ *pair, c *Call) { c.Behave(Quirks{AnswerCancel: true}); c.Ring(Progress{}) }
	together(t, TrunkOptions{}, answer, func(p *pair) {
		c, _, _ := p.call(Invite{Ring: 20 * time.Second})
		f := ended(t, c)
		if f.End != EndRingTimeout || f.Status != 200 || !f.Answered.IsZero() {
			t.Errorf("%s, status %d, answered %s", f.End, f.Status, f.Answered)
		}
		if g := ended(t, <-p.incoming); g.End != EndBye || g.EndedBy != Them {
			t.Errorf("called: %s by %s", g.End, g.EndedBy)
		}
	})
}

func TestIgnored(t *testing.T) {
	together(t, TrunkOptions{}, func(_ *pair, c *Call) { c.Ignore() }, func(p *pair) {
		c, _, _ := p.call(Invite{})
		if f := ended(t, c); f.End != EndNoResponse {
			t.Errorf("%s", f.End)
		}
		if n := p.net.sent("10.0.0.2", "SIP/2.0"); n != 0 {
			t.Errorf("%d answers", n)
		}
		if len(p.incoming) != 1 {
			t.Errorf("%d calls in, for one INVITE with its repetitions", len(p.incoming))
		}
	})
}

func TestReliableProvisionals(t *testing.T) {
	answer := func(_ *pair, c *Call) {
		c.Ring(Progress{Reliable: true})
		c.Ring(Progress{Status: 183, Reliable: true, Media: true})
		c.Accept(Acceptance{})
	}
	for name, lossy := range map[string]bool{"sound": false, "lossy": true} {
		t.Run(name, func(t *testing.T) {
			together(t, TrunkOptions{}, answer, func(p *pair) {
				n := 0
				p.net.lose(func(_ netip.AddrPort, text string) bool {
					if lossy && (strings.HasPrefix(text, "PRACK") || strings.HasPrefix(text, "SIP/2.0 18")) {
						n++
						return n%2 == 1
					}
					return false
				})
				c, w, _ := p.call(Invite{})
				_, before := w.until(HappenedAnswered)
				if got := joined(before); got != "sent ringing early_media" && got != "sent ringing" {
					t.Errorf("before the answer: %s", got)
				}
				p.seen.until(HappenedAcked)
				c.Hangup()
				ended(t, c)
				if p.net.sent("10.0.0.1", "PRACK") == 0 {
					t.Error("no PRACK")
				}
			})
		})
	}
}

func joined(h []Happening) string {
	s := make([]string, len(h))
	for i, x := range h {
		s[i] = string(x)
	}
	return strings.Join(s, " ")
}

func TestDigestOfEveryKind(t *testing.T) {
	for _, algorithm := range []string{"", "MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"} {
		for _, proxy := range []bool{false, true} {
			t.Run(algorithm+map[bool]string{true: " proxy"}[proxy], func(t *testing.T) {
				g := NewGuard(Guard{Realm: `a "b"`, User: "ana", Password: "s3cret", Algorithm: algorithm, Proxy: proxy})
				answer := func(_ *pair, c *Call) {
					if !g.Admits(c, time.Now()) {
						c.Challenge(g)
						return
					}
					c.Protect(g, "BYE", "INVITE", "UPDATE")
					c.Accept(Acceptance{})
				}
				together(t, TrunkOptions{Credentials: Credentials{User: "ana", Password: "s3cret"}}, answer, func(p *pair) {
					c, w, _ := p.call(Invite{})
					w.until(HappenedAnswered)
					<-p.incoming
					in := <-p.incoming
					c.Reinvite()
					w.until(HappenedMedia)
					// After an hour the nonce has run out: the re-INVITE and the BYE are challenged as stale.
					<-time.After(time.Hour)
					c.Reinvite()
					w.until(HappenedMedia)
					<-time.After(time.Hour)
					c.Hangup()
					if f := ended(t, in); f.End != EndBye || f.EndedBy != Them {
						t.Errorf("%s by %s", f.End, f.EndedBy)
					}
					if f := ended(t, c); f.Tried != 2 {
						t.Errorf("tried %d", f.Tried)
					}
				})
			})
		}
	}
}

func TestMergedInvites(t *testing.T) {
	ringOnly := func(_ *pair, c *Call) { c.Ring(Progress{}) }
	together(t, TrunkOptions{}, ringOnly, func(p *pair) {
		c, w, _ := p.call(Invite{ID: "merged"})
		w.until(HappenedRinging)
		req := &message.Request{
			Method: "INVITE", URI: "sip:1@10.0.0.2", Network: "UDP", SentBy: "10.0.0.1:5060", Branch: message.Branch(),
			From: "<sip:2@10.0.0.2>;tag=" + Tag("merged"), To: "<sip:1@10.0.0.2>", CallID: "merged", CSeq: 1,
			Fields: []Field{{Name: "Contact", Value: "<sip:2@10.0.0.1>"}},
		}
		_ = p.out.stack.(*wire).Send(netip.MustParseAddrPort("10.0.0.2:5060"), req.Append(nil))
		<-time.After(time.Second)
		if p.net.sent("10.0.0.2", "SIP/2.0 482") == 0 {
			t.Error("the same INVITE by another way was taken for another call")
		}
		c.Hangup()
		ended(t, c)
	})
}

func TestSameAttemptTwice(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, _ := p.call(Invite{ID: "once"})
		if _, err := p.trunk.Call(context.Background(), Invite{ID: "once", To: "1", From: "2"}); err == nil {
			t.Error("the same attempt was placed twice at once")
		}
		w.until(HappenedAnswered)
		c.Hangup()
		ended(t, c)
		if _, err := p.trunk.Call(context.Background(), Invite{ID: "once", To: "1", From: "2"}); err == nil {
			t.Error("the same attempt was placed again")
		}
	})
}

func TestStopHangsUp(t *testing.T) {
	answer := func(_ *pair, c *Call) {
		c.Ring(Progress{})
		if c.Called() == "up" {
			c.Accept(Acceptance{})
		}
	}
	together(t, TrunkOptions{}, answer, func(p *pair) {
		up, w, _ := p.call(Invite{To: "up"})
		w.until(HappenedAnswered)
		ringing, w2, _ := p.call(Invite{To: "ringing"})
		w2.until(HappenedRinging)
		p.out.Stop()
		if f := ended(t, up); f.End != EndBye || f.EndedBy != Us {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
		if f := ended(t, ringing); f.End != EndCancelled || f.EndedBy != Us {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
		for range 2 {
			ended(t, <-p.incoming)
		}
		if _, err := p.trunk.Call(context.Background(), Invite{To: "1", From: "2"}); err == nil {
			t.Error("a call after the end")
		}
	})
}

func TestStopDoesNotWaitForever(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		p.net.lose(func(netip.AddrPort, string) bool { return true })
		began := time.Now()
		p.out.Stop()
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("stopping took %s", d)
		}
		ended(t, c)
	})
}
