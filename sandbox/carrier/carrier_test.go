package carrier

import (
	"crypto/tls"
	"flag"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"campanario/channel"
	"campanario/sandbox"
	"campanario/voice/audio"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
)

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "40") // these tests wait for each other's telephones, not for a processor
	goleak.VerifyTestMain(m)
}

func start(t *testing.T, opt Options) *Carrier {
	t.Helper()
	c, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// converses waits for the greeting, asks something and waits for the key.
func converses(key string) func(x *talking) {
	return func(x *talking) {
		x.answered()
		x.until("the greeting", func() bool { return x.loud() >= 200*time.Millisecond })
		for range 2 {
			before := len(x.keys)
			x.speak()
			x.until("a key", func() bool { return len(x.keys) > before })
		}
		x.mu.Lock()
		keys := x.keys
		x.mu.Unlock()
		if !strings.HasPrefix(keys, key+key) {
			x.t.Errorf("pressed %q, want %q again and again", keys, key)
		}
		x.Hangup()
	}
}

// acts are what a caller meets with on each kind of number.
var acts = map[string]struct {
	do     func(x *talking)
	ring   time.Duration
	end    dialog.Ending
	by     dialog.Side
	status int
	code   channel.Code
	see    []dialog.Happening
	result string // of the last record
	tried  int
}{
	"10": {
		do: func(x *talking) {
			x.answered()
			x.until("the greeting", func() bool { return x.loud() >= 200*time.Millisecond })
			x.speak()
			x.mu.Lock()
			before := x.loud()
			x.mu.Unlock()
			x.until("words", func() bool { return x.loud() >= before+200*time.Millisecond })
			x.Hangup()
		},
		end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them",
	},
	"11": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"22": {do: converses("#"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"30": {
		do: func(x *talking) {
			x.answered()
			x.until("the beep", func() bool { return x.tone(1000) >= 300*time.Millisecond && x.loud() >= 3*time.Second })
			x.Hangup()
		},
		end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them",
	},
	"31": {
		do: func(x *talking) {
			x.answered()
			x.until("the greeting", func() bool { return x.loud() >= 3*time.Second })
		},
		end: dialog.EndBye, by: dialog.Them, status: 200, code: channel.Completed, result: "us",
	},
	"40": {end: dialog.EndRefused, by: dialog.Them, status: 486, code: channel.Busy, result: "486"},
	"41": {ring: 2 * time.Second, end: dialog.EndRingTimeout, by: dialog.Us, status: 487, code: channel.NoAnswer, result: "487"},
	"42": {end: dialog.EndRefused, by: dialog.Them, status: 603, code: channel.Rejected, see: []dialog.Happening{dialog.HappenedRinging}, result: "603"},
	"43": {end: dialog.EndRefused, by: dialog.Them, status: 404, code: channel.InvalidNumber, result: "404"},
	"44": {end: dialog.EndRefused, by: dialog.Them, status: 503, code: channel.Congested, result: "503"},
	"45": {end: dialog.EndRefused, by: dialog.Them, status: 500, code: channel.Congested, result: "500"},
	"46": {end: dialog.EndRefused, by: dialog.Them, status: 480, code: channel.NoAnswer, result: "480"},
	"47": {
		do: func(x *talking) {
			x.until("the announcement", func() bool { return x.loud() >= time.Second })
		},
		end: dialog.EndRefused, by: dialog.Them, status: 404, code: channel.InvalidNumber, see: []dialog.Happening{dialog.HappenedEarly}, result: "404",
	},
	"48": {end: dialog.EndRefused, by: dialog.Them, status: 410, code: channel.InvalidNumber, result: "410"},
	"50": {end: dialog.EndBye, by: dialog.Them, status: 200, code: channel.Completed, result: "us"},
	"52": {
		do: func(x *talking) {
			x.answered()
			x.until("three seconds", func() bool { return len(x.frames) > 3*audio.Rate })
			if x.loud() > 0 {
				x.t.Error("there is something to hear")
			}
			x.Hangup()
		},
		end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them",
	},
	"53": {end: dialog.EndBye, by: dialog.Them, status: 200, code: channel.Completed, result: "us"},
	"60": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"61": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"70": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"71": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them", tried: 2},
	"72": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"73": {
		do: func(x *talking) {
			x.answered()
			x.until("hold and resume", func() bool { return strings.Count(happened(x), "renegotiated") == 2 })
			converses("1")(x)
		},
		end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them",
	},
	"74": {
		do: func(x *talking) {
			x.answered()
			x.until("the update", func() bool { return x.saw(dialog.HappenedMedia) })
			x.Hangup()
		},
		end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them",
	},
	"75": {ring: 2 * time.Second, end: dialog.EndRingTimeout, by: dialog.Us, status: 200, code: channel.NoAnswer, result: "them"},
	"76": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"78": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"79": {end: dialog.EndMedia, by: dialog.Us, status: 200, code: channel.Failed, result: "them"},
	"80": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"81": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, result: "them"},
	"82": {do: converses("1"), end: dialog.EndBye, by: dialog.Us, status: 200, code: channel.Completed, see: []dialog.Happening{dialog.HappenedEarly}, result: "them"},
}

func happened(x *talking) string {
	var s []string
	for _, h := range x.happen {
		s = append(s, string(h))
	}
	return strings.Join(s, " ")
}

// apart are the numbers that have a test of their own.
var apart = map[string]string{"51": "TestAnswersLate", "77": "TestNothingAtAll"}

// TestEveryNumber dials each kind of number with real signalling and sound.
func TestEveryNumber(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Speed: 8})
	x := newCaller(t, c, dialog.TrunkOptions{})
	t.Run("all", func(t *testing.T) {
		for _, row := range Table() {
			bb := strings.TrimSuffix(strings.TrimPrefix(row.Number, Block), "XX")
			a, ok := acts[bb]
			if !ok && apart[bb] == "" && row.Behaviour != Person {
				t.Errorf("%s %s has no test", row.Number, row.Behaviour)
			}
			if !ok {
				continue
			}
			t.Run(bb+" "+string(row.Behaviour), func(t *testing.T) {
				t.Parallel()
				y := &caller{t: t, agent: x.agent, media: x.media, trunk: x.trunk}
				ring := a.ring
				if ring == 0 {
					ring = time.Minute
				}
				call := y.call("id-"+bb, Block+bb+"07", ring)
				if a.do != nil {
					a.do(call)
				}
				f := call.ended()
				if f.End != a.end || f.EndedBy != a.by || f.Status != a.status || f.Outcome().Code != a.code {
					t.Errorf("%s by %q, status %d: %s; want %s by %q, %d: %s", f.End, f.EndedBy, f.Status, f.Outcome().Code, a.end, a.by, a.status, a.code)
				}
				if f.Tried != max(a.tried, 1) {
					t.Errorf("%d INVITEs", f.Tried)
				}
				for _, h := range a.see {
					call.until(string(h), func() bool { return call.saw(h) || call.saw(dialog.HappenedEnded) })
					call.note(func() {
						if !call.saw(h) {
							t.Errorf("%s did not happen, but %v", h, call.happen)
						}
					})
				}
				judge(t, c, "id-"+bb, string(row.Behaviour), row.Answer, a.result)
			})
		}
	})
	if s := c.Stats(); s.LeftUp != 0 || s.Live != 0 || s.Calls != len(acts) || s.Peak < 2 {
		t.Errorf("%+v, want no call left up or live and %d in all", s, len(acts))
	}
}

// records are those of one Call-ID, when its end is among them.
func records(t *testing.T, l *sandbox.Log, ref string) []sandbox.Record {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		changed := l.Changed()
		var out []sandbox.Record
		for _, r := range l.Records() {
			if r.Ref == ref {
				out = append(out, r)
			}
		}
		if len(out) > 0 && out[len(out)-1].Event == sandbox.EventEnd {
			return out
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("no end of %s in %+v", ref, out)
		}
	}
}

// judge holds the log of one call against what its number promises.
func judge(t *testing.T, c *Carrier, ref, acted, answer, result string) {
	t.Helper()
	got := records(t, c.Log(), ref)
	var events []string
	for _, r := range got {
		events = append(events, string(r.Event))
		if r.Acted != acted || r.Channel != channel.Voice || r.To == "" || r.From != "+551130000000" || r.At.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	want := "start end"
	if answer == "200" {
		want = "start answer end"
	}
	if s := strings.Join(events, " "); s != want {
		t.Errorf("log: %s, want %s", s, want)
	}
	last := got[len(got)-1]
	if last.Result != result || last.Status != answer {
		t.Errorf("ended %q with %s, want %q with %s", last.Result, last.Status, result, answer)
	}
}

// The answer and the ring time-out of the caller are within moments of each other: whichever wins, no leg stays up.
func TestAnswersLate(t *testing.T) {
	t.Parallel()
	const ring = 2 * time.Second
	c := start(t, Options{Ring: ring})
	x := newCaller(t, c, dialog.TrunkOptions{})
	var calls []*talking
	for i := range 12 {
		calls = append(calls, x.call("late-"+strconv.Itoa(i), Block+"51"+strconv.Itoa(10+i), ring))
	}
	ends := map[dialog.Ending]int{}
	for _, call := range calls {
		call.answered()
		if f := call.Final(); !f.Answered.IsZero() {
			call.Hangup()
		}
		ends[call.ended().End]++
	}
	if ends[dialog.EndBye]+ends[dialog.EndRingTimeout] != len(calls) {
		t.Errorf("%v", ends)
	}
	for i := range calls {
		records(t, c.Log(), "late-"+strconv.Itoa(i))
	}
	if s := c.Stats(); s.Live != 0 {
		t.Errorf("%+v", s)
	}
}

func TestNothingAtAll(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	x := newCaller(t, c, dialog.TrunkOptions{})
	f := x.call("nothing", Block+"7700", time.Second).ended()
	if f.Heard || f.Outcome().Code != channel.Unknown {
		t.Errorf("%+v: %s", f, f.Outcome().Code)
	}
	judge(t, c, "nothing", "never_answers", "0", "0")
}

func TestKeysAreLogged(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Speed: 8})
	x := newCaller(t, c, dialog.TrunkOptions{})
	call := x.call("keys", Block+"1000", time.Minute)
	call.answered()
	call.until("the greeting", func() bool { return call.loud() >= 200*time.Millisecond })
	if err := call.session.SendKeys("12#"); err != nil {
		t.Fatal(err)
	}
	call.until("a while", func() bool { return len(call.frames) > 4*audio.Rate })
	call.Hangup()
	call.ended()
	got := records(t, c.Log(), "keys")
	if keys := got[len(got)-1].Keys; keys != "12#" {
		t.Errorf("heard %q", keys)
	}
}

// Every INVITE is in the log, also one that its caller has forgotten having sent.
func TestForgottenCalls(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	one := newCaller(t, c, dialog.TrunkOptions{})
	call := one.call("same", Block+"4100", time.Minute)
	call.until("ringing", func() bool { return call.saw(dialog.HappenedRinging) })
	two := newCaller(t, c, dialog.TrunkOptions{})
	if f := two.call("same", Block+"4100", time.Minute).ended(); f.Status != 482 {
		t.Errorf("status %d", f.Status)
	}
	call.Hangup()
	call.ended()
	three := newCaller(t, c, dialog.TrunkOptions{})
	three.call("same", Block+"4000", time.Minute).ended()
	n := 0
	for _, r := range c.Log().Records() {
		if r.Ref == "same" && r.Event == sandbox.EventStart {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d beginnings, want 3", n)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	c := start(t, Options{MaxConcurrent: 3, Sound: SoundNone})
	x := newCaller(t, c, dialog.TrunkOptions{})
	var calls []*talking
	for i := range 5 {
		calls = append(calls, x.call("c"+strconv.Itoa(i), Block+"4100", 2*time.Second))
	}
	got := map[int]int{}
	for _, call := range calls {
		got[call.ended().Status]++
	}
	if got[487] != 3 || got[503] != 2 {
		t.Errorf("%v", got)
	}
	if s := c.Stats(); s.Peak != 3 || s.Refused != 2 || s.Calls != 5 {
		t.Errorf("%+v", s)
	}
	paced := start(t, Options{MaxPerSecond: 4, Sound: SoundNone})
	y := newCaller(t, paced, dialog.TrunkOptions{})
	calls = nil
	for i := range 6 {
		calls = append(calls, y.call("p"+strconv.Itoa(i), Block+"4000", 2*time.Second))
	}
	got = map[int]int{}
	for _, call := range calls {
		got[call.ended().Status]++
	}
	if s := paced.Stats(); got[486] != 4 || got[503] != 2 || s.PeakPerSecond != 6 {
		t.Errorf("%v, %+v", got, s)
	}
}

func TestSignedIn(t *testing.T) {
	t.Parallel()
	c := start(t, Options{SignedIn: true, User: "u", Password: "p"})
	good := newCaller(t, c, dialog.TrunkOptions{Credentials: dialog.Credentials{User: "u", Password: "p"}})
	if f := good.call("good", Block+"4000", time.Minute).ended(); f.Status != 486 {
		t.Errorf("status %d", f.Status)
	}
	judge(t, c, "good", "busy", "486", "486")
	bad := newCaller(t, c, dialog.TrunkOptions{Credentials: dialog.Credentials{User: "u", Password: "q"}})
	if f := bad.call("bad", Block+"4000", time.Minute).ended(); f.End != dialog.EndAuth {
		t.Errorf("%s", f.End)
	}
	judge(t, c, "bad", "busy", "401", "401")
	if s := c.Stats(); s.Live != 0 || s.Calls != 2 {
		t.Errorf("%+v", s)
	}
}

func TestTLSAndTCP(t *testing.T) {
	t.Parallel()
	cert, _ := certificate()
	c := start(t, Options{Speed: 8, TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}})
	for network, addr := range map[string]string{"tcp": c.Addr().String(), "tls": c.SecureAddr().String()} {
		x := newCaller(t, c, dialog.TrunkOptions{Gateways: []string{"sip:" + addr + ";transport=" + network}})
		call := x.call(network, Block+"1100", time.Minute)
		converses("1")(call)
		if f := call.ended(); f.End != dialog.EndBye || f.EndedBy != dialog.Us {
			t.Errorf("%s: %s by %s", network, f.End, f.EndedBy)
		}
	}
}

// A thousand calls at once, for the tests of others that need them cheap.
func TestThousandCalls(t *testing.T) {
	t.Parallel()
	const calls = 1000
	c := start(t, Options{Sound: SoundNone, Mix: []Share{{Person, 100}}, Speed: 2})
	agent, err := dialog.New(dialog.Options{Listen: []dialog.Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer agent.Stop()
	trunk, err := agent.Trunk(dialog.TrunkOptions{Gateways: []string{c.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	var up, over sync.WaitGroup
	up.Add(calls)
	over.Add(calls)
	var mu sync.Mutex
	ends := map[dialog.Ending]int{}
	var made []*dialog.Call
	for i := range calls {
		call, err := trunk.Call(t.Context(), dialog.Invite{
			To: "+551140000" + strconv.Itoa(i), From: "1", Media: deafMedia{},
			Events: func(c *dialog.Call, e dialog.Event) {
				switch e.What {
				case dialog.HappenedAnswered:
					up.Done()
				case dialog.HappenedEnded:
					mu.Lock()
					ends[c.Final().End]++
					mu.Unlock()
					over.Done()
				default:
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, call)
	}
	up.Wait()
	for _, call := range made {
		call.Hangup()
	}
	over.Wait()
	if ends[dialog.EndBye] != calls {
		t.Errorf("%v", ends)
	}
	if s := c.Stats(); s.Calls != calls || s.Peak < calls/2 {
		t.Errorf("%+v", s)
	}
}

type deafMedia struct{}

func (deafMedia) Offer() ([]byte, error) {
	return []byte("v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"), nil
}
func (m deafMedia) Answer([]byte) ([]byte, error) { return m.Offer() }
func (deafMedia) Accept([]byte, bool) error       { return nil }
