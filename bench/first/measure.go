package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/email"
	"campanario/internal/rig"
	"campanario/sandbox"
	"campanario/sandbox/carrier"
	"campanario/sandbox/mailbox"
	"campanario/voice"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
	"campanario/voice/speech"
)

// contacted is how many recipients a start may use up, at most: the line's limits see to that.
const contacted = 100

// measure starts the small campaigns and the large one in turn, in a database of its own.
func measure(ctx context.Context, c config, database string, kind channel.Kind) (*times, error) {
	log := sandbox.NewLog(true, nil)
	w, err := far[kind](ctx, log)
	if err != nil {
		return nil, err
	}
	defer w.stop()
	r, err := rig.New(ctx, database)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := &scene{rig: r, log: log}
	if err := s.prepare(ctx, c, w); err != nil {
		return nil, err
	}
	r.Options.Adapters = map[channel.Kind]channel.Adapter{kind: w.adapter}
	if err := r.Start(ctx); err != nil {
		return nil, err
	}
	t := &times{}
	for i := range c.starts {
		if err := s.start(ctx, smallID(i), &t.small); err != nil {
			return nil, err
		}
		if err := s.start(ctx, largeID, &t.large); err != nil {
			return nil, err
		}
	}
	t.memory = peak()
	return t, r.Shut(ctx)
}

// scene is an engine and a far end.
type scene struct {
	rig *rig.Rig
	log *sandbox.Log
}

const largeID = "01930000-0000-7000-8000-000000000000"

func smallID(i int) string { return fmt.Sprintf("01930000-0000-7000-8000-%012d", i+1) }

func (s *scene) prepare(ctx context.Context, c config, w *world) error {
	if err := s.rig.Line(ctx, w.line); err != nil {
		return err
	}
	if w.definition.Agent != "" {
		a, err := agent.ParseAgent([]byte("name: Curt\nscript: {start: a, steps: {a: {hang_up: true}}}\n"))
		if err != nil {
			return err
		}
		a.ID, a.Workspace = w.definition.Agent, rig.Workspace
		if err := s.rig.Store.PutAgent(ctx, &a, time.Now()); err != nil {
			return err
		}
	}
	recipient := func(i int) campaign.Newcomer {
		m := campaign.Newcomer{Band: campaign.BandNormal}
		m.Name, m.Addresses = "Maria", []channel.Address{w.address(i)}
		return m
	}
	d := w.definition.Defaults()
	for i := range c.starts {
		if err := s.rig.Campaign(ctx, smallID(i), d, 1, recipient); err != nil {
			return err
		}
	}
	return s.rig.Campaign(ctx, largeID, d, c.recipients, recipient)
}

// start starts a campaign, notes how long its first contact took, and lets it come to rest.
func (s *scene) start(ctx context.Context, id string, into *[]time.Duration) error {
	before := len(s.log.Records())
	began := time.Now()
	if _, err := s.rig.Service.Start(ctx, rig.Workspace, id); err != nil {
		return err
	}
	first, err := s.next(ctx, before)
	if err != nil {
		return err
	}
	*into = append(*into, first.Sub(began))
	return s.rest(ctx, id)
}

// next waits for the first contact after those that are known.
func (s *scene) next(ctx context.Context, known int) (time.Time, error) {
	for {
		changed := s.log.Changed()
		for _, r := range s.log.Records()[known:] {
			if r.Event == sandbox.EventStart {
				return r.At, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}

// rest ends what a campaign does and waits until nothing of it is under way.
func (s *scene) rest(ctx context.Context, id string) error {
	_, err := s.rig.Service.Pause(ctx, rig.Workspace, id)
	if err != nil && id == largeID { // a small one may have ended by itself
		return err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		counts, err := s.rig.Service.CountsOf(ctx, rig.Workspace, []string{id})
		if err != nil || counts[id].InFlight == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// world is a far end with what leads to it.
type world struct {
	adapter    channel.Adapter
	line       channel.Line
	definition campaign.Definition
	address    func(i int) channel.Address
	stop       func()
}

// far makes the worlds.
var far = map[channel.Kind]func(context.Context, *sandbox.Log) (*world, error){channel.Voice: calls, channel.Email: messages}

// calls is a carrier whose numbers are all busy.
func calls(ctx context.Context, log *sandbox.Log) (*world, error) {
	c, err := carrier.New(carrier.Options{Events: log, Sound: carrier.SoundNone, Mix: []carrier.Share{{Behaviour: carrier.Busy, Percent: 100}}})
	if err != nil {
		return nil, err
	}
	if err := c.Start(ctx); err != nil {
		return nil, err
	}
	a, err := voice.New(voice.Options{
		SIP:     dialog.Options{Listen: []dialog.Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}},
		Speaker: mute{},
	})
	if err == nil {
		err = a.Start(ctx)
	}
	if err != nil {
		c.Stop()
		return nil, err
	}
	host, port, err := split(c.Addr().String())
	return &world{
		adapter: a,
		line: channel.Line{
			Kind: channel.Voice, From: "+551130000000", Limits: channel.Limits{Concurrent: 10, PerSecond: 50},
			Settings: fmt.Appendf(nil, `{"gateways":[{"host":%q,"port":%d}]}`, host, port),
		},
		definition: campaign.Definition{Channel: channel.Voice, Agent: "curt"},
		address:    func(i int) channel.Address { return channel.Address(fmt.Sprintf("+55119%08d", i+20_000_000)) },
		stop: func() {
			a.Drain(ctx)
			c.Stop()
		},
	}, err
}

// messages is a mail server that takes everything.
func messages(ctx context.Context, log *sandbox.Log) (*world, error) {
	m := mailbox.New(mailbox.Options{Log: log, Mix: []mailbox.Share{{Behaviour: mailbox.OK, Percent: 100}}})
	if err := m.Start(ctx); err != nil {
		return nil, err
	}
	a := email.New(email.Options{})
	host, port, err := split(m.Addr())
	return &world{
		adapter: a,
		line: channel.Line{
			Kind: channel.Email, From: "bench@example.com", Limits: channel.Limits{Concurrent: 2, PerSecond: 50},
			Settings: fmt.Appendf(nil, `{"host":%q,"port":%d,"tls":"none"}`, host, port),
		},
		definition: campaign.Definition{Channel: channel.Email, Message: &agent.MessageTemplate{Subject: "Oi, {{first_name}}", Text: "Tudo bem?"}},
		address:    func(i int) channel.Address { return channel.Address(fmt.Sprintf("p%d@example.com", i)) },
		stop: func() {
			_ = a.Close(ctx)
			m.Stop()
		},
	}, err
}

func split(addr string) (string, int, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.Atoi(port)
	return host, n, err
}

// mute is the voice of an agent that never speaks.
type mute struct{}

func (mute) Speak(context.Context, speech.Request) ([]int16, error) {
	return nil, errors.New("nothing is spoken here")
}

func peak() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Maxrss << 10
}
