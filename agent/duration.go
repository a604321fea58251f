package agent

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Duration is a length of time as people write it in files: "800ms", "6s", "1m30s", or a bare number of seconds. The
// zero value means that nothing was said, so that a default applies.
type Duration time.Duration

// D is the duration as the standard library's.
func (d Duration) D() time.Duration { return time.Duration(d) }

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// errDuration keeps the text itself out: the place it stands at is known to whoever reads the file.
var errDuration = errors.New(`not a length of time such as "800ms", "6s" or "1m30s"`)

// UnmarshalText reads a length of time; a bare number is seconds.
func (d *Duration) UnmarshalText(b []byte) error {
	s := strings.TrimSpace(string(b))
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		if math.IsNaN(f) || math.Abs(f) > 1e9 {
			return errDuration
		}
		*d = Duration(math.Round(f*1e6) * 1e3)
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return errDuration
	}
	*d = Duration(v)
	return nil
}

// UnmarshalJSON also takes a number of seconds that is not in quotes.
func (d *Duration) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if n := len(b); n > 1 && b[0] == '"' && b[n-1] == '"' {
		b = b[1 : n-1]
	}
	return d.UnmarshalText(b)
}

// within refuses a duration outside its bounds; zero is fine, for it means the default.
func within(field string, d Duration, low, high time.Duration) fault.List {
	if d == 0 || low <= d.D() && d.D() <= high {
		return nil
	}
	p := fault.Params{"value": d.D().String(), "min": low.String(), "max": high.String()}
	return fault.List{fault.New(fault.Invalid, "out_of_range", p).At(field)}
}
