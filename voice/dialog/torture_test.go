package dialog

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"campanario/voice/dialog/transport"
)

var viaPort = regexp.MustCompile(`(?m)^Via: *SIP/2.0/UDP [^\s;,:]+:([0-9]+)`)

// torture is what each message of RFC 4475 meets with: the status of our answer, 0 for none. Where the RFC leaves a
// choice between refusing and being lenient, the comment says which we took.
var torture = map[string]int{
	// Section 3.1.1, valid.
	"wsinv": 481, "intmeth": 405, "esc01": 480, "escnull": 405, "esc02": 405, "lwsdisp": 200, "longreq": 480,
	"dblreq": 405, "semiuri": 200, "transports": 200, "mpart01": 405, "unreason": 0, "noreason": 0,
	// Section 3.1.2, invalid.
	"badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": 0, "quotbal": 400, "ltgtruri": 400,
	"lwsruri": 400, "lwsstart": 400, "trws": 400, "escruri": 400,
	"baddate":  480,                  // lenient: nobody reads the Date
	"regbadct": 405, "badaspec": 200, // lenient: the spaces inside the brackets mean nothing
	"baddn":   400, // its head does not end
	"badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": 0,
	// Sections 3.2 and 3.3.
	"badbranch": 200, // lenient: taken for a branch of RFC 2543's time
	"insuf":     400, "unkscm": 416, "novelsc": 416, "unksm2": 405, "bext01": 420, "invut": 415, "regaut01": 405,
	"multi01": 400, "mcl01": 400, "bcast": 0, "zeromf": 200, "cparam01": 405, "cparam02": 405, "regescrt": 405,
	"sdp01":   480,
	"inv2543": 480,
}

// farSocket is a UDP socket on a loopback address of its own, at the port that the text's top Via names, because that is
// where its answer goes.
func farSocket(t *testing.T, text []byte) *net.UDPConn {
	t.Helper()
	port := "5060"
	if via := viaPort.FindSubmatch(text); via != nil {
		port = string(via[1])
	}
	for range 20 {
		addr := fmt.Sprintf("127.%d.%d.%d:%s", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250), port)
		c, err := net.ListenPacket("udp4", addr)
		if err == nil {
			t.Cleanup(func() { _ = c.Close() })
			return c.(*net.UDPConn)
		}
	}
	t.Fatal("no loopback address with port 5060 free")
	return nil
}

// ask sends a text and gives the status of the answer, 0 when a later question is answered first.
func ask(t *testing.T, c *net.UDPConn, agent net.Addr, text []byte) int {
	t.Helper()
	if _, err := c.WriteTo(text, agent); err != nil {
		t.Fatal(err)
	}
	mark := strconv.FormatUint(rand.Uint64(), 36)
	probe := strings.ReplaceAll("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP x;branch=z9hG4bK"+mark+";rport"+
		"\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: "+mark+"\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n", "\n", "\r\n")
	if _, err := c.WriteTo([]byte(probe), agent); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 65536)
	status := 0
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		n, _, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatalf("the agent does not answer any more: %v", err)
		}
		answer := buf[:n]
		if bytes.Contains(answer, []byte("Call-ID: "+mark)) {
			return status
		}
		if s, err := strconv.Atoi(string(answer[8:11])); err == nil && s != 100 {
			status = s
		}
	}
}

func TestTorture(t *testing.T) {
	files, err := filepath.Glob("testdata/torture/*.dat")
	if err != nil || len(files) != 49 {
		t.Fatalf("%d messages, %v; RFC 4475 has 49", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, ok := torture[name]
			if !ok {
				t.Fatal("nobody has said what this message is to meet with")
			}
			// An agent for each: the messages repeat each other's branches.
			at := net.UDPAddrFromAddrPort(agentFor(t, Options{}).Addrs(transport.UDP)[0])
			if got := ask(t, farSocket(t, text), at, text); got != want {
				t.Errorf("answered %d, want %d", got, want)
			}
		})
	}
}

// The same messages in the middle of a call, with its Call-ID and tags, and cut off at every length.
func TestTortureInsideACall(t *testing.T) {
	uas := agentFor(t, Options{Incoming: func(c *Call) {
		c.Handle(newMedia(), nil)
		c.Accept(Acceptance{})
	}})
	a := agentFor(t, Options{})
	tr := trunkFor(t, a, TrunkOptions{Gateways: []string{uas.Addrs(transport.UDP)[0].String()}})
	w := watch(t)
	c, err := tr.Call(context.Background(), Invite{ID: "tortured", To: "1", From: "2", Media: newMedia(), Events: w.see})
	if err != nil {
		t.Fatal(err)
	}
	w.until(HappenedAnswered)
	at := net.UDPAddrFromAddrPort(a.Addrs(transport.UDP)[0])
	far := farSocket(t, nil)
	files, err := filepath.Glob("testdata/torture/*.dat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(text) {
			if n%7 != 0 && n < len(text)-2 {
				continue
			}
			if _, err := far.WriteTo(text[:n], at); err != nil {
				t.Fatal(err)
			}
		}
		own := strings.NewReplacer("Call-ID: ", "Call-ID: tortured\r\nX-Call-ID: ", "To: ", "To: <sip:x@y>;tag="+Tag("tortured")+"\r\nX-To: ").Replace(string(text))
		ask(t, far, at, []byte(own))
	}
	select {
	case <-c.Done():
		t.Errorf("strangers' messages ended the call: %+v", c.Final())
	default:
	}
	c.Hangup()
	ended(t, c)
}
