package audience

import (
	"strings"

	"campanario/channel"
	"campanario/internal/fault"
)

// Brazil's numbering (Anatel, Resolução 749/2022): an area code (DDD) of two digits, then a landline of eight digits
// beginning with 2 to 5, or a mobile of nine beginning with 9. Until 2016 mobiles had eight, beginning with 6 to 9.
// National calls are dialled 0, a carrier's two digits, area code, number; people write down any part of that.

// areas are the zones of each area code, the one where nearly everybody lives first; empty where there is no such area.
var areas = [100][]string{
	11: saoPaulo, 12: saoPaulo, 13: saoPaulo, 14: saoPaulo, 15: saoPaulo, 16: saoPaulo, 17: saoPaulo, 18: saoPaulo, 19: saoPaulo, // SP
	21: saoPaulo, 22: saoPaulo, 24: saoPaulo, // RJ
	27: saoPaulo, 28: saoPaulo, // ES
	31: saoPaulo, 32: saoPaulo, 33: saoPaulo, 34: saoPaulo, 35: saoPaulo, 37: saoPaulo, 38: saoPaulo, // MG
	41: saoPaulo, 42: saoPaulo, 43: saoPaulo, 44: saoPaulo, 45: saoPaulo, 46: saoPaulo, // PR
	47: saoPaulo, 48: saoPaulo, 49: saoPaulo, // SC
	51: saoPaulo, 53: saoPaulo, 54: saoPaulo, 55: saoPaulo, // RS
	61: saoPaulo, 62: saoPaulo, 64: saoPaulo, // DF, GO
	63: {"America/Araguaina"},                             // TO
	65: {"America/Cuiaba"},                                // MT
	66: {"America/Cuiaba"},                                // MT
	67: {"America/Campo_Grande"},                          // MS
	68: {"America/Rio_Branco"},                            // AC
	69: {"America/Porto_Velho"},                           // RO
	71: bahia, 73: bahia, 74: bahia, 75: bahia, 77: bahia, // BA
	79: {"America/Maceio"},                     // SE
	81: {"America/Recife"},                     // PE
	82: {"America/Maceio"},                     // AL
	83: fortaleza,                              // PB
	84: fortaleza,                              // RN
	85: fortaleza,                              // CE
	86: fortaleza,                              // PI
	87: {"America/Recife"},                     // PE
	88: fortaleza,                              // CE
	89: fortaleza,                              // PI
	91: {"America/Belem"},                      // PA
	92: {"America/Manaus"},                     // AM
	93: {"America/Santarem"},                   // PA, west
	94: {"America/Belem"},                      // PA
	95: {"America/Boa_Vista"},                  // RR
	96: {"America/Belem"},                      // AP
	97: {"America/Manaus", "America/Eirunepe"}, // AM, whose south-west is an hour behind
	98: fortaleza,                              // MA
	99: fortaleza,                              // MA
}

var (
	saoPaulo  = []string{"America/Sao_Paulo"}
	bahia     = []string{"America/Bahia"}
	fortaleza = []string{"America/Fortaleza"}
	noronha   = []string{"America/Noronha"}
)

// noronhaPrefix is the island's exchange inside Recife's area code.
const noronhaPrefix = "813619"

func areaKnown(a, b byte) bool { return len(areas[(a-'0')*10+b-'0']) > 0 }

// plainBrazil is the short cut for the numbers that come by the million: digits with spaces, dashes and parentheses, a
// whole number without trunk zero. Everything else is left to phone, which must say the same of what this takes: a fuzz
// test holds that, and that libphonenumber does.
func plainBrazil(raw, country string) (channel.Address, bool) {
	var d [13]byte
	n, plus := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c >= '0' && c <= '9':
			if n == len(d) {
				return "", false
			}
			d[n] = c
			n++
		case c == ' ' || c == '-' || c == '(' || c == ')':
		case c == '+' && n == 0 && !plus:
			plus = true
		default:
			return "", false
		}
	}
	if !plus && country != "BR" || len(raw) > longestPhone {
		return "", false
	}
	national := d[:n]
	if n >= 12 || plus {
		if n < 12 || d[0] != '5' || d[1] != '5' {
			return "", false
		}
		national = d[2:n]
	}
	var buf [14]byte
	out := append(buf[:0], "+55"...)
	switch {
	case len(national) < 10 || !areaKnown(national[0], national[1]):
		return "", false
	case len(national) == 11 && national[2] == '9', len(national) == 10 && national[2] >= '2' && national[2] <= '5':
		out = append(out, national...)
	case len(national) == 10 && national[2] >= '6':
		out = append(out, national[0], national[1], '9')
		out = append(out, national[2:]...)
	default:
		return "", false
	}
	return channel.Address(out), true
}

// withoutCountry takes 55 off digits that can only be a number with its country code: area code 55 (Santa Maria, RS)
// makes 55… of ten or eleven digits a whole national number.
func withoutCountry(digits string) string {
	if rest, ok := strings.CutPrefix(digits, "55"); ok && len(digits) >= 12 {
		return rest
	}
	return digits
}

// brazil makes an address of what follows +55, perhaps with a trunk zero and a carrier code.
func brazil(s string) (channel.Address, *fault.Error) {
	n, bad := national(s)
	if bad != nil {
		return "", bad
	}
	switch {
	case service(n):
		return "", refused("phone_service", nil)
	case len(n) < 8:
		return "", refused("phone_too_short", fault.Params{"digits": len(n), "country": "BR"})
	case len(n) < 10:
		return "", refused("phone_no_area", fault.Params{"country": "BR"})
	case len(n) > 11:
		return "", refused("phone_too_long", fault.Params{"digits": len(n), "country": "BR"})
	case !areaKnown(n[0], n[1]):
		return "", refused("phone_area_unknown", fault.Params{"area": n[:2]})
	}
	area, number := n[:2], n[2:]
	switch first := number[0]; {
	case first == '9' && len(number) == 9, first >= '2' && first <= '5' && len(number) == 8:
		return channel.Address("+55" + area + number), nil
	case first >= '6' && len(number) == 8:
		return channel.Address("+55" + area + "9" + number), nil
	case first >= '2' && first <= '5':
		return "", refused("phone_too_long", fault.Params{"digits": len(n), "country": "BR"})
	default:
		return "", refused("phone_invalid", fault.Params{"country": "BR"})
	}
}

// national takes off the trunk zero, and the carrier code after it where the length shows that there is one.
func national(s string) (string, *fault.Error) {
	rest, trunk := strings.CutPrefix(s, "0")
	if !trunk {
		return s, nil
	}
	if service("0" + rest) {
		return "", refused("phone_service", nil)
	}
	if len(rest) == 12 || len(rest) == 13 {
		return rest[2:], nil
	}
	return rest, nil
}

// service recognises numbers that nobody answers in person: 0800, 0300, 0500, 0900, with or without the zero, and the
// companies' 4004, 4020 and 3003.
func service(s string) bool {
	for _, p := range []string{"0800", "0300", "0500", "0900"} {
		if strings.HasPrefix(s, p) && len(s) >= 10 && len(s) <= 11 {
			return true
		}
		if strings.HasPrefix(s, p[1:]) && len(s) == 10 {
			return true
		}
	}
	return len(s) == 8 && (strings.HasPrefix(s, "400") || strings.HasPrefix(s, "4020") || strings.HasPrefix(s, "3003"))
}
