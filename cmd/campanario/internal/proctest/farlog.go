package proctest

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/sandbox"
)

// ReadLog reads what the sandbox wrote. A last line that is not whole yet is left out.
func ReadLog(path string) ([]sandbox.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var out []sandbox.Record
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r sandbox.Record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return out, fmt.Errorf("line %d of the sandbox's log: %w", len(out)+1, err)
		}
		out = append(out, r)
	}
	return out, lines.Err()
}

// Starts are the attempts that reached the far end on a channel, in the order of their arrival.
func Starts(log []sandbox.Record, k channel.Kind) []sandbox.Record {
	var out []sandbox.Record
	for _, r := range log {
		if r.Event == sandbox.EventStart && r.Channel == k {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b sandbox.Record) int { return a.At.Compare(b.At) })
	return out
}

// MostAtOnce is how many calls were under way at the same time. An end that was the far end's own doing is in its log when
// the caller has confirmed it: the caller knew of it up to so much earlier.
func MostAtOnce(log []sandbox.Record, confirmed time.Duration) int {
	type change struct {
		at time.Time
		by int
	}
	var all []change
	for _, r := range log {
		switch {
		case r.Channel != channel.Voice:
		case r.Event == sandbox.EventStart:
			all = append(all, change{r.At, 1})
		case r.Event == sandbox.EventEnd && (r.Result == "them" || r.Status == "487"):
			all = append(all, change{r.At, -1})
		case r.Event == sandbox.EventEnd:
			all = append(all, change{r.At.Add(-confirmed), -1})
		}
	}
	slices.SortStableFunc(all, func(a, b change) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
	most, now := 0, 0
	for _, c := range all {
		now += c.by
		most = max(most, now)
	}
	return most
}

// MostWithin is how many of the records lie within any stretch of time.
func MostWithin(records []sandbox.Record, stretch time.Duration) int {
	most, first := 0, 0
	for i, r := range records {
		for r.At.Sub(records[first].At) >= stretch {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// Twice lists the references that more than one record has.
func Twice(records []sandbox.Record) []string {
	n := map[string]int{}
	var out []string
	for _, r := range records {
		if n[r.Ref]++; n[r.Ref] == 2 {
			out = append(out, r.Ref)
		}
	}
	return out
}

// Truth is what a database says of a campaign.
type Truth struct {
	View       View
	Recipients []Recipient
	Attempts   []Attempt
}

// Books gives everything in which a database contradicts itself: a campaign that has ended with somebody unsettled,
// counters that are not the number of rows, attempts that are not their recipients'.
func Books(t Truth) []string {
	var bad []string
	say := func(format string, values ...any) { bad = append(bad, fmt.Sprintf(format, values...)) }
	v := t.View
	byStatus := map[campaign.Status]int64{}
	unsettled := int64(0)
	ordinals := map[campaign.Number]int{}
	for _, r := range t.Recipients {
		byStatus[r.Status]++
		if !r.Status.Settled() {
			unsettled++
		}
		ordinals[r.Number] = r.Attempts
	}
	if v.State == campaign.Completed && (unsettled > 0 || v.Counts.InFlight > 0) {
		say("the campaign is completed with %d people unsettled and %d attempts open", unsettled, v.Counts.InFlight)
	}
	if n := int64(len(t.Recipients)); v.Counts.Total != n || v.Counts.Settled != n-unsettled {
		say("counted %d recipients, %d settled; there are %d, %d", v.Counts.Total, v.Counts.Settled, n, n-unsettled)
	}
	for _, s := range campaign.Statuses() {
		if v.Counts.ByStatus[s] != byStatus[s] {
			say("counted %d %s, there are %d", v.Counts.ByStatus[s], s, byStatus[s])
		}
	}
	byCode := map[channel.Code]int64{}
	made := map[campaign.Number]int{}
	retries := int64(0)
	for _, a := range t.Attempts {
		byCode[a.Outcome]++
		made[a.Recipient]++
		if a.Attempt > 1 {
			retries++
		}
		if id := campaign.AttemptID(v.ID, a.Recipient, a.Attempt); id != a.ID {
			say("attempt %s is called %s", id, a.ID)
		}
	}
	if n := int64(len(t.Attempts)); v.Counts.Attempts != n || v.Counts.Retries != retries {
		say("counted %d attempts, %d of them retries; there are %d, %d", v.Counts.Attempts, v.Counts.Retries, n, retries)
	}
	for _, c := range channel.Codes() {
		if v.Counts.ByCode[c] != byCode[c] {
			say("counted %d %s, there are %d", v.Counts.ByCode[c], c, byCode[c])
		}
	}
	for n, k := range ordinals {
		if v.State == campaign.Completed && made[n] != k {
			say("recipient %d was tried %d times, and %d attempts are kept", n, k, made[n])
		}
	}
	return bad
}

// Calls gives everything in which the far end's log of calls contradicts the database: attempts that were made twice,
// that the database does not know, or knows to have ended otherwise.
func Calls(t Truth, log []sandbox.Record) []string {
	var bad []string
	say := func(format string, values ...any) { bad = append(bad, fmt.Sprintf(format, values...)) }
	starts := Starts(log, channel.Voice)
	for _, ref := range Twice(starts) {
		say("attempt %s was made more than once", ref)
	}
	kept := map[string]Attempt{}
	for _, a := range t.Attempts {
		kept[a.ID] = a
	}
	ends := map[string]sandbox.Record{}
	for _, r := range log {
		if r.Event == sandbox.EventEnd {
			ends[r.Ref] = r
		}
	}
	reached := map[string]bool{}
	for _, s := range starts {
		id, _, _, ok := campaign.ParseAttemptID(s.Ref)
		switch a, known := kept[s.Ref]; {
		case !ok:
			say("a call came that is nobody's: %s", s.Ref)
		case id != t.View.ID: // another campaign's
		case !known:
			say("the far end was called by %s, of which the database knows nothing", s.Ref)
		case a.To != s.To:
			say("attempt %s was for %s and went to %s", s.Ref, a.To, s.To)
		default:
			reached[s.Ref] = true
			if !fits(a, ends[s.Ref]) {
				say("attempt %s is kept as %s (%s), and ended with %q at the far end", s.Ref, a.Outcome, a.Provider, ends[s.Ref].Status)
			}
		}
	}
	for id, a := range kept {
		// Only who was killed between the record and the network, or found the line failing, has a record and no call.
		if !reached[id] && a.Outcome != channel.Unknown && a.Outcome.Class() != channel.ClassFault {
			say("attempt %s is kept as %s, and never reached the far end", id, a.Outcome)
		}
	}
	return bad
}

// fits reports whether an outcome is what the far end's final answer makes of a call.
func fits(a Attempt, end sandbox.Record) bool {
	want := map[string][]channel.Code{
		"486": {channel.Busy}, "603": {channel.Rejected}, "404": {channel.InvalidNumber}, "410": {channel.InvalidNumber}, "487": {channel.NoAnswer, channel.Cancelled},
		"200": {channel.Completed, channel.Silent, channel.Voicemail, channel.MessageLeft, channel.OptedOut, channel.Failed},
	}[end.Status]
	return a.Outcome == channel.Unknown || want == nil || slices.Contains(want, a.Outcome)
}
