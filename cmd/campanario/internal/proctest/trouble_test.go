package proctest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"slices"
	"testing"
	"time"

	"campanario/channel"
	"campanario/cmd/campanario/internal/proctest"
	"campanario/internal/pgtemp"
)

// TestStorms starts and pauses campaigns by telephone and e-mail again and again within milliseconds, through all servers.
func TestStorms(t *testing.T) {
	overBoth(t, 21, 22, func(t *testing.T, ctx context.Context, w *town, seed uint64) {
		main, mails := w.line(ctx, channel.Voice, "1001", trunk()), w.line(ctx, channel.Email, "mala", post())
		mail := w.mailed(ctx, mails)
		id := w.telephoned(ctx, main, once())
		var rests []stretch
		w.disturb(ctx, id, seed, 6, func(rng *rand.Rand) {
			for range 10 + rng.IntN(20) {
				for _, one := range []string{id, mail} {
					w.try(ctx, one, []string{"pause", "start"}[rng.IntN(2)])
				}
			}
			rests = append(rests, w.rest(ctx, id))
			w.try(ctx, mail, "start")
		})
		w.completed(ctx, mail)
		w.holdCalls(ctx, id, main, 1)
		w.holdMail(ctx, mail, mails)
		for _, s := range proctest.Starts(w.records(main), channel.Voice) {
			if slices.ContainsFunc(rests, func(r stretch) bool { return s.At.After(r.from) && s.At.Before(r.to) }) {
				t.Errorf("a call came at %v, when the campaign was paused", s.At)
			}
		}
	})
}

// try does something to a campaign, whose state may forbid it.
func (w *town) try(ctx context.Context, id, action string) {
	w.t.Helper()
	err := w.api().Persist(ctx, http.MethodPost, "/campaigns/"+id+"/"+action, nil, nil)
	var no *proctest.Refused
	if refused := errors.As(err, &no) && no.Status == http.StatusConflict; err != nil && !refused {
		w.t.Fatalf("%s: %v", action, err)
	}
}

// stretch is a while.
type stretch struct{ from, to time.Time }

// onItsWay is how long a call may take to the far end that was claimed when its campaign was paused.
const onItsWay = 500 * time.Millisecond

// rest pauses a campaign for a while, and says between when nobody can have been called.
func (w *town) rest(ctx context.Context, id string) stretch {
	w.t.Helper()
	w.try(ctx, id, "start")
	w.do(ctx, id, "pause")
	s := stretch{from: time.Now().Add(onItsWay)}
	moment := time.NewTimer(2 * onItsWay)
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
		w.t.Fatal(ctx.Err())
	}
	s.to = time.Now()
	w.do(ctx, id, "start")
	return s
}

// TestDatabaseGone takes the database away in the middle of campaigns, for longer than a server is taken for alive without
// it, and brings it back.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	server, err := pgtemp.Start(ctx, "fsync=off") // commits outlive the server, though not the machine
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (make test installs it): %v", err)
	}
	t.Cleanup(server.Stop)
	w := found(t, founding{nodes: 2, database: server.URL, sandbox: []string{"--sandbox-mix", mixOfCalls}})
	main, mails := w.line(ctx, channel.Voice, "1001", trunk()), w.line(ctx, channel.Email, "mala", post())
	mail := w.mailed(ctx, mails)
	id := w.telephoned(ctx, main, once())
	w.disturb(ctx, id, 31, 2, func(rng *rand.Rand) {
		server.Halt()
		w.away(ctx, id, 4*time.Second+time.Duration(rng.IntN(5000))*time.Millisecond)
		if err := server.Resume(ctx); err != nil {
			t.Fatal(err)
		}
	})
	w.completed(ctx, mail)
	w.holdCalls(ctx, id, main, 1)
	w.holdMail(ctx, mail, mails)
}

// away waits for a while in which every server must say that it cannot answer now.
func (w *town) away(ctx context.Context, id string, while time.Duration) {
	w.t.Helper()
	over := time.NewTimer(while)
	defer over.Stop()
	var no *proctest.Refused
	if err := w.api().Do(ctx, http.MethodGet, "/campaigns/"+id, nil, nil); !errors.As(err, &no) || no.Status != http.StatusServiceUnavailable {
		w.t.Errorf("without a database the API answers %v", err)
	}
	select {
	case <-over.C:
	case <-ctx.Done():
		w.t.Fatal(ctx.Err())
	}
	for _, n := range w.nodes {
		select {
		case <-n.done():
			w.t.Errorf("%s has ended because the database was away", n.name)
		default:
		}
	}
}

func (n *node) done() <-chan struct{} {
	p, _ := n.now()
	return p.Done()
}

// TestDiskFull lets the files of an SQLite database grow no more in the middle of campaigns, and then again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	w := found(t, founding{nodes: 1, sandbox: []string{"--sandbox-mix", mixOfCalls}})
	main, mails := w.line(ctx, channel.Voice, "1001", trunk()), w.line(ctx, channel.Email, "mala", post())
	mail := w.mailed(ctx, mails)
	id := w.telephoned(ctx, main, once())
	w.disturb(ctx, id, 41, 2, func(rng *rand.Rand) {
		w.nodes[0].filesUpTo(ctx, "4096")
		quiet := w.quiet(ctx, main, 3*time.Second+time.Duration(rng.IntN(3000))*time.Millisecond)
		if quiet > 2*time.Second+onItsWay { // what was claimed goes out; after that nothing can be claimed
			t.Errorf("calls were made for %v after nothing could be written", quiet)
		}
		w.nodes[0].filesUpTo(ctx, "unlimited")
	})
	w.completed(ctx, mail)
	for _, truth := range []proctest.Truth{w.holdCalls(ctx, id, main, 1), w.holdMail(ctx, mail, mails)} {
		if n := truth.View.Counts.ByCode[channel.Unknown]; n > 0 {
			t.Errorf("%d attempts are unknown although the process lived through it", n)
		}
	}
}

// filesUpTo bounds the size of the files that a server may write from now on.
func (n *node) filesUpTo(ctx context.Context, size string) {
	n.town.t.Helper()
	p, _ := n.now()
	cmd := exec.CommandContext(ctx, "prlimit", "--pid", fmt.Sprint(p.Pid()), "--fsize="+size+":unlimited")
	if out, err := cmd.CombinedOutput(); err != nil {
		n.town.t.Fatalf("prlimit (of util-linux): %v: %s", err, out)
	}
}

// quiet waits for a while and says how long after its beginning the last call came to the far end.
func (w *town) quiet(ctx context.Context, l line, while time.Duration) time.Duration {
	w.t.Helper()
	began := time.Now()
	over := time.NewTimer(while)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
		w.t.Fatal(ctx.Err())
	}
	last := time.Duration(0)
	for _, s := range proctest.Starts(w.records(l), channel.Voice) {
		last = max(last, s.At.Sub(began))
	}
	return last
}
