package agent

import (
	"time"

	"campanario/channel"
)

const (
	// announcement is how long a machine may announce itself before it is given up.
	announcement = 45 * time.Second
	// afterBeep is how long a beep may still sound once it is known to be one. What is said into it is lost.
	afterBeep = 800 * time.Millisecond
)

// The timers of a Mailbox.
const (
	timerAnnouncement = 1
	timerBeep         = 2
)

// Mailbox leads a call that a machine has answered: it hangs up, or waits for the end of the announcement, leaves the
// message and hangs up. A beep that comes after a silence was taken for the end starts the message again, once, because
// the box has recorded only what follows the beep.
type Mailbox struct {
	leave   bool
	text    string // what to say; empty when file is played
	file    string
	item    int
	playing bool
	beeped  bool // by now it records: there is no second beginning
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
	return []Action{Listen{}, StartTimer{ID: timerAnnouncement, After: announcement}}
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
		switch {
		case e.ID == timerBeep && b.beeped && !b.playing:
			return b.say(now)
		case e.ID == timerAnnouncement && b.item == 0 && !b.beeped:
			b.over = true
			return []Action{HangUp{}}
		}
	default:
	}
	return nil
}

// ended takes the end of the announcement: after silence the message begins at once, after a beep once that is over.
func (b *Mailbox) ended(beep bool, now time.Duration) []Action {
	switch {
	case b.beeped:
		return nil
	case beep:
		b.beeped = true
		var out []Action
		if b.playing {
			b.playing = false
			out = append(out, ClearPlayback{})
		}
		return append(out,
			Log{channel.Turn{At: now, Who: "system", What: "beep"}},
			StartTimer{ID: timerBeep, After: afterBeep})
	case b.playing:
		return nil
	default:
		return append([]Action{StopTimer{}}, b.say(now)...)
	}
}

// say begins the message.
func (b *Mailbox) say(now time.Duration) []Action {
	b.item++
	b.playing = true
	if b.file != "" {
		return []Action{Play{Item: b.item, File: b.file}, Log{channel.Turn{At: now, Who: "agent", What: "play", Text: b.file}}}
	}
	return []Action{Say{Item: b.item, Text: b.text}, Log{channel.Turn{At: now, Who: "agent", What: "say", Text: b.text}}}
}
