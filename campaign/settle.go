package campaign

import (
	"math/bits"
	"time"

	"campanario/channel"
)

// Opener says when people may be contacted: the campaign's window read on the clock that applies to one recipient.
type Opener interface {
	// NextOpen is the first instant at or after t inside the window; false when there is none in the foreseeable future.
	NextOpen(t time.Time) (time.Time, bool)
}

// Decision is what becomes of a recipient after an attempt, or instead of one.
type Decision struct {
	Next     Standing
	Suppress bool // they said stop: never again, in any campaign
}

// Settle decides what becomes of a recipient after an attempt: the whole of retries, voicemail, goals and secondary
// addresses. It is pure. before is their standing when the attempt was claimed (with Attempt and Lap already those of
// the attempt), addresses how many they have, and now the time the outcome is settled at.
//
//	refused                        → settled, and suppressed everywhere
//	fault                          → does not count; again soon, up to a dozen in a row
//	bad_address                    → that address is never tried again; the next one, or settled as invalid
//	reached, and nothing is missing → settled
//	anything else that is retried  → the next address at once, or the next round after the interval, or exhausted
//	unknown                        → a full interval, whatever addresses are left: better late than twice
//	anything else                  → settled as exhausted
func (p Policy) Settle(before Standing, addresses int, o channel.Outcome, now time.Time, w Opener) Decision {
	s := before
	s.Last, s.Reason, s.Params, s.Changed = o.Code, o.Reason, "", now
	class := o.Code.Class()
	if class == channel.ClassFault {
		return p.afterFault(s, o, now, w)
	}
	s.Faults = 0
	switch class {
	case channel.ClassRefused:
		d := settled(s, Refused)
		d.Suppress = true
		return d
	case channel.ClassBadAddress:
		s.Bad |= 1 << s.Address
		if next, ok := nextAddress(s.Address+1, s.Bad, addresses); ok {
			s.Address = next
			return waiting(s, WhySecondary, now, now, w)
		}
		if bits.OnesCount32(s.Bad) >= addresses {
			return settled(s, Invalid)
		}
		return p.endRound(s, o, addresses, now, w)
	default:
	}
	if !p.retries(o) {
		s.Tries++
		if class == channel.ClassReached {
			return settled(s, Reached)
		}
		return settled(s, Exhausted)
	}
	if class == channel.ClassUnreached {
		if next, ok := nextAddress(s.Address+1, s.Bad, addresses); ok {
			s.Address = next
			return waiting(s, WhySecondary, now, now, w)
		}
	}
	return p.endRound(s, o, addresses, now, w)
}

// endRound closes a round in which nobody was reached, or not far enough.
func (p Policy) endRound(s Standing, o channel.Outcome, addresses int, now time.Time, w Opener) Decision {
	s.Tries++
	if s.Tries >= p.MaxAttempts {
		if o.Code.Class() == channel.ClassReached { // reached, though the goal was not
			return settled(s, Reached)
		}
		return settled(s, Exhausted)
	}
	s.Address, _ = nextAddress(0, s.Bad, addresses)
	return waiting(s, WhyRetry, now, now.Add(p.delay(o.Code, s.Tries)), w)
}

func (p Policy) afterFault(s Standing, o channel.Outcome, now time.Time, w Opener) Decision {
	s.Faults++
	if s.Faults >= maxFaults {
		return settled(s, Exhausted)
	}
	return waiting(s, WhyFault, now, now.Add(faultDelay(s.Faults, o.RetryAfter)), w)
}

// waiting lets the recipient wait until due, or until the window opens after it. A window that never opens again ends
// their turns, because nobody could say what they wait for.
func waiting(s Standing, why Why, now, due time.Time, w Opener) Decision {
	open, ok := w.NextOpen(due)
	if !ok {
		s.Reason = string(NeverOpens)
		return settled(s, Exhausted)
	}
	s.Why, s.Due, s.Result, s.Changed = why, open, "", now
	s.Status = waitingStatus(why)
	return Decision{Next: s}
}

func settled(s Standing, r Result) Decision {
	s.Why, s.Due, s.Result = "", time.Time{}, r
	s.Status = settledStatus(r, s.Last, s.Tries)
	return Decision{Next: s}
}

// nextAddress is the first usable address at or after from.
func nextAddress(from int, bad uint32, addresses int) (int, bool) {
	for i := from; i < addresses; i++ {
		if bad&(1<<i) == 0 {
			return i, true
		}
	}
	return 0, false
}

// MaxAddresses is how many addresses one recipient may have: the primary one and the secondary ones.
const MaxAddresses = 16

// Pass decides what becomes of a recipient whose next address must not be contacted (barred, a bit for each): they are
// reached at another one, now or in the next round, or not at all.
func (p Policy) Pass(before Standing, addresses int, barred uint32, now time.Time, w Opener) Decision {
	s := before
	s.Bad |= barred
	if next, ok := nextAddress(s.Address, s.Bad, addresses); ok {
		s.Address = next
		return waiting(s, WhySecondary, now, now, w)
	}
	if _, ok := nextAddress(0, s.Bad, addresses); !ok {
		return Decision{Next: Exclude(s, Excluded, "suppressed", "", now)}
	}
	return p.endRound(s, channel.Outcome{Code: s.Last}, addresses, now, w)
}

// Exclude settles a recipient instead of an attempt, because of a rule or because nothing can be said to them.
func Exclude(before Standing, r Result, reason, params string, now time.Time) Standing {
	before.Reason, before.Params, before.Changed = reason, params, now
	return settled(before, r).Next
}

// Defer lets a recipient whose turn has come wait until the given time, without an attempt.
func Defer(before Standing, why Why, due, now time.Time) Standing {
	before.Why, before.Due, before.Changed = why, due, now
	if before.Status == "" {
		before.Status = waitingStatus(why)
	}
	return before
}
