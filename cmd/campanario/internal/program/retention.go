package program

import (
	"context"

	"campanario/person"
)

// openRetention begins to remove what workspaces keep no longer.
func (p *Program) openRetention(ctx context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	office := person.NewOffice(p.Store, nil)
	go func() {
		defer close(done)
		office.Run(ctx, p.member.Node(), func(e person.Expired) {
			p.log.Info("expired_removed", "recipients", e.Recipients, "imports", e.Imports, "contacts", e.Contacts, "events", e.Events)
		}, func(err error) {
			p.log.Error("retention_failed", "error", err)
		})
	}()
	p.retained = func() {
		cancel()
		<-done
	}
	return nil
}

// stopRetention ends that, between two transactions.
func (p *Program) stopRetention() {
	if p.retained != nil {
		p.retained()
		p.retained = nil
	}
}
