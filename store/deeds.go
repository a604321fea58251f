package store

import (
	"context"
	"time"

	"campanario/access"
	"campanario/campaign"
)

// did notes in the audit what the engine has done to a campaign by itself. It takes the audit's counter, as record does,
// so it comes last in its transaction, behind the pulse.
func (t *tx) did(ctx context.Context, no int64, deed campaign.Deed, at time.Time, details map[string]any) error {
	e := access.Event{At: at, Actor: access.Program("engine"), Operation: string(deed), Subject: access.Subject{Kind: "campaign"}, Details: details}
	if err := t.QueryRowContext(ctx, `SELECT workspace_id, id FROM campaign WHERE no = $1`, no).Scan(&e.Workspace, &e.Subject.ID); err != nil {
		return err
	}
	return t.record(ctx, e)
}

// moved makes the engine's change of a campaign's state, and notes it; the caller holds the run row.
func (t *tx) moved(ctx context.Context, no int64, m campaign.Move) error {
	if err := t.setState(ctx, no, m); err != nil {
		return err
	}
	var details map[string]any
	if m.Reason != "" {
		details = map[string]any{"reason": m.Reason, "params": m.Params}
	}
	return t.did(ctx, no, campaign.DeedOf(m.To), m.At, details)
}
