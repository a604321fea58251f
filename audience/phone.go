package audience

import (
	"errors"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"campanario/channel"
	"campanario/internal/fault"
)

// Phone makes the E.164 form of a phone number as people write it. country (ISO 3166-1, "BR") is where numbers without
// a country code belong; it may be empty.
//
// Brazilian numbers come with or without +55 or 0055, the trunk zero, a carrier code after it (0 15 11 …), spaces, dots,
// dashes and parentheses, and mobiles without their ninth digit, which is put in. All others are read by libphonenumber.
// Numbers that nobody answers in person (0800, 0300, 4004, premium rate) are refused.
//
// A refusal is a *fault.Error: phone_empty, phone_letters, phone_symbol, phone_several, phone_scientific, phone_plus_zero,
// phone_no_country, phone_country_unknown, phone_no_area, phone_area_unknown, phone_too_short, phone_too_long, phone_service, phone_invalid,
// country_unknown.
func Phone(raw, country string) (channel.Address, error) {
	if a, ok := plainBrazil(raw, country); ok {
		return a, nil
	}
	a, bad := phone(raw, country)
	if bad != nil {
		return "", bad
	}
	return a, nil
}

// longestPhone bounds what is looked at: no number with its punctuation is longer.
const longestPhone = 64

// phone is Phone without the short cut.
func phone(raw, country string) (channel.Address, *fault.Error) {
	country = strings.ToUpper(strings.TrimSpace(country))
	digits, plus, bad := digitsOf(raw)
	if bad != nil {
		return "", bad
	}
	if plus && digits[0] == '0' {
		return "", refused("phone_plus_zero", nil)
	}
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !plus {
		if rest == "" || rest[0] == '0' {
			return "", refused("phone_plus_zero", nil)
		}
		digits, plus = rest, true // the international prefix in place of the plus sign
	}
	switch {
	case plus && strings.HasPrefix(digits, "55"):
		return brazil(digits[2:])
	case plus:
		return abroad("+"+digits, country)
	case country == "":
		return "", refused("phone_no_country", nil)
	case country == "BR":
		return brazil(withoutCountry(digits))
	case phonenumbers.GetCountryCodeForRegion(country) == 0:
		return "", refused("country_unknown", fault.Params{"value": clip(country), "example": "BR"})
	default:
		return abroad(digits, country)
	}
}

// digitsOf takes the punctuation off a number. plus says that it began with a plus sign. There is at least one digit.
func digitsOf(raw string) (digits string, plus bool, bad *fault.Error) {
	s := plain(raw)
	if s == "" {
		return "", false, refused("phone_empty", nil)
	}
	if scientific(s) {
		return "", false, refused("phone_scientific", nil)
	}
	s = withoutDecimals(s)
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && b.Len() == 0 && !plus:
			plus = true
		case strings.ContainsRune(" .-()/\t\r\n", r) || unicode.In(r, unicode.Dash, unicode.Space):
		case unicode.IsLetter(r):
			return "", false, refused("phone_letters", nil)
		case strings.ContainsRune(",;|", r) && several(s):
			return "", false, refused("phone_several", nil)
		default:
			return "", false, refused("phone_symbol", fault.Params{"symbol": string(r)})
		}
	}
	digits = b.String()
	switch {
	case digits == "":
		return "", false, refused("phone_empty", nil)
	case strings.ContainsAny(s, "/\r\n") && several(s):
		return "", false, refused("phone_several", nil)
	case len(s) > longestPhone:
		return "", false, refused("phone_too_long", fault.Params{"digits": len(digits), "max": 15})
	}
	return digits, plus, nil
}

// plain takes off what spreadsheets, chats and address books put around numbers: invisible marks of direction, wide
// digits, the apostrophe that keeps a cell text, and "tel:".
func plain(raw string) string {
	if len(raw) > 4*longestPhone {
		raw = strings.ToValidUTF8(raw[:4*longestPhone], "")
	}
	s := raw
	for i := 0; i < len(s); i++ {
		if s[i] < 0x80 {
			continue
		}
		s = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, norm.NFKC.String(s))
		break
	}
	s = strings.TrimPrefix(strings.TrimSpace(s), "'")
	if len(s) > 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	return strings.TrimSpace(s)
}

// scientific recognises what a spreadsheet makes of a long number: 5,51199E+12. Its last digits are lost.
func scientific(s string) bool {
	s = strings.TrimPrefix(s, "+")
	i := strings.IndexAny(s, "eE")
	if i < 1 || i+1 >= len(s) || strings.Trim(s[:i], "0123456789.,") != "" || s[0] == '.' || s[0] == ',' {
		return false
	}
	exp := strings.TrimLeft(s[i+1:], "+-")
	return len(s)-i-1-len(exp) <= 1 && exp != "" && len(exp) <= 3 && strings.Trim(exp, "0123456789") == ""
}

// withoutDecimals takes ".0" or ",00" off a number that a program has taken for a quantity.
func withoutDecimals(s string) string {
	i := strings.IndexAny(s, ".,")
	if i < 8 || strings.Trim(s[:i], "0123456789") != "" {
		return s
	}
	if d := s[i+1:]; d == "0" || d == "00" {
		return s[:i]
	}
	return s
}

// several reports whether both sides of a separator are long enough to be numbers of their own.
func several(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;|/\r\n", r) })
	long := 0
	for _, p := range parts {
		n := 0
		for _, r := range p {
			if r >= '0' && r <= '9' {
				n++
			}
		}
		if n >= 8 {
			long++
		}
	}
	return long > 1
}

// abroad reads a number by libphonenumber.
func abroad(s, country string) (channel.Address, *fault.Error) {
	n, err := phonenumbers.Parse(s, country)
	if err != nil {
		return "", parseFailure(s, country, err)
	}
	n = renumbered(mexican(n))
	code := int(n.GetCountryCode())
	region := phonenumbers.GetRegionCodeForCountryCode(code)
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.UNKNOWN: // not valid
	case phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.PAGER, phonenumbers.VOICEMAIL:
		return "", refused("phone_service", nil)
	default:
		return channel.Address(phonenumbers.Format(n, phonenumbers.E164)), nil
	}
	digits := len(phonenumbers.GetNationalSignificantNumber(n))
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.TOO_SHORT:
		return "", refused("phone_too_short", fault.Params{"digits": digits, "country": region})
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return "", refused("phone_no_area", fault.Params{"country": region})
	case phonenumbers.TOO_LONG:
		return "", refused("phone_too_long", fault.Params{"digits": digits, "country": region})
	default:
		return "", refused("phone_invalid", fault.Params{"country": region})
	}
}

func parseFailure(s, country string, err error) *fault.Error {
	digits := strings.TrimPrefix(s, "+")
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return refused("phone_country_unknown", nil)
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return refused("phone_too_long", fault.Params{"digits": len(digits), "max": 15})
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD), len(digits) < 3:
		return refused("phone_too_short", fault.Params{"digits": len(digits), "country": country})
	default:
		return refused("phone_invalid", fault.Params{"country": country})
	}
}

// mexican takes off the 1 that Mexican mobiles had after +52, and 01, 044 and 045 before the number, all abolished in
// August 2019 and all still in people's files.
func mexican(n *phonenumbers.PhoneNumber) *phonenumbers.PhoneNumber {
	if n.GetCountryCode() != 52 || len(phonenumbers.GetNationalSignificantNumber(n)) <= 10 {
		return n
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	for _, old := range []string{"1", "01", "044", "045"} {
		if rest, ok := strings.CutPrefix(national, old); ok && len(rest) == 10 {
			if m, err := phonenumbers.Parse("+52"+rest, ""); err == nil && phonenumbers.IsValidNumber(m) {
				return m
			}
		}
	}
	return n
}

// renumbered takes a number of before a country changed its numbering to what it is since: Colombian landlines, which had
// their city's one digit before seven and have 60 before that since September 2021 (CRC, Resolución 5826), and Chilean
// numbers with the zero that was dialled before all of them until 2016.
func renumbered(n *phonenumbers.PhoneNumber) *phonenumbers.PhoneNumber {
	national := phonenumbers.GetNationalSignificantNumber(n)
	var now string
	switch trimmed := strings.TrimLeft(national, "0"); {
	case n.GetCountryCode() == 57 && len(national) == 8:
		now = "+5760" + national
	case n.GetCountryCode() == 56 && len(trimmed) == 9 && len(national) > 9:
		now = "+56" + trimmed
	default:
		return n
	}
	if phonenumbers.IsValidNumber(n) {
		return n
	}
	if m, err := phonenumbers.Parse(now, ""); err == nil && phonenumbers.IsValidNumber(m) {
		return m
	}
	return n
}

func refused(code string, p fault.Params) *fault.Error { return fault.New(fault.Invalid, code, p) }

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
