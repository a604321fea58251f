package campaign

import (
	"slices"

	"campanario/internal/fault"
)

// State is where a campaign is in its life. Archived is a flag beside it, not a state.
//
//	draft ──start──▶ active ──last recipient settled──▶ completed
//	  │                │ ▲
//	  │ start later    │ │ start
//	  ▼          pause ▼ │
//	scheduled ──▶    paused                 cancel, from any of the four on the left: cancelled
type State string

// The states.
const (
	Draft     State = "draft"     // being set up; everything can be edited
	Scheduled State = "scheduled" // started for a time in the future
	Active    State = "active"    // contacting people whenever its window is open
	Paused    State = "paused"    // nobody is contacted; resumes where it stopped
	Completed State = "completed" // every recipient is settled and no lap is to come
	Cancelled State = "cancelled" // ended for good by a person
)

// States lists the states in the order of a campaign's life.
func States() []State { return []State{Draft, Scheduled, Active, Paused, Completed, Cancelled} }

// Valid reports whether s is one of the states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// Final reports whether nobody will be contacted any more.
func (s State) Final() bool { return s == Completed || s == Cancelled }

// Action is what a person may do to a campaign.
type Action string

// The actions.
const (
	Start     Action = "start"
	Pause     Action = "pause"
	Cancel    Action = "cancel"
	Delete    Action = "delete"
	Edit      Action = "edit"
	Archive   Action = "archive"
	Unarchive Action = "unarchive"
	Duplicate Action = "duplicate"
	Enrol     Action = "add_recipients"
)

// allowed is which actions each state takes; what is not here is refused.
var allowed = map[State][]Action{
	Draft:     {Start, Cancel, Delete, Edit, Duplicate, Enrol},
	Scheduled: {Start, Pause, Cancel, Duplicate, Enrol},
	Active:    {Pause, Cancel, Duplicate, Enrol},
	Paused:    {Start, Cancel, Duplicate, Enrol},
	Completed: {Delete, Archive, Duplicate},
	Cancelled: {Delete, Archive, Duplicate},
}

// Can lists what may be done to a campaign in the state, for people and for their buttons.
func Can(s State, archived bool) []Action {
	out := slices.Clone(allowed[s])
	if archived {
		out = slices.DeleteFunc(out, func(a Action) bool { return a == Archive })
		out = append(out, Unarchive)
	}
	return out
}

// Allow refuses, with a conflict that names the state and the states that would do, what the state does not take.
func Allow(a Action, s State) error {
	if slices.Contains(allowed[s], a) {
		return nil
	}
	var in []State
	for _, c := range States() {
		if slices.Contains(allowed[c], a) {
			in = append(in, c)
		}
	}
	return fault.New(fault.Conflict, "action_not_allowed", fault.Params{"action": a, "state": s, "allowed_in": in})
}

// PauseReason says who or what paused a campaign.
type PauseReason string

// The reasons. All but ByOperator are the engine's own, and stand in Campaign.PauseParams with their values.
const (
	ByOperator    PauseReason = "operator"
	ScheduleEnded PauseReason = "schedule_ended" // its last allowed time has passed with people still waiting
	LineDown      PauseReason = "line_down"      // the line has refused everything for a while
	TooManyFailed PauseReason = "too_many_failures"
	NeverOpens    PauseReason = "window_never_opens"
	CannotSpeak   PauseReason = "cannot_speak" // its agent or message has become unusable
	CannotFill    PauseReason = "cannot_fill"  // its source of contacts is gone, or stands for nobody
)
