package schedule

import (
	"strings"
	"time"

	"campanario/internal/fault"
)

// MaxAhead is how far in the future a campaign may be set to start: a year mistyped is not a plan.
const MaxAhead = 5 * 366 * 24 * time.Hour

// localLayouts are the ways to write a time on the wall, without an offset.
var localLayouts = []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"}

// ParseInstant reads the time at which something is to start: RFC 3339 with its offset ("2026-12-01T09:00:00-03:00"),
// or a time on the wall of the zone ("2026-12-01 09:00"). The result is in the zone.
//
// A time that is not after now is refused with past_time. A time on the wall that the clocks skip is refused with
// time_skipped and what to write instead, because moving it is a guess; one that comes twice is its first.
func ParseInstant(s string, zone *time.Location, now time.Time) (time.Time, error) {
	t, bad := parseInstant(strings.TrimSpace(s), zone)
	if bad != nil {
		return time.Time{}, bad
	}
	t = t.In(zone)
	switch {
	case !t.After(now):
		return time.Time{}, invalid("past_time", fault.Params{
			"at": t.Format(time.RFC3339), "now": now.In(zone).Format(time.RFC3339), "zone": zone.String(),
		})
	case t.Sub(now) > MaxAhead:
		return time.Time{}, invalid("time_too_far", fault.Params{
			"at": t.Format(time.RFC3339), "latest": now.Add(MaxAhead).In(zone).Format(time.RFC3339),
		})
	default:
		return t, nil
	}
}

func parseInstant(s string, zone *time.Location) (time.Time, *fault.Error) {
	if len(s) <= 40 {
		if t, err := time.Parse(time.RFC3339, s); err == nil && t.Year() >= 1970 {
			return t, nil
		}
		for _, layout := range localLayouts {
			wall, err := time.Parse(layout, s)
			if err != nil || wall.Year() < 1970 {
				continue
			}
			t, gap := wallTime(wall, zone)
			if gap > 0 {
				return t, invalid("time_skipped", fault.Params{
					"value": s, "zone": zone.String(),
					"before": wall.Add(-gap).Format(localLayouts[0]), "after": t.In(zone).Format(localLayouts[0]),
				})
			}
			return t, nil
		}
	}
	return time.Time{}, invalid("time_invalid", fault.Params{
		"value": clip(s), "example": "2026-12-01 09:00", "example_offset": "2026-12-01T09:00:00-03:00",
	})
}

// wallTime is the instant at which a clock on the wall of the zone shows what wall shows in UTC, after RFC 5545 section
// 3.3.5: a time that comes twice is its first; one that the clocks skip is read with the offset before the gap, which
// moves it forward by the length of the gap, and that length is returned.
//
// time.Date is not used because it promises neither.
func wallTime(wall time.Time, zone *time.Location) (time.Time, time.Duration) {
	sec := wall.Unix()
	// The offsets that can apply are those of the day before and the day after. Trying the earlier one first gives the
	// first of two, and the one before a gap.
	before := offsetAt(sec-secondsPerDay, zone)
	after := offsetAt(sec+secondsPerDay, zone)
	for _, o := range []int64{before, after} {
		if offsetAt(sec-o, zone) == o {
			return time.Unix(sec-o, int64(wall.Nanosecond())).In(zone), 0
		}
	}
	return time.Unix(sec-before, int64(wall.Nanosecond())).In(zone), time.Duration(after-before) * time.Second
}

// Begins is the first instant of the date on the zone's clock: midnight, or later where the clocks skip that.
func (d Date) Begins(zone *time.Location) time.Time {
	t, _ := wallTime(d.Time(), zone)
	return t
}

func offsetAt(sec int64, zone *time.Location) int64 {
	_, o := time.Unix(sec, 0).In(zone).Zone()
	return int64(o)
}
