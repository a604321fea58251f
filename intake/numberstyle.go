package intake

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberStyle is how a workbook shows a number.
type numberStyle byte

const (
	styleNumber     numberStyle = iota
	styleDate                   // a day, perhaps with a time
	styleClock                  // a time of day
	styleScientific             // 5.51E+12: so Excel shows what it has read as such, its last digits lost
)

// readStyles reads the number formats that cells refer to (ECMA-376 part 1, 18.8).
func (b *workbook) readStyles(part string) error {
	own := map[int]numberStyle{}
	inCells := false
	return b.each(part, func(m *markup) error {
		switch {
		case m.name == "cellXfs":
			inCells = !m.closing && !m.empty
		case m.name == "numFmt" && !m.closing && len(own) < 10_000:
			id, err := strconv.Atoi(string(m.attr("numFmtId")))
			if err == nil {
				own[id] = formatStyle(string(unescaped(nil, m.attr("formatCode"))))
			}
		case m.name == "xf" && inCells && !m.closing && len(b.styles) < 100_000:
			id, err := strconv.Atoi(string(m.attr("numFmtId")))
			s, is := own[id]
			if !is && err == nil {
				s = builtInStyle(id)
			}
			b.styles = append(b.styles, s)
		}
		return nil
	})
}

// builtInStyle are the formats that files name by number without saying them (18.8.30), in all languages.
func builtInStyle(id int) numberStyle {
	switch {
	case id == 11, id == 48:
		return styleScientific
	case id >= 18 && id <= 21, id >= 45 && id <= 47:
		return styleClock
	case id >= 14 && id <= 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return styleDate
	default:
		return styleNumber
	}
}

// formatStyle reads a format such as dd/mm/yyyy, [h]:mm, 0.00E+00 or "em aberto" 0.
func formatStyle(code string) numberStyle {
	code, _, _ = strings.Cut(code, ";") // that of positive numbers
	var b strings.Builder
	quoted, bracket, skip := false, false, false
	for _, r := range strings.ToLower(code) {
		switch {
		case skip:
			skip = false
		case quoted:
			quoted = r != '"'
		case r == '"':
			quoted = true
		case r == '\\' || r == '_' || r == '*':
			skip = true
		case r == '[':
			bracket = true
		case bracket:
			bracket = r != ']'
		default:
			b.WriteRune(r)
		}
	}
	f := b.String()
	switch {
	case strings.Contains(f, "general"):
		return styleNumber
	case strings.Contains(f, "e+") || strings.Contains(f, "e-"):
		return styleScientific
	case strings.ContainsAny(f, "yd") || strings.Contains(f, "mmm"):
		return styleDate
	case strings.ContainsAny(f, "hs"):
		return styleClock
	default:
		return styleNumber
	}
}

// mostDigits is how many digits a spreadsheet keeps of a number.
const mostDigits = 15

// numberText is a number of a workbook as text: whole numbers whole, days as 2026-12-31. What the sheet shows as 5.51E+12
// and ends in zeros has lost its last digits when a file was opened in a spreadsheet: it stays as it is shown.
func numberText(to, raw []byte, s numberStyle, from04 bool) []byte {
	if s == styleNumber && wholeNumber(raw) {
		return append(to, raw...)
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return append(to, raw...)
	}
	switch {
	case (s == styleDate || s == styleClock) && v >= 0 && v < 2_958_466: // 31 December 9999
		return appendMoment(to, v, s, from04)
	case s == styleScientific && math.Abs(v) >= 1e9 && math.Mod(v, 1e5) == 0:
		return strconv.AppendFloat(to, v, 'E', -1, 64)
	case math.Abs(v) < 1e21:
		short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', mostDigits, 64), 64) // 0.30000000000000004 is 0.3
		return strconv.AppendFloat(to, short, 'f', -1, 64)
	default:
		return append(to, raw...)
	}
}

// wholeNumber spares the common case.
func wholeNumber(raw []byte) bool {
	if len(raw) == 0 || len(raw) > mostDigits {
		return false
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendMoment writes the day that a number stands for, the time, or both. Excel counts days from 1 January 1900 and
// believes that there was a 29 February in that year.
func appendMoment(to []byte, v float64, s numberStyle, from04 bool) []byte {
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from04:
		day = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case v < 60:
		day = day.AddDate(0, 0, 1)
	}
	days := math.Floor(v)
	seconds := int(math.Round((v - days) * 86_400))
	at := day.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	clock := "15:04"
	if at.Second() != 0 {
		clock = "15:04:05"
	}
	switch {
	case s == styleClock && v < 1:
		return at.AppendFormat(to, clock)
	case at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0:
		return at.AppendFormat(to, time.DateOnly)
	default:
		return at.AppendFormat(to, time.DateOnly+" "+clock)
	}
}
