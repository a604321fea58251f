package campaign

import (
	"slices"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// Laps repeats the whole campaign by itself: when everybody is settled, those whom nothing excludes get their turns
// again, after a cool-down. The zero Laps makes one pass.
type Laps struct {
	// MaxPerDay is how many passes begin on one calendar day of the campaign's zone, the first included, 1 to 20.
	MaxPerDay int `json:"max_per_day" yaml:"max_per_day,omitempty" doc:"Passes that begin on one day, the first included, 1 to 20; default 1"`
	// MaxTotal is how many passes there are at all, the first included; 0 goes on until the campaign's end date, which
	// must then be set.
	MaxTotal int `json:"max_total,omitempty" yaml:"max_total,omitempty" doc:"Passes altogether, the first included; 0 goes on until ends_at"`
	// CooldownMinutes lies between the end of one pass and the beginning of the next, 1 to 10080.
	CooldownMinutes int `json:"cooldown_minutes" yaml:"cooldown_minutes,omitempty" doc:"Minutes between two passes, 1 to 10080; default 60"`
	// ExcludeOutcomes are the last outcomes that leave a recipient out of later laps. Nil means those of a person who was
	// reached. Refusals and addresses that cannot work are always left out.
	ExcludeOutcomes []channel.Code `json:"exclude_outcomes,omitempty" yaml:"exclude_outcomes,omitempty" doc:"Last outcomes that leave a recipient out of later passes; default those of a person who was reached"`
	// ExcludeTags leaves out recipients that carry one of the tags.
	ExcludeTags []string `json:"exclude_tags,omitempty" yaml:"exclude_tags,omitempty" doc:"Tags that leave a recipient out of later passes"`
}

// reachedCodes are the outcomes of the class reached.
func reachedCodes() []channel.Code {
	return slices.DeleteFunc(channel.Codes(), func(c channel.Code) bool { return c.Class() != channel.ClassReached })
}

// Defaults fills what the operator left out.
func (l Laps) Defaults() Laps {
	if l.MaxPerDay == 0 {
		l.MaxPerDay = 1
	}
	if l.CooldownMinutes == 0 {
		l.CooldownMinutes = DefaultInterval
	}
	if l.ExcludeOutcomes == nil {
		l.ExcludeOutcomes = reachedCodes()
	}
	return l
}

// Validate gives all that is wrong with laps whose defaults are filled in; ends tells whether the campaign has an end.
func (l Laps) Validate(ends bool) fault.List {
	var bad fault.List
	between := func(field string, v, least, most int) {
		if v < least || v > most {
			bad = append(bad, fault.New(fault.Invalid, "out_of_range", fault.Params{"value": v, "min": least, "max": most}).At(field))
		}
	}
	between("max_per_day", l.MaxPerDay, 1, 20)
	between("max_total", l.MaxTotal, 0, 1000)
	between("cooldown_minutes", l.CooldownMinutes, 1, 10080)
	if l.MaxTotal == 0 && !ends {
		bad = append(bad, fault.New(fault.Invalid, "laps_without_end", nil).At("max_total"))
	}
	for _, c := range l.ExcludeOutcomes {
		if !c.Valid() {
			bad = append(bad, fault.New(fault.Invalid, "outcome_unknown", fault.Params{"value": c}).At("exclude_outcomes"))
		}
	}
	return bad
}

// LapState is how far the laps of a campaign have come.
type LapState struct {
	Lap    int       // the pass that is running or has just ended, 1 for the first
	Opened time.Time // when it began
	Today  int       // how many passes began on the day Opened falls on, this one included
	Ended  time.Time // when its last recipient was settled
}

// NextLap is when the pass after st begins: after the cool-down, on a day that has a pass left, inside the window. false
// when there is none any more. zone is the campaign's; ends may be zero.
func (l Laps) NextLap(st LapState, zone *time.Location, ends time.Time, w Opener) (time.Time, bool) {
	if l.MaxTotal > 0 && st.Lap >= l.MaxTotal {
		return time.Time{}, false
	}
	at := st.Ended.Add(time.Duration(l.CooldownMinutes) * time.Minute)
	if st.Today >= l.MaxPerDay && sameDay(st.Opened, at, zone) {
		y, m, d := st.Opened.In(zone).Date()
		at = (schedule.DateOf(y, m, d) + 1).Begins(zone)
	}
	at, ok := w.NextOpen(at)
	if !ok || !ends.IsZero() && !at.Before(ends) {
		return time.Time{}, false
	}
	return at, true
}

// Opening is the state after a pass begins at t.
func (st LapState) Opening(t time.Time, zone *time.Location) LapState {
	next := LapState{Lap: st.Lap + 1, Opened: t, Today: 1}
	if st.Lap > 0 && sameDay(st.Opened, t, zone) {
		next.Today = st.Today + 1
	}
	return next
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	ay, am, ad := a.In(zone).Date()
	by, bm, bd := b.In(zone).Date()
	return ay == by && am == bm && ad == bd
}

// Again reports whether a settled recipient takes part in the next pass, and with what standing.
func (l Laps) Again(s Standing, tags []string, addresses, lap int, due time.Time) (Standing, bool) {
	switch s.Result {
	case Reached, Exhausted:
	case Invalid, Refused, Excluded, Removed, Stopped:
		return s, false
	}
	if slices.Contains(l.ExcludeOutcomes, s.Last) {
		return s, false
	}
	if slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(l.ExcludeTags, t) }) {
		return s, false
	}
	return Renew(s, WhyLap, addresses, lap, due), true
}

// Renew gives a recipient all their turns again: in a new lap, or because a person said so. Addresses known to be bad
// stay so, unless all of them are. addresses is how many they have.
func Renew(s Standing, why Why, addresses, lap int, due time.Time) Standing {
	s.Lap, s.Tries, s.Faults = lap, 0, 0
	s.Why, s.Due, s.Result, s.Changed = why, due, "", due
	s.Status = waitingStatus(why)
	first, ok := nextAddress(0, s.Bad, addresses)
	if !ok {
		s.Bad, first = 0, 0
	}
	s.Address = first
	return s
}

// LapRules is who takes part in further passes: those of the laps, or, in a campaign that recurs, everybody whom nothing
// forbids.
func (d *Definition) LapRules() Laps {
	if d.Laps != nil {
		return *d.Laps
	}
	return Laps{ExcludeOutcomes: []channel.Code{}}
}

// NextPass is when the pass after the present one begins, which ends now: by its laps or its rule of recurrence. false
// when there is none.
func (c *Campaign) NextPass(now time.Time, w Opener) (time.Time, bool) {
	var ends time.Time
	if c.EndsAt != nil {
		ends = *c.EndsAt
	}
	zone, err := schedule.LoadZone(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	switch {
	case c.Laps != nil:
		st := c.Lap
		st.Ended = now
		return c.Laps.NextLap(st, zone, ends, w)
	case c.Recurrence != "":
		return c.nextOccurrence(now, zone, ends, w)
	default:
		return time.Time{}, false
	}
}

// nextOccurrence is when the campaign's rule brings everybody back, moved into the window. Its DTSTART is when the
// campaign was to begin, or did.
func (c *Campaign) nextOccurrence(now time.Time, zone *time.Location, ends time.Time, w Opener) (time.Time, bool) {
	start := c.StartedAt
	if c.StartsAt != nil {
		start = *c.StartsAt
	}
	rule, err := schedule.ParseRecurrence(c.Recurrence, start, zone)
	if err != nil { // it was valid when it was written
		return time.Time{}, false
	}
	at, ok := rule.Next(now)
	if !ok {
		return time.Time{}, false
	}
	at, ok = w.NextOpen(at)
	if !ok || !ends.IsZero() && !at.Before(ends) {
		return time.Time{}, false
	}
	return at, true
}
