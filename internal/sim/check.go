package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/schedule"
)

// OptOut is a person who said stop.
type OptOut struct {
	Address channel.Address
	At      time.Time // when that was acknowledged
}

// Check holds the log of the far ends and the database against the invariants, and returns every violation.
// renewed is how often a person has given a recipient their turns again.
func (c *City) Check(ctx context.Context, optOuts []OptOut, renewed map[string]map[campaign.Number]int) ([]string, error) {
	k := &checker{city: c, renewed: renewed, seen: c.World.Seen(), campaigns: map[string]*campaign.Campaign{}, entries: map[string]map[campaign.Number]campaign.Entry{}}
	for _, id := range c.Campaigns {
		if err := k.load(ctx, id); err != nil {
			return nil, err
		}
	}
	k.once()
	k.recorded()
	k.windows()
	k.lines()
	k.overlaps()
	k.stopped(optOuts)
	return k.bad, nil
}

type checker struct {
	city      *City
	seen      []Seen
	campaigns map[string]*campaign.Campaign
	entries   map[string]map[campaign.Number]campaign.Entry
	attempts  map[string]campaign.Attempt
	renewed   map[string]map[campaign.Number]int
	bad       []string
}

func (k *checker) fail(format string, args ...any) {
	if len(k.bad) < 50 {
		k.bad = append(k.bad, fmt.Sprintf(format, args...))
	}
}

// load reads a campaign, and checks what can be checked in the database alone.
func (k *checker) load(ctx context.Context, id string) error {
	svc, ws := k.city.Service, k.city.Workspace
	c, err := svc.Get(ctx, ws, id)
	if err != nil {
		return err
	}
	k.campaigns[id] = c
	counts, err := svc.Counts(ctx, ws, id)
	if err != nil {
		return err
	}
	entries := map[campaign.Number]campaign.Entry{}
	byStatus := map[campaign.Status]int64{}
	for after := campaign.Number(0); ; {
		page, next, err := svc.Look(ctx, ws, id, campaign.Filter{}, after, 1000)
		if err != nil {
			return err
		}
		for _, e := range page {
			entries[e.Number] = e
			byStatus[e.Status]++
		}
		if after = next; after == 0 {
			break
		}
	}
	k.entries[id] = entries
	for _, s := range campaign.Statuses() {
		if counts.ByStatus[s] != byStatus[s] {
			k.fail("campaign %s counts %d %s and has %d", c.Name, counts.ByStatus[s], s, byStatus[s])
		}
		if c.State == campaign.Completed && !s.Settled() && byStatus[s] > 0 {
			k.fail("campaign %s is completed with %d %s", c.Name, byStatus[s], s)
		}
	}
	if counts.Total != int64(len(entries)) {
		k.fail("campaign %s counts %d recipients and has %d", c.Name, counts.Total, len(entries))
	}
	return k.loadAttempts(ctx, c, counts)
}

func (k *checker) loadAttempts(ctx context.Context, c *campaign.Campaign, counts campaign.Counts) error {
	if k.attempts == nil {
		k.attempts = map[string]campaign.Attempt{}
	}
	byCode := map[channel.Code]int64{}
	perLap := map[[2]int64]int{}
	ordinals := map[campaign.Number]int{}
	total := int64(0)
	slices, reached, converted := map[time.Time]*campaign.Slice{}, map[campaign.Number]bool{}, map[campaign.Number]bool{}
	var after campaign.AttemptCursor
	for {
		page, err := k.city.Service.Attempts(ctx, k.city.Workspace, c.ID, campaign.AttemptQuery{After: after, Limit: 1000})
		if err != nil {
			return err
		}
		for _, a := range page {
			total++
			k.attempts[a.ID] = a
			byCode[a.Outcome.Code]++
			x := slices[campaign.SliceOf(a.PlacedAt)]
			if x == nil {
				x = &campaign.Slice{At: campaign.SliceOf(a.PlacedAt)}
				slices[x.At] = x
			}
			x.Add(&a.Outcome, a.Ordinal, 1)
			if a.Outcome.Code.Answered() {
				reached[a.Number] = true
			}
			if a.Outcome.Goal {
				converted[a.Number] = true
			}
			if a.Outcome.Code.Class() != channel.ClassFault {
				perLap[[2]int64{int64(a.Number), int64(a.Lap)}]++
			}
			ordinals[a.Number] = max(ordinals[a.Number], a.Ordinal)
			after = campaign.AttemptCursor{Closed: a.Outcome.At, Number: a.Number, Ordinal: a.Ordinal}
		}
		if len(page) < 1000 {
			break
		}
	}
	if counts.Attempts != total {
		k.fail("campaign %s counts %d attempts and has %d", c.Name, counts.Attempts, total)
	}
	if counts.Reached != int64(len(reached)) || counts.Converted != int64(len(converted)) {
		k.fail("campaign %s counts %d who were reached and %d who reached the goal, and has %d and %d", c.Name, counts.Reached, counts.Converted, len(reached), len(converted))
	}
	if err := k.slices(ctx, c, slices); err != nil {
		return err
	}
	for code, n := range byCode {
		if counts.ByCode[code] != n {
			k.fail("campaign %s counts %d %s and has %d", c.Name, counts.ByCode[code], code, n)
		}
	}
	for key, n := range perLap {
		e := k.entries[c.ID][campaign.Number(key[0])]
		turns := 1 + k.renewed[c.ID][e.Number]
		if most := c.Retry.MaxAttempts * len(e.Addresses) * turns; n > most {
			k.fail("recipient %d of %s had %d attempts in lap %d, and %d are allowed", key[0], c.Name, n, key[1], most)
		}
	}
	for n, last := range ordinals {
		if e := k.entries[c.ID][n]; e.Attempt != last {
			k.fail("recipient %d of %s stands at attempt %d and had %d", n, c.Name, e.Attempt, last)
		}
	}
	return nil
}

// slices: what is counted by the time of day is what happened.
func (k *checker) slices(ctx context.Context, c *campaign.Campaign, want map[time.Time]*campaign.Slice) error {
	got, err := k.city.Store.Slices(ctx, c.Workspace, c.ID, time.Time{})
	for _, x := range got {
		w := want[x.At]
		if w == nil {
			w = &campaign.Slice{}
		}
		delete(want, x.At)
		if x.Attempts != w.Attempts || x.FirstTurns != w.FirstTurns || x.Answered != w.Answered || x.Faults != w.Faults || x.Technical != w.Technical ||
			x.Refused != w.Refused || x.Goals != w.Goals || x.PickedUp != w.PickedUp {
			k.fail("campaign %s counts %+v and has %+v", c.Name, x, *w)
		}
	}
	for at, w := range want {
		k.fail("campaign %s counts nothing at %s and has %+v", c.Name, at, *w)
	}
	return err
}

// once: no attempt was made twice.
func (k *checker) once() {
	seen := map[string]bool{}
	for _, s := range k.seen {
		if seen[s.Attempt] {
			k.fail("attempt %s was made twice", s.Attempt)
		}
		seen[s.Attempt] = true
	}
}

// recorded: every attempt that the far ends saw is known, with what they know of it or as unknown; and every attempt
// that is said to have disturbed somebody was seen.
func (k *checker) recorded() {
	seen := map[string]channel.Code{}
	for _, s := range k.seen {
		seen[s.Attempt] = s.Code
		a, ok := k.attempts[s.Attempt]
		if !ok {
			k.fail("attempt %s was made and is not recorded", s.Attempt)
			continue
		}
		if a.Outcome.Code != s.Code && a.Outcome.Code != channel.Unknown {
			k.fail("attempt %s ended as %s and is recorded as %s", s.Attempt, s.Code, a.Outcome.Code)
		}
	}
	for id, a := range k.attempts {
		if _, ok := seen[id]; !ok && a.Outcome.Code != channel.LineFailed && a.Outcome.Code != channel.Unknown {
			k.fail("attempt %s is recorded as %s and was never made", id, a.Outcome.Code)
		}
	}
}

// windows: nobody was contacted outside the hours on their own clock.
func (k *checker) windows() {
	for _, s := range k.seen {
		id, n, _, ok := campaign.ParseAttemptID(s.Attempt)
		if !ok || k.campaigns[id] == nil {
			k.fail("attempt %s is of no campaign", s.Attempt)
			continue
		}
		e := k.entries[id][n]
		clock := k.campaigns[id].ClockFor("", e.Zones)
		if !clock.Open(s.Start) {
			k.fail("recipient %d of %s was contacted at %v", n, k.campaigns[id].Name, s.Start.In(clock.Zones[0]))
		}
		if !slices.Contains(e.Addresses, s.To) {
			k.fail("recipient %d of %s was contacted at an address that is not theirs", n, k.campaigns[id].Name)
		}
	}
}

// lines: no limit of a line was exceeded, at any instant, whoever ran it.
func (k *checker) lines() {
	for _, l := range k.city.Lines {
		var starts []time.Time
		type edge struct {
			at time.Time
			d  int
		}
		var edges []edge
		zone, err := schedule.LoadZone(l.Zone)
		if err != nil {
			k.fail("zone of %s: %v", l.ID, err)
			continue
		}
		perDay := map[string]int{}
		for _, s := range k.seen {
			if s.Line != l.ID {
				continue
			}
			starts = append(starts, s.Start)
			perDay[s.Start.In(zone).Format(time.DateOnly)]++
			end := s.End
			if end.IsZero() {
				end = s.Start.Add(24 * time.Hour)
			}
			edges = append(edges, edge{s.Start, 1}, edge{end, -1})
		}
		slices.SortFunc(starts, time.Time.Compare)
		if r := l.Limits.PerSecond; r >= 1 {
			n := int(r)
			for i := n; i < len(starts); i++ {
				if d := starts[i].Sub(starts[i-n]); d < time.Second*time.Duration(n)/time.Duration(r) {
					k.fail("line %s: %d starts within %v at %v", l.ID, n+1, d, starts[i])
				}
			}
		}
		slices.SortFunc(edges, func(a, b edge) int {
			if c := a.at.Compare(b.at); c != 0 {
				return c
			}
			return a.d - b.d
		})
		open := 0
		for _, e := range edges {
			open += e.d
			if l.Limits.Concurrent > 0 && open > l.Limits.Concurrent {
				k.fail("line %s: %d at once at %v", l.ID, open, e.at)
			}
		}
		for day, n := range perDay {
			if l.Limits.PerDay > 0 && n > l.Limits.PerDay {
				k.fail("line %s: %d starts on %s", l.ID, n, day)
			}
		}
	}
}

// overlaps: a recipient never has two attempts open, except when the node of the first had died.
func (k *checker) overlaps() {
	last := map[string]Seen{}
	sorted := slices.Clone(k.seen)
	slices.SortFunc(sorted, func(a, b Seen) int { return a.Start.Compare(b.Start) })
	for _, s := range sorted {
		id, n, _, _ := campaign.ParseAttemptID(s.Attempt)
		key := fmt.Sprintf("%s/%d", id, n)
		if p, ok := last[key]; ok {
			a := k.attempts[p.Attempt]
			if (p.End.IsZero() || p.End.After(s.Start)) && a.Outcome.Code != channel.Unknown && a.Outcome.Reason != "node_lost" {
				k.fail("recipient %s had two attempts open at %v", key, s.Start)
			}
		}
		last[key] = s
	}
}

// stopped: nobody was contacted after they had said stop.
func (k *checker) stopped(optOuts []OptOut) {
	when := map[channel.Address]time.Time{}
	for _, o := range optOuts {
		when[o.Address] = o.At
	}
	for _, a := range k.attempts {
		if a.Outcome.Code == channel.OptedOut {
			if t, ok := when[a.To]; !ok || a.Outcome.At.Before(t) {
				when[a.To] = a.Outcome.At.Add(time.Second) // the database knows within a moment
			}
		}
	}
	for _, s := range k.seen {
		if t, ok := when[s.To]; ok && s.Start.After(t) {
			k.fail("attempt %s was made %v after they said stop", s.Attempt, s.Start.Sub(t))
		}
	}
}
