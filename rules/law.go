package rules

import (
	"fmt"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// Law is what binds one campaign besides what it sets itself: the workspace's limits, and the hours and limits of the
// packs that the workspace chose, as far as they are about the campaign's purpose and channel.
type Law struct {
	Limits []Limit
	Hours  []schedule.Window // all must be open, on the clock of whom is contacted
	// Registers must be kept to, each once for each rule that demands it.
	Registers []Register
	// NeedsPurpose tells that rules apply only because nobody says what the campaign is for.
	NeedsPurpose bool
}

// Register is a public list of people who must not be contacted that a rule demands to be kept to.
type Register struct {
	Name       string        // as packs write it, such as nao-me-perturbe
	MaxAge     time.Duration // how old a copy may be; 0 for any age
	Pack, Rule string
}

// Clock is the hours on the clocks that a person may live by: all of them must agree.
func (l Law) Clock(zones []*time.Location) Clock { return Clock{l.Hours, zones} }

// Clock says when a person may be contacted. The zero Clock always allows it.
type Clock struct {
	Hours []schedule.Window
	Zones []*time.Location
}

// NextOpen is the first instant at or after t at which all hours are open on all clocks; false when there is none within
// the schedule's horizon.
func (c Clock) NextOpen(t time.Time) (time.Time, bool) {
	limit := t.Add(schedule.Horizon)
	for t.Before(limit) {
		latest := t
		for i := range c.Hours {
			for _, z := range c.Zones {
				open, ok := c.Hours[i].NextOpen(t, z)
				if !ok {
					return time.Time{}, false
				}
				if open.After(latest) {
					latest = open
				}
			}
		}
		if latest.Equal(t) {
			return t, true
		}
		t = latest
	}
	return time.Time{}, false
}

// Settings are what a workspace is bound by.
type Settings struct {
	Limits []Limit  `json:"limits,omitempty" maxItems:"20" doc:"How often one person may be contacted, by all campaigns together"`
	Packs  []Chosen `json:"packs,omitempty" maxItems:"20" doc:"The packs of law that apply"`
	Closed Closed   `json:"closed,omitzero" doc:"Days on which nobody is contacted, by whichever campaign"`
}

// Closed are days on which a workspace contacts nobody, on the clock of whom is contacted, like the hours of the law.
type Closed struct {
	Holidays []schedule.Calendar `json:"holidays,omitempty" maxItems:"20" doc:"The holidays of these calendars, such as BR"`
	Dates    []string            `json:"dates,omitempty" maxItems:"400" doc:"Dates and runs of dates: 2026-12-24, 2026-12-31..2027-01-02"`
}

// window is what the days are for whoever wants to contact somebody, with everything that is wrong with them.
func (c Closed) window() (schedule.Window, fault.List) {
	w := schedule.Window{Holidays: c.Holidays}
	var bad fault.List
	for i, text := range c.Dates {
		span, err := schedule.ParseSpan(text)
		if err != nil {
			bad = append(bad, err.At(fmt.Sprintf("dates[%d]", i)))
			continue
		}
		w.Blackout = append(w.Blackout, span)
	}
	if len(bad) > 0 { // the others have other places now
		return w, bad
	}
	for _, e := range fault.All(w.Validate()) {
		bad = append(bad, e.At(strings.Replace(e.Field, "blackout", "dates", 1)))
	}
	return w, bad
}

// Chosen is a pack that a workspace keeps to. Its verified rules apply unless they are switched off, the others only when
// they are switched on.
type Chosen struct {
	Pack string   `json:"pack" doc:"Name of the pack, such as BR-RJ"`
	On   []string `json:"on,omitempty" maxItems:"50" doc:"Rules that apply though nobody has verified them"`
	Off  []string `json:"off,omitempty" maxItems:"50" doc:"Rules that do not apply though they are verified"`
}

// Applies reports whether a rule of the pack applies.
func (c Chosen) Applies(r *Rule) bool {
	if r.Status == Verified {
		return !contains(c.Off, r.ID)
	}
	return contains(c.On, r.ID)
}

// LawFor is what settings mean for a campaign with a purpose on a channel. A rule that is for certain purposes holds for a
// campaign that states none, too: nobody can say that it is not meant.
func (s Settings) LawFor(packs Packs, p Purpose, k channel.Kind) Law {
	law := Law{Limits: append([]Limit(nil), s.Limits...)}
	if closed, _ := s.Closed.window(); !closed.Always() { // what is wrong was refused before it was kept
		law.Hours = append(law.Hours, closed)
	}
	for _, chosen := range s.Packs {
		pack, known := packs[chosen.Pack]
		if !known { // of a program that is newer
			continue
		}
		for i := range pack.Rules {
			r := &pack.Rules[i]
			if !chosen.Applies(r) || !r.about(p, k) {
				continue
			}
			law.NeedsPurpose = law.NeedsPurpose || p == "" && len(r.Purposes) > 0
			law.Limits = append(law.Limits, r.Limits...)
			if r.Registry != "" {
				age := time.Duration(r.RegistryDays) * 24 * time.Hour
				law.Registers = append(law.Registers, Register{Name: r.Registry, MaxAge: age, Pack: pack.Name, Rule: r.ID})
			}
			if r.Hours != nil {
				law.Hours = append(law.Hours, *r.Hours)
			}
		}
	}
	return law
}
