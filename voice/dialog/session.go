package dialog

import (
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
)

// session is the session timer of a call (RFC 4028): one side refreshes the call now and then, and both end it when that
// stops, so that a call whose far end has vanished is not paid for until somebody notices.
type session struct {
	interval time.Duration // 0: none
	ours     bool          // we refresh
	timer    *time.Timer
	end      time.Time
}

const (
	leastSession   = 90 * time.Second // RFC 4028 section 5
	refreshTries   = 10 * time.Second // between tries when a refresh fails
	statusTooBrief = 422              // Session Interval Too Small, RFC 4028 section 6
	sessionReason  = `SIP;cause=408;text="Session expired"`
)

func (s *session) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

// sessionExpires reads the header; 0 when there is none.
func sessionExpires(m sip.Message) (interval time.Duration, refresher string) {
	v := message.Header(m, "Session-Expires")
	if v == "" {
		return 0, ""
	}
	interval, ok := message.Seconds(v)
	if !ok {
		return 0, ""
	}
	_, params, _ := strings.Cut(v, ";")
	refresher, _ = message.Param(";"+params, "refresher")
	return interval, strings.ToLower(refresher)
}

// fromAnswer begins what the 2xx to a request of ours agreed on.
func (s *session) fromAnswer(c *Call, r *sip.Response) {
	interval, refresher := sessionExpires(r)
	s.begin(c, interval, refresher != "uas")
}

// begin starts or restarts the timer.
func (s *session) begin(c *Call, interval time.Duration, ours bool) {
	s.stop()
	s.interval, s.ours = interval, ours
	if interval <= 0 {
		return
	}
	s.end = time.Now().Add(interval)
	if ours {
		s.timer = c.after(interval/2, c.refresh)
		return
	}
	s.timer = c.after(interval-min(32*time.Second, interval/3), c.expire)
}

// expire ends a call that was not refreshed.
func (c *Call) expire() {
	if c.phase == phaseUp {
		c.bye(EndExpired, sessionReason)
	}
}

// refresh asks the far end whether it is still there: by UPDATE when it takes that, else by re-INVITE.
func (c *Call) refresh() {
	if c.phase != phaseUp {
		return
	}
	if c.offered != nil || c.waiting != nil {
		c.refreshLater(time.Second)
		return
	}
	fields := []Field{{Name: "Session-Expires", Value: seconds(c.timers.interval) + ";refresher=uac"}}
	if c.leg.updates {
		c.update(fields, nil, c.refreshed)
		return
	}
	c.reinvite(fields, c.refreshed)
}

// refreshed takes the outcome of a refresh.
func (c *Call) refreshed(r *sip.Response) {
	switch {
	case c.phase != phaseUp:
	case r != nil && r.StatusCode/100 == 2:
		if interval, _ := sessionExpires(r); interval > 0 {
			c.timers.fromAnswer(c, r)
		} else {
			c.timers.begin(c, c.timers.interval, true)
		}
	case r != nil && r.StatusCode == statusTooBrief:
		if least, ok := message.Seconds(message.Header(r, "Min-SE")); ok && least > c.timers.interval && least < 24*time.Hour {
			c.timers.interval = least
		}
		c.refreshLater(0)
	default:
		c.refreshLater(refreshTries)
	}
}

// refreshLater tries again, or ends the call when its time is up.
func (c *Call) refreshLater(d time.Duration) {
	left := time.Until(c.timers.end)
	if left <= d {
		c.timers.timer = c.after(max(left, 0), c.expire)
		return
	}
	c.timers.timer = c.after(d, c.refresh)
}

// takeSession settles the session timer that a request of theirs asks for. The fields belong into the 2xx; ok is false
// when the request has been refused because the interval is too short.
func (c *Call) takeSession(s *transaction.Server) (fields []Field, begin func(), ok bool) {
	interval, refresher := sessionExpires(s.Request)
	supports := message.Has(s.Request, "Supported", "timer")
	switch {
	case interval == 0 && (c.timers.interval == 0 || !supports):
		return nil, func() { c.timers.begin(c, 0, false) }, true
	case interval == 0: // they forgot; what was agreed on goes on
		interval = c.timers.interval
		if refresher = "uac"; c.timers.ours {
			refresher = "uas"
		}
	case interval < leastSession:
		c.agent.reply(s, &message.Reply{
			Status: 422, Tag: c.key.tag, Fields: []Field{{Name: "Min-SE", Value: seconds(leastSession)}},
		})
		return nil, nil, false
	}
	if refresher != "uac" && refresher != "uas" {
		if refresher = "uas"; supports {
			refresher = "uac"
		}
	}
	fields = []Field{{Name: "Session-Expires", Value: seconds(interval) + ";refresher=" + refresher}}
	if refresher == "uac" {
		fields = append(fields, Field{Name: "Require", Value: "timer"})
	}
	return fields, func() { c.timers.begin(c, interval, refresher == "uas") }, true
}
