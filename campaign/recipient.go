package campaign

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"campanario/channel"
)

// Number names a recipient inside its campaign and is, at the same time, its place in the order in which people are
// contacted: a recipient of a higher priority has a smaller number, whenever it came.
type Number int64

// Band is a part of the numbers that one priority has to itself.
type Band int

// The bands, in the order in which they are served.
const (
	BandHigh Band = iota
	BandNormal
	BandLow
	Bands // how many there are
)

// BandSize is how many recipients one band of one campaign can hold.
const BandSize = 1_000_000_000

// First is the number before the first of the band, where its cursor starts.
func (b Band) First() Number { return Number(b) * BandSize }

// Band is the band that the number lies in.
func (n Number) Band() Band { return Band((n - 1) / BandSize) }

// AttemptID is the identity of one attempt for ever and everywhere: the campaign, the recipient's number and how many
// attempts were made to them before, plus one. Call-IDs and logs of far ends carry it.
func AttemptID(campaign string, n Number, ordinal int) string {
	return campaign + "." + strconv.FormatInt(int64(n), 10) + "." + strconv.Itoa(ordinal)
}

// ParseAttemptID undoes AttemptID; false for what is not one.
func ParseAttemptID(id string) (campaign string, n Number, ordinal int, ok bool) {
	parts := strings.Split(id, ".")
	if len(parts) != 3 || parts[0] == "" {
		return "", 0, 0, false
	}
	num, err1 := strconv.ParseInt(parts[1], 10, 64)
	ord, err2 := strconv.Atoi(parts[2])
	if err1 != nil || err2 != nil || num < 1 || ord < 1 || AttemptID(parts[0], Number(num), ord) != id {
		return "", 0, 0, false
	}
	return parts[0], Number(num), ord, true
}

// Why says what a waiting recipient waits for.
type Why string

// The reasons to wait.
const (
	WhyFirst     Why = "first"     // their first attempt
	WhyWindow    Why = "window"    // their own clock says that it is too early or too late
	WhyRetry     Why = "retry"     // the interval after an attempt that counted
	WhyFault     Why = "fault"     // the interval after an attempt that disturbed nobody
	WhySecondary Why = "secondary" // the next of their addresses
	WhyLap       Why = "lap"       // a new lap
	WhyOperator  Why = "operator"  // a person said: again
	WhyLimit     Why = "limit"     // they have been contacted as often as they may be for now
)

// Result says how a recipient was settled.
type Result string

// The results.
const (
	Reached   Result = "reached"
	Exhausted Result = "exhausted" // tried as often as the policy allows, or the outcome is not one that is retried
	Invalid   Result = "invalid"   // no address that can work, or a variable is missing
	Refused   Result = "refused"   // they said stop
	Excluded  Result = "excluded"  // a rule forbids contacting them: suppression, consent, …
	Removed   Result = "removed"   // a person took them out
	Stopped   Result = "stopped"   // a person marked them as done
)

// Status is what people see of a recipient; see StatusOf.
type Status string

// The statuses.
const (
	StatusPending    Status = "pending"
	StatusQueued     Status = "queued"
	StatusInProgress Status = "in_progress"
	StatusRetry      Status = "retry_scheduled"
	StatusCompleted  Status = "completed"
	StatusNoAnswer   Status = "no_answer"
	StatusBusy       Status = "busy"
	StatusFailed     Status = "failed"
	StatusExhausted  Status = "exhausted"
	StatusCancelled  Status = "cancelled"
	StatusSuppressed Status = "suppressed"
)

// Statuses lists the statuses in the order people see them.
func Statuses() []Status {
	return []Status{
		StatusPending, StatusQueued, StatusInProgress, StatusRetry, StatusCompleted, StatusNoAnswer,
		StatusBusy, StatusFailed, StatusExhausted, StatusCancelled, StatusSuppressed,
	}
}

// Valid reports whether s is one of the statuses.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// Settled reports whether a recipient with the status waits for nothing.
func (s Status) Settled() bool {
	switch s {
	case StatusPending, StatusQueued, StatusInProgress, StatusRetry:
		return false
	default:
		return true
	}
}

// Recipient is a contact inside a campaign, as it was when it was added.
type Recipient struct {
	Number     Number
	Contact    int64 // the contact's number; 0 when the workspace's base does not know them
	ExternalID string
	Name       string
	Addresses  []channel.Address // the primary one first, then the secondary ones in the order they are tried
	Variables  map[string]string
	Zones      []string // IANA names of the person's clock; several when their number leaves it open
	Language   string
	Tags       []string
	EnrolledAt time.Time
}

// Standing is what is known of a recipient since their first turn. Somebody who is still waiting for it has the zero
// Standing.
type Standing struct {
	Status  Status // what people see while no attempt is open
	Result  Result // empty unless settled
	Why     Why    // what they wait for, empty when settled
	Due     time.Time
	Lap     int          // the lap the counts below are of; 0 before the first attempt
	Tries   int          // rounds of attempts that counted, in this lap
	Faults  int          // attempts in a row that disturbed nobody
	Attempt int          // ordinal of the last attempt, over all laps
	Address int          // which of the addresses is next
	Bad     uint32       // addresses that can never work, a bit each
	Last    channel.Code // the outcome of the last attempt, empty before it
	Reason  string       // code of the sentence that explains Last or Result
	Params  string       // what the sentence needs, a JSON object; empty when nothing
	Changed time.Time    // when it became so
}

// StatusOf is what people see of a recipient, in one place. inFlight tells that an attempt is open. A campaign that was
// cancelled shows everybody who still waited as cancelled.
func StatusOf(c State, s Standing, inFlight bool) Status {
	shown := s.Status
	if shown == "" {
		shown = StatusPending
	}
	switch {
	case inFlight:
		return StatusInProgress
	case c == Cancelled && !shown.Settled():
		return StatusCancelled
	default:
		return shown
	}
}

// waitingStatus is the status of somebody who waits for the reason.
func waitingStatus(w Why) Status {
	switch w {
	case WhyFirst, WhyWindow, WhyLimit:
		return StatusPending
	case WhyOperator:
		return StatusQueued
	default:
		return StatusRetry
	}
}

// settledStatus is the status of somebody who was settled. last is the outcome of their last attempt, if any, and tries
// how many rounds counted.
func settledStatus(r Result, last channel.Code, tries int) Status {
	switch r {
	case Reached, Stopped:
		return StatusCompleted
	case Refused, Excluded:
		return StatusSuppressed
	case Removed:
		return StatusCancelled
	case Invalid:
		return StatusFailed
	case Exhausted:
		if tries > 1 {
			return StatusExhausted
		}
		return onceStatus(last)
	}
	return StatusFailed
}

// onceStatus names the end of somebody who was tried once and is not tried again: the outcome says more than the count.
func onceStatus(c channel.Code) Status {
	switch c {
	case channel.MessageLeft:
		return StatusCompleted
	case channel.NoAnswer, channel.Voicemail, channel.Silent, channel.Rejected, channel.Cancelled:
		return StatusNoAnswer
	case channel.Busy:
		return StatusBusy
	default:
		return StatusFailed
	}
}
