package transaction

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// link records what is sent.
type link struct {
	network transport.Network
	mu      sync.Mutex
	sent    []string
	at      []time.Time
	fail    error
}

func (l *link) Network() transport.Network { return l.network }
func (l *link) Local() netip.AddrPort      { return netip.MustParseAddrPort("10.0.0.1:5060") }
func (l *link) Open() bool                 { return true }

func (l *link) Send(_ netip.AddrPort, data []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, string(data))
	l.at = append(l.at, time.Now())
	return l.fail
}

// lines are the first lines of what was sent, without their URIs and phrases.
func (l *link) lines() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]string, len(l.sent))
	for i, s := range l.sent {
		f := strings.Fields(s)
		if out[i] = f[0]; f[0] == "SIP/2.0" {
			out[i] = f[1]
		}
	}
	return strings.Join(out, " ")
}

// gaps are the seconds between what was sent.
func (l *link) gaps() []float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []float64
	for i := 1; i < len(l.at); i++ {
		out = append(out, l.at[i].Sub(l.at[i-1]).Seconds())
	}
	return out
}

// user and core record what they are told.
type told struct {
	mu       sync.Mutex
	answers  []int
	lost     []error
	lostAt   time.Time
	requests []*Server
	acks     int
	strays   int
	calls    string // the Call-ID of the call that there is
}

func (u *told) Within(r *sip.Request) bool { return u.calls != "" && message.CallID(r) == u.calls }

func (u *told) Response(_ *Client, r *sip.Response, _ transport.Flow) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.answers = append(u.answers, r.StatusCode)
}

func (u *told) Lost(_ *Client, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.lost, u.lostAt = append(u.lost, err), time.Now()
}

func (u *told) Request(s *Server) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests = append(u.requests, s)
}

func (u *told) Ack(*sip.Request, transport.Flow) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.acks++
}

func (u *told) Stray(*sip.Response, transport.Flow) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.strays++
}

// scene is a layer with one link, inside a bubble.
type scene struct {
	t     *testing.T
	layer *Layer
	link  *link
	told  *told
	flow  transport.Flow
}

func inBubble(t *testing.T, n transport.Network, f func(s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t, link: &link{network: n}, told: &told{}}
		s.layer = NewLayer(Options{Core: s.told, Servers: 3})
		s.flow = transport.Flow{Link: s.link, Peer: netip.MustParseAddrPort("10.0.0.2:5060")}
		f(s)
		s.layer.Close()
	})
}

func (s *scene) send(method string) *Client {
	s.t.Helper()
	r := &message.Request{
		Method: method, URI: "sip:b@10.0.0.2", Network: string(s.link.network), SentBy: "10.0.0.1:5060", Branch: "z9hG4bK1",
		From: "<sip:a@x>;tag=1", To: "<sip:b@x>", CallID: "c", CSeq: 1,
	}
	c, err := s.layer.Send(s.flow, r, nil, s.told)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *scene) receive(text string) {
	s.t.Helper()
	m, err := message.NewParser().Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		s.t.Fatal(err)
	}
	s.layer.Receive(m, s.flow, time.Now())
}

func (s *scene) answer(status, method string) {
	s.t.Helper()
	s.receive("SIP/2.0 " + status + " X\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>;tag=2\nCall-ID: c\nCSeq: 1 " + method + "\n\n")
}

func (s *scene) ask(method, branch string) {
	s.t.Helper()
	s.askIn("c", method, branch)
}

func (s *scene) askIn(call, method, branch string) {
	s.t.Helper()
	s.receive(method + " sip:a@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=" + branch + "\nFrom: <sip:b@x>;tag=2\nTo: <sip:a@x>\nCall-ID: " + call + "\nCSeq: 1 " + method + "\nContact: <sip:b@x>\n\n")
}

func (s *scene) want(sent string, answers ...int) {
	s.t.Helper()
	synctest.Wait()
	if got := s.link.lines(); got != sent {
		s.t.Errorf("sent %q, want %q", got, sent)
	}
	s.told.mu.Lock()
	defer s.told.mu.Unlock()
	if len(s.told.answers) != len(answers) {
		s.t.Fatalf("told %v, want %v", s.told.answers, answers)
	}
	for i, a := range answers {
		if s.told.answers[i] != a {
			s.t.Errorf("told %v, want %v", s.told.answers, answers)
		}
	}
}

func (s *scene) empty() {
	s.t.Helper()
	if c, v := s.layer.Open(); c+v != 0 {
		s.t.Errorf("%d client and %d server transactions left", c, v)
	}
}

func TestInviteUnanswered(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		began := time.Now()
		s.send("INVITE")
		<-time.After(40 * time.Second)
		s.want("INVITE INVITE INVITE INVITE INVITE INVITE INVITE")
		for i, gap := range s.link.gaps() {
			if want := 0.5 * float64(int(1)<<i); gap != want {
				t.Errorf("repetition %d after %g s, want %g", i+1, gap, want)
			}
		}
		if len(s.told.lost) != 1 || !errors.Is(s.told.lost[0], ErrTimeout) || s.told.lostAt.Sub(began) != 32*time.Second {
			t.Errorf("lost %v after %s", s.told.lost, s.told.lostAt.Sub(began))
		}
		s.empty()
	})
}

func TestReliableIsNotRepeated(t *testing.T) {
	for _, method := range []string{"INVITE", "BYE"} {
		inBubble(t, transport.TCP, func(s *scene) {
			s.send(method)
			<-time.After(40 * time.Second)
			s.want(method)
			if len(s.told.lost) != 1 {
				t.Errorf("lost %v", s.told.lost)
			}
			s.empty()
		})
	}
}

func TestInviteRefused(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.send("INVITE")
		s.answer("100", "INVITE")
		s.answer("180", "INVITE")
		<-time.After(time.Minute) // rings on, and is not repeated
		s.answer("180", "INVITE")
		s.answer("486", "INVITE")
		s.answer("486", "INVITE")
		s.want("INVITE ACK ACK", 100, 180, 180, 486)
		// A branch of a fork that is answered after all is the core's.
		s.answer("200", "INVITE")
		if s.told.strays != 1 {
			t.Errorf("%d strays", s.told.strays)
		}
		<-time.After(33 * time.Second)
		s.answer("486", "INVITE")
		s.want("INVITE ACK ACK", 100, 180, 180, 486)
		s.empty()
	})
}

func TestInviteAnswered(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.send("INVITE")
		s.answer("200", "INVITE")
		s.empty()
		s.answer("200", "INVITE")
		s.want("INVITE", 200)
		if s.told.strays != 1 {
			t.Errorf("%d strays", s.told.strays)
		}
	})
}

func TestOtherRequests(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.send("BYE")
		<-time.After(4 * time.Second)
		s.answer("100", "BYE")
		<-time.After(9 * time.Second)
		s.answer("200", "BYE")
		s.answer("200", "BYE")
		s.want("BYE BYE BYE BYE BYE BYE", 100, 200)
		for i, want := range []float64{0.5, 1, 2, 4, 4} {
			if got := s.link.gaps()[i]; got != want {
				t.Errorf("repetition %d after %g s, want %g", i+1, got, want)
			}
		}
		s.empty()
	})
}

func TestHush(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		c := s.send("INVITE")
		<-time.After(2 * time.Second)
		c.Hush()
		<-time.After(10 * time.Second)
		s.answer("180", "INVITE")
		s.want("INVITE INVITE INVITE", 180)
		c.Stop()
		s.empty()
	})
	inBubble(t, transport.UDP, func(s *scene) {
		s.send("INVITE").Hush()
		<-time.After(33 * time.Second)
		s.want("INVITE")
		if len(s.told.lost) != 1 {
			t.Errorf("lost %v", s.told.lost)
		}
		s.empty()
	})
}

func TestBroken(t *testing.T) {
	closed := &transport.Error{Kind: transport.Refused}
	for name, c := range map[string]struct {
		peer  string // "" for the whole link
		heard string
		lost  bool
	}{
		"nothing heard, peer gone":  {"10.0.0.2:5060", "", true},
		"nothing heard, link gone":  {"", "", true},
		"another peer gone":         {"10.0.0.3:5060", "", false},
		"heard of, peer gone":       {"10.0.0.2:5060", "100", false}, // somebody is there: one stray report says nothing
		"heard of, link gone":       {"", "100", true},
		"answered, link gone":       {"", "486", false},
		"answered, the same, again": {"10.0.0.2:5060", "486", false},
	} {
		inBubble(t, transport.UDP, func(s *scene) {
			s.send("INVITE")
			if c.heard != "" {
				s.answer(c.heard, "INVITE")
			}
			var peer netip.AddrPort
			if c.peer != "" {
				peer = netip.MustParseAddrPort(c.peer)
			}
			s.layer.Broken(s.link, peer, closed)
			if got := len(s.told.lost) == 1; got != c.lost {
				t.Errorf("%s: lost %v", name, s.told.lost)
			}
		})
	}
}

func TestSendFails(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.link.fail = errors.New("no")
		if _, err := s.layer.Send(s.flow, &message.Request{Method: "BYE", Branch: "z9hG4bK2"}, nil, s.told); err == nil {
			t.Error("no error")
		}
		s.empty()
		<-time.After(time.Minute)
		if len(s.told.lost) != 0 {
			t.Error("told twice")
		}
	})
}

func TestInvitedAndRefusing(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.ask("INVITE", "z9hG4bKx")
		<-time.After(time.Second)
		s.ask("INVITE", "z9hG4bKx")
		srv := s.told.requests[0]
		_ = srv.Reply(&message.Reply{Status: 180, Tag: "t"})
		s.ask("INVITE", "z9hG4bKx")
		_ = srv.Reply(&message.Reply{Status: 486, Tag: "t"})
		_ = srv.Reply(&message.Reply{Status: 200, Tag: "t"}) // too late
		<-time.After(3600 * time.Millisecond)                // repeated after 0.5, 1.5 and 3.5 s
		s.ask("ACK", "z9hG4bKx")
		s.ask("ACK", "z9hG4bKx")
		s.ask("INVITE", "z9hG4bKx")
		<-time.After(time.Minute)
		s.want("100 100 180 180 486 486 486 486")
		if len(s.told.requests) != 1 || s.told.acks != 0 {
			t.Errorf("%d requests, %d ACKs for the core", len(s.told.requests), s.told.acks)
		}
		s.empty()
	})
}

func TestInvitedAndNobodyConfirms(t *testing.T) {
	for n, want := range map[transport.Network]int{transport.UDP: 11, transport.TCP: 1} {
		inBubble(t, n, func(s *scene) {
			s.ask("INVITE", "z9hG4bKx")
			_ = s.told.requests[0].Reply(&message.Reply{Status: 603, Tag: "t"})
			<-time.After(time.Minute)
			if got := strings.Count(s.link.lines(), "603"); got != want {
				t.Errorf("%s: sent %d times, want %d", n, got, want)
			}
			s.empty()
		})
	}
}

func TestInvitedAndAnswering(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.ask("INVITE", "z9hG4bKx")
		srv := s.told.requests[0]
		_ = srv.Reply(&message.Reply{Status: 200, Tag: "t"})
		<-time.After(time.Second)
		s.ask("INVITE", "z9hG4bKx") // swallowed: the dialog repeats the 200
		srv.Repeat()
		s.ask("ACK", "z9hG4bKy")
		srv.Confirmed()
		srv.Repeat()
		s.want("200 200")
		if len(s.told.requests) != 1 || s.told.acks != 1 {
			t.Errorf("%d requests, %d ACKs", len(s.told.requests), s.told.acks)
		}
		<-time.After(33 * time.Second)
		s.empty()
	})
}

func TestCancel(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.ask("CANCEL", "z9hG4bKx")
		s.ask("INVITE", "z9hG4bKx")
		srv := s.told.requests[0]
		s.ask("CANCEL", "z9hG4bKx") // before anybody listens for it
		n := 0
		srv.OnCancel(func(*sip.Request) { n++ })
		s.ask("CANCEL", "z9hG4bKx")
		_ = srv.Reply(&message.Reply{Status: 487, Tag: "t"})
		s.ask("CANCEL", "z9hG4bKx")
		s.want("481 200 200 487 200")
		if n != 1 {
			t.Errorf("told of the CANCEL %d times", n)
		}
	})
}

func TestOtherRequestsOfTheirs(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.ask("OPTIONS", "z9hG4bKx")
		s.ask("OPTIONS", "z9hG4bKx")
		_ = s.told.requests[0].Reply(&message.Reply{Status: 200, Tag: "t"})
		s.ask("OPTIONS", "z9hG4bKx")
		s.want("200 200")
		<-time.After(33 * time.Second)
		s.empty()
	})
}

// Senders older than RFC 3261 put nothing into a branch that tells their requests apart.
func TestOldBranches(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.ask("INVITE", "1")
		s.ask("INVITE", "1")
		_ = s.told.requests[0].Reply(&message.Reply{Status: 486, Tag: "t"})
		s.ask("ACK", "1")
		s.ask("OPTIONS", "1")
		if len(s.told.requests) != 2 || s.told.acks != 0 {
			t.Errorf("%d requests, %d ACKs for the core", len(s.told.requests), s.told.acks)
		}
	})
}

func TestTooManyRequests(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		for _, b := range []string{"a", "b", "c", "d", "e"} {
			s.ask("OPTIONS", "z9hG4bK"+b)
		}
		s.want("503 503")
		if len(s.told.requests) != 3 {
			t.Errorf("%d requests", len(s.told.requests))
		}
	})
}

// A flood of requests about nothing must not keep a call from being hung up.
func TestFloodBesideACall(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.told.calls = "c"
		for _, b := range []string{"a", "b", "c", "d"} {
			s.askIn("other", "OPTIONS", "z9hG4bK"+b)
		}
		s.ask("BYE", "z9hG4bKbye")
		if n := len(s.told.requests); n != 4 || s.told.requests[n-1].Request.Method != "BYE" {
			t.Fatalf("%d requests came through", n)
		}
		s.want("503")
		for _, b := range []string{"e", "f", "g"} { // one far end may not fill it either
			s.ask("INFO", "z9hG4bK"+b)
		}
		if n := len(s.told.requests); n != 6 {
			t.Errorf("%d requests came through", n)
		}
	})
}

func TestIgnored(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.ask("INVITE", "z9hG4bKx")
		s.told.requests[0].Ignore()
		for range 6 {
			<-time.After(5 * time.Second)
			s.ask("INVITE", "z9hG4bKx")
		}
		s.want("")
		if len(s.told.requests) != 1 {
			t.Errorf("%d requests", len(s.told.requests))
		}
		<-time.After(time.Minute)
		s.empty()
	})
}

// Answers go where RFC 3261 section 18.2.2 and RFC 3581 say: to the port in the Via unless the sender wants them back at
// the one it sent from.
func TestWayBack(t *testing.T) {
	for via, want := range map[string]string{
		"SIP/2.0/UDP h;branch=z9hG4bK1":            "10.0.0.2:5060",
		"SIP/2.0/UDP h:7000;branch=z9hG4bK1":       "10.0.0.2:7000",
		"SIP/2.0/UDP h:7000;branch=z9hG4bK1;rport": "10.0.0.2:4444",
	} {
		text := "OPTIONS sip:a SIP/2.0\r\nVia: " + via + "\r\nFrom: <sip:b>;tag=2\r\nTo: <sip:a>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
		m, err := message.NewParser().Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		f := transport.Flow{Link: &link{network: transport.UDP}, Peer: netip.MustParseAddrPort("10.0.0.2:4444")}
		if got := way(m.(*sip.Request), f).Peer.String(); got != want {
			t.Errorf("%s: %s, want %s", via, got, want)
		}
	}
}

func TestNotOurs(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.send("BYE")
		// Two Vias: we never forwarded anything. No such transaction: nobody waits.
		s.receive("SIP/2.0 200 X\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK2\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>;tag=2\nCall-ID: c\nCSeq: 1 BYE\n\n")
		s.answer("200", "OPTIONS")
		s.answer("486", "INVITE")
		s.want("BYE")
		if s.told.strays != 0 {
			t.Error("a stray")
		}
	})
}

func TestClosedLayer(t *testing.T) {
	inBubble(t, transport.UDP, func(s *scene) {
		s.send("INVITE")
		s.ask("INVITE", "z9hG4bKx")
		s.layer.Close()
		<-time.After(time.Minute)
		s.want("INVITE")
		if len(s.told.lost) != 0 {
			t.Error("told after the end")
		}
		if _, err := s.layer.Send(s.flow, &message.Request{Method: "BYE"}, nil, s.told); err == nil {
			t.Error("sent after the end")
		}
		s.ask("OPTIONS", "z9hG4bKy")
		if len(s.told.requests) != 1 {
			t.Error("took a request after the end")
		}
	})
}
