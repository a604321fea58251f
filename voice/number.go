package voice

import (
	"regexp"
	"strings"

	"campanario/channel"
	"campanario/internal/fault"
)

// NumberFormat is how a trunk wants numbers. Ours are E.164 with a plus sign.
type NumberFormat struct {
	Style NumberStyle `json:"style,omitempty" yaml:"style,omitempty" enum:"e164,plain,national" doc:"e164 (+5511…), plain (5511…) or national (011…); default e164"`
	// Prefix is dialled before every number, whatever its style: an access code of the carrier.
	Prefix string `json:"prefix,omitempty" yaml:"prefix,omitempty" doc:"Dialled before every number"`
	// From is how the caller's own number is written; empty means Style without Prefix and carrier.
	From NumberStyle `json:"from_style,omitempty" yaml:"from_style,omitempty" enum:"e164,plain,national" doc:"How the line's own number is written; the same style when empty"`

	// The rest is for national numbers. Country is the calling code of the numbers that are national here. They are
	// dialled as Trunk + Carrier + number, all others as International + Carrier + country code and number. In Brazil
	// that is 55, 0, the two digits of the carrier, and 00.
	Country       string `json:"country,omitempty" yaml:"country,omitempty" doc:"Calling code of national numbers; default 55"`
	Trunk         string `json:"trunk_prefix,omitempty" yaml:"trunk_prefix,omitempty" doc:"Dialled before national numbers; default 0, none for nothing"`
	Carrier       string `json:"carrier,omitempty" yaml:"carrier,omitempty" doc:"Carrier selection code, such as 21"`
	International string `json:"international_prefix,omitempty" yaml:"international_prefix,omitempty" doc:"Dialled before foreign numbers; default 00"`
}

// NumberStyle is a way to write a number.
type NumberStyle string

// The styles. The zero value means E164.
const (
	E164     NumberStyle = "e164"
	Plain    NumberStyle = "plain"
	National NumberStyle = "national"
)

var (
	dialled = regexp.MustCompile(`^[0-9*#+]{0,16}$`)
	digits  = regexp.MustCompile(`^[0-9]{0,6}$`)
	e164    = regexp.MustCompile(`^\+[1-9][0-9]{3,14}$`)
)

func (f NumberFormat) validate() fault.List {
	var l fault.List
	add := func(field, code string, p fault.Params) { l = append(l, fault.New(fault.Invalid, code, p).At(field)) }
	for field, s := range map[string]NumberStyle{"style": f.Style, "from_style": f.From} {
		switch s {
		case "", E164, Plain, National:
		default:
			add(field, "not_one_of", fault.Params{"value": string(s), "allowed": "e164, plain, national"})
		}
	}
	if !dialled.MatchString(f.Prefix) {
		add("prefix", "digits_invalid", nil)
	}
	for field, s := range map[string]string{"country": f.Country, "carrier": f.Carrier, "international_prefix": f.International} {
		if !digits.MatchString(s) {
			add(field, "digits_invalid", nil)
		}
	}
	if f.Trunk != "none" && !digits.MatchString(f.Trunk) {
		add("trunk_prefix", "digits_invalid", nil)
	}
	sortFaults(l)
	return l
}

// Dial is the user part of the address that is called for a number; false for what is no E.164 number.
func (f NumberFormat) Dial(to channel.Address) (string, bool) {
	if !e164.MatchString(string(to)) {
		return "", false
	}
	return f.Prefix + f.write(string(to), f.Style, f.Carrier), true
}

// Caller is the user part of our own address. A line may have a name in place of a number.
func (f NumberFormat) Caller(from channel.Address) string {
	if !e164.MatchString(string(from)) {
		return string(from)
	}
	style := f.From
	if style == "" {
		style = f.Style
	}
	return f.write(string(from), style, "")
}

func (f NumberFormat) write(number string, style NumberStyle, carrier string) string {
	switch style {
	case Plain:
		return number[1:]
	case National:
		country, trunk, international := f.Country, f.Trunk, f.International
		if country == "" {
			country = "55"
		}
		if rest, ok := strings.CutPrefix(number[1:], country); ok {
			switch trunk {
			case "":
				trunk = "0"
			case "none":
				trunk = ""
			}
			return trunk + carrier + rest
		}
		if international == "" {
			international = "00"
		}
		return international + carrier + number[1:]
	default:
		return number
	}
}
