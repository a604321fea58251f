package dialog

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// relay is a proxy that stays in the way of what it forwards (RFC 3261 section 16), in a few lines.
type relay struct {
	end  *wire
	seen []string // first lines of requests
}

var (
	viaHost = regexp.MustCompile(`Via: SIP/2\.0/UDP ([0-9.:]+)`)
	uriHost = regexp.MustCompile(`sip:(?:[^@>;]*@)?([0-9.]+)`)
)

func (p *relay) take(text string, _ netip.AddrPort) {
	lines := strings.Split(text, "\r\n")
	if strings.HasPrefix(text, "SIP/2.0") {
		own := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Via:") })
		text = strings.Join(slices.Delete(lines, own, own+1), "\r\n")
		if via := viaHost.FindStringSubmatch(text); via != nil {
			_ = p.end.Send(netip.MustParseAddrPort(via[1]), []byte(text))
		}
		return
	}
	p.seen = append(p.seen, lines[0])
	own := p.end.addr.Addr().String()
	to := lines[0]
	out := []string{lines[0], "Via: SIP/2.0/UDP " + p.end.addr.String() + ";branch=z9hG4bKp" + branchOf(text)}
	if strings.HasPrefix(to, "INVITE") {
		out = append(out, "Record-Route: <sip:"+own+";lr>")
	}
	passed := false
	for _, l := range lines[1:] {
		if strings.HasPrefix(l, "Route:") && !passed {
			passed = true
			if strings.Contains(l, own) {
				continue
			}
		}
		out = append(out, l)
	}
	text = strings.Join(out, "\r\n")
	for _, l := range out {
		if strings.HasPrefix(l, "Route:") {
			to = l
			break
		}
	}
	if host := uriHost.FindStringSubmatch(to); host != nil {
		_ = p.end.Send(netip.MustParseAddrPort(host[1]+":5060"), []byte(text))
	}
}

func branchOf(text string) string {
	_, rest, _ := strings.Cut(text, "branch=")
	return rest[:strings.IndexAny(rest, ";\r")]
}

// Calls by way of two proxies, one of which the trunk names: every request inside the call goes by both, either way, and
// so do the CANCEL and the ACK of a refusal.
func TestThroughProxies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWires(t)
		defer func() {
			if t.Failed() {
				t.Log("\n" + n.lines())
			}
		}()
		one, two := &relay{}, &relay{}
		one.end = n.stranger(one.take) // 10.0.0.1
		two.end = n.stranger(two.take) // 10.0.0.2
		calls := make(chan *Call, 8)
		far := n.agent(Options{Incoming: func(c *Call) { // 10.0.0.3
			c.Handle(newMedia(), nil)
			c.Ring(Progress{Reliable: true})
			switch c.Called() {
			case "up":
				c.Accept(Acceptance{})
			case "busy":
				c.Reject(486, "")
			}
			calls <- c
		}})
		a := n.agent(Options{}) // 10.0.0.4
		tr := trunkFor(t, a, TrunkOptions{Gateways: []string{"10.0.0.3"}, Proxies: []string{"10.0.0.1", "sip:10.0.0.2;lr"}})
		w := watch(t)
		c, err := tr.Call(context.Background(), Invite{To: "up", From: "2", Media: newMedia(), Events: w.see})
		if err != nil {
			t.Fatal(err)
		}
		w.until(HappenedAnswered)
		in := <-calls
		settle()
		in.Reinvite()
		w.until(HappenedMedia)
		settle()
		in.Hangup()
		if f := ended(t, c); f.End != EndBye || f.EndedBy != Them {
			t.Errorf("%s by %s", f.End, f.EndedBy)
		}
		busy, err := tr.Call(context.Background(), Invite{To: "busy", From: "2", Media: newMedia()})
		if err != nil {
			t.Fatal(err)
		}
		if f := ended(t, busy); f.Status != 486 {
			t.Errorf("status %d", f.Status)
		}
		w = watch(t)
		ringing, err := tr.Call(context.Background(), Invite{To: "ringing", From: "2", Media: newMedia(), Events: w.see})
		if err != nil {
			t.Fatal(err)
		}
		w.until(HappenedRinging)
		ringing.Hangup()
		if f := ended(t, ringing); f.Status != 487 {
			t.Errorf("status %d", f.Status)
		}
		settle()
		for name, p := range map[string]*relay{"first": one, "second": two} {
			got := map[string]int{}
			for _, l := range p.seen {
				method, _, _ := strings.Cut(l, " ")
				got[method]++
			}
			for method, want := range map[string]int{"INVITE": 4, "ACK": 4, "BYE": 1, "CANCEL": 1, "PRACK": 2} {
				// The refusal may overtake the ringing before it, which then meets with no PRACK.
				if got[method] != want && (method != "PRACK" || got[method] != want+1) {
					t.Errorf("%s proxy: %d %s, want %d", name, got[method], method, want)
				}
			}
		}
		a.Stop()
		far.Stop()
		one.end.Close()
		two.end.Close()
	})
}
