package voice

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/audio"
	"campanario/voice/detect"
	"campanario/voice/speech"
)

// TestDetectionIsTheDetectors holds that what a campaign may set is what the detector takes, with the same defaults and
// bounds.
func TestDetectionIsTheDetectors(t *testing.T) {
	d := agent.DefaultDetection()
	got := detect.Params{
		Greeting: d.Greeting.D(), Gap: d.Gap.D(), After: d.After.D(), NoSpeech: d.NoSpeech.D(), Total: d.Total.D(),
		Word: d.Word.D(), Beep: d.Beep.D(), LateBeep: d.LateBeep.D(), End: d.End.D(), Level: d.Level,
	}
	if diff := cmp.Diff(detect.Defaults(), got); diff != "" {
		t.Error(diff)
	}
	for _, size := range []time.Duration{time.Millisecond, 90 * time.Millisecond, 400 * time.Millisecond, 4 * time.Second, 20 * time.Second, time.Hour} {
		s := agent.Duration(size)
		ours := agent.Detection{Greeting: s, Gap: s, After: s, NoSpeech: s, Total: s, Word: s, Beep: s, LateBeep: s, End: s, Level: int(size / time.Millisecond)}
		theirs := detect.Params{Greeting: size, Gap: size, After: size, NoSpeech: size, Total: size, Word: size, Beep: size, LateBeep: size, End: size, Level: ours.Level}
		if (len(ours.Validate()) == 0) != (theirs.Validate() == nil) {
			t.Errorf("%v: %v and %v", size, ours.Validate(), theirs.Validate())
		}
	}
}

// spoken is a text spoken by a machine of the test's.
func spoken(t *testing.T, text, voice string) []int16 {
	t.Helper()
	e, err := speech.NewEspeak(speech.EspeakOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Speak(t.Context(), speech.Request{Text: text, Language: "pt-BR", Voice: voice})
	if err != nil {
		t.Fatalf("espeak-ng is missing: install the Debian package espeak-ng, or run `make test`: %v", err)
	}
	return out
}

func join(parts ...[]int16) []int16 {
	var out []int16
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func pause(d time.Duration) []int16 { return make([]int16, audio.Samples(d)) }

const spokenAgent = `
name: Spoken
variables: [{name: answer, type: boolean}]
script:
  start: hello
  steps:
    hello: {say: "Olá.", next: wait}
    wait: {pause: 1s, next: question}
    question:
      ask:
        say: "Podemos falar agora?"
        any_speech: heard
        timeout: 4s
        retries: 1
        no_input: bye
    heard: {set: {answer: "true"}, next: thanks}
    thanks: {say: "Obrigado.", next: end}
    bye: {say: "Até logo.", next: end}
`

// TestWhoAnswers has people, machines and nobody answer, by their real sound; script, ears and sense of speech are the real
// ones too.
func TestWhoAnswers(t *testing.T) {
	const message = "Maria, ligue de volta."
	leave := agent.Call{Voicemail: agent.Voicemail{Action: agent.VoicemailLeaveMessage, Say: "{{name}}, ligue de volta."}}
	beep := sine(1000, 500*time.Millisecond)
	box := spoken(t, "Você ligou para a caixa postal. Agora não posso atender. Deixe o seu recado após o sinal.", "f2")
	fax := join(pause(500*time.Millisecond), sine(2100, 3*time.Second))
	tests := []struct {
		name   string
		call   agent.Call
		theirs []int16
		code   channel.Code
		reason string
		by     string
		said   []string
		from   time.Duration // when the last of it began; 0 is not looked at
	}{
		{
			"a person who answers the question",
			agent.Call{},
			join(pause(300*time.Millisecond), spoken(t, "Alô? Quem fala?", ""), pause(2500*time.Millisecond), spoken(t, "Pode falar sim.", "")),
			channel.Completed, "", "human",
			[]string{"Olá.", "Podemos falar agora?", "Obrigado."},
			0,
		},
		{"nobody", agent.Call{}, nil, channel.Silent, "", "silence", []string{"Olá.", "Podemos falar agora?", "Podemos falar agora?", "Até logo."}, 0},
		{"somebody who hangs on", agent.Call{SilenceTimeout: agent.Duration(8 * time.Second)}, nil, channel.Silent, ReasonSilence, "silence", []string{"Olá.", "Podemos falar agora?", "Podemos falar agora?"}, 0},
		{
			"a box, and nothing is left",
			agent.Call{},
			join(pause(500*time.Millisecond), box, pause(500*time.Millisecond), beep),
			channel.Voicemail, "", "machine",
			[]string{"Olá.", "Podemos falar agora?"},
			0,
		},
		{
			"a box, and a message is left", leave, join(pause(500*time.Millisecond), box, pause(500*time.Millisecond), beep),
			channel.MessageLeft, "", "machine",
			[]string{"Olá.", "Podemos falar agora?", message},
			500*time.Millisecond + audio.Duration(len(box), audio.Rate) + time.Second,
		},
		{
			"a box that sounds like a person until it beeps", leave, join(pause(300*time.Millisecond), spoken(t, "Deixe recado.", "m3"), pause(1300*time.Millisecond), beep),
			channel.MessageLeft, "", "machine",
			[]string{"Olá.", "Podemos falar agora?", message},
			0,
		},
		{"a fax", leave, fax, channel.Voicemail, ReasonFax, "machine", []string{"Olá."}, 0},
		{
			"a box that is not looked for",
			agent.Call{Detection: agent.Detection{Off: true}},
			join(pause(3500*time.Millisecond), box, pause(500*time.Millisecond), beep),
			channel.Completed, "", "unknown",
			[]string{"Olá.", "Podemos falar agora?", "Obrigado."},
			0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sp := &fakeSpeaker{}
				s := scriptScene(t, spokenAgent, tt.call, sp, nil)
				s.call.ears = newEars(s.call.brief.Call.Detection)
				s.leg.theirs = tt.theirs
				s.answered()
				o := s.over()
				if o.Code != tt.code || o.AnsweredBy != tt.by || o.Reason != tt.reason {
					t.Errorf("%s %q, answered by %q; want %s %q, %q: %+v", o.Code, o.Reason, o.AnsweredBy, tt.code, tt.reason, tt.by, o.Dialogue)
				}
				if diff := cmp.Diff(tt.said, s.said(sp)); diff != "" {
					t.Error(diff)
				}
				all := s.leg.heard()
				if d := all[0].from(); d > 60*time.Millisecond {
					t.Errorf("the agent did not speak at once, but after %v", d)
				}
				if d := all[len(all)-1].from() - tt.from; tt.from > 0 && (d < 0 || d > 600*time.Millisecond) {
					t.Errorf("the message began at %v, want after the beep has ended, at %v", tt.from+d, tt.from)
				}
				if got := o.Collected["answer"] == "true"; got != (tt.said[len(tt.said)-1] == "Obrigado.") {
					t.Errorf("the question was answered by speech: %v", got)
				}
			})
		})
	}
}
