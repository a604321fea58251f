package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/internal/fault"
)

// watching is one running of "campaign watch".
type watching struct {
	k      *call
	path   string
	name   string
	screen screen
	lastID string

	now    item   // the last snapshot; nil before the first
	said   string // the line that was said last
	lost   bool   // and that the connection is lost was said after it
	speeds []speed
	events int           // how many came
	heard  time.Time     // when the last one did
	retry  time.Duration // what the server wants
}

// watch shows a campaign until it ends.
func watch(ctx context.Context, k *call) error {
	path, err := k.path("/campaigns/{0}")
	if err != nil {
		return err
	}
	raw, err := k.get(ctx, path)
	if err != nil {
		return err
	}
	m, err := decode(raw)
	if err != nil {
		return k.server.strange(http.StatusOK)
	}
	w := &watching{k: k, path: path + "/events", name: m.text("name"), screen: screen{k: k}, heard: k.o.Now(), retry: 2 * time.Second}
	for failures := 0; ; {
		before := w.events
		done, err := w.stream(ctx)
		if done || ctx.Err() != nil || final(err) {
			return errors.Join(err, ctx.Err())
		}
		if failures++; w.events > before {
			failures = 1
		}
		if k.o.Now().Sub(w.heard) >= k.o.GiveUp {
			return err
		}
		if err := w.pause(ctx, w.delay(failures)); err != nil {
			return err
		}
	}
}

// final reports whether trying again cannot help: the server has refused, and it is not its own trouble.
func final(err error) bool {
	var r *refusal
	if errors.As(err, &r) {
		return r.Status < http.StatusInternalServerError
	}
	return err != nil && fault.KindOf(err) != fault.Unavailable
}

// maxDelay is the longest time between two tries.
const maxDelay = 30 * time.Second

// delay is how long to wait after so many failures in a row. A part of it is by chance, so that not everybody who was
// cut off comes back at once.
func (w *watching) delay(failures int) time.Duration {
	d := min(max(w.retry, 100*time.Millisecond), maxDelay)
	for range min(failures-1, 10) {
		d = min(2*d, maxDelay)
	}
	return d/2 + rand.N(d/2) //nolint:gosec // not a secret
}

// pause says that the connection is lost and waits.
func (w *watching) pause(ctx context.Context, d time.Duration) error {
	note := w.k.words.Say("watch.lost", "seconds", max(1, int(d.Round(time.Second).Seconds())))
	if w.screen.live() && w.now != nil {
		if err := w.screen.paint(w.frame(note)); err != nil {
			return err
		}
	} else if !w.lost { // once for every interruption
		w.lost = true
		_, _ = fmt.Fprintln(w.k.err, note)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.k.o.After(d):
		return nil
	}
}

// stream reads one connection to its end. done tells that the campaign has ended.
func (w *watching) stream(ctx context.Context) (done bool, err error) {
	server, err := w.k.conn()
	if err != nil {
		return true, err
	}
	a := ask{method: http.MethodGet, path: w.path, accept: "text/event-stream", wait: w.k.o.Silence}
	if w.lastID != "" {
		a.header = map[string]string{"Last-Event-ID": w.lastID}
	}
	res, err := server.do(ctx, a)
	if err != nil {
		return false, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type")); err != nil || media != "text/event-stream" {
		return false, server.strange(http.StatusOK)
	}
	in := newEvents(res.Body)
	for {
		e, err := in.next()
		if in.retry > 0 {
			w.retry = in.retry
		}
		if err != nil {
			return false, server.unreachable(ctx, err)
		}
		if printable(e.id) {
			w.lastID = e.id
		}
		w.events, w.heard = w.events+1, w.k.o.Now()
		if done, err := w.take(e); done || err != nil {
			return true, err
		}
	}
}

// printable reports whether an id can stand in a header.
func printable(id string) bool {
	return len(id) <= 200 && strings.IndexFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// take shows what an event brings. What is not understood is passed over: a server may learn new events.
func (w *watching) take(e event) (done bool, err error) {
	if e.name == "gone" {
		return true, fault.New(fault.Conflict, "campaign_gone", nil)
	}
	if e.name != "snapshot" {
		return false, nil
	}
	m, err := decode(json.RawMessage(e.data))
	if err != nil || !campaign.State(m.text("state")).Valid() {
		return false, nil //nolint:nilerr // a snapshot that cannot be read is followed by one that can
	}
	w.now = m
	w.measure()
	if err := w.show(json.RawMessage(e.data)); err != nil {
		return true, err
	}
	switch campaign.State(m.text("state")) {
	case campaign.Completed:
		return true, nil
	case campaign.Cancelled:
		return true, fault.New(fault.Conflict, "campaign_cancelled", nil)
	default:
		return false, nil
	}
}

// speed is how many attempts had ended at a moment of the server's clock.
type speed struct {
	at       time.Time
	attempts int64
}

// window is how far back the speed is measured.
const window = 20 * time.Second

func (w *watching) measure() {
	at, err := time.Parse(time.RFC3339, w.now.text("at"))
	if err != nil {
		return
	}
	w.speeds = append(w.speeds, speed{at, w.now.number("counts.attempts")})
	for len(w.speeds) > 2 && at.Sub(w.speeds[1].at) >= window || len(w.speeds) > 1000 {
		w.speeds = w.speeds[1:]
	}
}

func (w *watching) frame(note string) frame {
	f := frame{k: w.k, name: w.name, now: w.now, note: note}
	if n := len(w.speeds); n > 1 {
		first, last := w.speeds[0], w.speeds[n-1]
		if d := last.at.Sub(first.at).Seconds(); d > 0 {
			f.speed = max(0, float64(last.attempts-first.attempts)/d)
		}
	}
	return f
}

// show shows the snapshot: the API's own words, in place, or as a line when it says something new.
func (w *watching) show(raw json.RawMessage) error {
	if w.k.json {
		return w.k.raw(raw)
	}
	f := w.frame("")
	if w.screen.live() {
		return w.screen.paint(f)
	}
	f.speed = 0 // it would make every line another
	line := f.line()
	if line == w.said && !w.lost {
		return nil
	}
	w.said, w.lost = line, false
	return w.k.say(w.k.o.Now().In(w.k.o.Zone).Format("2006-01-02 15:04:05") + "  " + line)
}

// screen repaints a block of lines in place.
type screen struct {
	k     *call
	lines int // of what is on it
}

// live reports whether there is a terminal to paint on.
func (s *screen) live() bool {
	_, _, ok := s.k.o.Terminal(s.k.out)
	return ok && !s.k.json
}

func (s *screen) paint(f frame) error {
	width, height, _ := s.k.o.Terminal(s.k.out)
	lines := f.lines(width - 1)
	if len(lines) >= height && height > 1 {
		lines = lines[:height-1] // what scrolls away cannot be repainted
	}
	var b strings.Builder
	if s.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", s.lines)
	}
	for _, l := range lines {
		b.WriteString("\r\x1b[K" + l + "\n")
	}
	b.WriteString("\x1b[J")
	s.lines = len(lines)
	_, err := io.WriteString(s.k.out, b.String())
	return err
}
