package voice

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/dialog"
)

// scriptScene is a call that a script leads.
func scriptScene(t *testing.T, file string, c agent.Call, sp *fakeSpeaker, sounds Sounds) *scene {
	t.Helper()
	s := sceneOf(t, file, c, "")
	scripts := NewScripts(sp, sounds, slog.New(slog.DiscardHandler))
	s.call.engine, s.call.leaver = scripts, scripts.leaver()
	return s
}

const surveyAgent = `
name: Survey
variables: [{name: paid, type: boolean}, {name: grade, type: number}]
script:
  start: hello
  steps:
    hello: {say: "Olá, {{name}}.", next: question}
    question:
      ask:
        say: "Tecle um se já pagou."
        keys: {"1": paid, "2": play}
        any_speech: talk
        timeout: 5s
        retries: 1
        no_input: bye
    paid: {set: {paid: "true"}, next: won}
    won: {goal: true, next: grade}
    grade: {ask: {say: "Sua nota, por favor.", collect: {variable: grade, format: number, max: 2}}, next: bye}
    play: {play: jingle.wav, next: bye}
    talk: {say: "Pode falar.", interrupt: speech, next: question}
    bye: {say: "Até logo.", next: end}
`

// said lists what was heard by its texts.
func (s *scene) said(sp *fakeSpeaker) []string {
	var out []string
	for _, v := range values(s.leg.heard()) {
		out = append(out, sp.text(v))
	}
	return out
}

func TestScriptLeadsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sp := &fakeSpeaker{delay: 150 * time.Millisecond}
		s := scriptScene(t, surveyAgent, agent.Call{}, sp, nil)
		s.answered()
		<-time.After(3500 * time.Millisecond)
		s.call.key('1') // in the middle of the question
		<-time.After(5 * time.Second)
		s.call.key('1')
		<-time.After(time.Second)
		s.call.key('0')
		o := s.over()
		if o.Code != channel.Completed || !o.Goal || o.AnsweredBy != "human" || o.HungUpBy != "us" {
			t.Errorf("%+v", o)
		}
		if diff := cmp.Diff(map[string]string{"paid": "true", "grade": "10"}, o.Collected); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"Olá, Maria.", "Tecle um se já pagou.", "Sua nota, por favor.", "Até logo."}, s.said(sp)); diff != "" {
			t.Error(diff)
		}
		all := s.leg.heard()
		if d := all[0].from(); d > 60*time.Millisecond {
			t.Errorf("the first words came %v after the answer: they were not made while it rang", d)
		}
		if d := all[1].long(); d > 3*time.Second {
			t.Errorf("the question was cut off after %v", d)
		}
		if d := all[3].from() + all[3].long(); o.Talk < d+tail || o.Talk > d+tail+200*time.Millisecond {
			t.Errorf("hung up after %v, the last word ended at %v", o.Talk, d)
		}
		var steps []string
		for _, g := range s.report.signals {
			if g.Step != "" {
				steps = append(steps, g.Step)
			}
		}
		if diff := cmp.Diff([]string{"hello", "question", "paid", "won", "grade", "bye"}, steps); diff != "" {
			t.Error(diff)
		}
		for i, turn := range o.Dialogue[1:] {
			if turn.At < o.Dialogue[i].At {
				t.Errorf("the dialogue goes back in time: %v", o.Dialogue)
			}
		}
	})
}

func TestScriptWithoutAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sp := &fakeSpeaker{}
		s := scriptScene(t, surveyAgent, agent.Call{}, sp, nil)
		s.answered()
		o := s.over()
		if o.Code != channel.Silent || o.Reason != "" || o.HungUpBy != "us" {
			t.Errorf("%s %q by %s", o.Code, o.Reason, o.HungUpBy)
		}
		want := []string{"Olá, Maria.", "Tecle um se já pagou.", "Tecle um se já pagou.", "Até logo."}
		if diff := cmp.Diff(want, s.said(sp)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestScriptSound holds what becomes of a call whose sound cannot be made, is made too late, or is a file.
func TestScriptSound(t *testing.T) {
	tests := []struct {
		name    string
		speaker *fakeSpeaker
		sounds  Sounds
		keys    string
		code    channel.Code
		reason  string
		said    []string
	}{
		{"a file", &fakeSpeaker{}, fakeSounds{"jingle.wav": tone(99, time.Second)}, "2", channel.Completed, "", []string{"Olá, Maria.", "", "Até logo."}},
		{"a file that is not there", &fakeSpeaker{}, fakeSounds{}, "2", channel.Failed, ReasonAgentFailed, []string{"Olá, Maria."}},
		{"no files at all", &fakeSpeaker{}, nil, "2", channel.Failed, ReasonAgentFailed, []string{"Olá, Maria."}},
		{"speech fails", &fakeSpeaker{err: errors.New("no voice")}, nil, "", channel.Failed, ReasonAgentFailed, nil},
		{"speech later than the key", &fakeSpeaker{delay: 10 * time.Second}, nil, "1", channel.Completed, ReasonSilence, []string{"Sua nota, por favor.", "Sua nota, por favor."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := scriptScene(t, surveyAgent, agent.Call{}, tt.speaker, tt.sounds)
				s.answered()
				<-time.After(500 * time.Millisecond)
				for _, k := range tt.keys {
					s.call.key(k)
				}
				o := s.over()
				if o.Code != tt.code || o.Reason != tt.reason {
					t.Errorf("%s %q, want %s %q", o.Code, o.Reason, tt.code, tt.reason)
				}
				if diff := cmp.Diff(tt.said, s.said(tt.speaker)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestVoicemail holds the campaign's policy when a machine answers.
func TestVoicemail(t *testing.T) {
	leave := agent.Call{Voicemail: agent.Voicemail{Action: agent.VoicemailLeaveMessage, Say: "{{name}}, ligue de volta para a gente."}}
	const message = "Maria, ligue de volta para a gente."
	tests := []struct {
		name   string
		call   agent.Call
		course func(s *scene)
		code   channel.Code
		said   []string      // after the agent's own first words
		long   time.Duration // of the last thing said
		hung   string
	}{
		{"hang up", agent.Call{}, func(s *scene) { s.ears.find(finding{verdict: byMachine}) }, channel.Voicemail, nil, 0, "us"},
		{"after the beep", leave, func(s *scene) {
			s.ears.find(finding{verdict: byMachine})
			<-time.After(8 * time.Second)
			s.ears.find(finding{over: true, beep: true})
		}, channel.MessageLeft, []string{message}, 2333 * time.Millisecond, "us"},
		{"after silence, and the beep comes after all", leave, func(s *scene) {
			s.ears.find(finding{verdict: byMachine})
			<-time.After(4 * time.Second)
			s.ears.find(finding{over: true})
			<-time.After(time.Second)
			s.ears.find(finding{over: true, beep: true})
		}, channel.MessageLeft, []string{message, message}, 2333 * time.Millisecond, "us"},
		{"a late beep", leave, func(s *scene) {
			s.ears.find(finding{verdict: byHuman})
			<-time.After(4 * time.Second)
			s.ears.find(finding{verdict: byMachine}, finding{over: true, beep: true})
		}, channel.MessageLeft, []string{message}, 2333 * time.Millisecond, "us"},
		{"cut off", leave, func(s *scene) {
			s.ears.find(finding{verdict: byMachine}, finding{over: true, beep: true})
			<-time.After(time.Second)
			s.leg.end(dialog.EndBye, dialog.Them)
		}, channel.Voicemail, []string{message}, 0, "them"},
		{"never over", leave, func(s *scene) { s.ears.find(finding{verdict: byMachine}) }, channel.Voicemail, nil, 0, "us"},
		{"a file", agent.Call{Voicemail: agent.Voicemail{Action: agent.VoicemailLeaveMessage, Play: "recado.wav"}}, func(s *scene) {
			s.ears.find(finding{verdict: byMachine}, finding{over: true, beep: true})
		}, channel.MessageLeft, []string{""}, time.Second, "us"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sp := &fakeSpeaker{delay: 100 * time.Millisecond}
				s := scriptScene(t, surveyAgent, tt.call, sp, fakeSounds{"recado.wav": tone(99, time.Second)})
				s.answered()
				<-time.After(300 * time.Millisecond)
				tt.course(s)
				o := s.over()
				if o.Code != tt.code || o.AnsweredBy != "machine" || o.HungUpBy != tt.hung {
					t.Errorf("%s answered by %q, hung up by %s; want %s", o.Code, o.AnsweredBy, o.HungUpBy, tt.code)
				}
				said := s.said(sp)
				i := slices.IndexFunc(said, func(text string) bool {
					return !strings.HasPrefix(text, "Olá") && !strings.HasPrefix(text, "Tecle")
				})
				var rest []string
				if i >= 0 {
					rest = said[i:]
				}
				if diff := cmp.Diff(tt.said, rest); diff != "" {
					t.Errorf("%s; all: %v", diff, said)
				}
				all := s.leg.heard()
				if d := all[len(all)-1].long(); tt.long > 0 && (d < tt.long-time.Millisecond || d > tt.long+time.Millisecond) {
					t.Errorf("the message was heard for %v of %v", d, tt.long)
				}
			})
		})
	}
}
