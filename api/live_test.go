package api_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/api"
	"campanario/campaign"
	"campanario/channel"
)

// event is one server-sent event; a heartbeat has no name.
type event struct {
	name, id string
	reply
}

// listener reads an event stream.
type listener struct {
	d    *desk
	path string
	resp *http.Response
	in   *bufio.Reader
	stop context.CancelFunc
}

func (d *desk) listen(id string, header ...string) *listener {
	d.t.Helper()
	return d.listenTo("/campaigns/"+id+"/events", d.key, header...)
}

func (d *desk) listenTo(path, key string, header ...string) *listener {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.ctx)
	d.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.http.URL+api.Prefix+path, nil)
	d.must(err)
	r.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := d.http.Client().Do(r)
	d.must(err)
	d.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" || resp.Header.Get("Cache-Control") != "no-store" {
		d.t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	return &listener{d, path, resp, bufio.NewReader(resp.Body), cancel}
}

// next gives the next event or heartbeat; false at the end.
func (l *listener) next() (event, bool) {
	l.d.t.Helper()
	e := event{reply: reply{t: l.d.t, what: "an event"}}
	for {
		line, err := l.in.ReadString('\n')
		if err != nil {
			return e, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.text = value
		case "retry":
			e.name = "retry"
		case "":
			if line == "\n" && e.name == "retry" {
				e.name = ""
				continue
			}
			if line == "\n" {
				l.documented(e)
				return e, true
			}
		}
	}
}

// documented holds that the document knows an event and all of its data.
func (l *listener) documented(e event) {
	l.d.t.Helper()
	if e.name == "" {
		return
	}
	media := l.d.operationAt("GET", l.path).Responses["200"].Content["text/event-stream"]
	schema := media.Extensions["x-events"].(map[string]*huma.Schema)[e.name]
	if schema == nil {
		l.d.t.Errorf("the document does not know the event %s", e.name)
		return
	}
	l.d.fits("the event "+e.name, schema, e.text)
}

// until reads on to the first event that fits.
func (l *listener) until(what string, fits func(e event) bool) event {
	l.d.t.Helper()
	for {
		e, ok := l.next()
		if !ok {
			l.d.t.Fatalf("the stream ended before %s", what)
		}
		if fits(e) {
			return e
		}
	}
}

func (l *listener) named(name string) event {
	l.d.t.Helper()
	return l.until(name, func(e event) bool { return e.name == name })
}

// TestLive is a campaign watched from its start to its end.
func TestLive(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(2)
		l := d.listen(id, "Last-Event-ID", "whatever")
		first := l.named("snapshot")
		first.is("state", `"active"`)
		first.is("counts.by_status.pending", "2")
		first.is("running", "false")
		e := d.engine(line)
		flights := e.claim(id, 2)
		l.until("two in flight", func(e event) bool { return e.name == "snapshot" && e.num("counts.in_flight") == 2 })
		e.settle(channel.Outcome{Code: channel.Sent}, flights...)
		last := l.until("two settled", func(e event) bool { return e.name == "snapshot" && e.num("counts.settled") == 2 })
		last.is("rates.progress", "1")
		if last.id <= first.id || last.id == "" {
			t.Errorf("ids %s, %s", first.id, last.id)
		}
		d.want(200, "", "POST /campaigns/"+id+"/pause", "")
		change := l.named("change")
		change.is("what", `"state"`)
		change.is("from", `"active"`)
		change.is("to", `"paused"`)
		l.named("snapshot").is("paused.reason", `"operator"`)
		d.want(200, "", "POST /campaigns/"+id+"/cancel", "")
		l.until("the end", func(e event) bool { return e.name == "snapshot" && e.str("state") == "cancelled" })
		d.want(204, "", "DELETE /campaigns/"+id, "")
		l.named("gone")
		if e, more := l.next(); more {
			t.Errorf("%s after the end", e.name)
		}
		d.want(404, "campaign_not_found", "GET /campaigns/"+id+"/events", "")
	})
}

// TestHeartbeat holds that a silent stream lives, and ends when its key is revoked.
func TestHeartbeat(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.Heartbeat = 10 * time.Millisecond })
	id := d.campaign("")
	key, token := d.newKey(`"read"`)
	l := d.listen(id, "Authorization", "Bearer "+token)
	l.named("snapshot")
	for range 3 {
		if e, ok := l.next(); !ok || e.name != "" {
			t.Fatalf("%v %q, want a heartbeat", ok, e.name)
		}
	}
	d.want(204, "", "DELETE /keys/"+key, "")
	for {
		if _, ok := l.next(); !ok {
			return
		}
	}
}

// TestHeartbeatOfAPerson: the stream of somebody who has signed in lives as long as their session and their role, and does
// not keep the session alive.
func TestHeartbeatOfAPerson(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.Heartbeat = 10 * time.Millisecond })
	id := d.campaign("")
	for name, end := range map[string]func(token, user string){
		"signed out": func(token, _ string) { d.askWith(token, "DELETE /session", nil).refused(204, "") },
		"removed":    func(_, user string) { d.want(204, "", "DELETE /users/"+user, "") },
		"idle":       func(string, string) { d.later(access.SessionIdle) },
	} {
		d.later(2 * time.Minute)
		token := d.person(d.workspace, "ana@example.com", access.Viewer)
		user := d.askWith(token, "GET /me", nil).str("user.id")
		d.later(2 * time.Minute) // the next use would be noted
		l := d.listen(id, "Cookie", "campanario="+token, "Authorization", "")
		l.named("snapshot")
		for range 3 {
			if e, ok := l.next(); !ok || e.name != "" {
				t.Fatalf("%s: %v %q, want a heartbeat", name, ok, e.name)
			}
		}
		end(token, user)
		for ended := false; !ended; {
			_, more := l.next()
			ended = !more
		}
	}
}

// counting counts how often campaigns are read.
type counting struct {
	campaign.Store
	reads   atomic.Int64
	mu      sync.Mutex
	failing error
}

func (c *counting) EngineViews(ctx context.Context, workspace string, ids []string) (map[string]campaign.EngineView, error) {
	c.reads.Add(1)
	c.mu.Lock()
	err := c.failing
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return c.Store.EngineViews(ctx, workspace, ids)
}

func (c *counting) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = err
}

// watched is a desk that counts.
func watched(t *testing.T, change func(*api.Options)) (*desk, *counting) {
	t.Helper()
	var c *counting
	d := lone(t, func(o *api.Options) {
		s := o.Answers.(campaign.Store)
		c = &counting{Store: s}
		o.Campaigns = campaign.NewService(campaign.Options{Store: c, Catalogue: o.Answers.(campaign.Catalogue), Now: o.Now})
		change(o)
	})
	return d, c
}

// TestOneReader holds that a campaign is read once, however many listen, and not at all when nobody does.
func TestOneReader(t *testing.T) {
	d, c := watched(t, func(o *api.Options) { o.LiveEvery = time.Hour })
	id := d.campaign("")
	listeners := make([]*listener, 20)
	for i := range listeners {
		listeners[i] = d.listen(id)
		listeners[i].named("snapshot")
	}
	if n := c.reads.Load(); n != 1 {
		t.Errorf("read %d times for %d listeners", n, len(listeners))
	}
	for _, l := range listeners {
		l.stop()
	}
	for d.api.Listeners() > 0 {
		<-time.After(time.Millisecond)
	}
	d.listen(id).named("snapshot") // somebody new wakes it up
	if n := c.reads.Load(); n != 2 {
		t.Errorf("read %d times", n)
	}
}

// TestNobodyTakesAllStreams holds that one key has so many streams and no more, whatever else it asks for, and that others have theirs.
func TestNobodyTakesAllStreams(t *testing.T) {
	d, _ := watched(t, func(o *api.Options) { o.LiveEvery = time.Hour })
	id := d.campaign("")
	viewer, secret := d.newKey(`"read"`)
	first, err := d.api.Join(viewer, d.workspace, id)
	d.must(err)
	for range 499 {
		leave, err := d.api.Join(viewer, d.workspace, id)
		d.must(err)
		defer leave()
	}
	if r := d.askWith(secret, "GET /campaigns/"+id+"/events", nil); r.status != 503 || r.str("code") != "streams_full" {
		t.Errorf("one more: %d %s", r.status, r.text)
	}
	d.listen(id).named("snapshot")
	first()
	d.listenTo("/campaigns/"+id+"/events", secret).named("snapshot")
}

// TestLiveThroughTrouble holds that a stream goes on when the database was away for a while.
func TestLiveThroughTrouble(t *testing.T) {
	d, c := watched(t, func(*api.Options) {})
	id := d.campaign("")
	l := d.listen(id)
	l.named("snapshot")
	c.fail(errors.New("gone"))
	for before := c.reads.Load(); c.reads.Load() < before+3; { // it goes on trying
		<-time.After(time.Millisecond)
	}
	d.want(200, "", "PATCH /campaigns/"+id, `{"name": "Depois"}`)
	c.fail(nil)
	l.named("snapshot").is("revision", "2")
}

// TestClosing holds that closing ends all streams, and that nobody gets a new one.
func TestClosing(t *testing.T) {
	d := lone(t, nil)
	id := d.campaign("")
	var all sync.WaitGroup
	for range 10 {
		l := d.listen(id)
		l.named("snapshot")
		all.Go(func() {
			for more := true; more; {
				_, more = l.next()
			}
		})
	}
	d.api.Close()
	all.Wait()
	d.want(503, "shutting_down", "GET /campaigns/"+id+"/events", "")
	d.api.Close()
	if r := d.ask("HEAD /campaigns/"+d.campaign("")+"/events", ""); r.status == 200 {
		t.Errorf("a stream after the end")
	}
}

// TestDeafListener holds that who does not read holds up nobody, and sees the newest when they do.
func TestDeafListener(t *testing.T) {
	d := lone(t, nil)
	id := d.campaign("")
	deaf, quick := d.listen(id), d.listen(id)
	deaf.named("snapshot")
	for i := range 30 {
		d.want(200, "", "POST /campaigns/"+id+"/recipients", people(i, 1), "Content-Type", "application/x-ndjson")
	}
	all := func(e event) bool { return e.name == "snapshot" && e.num("counts.total") == 30 }
	quick.until("everybody", all)
	deaf.until("everybody", all)
}
