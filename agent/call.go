package agent

import (
	"regexp"
	"time"

	"campanario/internal/fault"
)

// Call is what a campaign settles about its calls. Zero values mean the defaults.
type Call struct {
	// FirstMessage is a template said instead of the first words of the agent's script; when the script does not begin
	// with words of its own, it is said before it.
	FirstMessage   string    `json:"first_message,omitempty" yaml:"first_message,omitempty" doc:"First words, in place of the agent's own; may hold variables"`
	Voicemail      Voicemail `json:"voicemail,omitzero" yaml:"voicemail,omitempty" doc:"What to do when a machine answers"`
	Detection      Detection `json:"detection,omitzero" yaml:"detection,omitempty" doc:"How a machine is told from a person"`
	RingTimeout    Duration  `json:"ring_timeout,omitempty" yaml:"ring_timeout,omitempty" doc:"How long to let it ring; 10s to 120s, default 30s"`
	MaxDuration    Duration  `json:"max_duration,omitempty" yaml:"max_duration,omitempty" doc:"Longest conversation; 30s to 1h, default 10m"`
	SilenceTimeout Duration  `json:"silence_timeout,omitempty" yaml:"silence_timeout,omitempty" doc:"How long the person may leave the agent without any answer; 5s to 2m, default 30s"`
}

// VoicemailAction is what to do when a machine answers.
type VoicemailAction string

// The actions. The zero value means VoicemailHangUp.
const (
	VoicemailHangUp       VoicemailAction = "hang_up"
	VoicemailLeaveMessage VoicemailAction = "leave_message"
)

// Voicemail is a campaign's policy for machines. A message is Say, a template, or Play, the name of a WAV file.
type Voicemail struct {
	Action VoicemailAction `json:"action,omitempty" yaml:"action,omitempty" enum:"hang_up,leave_message" doc:"What to do; default hang_up"`
	Say    string          `json:"say,omitempty" yaml:"say,omitempty" doc:"Words of the message; may hold variables"`
	Play   string          `json:"play,omitempty" yaml:"play,omitempty" doc:"WAV file of the message"`
}

// Leaves reports whether a message is left.
func (v Voicemail) Leaves() bool { return v.Action == VoicemailLeaveMessage }

// WithDefaults fills in what is zero.
func (c Call) WithDefaults() Call {
	fill(&c.RingTimeout, Duration(30*time.Second))
	fill(&c.MaxDuration, Duration(10*time.Minute))
	fill(&c.SilenceTimeout, Duration(30*time.Second))
	if c.Voicemail.Action == "" {
		c.Voicemail.Action = VoicemailHangUp
	}
	c.Detection = c.Detection.WithDefaults()
	return c
}

// Validate gives everything wrong at once.
func (c Call) Validate() fault.List {
	l := within("ring_timeout", c.RingTimeout, 10*time.Second, 2*time.Minute)
	l = append(l, within("max_duration", c.MaxDuration, 30*time.Second, time.Hour)...)
	l = append(l, within("silence_timeout", c.SilenceTimeout, 5*time.Second, 2*time.Minute)...)
	l = append(l, checkText("first_message", c.FirstMessage)...)
	l = append(l, c.Voicemail.Validate().Under("voicemail")...)
	return append(l, c.Detection.Validate().Under("detection")...)
}

// Validate gives everything wrong at once.
func (v Voicemail) Validate() fault.List {
	l := append(checkText("say", v.Say), checkSound("play", v.Play)...)
	switch v.Action {
	case "", VoicemailHangUp:
	case VoicemailLeaveMessage:
		if (v.Say == "") == (v.Play == "") {
			l = append(l, fault.New(fault.Invalid, "one_of_required", fault.Params{"names": "say, play"}))
		}
	default:
		p := fault.Params{"value": clip(string(v.Action)), "allowed": "hang_up, leave_message"}
		l = append(l, fault.New(fault.Invalid, "not_one_of", p).At("action"))
	}
	return l
}

// maxSpoken bounds what is said in one go: about five minutes of speech.
const maxSpoken = 5000

func checkText(field, source string) fault.List {
	_, err := Parse(Text, source)
	l := fault.All(err).Under(field)
	if len(source) > maxSpoken {
		l = append(l, fault.New(fault.Invalid, "too_long", fault.Params{"max": maxSpoken}).At(field))
	}
	return l
}

// sound is the name of a file in a workspace's own folder: no path leads out of it.
var sound = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

func checkSound(field, name string) fault.List {
	if name == "" || sound.MatchString(name) {
		return nil
	}
	return fault.List{fault.New(fault.Invalid, "sound_name_invalid", fault.Params{"name": clip(name)}).At(field)}
}
