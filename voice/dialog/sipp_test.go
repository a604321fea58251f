package dialog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"campanario/internal/freeport"
	"campanario/voice/dialog/transaction"
	"campanario/voice/dialog/transport"
)

// far is a SIPp process that plays one scenario as the far end.
type far struct {
	t    *testing.T
	name string
	port int
	done chan error
	dir  string
	out  bytes.Buffer
}

// farEnd starts a scenario and returns when it listens. words are pairs of a word in the scenario and what to put for
// it: SIPp's own keywords cannot stand in a status line.
func farEnd(t *testing.T, scenario string, network transport.Network, calls int, words []string, args ...string) *far {
	t.Helper()
	exe, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatal("SIPp is needed for this test: install the package sip-tester")
	}
	f := &far{t: t, name: scenario, port: freePort(t), dir: t.TempDir(), done: make(chan error, 1)}
	text, err := os.ReadFile(filepath.Join("testdata", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(f.dir, "scenario.xml")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(append(words, "[linger]", "300")...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	mode := "u1"
	if network == transport.TCP {
		mode = "t1"
	}
	argv := append([]string{
		"-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(f.port), "-t", mode, "-m", strconv.Itoa(calls), "-nostdin",
		"-timeout", "60s", "-timeout_error", "-trace_err", "-error_file", "err.log", "-trace_msg", "-message_file", "msg.log",
		"-nd", "-mi", "127.0.0.1", "-mp", strconv.Itoa(freePort(t)),
	}, args...)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, exe, argv...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.dir, &f.out, &f.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { f.done <- cmd.Wait() }()
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			f.dump()
		}
	})
	f.listening(network)
	return f
}

// freePort is a port for SIPp; the one two above, which it takes beside that of its sound, is free as well.
func freePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Find(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// listening waits until the kernel's tables show the port bound.
func (f *far) listening(n transport.Network) {
	f.t.Helper()
	table, want := "/proc/net/udp", fmt.Sprintf("0100007F:%04X", f.port)
	if n == transport.TCP {
		table = "/proc/net/tcp"
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		data, err := os.ReadFile(table)
		if err != nil {
			f.t.Fatal(err)
		}
		if bytes.Contains(data, []byte(want)) {
			return
		}
		select {
		case err := <-f.done:
			f.done <- err
			f.t.Fatalf("sipp %s ended before it listened: %v\n%s", f.name, err, f.out.String())
		case <-limit:
			f.t.Fatalf("sipp %s does not listen", f.name)
		case <-tick.C:
		}
	}
}

// played waits until the scenario has ended and fails the test unless every call went as the scenario says.
func (f *far) played() {
	f.t.Helper()
	select {
	case err := <-f.done:
		f.done <- nil
		if err != nil {
			f.t.Errorf("sipp %s: %v", f.name, err)
		}
	case <-time.After(70 * time.Second):
		f.t.Errorf("sipp %s does not end", f.name)
	}
}

// messages is the log of everything that it received and sent.
func (f *far) messages() string {
	f.t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, "msg.log"))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(data)
}

func (f *far) dump() {
	for _, name := range []string{"err.log", "msg.log"} {
		data, err := os.ReadFile(filepath.Join(f.dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if len(data) > 12_000 {
			data = data[:12_000]
		}
		f.t.Logf("sipp %s %s:\n%s", f.name, name, data)
	}
}

func (f *far) uri(n transport.Network) string {
	return "sip:127.0.0.1:" + strconv.Itoa(f.port) + ";transport=" + strings.ToLower(string(n))
}

// agentFor starts an agent on free ports of loopback, which is stopped with the test.
func agentFor(t *testing.T, opt Options) *Agent {
	t.Helper()
	if len(opt.Listen) == 0 {
		opt.Listen = []Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}, {Network: transport.TCP, Addr: "127.0.0.1:0"}}
	}
	a, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	return a
}

func trunkFor(t *testing.T, a *Agent, opt TrunkOptions) *Trunk {
	t.Helper()
	tr, err := a.Trunk(opt)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// quick are timers for tests that have to wait for repetitions.
var quick = transaction.Timers{T1: 100 * time.Millisecond, T2: 400 * time.Millisecond, T4: 500 * time.Millisecond}

// sdpMedia is a Media whose descriptions name the turn they were made in.
type sdpMedia struct {
	ours     chan string // what was offered or answered
	theirs   chan string // what was accepted or answered to
	refuse   bool
	accepted int
	turn     int
}

func newMedia() *sdpMedia {
	return &sdpMedia{ours: make(chan string, 64), theirs: make(chan string, 64)}
}

func (m *sdpMedia) describe() []byte {
	m.turn++
	s := fmt.Sprintf("v=0\r\no=us 1 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", m.turn)
	m.ours <- s
	return []byte(s)
}

func (m *sdpMedia) Offer() ([]byte, error) { return m.describe(), nil }

func (m *sdpMedia) Answer(offer []byte) ([]byte, error) {
	if m.refuse {
		return nil, errors.New("refused")
	}
	m.theirs <- string(offer)
	return m.describe(), nil
}

func (m *sdpMedia) Accept(answer []byte, _ bool) error {
	if m.refuse {
		return errors.New("refused")
	}
	m.accepted++
	m.theirs <- string(answer)
	return nil
}

// watcher collects the events of a call.
type watcher struct {
	t      *testing.T
	events chan Event
}

func watch(t *testing.T) *watcher { return &watcher{t, make(chan Event, 256)} }

func (w *watcher) see(_ *Call, e Event) { w.events <- e }

// until waits for an event and gives the ones before it, in order.
func (w *watcher) until(what Happening) (e Event, before []Happening) {
	w.t.Helper()
	limit := time.After(patience())
	for {
		select {
		case e := <-w.events:
			if e.What == what {
				return e, before
			}
			before = append(before, e.What)
		case <-limit:
			w.t.Fatalf("no event %s; before it: %v", what, before)
		}
	}
}

// patience is how long a test waits for what must come: a day inside a synctest bubble, whose clock begins in 2000.
func patience() time.Duration {
	if time.Now().Year() == 2000 {
		return 24 * time.Hour
	}
	return time.Minute
}

func ended(t *testing.T, c *Call) Final {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(patience()):
		t.Fatalf("the call does not end: %+v", c.Final())
	}
	return c.Final()
}
