package report

import (
	"math"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// Rates are the figures by which people judge a campaign. Shares are from 0 to 1, and 0 where there is nothing to divide.
type Rates struct {
	Progress   float64 `json:"progress"`          // recipients who wait for nothing any more, of all
	Completion float64 `json:"completion_rate"`   // recipients who were tried at least once, of all
	Success    float64 `json:"success_rate"`      // attempts that reached the person, of those that could
	Retry      float64 `json:"retry_rate"`        // recipients who needed more than one attempt, of those tried
	Conversion float64 `json:"conversion_rate"`   // attempts in which the goal was reached, of those that reached the person
	Failure    float64 `json:"failure_rate"`      // attempts that failed technically, of all
	MeanCall   float64 `json:"mean_call_seconds"` // of calls that a person or a machine answered; 0 for messages
}

// Of gives the rates of a campaign.
func Of(c campaign.Counts) Rates {
	tried := c.Attempts - c.Retries
	return Rates{
		Progress:   share(c.Settled(), c.Total),
		Completion: share(tried, c.Total),
		Success:    share(c.Answered(), c.Carried()),
		Retry:      share(c.Again, tried),
		Conversion: share(c.Goals, c.Answered()),
		Failure:    share(failed(c), c.Attempts),
		MeanCall:   mean(c.Talk, pickedUp(c)),
	}
}

func share(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func mean(sum time.Duration, n int64) float64 {
	if n <= 0 {
		return 0
	}
	return math.Round(10*sum.Seconds()/float64(n)) / 10
}

// pickedUp is how many calls somebody, or a machine, answered.
func pickedUp(c campaign.Counts) int64 {
	var n int64
	for code, k := range c.ByCode {
		if code.PickedUp() {
			n += k
		}
	}
	return n
}

// failed is how many attempts ended for a technical reason.
func failed(c campaign.Counts) int64 {
	var n int64
	for code, k := range c.ByCode {
		if code.Technical() {
			n += k
		}
	}
	return n
}

// Health is how a rate compares with what is usual.
type Health string

// The healths.
const (
	Healthy Health = "healthy"
	Low     Health = "low"
	High    Health = "high"
	TooFew  Health = "too_few" // too little has happened to judge
)

// Finding is what is to be said of one rate.
type Finding struct {
	Rate   string  `json:"rate" enum:"success_rate,mean_call_seconds,failure_rate"`
	Value  float64 `json:"value"`
	Least  float64 `json:"least"` // of the healthy range
	Most   float64 `json:"most"`
	Health Health  `json:"health" enum:"healthy,low,high,too_few"`
	// Hint is the code of a sentence that says what to do; empty for what is healthy.
	Hint string `json:"hint,omitempty"`
}

// What is usual: 30 to 60 % of calls answered (it varies by business), two to five minutes for whole conversations, and
// few technical failures.
const (
	leastSuccess, mostSuccess = 0.30, 0.60
	leastCall, mostCall       = 2 * time.Minute, 5 * time.Minute
	mostFailure               = 0.10
	leastDelivered            = 0.95 // of messages taken by the far end

	enough = 50 // attempts before anything is said
)

// Hints lists the codes of the sentences.
func Hints() []string {
	return []string{"success_low", "success_high", "mean_call_short", "mean_call_long", "failures_many", "delivery_low"}
}

// Assess compares a campaign's rates with what is healthy on its channel.
func Assess(kind channel.Kind, c campaign.Counts) []Finding {
	r := Of(c)
	judge := func(rate string, value, least, most float64, n int64, low, high string) Finding {
		f := Finding{Rate: rate, Value: value, Least: least, Most: most, Health: Healthy}
		switch {
		case n < enough:
			f.Health = TooFew
		case value < least:
			f.Health, f.Hint = Low, low
		case value > most:
			f.Health, f.Hint = High, high
		}
		return f
	}
	failures := judge("failure_rate", r.Failure, 0, mostFailure, c.Attempts, "", "failures_many")
	if kind != channel.Voice {
		return []Finding{judge("success_rate", r.Success, leastDelivered, 1, c.Carried(), "delivery_low", ""), failures}
	}
	return []Finding{
		judge("success_rate", r.Success, leastSuccess, mostSuccess, c.Carried(), "success_low", "success_high"),
		judge("mean_call_seconds", r.MeanCall, leastCall.Seconds(), mostCall.Seconds(), pickedUp(c), "mean_call_short", "mean_call_long"),
		failures,
	}
}
