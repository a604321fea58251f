package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"time"

	"campanario/internal/tune"
	"campanario/voice/media"
)

// carrier is what carries the calls: ours or the reference.
type carrier interface {
	open(calls int) ([]uint16, error)    // the RTP ports it listens on, one per call
	start(farEnd []uint16) error         // sends call i to port farEnd[i%len]
	counts() (sent, received uint64)     // packets so far
	lateness() (media.Histogram, uint64) // of what was sent, and frames never sent
	frames() uint64                      // handed to listeners
	hush()                               // sends no more
	close()
}

// farEnd is the process at the other side.
type farEnd struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	to  *json.Encoder
	out *json.Decoder
}

// order and answer go between a subject and its far end.
type order struct {
	Ports []uint16 `json:"ports,omitempty"` // send to these
	Stop  bool     `json:"stop,omitempty"`
}

type answer struct {
	Ports    []uint16      `json:"ports,omitempty"`
	Sent     uint64        `json:"sent"`
	Received uint64        `json:"received"`
	Streams  int           `json:"streams"`
	CPU      time.Duration `json:"cpu"`
}

// ask sends an order and waits for its answer.
func (f *farEnd) ask(o order) (answer, error) {
	var a answer
	err := f.to.Encode(o)
	if err == nil {
		err = f.out.Decode(&a)
	}
	return a, err
}

func newFarEnd(ctx context.Context, errs io.Writer) (*farEnd, []uint16, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), role+"=peer")
	cmd.Stderr = errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	f := &farEnd{cmd: cmd, in: in, to: json.NewEncoder(in), out: json.NewDecoder(out)}
	var a answer
	if err := f.out.Decode(&a); err != nil {
		return nil, nil, errors.Join(err, f.close())
	}
	return f, a.Ports, nil
}

func (f *farEnd) close() error { return errors.Join(f.in.Close(), f.cmd.Wait()) }

// subject measures one carrier.
func subject(ctx context.Context, name string, o options, errs io.Writer) (result, error) {
	empty := resident()
	var c carrier
	switch name {
	case "reference":
		c = &bare{}
	case "ours":
		c = newSessions(o)
	default:
		return result{}, fmt.Errorf("no subject %q", name)
	}
	defer c.close()
	far, ports, err := newFarEnd(ctx, errs)
	if err != nil {
		return result{}, err
	}
	r, err := measure(ctx, name, c, far, ports, o)
	r.PerCall = (r.PerCall - empty) / int64(o.Calls)
	return r, errors.Join(err, far.close())
}

func measure(ctx context.Context, name string, c carrier, far *farEnd, ports []uint16, o options) (result, error) {
	listening, err := c.open(o.Calls)
	if err != nil {
		return result{}, err
	}
	if err := c.start(ports); err != nil {
		return result{}, err
	}
	if _, err := far.ask(order{Ports: listening}); err != nil {
		return result{}, err
	}
	if err := pause(ctx, o.Warm); err != nil {
		return result{}, err
	}
	theirs, err := far.ask(order{})
	if err != nil {
		return result{}, err
	}
	endProfile, err := profile(name, o)
	if err != nil {
		return result{}, err
	}
	began, used, machine := time.Now(), cpu(), busy()
	before, missedBefore := c.lateness()
	framesBefore := c.frames()
	if err := pause(ctx, o.For); err != nil {
		return result{}, err
	}
	endProfile()
	r := result{Calls: o.Calls, Wall: time.Since(began), CPU: cpu() - used, PerCall: resident(), Frames: c.frames() - framesBefore}
	after, missed := c.lateness()
	others := busy() - machine - r.CPU
	then, err := far.ask(order{})
	if err != nil {
		return result{}, err
	}
	r.Others = max((others-(then.CPU-theirs.CPU)).Seconds()/r.Wall.Seconds(), 0)
	late := after.Sub(before)
	r.P50, r.P99, r.P999 = late.Quantile(0.5), late.Quantile(0.99), late.Quantile(0.999)
	r.Max, r.Missed = late.Max(), missed-missedBefore

	// Loss is counted when both sides have fallen silent.
	c.hush()
	last, err := far.ask(order{Stop: true})
	if err != nil {
		return result{}, err
	}
	r.Sent, r.Received = c.counts()
	r.LostOut, r.LostIn = share(last.Received, r.Sent), share(r.Received, last.Sent)
	if last.Streams != o.Calls {
		return r, fmt.Errorf("the far end heard %d calls of %d", last.Streams, o.Calls)
	}
	return r, nil
}

// profile begins a CPU profile if one is wanted of this subject, and gives what ends it.
func profile(name string, o options) (end func(), err error) {
	if o.Profile == "" || name != "ours" {
		return func() {}, nil
	}
	return tune.Profile(o.Profile)
}

// share is how much of what was sent did not arrive.
func share(arrived, sent uint64) float64 {
	if sent == 0 || arrived >= sent {
		return 0
	}
	return float64(sent-arrived) / float64(sent)
}

// pause waits, unless the run is given up.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}
