package locale

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// formats are the ways to write a value that are no kinds of texts.
var formats = map[string]func(Language, any) string{"time": instant, "amount": amount, "size": size, "id": bare}

// number gives a value as a number; false for what is none.
func number(v any) (float64, bool) {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return float64(r.Int()), true
	case r.CanUint():
		return float64(r.Uint()), true
	case r.CanFloat():
		return r.Float(), true
	case r.Kind() == reflect.String:
		f, err := strconv.ParseFloat(r.String(), 64)
		return f, err == nil
	default:
		return 0, false
	}
}

// single reports whether a number takes the singular: in Portuguese 0, 1 and what is between (CLDR), elsewhere only 1.
func single(l Language, v any) bool {
	n, ok := number(v)
	if l == Portuguese {
		return ok && n >= 0 && n < 2
	}
	return ok && n == 1
}

// plain writes a value in the language's way.
func plain(l Language, v any) string {
	r := reflect.ValueOf(v)
	d, isDuration := v.(time.Duration)
	switch {
	case isDuration:
		return duration(l, d)
	case r.CanInt():
		return grouped(l, strconv.FormatInt(r.Int(), 10))
	case r.CanUint():
		return grouped(l, strconv.FormatUint(r.Uint(), 10))
	case r.CanFloat():
		return decimal(l, r.Float())
	case r.Kind() == reflect.Slice, r.Kind() == reflect.Array:
		words := make([]string, r.Len())
		for i := range words {
			words[i] = plain(l, r.Index(i).Interface())
		}
		return strings.Join(words, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// grouped sets the language's separator between thousands; in Spanish numbers of four digits stay as they are (CLDR).
func grouped(l Language, digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	separator := "."
	switch {
	case l == Spanish && len(digits) < 5:
		return sign + digits
	case l == English:
		separator = ","
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return sign + digits
}

func decimal(l Language, f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return missing
	}
	whole, part, ok := strings.Cut(strconv.FormatFloat(f, 'f', -1, 64), ".")
	whole = grouped(l, whole)
	switch {
	case !ok:
		return whole
	case l == English:
		return whole + "." + part
	default:
		return whole + "," + part
	}
}

// bare writes a value as it is.
func bare(_ Language, v any) string { return fmt.Sprint(v) }

var goDuration = regexp.MustCompile(`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`)

// amount writes a number or a duration, also one that was made text.
func amount(l Language, v any) string {
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.String {
		return plain(l, v)
	}
	if goDuration.MatchString(r.String()) {
		if d, err := time.ParseDuration(r.String()); err == nil {
			return duration(l, d)
		}
	}
	if f, err := strconv.ParseFloat(r.String(), 64); err == nil {
		return decimal(l, f)
	}
	return r.String()
}

// duration writes hours, minutes and seconds by their symbols, which are the same in all the languages.
func duration(l Language, d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -max(d, -math.MaxInt64)
	}
	var parts []string
	for _, u := range []struct {
		size   time.Duration
		symbol string
	}{{time.Hour, "h"}, {time.Minute, "min"}} {
		if n := int64(d / u.size); n > 0 {
			parts = append(parts, grouped(l, strconv.FormatInt(n, 10))+" "+u.symbol)
			d %= u.size
		}
	}
	switch {
	case d >= time.Second || d == 0 && len(parts) == 0:
		parts = append(parts, decimal(l, d.Seconds())+" s")
	case d > 0:
		parts = append(parts, decimal(l, float64(d)/float64(time.Millisecond))+" ms")
	}
	return sign + strings.Join(parts, " ")
}

// size writes a number of bytes.
func size(l Language, v any) string {
	n, ok := number(v)
	if !ok {
		return plain(l, v)
	}
	unit := 0
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	for ; n >= 1024 && unit < len(units)-1; unit++ {
		n /= 1024
	}
	return decimal(l, math.Round(10*n)/10) + " " + units[unit]
}

// translated says values that have texts of their own.
func translated(l Language, kind string, v any) string {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String:
		if strings.Contains(r.String(), ", ") { // a list that was written down
			return translated(l, kind, strings.Split(r.String(), ", "))
		}
		return Word(l, kind, r.String())
	case reflect.Slice, reflect.Array:
		words := make([]string, r.Len())
		for i := range words {
			words[i] = translated(l, kind, r.Index(i).Interface())
		}
		return strings.Join(words, ", ")
	default:
		return plain(l, v)
	}
}

// instant writes a time as people do, on the clock that it comes with.
func instant(l Language, v any) string {
	t, ok := v.(time.Time)
	if !ok {
		var err error
		if t, err = time.Parse(time.RFC3339, fmt.Sprint(v)); err != nil {
			return plain(l, v)
		}
	}
	zone := "UTC" + t.Format("-07:00")
	if _, offset := t.Zone(); offset == 0 {
		zone = "UTC"
	}
	layout := "02/01/2006 às 15:04"
	switch one := t.Hour() == 1; {
	case l == English:
		layout = "2 Jan 2006 at 15:04"
	case l == Spanish && one:
		layout = "02/01/2006 a la 15:04"
	case l == Spanish:
		layout = "02/01/2006 a las 15:04"
	case one:
		layout = "02/01/2006 à 15:04"
	}
	return t.Format(layout) + " (" + zone + ")"
}
