package client_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// far is a server of events that does with its connections what a test says, one after the other.
type far struct {
	mu    sync.Mutex
	asked []http.Header
	plays []http.HandlerFunc
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/events") {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": "c", "name": "Pesquisa\u001b[2J"}`)
		return
	}
	f.mu.Lock()
	i := len(f.asked)
	f.asked = append(f.asked, r.Header)
	f.mu.Unlock()
	f.plays[min(i, len(f.plays)-1)](w, r)
}

// stream says something and ends.
func stream(text ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, s := range text {
			_, _ = io.WriteString(w, s)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// cut says something and breaks off in the middle of a chunk.
func cut(text ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		stream(text...)(w, r)
		panic(http.ErrAbortHandler)
	}
}

func problem(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"code": %q, "detail": "no", "errors": [{"code": %q, "text": "no"}], "request_id": "r-1"}`, code, code)
	}
}

// snapshot is one event; attempts grow with settled.
func snapshot(id int, state string, settled, total int, more string) string {
	return fmt.Sprintf(`event: snapshot
id: %d
data: {"at":"2026-11-23T12:00:%02dZ","campaign":"c","state":%q,"running":true,%s"counts":{"total":%d,"settled":%d,"in_flight":1,"attempts":%d,"answered":%d,"by_status":{"pending":%d,"completed":%d},"by_outcome":{"sent":%d}},"rates":{"progress":%g,"success_rate":0.5}}

`, id, id, state, more, total, settled, 3*settled, settled, total-settled, settled, settled, float64(settled)/float64(total))
}

func watching(t *testing.T, plays ...http.HandlerFunc) (*desk, *far) {
	t.Helper()
	f := &far{plays: plays}
	web := httptest.NewServer(f)
	t.Cleanup(web.Close)
	d := sit(t, web.URL, "cmp_aaaaaaaaaaaaaaaa_secret")
	d.o.After = func(time.Duration) <-chan time.Time { return time.After(0) }
	return d, f
}

const lost = "Connection lost; trying again in ⟨*⟩ s.\n"

func TestWatchLineByLine(t *testing.T) {
	d, f := watching(t,
		cut(snapshot(1, "active", 0, 4, ""), snapshot(2, "active", 0, 4, ""), // nothing new: no line
			"event: change\ndata: {\"what\": \"state\"}\n\n", "event: snapshot\ndata: {broken\n\n", "event: snapshot\ndata: {\"state\": \"odd\"}\n\n",
			"event: nonsense\ndata: \x00\xff\n\n", snapshot(3, "completed", 4, 4, "")[:100]), // half an event says nothing
		problem(503, "shutting_down"),
		problem(500, "internal"),
		func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>a proxy</html>") },
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		stream("retry: 1\n\n:\n\n"),
		stream(snapshot(4, "active", 0, 4, ""), strings.ReplaceAll(snapshot(5, "active", 1, 4, `"waiting":{"text":"Closed until\u001b[31m nine"},`), "\n", "\r\n"),
			snapshot(6, "paused", 2, 4, `"paused":{"text":"By hand"},`), snapshot(7, "completed", 4, 4, "")),
	)
	got := d.run("campaign", "watch", "c")
	want := `2026-11-23 12:00:00  ⟨state.active⟩  0 of 4 settled (0.0%)  in flight 1  attempts 0  answered 0  success 50.0%
2026-11-23 12:00:00  ⟨state.active⟩  0 of 4 settled (0.0%)  in flight 1  attempts 0  answered 0  success 50.0%
2026-11-23 12:00:00  ⟨state.active⟩  1 of 4 settled (25.0%)  in flight 1  attempts 3  answered 1  success 50.0%  Closed until·[31m nine
2026-11-23 12:00:00  ⟨state.paused⟩  2 of 4 settled (50.0%)  in flight 1  attempts 6  answered 2  success 50.0%  By hand
2026-11-23 12:00:00  ⟨state.completed⟩  4 of 4 settled (100.0%)  in flight 1  attempts 12  answered 4  success 50.0%
`
	if got.code != 0 || !d.like(got.out, want) || !d.like(got.err, lost) {
		t.Errorf("%d\n%s\n%s\nwant\n%s", got.code, got.out, got.err, want)
	}
	if len(f.asked) != 7 || f.asked[0].Get("Last-Event-Id") != "" || f.asked[1].Get("Last-Event-Id") != "2" {
		t.Errorf("%d connections: %v", len(f.asked), f.asked)
	}
	for _, h := range f.asked {
		if h.Get("Authorization") != "Bearer "+d.key || h.Get("Accept") != "text/event-stream" {
			t.Errorf("asked with %v", h)
		}
	}
}

func TestWatchForPrograms(t *testing.T) {
	one, two := snapshot(1, "active", 0, 4, ""), snapshot(2, "completed", 4, 4, "")
	d, _ := watching(t, stream(one, "event: change\ndata: {}\n\n", two))
	got := d.run("campaign", "watch", "c", "--json")
	want := regexp.MustCompile(`(?m)^(event|id|data): .*\n|^\n`).ReplaceAllStringFunc(one+two, func(line string) string {
		data, _ := strings.CutPrefix(line, "data: ")
		if data == line {
			return ""
		}
		return data
	})
	if got.code != 0 || got.out != want || got.err != "" {
		t.Errorf("%+v, want %s", got, want)
	}
}

func TestWatchEnds(t *testing.T) {
	active := snapshot(1, "active", 1, 4, "")
	for name, c := range map[string]struct {
		plays []http.HandlerFunc
		code  int
		err   string
	}{
		"completed":             {[]http.HandlerFunc{stream(active, snapshot(2, "completed", 4, 4, ""))}, 0, ""},
		"cancelled":             {[]http.HandlerFunc{stream(active, snapshot(2, "cancelled", 1, 4, ""))}, 1, refused("campaign_cancelled")},
		"deleted":               {[]http.HandlerFunc{stream(active, "event: gone\ndata: {}\n\n")}, 1, refused("campaign_gone")},
		"key revoked meanwhile": {[]http.HandlerFunc{cut(active), problem(401, "key_invalid")}, 1, lost + refused("key_invalid")},
		"not for this key":      {[]http.HandlerFunc{problem(403, "scope_missing")}, 1, refused("scope_missing")},
		"too much in one event": {[]http.HandlerFunc{stream(active, "data: "+strings.Repeat("x", 5<<20)), stream(snapshot(2, "completed", 4, 4, ""))}, 0, lost},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := watching(t, c.plays...)
			if got := d.run("campaign", "watch", "c"); got.code != c.code || !d.like(got.err, c.err) {
				t.Errorf("%d: %s\nwant %d: %s", got.code, got.err, c.code, c.err)
			}
		})
	}
}

// TestWatchGivesUp: a server that stays away ends it at last, with the code for that.
func TestWatchGivesUp(t *testing.T) {
	d, f := watching(t, cut(snapshot(1, "active", 1, 4, "")), problem(503, "shutting_down"))
	now := noon
	d.o.Now = func() time.Time { return now }
	d.o.After = func(by time.Duration) <-chan time.Time {
		now = now.Add(by)
		return time.After(0)
	}
	d.o.GiveUp = 3 * time.Minute
	got := d.run("campaign", "watch", "c")
	if got.code != 3 || !strings.Contains(got.err, "[shutting_down]") {
		t.Errorf("%+v", got)
	}
	if n := len(f.asked); n < 8 || n > 25 { // 1–2 s, 2–4 s, … up to 15–30 s
		t.Errorf("%d connections in three minutes", n)
	}
}

// TestWatchHeeds: a server says how soon it wants to be asked again.
func TestWatchHeeds(t *testing.T) {
	d, _ := watching(t, cut("retry: 8000\n\n"), cut(snapshot(1, "active", 1, 4, "")), stream(snapshot(2, "completed", 4, 4, "")))
	var waits []time.Duration
	d.o.After = func(by time.Duration) <-chan time.Time {
		waits = append(waits, by)
		return time.After(0)
	}
	d.must("campaign", "watch", "c")
	for i, w := range waits {
		if w < 4*time.Second || w >= 8*time.Second {
			t.Errorf("waited %s the time %d", w, i+1)
		}
	}
	if len(waits) != 2 {
		t.Errorf("waited %v", waits)
	}
}

// TestWatchSilence: a connection on which nothing comes any more is made anew.
func TestWatchSilence(t *testing.T) {
	d, f := watching(t,
		func(w http.ResponseWriter, r *http.Request) {
			stream(snapshot(1, "active", 1, 4, ""))(w, r)
			<-r.Context().Done()
		},
		stream(snapshot(2, "completed", 4, 4, "")))
	d.o.Silence = 20 * time.Millisecond
	if got := d.run("campaign", "watch", "c"); got.code != 0 || len(f.asked) != 2 || !d.like(got.err, lost) {
		t.Errorf("%+v after %d connections", got, len(f.asked))
	}
}

func TestWatchInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d, _ := watching(t, func(w http.ResponseWriter, r *http.Request) {
		stream(snapshot(1, "active", 1, 4, ""))(w, r)
		cancel()
		<-r.Context().Done()
	})
	if got := d.runIn(ctx, "campaign", "watch", "c"); got.code != 130 || got.err != "" {
		t.Errorf("%+v", got)
	}
}

// TestWatchInPlace paints on a terminal: every frame over the one before, none of its lines too wide.
func TestWatchInPlace(t *testing.T) {
	d, _ := watching(t,
		cut(snapshot(1, "active", 0, 4, ""), snapshot(11, "active", 1, 4, `"waiting":{"text":"`+strings.Repeat("long ", 40)+`"},`)),
		stream(snapshot(21, "completed", 4, 4, "")))
	d.width = 60
	got := d.run("campaign", "watch", "c")
	if got.code != 0 || got.err != "" {
		t.Fatalf("%+v", got)
	}
	frames := regexp.MustCompile(`\x1b\[\d+A`).Split(got.out, -1)
	if len(frames) != 4 { // the third says that the connection is lost
		t.Fatalf("%d frames in %q", len(frames), got.out)
	}
	ups := regexp.MustCompile(`\x1b\[(\d+)A`).FindAllStringSubmatch(got.out, -1)
	for i, frame := range frames {
		lines := strings.Split(strings.TrimSuffix(frame, "\x1b[J"), "\n")
		if i < len(ups) && fmt.Sprint(len(lines)-1) != ups[i][1] {
			t.Errorf("frame %d has %d lines, and the next one goes up %s", i, len(lines)-1, ups[i][1])
		}
		for _, l := range lines {
			if n := utf8.RuneCountInString(strings.TrimPrefix(l, "\r\x1b[K")); n > 59 {
				t.Errorf("frame %d: a line of %d: %q", i, n, l)
			}
		}
	}
	last := strings.NewReplacer("\r\x1b[K", "", "\x1b[J", "").Replace(frames[3])
	want := `Pesquisa·[2J  ·  ⟨state.completed⟩
  [##############################]  4 of 4 settled (100.0%)
  in flight 1  attempts 12  answered 4  success 50.0%
  0.6/s

    ⟨status.completed⟩  4
    ⟨outcome.sent⟩  4
`
	if !d.like(last, want) {
		t.Errorf("last frame\n%s\nwant\n%s", last, want)
	}
	if !strings.Contains(frames[2], "Connection lost") || !strings.Contains(frames[1], "long long") {
		t.Errorf("%q", frames)
	}
}

// TestWatchOnASmallTerminal: what scrolls away could not be painted over.
func TestWatchOnASmallTerminal(t *testing.T) {
	d, _ := watching(t, stream(snapshot(1, "active", 1, 4, ""), snapshot(2, "completed", 4, 4, "")))
	d.width, d.rows = 80, 3
	if out := d.must("campaign", "watch", "c"); strings.Count(out, "\n") != 4 || !strings.Contains(out, "\x1b[2A") {
		t.Errorf("%q", out)
	}
}

// TestWatchTheServer watches a campaign of the real server until somebody cancels it.
func TestWatchTheServer(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	d.must("campaign", "start", "⟨campaign⟩")
	r, w := io.Pipe()
	code := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		code <- d.start(t.Context(), strings.NewReader(""), w, &errs, "campaign", "watch", "⟨campaign⟩")
		_ = w.Close()
	}()
	first := make([]byte, 4096)
	n, err := r.Read(first)
	if err != nil || !d.like(string(first[:n]), "2026-11-23 12:00:00  ⟨state.active⟩  0 of 3 settled (0.0%)  ⟨*⟩\n") {
		t.Fatalf("%q %v", first[:n], err)
	}
	rest := make(chan string, 1)
	go func() { b, _ := io.ReadAll(r); rest <- string(b) }()
	d.must("campaign", "cancel", "⟨campaign⟩", "--yes")
	if got := <-code; got != 1 || !d.like(errs.String(), refused("campaign_cancelled")) {
		t.Errorf("%d %s", got, errs.String())
	}
	lines := strings.SplitAfter(<-rest, "\n")
	if last := lines[len(lines)-2]; !d.like(last, "2026-11-23 12:00:00  ⟨state.cancelled⟩  3 of 3 settled (100.0%)  ⟨*⟩\n") {
		t.Errorf("%q", lines)
	}
}
