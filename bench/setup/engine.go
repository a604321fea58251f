package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/rig"
	"campanario/store"
	"campanario/voice"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
	"campanario/voice/speech"
)

// wholeEngine makes calls as the product does: a campaign in a database, each call with a durable record before its
// INVITE and its outcome after, a socket for its sound, and an agent, which hangs up at once.
func wholeEngine(database string) func(context.Context, config) (result, error) {
	return func(ctx context.Context, c config) (result, error) {
		r, err := rig.New(ctx, database)
		if err != nil {
			return result{}, err
		}
		defer r.Close()
		adapter, err := voice.New(voice.Options{
			SIP:     dialog.Options{Listen: []dialog.Listen{{Network: transport.UDP, Addr: "127.0.0.1:0"}}},
			Speaker: mute{},
		})
		if err != nil {
			return result{}, err
		}
		if err := adapter.Start(ctx); err != nil {
			return result{}, err
		}
		defer adapter.Drain(ctx)
		if err := prepare(ctx, r, c); err != nil {
			return result{}, err
		}
		w := &watch{Store: r.Store, calls: c.rate * c.seconds}
		r.Options.Store = w
		r.Options.Adapters = map[channel.Kind]channel.Adapter{channel.Voice: adapter}
		if err := r.Start(ctx); err != nil {
			return result{}, err
		}
		if _, err := r.Service.Start(ctx, rig.Workspace, campaignID); err != nil {
			return result{}, err
		}
		if err := errors.Join(r.Finished(ctx, campaignID), r.Shut(ctx)); err != nil {
			return result{}, err
		}
		return w.result(c.rate), nil
	}
}

// campaignID is as long as a real one: it is part of what every INVITE carries.
const campaignID = "01930000-0000-7000-8000-000000000000"

const curtAgent = "name: Curt\nscript: {start: a, steps: {a: {hang_up: true}}}\n"

func prepare(ctx context.Context, r *rig.Rig, c config) error {
	host, port, err := net.SplitHostPort(c.addr)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	err = r.Line(ctx, channel.Line{
		Kind: channel.Voice, From: "+551130000000", Limits: channel.Limits{Concurrent: 100_000, PerSecond: float64(c.rate)},
		Settings: fmt.Appendf(nil, `{"gateways":[{"host":%q,"port":%d}]}`, host, n),
	})
	if err != nil {
		return err
	}
	a, err := agent.ParseAgent([]byte(curtAgent))
	if err != nil {
		return err
	}
	a.ID, a.Workspace = "curt", rig.Workspace
	if err := r.Store.PutAgent(ctx, &a, time.Now()); err != nil {
		return err
	}
	d := campaign.Definition{Channel: channel.Voice, Agent: a.ID}.Defaults()
	d.Retry.MaxAttempts = 1 // a call that fails is to be seen
	return r.Campaign(ctx, campaignID, d, c.rate*c.seconds, func(i int) campaign.Newcomer {
		m := campaign.Newcomer{Band: campaign.BandNormal}
		m.Name, m.Addresses = "Maria", []channel.Address{channel.Address(fmt.Sprintf("+55119%08d", i))}
		return m
	})
}

// mute is the voice of an agent that never speaks.
type mute struct{}

func (mute) Speak(context.Context, speech.Request) ([]int16, error) {
	return nil, errors.New("nothing is spoken here")
}

// watch sees what became of every call, once it is durable.
type watch struct {
	*store.Store
	calls int

	mu           sync.Mutex
	answered     int
	waits        []time.Duration
	first, ended time.Time
}

// Settle is that of dispatch.Store.
func (w *watch) Settle(ctx context.Context, closings []dispatch.Closing) ([]dispatch.Closing, error) {
	late, err := w.Store.Settle(ctx, closings)
	if err != nil {
		return late, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = time.Now()
	for i := range closings {
		c := &closings[i]
		if w.first.IsZero() || c.PlacedAt.Before(w.first) {
			w.first = c.PlacedAt
		}
		if c.Outcome.Code == channel.Silent { // answered, and hung up before anybody spoke
			w.answered++
			w.waits = append(w.waits, c.Outcome.Ring)
		}
	}
	return late, nil
}

// result is counted from the first call's record to the last one's outcome.
func (w *watch) result(rate int) result {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := result{Offered: rate, Calls: w.calls, Failed: w.calls - w.answered, Achieved: float64(w.answered) / w.ended.Sub(w.first).Seconds()}
	if slices.Sort(w.waits); len(w.waits) > 0 {
		r.P50, r.P99 = w.waits[len(w.waits)/2], w.waits[len(w.waits)*99/100]
	}
	return r
}
