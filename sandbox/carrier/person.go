package carrier

import (
	"time"

	"campanario/voice/dialog"
)

// person answers and talks.
func (k *call) person() {
	c := k.carrier
	switch k.behaviour {
	case Lossy:
		k.leg.cipher = &rough{rng: source(c.opt.Seed, k.ID(), 2), lose: 0.1}
	case Disorder:
		k.leg.cipher = &rough{rng: source(c.opt.Seed, k.ID(), 2), lose: 0.01, depth: 3}
	case AsksBye:
		k.Protect(c.proxy, "BYE")
	default:
	}
	k.ringing()
	if !k.wait(k.between(time.Second, 6*time.Second)) {
		return
	}
	var a dialog.Acceptance
	switch k.behaviour {
	case TimerTheirs:
		a = dialog.Acceptance{Session: 90 * time.Second, Refresher: dialog.Them}
	case TimerOurs:
		a = dialog.Acceptance{Session: 90 * time.Second, Refresher: dialog.Us}
	default:
	}
	if k.accept(a) {
		k.talk()
	}
}

// talk is a person's side of the conversation.
func (k *call) talk() {
	c := k.carrier
	if !k.wait(k.between(200*time.Millisecond, 600*time.Millisecond)) {
		return
	}
	k.ear.begin(time.Now())
	leave := longestTalk
	if k.behaviour == Leaves {
		leave = time.Duration(float64(k.between(3*time.Second, 8*time.Second)) / c.opt.Speed)
	}
	left := time.AfterFunc(leave, k.Hangup)
	defer left.Stop()
	switch k.behaviour {
	case Holds:
		c.run(k.holdAndResume)
	case Updates:
		c.run(k.updates)
	case Twice:
		c.run(func() { k.leftUp(k.Fork()) })
	default:
	}
	if c.opt.Sound == SoundNone {
		if k.wait(k.between(5*time.Second, 20*time.Second)) {
			k.Hangup()
		}
		return
	}
	if k.say("greeting") {
		k.converse()
	}
}

// converse answers whatever is asked, by the key or in words.
func (k *call) converse() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-k.ctx.Done():
			return
		case now := <-tick.C:
			if k.ear.since(now) > lonely {
				k.Hangup()
				return
			}
		case <-k.ear.paused:
			if !k.wait(k.between(500*time.Millisecond, 2*time.Second)) {
				return
			}
			if k.ear.speaking() {
				continue // it was only a pause for breath
			}
			k.respond()
		}
	}
}

func (k *call) respond() {
	switch {
	case k.press == "":
		k.say("words")
	case k.behaviour == InfoKeys:
		k.Info("application/dtmf-relay", []byte("Signal="+k.press+"\r\nDuration=160\r\n"))
	default:
		k.leg.press(k.press)
	}
}

// say speaks a line, any of its kind; false when the call ended over it.
func (k *call) say(what string) bool {
	choice := k.carrier.sounds[what]
	if len(choice) == 0 { // no sound: as long as it would take
		return k.wait(k.between(time.Second, 4*time.Second))
	}
	return k.playOut(choice[k.rng.IntN(len(choice))])
}

func (k *call) playOut(samples []int16) bool {
	select {
	case <-k.leg.ready:
	case <-k.ctx.Done():
		return false
	}
	p := newClip(samples)
	if !k.leg.play(p) {
		return false
	}
	select {
	case <-p.done:
		return true
	case <-k.ctx.Done():
		return false
	}
}

// voicemail greets, beeps and records.
func (k *call) voicemail() {
	if !k.pickUp() || !k.wait(k.between(300*time.Millisecond, 900*time.Millisecond)) {
		return
	}
	if k.carrier.opt.Sound == SoundNone {
		if k.wait(k.between(15*time.Second, 30*time.Second)) {
			k.Hangup()
		}
		return
	}
	if !k.say("voicemail") || !k.waitReal(300*time.Millisecond) {
		return
	}
	if k.behaviour == Voicemail && !k.playOut(beep()) {
		return
	}
	began := time.Now()
	k.ear.begin(began)
	for k.waitReal(500 * time.Millisecond) {
		if now := time.Now(); k.ear.since(now) > 8*time.Second && now.Sub(began) > 8*time.Second || now.Sub(began) > 90*time.Second {
			k.Hangup()
			return
		}
	}
}

// holdAndResume puts the caller on hold for a while.
func (k *call) holdAndResume() {
	for _, on := range []bool{true, false} {
		if !k.wait(3 * time.Second) {
			return
		}
		k.leg.hold(on)
		k.Reinvite()
	}
}

// updates shows that it is there, and describes itself anew.
func (k *call) updates() {
	for _, described := range []bool{false, true} {
		if !k.wait(2 * time.Second) {
			return
		}
		k.Update(described)
	}
}
