package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"campanario/agent"
	"campanario/channel"
	"campanario/email"
)

// adapter drives email.Adapter without the rest of the engine.
func adapter(ctx context.Context, t task) error {
	host, port, err := split(t.addr)
	if err != nil {
		return err
	}
	a := email.New(email.Options{Log: slog.New(slog.DiscardHandler)})
	l := channel.Line{
		ID: "bench", Kind: channel.Email, From: from, Enabled: true, Limits: channel.Limits{Concurrent: t.connections},
		Settings: fmt.Appendf(nil, `{"host":%q,"port":%d,"tls":"none","from_name":%q,"max_per_connection":1000000}`, host, port, fromName),
	}
	d := &driver{a: a, line: l, changed: sync.NewCond(new(sync.Mutex))}
	for n := 1; n <= t.messages && ctx.Err() == nil; n++ {
		if err := d.place(ctx, n); err != nil {
			return err
		}
	}
	d.wait()
	return errors.Join(a.Close(ctx), ctx.Err(), d.failed)
}

// driver keeps as many orders open as the adapter wants.
type driver struct {
	a       *email.Adapter
	line    channel.Line
	changed *sync.Cond
	open    int
	failed  error
}

func (d *driver) place(ctx context.Context, n int) error {
	depth := d.a.Depth(d.line)
	d.changed.L.Lock()
	for d.open >= depth && d.failed == nil {
		d.changed.Wait()
	}
	d.open++
	err := d.failed
	d.changed.L.Unlock()
	if err != nil {
		return err
	}
	l := makeLetter(n)
	_, err = d.a.Place(ctx, channel.Order{
		Attempt: "01940000-0000-7000-8000-" + strconv.Itoa(n), Thread: l.thread, Line: d.line, To: channel.Address(l.to), Number: 1,
		Content: &agent.Message{Subject: l.subject, Text: l.text, HTML: l.html, UnsubscribeURL: l.unsubscribe},
	}, d)
	return err
}

// Signal is part of channel.Reporter.
func (d *driver) Signal(channel.Signal) {}

// Close is part of channel.Reporter.
func (d *driver) Close(o channel.Outcome) {
	d.changed.L.Lock()
	defer d.changed.L.Unlock()
	d.open--
	if o.Code != channel.Sent && d.failed == nil {
		d.failed = fmt.Errorf("a message ended as %s %s %s %s", o.Code, o.Reason, o.ProviderCode, o.ProviderText)
	}
	d.changed.Signal()
}

func (d *driver) wait() {
	d.changed.L.Lock()
	defer d.changed.L.Unlock()
	for d.open > 0 {
		d.changed.Wait()
	}
}
