// Package schedule answers two questions without any I/O: may people be contacted at t, and when may they next. It
// holds windows (allowed hours), public holidays, blackout dates, staggered release, recurrence and time zones.
//
// # Windows
//
// A Window allows, per weekday, any number of intervals of wall-clock time. A date that is a holiday of one of the
// window's calendars, or is blacked out, allows nothing. Whether t is inside depends only on what a clock on the wall
// shows in the zone that the caller passes in; Window.Zone says which zone that is (the campaign's, the agent's or
// each contact's), and who calls looks it up.
//
// That rule also decides the two strange hours of a year. When clocks go forward the skipped minutes do not exist and
// nothing happens in them. When clocks go back the repeated minutes are on the wall twice, and an interval that
// contains them is open both times. Within a period of constant offset the wall clock runs evenly, so openings are
// found by walking from one change of offset to the next, never by stepping minutes.
//
// # The written form
//
// The same in JSON and YAML; every key may be left out:
//
//	days:                                  # none: every day, around the clock
//	  mon-fri: ["09:00-12:00", "13:00-18:00"]
//	  sat: "09:00-13:00"                   # one interval needs no list; a day not named is closed
//	zone: contact                          # campaign (default), agent or contact
//	holidays: [BR, BR-optional]
//	blackout: ["2026-12-24", "2026-12-31..2027-01-02"]
//
// Days are mon tue wed thu fri sat sun, a run of them (sat-mon wraps around) or several of both ("mon,wed-fri"); a day
// may be named once. Unknown and repeated keys are refused.
//
// # Decisions
//
//   - No days at all means every day, around the clock; Window.Always tells. A schedule that is written down must have
//     at least one interval.
//   - An interval does not cross midnight: "22:00-02:00" is refused with the advice to write "22:00-24:00" on the day
//     and "00:00-02:00" on the next. It would otherwise be a guess whether the small hours of a holiday belong to the
//     evening before.
//   - Holidays close the whole day. Brazil's "pontos facultativos" (Carnival, Corpus Christi) are no national holidays
//     and have a calendar of their own.
package schedule
