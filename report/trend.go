package report

import (
	"cmp"
	"slices"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// Hour is what became of attempts placed in one hour of one day of the week, over all weeks.
type Hour struct {
	Weekday time.Weekday
	Hour    int // 0 to 23
	campaign.Slice
}

// ByHour sums slices by the weekday and the hour at which attempts were placed, on a clock. Hours without attempts are
// left out; the week begins on Monday.
func ByHour(list []campaign.Slice, zone *time.Location) []Hour {
	var sums [7 * 24]campaign.Slice
	for i := range list {
		at := list[i].At.In(zone)
		sums[int(at.Weekday()+6)%7*24+at.Hour()].Sum(&list[i])
	}
	var out []Hour
	for i := range sums {
		if sums[i].Attempts != 0 {
			out = append(out, Hour{time.Weekday((i/24 + 1) % 7), i % 24, sums[i]})
		}
	}
	return out
}

// Step is how long a span of a series is.
type Step string

// The steps.
const (
	Hourly Step = "hour"
	Daily  Step = "day"
)

// Bounds of a series.
const (
	hourlyFor = 48 * time.Hour // what lasted no longer is told by the hour
	mostDays  = 366
)

// TrendSince is from when on Series and ByHour tell of a campaign.
func TrendSince(now time.Time) time.Time { return now.AddDate(0, 0, -mostDays) }

// Series sums slices, which are in order, by the hour or the day at which attempts were placed, on a clock. There are no
// gaps between the first and the last; At is when the span begins.
func Series(list []campaign.Slice, zone *time.Location) (Step, []campaign.Slice) {
	step, begin := Hourly, hourOf
	if n := len(list); n > 0 && list[n-1].At.Sub(list[0].At) >= hourlyFor {
		step, begin = Daily, dayOf
	}
	var out []campaign.Slice
	for i := range list {
		at := begin(list[i].At.In(zone))
		for len(out) > 0 && out[len(out)-1].At.Before(at) {
			out = append(out, campaign.Slice{At: next(step, out[len(out)-1].At, zone)})
		}
		if len(out) == 0 {
			out = append(out, campaign.Slice{At: at.UTC()})
		}
		out[len(out)-1].Sum(&list[i])
	}
	return step, out
}

func hourOf(t time.Time) time.Time {
	return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

func next(s Step, t time.Time, zone *time.Location) time.Time {
	if s == Hourly {
		return t.Add(time.Hour)
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).UTC()
}

// Stage is a step on the way from being in a campaign to its goal.
type Stage string

// The stages.
const (
	StagePeople    Stage = "people"    // recipients
	StageAttempted Stage = "attempted" // who were tried at least once
	StageReached   Stage = "reached"   // whom a call or a message reached at least once
	StageDelivered Stage = "delivered" // messages that were delivered, or more; and so on
	StageRead      Stage = "read"
	StageClicked   Stage = "clicked"
	StageReplied   Stage = "replied"
	StageGoal      Stage = "goal" // who reached the goal at least once
)

// Passed is how many came to a stage.
type Passed struct {
	Stage Stage `json:"stage" enum:"people,attempted,reached,delivered,read,clicked,replied,goal"`
	N     int64 `json:"n"`
}

// Funnel tells how many came how far. What a channel does not tell us has no stage: a mail server takes a message and
// says no more.
func Funnel(kind channel.Kind, c campaign.Counts, goal bool) []Passed {
	out := []Passed{{StagePeople, c.Total}, {StageAttempted, c.Attempts - c.Retries}, {StageReached, c.Reached}}
	if kind != channel.Voice {
		for _, s := range []struct {
			stage Stage
			code  channel.Code
		}{{StageDelivered, channel.Delivered}, {StageRead, channel.Read}, {StageClicked, channel.Clicked}, {StageReplied, channel.Replied}} {
			if n := atLeast(c, s.code); n > 0 {
				out = append(out, Passed{s.stage, n})
			}
		}
	}
	if goal {
		out = append(out, Passed{StageGoal, c.Converted})
	}
	return out
}

// atLeast is how many messages came as far as a code says, or further.
func atLeast(c campaign.Counts, code channel.Code) int64 {
	var n int64
	for k, count := range c.ByCode {
		if t := k.Trait(); t.Messages && t.Class == channel.ClassReached && t.Rank >= code.Trait().Rank {
			n += count
		}
	}
	return n
}

// Ended is how many attempts ended in one way.
type Ended struct {
	Code  channel.Code  `json:"outcome"`
	Class channel.Class `json:"class" enum:"reached,unreached,bad_address,refused,fault,unknown"`
	N     int64         `json:"n"`
	Share float64       `json:"share" doc:"Of all attempts that have ended, 0 to 1"`
}

// Outcomes tells how attempts ended, the most frequent first.
func Outcomes(c campaign.Counts) []Ended {
	out := []Ended{}
	for code, n := range c.ByCode {
		if n > 0 {
			out = append(out, Ended{code, code.Class(), n, share(n, c.Attempts)})
		}
	}
	slices.SortFunc(out, func(a, b Ended) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code)) })
	return out
}
