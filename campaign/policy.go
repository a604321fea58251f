package campaign

import (
	"fmt"
	"slices"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Bounds and defaults of retries.
const (
	MinAttempts     = 1
	MaxAttempts     = 5
	DefaultAttempts = 3
	MinInterval     = 10   // minutes
	MaxInterval     = 4320 // minutes
	DefaultInterval = 60   // minutes
)

// Policy says what is done after an attempt. The zero Policy is completed by Defaults.
type Policy struct {
	// MaxAttempts is how many rounds of attempts one recipient gets in one lap, 1 to 5. A round tries the primary address
	// and, when it is not reached, each secondary one in order; an attempt that disturbed nobody is not counted.
	MaxAttempts int `json:"max_attempts" yaml:"max_attempts,omitempty" doc:"Rounds of attempts per recipient and lap, 1 to 5; default 3"`
	// IntervalMinutes lies between two rounds, 10 to 4320.
	IntervalMinutes int `json:"interval_minutes" yaml:"interval_minutes,omitempty" doc:"Minutes between two rounds, 10 to 4320; default 60"`
	// RetryOn lists the outcomes after which another round follows. Empty means DefaultRetryOn.
	RetryOn []channel.Code `json:"retry_on,omitempty" yaml:"retry_on,omitempty" doc:"Outcomes after which another round follows"`
	// Voicemail is what a machine that answers is worth; empty means RetryVoicemail.
	Voicemail VoicemailRetry `json:"voicemail,omitempty" yaml:"voicemail,omitempty" doc:"What a machine that answers is worth: retry (default) or accept"`
	// Delays replaces the interval after certain outcomes, in minutes, 1 to 4320.
	Delays map[channel.Code]int `json:"delays,omitempty" yaml:"delays,omitempty" doc:"Minutes after certain outcomes in place of the interval, 1 to 4320"`
	// Backoff multiplies the interval after every round: 1 (the default) keeps it, 2 doubles it. 1 to 5.
	Backoff float64 `json:"backoff,omitempty" yaml:"backoff,omitempty" doc:"Multiplies the interval after every round, 1 to 5; default 1"`
	// UntilGoal goes on after somebody was reached until the goal is, within MaxAttempts.
	UntilGoal bool `json:"until_goal,omitempty" yaml:"until_goal,omitempty" doc:"Go on after somebody was reached until the goal is"`
}

// VoicemailRetry says whether a voicemail box ends a recipient's turns.
type VoicemailRetry string

// The ways to treat voicemail.
const (
	RetryVoicemail  VoicemailRetry = "retry"  // go on until a person answers, within MaxAttempts
	AcceptVoicemail VoicemailRetry = "accept" // the box, or the message left on it, is enough
)

// DefaultRetryOn are the outcomes that are worth another round unless the campaign says otherwise. Somebody who pressed
// "decline" is left alone. Voicemail has its own switch.
func DefaultRetryOn() []channel.Code {
	return []channel.Code{
		channel.NoAnswer, channel.Busy, channel.Silent, channel.Failed, channel.Cancelled,
		channel.Deferred, channel.Unknown,
	}
}

// retryable are the outcomes that RetryOn may name: those where the same address can work another time.
func retryable(c channel.Code) bool {
	if !c.Valid() { // misspelt; its class would be unknown, which is retried
		return false
	}
	switch c.Class() {
	case channel.ClassUnreached, channel.ClassUnknown:
		return c != channel.Voicemail && c != channel.MessageLeft
	default:
		return false
	}
}

// Defaults fills what the operator left out.
func (p Policy) Defaults() Policy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = DefaultAttempts
	}
	if p.IntervalMinutes == 0 {
		p.IntervalMinutes = DefaultInterval
	}
	if p.RetryOn == nil {
		p.RetryOn = DefaultRetryOn()
	}
	if p.Voicemail == "" {
		p.Voicemail = RetryVoicemail
	}
	if p.Backoff == 0 {
		p.Backoff = 1
	}
	return p
}

// Validate gives all that is wrong with a policy whose defaults are filled in.
func (p Policy) Validate() fault.List {
	var bad fault.List
	between := func(field string, v, least, most int) {
		if v < least || v > most {
			bad = append(bad, fault.New(fault.Invalid, "out_of_range", fault.Params{"value": v, "min": least, "max": most}).At(field))
		}
	}
	between("max_attempts", p.MaxAttempts, MinAttempts, MaxAttempts)
	between("interval_minutes", p.IntervalMinutes, MinInterval, MaxInterval)
	for i, c := range p.RetryOn {
		if !retryable(c) {
			bad = append(bad, fault.New(fault.Invalid, "outcome_not_retryable", fault.Params{"outcome": c}).At(fmt.Sprintf("retry_on[%d]", i)))
		}
	}
	if p.Voicemail != RetryVoicemail && p.Voicemail != AcceptVoicemail {
		bad = append(bad, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": p.Voicemail, "allowed": "retry, accept"}).At("voicemail"))
	}
	for _, c := range sortedKeys(p.Delays) {
		if !retryable(c) && c != channel.Voicemail && c != channel.MessageLeft {
			bad = append(bad, fault.New(fault.Invalid, "outcome_not_retryable", fault.Params{"outcome": c}).At("delays."+string(c)))
		}
		between("delays."+string(c), p.Delays[c], 1, MaxInterval)
	}
	if p.Backoff < 1 || p.Backoff > 5 {
		bad = append(bad, fault.New(fault.Invalid, "out_of_range", fault.Params{"value": p.Backoff, "min": 1, "max": 5}).At("backoff"))
	}
	return bad
}

func sortedKeys(m map[channel.Code]int) []channel.Code {
	keys := make([]channel.Code, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// retries reports whether another round is worth it after the outcome.
func (p Policy) retries(o channel.Outcome) bool {
	switch o.Code {
	case channel.Voicemail, channel.MessageLeft:
		return p.Voicemail == RetryVoicemail
	default:
	}
	if o.Code.Class() == channel.ClassReached {
		return p.UntilGoal && !o.Goal
	}
	return slices.Contains(p.RetryOn, o.Code)
}

// delay is how long after the given round (1 for the first) the next one may begin.
func (p Policy) delay(c channel.Code, round int) time.Duration {
	minutes := float64(p.IntervalMinutes)
	if m, ok := p.Delays[c]; ok {
		minutes = float64(m)
	}
	for i := 1; i < round; i++ {
		minutes *= p.Backoff
	}
	return time.Duration(min(minutes, MaxInterval) * float64(time.Minute))
}

// Attempts that disturbed nobody are repeated soon, then more seldom, and not for ever: a line that refuses everything
// is the breaker's to stop, and an order that alone fails every time is its recipient's misfortune.
const (
	firstFaultDelay = 15 * time.Second
	lastFaultDelay  = 15 * time.Minute
	maxFaults       = 12
)

// faultDelay is how long to wait after the n-th fault in a row.
func faultDelay(n int, asked time.Duration) time.Duration {
	d := firstFaultDelay
	for i := 1; i < n && d < lastFaultDelay; i++ {
		d *= 2
	}
	return max(min(d, lastFaultDelay), min(asked, time.Hour))
}
