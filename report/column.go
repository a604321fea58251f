package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// Column names a fixed column. The names never change.
type Column string

// The columns of both forms.
const (
	Number    Column = "number" // of the recipient in the campaign
	ID        Column = "id"     // what the customer's own system calls them
	Name      Column = "name"
	Contact   Column = "contact"
	Outcome   Column = "outcome" // of the attempt, or of the last one
	Reason    Column = "reason"  // what explains the outcome, or why there is none
	Lap       Column = "lap"
	Goal      Column = "goal"         // whether the campaign's goal was reached
	Talk      Column = "talk_seconds" // from the answer to the end, of all attempts together
	Network   Column = "network_answer"
	AttemptNo Column = "attempt" // which of the recipient's attempts
)

// The columns of a row per recipient.
const (
	Others   Column = "other_contacts"
	Status   Column = "status"
	Attempts Column = "attempts" // closed
	FirstAt  Column = "first_attempt_at"
	LastAt   Column = "last_attempt_at"
	NextAt   Column = "next_attempt_at" // empty for who waits for nothing, or for their first turn
	Priority Column = "priority"
	Tags     Column = "tags"
	AddedAt  Column = "added_at"
)

// The columns of a row per attempt.
const (
	Line       Column = "line"
	StartedAt  Column = "started_at"
	EndedAt    Column = "ended_at"
	Ring       Column = "ring_seconds"
	AnsweredBy Column = "answered_by"
	HungUpBy   Column = "hung_up_by"
	Ref        Column = "network_reference"
	AttemptID  Column = "attempt_id"
)

// Rest is where variables go that have no column of their own, as JSON.
const Rest Column = "other_variables"

var recipientColumns = []Column{
	Number, ID, Name, Contact, Others, Status, Outcome, Reason, Attempts, Lap, FirstAt, LastAt, NextAt, Talk, Goal, Network, Priority, Tags, AddedAt,
}

var attemptColumns = []Column{
	Number, ID, Name, Contact, AttemptNo, Lap, Line, StartedAt, EndedAt, Outcome, Reason, Network, Ring, Talk, AnsweredBy, HungUpBy, Goal, Ref, AttemptID,
}

// Columns lists every fixed column once, for those who find words for them.
func Columns() []Column {
	out := slices.Clone(recipientColumns)
	for _, c := range append(slices.Clone(attemptColumns), Rest) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// recipientRow is a row of recipientColumns.
func (r *Report) recipientRow(p *Person, cells []string) []string {
	e := &p.Entry
	var talk time.Duration
	goal := false
	for i := range p.Attempts {
		talk += p.Attempts[i].Outcome.Talk
		goal = goal || p.Attempts[i].Outcome.Goal
	}
	first, last, network := "", "", ""
	if n := len(p.Attempts); n > 0 {
		first, last = r.time(p.Attempts[0].PlacedAt), r.time(p.Attempts[n-1].PlacedAt)
		network = networkAnswer(&p.Attempts[n-1].Outcome)
	}
	lap := ""
	if e.Lap > 0 {
		lap = strconv.Itoa(e.Lap)
	}
	return append(cells,
		strconv.FormatInt(int64(e.Number), 10), e.ExternalID, e.Name, contact(e.Addresses), others(e.Addresses), r.words.Status(e.Status),
		r.outcome(e.Last), r.reason(p), strconv.Itoa(len(p.Attempts)), lap, first, last, r.time(e.Due), seconds(talk, len(p.Attempts) > 0),
		r.goal(goal, len(p.Attempts) > 0), network, r.words.Priority(priority(e.Number)), strings.Join(e.Tags, ", "), r.time(e.EnrolledAt))
}

// attemptRow is a row of attemptColumns.
func (r *Report) attemptRow(p *Person, a *campaign.Attempt, cells []string) []string {
	o := &a.Outcome
	line := r.lines[a.Line]
	if line == "" {
		line = a.Line
	}
	reason := ""
	if o.Reason != "" {
		reason = r.words.Reason(o.Reason, nil)
	}
	return append(cells,
		strconv.FormatInt(int64(p.Number), 10), p.ExternalID, p.Name, string(a.To), strconv.Itoa(a.Ordinal), strconv.Itoa(a.Lap), line,
		r.time(a.PlacedAt), r.time(o.At), r.outcome(o.Code), reason, networkAnswer(o), seconds(o.Ring, true), seconds(o.Talk, true),
		r.words.AnsweredBy(o.AnsweredBy), r.words.Side(o.HungUpBy), r.goal(o.Goal, true), a.Ref, a.ID)
}

func contact(list []channel.Address) string {
	if len(list) == 0 {
		return ""
	}
	return string(list[0])
}

func others(list []channel.Address) string {
	if len(list) < 2 {
		return ""
	}
	s := make([]string, len(list)-1)
	for i, a := range list[1:] {
		s[i] = string(a)
	}
	return strings.Join(s, ", ")
}

func (r *Report) outcome(c channel.Code) string {
	if c == "" {
		return ""
	}
	return r.words.Outcome(c)
}

// reason explains where somebody stands.
func (r *Report) reason(p *Person) string {
	if p.Reason == "" {
		return ""
	}
	return r.words.Reason(p.Reason, params(p.Params))
}

// goal is empty for who was never reached at all, where the campaign has no goal it stays so.
func (r *Report) goal(reached, tried bool) string {
	if !tried || !reached && r.campaign.Goal == "" {
		return ""
	}
	return r.words.YesNo(reached)
}

// time is on the campaign's clock, with its offset.
func (r *Report) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(r.zone).Format(time.RFC3339)
}

// seconds are whole ones: a fraction has a comma in some spreadsheets and a point in others.
func seconds(d time.Duration, there bool) string {
	if !there {
		return ""
	}
	return strconv.FormatInt(int64(d.Round(time.Second)/time.Second), 10)
}

// networkAnswer is the network's own words.
func networkAnswer(o *channel.Outcome) string {
	return strings.TrimSpace(o.ProviderCode + " " + o.ProviderText)
}

func priority(n campaign.Number) string {
	switch n.Band() {
	case campaign.BandHigh:
		return "high"
	case campaign.BandLow:
		return "low"
	default:
		return "normal"
	}
}
