package agent

import (
	"time"

	"campanario/channel"
)

// announcement is how long a machine may announce itself before it is given up.
const announcement = 45 * time.Second

// Mailbox leads a call that a machine has answered: it hangs up, or waits for the end of the announcement, leaves the
// message and hangs up. A beep that comes after a silence was taken for the end starts the message again, once, because
// the box has recorded only what follows the beep.
type Mailbox struct {
	leave   bool
	text    string // what to say; empty when file is played
	file    string
	item    int
	playing bool
	again   bool // the message was started again after a late beep
	over    bool
}

var _ Talker = (*Mailbox)(nil)

// Message is what will be said or played, so that its sound can be made beforehand; nil when nothing is.
func (b *Mailbox) Message() Action {
	switch {
	case !b.leave:
		return nil
	case b.file != "":
		return Play{File: b.file}
	default:
		return Say{Text: b.text}
	}
}

// Start gives the first actions, at the moment the machine was recognised.
func (b *Mailbox) Start() []Action {
	if !b.leave {
		b.over = true
		return []Action{HangUp{}}
	}
	return []Action{Listen{}, StartTimer{ID: 1, After: announcement}}
}

// Handle gives the actions that follow an event at a time after the answer.
func (b *Mailbox) Handle(e Event, now time.Duration) []Action {
	if b.over {
		return nil
	}
	switch e := e.(type) {
	case AnnouncementEnded:
		return b.ended(e.Beep, now)
	case PlaybackFinished:
		if b.playing && e.Item == b.item {
			b.over = true
			return []Action{MessageLeft{}, HangUp{}}
		}
	case TimerFired:
		if b.item == 0 {
			b.over = true
			return []Action{HangUp{}}
		}
	default:
	}
	return nil
}

func (b *Mailbox) ended(beep bool, now time.Duration) []Action {
	var out []Action
	log := func(who, what, text string) {
		out = append(out, Log{channel.Turn{At: now, Who: who, What: what, Text: text}})
	}
	switch {
	case !b.playing:
		out = append(out, StopTimer{})
	case beep && !b.again:
		b.again = true
		out = append(out, ClearPlayback{})
	default:
		return nil
	}
	if beep {
		log("system", "beep", "")
	}
	b.item++
	b.playing = true
	if b.file != "" {
		out = append(out, Play{Item: b.item, File: b.file})
		log("agent", "play", b.file)
	} else {
		out = append(out, Say{Item: b.item, Text: b.text})
		log("agent", "say", b.text)
	}
	return out
}
