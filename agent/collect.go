package agent

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var number = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,9})?$`)

// lengths are the digits that an entry wants; 0 for as many as the question says.
func (e Entry) lengths() int {
	switch e {
	case EntryCPF:
		return 11
	case EntryCNPJ:
		return 14
	case EntryDate:
		return 8
	default:
		return 0
	}
}

// Value is the entry as it is written down; false when it is not a good one. Digits holds digits only.
func (c *Collect) Value(digits string) (string, bool) {
	if len(digits) < c.Min || len(digits) > c.Max {
		return "", false
	}
	switch c.Format {
	case EntryNumber:
		n, err := strconv.ParseFloat(digits, 64)
		if err != nil || c.Least != nil && n < *c.Least || c.Most != nil && n > *c.Most {
			return "", false
		}
		if digits = strings.TrimLeft(digits, "0"); digits == "" {
			digits = "0"
		}
		return digits, true
	case EntryCPF:
		return digits, checkDigits(digits, 9, 11)
	case EntryCNPJ:
		return digits, checkDigits(digits, 12, 9)
	case EntryDate:
		day, err := time.Parse("02012006", digits)
		if err != nil || day.Year() < 1900 {
			return "", false
		}
		return day.Format(time.DateOnly), true
	default:
		return digits, true
	}
}

// checkDigits verifies the two check digits of a CPF (body 9, weights up to 11) or CNPJ (body 12, weights up to 9): each
// is 11 minus the weighted sum of what stands before it, modulo 11, and 0 in place of 10 and 11. Weights start at 2 on
// the right and begin again at 2 after the largest. A number of one repeated digit is never issued.
func checkDigits(s string, body, largest int) bool {
	if len(s) != body+2 || strings.Trim(s, s[:1]) == "" {
		return false
	}
	for end := body; end < len(s); end++ {
		sum, weight := 0, 2
		for i := end - 1; i >= 0; i-- {
			sum += int(s[i]-'0') * weight
			if weight++; weight > largest {
				weight = 2
			}
		}
		want := 11 - sum%11
		if want > 9 {
			want = 0
		}
		if int(s[end]-'0') != want {
			return false
		}
	}
	return true
}
