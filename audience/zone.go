package audience

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"campanario/channel"
)

// Zones lists the IANA time zones that the owner of a phone number may live in, as far as the number tells: Brazil by
// area code, other countries by libphonenumber's prefixes. In Brazil the likeliest comes first. Empty for an unknown
// prefix and for anything but an E.164 number. Who must be certain that it is not night asks for all of them to be open.
//
// A mobile number keeps its area code when its owner moves: a zone of the contact's own is better.
func Zones(phone channel.Address) []string {
	s, ok := strings.CutPrefix(string(phone), "+")
	if !ok || len(s) < 4 || strings.Trim(s, "0123456789") != "" {
		return nil
	}
	if br, ok := strings.CutPrefix(s, "55"); ok {
		if strings.HasPrefix(br, noronhaPrefix) {
			return slices.Clone(noronha)
		}
		return slices.Clone(areas[(br[0]-'0')*10+br[1]-'0'])
	}
	zones, err := phonenumbers.GetTimezonesForPrefix(s)
	if err != nil || slices.Contains(zones, phonenumbers.UNKNOWN_TIMEZONE) {
		return nil
	}
	return slices.Clone(zones)
}
