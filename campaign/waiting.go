package campaign

import "time"

// WaitCode says what an active campaign waits for.
type WaitCode string

// The codes, each the key of a sentence with what to do about it.
const (
	WaitWindow   WaitCode = "outside_window"       // until the window opens; Params: cause, holiday
	WaitOwnHours WaitCode = "outside_own_hours"    // until the hours open in which the next person may be contacted, by their own clock or by law
	WaitRetry    WaitCode = "retries_due_later"    // nobody is due before then
	WaitLimit    WaitCode = "contact_limits"       // everybody who is left has been contacted as often as they may be for now
	WaitLap      WaitCode = "lap_cooldown"         // until the next lap
	WaitRelease  WaitCode = "release_step"         // until more recipients are let go
	WaitDay      WaitCode = "daily_limit"          // until tomorrow, on the line's clock
	WaitOwnDay   WaitCode = "campaign_daily_limit" // the same, of the campaign's own limit
	WaitBusy     WaitCode = "line_busy"            // all of the line's attempts are in the air
	WaitOwnBusy  WaitCode = "campaign_busy"        // all of the campaign's attempts are in the air
	WaitPace     WaitCode = "pace"                 // the next start is a moment away
	WaitLine     WaitCode = "line_resting"         // the line refused too often; Params: outcome, reason
	WaitLineOff  WaitCode = "line_disabled"
	WaitLists    WaitCode = "lists_away"   // a list of people who must not be contacted is still on its way to the node
	WaitFilling  WaitCode = "being_filled" // its recipients are still on their way from the contact base
	WaitOpenEnd  WaitCode = "no_recipients_left"
	WaitInFlight WaitCode = "attempts_open" // everybody had their turn; the last attempts are going on
)

// WaitCodes lists the codes.
func WaitCodes() []WaitCode {
	return []WaitCode{
		WaitWindow, WaitOwnHours, WaitRetry, WaitLimit, WaitLap, WaitRelease, WaitDay, WaitOwnDay, WaitBusy, WaitOwnBusy, WaitPace, WaitLine, WaitLineOff, WaitLists, WaitFilling, WaitOpenEnd, WaitInFlight,
	}
}

// Waiting is why an active campaign contacts nobody at this moment.
type Waiting struct {
	Code   WaitCode          `json:"code"`
	Until  time.Time         `json:"until,omitzero"` // zero when that cannot be known
	Params map[string]string `json:"params,omitempty"`
	Since  time.Time         `json:"since"`
}
