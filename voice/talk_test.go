package voice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/dialog"
)

func TestConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, agent.Call{}, "paid")
		var used []Usage
		s.call.onUsage = func(_ channel.Order, u Usage) { used = append(used, u) }
		conv := s.answered()
		if conv.begun.IsZero() || len(s.engine.setup.Tools()) != 6 || s.engine.setup.Attempt != "a1" {
			t.Fatalf("the conversation was not begun, or with %+v", s.engine.setup)
		}
		conv.say(Step{Name: "hello"}, Turn{Who: "agent", What: "say", Text: "Olá"})
		conv.say(Audio{Item: "1", Samples: tone(1, 500*time.Millisecond)}, Audio{Item: "1", Samples: tone(1, 500*time.Millisecond), Last: true})
		<-time.After(1500 * time.Millisecond)
		s.ears.find(finding{verdict: byHuman})
		s.call.key('5')
		conv.say(SpeechStarted{}, Turn{Who: "person", What: "speech", Text: "sim"}, SpeechStopped{})
		conv.say(
			ToolCall{ID: "t1", Name: ToolSetVariable, Arguments: json.RawMessage(`{"name":"paid","value":true}`)},
			ToolCall{ID: "t2", Name: ToolSetVariable, Arguments: json.RawMessage(`{"name":"n","value":"a lot"}`)},
			ToolCall{ID: "t3", Name: ToolSetVariable, Arguments: json.RawMessage(`{"name":"nada","value":"x"}`)},
			ToolCall{ID: "t4", Name: ToolTransfer, Arguments: json.RawMessage(`{"to":"+5511"}`)},
			ToolCall{ID: "t5", Name: ToolSendKeys, Arguments: json.RawMessage(`{"keys":"12#"}`)},
			ToolCall{ID: "t6", Name: ToolSendKeys, Arguments: json.RawMessage(`{"keys":"?"}`)},
			ToolCall{ID: "t7", Name: "dance"},
			ToolCall{ID: "t8", Name: ToolGoal, Arguments: json.RawMessage(`[`)},
			ToolCall{Name: ToolSetVariable, Arguments: json.RawMessage(`{"name":"n","value":4.5}`)},
			Usage{Provider: "p", Units: map[string]int64{"characters": 12}},
			Audio{Item: "2", Samples: tone(2, time.Second), Last: true},
			ToolCall{ID: "t9", Name: ToolHangUp},
		)
		o := s.over()

		want := channel.Outcome{
			Code: channel.Completed, AnsweredBy: "human", HungUpBy: "us", Goal: true, ProviderCode: "200",
			Collected: map[string]string{"paid": "true", "n": "4.5"},
			Ring:      2100 * time.Millisecond,
		}
		talk := o.Talk
		dialogue := o.Dialogue
		o.Talk, o.At, o.Dialogue = 0, time.Time{}, nil
		if diff := cmp.Diff(want, o); diff != "" {
			t.Error(diff)
		}
		if talk < 2500*time.Millisecond || talk > 3*time.Second {
			t.Errorf("talked for %v, want until all is heard and a little more", talk)
		}
		var turns []string
		for _, d := range dialogue {
			turns = append(turns, d.Who+" "+d.What+" "+d.Text)
		}
		if diff := cmp.Diff([]string{
			"agent say Olá", "person speech sim", "agent tool set_variable", "agent tool send_keys", "agent tool hang_up",
		}, turns); diff != "" {
			t.Error(diff)
		}
		if d := dialogue[1].At; d < 1500*time.Millisecond || d > 1600*time.Millisecond {
			t.Errorf("the person spoke at %v", d)
		}
		if len(used) != 1 || used[0].Units["characters"] != 12 {
			t.Errorf("usage %+v", used)
		}
		for id, want := range map[string]string{
			"t1": `"ok":true`, "t2": "number", "t3": "no variable", "t4": "not supported", "t5": `"ok":true`, "t6": "keys", "t7": "no such tool", "t8": "JSON", "t9": `"ok":true`,
		} {
			if got := conv.results[id]; !strings.Contains(got, want) {
				t.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		if conv.keys != "5" || s.leg.keys != "12#" || conv.frames < 100 {
			t.Errorf("keys in %q, keys out %q, %d frames", conv.keys, s.leg.keys, conv.frames)
		}
		if diff := cmp.Diff([]Playback{{"1", time.Second, true}, {"2", time.Second, true}}, conv.played); diff != "" {
			t.Error(diff)
		}
		all := s.leg.heard()
		if diff := cmp.Diff([]int16{1, 2}, values(all)); diff != "" {
			t.Error(diff)
		} else if all[0].from() > 100*time.Millisecond || all[0].long() != time.Second || all[1].long() != time.Second {
			t.Errorf("heard %v", all)
		}
		var stages []channel.Stage
		for _, g := range s.report.signals {
			stages = append(stages, g.Stage)
		}
		if diff := cmp.Diff([]channel.Stage{channel.StageRinging, channel.StageAnswered, channel.StageAnswered}, stages); diff != "" {
			t.Error(diff)
		}
		if s.report.signals[2].Step != "hello" {
			t.Errorf("step %q", s.report.signals[2].Step)
		}
	})
}

// TestKeysBeforeTheConversation holds that keys pressed while the engine is still connecting are not lost.
func TestKeysBeforeTheConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, agent.Call{}, "")
		s.engine.delay = 5 * time.Second
		s.answered()
		s.call.key('1')
		s.call.key('#')
		<-time.After(6 * time.Second)
		s.call.key('2')
		synctest.Wait()
		s.leg.end(dialog.EndBye, dialog.Them)
		if o := s.over(); o.Code != channel.Completed || s.engine.opened().keys != "1#2" {
			t.Errorf("%s, keys %q", o.Code, s.engine.opened().keys)
		}
	})
}

// TestBargeIn holds that what is cut off falls silent at once and is told with what was heard of it.
func TestBargeIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, agent.Call{}, "")
		conv := s.answered()
		conv.say(Audio{Item: "a", Samples: tone(1, time.Second), Last: true})
		conv.say(Audio{Item: "b", Samples: tone(2, 10*time.Second)}, Audio{Item: "c", Samples: tone(3, time.Second), Last: true})
		<-time.After(3 * time.Second)
		conv.say(SpeechStarted{}, ClearPlayback{}, SpeechStopped{})
		<-time.After(time.Second)
		s.leg.end(dialog.EndBye, dialog.Them)
		o := s.over()
		if o.Code != channel.Completed || o.HungUpBy != "them" {
			t.Errorf("%s, hung up by %s", o.Code, o.HungUpBy)
		}
		all := s.leg.heard()
		if diff := cmp.Diff([]int16{1, 2}, values(all)); diff != "" {
			t.Fatal(diff)
		}
		if d := all[1].long(); d < 1900*time.Millisecond || d > 2*time.Second {
			t.Errorf("b was heard for %v", d)
		}
		if len(conv.played) != 3 || conv.played[1].Whole || conv.played[1].Heard != all[1].long() || conv.played[2] != (Playback{Item: "c"}) {
			t.Errorf("told %+v, heard %v", conv.played, all)
		}
	})
}

// TestOutcomes has one way for a call to go per row.
func TestOutcomes(t *testing.T) {
	sec := func(n int) agent.Duration { return agent.Duration(time.Duration(n) * time.Second) }
	tests := []struct {
		name   string
		call   agent.Call
		course func(s *scene)
		code   channel.Code
		reason string
		by     string // answered by
		hung   string
		talk   time.Duration // about; 0 is not looked at
	}{
		{"rings out", agent.Call{}, func(s *scene) {
			s.run()
			s.leg.ring()
			<-time.After(30 * time.Second)
			s.leg.end(dialog.EndRingTimeout, dialog.Us)
		}, channel.NoAnswer, "", "", "", 0},
		{"busy", agent.Call{}, func(s *scene) {
			s.run()
			s.leg.final.Status = 486
			s.leg.end(dialog.EndRefused, dialog.Them)
		}, channel.Busy, "", "", "", 0},
		{"stopped while ringing", agent.Call{}, func(s *scene) {
			s.run()
			s.leg.ring()
			s.call.box.post(s.call.stop)
		}, channel.Cancelled, "", "", "", 0},
		{"stopped while talking", agent.Call{}, func(s *scene) {
			s.answered().say(SpeechStarted{}, SpeechStopped{})
			s.call.box.post(s.call.stop)
		}, channel.Completed, ReasonStopped, "unknown", "us", 0},
		{"they hang up at once", agent.Call{}, func(s *scene) {
			s.answered()
			s.leg.end(dialog.EndBye, dialog.Them)
		}, channel.Silent, "", "unknown", "them", 0},
		{"longest duration", agent.Call{MaxDuration: sec(30), SilenceTimeout: sec(120)}, func(s *scene) {
			s.answered().say(SpeechStarted{}, SpeechStopped{})
		}, channel.Completed, ReasonMaxDuration, "unknown", "us", 30 * time.Second},
		{"silence", agent.Call{SilenceTimeout: sec(10)}, func(s *scene) {
			s.answered()
			s.ears.find(finding{verdict: bySilence})
		}, channel.Silent, ReasonSilence, "silence", "us", 10 * time.Second},
		{"silence after a word", agent.Call{SilenceTimeout: sec(10)}, func(s *scene) {
			c := s.answered()
			<-time.After(5 * time.Second)
			c.say(SpeechStarted{})
			<-time.After(20 * time.Second)
			c.say(SpeechStopped{})
		}, channel.Completed, ReasonSilence, "unknown", "us", 35 * time.Second},
		{"silence while the agent speaks does not count", agent.Call{SilenceTimeout: sec(10)}, func(s *scene) {
			c := s.answered()
			for range 3 { // 4 s of the person's turn after each
				c.say(Audio{Item: "x", Samples: tone(1, 20*time.Second), Last: true})
				<-time.After(24 * time.Second)
			}
		}, channel.Silent, ReasonSilence, "unknown", "us", 70 * time.Second},
		{"a key is an answer", agent.Call{SilenceTimeout: sec(10)}, func(s *scene) {
			s.answered()
			<-time.After(8 * time.Second)
			s.call.key('1')
		}, channel.Completed, ReasonSilence, "human", "us", 18 * time.Second},
		{"not a packet of sound", agent.Call{}, func(s *scene) {
			s.leg.silent = true
			s.answered()
			<-time.After(20 * time.Second)
			s.call.unheard()
		}, channel.Silent, ReasonNoAudio, "unknown", "us", 20 * time.Second},
		{"opts out", agent.Call{}, func(s *scene) {
			s.answered().say(ToolCall{Name: ToolOptOut}, ToolCall{Name: ToolHangUp, Arguments: json.RawMessage(`{"now":true}`)})
		}, channel.OptedOut, "", "unknown", "us", 0},
		{"opts out, and then the agent breaks", agent.Call{}, func(s *scene) {
			s.answered().say(ToolCall{Name: ToolOptOut}, Closed{Err: errors.New("gone")})
		}, channel.OptedOut, ReasonAgentFailed, "unknown", "us", 0},
		{"the goal, without a word", agent.Call{}, func(s *scene) {
			s.answered().say(ToolCall{Name: ToolGoal}, Closed{})
		}, channel.Completed, "", "unknown", "us", 0},
		{"the agent has nothing more to say", agent.Call{}, func(s *scene) {
			s.ears.find(finding{verdict: byHuman})
			s.answered().say(Audio{Item: "x", Samples: tone(1, 5*time.Second), Last: true}, Closed{})
		}, channel.Completed, "", "human", "us", 5200 * time.Millisecond},
		{"hangs up though an item never ends", agent.Call{}, func(s *scene) {
			s.ears.find(finding{verdict: byHuman})
			s.answered().say(Audio{Item: "x", Samples: tone(1, 5*time.Second)}, ToolCall{Name: ToolHangUp})
		}, channel.Completed, "", "human", "us", 10200 * time.Millisecond},
		{"the provider is gone", agent.Call{}, func(s *scene) {
			s.ears.find(finding{verdict: byHuman})
			s.answered().say(Closed{Err: errors.New("gone")})
		}, channel.Failed, ReasonAgentFailed, "unknown", "us", 0},
		{"the provider is gone without a word", agent.Call{}, func(s *scene) {
			s.ears.find(finding{verdict: byHuman})
			close(s.answered().out)
		}, channel.Completed, "", "human", "us", 0},
		{"no conversation to be had", agent.Call{}, func(s *scene) {
			s.engine.err = errors.New("no credit")
			s.run()
			s.leg.ring()
		}, channel.Failed, ReasonAgentFailed, "", "", 0},
		{"answered before the conversation is there", agent.Call{}, func(s *scene) {
			s.engine.delay = 3 * time.Second
			s.answered()
			<-time.After(2 * time.Second)
			s.ears.find(finding{verdict: byHuman})
			s.engine.opened().say(Closed{})
		}, channel.Completed, "", "human", "us", 0},
		{"over before the conversation is there", agent.Call{}, func(s *scene) {
			s.engine.delay = time.Hour
			s.answered()
			s.leg.end(dialog.EndBye, dialog.Them)
		}, channel.Silent, "", "unknown", "them", 0},
		{"a machine, and nothing to leave", agent.Call{}, func(s *scene) {
			s.answered().say(Audio{Item: "x", Samples: tone(1, 20*time.Second), Last: true})
			<-time.After(2 * time.Second)
			s.ears.find(finding{verdict: byMachine})
		}, channel.Voicemail, "", "machine", "us", 2 * time.Second},
		{"a machine after all", agent.Call{}, func(s *scene) {
			s.ears.find(finding{verdict: byHuman})
			s.answered()
			<-time.After(5 * time.Second)
			s.ears.find(finding{verdict: byMachine}, finding{over: true, beep: true})
		}, channel.Voicemail, "", "machine", "us", 5 * time.Second},
		{"who presses keys is no machine", agent.Call{SilenceTimeout: sec(5)}, func(s *scene) {
			s.answered()
			s.call.key('1')
			<-time.After(time.Second)
			s.ears.find(finding{verdict: byMachine})
		}, channel.Completed, ReasonSilence, "human", "us", 5 * time.Second},
		{"signalling never tells the end", agent.Call{}, func(s *scene) {
			s.leg.dead = true
			s.answered().say(ToolCall{Name: ToolHangUp})
			<-s.report.done
			close(s.leg.stop)
		}, channel.Unknown, ReasonStuck, "unknown", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, tt.call, "")
				tt.course(s)
				o := s.over()
				if o.Code != tt.code || o.Reason != tt.reason || o.AnsweredBy != tt.by || o.HungUpBy != tt.hung {
					t.Errorf("%s %q, answered by %q, hung up by %q; want %s %q, %q, %q", o.Code, o.Reason, o.AnsweredBy, o.HungUpBy, tt.code, tt.reason, tt.by, tt.hung)
				}
				if d := o.Talk - tt.talk; tt.talk > 0 && (d < -100*time.Millisecond || d > 300*time.Millisecond) {
					t.Errorf("talked for %v, want about %v", o.Talk, tt.talk)
				}
			})
		})
	}
}

// TestPanics holds that an engine which panics anywhere ends its own call only, with an outcome.
func TestPanics(t *testing.T) {
	for _, where := range []string{"open", "begin", "hear", "press", "played", "result", "close"} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, agent.Call{SilenceTimeout: agent.Duration(5 * time.Second)}, "")
				s.engine.panic = where
				s.run()
				s.leg.ring()
				<-time.After(time.Second)
				s.leg.answer()
				<-time.After(time.Second)
				s.call.key('1')
				if c := s.engine.opened(); c != nil {
					c.say(ToolCall{ID: "1", Name: ToolGoal}, Audio{Item: "1", Samples: tone(1, time.Second), Last: true})
				}
				o := s.over()
				want := channel.Failed
				switch where {
				case "close":
					want = channel.Completed
				case "result", "played":
					want = channel.Completed // the goal was reached before
				}
				if o.Code != want {
					t.Errorf("%s, want %s", o.Code, want)
				}
				if where != "close" && o.Reason != ReasonAgentFailed {
					t.Errorf("reason %q", o.Reason)
				}
			})
		})
	}
}

// TestMachineBeforeTheConversation holds that an engine that opens after a machine was found does not take the place of the
// message.
func TestMachineBeforeTheConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, agent.Call{Voicemail: agent.Voicemail{Action: agent.VoicemailLeaveMessage, Say: "Ligue."}}, "")
		sp := &fakeSpeaker{}
		s.call.leaver = NewScripts(sp, nil, slog.New(slog.DiscardHandler)).leaver()
		s.engine.delay = 5 * time.Second
		s.answered()
		s.ears.find(finding{verdict: byMachine})
		<-time.After(6 * time.Second)
		s.ears.find(finding{over: true, beep: true})
		o := s.over()
		if o.Code != channel.MessageLeft || len(s.leg.heard()) != 1 {
			t.Errorf("%s: %v", o.Code, s.said(sp))
		}
		for i, turn := range o.Dialogue {
			if i > 0 && turn.At < o.Dialogue[i-1].At {
				t.Errorf("the dialogue goes back in time: %+v", o.Dialogue)
			}
		}
	})
}

// TestEngineThatNeverOpens holds that the outcome does not wait for it, nor the adapter for long.
func TestEngineThatNeverOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, agent.Call{}, "")
		release := make(chan struct{})
		s.call.engine = stubborn{release}
		s.answered()
		s.leg.end(dialog.EndBye, dialog.Them)
		if o := s.report.outcome(t); o.Code != channel.Silent {
			t.Errorf("%s", o.Code)
		}
		<-s.ended
		close(release)
	})
}

// stubborn opens when it pleases, whatever its context says.
type stubborn struct{ release chan struct{} }

func (s stubborn) Open(context.Context, Setup) (Conversation, error) {
	<-s.release
	return nil, errors.New("too late")
}

// TestEngineThatDoesNotClose holds that the outcome is reported all the same.
func TestEngineThatDoesNotClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, agent.Call{}, "")
		conv := s.answered()
		conv.mu.Lock()
		conv.stuck = make(chan struct{})
		conv.mu.Unlock()
		s.leg.end(dialog.EndBye, dialog.Them)
		if o := s.report.outcome(t); o.Code != channel.Silent {
			t.Errorf("%s", o.Code)
		}
		<-s.ended
		close(conv.stuck)
	})
}
