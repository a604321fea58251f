package dialog

import (
	"bytes"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// onAnswer is an answer to an INVITE of a call that may long be in another state.
func (c *Call) onAnswer(t *attempt, r *sip.Response, f transport.Flow) {
	t.heard = true
	if t.hop.gateway != nil {
		t.hop.gateway.heard()
	}
	final := r.StatusCode >= 200
	if final {
		t.over = true
	}
	if r.StatusCode/100 == 2 {
		c.onOK(t.req, r, f)
		return
	}
	if c.phase != phaseSetup || t != c.out.current {
		if !final {
			c.cancelAttempt(t) // given up, and alive after all
		}
		return
	}
	c.note(func(fin *Final) { fin.Heard = true })
	if final {
		c.onRefusal(t, r)
		return
	}
	c.onProvisional(t, r, f)
	if c.ending.wanted && c.phase == phaseSetup {
		c.cancelAttempt(t)
	}
}

// onProvisional is a 1xx. They can come in any order and any number, from any branch of a fork.
func (c *Call) onProvisional(t *attempt, r *sip.Response, f transport.Flow) {
	if s := c.out.silence; s != nil {
		s.Stop()
	}
	if r.StatusCode == sip.StatusTrying || message.Tag(message.Header(r, "To")) == "" && r.StatusCode > 183 {
		return
	}
	now := time.Now()
	if c.final.Rang.IsZero() && r.StatusCode != 199 {
		c.note(func(fin *Final) { fin.Rang = now })
		c.tell(Event{What: HappenedRinging, At: now, Status: r.StatusCode})
	}
	if message.Tag(message.Header(r, "To")) == "" {
		return
	}
	l := c.legFrom(r, t.req, f)
	if message.Has(r, "Require", "100rel") && !c.acknowledgeEarly(l, r) {
		return
	}
	sdp := sessionDescription(r)
	if len(sdp) == 0 || bytes.Equal(sdp, l.early) || c.media == nil || c.ending.wanted {
		return
	}
	l.early = sdp
	if err := c.media.Accept(sdp, true); err == nil {
		c.tell(Event{What: HappenedEarly, At: now, Status: r.StatusCode})
	}
}

// onOK is a 2xx to an INVITE of ours before the call is answered: the first in time, or one that crossed our CANCEL.
// What comes later is Agent.Stray's.
func (c *Call) onOK(req *message.Request, r *sip.Response, f transport.Flow) {
	if c.phase != phaseSetup || c.out == nil {
		c.onStray(r, f)
		return
	}
	now := time.Now()
	l := c.legFrom(r, req, f)
	c.leg = l
	c.note(func(fin *Final) {
		fin.Heard, fin.Status, fin.Phrase, fin.Cause, fin.CauseText = true, r.StatusCode, r.Reason, 0, ""
	})
	c.out.stop()
	for _, old := range append(c.out.old, c.out.current) {
		if !old.over && old.heard {
			c.cancelAttempt(old)
		}
	}
	c.acknowledge(l, req)
	if c.ending.wanted { // it was answered while we gave up
		c.phase = phaseEnding
		c.note(func(fin *Final) { fin.End, fin.Ended = c.ending.how, now })
		c.part(c.ending.reason)
		return
	}
	c.phase = phaseUp
	c.note(func(fin *Final) { fin.Answered = now })
	if !c.agree(l, r) {
		c.bye(EndMedia, `SIP;cause=488;text="Not Acceptable Here"`)
		return
	}
	c.timers.fromAnswer(c, r)
	c.tell(Event{What: HappenedAnswered, At: now})
}

// agree gives the answer in a 2xx to the media; an answer may have come in an earlier response instead.
func (c *Call) agree(l *leg, r *sip.Response) bool {
	if c.media == nil {
		return true
	}
	sdp := sessionDescription(r)
	if len(sdp) == 0 {
		sdp = l.early
	}
	return len(sdp) > 0 && c.media.Accept(sdp, false) == nil
}

// onRefusal is a final answer that is not a 2xx.
func (c *Call) onRefusal(t *attempt, r *sip.Response) {
	if !c.ending.wanted && c.again(t, r) {
		return
	}
	cause, text := message.Cause(r)
	after := retryAfter(r)
	c.note(func(f *Final) {
		f.Status, f.Phrase, f.Cause, f.CauseText, f.RetryAfter = r.StatusCode, r.Reason, cause, text, after
	})
	if r.StatusCode == sip.StatusServiceUnavailable && t.hop.gateway != nil {
		t.hop.gateway.leaveAlone(max(after, time.Second))
	}
	switch {
	case c.ending.wanted:
		c.fail(c.ending.how, Us)
	case r.StatusCode == sip.StatusUnauthorized || r.StatusCode == sip.StatusProxyAuthRequired:
		c.note(func(f *Final) { f.Challenge = r.StatusCode })
		c.fail(EndAuth, Them)
	case elsewhere(r.StatusCode) && c.final.Rang.IsZero() && len(c.out.hops) > 0:
		c.next(nil)
	default:
		c.fail(EndRefused, Them)
	}
}

// elsewhere reports whether a refusal speaks of the gateway rather than of the number, so that the next may do better.
func elsewhere(status int) bool { return status == 503 || status == 430 }

// again sends the INVITE again when the refusal says how it would be taken; false when it does not.
func (c *Call) again(t *attempt, r *sip.Response) bool {
	o := c.out
	switch {
	case r.StatusCode == sip.StatusUnauthorized || r.StatusCode == sip.StatusProxyAuthRequired:
		if o.met == nil {
			o.met = tries{}
		}
		if !c.auth.learn(o.met, r) {
			return false
		}
	case r.StatusCode == statusTooBrief:
		least, ok := message.Seconds(message.Header(r, "Min-SE"))
		if !ok || o.least > 0 || least > 24*time.Hour {
			return false
		}
		o.least, o.asked = least, max(o.asked, least)
	case r.StatusCode/100 == 3 && o.redirects > 0:
		hops := c.redirection(r)
		if len(hops) == 0 {
			return false
		}
		o.redirects--
		o.hops = append(hops, o.hops...)
		o.cseq++
		o.met = nil
		c.next(nil)
		return true
	default:
		return false
	}
	o.cseq++
	if err := c.try(t.hop); err != nil {
		c.next(err)
	}
	return true
}

// maxHops bounds how many addresses one redirection can make us try.
const maxHops = 4

// redirection lists the addresses that a 3xx points to.
func (c *Call) redirection(r *sip.Response) []hop {
	var out []hop
	for _, v := range message.Values(r, "Contact") {
		text, _, _ := message.Address(v)
		u, err := parseURI(text)
		if err != nil || len(out) >= maxHops {
			continue
		}
		targets, err := c.agent.resolve(c.wait, u, c.trunk.opt.TLS)
		if err != nil {
			continue
		}
		user := userOf(text)
		if user == "" {
			user = c.out.inv.To
		}
		for _, target := range targets {
			out = append(out, hop{uri: u, user: user, target: target})
		}
	}
	return out
}
