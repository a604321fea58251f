package proctest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"campanario/channel"
	"campanario/cmd/campanario/internal/proctest"
	"campanario/sandbox"
)

// town is a sandbox in a process of its own, and one or several servers on one database.
type town struct {
	t     *testing.T
	log   string // of the sandbox
	voice string // where it takes calls
	smtp  string
	nodes []*node

	mu  sync.Mutex
	key string
}

// node is one server, which may be killed and started again.
type node struct {
	town *town
	name string
	args []string
	dir  string

	mu      sync.Mutex
	process *proctest.Process
	url     string
}

// founding says what a town is like.
type founding struct {
	nodes    int
	database string   // of all nodes; empty for an SQLite file in the folder of the only one
	sandbox  []string // further flags of the sandbox
	serve    []string // further flags of the servers
}

const secretKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// found makes a town.
func found(t *testing.T, f founding) *town {
	t.Helper()
	w := &town{t: t, log: filepath.Join(t.TempDir(), "sandbox.jsonl")}
	p := proctest.Start(t, proctest.Command{Args: append([]string{
		"sandbox", "--sandbox-voice", "127.0.0.1:0", "--sandbox-smtp", "127.0.0.1:0", "--sandbox-log", w.log, "--sandbox-mute", "--sandbox-speed", "60",
	}, f.sandbox...)})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w.voice = p.Await(ctx, regexp.MustCompile(`^calls\s+(\S+)`))[1]
	w.smtp = p.Await(ctx, regexp.MustCompile(`^e-mail\s+(\S+)`))[1]
	for i := range f.nodes {
		n := &node{town: w, dir: t.TempDir(), name: "node-" + strconv.Itoa(i)}
		n.args = append([]string{"serve", "--listen", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--sandbox", "off", "--node", n.name}, f.serve...)
		if f.database != "" {
			n.args = append(n.args, "--database", f.database)
		}
		w.nodes = append(w.nodes, n)
		n.start(ctx)
	}
	return w
}

// start starts a server and waits until it answers.
func (n *node) start(ctx context.Context) {
	n.town.t.Helper()
	p := proctest.Start(n.town.t, proctest.Command{Args: n.args, Dir: n.dir, Env: []string{"CAMPANARIO_SECRET_KEY=" + secretKey}})
	url := p.Await(ctx, regexp.MustCompile(`^\s+Page\s+(\S+)/$`))[1]
	key := p.Await(ctx, regexp.MustCompile(`^\s+Key\s+(\S+)`))[1]
	n.mu.Lock()
	n.process, n.url = p, url
	n.mu.Unlock()
	n.town.mu.Lock()
	defer n.town.mu.Unlock()
	if n.town.key == "" {
		n.town.key = key
	}
}

func (n *node) now() (*proctest.Process, string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process, n.url
}

// kill ends a server with the signal that nobody can catch, and starts it again.
func (n *node) kill(ctx context.Context) {
	n.town.t.Helper()
	p, _ := n.now()
	p.Kill()
	n.start(ctx)
}

// drain ends a server in order, and starts it again.
func (n *node) drain(ctx context.Context) {
	n.town.t.Helper()
	p, _ := n.now()
	p.Signal(syscall.SIGTERM)
	if code := p.Wait(ctx); code != 0 {
		n.town.t.Errorf("SIGTERM: exit code %d\n%s", code, p.Err())
	}
	n.start(ctx)
}

// api is the API of one server after the other: of a next one when one does not answer.
func (w *town) api() proctest.Server {
	turn := 0
	return proctest.Server{
		URL: func() string {
			turn++
			_, url := w.nodes[turn%len(w.nodes)].now()
			return url
		},
		Key: func() string {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.key
		},
	}
}

// line is a line to the sandbox.
type line struct {
	id     string
	from   string // by which the far end tells it from others
	limits channel.Limits
}

// line makes a line. Its name is made of its address: the last digits of a number, or the local part of a mailbox.
func (w *town) line(ctx context.Context, k channel.Kind, name string, limits channel.Limits) line {
	w.t.Helper()
	address, from := w.voice, "+55113000"+name
	if k == channel.Email {
		address, from = w.smtp, name+"@empresa.example"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		w.t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		w.t.Fatal(err)
	}
	settings := map[string]any{"gateways": []any{map[string]any{"host": host, "port": number}}}
	if k == channel.Email {
		settings = map[string]any{"host": host, "port": number, "tls": "none"}
	}
	id, err := w.api().Make(ctx, "/lines", map[string]any{"kind": k, "name": name, "from": from, "zone": "UTC", "limits": limits, "settings": settings})
	if err != nil {
		w.t.Fatalf("make a line: %v", err)
	}
	return line{id, from, limits}
}

// agent makes an agent that says one sentence.
func (w *town) agent(ctx context.Context) string {
	w.t.Helper()
	id, err := w.api().Make(ctx, "/agents", map[string]any{
		"name": "Voz", "language": "pt-BR",
		"script": map[string]any{"start": "hi", "steps": map[string]any{"hi": map[string]any{"say": "Bom dia.", "next": "end"}}},
	})
	if err != nil {
		w.t.Fatalf("make an agent: %v", err)
	}
	return id
}

// campaign makes a campaign with so many recipients, and starts it.
func (w *town) campaign(ctx context.Context, definition map[string]any, people int, person func(int) string) string {
	w.t.Helper()
	api := w.api()
	id, err := api.Make(ctx, "/campaigns", definition)
	if err != nil {
		w.t.Fatalf("make a campaign: %v", err)
	}
	var contacts bytes.Buffer
	contacts.WriteString("contact\n")
	for i := range people {
		contacts.WriteString(person(i) + "\n")
	}
	if n, err := api.Enrol(ctx, id, contacts.Bytes()); err != nil || n != int64(people) {
		w.t.Fatalf("added %d of %d: %v", n, people, err)
	}
	w.do(ctx, id, "start")
	return id
}

// do acts on a campaign.
func (w *town) do(ctx context.Context, id, action string) {
	w.t.Helper()
	if err := w.api().Persist(ctx, http.MethodPost, "/campaigns/"+id+"/"+action, nil, nil); err != nil {
		w.t.Fatalf("%s: %v", action, err)
	}
}

// telephone is an ordinary number: what it does follows from it.
func telephone(i int) string { return fmt.Sprintf("+55119%08d", 70_000_000+i*37) }

// mailbox is an ordinary mailbox.
func mailbox(i int) string { return fmt.Sprintf("pessoa%d@exemplo.example", i) }

// truth is what the database says of a campaign.
func (w *town) truth(ctx context.Context, id string) proctest.Truth {
	w.t.Helper()
	api := w.api()
	v, err := api.Campaign(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	recipients, err := api.Recipients(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	attempts, err := api.Attempts(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return proctest.Truth{View: v, Recipients: recipients, Attempts: attempts}
}

// records is what the far end saw of a line.
func (w *town) records(l line) []sandbox.Record {
	w.t.Helper()
	log, err := proctest.ReadLog(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(log, func(r sandbox.Record) bool { return r.From != l.from })
}

// complain reports what is wrong, of many things the first.
func complain(t *testing.T, bad []string) {
	t.Helper()
	for i, b := range bad {
		if i == 10 {
			t.Errorf("… and %d more", len(bad)-i)
			break
		}
		t.Error(b)
	}
}

// dump is a value for a failure's message.
func dump(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
