package program

import (
	"context"
	"errors"
	"time"
)

// Stop ends everything in order. Attempts that are open may end by themselves until ctx is done. An error says that
// something of what happened could not be written down.
func (p *Program) Stop(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running {
		return nil
	}
	p.running = false
	p.log.Info("stopping", "node", p.o.Node, "open_attempts", p.Open())
	err := p.shut(ctx, p.o.Last)
	if err != nil {
		p.log.Error("stopped", "node", p.o.Node, "error", err)
	} else {
		p.log.Info("stopped", "node", p.o.Node)
	}
	return err
}

// shut ends whatever has been started; last, unless nil, is done before the database closes.
func (p *Program) shut(ctx context.Context, last func(context.Context) error) error {
	// What must be done at the end is done even when nobody waits any more.
	end := context.WithoutCancel(ctx)
	var errs []error
	if p.member != nil && p.engine != nil {
		p.member.Hand(end)
	}
	if p.web != nil {
		errs = append(errs, p.web.stop(end))
		p.web = nil
	}
	if p.postman != nil {
		p.postman.stop()
		p.postman = nil
	}
	p.stopImports()
	p.stopRetention()
	p.stopShelf()
	if p.engine != nil {
		errs = append(errs, p.drain(ctx))
		p.engine = nil
	}
	if p.voice != nil {
		now, cancel := context.WithCancel(end)
		cancel() // nothing is open any more
		p.voice.Drain(now)
		p.voice = nil
	}
	if p.mail != nil {
		errs = append(errs, p.closeMail(end, time.Second))
		p.mail = nil
	}
	if p.member != nil {
		left, cancel := context.WithTimeout(end, lastWords)
		errs = append(errs, p.member.Leave(left))
		cancel()
		p.member = nil
	}
	if p.sandbox != nil {
		p.sandbox.stop()
		p.sandbox = nil
	}
	if p.sounds != nil {
		errs = append(errs, p.sounds.Close())
		p.sounds = nil
	}
	if p.Store != nil && last != nil {
		errs = append(errs, last(end))
	}
	if p.Store != nil {
		errs = append(errs, p.Store.Close())
	}
	return errors.Join(errs...)
}

// lastWords is how long the database may take to hear that a node has left; its lease says so a little later anyhow.
const lastWords = 5 * time.Second

// mailWarning is how long before the end messages that have not begun are given back, so that what became of them can
// still be written.
const mailWarning = 2 * time.Second

// drain lets open attempts end and writes what came of them.
func (p *Program) drain(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- p.engine.Stop(ctx) }()
	warning := make(<-chan time.Time)
	if until, ok := ctx.Deadline(); ok {
		t := time.NewTimer(time.Until(until.Add(-mailWarning)))
		defer t.Stop()
		warning = t.C
	}
	select {
	case err := <-done:
		return err
	case <-warning:
	case <-ctx.Done():
	}
	err := p.closeMail(context.WithoutCancel(ctx), mailWarning/2)
	return errors.Join(err, <-done)
}

// closeMail gives back messages that have not begun and waits a little for those that are on their way. What is then
// still waiting for its reply ends as unknown, which is written like everything else: it is no error here.
func (p *Program) closeMail(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := p.mail.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
