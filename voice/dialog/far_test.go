package dialog

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/channel"
	"campanario/voice/dialog/transport"
)

// calling is one call to a scenario.
type calling struct {
	scenario string
	words    []string     // put into the scenario
	trunk    TrunkOptions // Gateways are filled in
	ring     time.Duration
	hangUp   Happening // hang up after this; "" for not at all

	end     Ending
	by      Side
	status  int
	cause   int
	code    channel.Code
	reason  string
	after   time.Duration // Retry-After
	tried   int           // 0 for 1
	see     []Happening   // must be among what happened before the end, in this order
	unseen  []Happening
	accepts int // answers the media was given; 0 is not looked at
	check   func(t *testing.T, f *far, fin Final)
}

var callings = map[string]calling{
	"answered, we hang up": {
		scenario: "answer", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed,
		see: []Happening{HappenedSent, HappenedRinging, HappenedAnswered}, accepts: 1,
	},
	"answered, they hang up": {
		scenario: "hang_up", end: EndBye, by: Them, status: 200, cause: 16, code: channel.Completed,
		see: []Happening{HappenedAnswered},
	},
	"early media, answer without description": {
		scenario: "early", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed,
		see: []Happening{HappenedRinging, HappenedEarly, HappenedAnswered}, accepts: 2,
	},
	"busy": {
		scenario: "refuse", words: refuse("486", "Busy Here", "X-A: b"), end: EndRefused, by: Them, status: 486, code: channel.Busy,
		unseen: []Happening{HappenedRinging, HappenedAnswered},
	},
	"timeout of theirs after ringing": {
		scenario: "ring_refuse", words: refuse("408", "Request Timeout", "X-A: b"), end: EndRefused, by: Them, status: 408,
		code: channel.NoAnswer, reason: "sip_callee_unreachable",
	},
	"unavailable": {
		scenario: "refuse", words: refuse("480", "Temporarily Unavailable", "X-A: b"), end: EndRefused, by: Them, status: 480,
		code: channel.NoAnswer, reason: "sip_callee_unavailable",
	},
	"unavailable, because busy": {
		scenario: "refuse", words: refuse("480", "Temporarily Unavailable", `Reason: Q.850;cause=17;text="User busy"`),
		end: EndRefused, by: Them, status: 480, cause: 17, code: channel.Busy,
	},
	"unknown number": {
		scenario: "refuse", words: refuse("404", "Not Found", "X-A: b"), end: EndRefused, by: Them, status: 404,
		code: channel.InvalidNumber,
	},
	"congestion": {
		scenario: "refuse", words: refuse("503", "Service Unavailable", "Retry-After: 17"), end: EndRefused, by: Them, status: 503,
		code: channel.Congested, reason: "sip_congestion", after: 17 * time.Second,
	},
	"server error after ringing": {
		scenario: "ring_refuse", words: refuse("500", "Oops", "X-A: b"), end: EndRefused, by: Them, status: 500,
		code: channel.Failed, reason: "sip_server_error",
	},
	"rejected": {
		scenario: "ring_refuse", words: refuse("603", "Decline", "X-A: b"), end: EndRefused, by: Them, status: 603, code: channel.Rejected,
	},
	"media refused": {
		scenario: "refuse", words: refuse("488", "Not Acceptable Here", "X-A: b"), end: EndRefused, by: Them, status: 488,
		code: channel.LineFailed, reason: "sip_media_refused",
	},
	"redirected": {
		scenario: "refuse", words: refuse("302", "Moved Temporarily", "X-A: b"), end: EndRefused, by: Them, status: 302,
		code: channel.Failed, reason: "sip_redirected",
	},
	"rings out": {
		scenario: "ring_out", ring: 700 * time.Millisecond, end: EndRingTimeout, by: Us, status: 487, code: channel.NoAnswer,
		see: []Happening{HappenedRinging}, unseen: []Happening{HappenedAnswered},
	},
	"given up by the operator": {
		scenario: "ring_out", hangUp: HappenedRinging, end: EndCancelled, by: Us, status: 487, code: channel.Cancelled,
	},
	"given up before anything was heard": {
		scenario: "slow_first", hangUp: HappenedSent, end: EndCancelled, by: Us, status: 487, code: channel.Cancelled,
	},
	"answered while given up": {
		scenario: "glare", ring: 700 * time.Millisecond, end: EndRingTimeout, by: Us, status: 200, code: channel.NoAnswer,
		reason: "sip_answered_too_late", unseen: []Happening{HappenedAnswered},
	},
	"challenged as by a server": {
		scenario: "auth401", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed, tried: 2,
		trunk: TrunkOptions{Credentials: Credentials{User: "caller", Password: "secret"}},
	},
	"wrong password": {
		scenario: "auth401_refuse", end: EndAuth, by: Them, status: 401, code: channel.LineFailed, reason: "sip_credentials_refused",
		trunk: TrunkOptions{Credentials: Credentials{User: "caller", Password: "wrong"}}, tried: 2,
		check: func(t *testing.T, _ *far, fin Final) {
			if fin.Challenge != 401 {
				t.Errorf("challenge %d", fin.Challenge)
			}
		},
	},
	"no password": {
		scenario: "refuse", end: EndAuth, by: Them, status: 407, code: channel.LineFailed, reason: "sip_credentials_refused",
		words: refuse("407", "Proxy Authentication Required", `Proxy-Authenticate: Digest realm="x", nonce="y"`),
	},
	"nonce too old": {
		scenario: "auth_stale", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed, tried: 3,
		trunk: TrunkOptions{Credentials: Credentials{User: "caller", Password: "secret"}},
	},
	"challenged as by a proxy, and for the BYE": {
		scenario: "auth407_bye", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed, tried: 2,
		trunk: TrunkOptions{Credentials: Credentials{User: "caller", Password: "secret"}},
	},
	"fifteen times ringing": {
		scenario: "ring15", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
	"new offers of theirs": {
		scenario: "reinvite", hangUp: "1s", end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
	"offer asked for": {
		scenario: "reinvite_empty", hangUp: HappenedMedia, end: EndBye, by: Us, status: 200, code: channel.Completed, accepts: 2,
		check: func(t *testing.T, f *far, _ Final) {
			if n := strings.Count(f.messages(), "CSeq: 11 INVITE"); n < 3 {
				t.Errorf("the 200 was not repeated while its ACK was missing: %d messages of that INVITE", n)
			}
		},
	},
	"updates of theirs": {
		scenario: "update", hangUp: HappenedMedia, end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
	"we refresh, by UPDATE": {
		scenario: "timer_uac", hangUp: "5s", end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
	"we refresh, by INVITE, at the second try": {
		scenario: "timer_reinvite", hangUp: HappenedMedia, end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
	"they do not refresh": {
		scenario: "timer_uas", end: EndExpired, by: Us, status: 200, code: channel.Completed, reason: "sip_far_end_vanished",
	},
	"reliable provisional answers": {
		scenario: "reliable", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed,
		see: []Happening{HappenedRinging, HappenedEarly, HappenedAnswered},
	},
	"session timer too brief": {
		scenario: "too_brief", hangUp: HappenedAnswered, end: EndBye, by: Us, status: 200, code: channel.Completed, tried: 2,
		trunk: TrunkOptions{Session: 30 * time.Minute},
	},
	"a fork with two answers": {
		scenario: "fork", hangUp: "1s", end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
	"telephone keys by INFO": {
		scenario: "keys", hangUp: HappenedKey + "2", end: EndBye, by: Us, status: 200, code: channel.Completed,
	},
}

func refuse(status, phrase, extra string) []string {
	return []string{"[status]", status, "[phrase]", phrase, "[extra]", extra}
}

// TestFarEnds calls SIPp's scenarios over UDP and TCP.
func TestFarEnds(t *testing.T) {
	for name, c := range callings {
		for _, n := range []transport.Network{transport.UDP, transport.TCP} {
			t.Run(name+" "+string(n), func(t *testing.T) {
				t.Parallel()
				c.run(t, n)
			})
		}
	}
}

func (c calling) run(t *testing.T, n transport.Network) {
	f := farEnd(t, c.scenario, n, 1, c.words)
	c.trunk.Gateways = []string{f.uri(n)}
	tr := trunkFor(t, agentFor(t, Options{Product: "Campanario"}), c.trunk)
	w, m := watch(t), newMedia()
	call, err := tr.Call(context.Background(), Invite{
		ID: "attempt-" + c.scenario, To: "+5511900000001", From: "+551130000000", Name: `Ana "A"`, Ring: c.ring, Media: m, Events: w.see,
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := c.drive(t, call, w)
	fin := ended(t, call)
	_, rest := w.until(HappenedEnded)
	seen = append(seen, rest...)
	f.played()
	c.judge(t, fin, seen, m)
	if c.check != nil {
		c.check(t, f, fin)
	}
}

// drive hangs the call up at the moment that the case names.
func (c calling) drive(t *testing.T, call *Call, w *watcher) (seen []Happening) {
	t.Helper()
	if d, err := time.ParseDuration(string(c.hangUp)); err == nil {
		_, seen = w.until(HappenedAnswered)
		seen = append(seen, HappenedAnswered)
		<-time.After(d)
		call.Hangup()
		return seen
	}
	what, twice := strings.CutSuffix(string(c.hangUp), "2")
	if what == "" {
		return nil
	}
	for range map[bool]int{false: 1, true: 2}[twice] {
		_, before := w.until(Happening(what))
		seen = append(append(seen, before...), Happening(what))
	}
	call.Hangup()
	return seen
}

func (c calling) judge(t *testing.T, f Final, seen []Happening, m *sdpMedia) {
	t.Helper()
	if f.End != c.end || f.EndedBy != c.by || f.Status != c.status || f.Cause != c.cause || f.RetryAfter != c.after {
		t.Errorf("ended %s by %q, status %d, cause %d, retry after %s; want %s by %q, %d, %d, %s",
			f.End, f.EndedBy, f.Status, f.Cause, f.RetryAfter, c.end, c.by, c.status, c.cause, c.after)
	}
	if o := f.Outcome(); o.Code != c.code || o.Reason != c.reason {
		t.Errorf("outcome %s %q, want %s %q", o.Code, o.Reason, c.code, c.reason)
	}
	if f.Tried != max(c.tried, 1) || !f.Heard || !f.Delivered || f.Sent.IsZero() || f.Ended.Before(f.Sent) {
		t.Errorf("tried %d, heard %v, delivered %v, sent %s, ended %s", f.Tried, f.Heard, f.Delivered, f.Sent, f.Ended)
	}
	i := 0
	for _, what := range seen {
		if i < len(c.see) && c.see[i] == what {
			i++
		}
		if slices.Contains(c.unseen, what) {
			t.Errorf("saw %s", what)
		}
	}
	if i < len(c.see) {
		t.Errorf("saw %v, want %v in it", seen, c.see)
	}
	if c.accepts > 0 && m.accepted != c.accepts {
		t.Errorf("the media was given %d answers, want %d", m.accepted, c.accepts)
	}
}
