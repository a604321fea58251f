package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"campanario/internal/tune"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
)

// ourselves is a contender that is this program in another role.
func ourselves(role string) contender {
	return func(ctx context.Context, c config, addr string, rate int) (result, error) {
		exe, err := os.Executable()
		if err != nil {
			return result{}, err
		}
		cmd := exec.CommandContext(ctx, exe, "-role", role, "-addr", addr, "-rate", strconv.Itoa(rate),
			"-seconds", strconv.Itoa(c.seconds), "-cpuprofile", c.profile)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, os.Stderr
		if err := cmd.Run(); err != nil {
			return result{}, err
		}
		var r result
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			return r, fmt.Errorf("%w in %q", err, out.String())
		}
		usage(&r, cmd.ProcessState)
		return r, nil
	}
}

// roles are what such a process can do.
var roles = map[string]func(context.Context, config) (result, error){
	"stack":           makeCalls,
	"engine-sqlite":   wholeEngine("sqlite"),
	"engine-postgres": wholeEngine("postgres"),
}

// child is what such a process does.
func child(ctx context.Context, c config, out io.Writer) error {
	tune.Process()
	end, err := tune.Profile(c.profile)
	if err != nil {
		return err
	}
	defer end()
	play := roles[c.role]
	if play == nil {
		return fmt.Errorf("no role %q", c.role)
	}
	r, err := play(ctx, c)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}

// tally counts what becomes of the calls.
type tally struct {
	mu     sync.Mutex
	failed int
	waits  []time.Duration
	open   sync.WaitGroup
}

func (t *tally) event(c *dialog.Call, e dialog.Event) {
	switch e.What {
	case dialog.HappenedAnswered:
		c.Hangup()
	case dialog.HappenedEnded:
		f := c.Final()
		t.mu.Lock()
		if f.End == dialog.EndBye {
			t.waits = append(t.waits, f.Ring())
		} else {
			t.failed++
		}
		t.mu.Unlock()
		t.open.Done()
	default:
	}
}

// makeCalls makes calls at an even rate: those whose time has come, every millisecond.
func makeCalls(ctx context.Context, c config) (result, error) {
	agent, err := dialog.New(dialog.Options{Listen: []dialog.Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}})
	if err != nil {
		return result{}, err
	}
	if err := agent.Start(ctx); err != nil {
		return result{}, err
	}
	defer agent.Stop()
	trunk, err := agent.Trunk(dialog.TrunkOptions{Gateways: []string{c.addr}})
	if err != nil {
		return result{}, err
	}
	total := c.rate * c.seconds
	t := &tally{waits: make([]time.Duration, 0, total)}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for made := 0; made < total; {
		due := min(total, int(time.Since(began).Seconds()*float64(c.rate))+1)
		for ; made < due; made++ {
			t.open.Add(1)
			_, err := trunk.Call(ctx, dialog.Invite{To: "service", From: "caller", Media: fixedMedia{}, Events: t.event})
			if err != nil {
				return result{}, err
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return result{}, ctx.Err()
		}
	}
	t.open.Wait()
	elapsed := time.Since(began)
	r := result{Offered: c.rate, Calls: total, Failed: t.failed, Achieved: float64(total-t.failed) / elapsed.Seconds()}
	if slices.Sort(t.waits); len(t.waits) > 0 {
		r.P50, r.P99 = t.waits[len(t.waits)/2], t.waits[len(t.waits)*99/100]
	}
	return r, nil
}

// fixedMedia offers G.711 and takes whatever is answered: nothing is heard in these calls.
type fixedMedia struct{}

var fixedOffer = []byte("v=0\r\no=setup 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\n" +
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n")

func (fixedMedia) Offer() ([]byte, error)        { return fixedOffer, nil }
func (fixedMedia) Answer([]byte) ([]byte, error) { return fixedOffer, nil }
func (fixedMedia) Accept([]byte, bool) error     { return nil }
