package email

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"campanario/agent"
	"campanario/channel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// report is a channel.Reporter that remembers, and that fails the test when an attempt ends twice.
type report struct {
	t    testing.TB
	mu   sync.Mutex
	done chan struct{}
	out  []channel.Outcome
}

func newReport(t testing.TB) *report { return &report{t: t, done: make(chan struct{})} }

func (r *report) Signal(channel.Signal) {}

func (r *report) Close(o channel.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = append(r.out, o)
	if len(r.out) > 1 {
		r.t.Errorf("closed again: %+v", r.out)
		return
	}
	if o.At.IsZero() || !o.Code.Valid() {
		r.t.Errorf("an outcome without time or code: %+v", o)
	}
	close(r.done)
}

// wait gives the outcome; a test that waits for ever is ended by go test with all stacks.
func (r *report) wait() channel.Outcome {
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out[0]
}

func (r *report) closed() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func brief(o channel.Outcome) string {
	s := string(o.Code)
	if o.Reason != "" {
		s += " " + o.Reason
	}
	if o.ProviderCode != "" {
		s += " " + o.ProviderCode
	}
	return s
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// line is a line at a host and port with further settings, such as `"tls":"none"`.
func line(hostport, settings string) channel.Line {
	host, port, _ := net.SplitHostPort(hostport)
	if settings != "" {
		settings = "," + settings
	}
	return channel.Line{
		ID: "line-1", Workspace: "w", Kind: channel.Email, From: "line@example.com", Enabled: true,
		Settings: fmt.Appendf(nil, `{"host":%q,"port":%s%s}`, host, port, settings),
	}
}

func order(l channel.Line, to string, n int) channel.Order {
	return channel.Order{
		Attempt: fmt.Sprintf("attempt-%d", n), Thread: fmt.Sprintf("thread-%d", n), Workspace: "w", Campaign: "c",
		Recipient: fmt.Sprintf("r-%d", n), Number: 1, Line: l, To: channel.Address(to),
		Content: &agent.Message{Subject: "Olá", Text: "Bom dia\n", HTML: "<p>Bom dia</p>\n"},
	}
}

// adapter is one that the end of the test closes.
func adapter(t testing.TB, o Options) *Adapter {
	if o.Log == nil {
		o.Log = quiet()
	}
	a := New(o)
	t.Cleanup(func() {
		// At the end of a test its own context is over already.
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// place hands over an order and gives the report of its end.
func place(t testing.TB, a *Adapter, o channel.Order) *report {
	t.Helper()
	r := newReport(t)
	ref, err := a.Place(t.Context(), o, r)
	if err != nil {
		t.Fatalf("not placed: %v", err)
	}
	if ref == "" {
		t.Error("no ref")
	}
	return r
}

// farEnd is a mail server that follows a script, for what no honest server does on demand. Connections are pipes, so it
// lives inside a synctest bubble and its silences take no time.
type farEnd struct {
	t testing.TB
	// answer says what to do on the n-th connection (from 1) on a command: the reply's lines, or one of the words below.
	// The verb is "" for the greeting and "." for the end of a message.
	answer func(n int, verb, line string) string

	mu       sync.Mutex
	conns    int
	lines    []string // what it heard, as "n line"
	messages []string
	wg       sync.WaitGroup
}

// What a far end can do instead of answering.
const (
	hush  = "(hush)"     // says nothing and waits
	slam  = "(slam)"     // closes
	chop  = "354 (chop)" // asks for the message and closes after the first bytes
	deaf  = "354 (deaf)" // asks for the message and reads none of it
	flood = "(flood)"    // talks without end
)

// honest answers as a server does that takes everything.
func honest(_ int, verb, _ string) string {
	switch verb {
	case "":
		return "220 far.example ESMTP"
	case "EHLO":
		return "250-far.example\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"
	case "DATA":
		return "354 go ahead"
	case "QUIT":
		return "221 2.0.0 bye"
	default:
		return "250 2.0.0 ok"
	}
}

// but is honest but for some verbs.
func but(changes map[string]string) func(int, string, string) string {
	return func(n int, verb, line string) string {
		if s, ok := changes[verb]; ok {
			return s
		}
		return honest(n, verb, line)
	}
}

// Dial is a Dialer to this far end.
func (f *farEnd) Dial(context.Context, string, string) (net.Conn, error) {
	f.mu.Lock()
	f.conns++
	n := f.conns
	f.mu.Unlock()
	here, there := net.Pipe()
	f.wg.Go(func() {
		defer there.Close()
		f.serve(n, there)
	})
	return here, nil
}

func (f *farEnd) serve(n int, c net.Conn) {
	if !f.say(n, c, "", "") {
		return
	}
	r := bufio.NewReader(c)
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			return
		}
		text = strings.TrimRight(text, "\r\n")
		verb, _, _ := strings.Cut(text, " ")
		verb, _, _ = strings.Cut(verb, ":")
		f.note(n, text)
		reply := f.answer(n, verb, text)
		if !f.act(c, reply) {
			return
		}
		if verb == "QUIT" {
			return
		}
		if strings.HasPrefix(reply, "354") && verb == "DATA" && !f.body(n, c, r, reply) {
			return
		}
	}
}

// body reads a message to its final dot.
func (f *farEnd) body(n int, c net.Conn, r *bufio.Reader, reply string) bool {
	switch reply {
	case chop:
		_, _ = c.Read(make([]byte, 1)) // past the buffer, which would swallow the whole message
		return false
	case deaf:
		_, _ = c.Write(nil) // waits until the other side reads, which it does not, or closes
		return false
	}
	var b strings.Builder
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if text == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(text, "."))
	}
	if b.Len() > 0 { // an empty one goes to nobody
		f.mu.Lock()
		f.messages = append(f.messages, b.String())
		f.mu.Unlock()
	}
	return f.say(n, c, ".", ".")
}

func (f *farEnd) say(n int, c net.Conn, verb, text string) bool {
	return f.act(c, f.answer(n, verb, text))
}

func (f *farEnd) act(c net.Conn, reply string) bool {
	switch reply {
	case hush:
		_, _ = io.Copy(io.Discard, c) // until the other side gives up
		return false
	case slam:
		return false
	case flood:
		for {
			if _, err := io.WriteString(c, strings.Repeat("250-more\r\n", 100)); err != nil {
				return false
			}
		}
	}
	reply, _, _ = strings.Cut(reply, "(")
	_, err := io.WriteString(c, reply+"\r\n")
	return err == nil
}

func (f *farEnd) note(n int, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, fmt.Sprintf("%d %s", n, text))
}

func (f *farEnd) heard() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.lines...)
}

func (f *farEnd) connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conns
}

func (f *farEnd) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.messages...)
}

func message(o channel.Order) *agent.Message { return o.Content.(*agent.Message) }
