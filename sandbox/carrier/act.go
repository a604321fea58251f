package carrier

import (
	"time"

	"campanario/voice/dialog"
)

const (
	longestRing = 3 * time.Minute // when the caller never gives up
	longestTalk = 5 * time.Minute
	lonely      = 20 * time.Second // of nothing to hear, and the far end hangs up
)

// act is what the far end does, from the INVITE to the end. It runs in a goroutine of its own.
func (k *call) act() {
	switch k.behaviour {
	case Busy:
		k.refuse(0, 0, 486, 17, "User busy")
	case Rejected:
		k.refuse(time.Second, 5*time.Second, 603, 21, "Call rejected")
	case Unknown:
		k.refuse(0, 0, 404, 1, "Unallocated number")
	case Gone:
		k.refuse(0, 0, 410, 22, "Number changed")
	case Unavailable:
		k.refuse(0, 0, 480, 20, "Subscriber absent")
	case Failure:
		k.refuse(0, 0, 500, 41, "Temporary failure")
	case Congestion:
		k.refuse(0, 0, 503, 34, "No circuit available", dialog.Field{Name: "Retry-After", Value: "5"})
	case Announcement:
		k.announce()
	case NoAnswer:
		k.ringOut()
	case Glare:
		k.Behave(dialog.Quirks{AnswerCancel: true})
		k.ringOut()
		k.leftUp(k.Call)
	case Nothing:
		k.Ignore()
	case Late:
		k.late()
	case Drops:
		if k.pickUp() {
			k.Hangup()
		}
	case Silent:
		if k.pickUp() && k.waitReal(time.Minute) {
			k.Hangup()
		}
	case Garbage:
		k.leg.garbage = true
		if k.pickUp() && k.waitReal(time.Minute) {
			k.Hangup()
		}
	case Voicemail, Mute:
		k.voicemail()
	default:
		k.person()
	}
}

// refuse rings for a while, or not at all when high is 0, and refuses the call.
func (k *call) refuse(low, high time.Duration, status, cause int, text string, fields ...dialog.Field) {
	if high > 0 {
		k.Ring(dialog.Progress{})
	} else {
		low, high = 50*time.Millisecond, 400*time.Millisecond
	}
	if k.wait(k.between(low, high)) {
		k.Reject(status, "", append(fields, q850(cause, text))...)
	}
}

func (k *call) ringOut() {
	if k.wait(k.between(200*time.Millisecond, 800*time.Millisecond)) {
		k.Ring(dialog.Progress{})
		if k.waitReal(longestRing) {
			k.Reject(480, "", q850(19, "No answer from user"))
		}
	}
}

// announce says before the answer that there will be none.
func (k *call) announce() {
	if !k.wait(k.between(200*time.Millisecond, 800*time.Millisecond)) {
		return
	}
	k.Ring(dialog.Progress{Status: 183, Media: true})
	if k.say("announcement") {
		k.Reject(404, "", q850(1, "Unallocated number"))
	}
}

// late answers when the caller gives up, a moment before or after.
func (k *call) late() {
	k.Ring(dialog.Progress{})
	due := k.carrier.opt.Ring - time.Since(k.Arrived()) + k.between(-150*time.Millisecond, 150*time.Millisecond)
	if k.waitReal(max(due, 0)) {
		k.Accept(dialog.Acceptance{})
		k.talk()
	}
}

// pickUp rings and answers; false when the call ended before the caller knew.
func (k *call) pickUp() bool {
	k.ringing()
	if !k.wait(k.between(time.Second, 6*time.Second)) {
		return false
	}
	return k.accept(dialog.Acceptance{})
}

// ringing says that it rings, as the number wants it.
func (k *call) ringing() {
	switch k.behaviour {
	case Rings15:
		for range 15 {
			k.Ring(dialog.Progress{})
			if !k.wait(k.between(200*time.Millisecond, 400*time.Millisecond)) {
				return
			}
		}
	case Reliable:
		k.Ring(dialog.Progress{Reliable: true})
		k.Ring(dialog.Progress{Status: 183, Media: true, Reliable: true})
	default:
		k.Ring(dialog.Progress{})
	}
}

func (k *call) accept(a dialog.Acceptance) bool {
	k.Accept(a)
	select {
	case <-k.up:
		return true
	case <-k.ctx.Done():
		return false
	}
}

// leftUp sees to it that a leg which the caller ought to have ended does not stay for ever, and counts it.
func (k *call) leftUp(leg *dialog.Call) {
	if leg == nil {
		return
	}
	t := time.NewTimer(40 * time.Second)
	defer t.Stop()
	select {
	case <-leg.Done():
	case <-t.C:
		leg.Hangup()
	case <-k.carrier.ctx.Done():
		return
	}
	if f := leg.Final(); !f.Answered.IsZero() && f.EndedBy != dialog.Them {
		k.carrier.rates.note(func(s *Stats) { s.LeftUp++ })
	}
}
