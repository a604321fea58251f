package schedule

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"campanario/internal/fault"
)

const (
	maxRuleLength = 500
	maxRuleNumber = 1000 // of COUNT and INTERVAL
	maxStepDays   = 5 * 366
)

var periodDays = map[frequency]float64{hourly: 1.0 / 24, daily: 1, weekly: 7, monthly: 30, yearly: 365}

var ruleDays = map[string]time.Weekday{
	"MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday,
	"SA": time.Saturday, "SU": time.Sunday,
}

// numberParts are the parts that hold numbers: their bounds, whether they may be negative, and where they go.
var numberParts = map[string]struct {
	min, max int
	negative bool
	to       func(*pattern) *[]int
}{
	"BYMINUTE":   {0, 59, false, func(p *pattern) *[]int { return &p.byMinute }},
	"BYHOUR":     {0, 23, false, func(p *pattern) *[]int { return &p.byHour }},
	"BYMONTHDAY": {1, 31, true, func(p *pattern) *[]int { return &p.byMonthDay }},
	"BYYEARDAY":  {1, 366, true, func(p *pattern) *[]int { return &p.byYearDay }},
	"BYWEEKNO":   {1, 53, true, func(p *pattern) *[]int { return &p.byWeekNo }},
	"BYMONTH":    {1, 12, false, func(p *pattern) *[]int { return &p.byMonth }},
	"BYSETPOS":   {1, 366, true, func(p *pattern) *[]int { return &p.bySetPos }},
}

// parseRule reads an RRULE value and gives its text in capitals, the pattern, and everything that is wrong with it.
func parseRule(s string) (string, pattern, fault.List) {
	p := pattern{interval: 1, weekday0: time.Monday}
	s = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "RRULE:")
	if len(s) > maxRuleLength {
		return s, p, fault.List{invalid("too_long", fault.Params{"max": maxRuleLength, "got": len(s)})}
	}
	if strings.Contains(s, "DTSTART") {
		return s, p, fault.List{invalid("rule_has_start", nil)}
	}
	var bad fault.List
	var seen []string
	for part := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(part, "=")
		if !ok || key == "" || value == "" {
			bad = append(bad, invalid("rule_part_invalid", fault.Params{"value": clip(part), "example": "FREQ=WEEKLY;BYDAY=MO"}))
			continue
		}
		if slices.Contains(seen, key) {
			bad = append(bad, invalid("rule_part_repeated", fault.Params{"part": clip(key)}))
			continue
		}
		seen = append(seen, key)
		if e := p.read(key, value); e != nil {
			bad = append(bad, e)
		}
	}
	if len(bad) == 0 {
		bad = p.check(seen)
	}
	return s, p, bad
}

func (p *pattern) read(key, value string) *fault.Error {
	wrong := func(allowed string) *fault.Error {
		return invalid("rule_value_invalid", fault.Params{"part": key, "value": clip(value), "allowed": allowed})
	}
	if part, ok := numberParts[key]; ok {
		values, ok := ruleNumbers(value, part.min, part.max, part.negative)
		if !ok {
			return wrong(strconv.Itoa(part.min) + "–" + strconv.Itoa(part.max))
		}
		if key == "BYMINUTE" && len(values) > 1 {
			return invalid("rule_too_often", fault.Params{"part": key})
		}
		*part.to(p) = values
		return nil
	}
	switch key {
	case "FREQ":
		p.freq = frequency(value)
		switch p.freq {
		case hourly, daily, weekly, monthly, yearly:
		case "SECONDLY", "MINUTELY":
			return invalid("rule_too_often", fault.Params{"part": key})
		default:
			return wrong("HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY")
		}
	case "INTERVAL", "COUNT":
		n, ok := ruleNumber(value)
		if !ok || n < 1 || n > maxRuleNumber {
			return wrong("1–" + strconv.Itoa(maxRuleNumber))
		}
		if key == "COUNT" {
			p.count = n
		} else {
			p.interval = int64(n)
		}
	case "WKST":
		d, ok := ruleDays[value]
		if !ok {
			return wrong("MO, TU, WE, TH, FR, SA, SU")
		}
		p.weekday0 = d
	case "UNTIL":
		if p.until = parseUntil(value); p.until == nil {
			return wrong("20261231T235959Z, 20261231T235959, 20261231")
		}
	case "BYDAY":
		days, ok := ruleWeekdays(value)
		if !ok {
			return wrong("MO, TU, WE, TH, FR, SA, SU, 1MO, -1FR")
		}
		p.byDay = days
	case "BYSECOND":
		return invalid("rule_too_often", fault.Params{"part": key})
	default:
		return invalid("rule_part_unknown", fault.Params{"part": clip(key)})
	}
	return nil
}

// check holds what RFC 5545 section 3.3.10 says of parts together.
func (p *pattern) check(seen []string) fault.List {
	var bad fault.List
	has := func(key string) bool { return slices.Contains(seen, key) }
	clash := func(part, with string) {
		bad = append(bad, invalid("rule_parts_clash", fault.Params{"part": part, "with": with}))
	}
	if !has("FREQ") {
		return fault.List{invalid("rule_part_missing", fault.Params{"part": "FREQ"})}
	}
	freq := "FREQ=" + string(p.freq)
	if has("COUNT") && has("UNTIL") {
		clash("COUNT", "UNTIL")
	}
	if has("BYWEEKNO") && p.freq != yearly {
		clash("BYWEEKNO", freq)
	}
	if has("BYYEARDAY") && p.freq != yearly && p.freq != hourly {
		clash("BYYEARDAY", freq)
	}
	if has("BYMONTHDAY") && p.freq == weekly {
		clash("BYMONTHDAY", freq)
	}
	numbered := slices.ContainsFunc(p.byDay, func(d nthDay) bool { return d.n != 0 })
	if numbered && p.freq != monthly && p.freq != yearly {
		clash("BYDAY", freq)
	}
	if numbered && has("BYWEEKNO") {
		clash("BYDAY", "BYWEEKNO")
	}
	if has("BYSETPOS") && !slices.ContainsFunc(seen, func(k string) bool { return strings.HasPrefix(k, "BY") && k != "BYSETPOS" }) {
		clash("BYSETPOS", freq)
	}
	if most := maxStepDays / periodDays[p.freq]; float64(p.interval) > most {
		bad = append(bad, invalid("rule_value_invalid", fault.Params{
			"part": "INTERVAL", "value": strconv.FormatInt(p.interval, 10), "allowed": "1–" + strconv.Itoa(int(most)),
		}))
	}
	return bad
}

func ruleNumber(s string) (int, bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	if digits == "" || len(digits) > 4 || strings.Trim(digits, "0123456789") != "" || len(s)-len(digits) > 1 {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// ruleNumbers reads a list of distinct numbers.
func ruleNumbers(s string, least, most int, negative bool) ([]int, bool) {
	var out []int
	for v := range strings.SplitSeq(s, ",") {
		n, ok := ruleNumber(v)
		abs := n
		if negative && n < 0 {
			abs = -n
		}
		if !ok || abs < least || abs > most || slices.Contains(out, n) {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// ruleWeekdays reads "MO,WE" or "1MO,-1FR".
func ruleWeekdays(s string) ([]nthDay, bool) {
	var out []nthDay
	for v := range strings.SplitSeq(s, ",") {
		if len(v) < 2 {
			return nil, false
		}
		day, ok := ruleDays[v[len(v)-2:]]
		if !ok {
			return nil, false
		}
		d := nthDay{day: day}
		if nth := v[:len(v)-2]; nth != "" {
			if d.n, ok = ruleNumber(nth); !ok || d.n == 0 || d.n < -53 || d.n > 53 {
				return nil, false
			}
		}
		if slices.Contains(out, d) {
			return nil, false
		}
		out = append(out, d)
	}
	return out, true
}

// parseUntil reads the end of a rule, which is still inside: an instant in UTC, a time on the wall, or a date (to its
// end). What it gives is seconds on the wall; nil when it is none of them.
func parseUntil(s string) func(*time.Location) int64 {
	if t, err := time.Parse("20060102T150405Z", s); err == nil {
		return func(zone *time.Location) int64 { return wallSeconds(t, zone) }
	}
	if t, err := time.Parse("20060102T150405", s); err == nil {
		return func(*time.Location) int64 { return t.Unix() }
	}
	if t, err := time.Parse("20060102", s); err == nil {
		return func(*time.Location) int64 { return t.Unix() + secondsPerDay - 1 }
	}
	return nil
}
