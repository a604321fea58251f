package single

import (
	"context"
	"fmt"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/explain"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/schedule"
)

// watch follows the campaign to its end, or to where it stops.
func (r *running) watch(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		live, err := r.program.Campaigns.Live(ctx, r.program.Workspace, r.campaign.ID)
		switch {
		case ctx.Err() != nil:
			return r.pause(ctx)
		case err != nil && fault.KindOf(err) == fault.Unavailable: // the engine waits for the database too
			r.shown.waiting(terminal.Say(r.Words.Language, fault.All(err)[0]))
		case err != nil:
			return err
		case live.Campaign.State == campaign.Completed:
			r.shown.show(live.Counts, "")
			return nil
		case live.Campaign.State == campaign.Paused || live.Campaign.State == campaign.Cancelled:
			return r.stopped(ctx)
		default:
			r.shown.show(live.Counts, r.why(ctx, live))
		}
		select {
		case <-ctx.Done():
			return r.pause(ctx)
		case <-tick.C:
		}
	}
}

// why says what a campaign waits for, when that lasts.
func (r *running) why(ctx context.Context, live campaign.Live) string {
	waits := live.Campaign.State == campaign.Scheduled || live.Engine.Waiting != nil && live.Counts.InFlight == 0
	if !waits {
		return ""
	}
	d, err := r.program.Campaigns.Diagnose(ctx, r.program.Workspace, live.Campaign.ID)
	if err != nil || d.Code != campaign.DiagWaiting && d.Code != campaign.DiagScheduled {
		return ""
	}
	if !d.Until.IsZero() && time.Until(d.Until) < worthTelling {
		return ""
	}
	return explain.Diagnosis(r.Words.Language, d, r.zone())
}

// worthTelling is how long somebody must wait for it to be worth a line.
const worthTelling = 3 * time.Second

func (r *running) zone() *time.Location {
	zone, err := schedule.LoadZone(r.campaign.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// stopped says why a campaign does not go on although somebody waits.
func (r *running) stopped(ctx context.Context) error {
	d, err := r.program.Campaigns.Diagnose(ctx, r.program.Workspace, r.campaign.ID)
	if err != nil {
		return err
	}
	r.shown.clear()
	fmt.Fprintln(r.Err, explain.Diagnosis(r.Words.Language, d, r.zone())) //nolint:errcheck // progress
	return &terminal.Exit{Code: terminal.CodeWaiting}
}

// pause stops contacting people, because whoever runs this wants it.
func (r *running) pause(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pausePatience)
	defer cancel()
	_, err := r.program.Campaigns.Pause(ctx, r.program.Workspace, r.campaign.ID)
	r.shown.clear()
	if fault.Is(err, "action_not_allowed") { // it has just ended
		c, gone := r.program.Campaigns.Get(ctx, r.program.Workspace, r.campaign.ID)
		if gone == nil && c.State == campaign.Completed {
			return nil
		}
		err = gone
	}
	if err != nil {
		// It goes on as it is: whoever starts the command again finds it active.
		terminal.Tell(r.Err, r.Words.Language, "", err)
	} else {
		fmt.Fprintln(r.Err, r.Words.Say("paused")) //nolint:errcheck // progress
	}
	if n := r.program.Open(); n > 0 {
		fmt.Fprintln(r.Err, r.Words.Say(waitingFor(r.campaign.Channel), "n", n, "patience", r.Patience)) //nolint:errcheck // progress
	}
	return &terminal.Exit{Code: terminal.CodeInterrupted}
}

// pausePatience is how long the database may take to note that the campaign is paused.
const pausePatience = 10 * time.Second

// waitingFor is the channel's word for what is open.
func waitingFor(k channel.Kind) string {
	if k == channel.Email {
		return "open.messages"
	}
	return "open.calls"
}
