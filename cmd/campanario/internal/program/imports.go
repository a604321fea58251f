package program

import (
	"context"

	"campanario/intake"
)

// importing carries imports out in this process.
type importing struct {
	worker *intake.Worker
	cancel context.CancelFunc
	done   chan struct{}
}

// openImports begins to carry imports out.
func (p *Program) openImports(ctx context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	i := &importing{
		worker: intake.NewWorker(intake.WorkerOptions{Store: p.Store, Node: p.member.Node(), Log: p.log, Screened: p.Registries.Screener().Screened}), cancel: cancel, done: make(chan struct{}),
	}
	go func() {
		defer close(i.done)
		i.worker.Run(ctx)
	}()
	p.imports.Store(i)
	return nil
}

// importsChanged makes this process look for work at once.
func (p *Program) importsChanged() {
	if i := p.imports.Load(); i != nil {
		i.worker.Nudge()
	}
}

// stopImports ends the work; another process, or the next start, goes on with what was under way.
func (p *Program) stopImports() {
	if i := p.imports.Swap(nil); i != nil {
		i.cancel()
		<-i.done
	}
}
