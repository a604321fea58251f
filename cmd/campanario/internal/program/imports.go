package program

import (
	"context"
	"sync"

	"campanario/campaign"
	"campanario/intake"
	"campanario/report"
)

// importing carries imports out in this process, writes reports, fills campaigns from the contact base, and goes on with errands.
type importing struct {
	worker   *intake.Worker
	reporter *report.Worker
	supplier *intake.Supplier
	errander *campaign.Errander
	cancel   context.CancelFunc
	work     sync.WaitGroup
}

// openImports begins to carry imports out, to write reports, to fill campaigns and to go on with errands.
func (p *Program) openImports(ctx context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	i := &importing{
		worker:   intake.NewWorker(intake.WorkerOptions{Store: p.Store, Node: p.member.Node(), Log: p.log, Screened: p.Registries.Screener().Screened}),
		reporter: report.NewWorker(report.WorkerOptions{Store: p.Store, Node: p.member.Node(), Log: p.log}),
		supplier: intake.NewSupplier(intake.SupplierOptions{
			Store: p.Store, Base: p.base, Lists: p.Registries, Node: p.member.Node(), Changed: p.engine.Nudge, Poll: p.o.Poll, Log: p.log,
		}),
		errander: campaign.NewErrander(campaign.ErranderOptions{Store: p.Store, Node: p.member.Node(), Changed: p.engine.Nudge, Log: p.log}),
		cancel:   cancel,
	}
	i.work.Go(func() { i.worker.Run(ctx) })
	i.work.Go(func() { i.reporter.Run(ctx) })
	i.work.Go(func() { i.supplier.Run(ctx) })
	i.work.Go(func() { i.errander.Run(ctx) })
	p.imports.Store(i)
	return nil
}

// importsChanged makes this process look for work at once.
func (p *Program) importsChanged() {
	if i := p.imports.Load(); i != nil {
		i.worker.Nudge()
	}
}

// reportsChanged makes this process look for reports to write at once.
func (p *Program) reportsChanged() {
	if i := p.imports.Load(); i != nil {
		i.reporter.Nudge()
	}
}

// campaignsChanged makes the engine look again, and whoever fills campaigns or goes on with errands.
func (p *Program) campaignsChanged() {
	p.nudge()
	if i := p.imports.Load(); i != nil {
		i.supplier.Nudge()
		i.errander.Nudge()
	}
}

// stopImports ends the work; another process, or the next start, goes on with what was under way.
func (p *Program) stopImports() {
	if i := p.imports.Swap(nil); i != nil {
		i.cancel()
		i.work.Wait()
	}
}
