package audience

import (
	"regexp"

	"campanario/channel"
	"campanario/internal/fault"
)

// Address makes the address of a channel of what people write: a mailbox for e-mail, a phone number for all others.
// Refusals are those of Mailbox and Phone.
func Address(k channel.Kind, raw, country string) (channel.Address, error) {
	if k == channel.Email {
		return Mailbox(raw)
	}
	return Phone(raw, country)
}

// international is an E.164 number as it is written.
var international = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Origin makes the address that a line shows to people. It takes what Address takes, and numbers that nobody answers in
// person (0800, 4004, a carrier's test numbers) when they are written in E.164.
func Origin(k channel.Kind, raw, country string) (channel.Address, error) {
	a, err := Address(k, raw, country)
	if err != nil && k != channel.Email && international.MatchString(raw) {
		return channel.Address(raw), nil
	}
	return a, err
}

// guess makes an address of a text that may be either.
func guess(raw, country string) (channel.Address, error) {
	for i := range len(raw) {
		if raw[i] == '@' {
			return Mailbox(raw)
		}
	}
	return Phone(raw, country)
}

// asFault gives the one fault of an error; what carries none is not the reader's mistake.
func asFault(err error) (*fault.Error, bool) {
	if l := fault.All(err); len(l) == 1 {
		return l[0], true
	}
	return nil, false
}
