package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Whose says whose clock a window is read on. The caller looks the zone up and passes it in.
type Whose string

// The modes.
const (
	ZoneCampaign Whose = "campaign" // the campaign's own zone; the default
	ZoneAgent    Whose = "agent"    // the zone of the agent that speaks
	ZoneContact  Whose = "contact"  // the zone of each contact, from its own field or its phone number
)

// Valid reports whether the mode is one of the three, or empty (ZoneCampaign).
func (w Whose) Valid() bool {
	return w == "" || w == ZoneCampaign || w == ZoneAgent || w == ZoneContact
}

// Interval is a part of a day by the clock on the wall: From is inside, To is not. From < To ≤ 24:00.
type Interval struct{ From, To Minute }

// String writes "09:00-18:00".
func (i Interval) String() string { return i.From.String() + "-" + i.To.String() }

func (i Interval) valid() bool { return i.From >= 0 && i.From < i.To && i.To <= EndOfDay }

// Week is the intervals of each weekday, indexed by time.Weekday. The zero Week has none.
type Week [7][]Interval

// Empty reports whether no day has an interval.
func (w *Week) Empty() bool {
	for _, day := range w {
		if len(day) > 0 {
			return false
		}
	}
	return true
}

// Window says when people may be contacted. The zero Window always allows it. Its methods are safe for concurrent use
// as long as nobody changes it.
type Window struct {
	Days     Week       // empty: every day, around the clock
	Zone     Whose      // whose clock; empty is ZoneCampaign
	Holidays []Calendar // no contact on these calendars' holidays
	Blackout []Span     // nor on these dates
}

// Bounds of a window that somebody writes.
const (
	maxIntervals = 24  // per day
	maxBlackout  = 400 // entries
	maxSpan      = 366 // days in one entry
)

// Always reports whether the window never closes.
func (w *Window) Always() bool {
	return w.Days.Empty() && len(w.Holidays) == 0 && len(w.Blackout) == 0
}

// Validate gives everything that is wrong with the window, as a *fault.Error or a fault.List whose paths are relative
// to it ("days.mon", "holidays[1]", …); nil when it is right. A decoded window has been validated.
func (w *Window) Validate() error {
	var bad fault.List
	for d, intervals := range w.Days {
		bad = append(bad, checkDay(time.Weekday(d), intervals)...)
	}
	if !w.Zone.Valid() {
		bad = append(bad, unknown("zone_mode_unknown", string(w.Zone), whoseNames()).At("zone"))
	}
	for i, c := range w.Holidays {
		at := fmt.Sprintf("holidays[%d]", i)
		if !c.Valid() {
			bad = append(bad, unknown("holidays_unknown", string(c), calendarNames()).At(at))
		} else if slices.Index(w.Holidays, c) < i {
			bad = append(bad, invalid("holidays_repeated", fault.Params{"value": string(c)}).At(at))
		}
	}
	if len(w.Blackout) > maxBlackout {
		bad = append(bad, invalid("too_many", fault.Params{"max": maxBlackout, "got": len(w.Blackout)}).At("blackout"))
		return bad.Err()
	}
	for i, s := range w.Blackout {
		if e := checkSpan(s); e != nil {
			bad = append(bad, e.At(fmt.Sprintf("blackout[%d]", i)))
		}
	}
	return bad.Err()
}

func checkDay(d time.Weekday, intervals []Interval) fault.List {
	at := "days." + dayNames[d]
	if len(intervals) > maxIntervals {
		return fault.List{invalid("too_many", fault.Params{"max": maxIntervals, "got": len(intervals)}).At(at)}
	}
	var bad fault.List
	for i, iv := range intervals {
		if e := checkInterval(iv); e != nil {
			bad = append(bad, e.At(at))
			continue
		}
		for _, other := range intervals[:i] {
			if other.valid() && iv.From < other.To && other.From < iv.To {
				bad = append(bad, invalid("interval_overlap", fault.Params{"value": iv.String(), "other": other.String()}).At(at))
			}
		}
	}
	return bad
}

func checkInterval(iv Interval) *fault.Error {
	switch {
	case iv.From < 0 || iv.From > EndOfDay || iv.To < 0 || iv.To > EndOfDay:
		return invalid("interval_invalid", fault.Params{"value": fmt.Sprintf("%d-%d", iv.From, iv.To), "example": "09:00-18:00"})
	case iv.From == iv.To:
		return invalid("interval_empty", fault.Params{"value": iv.String()})
	case iv.From > iv.To:
		return invalid("interval_across_midnight", fault.Params{
			"value": iv.String(), "first": Interval{iv.From, EndOfDay}.String(), "second": Interval{0, iv.To}.String(),
		})
	default:
		return nil
	}
}

func checkSpan(s Span) *fault.Error {
	switch {
	case s.Last < s.First:
		return invalid("dates_reversed", fault.Params{"value": s.String()})
	case s.Days() > maxSpan:
		return invalid("dates_too_long", fault.Params{"value": s.String(), "max_days": maxSpan})
	default:
		return nil
	}
}

func invalid(code string, p fault.Params) *fault.Error { return fault.New(fault.Invalid, code, p) }

func unknown(code, value string, allowed []string) *fault.Error {
	return invalid(code, fault.Params{"value": clip(value), "allowed": strings.Join(allowed, ", ")})
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "?")
	if n := []rune(s); len(n) > most {
		return string(n[:most]) + "…"
	}
	return s
}

func whoseNames() []string {
	return []string{string(ZoneCampaign), string(ZoneAgent), string(ZoneContact)}
}
