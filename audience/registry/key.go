package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"campanario/channel"
)

// mailboxes is the bit that tells the key of a mailbox from that of a phone number.
const mailboxes = 1 << 63

// longestNumber bounds phone numbers, so that they stay below mailboxes. E.164 has fifteen digits.
const longestNumber = 18

// Key is the key of an address: an E.164 number with its plus, or a mailbox, which is taken without regard to capitals.
// false for what is neither.
func Key(a channel.Address) (uint64, bool) {
	s := string(a)
	if strings.IndexByte(s, '@') > 0 {
		sum := sha256.Sum256([]byte(strings.ToLower(s)))
		return binary.LittleEndian.Uint64(sum[:]) | mailboxes, true
	}
	digits, plus := strings.CutPrefix(s, "+")
	if !plus || digits == "" || len(digits) > longestNumber || digits[0] == '0' {
		return 0, false
	}
	var n uint64
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + uint64(c)
	}
	return n, true
}
