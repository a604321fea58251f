package campaign

import (
	"slices"
	"time"

	"campanario/internal/fault"
)

// RecipientAction is what a person may do to a recipient.
type RecipientAction string

// The actions.
const (
	RetryNow     RecipientAction = "retry"         // all their turns again, now
	RemoveThem   RecipientAction = "remove"        // out of the campaign
	SetPending   RecipientAction = "set_pending"   // start over, as if never tried
	SetCompleted RecipientAction = "set_completed" // done: stop
)

// RecipientActions lists the actions.
func RecipientActions() []RecipientAction {
	return []RecipientAction{RetryNow, RemoveThem, SetPending, SetCompleted}
}

// Valid reports whether a is one of the actions.
func (a RecipientAction) Valid() bool { return slices.Contains(RecipientActions(), a) }

// takes is from which statuses each action leads away.
var takes = map[RecipientAction][]Status{
	RetryNow:     {StatusFailed, StatusNoAnswer, StatusBusy, StatusExhausted, StatusRetry},
	RemoveThem:   {StatusPending, StatusQueued, StatusRetry, StatusCancelled},
	SetPending:   {StatusPending, StatusQueued, StatusRetry, StatusCompleted, StatusNoAnswer, StatusBusy, StatusFailed, StatusExhausted, StatusCancelled},
	SetCompleted: {StatusPending, StatusQueued, StatusRetry, StatusCompleted, StatusNoAnswer, StatusBusy, StatusFailed, StatusExhausted, StatusCancelled},
}

// From lists the statuses that the action leads away from.
func (a RecipientAction) From() []Status { return slices.Clone(takes[a]) }

// CanRecipient lists what may be done to a recipient with the status, in a campaign of the state.
func CanRecipient(c State, s Status) []RecipientAction {
	out := []RecipientAction{}
	for _, a := range RecipientActions() {
		if slices.Contains(takes[a], s) && allowRecipient(a, c) == nil {
			out = append(out, a)
		}
	}
	return out
}

func allowRecipient(a RecipientAction, c State) error {
	if c == Cancelled {
		return fault.New(fault.Conflict, "campaign_cancelled", fault.Params{"action": a})
	}
	return nil
}

// Act gives a recipient's standing after the action, or refuses it with a conflict. Nobody with an open attempt is
// touched, and nobody who said stop or whom a rule excludes.
func Act(a RecipientAction, c State, e Entry, lap int, now time.Time) (Standing, error) {
	s := e.Standing
	if err := allowRecipient(a, c); err != nil {
		return s, err
	}
	status := StatusOf(c, s, e.InFlight)
	if !slices.Contains(takes[a], status) {
		return s, fault.New(fault.Conflict, "recipient_action_not_allowed", fault.Params{"action": a, "status": status, "allowed_in": takes[a]})
	}
	switch a {
	case RetryNow:
		s = Renew(s, WhyOperator, len(e.Addresses), max(lap, 1), now)
	case SetPending:
		s.Bad = 0
		s = Renew(s, WhyFirst, len(e.Addresses), max(lap, 1), now)
		s.Last = ""
	case RemoveThem:
		s = Exclude(s, Removed, "", "", now)
	case SetCompleted:
		s = Exclude(s, Stopped, "", "", now)
	case Copy: // leads away from no status: refused above
	}
	s.Reason, s.Params = "", ""
	return s, nil
}
