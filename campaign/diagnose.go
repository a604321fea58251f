package campaign

import (
	"context"
	"time"

	"campanario/internal/fault"
)

// DiagnosisCode says why nothing, or something, is being sent at this moment.
type DiagnosisCode string

// The codes beside those of WaitCode and of PauseReason, each the key of a sentence that says what to do.
const (
	DiagDraft     DiagnosisCode = "not_started"
	DiagScheduled DiagnosisCode = "scheduled_for"
	DiagPaused    DiagnosisCode = "paused"
	DiagEnded     DiagnosisCode = "ended"
	DiagNoEngine  DiagnosisCode = "no_engine"     // no process holds the line
	DiagLineOff   DiagnosisCode = "line_disabled" // the line was switched off
	DiagWaiting   DiagnosisCode = "waiting"
	DiagWorking   DiagnosisCode = "working"
	DiagStarting  DiagnosisCode = "starting" // the first attempt is a moment away
)

// Diagnosis explains at any time why nothing is being sent, and what to do.
type Diagnosis struct {
	Code     DiagnosisCode
	State    State
	Paused   PauseReason // for DiagPaused
	Params   map[string]string
	Until    time.Time // when it changes by itself; zero when unknown or never
	Waiting  *Waiting  // for DiagWaiting
	InFlight int64
	Problems Problems // what would keep it from starting, or should be looked at
}

// EngineView is what the engine has let be known of a campaign.
type EngineView struct {
	Begins   time.Time // for a scheduled one
	Waiting  *Waiting
	LineHeld bool // some process runs the line
}

// Diagnose explains what a campaign is doing and why.
func (s *Service) Diagnose(ctx context.Context, workspace, id string) (Diagnosis, error) {
	c, err := s.store.Campaign(ctx, workspace, id)
	if err != nil {
		return Diagnosis{}, err
	}
	d := Diagnosis{State: c.State}
	counts, err := s.Counts(ctx, workspace, id)
	if err != nil {
		return d, err
	}
	d.InFlight = counts.InFlight
	view, err := s.store.EngineView(ctx, workspace, id)
	if err != nil {
		return d, err
	}
	if c.State == Draft || c.State == Paused || c.State == Scheduled {
		if d.Problems, err = s.preflight(ctx, c, s.now().UTC()); err != nil {
			return d, err
		}
	}
	switch c.State {
	case Draft:
		d.Code = DiagDraft
	case Scheduled:
		d.Code, d.Until = DiagScheduled, view.Begins
	case Paused:
		d.Code, d.Paused, d.Params = DiagPaused, c.Paused, c.PauseParams
	case Completed, Cancelled:
		d.Code = DiagEnded
	case Active:
		s.diagnoseActive(ctx, c, view, &d)
	}
	return d, nil
}

func (s *Service) diagnoseActive(ctx context.Context, c *Campaign, view EngineView, d *Diagnosis) {
	line, err := s.catalogue.Line(ctx, c.Workspace, c.Line)
	switch {
	case err == nil && !line.Enabled || fault.KindOf(err) == fault.NotFound && err != nil:
		d.Code = DiagLineOff
		d.Params = map[string]string{"line": line.Name}
	case !view.LineHeld:
		d.Code = DiagNoEngine
	case view.Waiting != nil:
		d.Code, d.Waiting, d.Until, d.Params = DiagWaiting, view.Waiting, view.Waiting.Until, view.Waiting.Params
	case d.InFlight > 0:
		d.Code = DiagWorking
	default:
		d.Code = DiagStarting
	}
}
