package intake

import (
	"context"

	"campanario/audience"
	"campanario/internal/fault"
)

// screens refuses an import that is to be checked against do-not-call registers where there are none: it would let through
// whom somebody believes to be left out.
func (s *Sessions) screens(ctx context.Context, x *Session) error {
	if !x.Settings.Screen {
		return nil
	}
	there, err := s.o.Registers(ctx, x.Workspace)
	if err == nil && !there {
		err = fault.New(fault.Conflict, "import_no_register", nil).At("screen")
	}
	return err
}

// screen takes addresses off a contact that are on a register, with a warning for each while others are left.
func (w *Worker) screen(ctx context.Context, workspace string, p *Person) error {
	listed, err := w.o.Screened(ctx, workspace, p.Contact.Reaches)
	if err != nil {
		return err
	}
	var kept []audience.Reach
	for i, r := range p.Contact.Reaches {
		if !listed[i] {
			kept = append(kept, r)
			continue
		}
		p.Warnings = append(p.Warnings, Refusal{Line: p.Line, Error: invalid("address_registered", fault.Params{"address": string(r.Address)})})
	}
	p.Contact.Reaches = kept
	return nil
}
